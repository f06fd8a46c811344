"""Everything that is no task of the pipeline, as resources of Terraform's provider for Google Cloud."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from mlopsgen.plan.graph import all_jobs
from mlopsgen.plan.steps import OnInvoke
from mlopsgen.targets.ir.context import Context
from mlopsgen.targets.ir.parts import Part
from mlopsgen.targets.readme import retention_days
from mlopsgen.targets.vertex import roles
from mlopsgen.targets.vertex.account import Account, member
from mlopsgen.targets.vertex.agents import APIS, agents, identities, settled
from mlopsgen.targets.vertex.events import event_resources
from mlopsgen.targets.vertex.names import DESCRIPTION, one_line
from mlopsgen.targets.vertex.native import Infrastructure, Watch, literal, reference
from mlopsgen.targets.vertex.needs import other_buckets, secrets, written_buckets
from mlopsgen.targets.vertex.tables import READER, datasets, read_tables

OLD_VERSIONS = 30
"""Days that what was overwritten is kept."""
PROVIDERS = {
    "google": {"source": "hashicorp/google", "version": ">= 6.10, < 9.0"},
    "google-beta": {"source": "hashicorp/google-beta", "version": ">= 6.10, < 9.0"},
    "time": {"source": "hashicorp/time", "version": ">= 0.12, < 1.0"},
}
"""What resources are made by; all but the first are there for agents alone."""
Resources: TypeAlias = Iterator[tuple[str, str, Mapping[str, Any]]]
"""Type, name and body of a resource."""


def infrastructure(
    context: Context, account: Account, parts: Sequence[Part], watched: Sequence[Watch]
) -> Infrastructure:
    """The resources, each after those that it names."""
    resources: dict[str, dict[str, Any]] = {}
    for kind, name, body in _resources(context, account, parts, watched):
        resources.setdefault(kind, {})[name] = body
    home = account.home
    labels = {key: literal(value) for key, value in account.labels.items()}
    place = {"project": reference("local.project"), "region": reference("local.region")}
    services = sorted(f"{service}.googleapis.com" for service in _services(context, account, watched))
    beside = {"google-beta": place} if agents(account, watched) else {}
    return Infrastructure(
        locals={"project": home.project, "region": home.region, "services": services},
        required=PROVIDERS if beside else {"google": PROVIDERS["google"]},
        providers={"google": {**place, "default_labels": labels}, **beside},
        data=_data(account, watched),
        resources=resources,
        outputs=_outputs(account),
    )


def _data(account: Account, watched: Sequence[Watch]) -> Mapping[str, Mapping[str, Any]]:
    blocks: dict[str, Mapping[str, Any]] = {}
    if account.key or watched:
        blocks["google_project"] = {"this": {"project_id": reference("local.project")}}
        # To ask for it also makes it.
        blocks["google_storage_project_service_account"] = {"this": {"depends_on": APIS}}
    return blocks


def _outputs(account: Account) -> Mapping[str, Any]:
    return {
        "service_account": {"description": "What the pipeline and its jobs run as", "value": email(account)},
        "bucket": {"description": "Where everything lies", "value": bucket(account)},
    }


def _services(context: Context, account: Account, watched: Sequence[Watch]) -> Iterator[str]:
    yield from ("aiplatform", "artifactregistry", "cloudresourcemanager", "iam", "storage")
    if read_tables(account.plan):
        yield "bigquery"
    if account.key:
        yield "cloudkms"
    if account.network:
        yield "compute"
    if watched:
        yield from ("eventarc", "pubsub", "workflowexecutions", "workflows")
    if any(job.secrets for job in all_jobs(context.plan)):
        yield "secretmanager"


def _resources(context: Context, account: Account, parts: Sequence[Part], watched: Sequence[Watch]) -> Resources:
    services = {
        "for_each": reference("toset(local.services)"),
        "service": reference("each.value"),
        "disable_on_destroy": False,
    }
    yield "google_project_service", "apis", services
    yield from identities(account, watched)
    yield from _key(account)
    yield from _bucket(account)
    yield from _repositories(account)
    if account.options.service_account is None:
        yield from _runner(context, account, parts)
    yield from _people(context, account)
    yield from event_resources(account, watched, acting(account))


def email(account: Account) -> str:
    """The e-mail of the account that everything runs as."""
    email_address = account.options.service_account
    return email_address or reference("google_service_account.runner.email")


def acting(account: Account) -> str:
    """The account that everything runs as, as the resource that others are allowed to act as."""
    exists = account.options.service_account is not None
    return account.runner if exists else reference("google_service_account.runner.name")


def bucket(account: Account) -> str:
    """The bucket's name."""
    return account.home.bucket if account.options.bucket_exists else reference("google_storage_bucket.artifacts.name")


def _key(account: Account) -> Resources:
    """The services that store things may use the key."""
    if not account.key:
        return
    storage = reference("data.google_storage_project_service_account.this.email_address")
    keyed = {agent.use: (agent.member, [agent.identity]) for agent in agents(account, ())}
    holders = {"storage": (f"serviceAccount:{storage}", APIS), **keyed}
    for use, (who, after) in holders.items():
        body = {
            "crypto_key_id": literal(account.key),
            "role": "roles/cloudkms.cryptoKeyEncrypterDecrypter",
            "member": who,
            "depends_on": after,
        }
        yield "google_kms_crypto_key_iam_member", use, body
    yield settled("key", [f"google_kms_crypto_key_iam_member.{use}" for use in holders])


def _bucket(account: Account) -> Resources:
    if account.options.bucket_exists:
        return
    body: dict[str, Any] = {
        "name": account.home.bucket,
        "location": reference("local.region"),
        "uniform_bucket_level_access": True,
        "public_access_prevention": "enforced",
        "force_destroy": False,
        "versioning": {"enabled": True},
        "lifecycle_rule": list(_rules(account)),
    }
    if account.key:
        body["encryption"] = {"default_kms_key_name": literal(account.key)}
    yield "google_storage_bucket", "artifacts", {**body, "depends_on": _before(account)}


def _before(account: Account) -> list[str]:
    """What has to be there before anything is stored."""
    return [*APIS, "time_sleep.key"] if account.key else APIS


def _rules(account: Account) -> Iterator[Mapping[str, Any]]:
    delete = {"type": "Delete"}
    yield {"action": delete, "condition": {"days_since_noncurrent_time": OLD_VERSIONS, "with_state": "ARCHIVED"}}
    if days := retention_days(account.plan):
        yield {"action": delete, "condition": {"age": days, "matches_prefix": [f"{account.plan.name}/runs/"]}}


def _repositories(account: Account) -> Resources:
    name, after = account.plan.name, _before(account)
    key = {"kms_key_name": literal(account.key)} if account.key else {}
    common = {"location": reference("local.region")}
    if account.options.repository is None and account.plan.image.prebuilt is None:
        images = {"repository_id": account.repository, "format": "DOCKER", "description": f"The image of {name}"}
        docker = {"docker_config": {"immutable_tags": True}}
        yield (
            "google_artifact_registry_repository",
            "images",
            {**common, **images, **docker, **key, "depends_on": after},
        )
    pipelines = {"repository_id": account.home.templates, "format": "KFP", "description": f"The pipelines of {name}"}
    yield "google_artifact_registry_repository", "templates", {**common, **pipelines, **key, "depends_on": after}


def _runner(context: Context, account: Account, parts: Sequence[Part]) -> Resources:
    plan, who = account.plan, f"serviceAccount:{email(account)}"
    owner = f"; owner: {plan.owner}" if plan.owner else ""
    description = one_line(f"The pipeline of {plan.name} and its jobs run as this account{owner}", DESCRIPTION)
    body = {
        "account_id": account.home.account(),
        "display_name": plan.name,
        "description": literal(description),
        "depends_on": APIS,
    }
    yield "google_service_account", "runner", body
    yield from custom_role(account, roles.runner(account, parts))
    yield from granted("runner", reference("google_project_iam_custom_role.runner.name"), who)
    yield from granted("runner_logs", "roles/logging.logWriter", who)
    if roles.launches(parts):
        acts = {"service_account_id": reference("google_service_account.runner.name"), "member": who}
        yield "google_service_account_iam_member", "runner", {**acts, "role": "roles/iam.serviceAccountUser"}
    yield from _buckets(context, account, who)
    yield from _datasets(account, who)
    yield from _readable_repositories(account, who)
    yield from _secrets(context, account, who)


def custom_role(account: Account, role: roles.Role) -> Resources:
    """A role of the project's own."""
    body = {
        "role_id": account.home.role(role.use),
        "title": role.title,
        "description": role.description,
        "permissions": list(role.permissions),
        "depends_on": APIS,
    }
    yield "google_project_iam_custom_role", role.use, body


def granted(name: str, role: str, who: str) -> Resources:
    """A role on the project, where nothing narrower can hold it."""
    yield "google_project_iam_member", name, {"project": reference("local.project"), "role": role, "member": who}


def _buckets(context: Context, account: Account, who: str) -> Resources:
    own = {"bucket": bucket(account), "role": "roles/storage.objectUser", "member": who}
    yield "google_storage_bucket_iam_member", "runner", own
    for number, name in enumerate(written_buckets(context, account), 1):
        body = {"bucket": name, "role": "roles/storage.objectUser", "member": who}
        yield "google_storage_bucket_iam_member", f"predictions_{number}", body
    for number, name in enumerate(other_buckets(context, account), 1):
        body = {"bucket": name, "role": "roles/storage.objectViewer", "member": who}
        yield "google_storage_bucket_iam_member", f"data_{number}", body


def _datasets(account: Account, who: str) -> Resources:
    for number, (project, dataset) in enumerate(datasets(account.plan), 1):
        place = {"project": literal(project), "dataset_id": literal(dataset)}
        yield (
            "google_bigquery_dataset_iam_member",
            f"data_{number}",
            {**place, "role": f"roles/{READER}", "member": who},
        )


def _readable_repositories(account: Account, who: str) -> Resources:
    creates = account.options.repository is None and account.plan.image.prebuilt is None
    if account.plan.image.prebuilt is None:
        name = reference("google_artifact_registry_repository.images.name") if creates else account.repository
        yield "google_artifact_registry_repository_iam_member", "images", reader(name, who)
    templates = reference("google_artifact_registry_repository.templates.name")
    yield "google_artifact_registry_repository_iam_member", "templates", reader(templates, who)


def reader(repository: str, who: str) -> Mapping[str, Any]:
    """Reads one repository."""
    place = {"location": reference("local.region"), "repository": repository}
    return {**place, "role": "roles/artifactregistry.reader", "member": who}


def _secrets(context: Context, account: Account, who: str) -> Resources:
    for number, (project, name) in enumerate(secrets(context, account), 1):
        body = {
            "project": literal(project),
            "secret_id": literal(name),
            "role": "roles/secretmanager.secretAccessor",
            "member": who,
        }
        yield "google_secret_manager_secret_iam_member", f"secret_{number}", body


def _people(context: Context, account: Account) -> Resources:
    governance = context.plan.governance
    if governance.invoke or any(isinstance(trigger, OnInvoke) for trigger in context.plan.triggers):
        yield from custom_role(account, roles.starter(account))
        for number, who in enumerate(governance.invoke, 1):
            yield from may_start(account, f"invoke_{number}", member(context, account, "invoke", who))
    if governance.deploy and account.registered is not None:
        yield from custom_role(account, roles.approver(account))
        role = reference("google_project_iam_custom_role.deploy.name")
        for number, who in enumerate(governance.deploy, 1):
            yield from granted(f"deploy_{number}", role, member(context, account, "deploy", who))


def may_start(account: Account, name: str, who: str) -> Resources:
    """Starts runs: makes them, as the account they run as, from the template."""
    yield from granted(name, reference("google_project_iam_custom_role.invoke.name"), who)
    acts = {"service_account_id": acting(account), "role": "roles/iam.serviceAccountUser", "member": who}
    yield "google_service_account_iam_member", name, acts
    templates = reference("google_artifact_registry_repository.templates.name")
    yield "google_artifact_registry_repository_iam_member", name, reader(templates, who)
