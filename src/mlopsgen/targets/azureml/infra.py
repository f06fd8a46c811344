"""ARM templates for what no YAML of Azure ML says: who may do what, and what events start."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlopsgen.targets.azureml.context import Context
from mlopsgen.targets.azureml.events import events
from mlopsgen.targets.azureml.grants import grant
from mlopsgen.targets.azureml.names import arm_tags
from mlopsgen.targets.azureml.native import Compute, Infrastructure, Pipeline
from mlopsgen.targets.azureml.places import (
    account_ids,
    account_parameter,
    parameter,
    read_containers,
    registry_id,
    store_parameters,
    vault_ids,
    written_containers,
)
from mlopsgen.targets.azureml.roles import (
    ACR_PULL,
    BLOB_CONTRIBUTOR,
    BLOB_READER,
    SECRETS_USER,
    approving_role,
    assignment,
    definition,
    jobs_role,
    role_guid,
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


def workspace_parameter(context: Context) -> Mapping[str, Any]:
    """The workspace, in every template that names it."""
    return parameter(context.home.workspace, "The workspace, in this resource group")


def _access(context: Context, computes: tuple[Compute, ...]) -> Infrastructure:
    created = bool(computes)
    resources = [*(_identity(context) if created else ()), *_people(context), *_audit(context)]
    identity = f"resourceId('Microsoft.ManagedIdentity/userAssignedIdentities', '{context.home.identity}')"
    message = f"The identity that jobs of {context.plan.name} run as, and who may do what"
    named = "parameters('workspace')" in str(resources)
    return Infrastructure(
        file="infra/access.json",
        description=message,
        parameters={
            **({"workspace": workspace_parameter(context)} if named else {}),
            **(_parameters(context) if created else {}),
        },
        variables={REGISTRY: f"[{existing_registry()}]"} if created else {},
        resources=tuple(resources),
        outputs={"identity": {"type": "string", "value": f"[{identity}]"}} if created else {},
    )


def _parameters(context: Context) -> dict[str, Any]:
    """The ids of what jobs use, each of which may lie in any group."""
    # A workspace gets its registry with the first image that it builds (concept-workspace).
    message = "The id of the workspace's container registry; empty where it has none yet"
    vaults = {name: parameter(value, f"The id of the key vault {vault}") for vault, name, value in vault_ids(context)}
    return {
        **store_parameters(context),
        REGISTRY: parameter(registry_id(context), message),
        **vaults,
        **account_ids(context),
    }


REGISTRY = "containerRegistryId"


def existing_registry() -> str:
    """The groups of resources are read even where a condition does not hold, so there has to be an id."""
    value = f"parameters('{REGISTRY}')"
    return f"if(empty({value}), resourceId('Microsoft.ContainerRegistry/registries', 'none'), {value})"


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
        yield grant(
            f"{name}-workspace",
            resource=WORKSPACE_ID,
            role=f"[{role_guid(role)}]",
            principal=principal,
            after=(identity, role_id(role)),
        )
    for key, group, inside, built_in in _places(context):
        yield grant(
            f"{name}-{key}",
            resource=f"concat({group}, {inside})" if inside else group,
            role=built_in,
            principal=principal,
            after=(identity,),
            condition=f"not(empty(parameters('{REGISTRY}')))" if built_in == ACR_PULL else None,
            group=group,
        )


def _places(context: Context) -> Iterator[tuple[str, str, str, str]]:
    """What the jobs' identity uses: a key, the id of a resource, the part of it that is used, and the built-in role."""
    container = "'/blobServices/default/containers/'"
    yield "data", "parameters('storageAccountId')", f"{container}, parameters('container')", BLOB_CONTRIBUTOR
    yield "images", f"variables('{REGISTRY}')", "", ACR_PULL
    for account, name in read_containers(context):
        key = f"read-{account}-{name}"
        yield key, f"parameters('{account_parameter(account)}')", f"{container}, '{name}'", BLOB_READER
    for account, name in written_containers(context):
        # Reading, too: a run looks at the parts that are there, and takes its lock and temporary names away.
        key = f"write-{account}-{name}"
        yield key, f"parameters('{account_parameter(account)}')", f"{container}, '{name}'", BLOB_CONTRIBUTOR
    ids = {vault: name for vault, name, _ in vault_ids(context)}
    for vault, name in secrets(context):
        # One secret, not the vault: a job reads the names that its steps ask for.
        yield f"secret-{vault}-{name}", f"parameters('{ids[vault]}')", f"'/secrets/{name}'", SECRETS_USER


def _people(context: Context) -> Iterator[Resource]:
    """Those who start runs and those who put versions to use."""
    governance = context.plan.governance
    # Whoever puts versions to use starts their rollouts.
    starters = tuple(dict.fromkeys((*governance.invoke, *(governance.deploy if context.lives else ()))))
    for principals, role in ((starters, starting_role(context)), (governance.deploy, approving_role(context))):
        if principals or (role.key == "start" and starts_by_hand(context)):
            yield definition(role)
        for principal in principals:
            yield assignment(role, scope=WORKSPACE_ID, principal=principal)


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
