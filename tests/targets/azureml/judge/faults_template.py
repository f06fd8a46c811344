"""Faults in what an ARM template says inside its brackets, and in what it grants."""

from __future__ import annotations

from .faults_arm import COMPUTE, IDENTITY, ROLE, expression, first, replaced
from .seed import Absent, Faults, Seeded, at, drop, leaves, put

faults = Faults()


@faults("semantics", 439)
def bracket_that_does_not_close(b: Seeded) -> None:
    holder, key, text = expression(b, "resourceId(")
    holder[key] = text.removesuffix("]")


@faults("semantics", 439)
def parenthesis_that_does_not_close(b: Seeded) -> None:
    replaced(b, ")]", "]", "parameters(")


@faults("semantics", 439)
def quote_that_does_not_close(b: Seeded) -> None:
    replaced(b, "')", ")", "variables('")


@faults("semantics", 439)
def double_quotes_in_an_expression(b: Seeded) -> None:
    holder, key, text = expression(b, "parameters('")
    holder[key] = text.replace("'", '"')


@faults("semantics", 439)
def unknown_function(b: Seeded) -> None:
    replaced(b, "resourceId(", "resourceID2(")


@faults("semantics", 439)
def function_of_another_platform(b: Seeded) -> None:
    first(b, "location")["location"] = "[Ref(location)]"


@faults("semantics", 439)
def comma_missing_in_an_expression(b: Seeded) -> None:
    replaced(b, "', ", "' ", "resourceId(")


@faults("semantics", 439)
def bicep_in_a_template(b: Seeded) -> None:
    first(b, "location")["location"] = "[location]"


@faults("semantics", 439, 433)
def terraform_in_a_template(b: Seeded) -> None:
    first(b, "location")["location"] = "${var.location}"


@faults("semantics", 439, 433)
def dots_without_a_property(b: Seeded) -> None:
    replaced(b, ").principalId", ").", ".principalId")


@faults("dangle", 434)
def unknown_parameter(b: Seeded) -> None:
    replaced(b, "parameters('", "parameters('x", "parameters('")


@faults("dangle", 434)
def unknown_variable(b: Seeded) -> None:
    replaced(b, "variables('", "variables('x", "variables('")


@faults("dangle", 434)
def parameter_nobody_reads(b: Seeded) -> None:
    at(b.template, "parameters")["forgotten"] = {"type": "string", "defaultValue": "x"}


@faults("dangle", 434)
def variable_nobody_reads(b: Seeded) -> None:
    at(b.template, "variables")["forgotten"] = "x"


@faults("dangle", 434)
def depends_on_a_resource_that_is_not_there(b: Seeded) -> None:
    found = first(b, "dependsOn", 0)
    found["dependsOn"][0] = "[resourceId('Microsoft.Storage/storageAccounts', 'nobody')]"


@faults("dangle", 434)
def depends_on_a_resource_of_another_name(b: Seeded) -> None:
    for found in at(b.template, "resources"):
        for i, text in enumerate(found.get("dependsOn", [])):
            if "resourceId(" in text:
                found["dependsOn"][i] = text.replace(")]", ", 'x')]").replace("variables('topic'), 'x'", "'other'")
                return
    raise Absent


@faults("dangle", 434)
def identity_that_is_not_made(b: Seeded) -> None:
    resources = at(b.template, "resources")
    kept = [r for r in resources if r.get("type") != IDENTITY]
    if len(kept) == len(resources):
        raise Absent
    b.template["resources"] = kept


@faults("dangle", 433, 439)
def resource_id_with_a_name_too_few(b: Seeded) -> None:
    holder, key, text = expression(b, "blobServices/containers'")
    holder[key] = text.replace(", 'default'", "")


@faults("dangle", 435)
def resource_that_waits_for_itself(b: Seeded) -> None:
    found = b.resource(IDENTITY)
    name = found["name"].strip("[]") if found["name"].startswith("[") else f"'{found['name']}'"
    found["dependsOn"] = [f"[resourceId('{IDENTITY}', {name})]"]


@faults("dangle", 435)
def variable_that_reads_itself(b: Seeded) -> None:
    variables = at(b.template, "variables")
    name = next(iter(variables))
    variables[name] = f"[concat('a', variables('{name}'))]"


@faults("dangle", 439, 433)
def reference_in_a_variable(b: Seeded) -> None:
    variables = at(b.template, "variables")
    variables[next(iter(variables))] = "[reference('x', '2023-01-31').principalId]"


@faults("dangle", 436)
def two_resources_of_one_name(b: Seeded) -> None:
    b.template["resources"].append(dict(b.resource(IDENTITY)))


@faults("semantics", 442)
def owner(b: Seeded) -> None:
    _role(b, "8e3af657-a8ff-443c-a75c-2fe8c4bcb635")


@faults("semantics", 442)
def owner_by_the_parameter_of_a_deployment_inside(b: Seeded) -> None:
    role = b.resource("Microsoft.Resources/deployments", "properties", "parameters", "role")
    guid = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
    role["value"] = f"[subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '{guid}')]"


@faults("semantics", 442)
def contributor(b: Seeded) -> None:
    _role(b, "b24988ac-6180-42a0-ab88-20f7382dd24c")


@faults("semantics", 442)
def user_access_administrator(b: Seeded) -> None:
    _role(b, "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9")


def _role(b: Seeded, guid: str) -> None:
    role = f"[subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '{guid}')]"
    put(b.resource(ROLE, "properties"), "roleDefinitionId", role)
    for holder, key, text in leaves(b.template.get("variables", {})):
        if "roleDefinitions" in text:
            # What nobody reads any more is another fault.
            holder[key] = role
            break


@faults("semantics", 442)
def rights_on_the_whole_group(b: Seeded) -> None:
    drop(b.resource(ROLE), "scope")


@faults("semantics", 442)
def rights_on_the_whole_subscription(b: Seeded) -> None:
    put(b.resource(ROLE), "scope", "[subscription().id]")


@faults("semantics", 442)
def role_that_may_do_everything(b: Seeded) -> None:
    permissions = [{"actions": ["*"], "notActions": []}]
    b.template["resources"].append(
        {
            "type": "Microsoft.Authorization/roleDefinitions",
            "apiVersion": "2022-04-01",
            "name": "[guid(resourceGroup().id, 'all')]",
            "properties": {
                "roleName": "all",
                "type": "CustomRole",
                "permissions": permissions,
                "assignableScopes": ["[resourceGroup().id]"],
            },
        }
    )


@faults("semantics", 442)
def cluster_with_ssh_for_all(b: Seeded) -> None:
    b.resource(COMPUTE, "properties", "properties")["remoteLoginPortPublicAccess"] = "Enabled"


@faults("semantics", 442)
def secret_with_a_default(b: Seeded) -> None:
    for found in at(b.template, "parameters").values():
        if found.get("type") == "secureString":
            found["defaultValue"] = "hunter2"
            return
    raise Absent


@faults("semantics", 433)
def key_in_the_settings_of_a_resource(b: Seeded) -> None:
    b.resource(COMPUTE, "properties")["tags"] = {"made-with": "AKIA" + "IOSFODNN7ABCDEFG"}


@faults("semantics", 442)
def secret_in_an_output(b: Seeded) -> None:
    for name, found in at(b.template, "parameters").items():
        if found.get("type") == "secureString":
            b.template["outputs"]["leak"] = {"type": "string", "value": f"[parameters('{name}')]"}
            return
    raise Absent


@faults("semantics", 442)
def keys_in_an_output(b: Seeded) -> None:
    value = "[listKeys(resourceId('Microsoft.Storage/storageAccounts', 'a'), '2023-01-01').keys[0].value]"
    at(b.template, "outputs")["key"] = {"type": "string", "value": value}
