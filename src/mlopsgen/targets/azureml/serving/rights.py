"""infra/deployments.json: the identities of servers and of rollouts, and what each of them may do.

An endpoint with an identity of its own is given nothing by Azure, so its roles come before it does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlopsgen.targets.azureml.commands import VAULT, secret_uri
from mlopsgen.targets.azureml.context import Context
from mlopsgen.targets.azureml.grants import GRANT, grant, nested
from mlopsgen.targets.azureml.infra import REGISTRY, WORKSPACE_ID, existing_registry, workspace_parameter
from mlopsgen.targets.azureml.names import arm_tags
from mlopsgen.targets.azureml.native import Infrastructure
from mlopsgen.targets.azureml.places import id_of, parameter, registry_id, store_parameters
from mlopsgen.targets.azureml.roles import (
    ACR_PULL,
    BLOB_CONTRIBUTOR,
    BLOB_READER,
    SECRETS_USER,
    WORKSPACE,
    Role,
    assignment,
    definition,
    role_guid,
    role_id,
)
from mlopsgen.targets.azureml.serving.live import endpoint_identity, rollouts_identity
from mlopsgen.targets.azureml.serving.live_native import Live

METRICS_WRITER = "635dd51f-9968-44d3-b7fb-6d9a6bd613ae"
IDENTITY_OPERATOR = "f1a07417-d97a-45cb-824c-7a7467783830"
IDENTITY = "Microsoft.ManagedIdentity/userAssignedIdentities"
ENDPOINTS = f"{WORKSPACE}/onlineEndpoints"
ROLLING = (
    f"{WORKSPACE}/read",
    f"{WORKSPACE}/datastores/read",
    f"{WORKSPACE}/environments/read",
    f"{WORKSPACE}/environments/versions/read",
    f"{WORKSPACE}/models/read",
    f"{WORKSPACE}/models/versions/read",
    # The champion's tag.
    f"{WORKSPACE}/models/versions/write",
    f"{ENDPOINTS}/read",
    # Shares and tags; a new endpoint cannot come of it, since no other identity can be given to one.
    f"{ENDPOINTS}/write",
    f"{ENDPOINTS}/deployments/read",
    f"{ENDPOINTS}/deployments/write",
    f"{ENDPOINTS}/deployments/delete",
    f"{ENDPOINTS}/deployments/getLogs/action",
    "Microsoft.Insights/metrics/read",
)
"""What a rollout does in the workspace."""
SCALING = tuple(f"Microsoft.Insights/autoscaleSettings/{word}" for word in ("read", "write", "delete"))
"""What it does in the resource group, where autoscale settings lie."""
CALLING = (f"{ENDPOINTS}/read", f"{ENDPOINTS}/score/action", f"{ENDPOINTS}/token/action")
"""What asking an endpoint takes (concept-endpoints-online-auth)."""
Resource = Mapping[str, Any]


def rights(context: Context, answering: tuple[Live, ...]) -> Infrastructure:
    """The template; it is deployed before the endpoints are made."""
    name = context.plan.name
    vaults = {vault: f"keyVaultId_{vault.replace('-', '_')}" for vault, _, _ in _secrets(context, answering)}
    resources = [*_servers(context, answering, vaults), *_rollouts(context, answering), *_callers(context)]
    message = "The id of the workspace's container registry"
    return Infrastructure(
        file="infra/deployments.json",
        description=f"The identities that answer requests and roll versions of {name} out, and what each may do",
        parameters={
            "workspace": workspace_parameter(context),
            **store_parameters(context),
            REGISTRY: parameter(registry_id(context), message),
            **{name: _vault(context, vault) for vault, name in vaults.items()},
        },
        variables={REGISTRY: f"[{existing_registry()}]"},
        resources=tuple(resources),
        outputs={},
    )


def _vault(context: Context, vault: str) -> Mapping[str, Any]:
    option = context.options.key_vault or ""
    known = option if option.endswith(f"/{vault}") else vault
    return parameter(id_of("Microsoft.KeyVault/vaults", known) or "", f"The id of the key vault {vault}")


def _secrets(context: Context, answering: tuple[Live, ...]) -> Iterator[tuple[str, str, Live]]:
    """Every secret that a server reads: vault, name, and whose it is."""
    for one in answering:
        for uri in sorted({secret_uri(context, secret.name) for secret in one.service.job.secrets}):
            vault, _, name = uri.removeprefix(VAULT).partition("/")
            yield vault, name, one


def _identity(context: Context, name: str) -> Resource:
    return {
        "type": IDENTITY,
        "apiVersion": "2023-01-31",
        "name": name,
        "location": context.home.region,
        "tags": arm_tags(context.tags),
    }


def _id(name: str) -> str:
    return f"resourceId('{IDENTITY}', '{name}')"


def _principal(name: str) -> str:
    return f"reference({_id(name)}, '2023-01-31').principalId"


def _built_in(name: str, key: str, resource: str, role: str, *, group: str | None = None, inside: str = "") -> Resource:
    """A built-in role of an identity on a resource, or on a part of it."""
    pulls = f"not(empty(parameters('{REGISTRY}')))" if role == ACR_PULL else None
    return grant(
        f"{name}-{key}",
        resource=f"concat({resource}, {inside})" if inside else resource,
        role=role,
        principal=_principal(name),
        after=(_id(name),),
        condition=pulls,
        group=group,
    )


def _data(name: str, role: str) -> Iterator[Resource]:
    """The image, and the container that models and the state of rollouts lie in."""
    account, registry = "parameters('storageAccountId')", f"variables('{REGISTRY}')"
    inside = "'/blobServices/default/containers/', parameters('container')"
    yield _built_in(name, "data", account, role, group=account, inside=inside)
    yield _built_in(name, "images", registry, ACR_PULL, group=registry)


def _servers(context: Context, answering: tuple[Live, ...], vaults: Mapping[str, str]) -> Iterator[Resource]:
    for one in answering:
        name = endpoint_identity(context, one.service)
        yield _identity(context, name)
        yield from _data(name, BLOB_READER)
        # Its machines tell Azure Monitor how busy they are.
        yield _built_in(name, "metrics", WORKSPACE_ID, METRICS_WRITER)
    for vault, secret, one in _secrets(context, answering):
        name, place = endpoint_identity(context, one.service), f"parameters('{vaults[vault]}')"
        yield _built_in(
            name, f"secret-{vault}-{secret}", place, SECRETS_USER, group=place, inside=f"'/secrets/{secret}'"
        )


def _rollouts(context: Context, answering: tuple[Live, ...]) -> Iterator[Resource]:
    """Not for a cluster that exists: its identity is not known here."""
    if not any(one.compute for one in answering):
        return
    name = rollouts_identity(context)
    yield _identity(context, name)
    yield from _data(name, BLOB_CONTRIBUTOR)
    role = Role("rollouts", name, f"What rolling versions of {context.plan.name} out does in the workspace", ROLLING)
    yield definition(role)
    yield grant(
        f"{name}-workspace",
        resource=WORKSPACE_ID,
        role=f"[{role_guid(role)}]",
        principal=_principal(name),
        after=(_id(name), role_id(role)),
    )
    for one in answering:
        server = endpoint_identity(context, one.service)
        # Whoever writes an endpoint gives it its identity each time.
        yield {
            **_built_in(name, f"identity-{one.name}", _id(server), IDENTITY_OPERATOR),
            "dependsOn": [f"[{_id(name)}]", f"[{_id(server)}]"],
        }
    if any(one.scaling for one in answering):
        yield from _scaling(context, name)


def _scaling(context: Context, name: str) -> Iterator[Resource]:
    purpose = f"Moves the autoscale settings of {context.plan.name} from one version to the next"
    role = Role("scaling", f"{context.plan.name}-scaling", purpose, SCALING)
    yield definition(role)
    # A role in the group that is deployed to has no `scope`.
    why = "Autoscale settings are made by rollouts, beside the workspace"
    whole = {key: value for key, value in GRANT["resources"][0].items() if key != "scope"}
    group = {**GRANT, "resources": [{**whole, "comments": why}]}
    yield nested(
        f"{name}-scaling",
        group=None,
        parameters={
            "resource": "[resourceGroup().id]",
            "role": f"[{role_guid(role)}]",
            "principal": f"[{_principal(name)}]",
        },
        template=group,
        after=(_id(name), role_id(role)),
    )


def _callers(context: Context) -> Iterator[Resource]:
    role = calling_role(context)
    if role is not None:
        yield definition(role)
        for principal in context.plan.governance.invoke:
            yield assignment(role, scope=WORKSPACE_ID, principal=principal)


def calling_role(context: Context) -> Role | None:
    """What those may do who ask an endpoint; whoever has a key needs none."""
    if all(one.auth == "key" for one in context.lives):
        return None
    name = context.plan.name
    return Role("call", f"{name}-call-endpoints", f"Asks the endpoints of {name}", CALLING)
