"""New files that start runs: Eventarc tells Workflows of each object, and the workflow looks at its name.

Eventarc's events of Cloud Storage know no prefix (cloud.google.com/eventarc/docs/event-types#storage), so it is
the workflow that passes over what lies elsewhere in the bucket.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mlopsgen.targets.vertex import names, roles
from mlopsgen.targets.vertex.account import Account
from mlopsgen.targets.vertex.agents import APIS, settled
from mlopsgen.targets.vertex.native import Watch, reference

ARRIVED = "google.cloud.storage.object.v1.finalized"
WHO = f"serviceAccount:{reference('google_service_account.events.email')}"


def event_resources(
    account: Account, watched: Sequence[Watch], runner: str
) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """What tells of new files, and who may."""
    if not watched:
        return
    yield from _allowed(account, runner)
    for watch in watched:
        yield "google_workflows_workflow", watch.trigger, _workflow(account, watch)
        yield "google_eventarc_trigger", watch.trigger, _trigger(watch)


def _allowed(account: Account, runner: str) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    name, project = account.plan.name, reference("local.project")
    body = {"account_id": account.home.account("events"), "display_name": f"{name}: starts runs when data arrives"}
    yield "google_service_account", "events", {**body, "depends_on": APIS}
    role = roles.starter(account)
    permissions = {"permissions": [one for one in role.permissions if one.endswith((".create", ".get"))]}
    role_body = {
        "role_id": account.home.role("events"),
        "title": role.title,
        "description": "Starts runs when data arrives",
    }
    yield "google_project_iam_custom_role", "events", {**role_body, **permissions, "depends_on": APIS}
    grants = {
        "events": reference("google_project_iam_custom_role.events.name"),
        "events_receive": "roles/eventarc.eventReceiver",
        # Neither workflows nor topics of Eventarc can be granted one by one.
        "events_invoke": "roles/workflows.invoker",
        "events_log": "roles/logging.logWriter",
    }
    for key, granted in grants.items():
        yield "google_project_iam_member", key, {"project": project, "role": granted, "member": WHO}
    storage = reference("data.google_storage_project_service_account.this.email_address")
    publish = {"project": project, "role": "roles/pubsub.publisher", "member": f"serviceAccount:{storage}"}
    yield "google_project_iam_member", "events_publish", publish
    acts = {"service_account_id": runner, "role": "roles/iam.serviceAccountUser", "member": WHO}
    yield "google_service_account_iam_member", "events", acts
    place = {"location": reference("local.region")}
    templates = {**place, "repository": reference("google_artifact_registry_repository.templates.name")}
    reads = {**templates, "role": "roles/artifactregistry.reader", "member": WHO}
    yield "google_artifact_registry_repository_iam_member", "events", reads
    # Of a project that never had a trigger the first one fails for minutes: its agent and these are new.
    new = ("eventarc_agent", "events_publish", "events_receive", "events_invoke")
    yield settled("events", [f"google_project_iam_member.{one}" for one in new])


def _workflow(account: Account, watch: Watch) -> Mapping[str, Any]:
    about = names.one_line(f"Starts {account.plan.name} when new files arrive", names.DESCRIPTION)
    return {
        "name": watch.name,
        "region": reference("local.region"),
        "description": about,
        "service_account": reference("google_service_account.events.id"),
        "source_contents": reference(f'file("${{path.module}}/{watch.trigger}.yaml")'),
        "deletion_protection": False,
        "depends_on": APIS,
    }


def _trigger(watch: Watch) -> Mapping[str, Any]:
    return {
        "name": watch.name,
        "location": reference("local.region"),
        "matching_criteria": [
            {"attribute": "type", "value": ARRIVED},
            {"attribute": "bucket", "value": watch.bucket},
        ],
        "destination": {"workflow": reference(f"google_workflows_workflow.{watch.trigger}.id")},
        "service_account": reference("google_service_account.events.email"),
        "depends_on": ["time_sleep.events"],
    }
