"""Rules for rights in Terraform: roles, members, permissions, doors that stand open, what is kept secret."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from mlopsgen.diagnostics import Diagnostic, Severity
from mlopsgen.targets.documents import Path, items
from mlopsgen.targets.ir.judge.folder import mapping
from mlopsgen.targets.rules import rule
from mlopsgen.targets.vertex.judge.modules import Block, Module
from mlopsgen.targets.vertex.judge.resources import RESOURCES, is_expression

IAM = "Google Cloud, use IAM securely: the least that is needed, on the least that it is needed for"
PRIMITIVE = {"roles/owner", "roles/editor", "roles/viewer", "roles/browser"}
PROJECT_WIDE = {
    "roles/logging.logWriter": "logs are of the project",
    "roles/monitoring.metricWriter": "metrics are of the project",
    "roles/cloudtrace.agent": "traces are of the project",
    "roles/aiplatform.user": "jobs and pipelines are no resources that can be granted one by one",
    "roles/aiplatform.viewer": "jobs and pipelines are no resources that can be granted one by one",
    "roles/bigquery.jobUser": "queries are run in a project",
    "roles/eventarc.eventReceiver": "triggers cannot be granted one by one",
    "roles/workflows.invoker": "workflows cannot be granted one by one",
    "roles/pubsub.publisher": "topics that Eventarc makes have no name before",
    "roles/serviceusage.serviceUsageConsumer": "a quota is of the project",
}
"""Roles that may be given on a whole project, each with its reason; others are given where they are needed."""
_NARROW_ADMINS = {"roles/storage.objectAdmin"}
_MEMBER = re.compile(
    r"(?:user|group|serviceAccount|deleted:\w+):[^\s:]+(?::\S+)?|principal(?:Set)?://\S+|projectOwner:\S+"
)
_TO_OTHERS = re.compile(
    r".*\.setIamPolicy|iam\.serviceAccounts\.(?:actAs|getAccessToken|getOpenIdToken|signBlob|signJwt|implicitDelegation)"
    r"|iam\.serviceAccountKeys\.create|iam\.roles\.(?:create|update)|resourcemanager\.projects\.delete"
)
_SECRET_ARGUMENTS = ("secret_data", "private_key", "password")
_APIS = {
    "google_artifact_registry_": "artifactregistry.googleapis.com",
    "google_secret_manager_": "secretmanager.googleapis.com",
    "google_bigquery_": "bigquery.googleapis.com",
    "google_kms_": "cloudkms.googleapis.com",
    "google_project_iam_custom_role": "iam.googleapis.com",
    "google_project_iam_": "cloudresourcemanager.googleapis.com",
    "google_service_account": "iam.googleapis.com",
    "google_cloud_scheduler_": "cloudscheduler.googleapis.com",
    "google_eventarc_": "eventarc.googleapis.com",
    "google_workflows_": "workflows.googleapis.com",
}


def _grants(m: Module) -> Iterator[tuple[Block, list[Any]]]:
    """Every grant with its members."""
    for block in m.blocks:
        if block.kind == "resource" and block.type.endswith(("_iam_member", "_iam_binding")):
            yield block, items(block.body.get("members")) or [block.body.get("member")]


@rule("iam-roles", IAM)
def roles(m: Module) -> Iterator[Diagnostic]:
    """A role is narrow, and given where it is needed."""
    for block, grant in _grants(m):
        role = m.resolved(block.body.get("role"))
        path: Path = (*block.path, "role")
        # Google's own account has the role of its service on every project.
        by_nature = str(role).endswith(".serviceAgent") and all("@gcp-sa-" in str(member) for member in grant)
        if not isinstance(role, str) or not role.startswith("roles/") or by_nature:
            continue
        if role in PRIMITIVE:
            yield block.document.finding("MG442", f"`{role}` is as wide as a project", path)
        elif re.search(r"(?:\.|\b|[a-z])[aA]dmin$|Owner$", role) and role not in _NARROW_ADMINS:
            yield block.document.finding("MG442", f"`{role}` may give rights away: name what is needed", path)
        elif block.type.startswith("google_project_iam") and role not in PROJECT_WIDE:
            message = f"`{role}` on the whole project: give it on the resource that it is needed for"
            yield block.document.finding("MG442", message, path)


@rule("iam-members", "IAM, principal identifiers")
def members(m: Module) -> Iterator[Diagnostic]:
    """Rights are given to somebody who is named, not to everybody."""
    for block, grant in _grants(m):
        for member in grant:
            key = "member" if "member" in block.body else "members"
            if member in ("allUsers", "allAuthenticatedUsers") or str(member).startswith("domain:"):
                yield block.document.finding("MG442", f"`{member}` is everybody", (*block.path, key))
            elif isinstance(member, str) and not member.startswith("${") and not _MEMBER.fullmatch(_filled(member)):
                message = f"`{member}` is nobody: user:, group:, serviceAccount: or principal:// and who"
                yield block.document.finding("MG433", message, (*block.path, key))


def _filled(text: str) -> str:
    return re.sub(r"\$\{[^}]*\}", "x", text)


@rule("iam-permissions", IAM)
def permissions(m: Module) -> Iterator[Diagnostic]:
    """A role of the project's own names its permissions, and none that makes its holder somebody else."""
    for block in m.of("google_project_iam_custom_role", "google_organization_iam_custom_role"):
        for i, permission in enumerate(items(block.body.get("permissions"))):
            path = (*block.path, "permissions", i)
            if not isinstance(permission, str):
                continue
            if "*" in permission:
                yield block.document.finding("MG442", f"`{permission}` allows more than anybody has asked for", path)
            elif _TO_OTHERS.fullmatch(permission):
                yield block.document.finding("MG442", f"`{permission}` lets its holder take other rights", path)


@rule("tf-open-doors", IAM)
def open_doors(m: Module) -> Iterator[Diagnostic]:
    """Nothing replaces the rights of others, no key leaves the cloud, no request goes without its sender's name."""
    for block in m.blocks:
        if block.kind == "resource" and block.type.endswith("_iam_policy"):
            message = "this replaces every right that others have given"
            yield block.document.finding("MG442", message, block.path, "use …_iam_member")
        if block.type == "google_service_account_key":
            message = "a key that never ends and may be copied"
            yield block.document.finding("MG442", message, block.path, "use workload identity")
    for block in m.of("google_cloud_scheduler_job"):
        target = mapping(block.body.get("http_target"))
        uri = str(m.resolved(target.get("uri")) or target.get("uri", ""))
        if uri.startswith("http://"):
            yield block.document.finding("MG442", "this request is not encrypted", (*block.path, "http_target", "uri"))
        if target and not {"oauth_token", "oidc_token"} & target.keys():
            message = "the request says not who sends it: oauth_token or oidc_token"
            yield block.document.finding("MG432", message, (*block.path, "http_target"))


@rule("tf-guarded", "Cloud Storage and Cloud KMS, security best practices")
def guarded(m: Module) -> Iterator[Diagnostic]:
    """A bucket is private and not thrown away with what is in it; a key outlives mistakes."""
    for block in m.of("google_storage_bucket"):
        if m.resolved(block.body.get("uniform_bucket_level_access")) is not True:
            message = "single objects can be made public: `uniform_bucket_level_access: true`"
            yield block.document.finding("MG442", message, block.path)
        if m.resolved(block.body.get("public_access_prevention")) != "enforced":
            message = 'the bucket can be made public: `public_access_prevention: "enforced"`'
            yield block.document.finding("MG442", message, block.path)
        if block.body.get("force_destroy") is True:
            message = "the bucket goes with all that is in it"
            yield block.document.finding("MG433", message, (*block.path, "force_destroy"))
    for block in m.of("google_project_service"):
        if block.body.get("disable_on_destroy") is True:
            message = "this turns the API off for everybody in the project"
            yield block.document.finding("MG433", message, (*block.path, "disable_on_destroy"))
    for block in m.of("google_kms_crypto_key"):
        kept = block.body.get("lifecycle")
        if not any(one.get("prevent_destroy") is True for one in (kept if isinstance(kept, list) else [mapping(kept)])):
            message = "without its key nothing can be read again: `lifecycle: {prevent_destroy: true}`"
            yield block.document.finding("MG433", message, block.path, severity=Severity.WARNING)


@rule("tf-secrets", "Terraform, sensitive data in state")
def secrets(m: Module) -> Iterator[Diagnostic]:
    """No secret's value stands in a file."""
    for block in m.blocks:
        for key in _SECRET_ARGUMENTS:
            value = block.body.get(key)
            if isinstance(value, str) and not is_expression(value):
                message = "the value of a secret stands in this file"
                yield block.document.finding("MG433", message, (*block.path, key), "add the version by hand, or in CI")


@rule("tf-services", "an API that is off refuses everything")
def services(m: Module) -> Iterator[Diagnostic]:
    """Where a module turns APIs on, those that its resources need are among them."""
    turned: set[str] = set()
    for block in m.of("google_project_service"):
        match = re.fullmatch(r"\$\{toset\((local|var)\.([\w-]+)\)\}", str(block.body.get("for_each")))
        listed = m.resolved(f"${{{match[1]}.{match[2]}}}") if match else [m.resolved(block.body.get("service"))]
        if not isinstance(listed, list) or None in listed:
            return
        turned.update(str(one) for one in listed)
    for block in m.of(*RESOURCES) if turned else ():
        needed = next((api for start, api in _APIS.items() if block.type.startswith(start)), None)
        if needed and needed not in turned:
            message = f"`{block.type}` needs `{needed}`, which this module does not turn on"
            yield block.document.finding("MG434", message, block.path)
