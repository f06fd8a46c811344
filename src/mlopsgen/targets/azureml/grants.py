"""Deployments inside a deployment: what needs a principal that is made beside it, or lies in a group of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlopsgen.targets.azureml.names import cut

DEPLOYMENTS = "Microsoft.Resources/deployments"
NAME = 64
"""Characters of a deployment's name (azure-resource-manager/management/resource-name-rules)."""

SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
_TEXT = {"type": "string"}
GRANT: Mapping[str, Any] = {
    "$schema": SCHEMA,
    "contentVersion": "1.0.0.0",
    "parameters": {"resource": _TEXT, "role": _TEXT, "principal": _TEXT},
    "resources": [
        {
            "type": "Microsoft.Authorization/roleAssignments",
            "apiVersion": "2022-04-01",
            "name": "[guid(parameters('resource'), parameters('principal'), parameters('role'))]",
            "scope": "[parameters('resource')]",
            "properties": {
                "roleDefinitionId": "[subscriptionResourceId('Microsoft.Authorization/roleDefinitions', "
                "parameters('role'))]",
                "principalId": "[parameters('principal')]",
                "principalType": "ServicePrincipal",
            },
        }
    ],
}


def grant(
    key: str,
    *,
    resource: str,
    role: str,
    principal: str,
    after: tuple[str, ...],
    condition: str | None = None,
    group: str | None = None,
) -> Mapping[str, Any]:
    """An identity of this deployment gets a role, by its GUID, on one resource.

    Azure gives no assignment another principal (RoleAssignmentUpdateNotPermitted), so the principal is part of the
    assignment's name. A name cannot read what is only known later; the parameter of a deployment inside can.
    """
    return nested(
        key,
        group=group,
        parameters={"resource": f"[{resource}]", "role": role, "principal": f"[{principal}]"},
        template=GRANT,
        after=after,
        condition=condition,
    )


def nested(
    key: str,
    *,
    group: str | None,
    parameters: Mapping[str, str],
    template: Mapping[str, Any],
    after: tuple[str, ...],
    condition: str | None = None,
) -> Mapping[str, Any]:
    """A deployment into the group of a resource, whose id the expression `group` has; None is this one's."""
    place = (
        {"subscriptionId": f"[split({group}, '/')[2]]", "resourceGroup": f"[split({group}, '/')[4]]"} if group else {}
    )
    return {
        "type": DEPLOYMENTS,
        **({"condition": f"[{condition}]"} if condition else {}),
        "apiVersion": "2022-09-01",
        "name": _name(key),
        **place,
        "dependsOn": [f"[{one}]" for one in after],
        "properties": {
            "mode": "Incremental",
            "expressionEvaluationOptions": {"scope": "inner"},
            "parameters": {name: {"value": value} for name, value in parameters.items()},
            "template": template,
        },
    }


def _name(key: str) -> str:
    """Long ones are cut and told apart by a digest; a container may be called `$web`."""
    return cut(key, NAME)
