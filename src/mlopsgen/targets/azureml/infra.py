"""ARM templates for what no YAML of Azure ML says: who may do what, and what events start."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlopsgen.targets.azureml.context import Context
from mlopsgen.targets.azureml.events import events
from mlopsgen.targets.azureml.names import arm_tags
from mlopsgen.targets.azureml.native import Compute, Infrastructure, Pipeline
from mlopsgen.targets.azureml.roles import (
    ACR_PULL,
    BLOB_CONTRIBUTOR,
    SECRETS_USER,
    approving_role,
    assignment,
    built_in,
    definition,
    jobs_role,
    role_id,
    secrets,
    starting_role,
    starts_by_hand,
)

WORKSPACE_ID = "resourceId('Microsoft.MachineLearningServices/workspaces', parameters('workspace'))"
Resource = Mapping[str, Any]


def infrastructure(
    context: Context, handler: Pipeline | None, computes: tuple[Compute, ...]
) -> Iterator[Infrastructure]:
    """The templates of a product; what they need is asked for where the options do not say it."""
    yield _access(context, computes)
    started = events(context, handler)
    if started is not None:
        yield started


def parameter(value: str | None, description: str) -> Mapping[str, Any]:
    """A parameter of a template, with its value where it is known."""
    default = {} if value is None else {"defaultValue": value}
    return {"type": "string", **default, "metadata": {"description": description}}


def workspace_parameter(context: Context) -> Mapping[str, Any]:
    """The workspace, in every template."""
    return parameter(context.home.workspace, "The workspace, in this resource group")


def _access(context: Context, computes: tuple[Compute, ...]) -> Infrastructure:
    created = bool(computes)
    parameters: dict[str, Any] = {"workspace": workspace_parameter(context)}
    if created:
        options = context.options
        message = f"The storage account of the datastore {options.datastore}, in this resource group"
        parameters["storageAccount"] = parameter(options.storage_account, message)
        parameters["container"] = parameter(None, f"The container of the datastore {options.datastore}")
        # A workspace gets its registry with the first image that it builds (concept-workspace).
        registry = "The workspace's container registry, in this resource group; empty where it has none yet"
        parameters["containerRegistry"] = parameter(options.container_registry or "", registry)
    resources = [*(_identity(context) if created else ()), *_people(context), *_audit(context)]
    identity = f"resourceId('Microsoft.ManagedIdentity/userAssignedIdentities', '{context.home.identity}')"
    message = f"The identity that jobs of {context.plan.name} run as, and who may do what"
    return Infrastructure(
        file="infra/access.json",
        description=message,
        parameters=parameters,
        variables={},
        resources=tuple(resources),
        outputs={"identity": {"type": "string", "value": f"[{identity}]"}} if created else {},
    )


def _identity(context: Context) -> Iterator[Resource]:
    name = context.home.identity
    kind = "Microsoft.ManagedIdentity/userAssignedIdentities"
    identity = f"resourceId('{kind}', '{name}')"
    principal = f"reference({identity}, '2023-01-31').principalId"
    yield {
        "type": kind,
        "apiVersion": "2023-01-31",
        "name": name,
        "location": context.home.region,
        "tags": arm_tags(context.tags),
    }
    role = jobs_role(context)
    if role is not None:
        yield definition(role)
        yield assignment(
            f"{name}-workspace",
            scope=WORKSPACE_ID,
            role=role_id(role),
            principal=principal,
            kind="ServicePrincipal",
            after=(identity, role_id(role)),
        )
    for key, scope, built, condition in _places(context):
        yield assignment(
            f"{name}-{key}",
            scope=scope,
            role=built_in(built),
            principal=principal,
            kind="ServicePrincipal",
            after=(identity,),
            condition=condition,
        )


def _places(context: Context) -> Iterator[tuple[str, str, str, str | None]]:
    """Resources that the jobs' identity uses: a key, the scope, the built-in role, and when the resource exists."""
    container = "Microsoft.Storage/storageAccounts/blobServices/containers"
    place = f"resourceId('{container}', parameters('storageAccount'), 'default', parameters('container'))"
    yield "data", place, BLOB_CONTRIBUTOR, None
    # The scope of a resource is read even where its condition does not hold, and an id without a name is an error.
    missing = "empty(parameters('containerRegistry'))"
    name_or_none = f"if({missing}, 'none', parameters('containerRegistry'))"
    registry = f"resourceId('Microsoft.ContainerRegistry/registries', {name_or_none})"
    yield "images", registry, ACR_PULL, f"not({missing})"
    for vault, name in secrets(context):
        # One secret, not the vault: a job reads the names that its steps ask for.
        scope = f"resourceId('Microsoft.KeyVault/vaults/secrets', '{vault}', '{name}')"
        yield f"secret-{vault}-{name}", scope, SECRETS_USER, None


def _people(context: Context) -> Iterator[Resource]:
    """Those who start runs and those who put versions to use."""
    governance = context.plan.governance
    for principals, role in ((governance.invoke, starting_role(context)), (governance.deploy, approving_role(context))):
        if principals or (role.key == "start" and starts_by_hand(context)):
            yield definition(role)
        for principal in principals:
            yield assignment(
                f"{role.name}-{principal}",
                scope=WORKSPACE_ID,
                role=role_id(role),
                principal=principal,
                kind=None,
                after=(role_id(role),),
            )


def _audit(context: Context) -> Iterator[Resource]:
    logs = context.options.log_analytics
    if context.plan.governance.audit and logs is not None:
        yield {
            "type": "Microsoft.Insights/diagnosticSettings",
            "apiVersion": "2021-05-01-preview",
            "name": f"{context.plan.name}-audit",
            "scope": f"[{WORKSPACE_ID}]",
            "properties": {"workspaceId": logs, "logs": [{"categoryGroup": "audit", "enabled": True}]},
        }
