"""Rules for what a template grants and what it gives away: least privilege, no secrets in the open."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from mlopsgen.diagnostics import Diagnostic, Severity
from mlopsgen.targets.azureml.judge.arm.resources import COMPUTE, ROLE
from mlopsgen.targets.azureml.judge.arm.template import Resource, Template, text_of
from mlopsgen.targets.documents import maps, walk
from mlopsgen.targets.rules import rule

_ROLES = "Azure documentation, built-in roles; best practices for Azure RBAC: grant least privilege"
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_ANY_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]*", re.IGNORECASE)
_ALMIGHTY: Mapping[str, str] = {
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9": "User Access Administrator",
    "f58310d9-a9f6-439a-9e8d-f62e7b41a168": "Role Based Access Control Administrator",
}
_CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"


@rule("roles", _ROLES)
def roles(t: Template) -> Iterator[Diagnostic]:
    """Nobody gets to own what he only works with, and nobody gets rights on a whole subscription."""
    for r in t.of(ROLE):
        role = _role(t, r)
        scope = t.value(r.data.get("scope")).lower() if "scope" in r.data else ""
        wide = "subscription()" in scope or re.fullmatch(r"/?subscriptions/[^/]+/?", scope) is not None
        path = r.where("properties", "roleDefinitionId")
        if role in _ALMIGHTY:
            yield t.document.finding("MG442", f"{_ALMIGHTY[role]} may do everything", path)
        elif role == _CONTRIBUTOR and (wide or not scope):
            yield t.document.finding("MG442", "Contributor may change everything: name the role of the work", path)
        if wide:
            yield t.document.finding("MG442", "rights on the whole subscription", r.where("scope"))


@rule("narrow-roles", _ROLES)
def narrow_roles(t: Template) -> Iterator[Diagnostic]:
    """In a bundle of ours, an assignment names what it is about, and never Contributor."""
    for r in t.of(ROLE):
        if "scope" not in r.data:
            # What is made later has no scope yet: then the template says so.
            hint = "`scope`; where it is made later, the reason as `comments`"
            if not r.data.get("comments"):
                message = "without `scope`, rights are on the whole resource group"
                yield t.document.finding("MG442", message, r.path, hint)
        elif _role(t, r) == _CONTRIBUTOR:
            path = r.where("properties", "roleDefinitionId")
            yield t.document.finding("MG442", "Contributor may change everything: name the role of the work", path)


@rule(
    "named-by-principal",
    "Azure RBAC documentation, troubleshooting: the principal of an assignment cannot change "
    "(RoleAssignmentUpdateNotPermitted)",
)
def named_by_principal(t: Template) -> Iterator[Diagnostic]:
    """The next identity gets an assignment of its own: the principal is a part of the name."""
    for r in t.of(ROLE):
        properties = r.data.get("properties")
        principal = t.value(properties.get("principalId")) if isinstance(properties, dict) else ""
        if principal not in r.name:
            message = (
                "made anew, the principal would be another one, and the assignment's name the same: that is refused"
            )
            hint = "put the principal into `guid(…)`; one that is made here, as a parameter of a deployment inside"
            yield t.document.finding("MG433", message, r.where("name"), hint, severity=Severity.WARNING)


def _role(t: Template, r: Resource) -> str:
    properties = r.data.get("properties")
    value = t.value(properties.get("roleDefinitionId")) if isinstance(properties, dict) else ""
    match = _GUID.search(value)
    return match[0].lower() if match else ""


@rule("role-ids", _ROLES)
def role_ids(t: Template) -> Iterator[Diagnostic]:
    """A role is named by a whole GUID."""
    for path, _, call in t.calls():
        if call.known not in ("subscriptionresourceid", "resourceid", "tenantresourceid") or len(call.args) < 2:
            continue
        kind, name = (getattr(argument, "value", "") for argument in call.args[-2:])
        if kind == "Microsoft.Authorization/roleDefinitions" and name and not _GUID.fullmatch(name):
            yield t.document.finding("MG433", f"`{name}` is no GUID of a role", path)


@rule("custom-roles", _ROLES)
def custom_roles(t: Template) -> Iterator[Diagnostic]:
    """A role of one's own names what it allows."""
    for r in t.of("Microsoft.Authorization/roleDefinitions"):
        properties = r.data.get("properties")
        permissions = properties.get("permissions") if isinstance(properties, dict) else None
        for i, permission in maps(permissions):
            for key in ("actions", "dataActions"):
                listed = permission.get(key)
                for j, action in enumerate(listed if isinstance(listed, list) else ()):
                    if isinstance(action, str) and re.fullmatch(r"\*|Microsoft\.\w+/\*|\*/\w+", action):
                        path = r.where("properties", "permissions", i, key, j)
                        yield t.document.finding("MG442", f"`{action}` is too wide: name the actions", path)


@rule(
    "template-secrets", "Azure documentation, best practices for ARM templates: secrets are secure, and never put out"
)
def secrets(t: Template) -> Iterator[Diagnostic]:
    """A secret has no default and leaves in no output."""
    secure = {
        name
        for name, entry in t.section("parameters").items()
        if isinstance(entry, dict) and str(entry.get("type")).lower().startswith("secure")
    }
    for name in sorted(secure):
        default = t.section("parameters")[name].get("defaultValue")
        if default not in (None, "", {}) and "newGuid(" not in str(default):
            message = f"everybody who reads the template reads the secret `{name}`"
            yield t.document.finding("MG442", message, ("parameters", name, "defaultValue"))
    for path, _, call in t.calls(t.section("outputs"), ("outputs",)):
        if (call.known == "parameters" and text_of(call) in secure) or call.known.startswith("list"):
            yield t.document.finding("MG442", "an output is kept in the open: no secret may be one", path)


@rule("open-ports", "Azure ML documentation, secure training: no ssh from everywhere")
def open_ports(t: Template) -> Iterator[Diagnostic]:
    """Nodes of a cluster take no ssh from outside."""
    for r in t.of(COMPUTE):
        for path, value in walk(r.data, r.path):
            if path[-1] == "remoteLoginPortPublicAccess" and value == "Enabled":
                message = "nodes answer ssh from the whole internet"
                yield t.document.finding("MG442", message, path, severity=Severity.WARNING)
