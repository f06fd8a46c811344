"""What the product's identities may do: exactly what this pipeline needs, on its own things alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlopsgen.plan.steps import FromRegistry, OnInvoke, Register
from mlopsgen.plan.values import ChampionUri, Flag, LiveUri, StateUri
from mlopsgen.records import dataclass
from mlopsgen.targets.azureml.commands import VAULT, secret_uri
from mlopsgen.targets.azureml.context import Context

# Built-in roles by the ids that they have in every tenant (role-based-access-control/built-in-roles).
BLOB_CONTRIBUTOR = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
BLOB_READER = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
ACR_PULL = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"

WORKSPACE = "Microsoft.MachineLearningServices/workspaces"


@dataclass(frozen=True, slots=True)
class Role:
    """A role of the product's own, in the workspace."""

    key: str
    name: str
    description: str
    actions: tuple[str, ...]
    excluded: tuple[str, ...] = ()
    """Actions that `actions` would hold, and the role does not."""


def jobs_role(context: Context) -> Role | None:
    """What jobs do through the workspace's API: read the datastore's address, read and register versions."""
    steps = context.plan.steps
    holes = [a.value for job in context.jobs.values() for a in job.argv if isinstance(a, Flag)]
    registers = any(isinstance(step, Register) for step in steps)
    fetches = any(isinstance(i.source, FromRegistry) for job in context.jobs.values() for i in job.inputs)
    reads = registers or fetches or any(isinstance(hole, ChampionUri) for hole in holes)
    if not reads and not any(isinstance(hole, StateUri | LiveUri) for hole in holes):
        return None
    actions = [f"{WORKSPACE}/datastores/read"]
    if reads:
        actions += [f"{WORKSPACE}/models/read", f"{WORKSPACE}/models/versions/read"]
    if registers:
        actions += [f"{WORKSPACE}/models/write", f"{WORKSPACE}/models/versions/write"]
    message = f"What jobs of {context.plan.name} do in the workspace beside running"
    return Role("jobs", f"{context.plan.name}-jobs", message, tuple(actions))


# What a run of any kind takes to submit (how-to-assign-roles, "Submitting any type of run (V2)"): with it goes what the
# service does for whoever submits, as storing snapshots and building an image. `workspaces/*/read` holds all but the
# workspace itself.
STARTING = (
    f"{WORKSPACE}/read",
    f"{WORKSPACE}/*/read",
    f"{WORKSPACE}/environments/write",
    f"{WORKSPACE}/jobs/*",
    f"{WORKSPACE}/metadata/artifacts/write",
    f"{WORKSPACE}/environments/build/action",
    f"{WORKSPACE}/environments/readSecrets/action",
)
"""What starting a run of a pipeline that is known to the workspace takes."""
NOT_STARTING = (f"{WORKSPACE}/jobs/delete",)
"""What no start needs, though the documentation's list of actions holds it."""

APPROVING = (
    f"{WORKSPACE}/read",
    f"{WORKSPACE}/models/read",
    f"{WORKSPACE}/models/versions/read",
    f"{WORKSPACE}/models/versions/write",
)
"""What making a version the champion takes: its tags."""


def starting_role(context: Context) -> Role:
    """What may start runs, and nothing else."""
    name = context.plan.name
    return Role("start", f"{name}-start-runs", f"Starts runs of {name} and reads how they went", STARTING, NOT_STARTING)


def approving_role(context: Context) -> Role:
    """What those who put versions to use may do."""
    name = context.plan.name
    message = f"Reads versions of {name}'s model and makes one the champion"
    return Role("approve", f"{name}-approve-versions", message, APPROVING)


def starts_by_hand(context: Context) -> bool:
    """Whether somebody may be given the role that starts runs: then infra/access.json makes it."""
    called = any(isinstance(trigger, OnInvoke) for trigger in context.plan.triggers)
    return called or bool(context.plan.governance.invoke)


def definition(role: Role) -> Mapping[str, Any]:
    """A role as a resource; its name is a digest, so that it is made once in a resource group."""
    permission = {"actions": list(role.actions), "notActions": list(role.excluded)}
    return {
        "type": "Microsoft.Authorization/roleDefinitions",
        "apiVersion": "2022-04-01",
        "name": f"[{role_guid(role)}]",
        "properties": {
            # Names of roles are those of the whole tenant, where staging and production have equal workspaces.
            "roleName": f"[concat('{role.name}-', parameters('workspace'), '-', resourceGroup().name, '-', "
            "substring(subscription().subscriptionId, 0, 8))]",
            "description": role.description,
            "type": "customRole",
            "permissions": [{**permission, "dataActions": [], "notDataActions": []}],
            "assignableScopes": ["[resourceGroup().id]"],
        },
    }


def role_guid(role: Role) -> str:
    """The last part of a role's id, as an expression."""
    return f"guid(resourceGroup().id, '{role.name}')"


def role_id(role: Role) -> str:
    """A role of ours, as an assignment names it."""
    return f"resourceId('Microsoft.Authorization/roleDefinitions', {role_guid(role)})"


def assignment(role: Role, *, scope: str, principal: str) -> Mapping[str, Any]:
    """Somebody who is known by the object id gets a role of ours on one resource."""
    return {
        "type": "Microsoft.Authorization/roleAssignments",
        "apiVersion": "2022-04-01",
        "name": f"[guid({scope}, '{role.name}-{principal}')]",
        "scope": f"[{scope}]",
        "dependsOn": [f"[{role_id(role)}]"],
        "properties": {"roleDefinitionId": f"[{role_id(role)}]", "principalId": principal},
    }


def secrets(context: Context) -> Iterator[tuple[str, str]]:
    """Every secret that a step reads: vault and name."""
    uris = {secret_uri(context, secret.name) for job in context.jobs.values() for secret in job.secrets}
    for uri in sorted(uris):
        vault, _, name = uri.removeprefix(VAULT).partition("/")
        yield vault, name
