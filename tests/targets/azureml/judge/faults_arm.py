"""Faults in the ARM template: its frame, its expressions, what it grants."""

from __future__ import annotations

import re

from .seed import Absent, Doc, Faults, Seeded, at, drop, leaves, put, rename

faults = Faults()

IDENTITY = "Microsoft.ManagedIdentity/userAssignedIdentities"
ROLE = "Microsoft.Authorization/roleAssignments"
COMPUTE = "Microsoft.MachineLearningServices/workspaces/computes"


def first(b: Seeded, *path: str | int) -> Doc:
    """The first resource that has such a place."""
    for found in at(b.template, "resources"):
        try:
            at(found, *path)
        except Absent:
            continue
        entry: Doc = found
        return entry
    raise Absent(path)


def expression(b: Seeded, holds: str) -> tuple[Doc, str, str]:
    for holder, key, text in leaves(b.template):
        if text.startswith("[") and holds in text:
            return holder, key, text
    raise Absent(holds)


def replaced(b: Seeded, old: str, new: str, holds: str = "") -> None:
    holder, key, text = expression(b, holds or old)
    if old not in text:
        raise Absent(old)
    holder[key] = text.replace(old, new, 1)


@faults("rename", 430)
def typo_at_the_top_of_the_template(b: Seeded) -> None:
    rename(b.template, "parameters", "parameter")


@faults("rename", 430)
def resources_in_capitals(b: Seeded) -> None:
    rename(b.template, "outputs", "output")


@faults("rename", 430)
def typo_in_a_resource(b: Seeded) -> None:
    rename(first(b, "dependsOn"), "dependsOn", "dependOn")


@faults("rename", 430)
def typo_in_a_parameter(b: Seeded) -> None:
    for found in at(b.template, "parameters").values():
        if "defaultValue" in found:
            rename(found, "defaultValue", "default")
            return
    raise Absent


@faults("rename", 430)
def typo_in_an_output(b: Seeded) -> None:
    rename(next(iter(at(b.template, "outputs").values())), "value", "values")


@faults("rename", 430, 432)
def typo_in_a_role_assignment(b: Seeded) -> None:
    rename(b.resource(ROLE, "properties"), "roleDefinitionId", "roleDefinition")


@faults("rename", 430)
def typo_in_the_scale_settings(b: Seeded) -> None:
    rename(b.resource(COMPUTE, "properties", "properties", "scaleSettings"), "maxNodeCount", "maxNodes")


@faults("rename", 430)
def typo_in_the_properties_of_a_cluster(b: Seeded) -> None:
    rename(b.resource(COMPUTE, "properties", "properties"), "vmSize", "vmsize_")


@faults("delete", 432)
def template_without_schema(b: Seeded) -> None:
    name = next(n for n, d in b.files.items() if d is b.template)
    drop(b.files[name], "$schema")


@faults("delete", 432)
def template_without_content_version(b: Seeded) -> None:
    drop(b.template, "contentVersion")


@faults("delete", 432)
def template_without_resources(b: Seeded) -> None:
    drop(b.template, "resources")


@faults("delete", 432)
def resource_without_type(b: Seeded) -> None:
    drop(first(b), "type")


@faults("delete", 432)
def resource_without_api_version(b: Seeded) -> None:
    drop(first(b), "apiVersion")


@faults("delete", 432)
def resource_without_name(b: Seeded) -> None:
    drop(first(b), "name")


@faults("delete", 432)
def identity_without_a_place(b: Seeded) -> None:
    drop(b.resource(IDENTITY), "location")


@faults("delete", 432)
def parameter_without_type(b: Seeded) -> None:
    drop(next(iter(at(b.template, "parameters").values())), "type")


@faults("delete", 432)
def output_without_value(b: Seeded) -> None:
    drop(next(iter(at(b.template, "outputs").values())), "value")


@faults("delete", 432)
def assignment_without_a_principal(b: Seeded) -> None:
    drop(b.resource(ROLE, "properties"), "principalId")


@faults("delete", 432)
def assignment_without_a_role(b: Seeded) -> None:
    drop(b.resource(ROLE, "properties"), "roleDefinitionId")


@faults("delete", 432)
def assignment_of_a_kind_that_is_not_said(b: Seeded) -> None:
    drop(b.resource(ROLE, "properties"), "principalType")


@faults("delete", 432)
def cluster_without_a_size(b: Seeded) -> None:
    drop(b.resource(COMPUTE, "properties", "properties"), "vmSize")


@faults("delete", 432)
def cluster_without_a_most(b: Seeded) -> None:
    drop(b.resource(COMPUTE, "properties", "properties", "scaleSettings"), "maxNodeCount")


@faults("delete", 432)
def cluster_of_no_kind(b: Seeded) -> None:
    drop(b.resource(COMPUTE, "properties"), "computeType")


@faults("delete", 434)
def dependency_on_the_identity_missing(b: Seeded) -> None:
    drop(b.resource("Microsoft.Resources/deployments"), "dependsOn")


@faults("retype", 431)
def resources_as_text(b: Seeded) -> None:
    put(b.template, "resources", "none")


@faults("retype", 431)
def parameters_as_a_list(b: Seeded) -> None:
    put(b.template, "parameters", list(b.template["parameters"]))


@faults("retype", 431)
def depends_on_as_text(b: Seeded) -> None:
    found = first(b, "dependsOn", 0)
    put(found, "dependsOn", found["dependsOn"][0])


@faults("retype", 431)
def default_of_a_parameter_of_another_type(b: Seeded) -> None:
    for found in at(b.template, "parameters").values():
        if found.get("type") == "int" and "defaultValue" in found:
            found["defaultValue"] = "four"
            return
    raise Absent


@faults("retype", 431)
def tags_of_a_resource_as_a_list(b: Seeded) -> None:
    put(first(b, "tags"), "tags", ["construction"])


@faults("retype", 431)
def name_as_a_number(b: Seeded) -> None:
    put(first(b), "name", 5)


@faults("retype", 431)
def most_nodes_as_text(b: Seeded) -> None:
    b.resource(COMPUTE, "properties", "properties", "scaleSettings")["maxNodeCount"] = "four"


@faults("semantics", 433)
def type_of_a_parameter_in_another_language(b: Seeded) -> None:
    next(iter(at(b.template, "parameters").values()))["type"] = "number"


@faults("semantics", 433)
def type_without_a_provider(b: Seeded) -> None:
    b.resource(IDENTITY)["type"] = "userAssignedIdentities"


@faults("semantics", 433)
def unknown_type_of_a_known_provider(b: Seeded) -> None:
    b.resource(COMPUTE)["type"] = "Microsoft.MachineLearningServices/workspaces/clusters"


@faults("semantics", 433)
def provider_with_a_typo(b: Seeded) -> None:
    b.resource(IDENTITY)["type"] = "Microsoft.ManagedIdentities/userAssignedIdentities"


@faults("semantics", 433)
def api_version_that_is_no_date(b: Seeded) -> None:
    put(first(b), "apiVersion", "latest")


@faults("semantics", 433)
def api_version_of_no_day(b: Seeded) -> None:
    put(first(b), "apiVersion", "2023-13-31")


@faults("semantics", 433)
def schema_of_something_else(b: Seeded) -> None:
    found = b.template
    found["$schema"] = found["$schema"].replace("2019-04-01/deploymentTemplate", "2019-04-02/deploymentTemplate")


@faults("semantics", 433)
def content_version_of_two_parts(b: Seeded) -> None:
    put(b.template, "contentVersion", "1.0")


@faults("semantics", 433)
def default_that_is_not_allowed(b: Seeded) -> None:
    for found in at(b.template, "parameters").values():
        if "allowedValues" in found:
            found["defaultValue"] = "Spot"
            return
    raise Absent


@faults("semantics", 433)
def default_below_its_least(b: Seeded) -> None:
    for found in at(b.template, "parameters").values():
        if "minValue" in found:
            found["defaultValue"] = found["minValue"] - 1
            return
    raise Absent


@faults("semantics", 433)
def unknown_kind_of_principal(b: Seeded) -> None:
    put(b.resource(ROLE, "properties"), "principalType", "ManagedIdentity")


@faults("semantics", 433)
def unknown_kind_of_cluster(b: Seeded) -> None:
    b.resource(COMPUTE, "properties")["computeType"] = "BatchAI"


@faults("semantics", 433)
def unknown_machine(b: Seeded) -> None:
    b.resource(COMPUTE, "properties", "properties")["vmSize"] = "Standard_DS33_v2"


@faults("semantics", 433)
def idle_time_in_seconds(b: Seeded) -> None:
    b.resource(COMPUTE, "properties", "properties", "scaleSettings")["nodeIdleTimeBeforeScaleDown"] = "120"


@faults("semantics", 433)
def name_of_a_child_without_its_parent(b: Seeded) -> None:
    b.resource(COMPUTE)["name"] = "cpu-cluster"


@faults("semantics", 433)
def name_of_an_assignment_that_is_no_guid(b: Seeded) -> None:
    b.resource(ROLE)["name"] = "acr-pull"


@faults("semantics", 433)
def guid_of_a_role_cut_short(b: Seeded) -> None:
    for holder, key, text in leaves(b.template):
        cut = re.sub(r"(roleDefinitions', '[0-9a-f-]{30})[0-9a-f]{6}'", r"\1'", text)
        if cut != text:
            holder[key] = cut
            return
    raise Absent


@faults("semantics", 443)
def workspace_compute_of_the_first_version(b: Seeded) -> None:
    b.resource(COMPUTE)["apiVersion"] = "2019-05-01"


@faults("semantics", 443)
def classic_machine_learning(b: Seeded) -> None:
    b.template["resources"].append(
        {
            "type": "Microsoft.MachineLearning/webServices",
            "apiVersion": "2017-01-01",
            "name": "old",
            "location": "westeurope",
            "properties": {},
        }
    )


@faults("semantics", 438)
def template_cut_off(b: Seeded) -> None:
    name = next(n for n, d in b.files.items() if d is b.template)
    b.files[name] = '{"$schema": "x", "resources": ['


@faults("semantics", 436)
def parameter_given_twice(b: Seeded) -> None:
    name, schema = next((n, d["$schema"]) for n, d in b.files.items() if d is b.template)
    twice = '"parameters": {"a": {"type": "string"}, "a": {"type": "int"}}'
    b.files[name] = f'{{"$schema": "{schema}", "contentVersion": "1.0.0.0", {twice}, "resources": []}}'


@faults("limits", 433, 437)
def name_of_an_identity_too_long(b: Seeded) -> None:
    put(b.resource(IDENTITY), "name", "i" * 129)


@faults("limits", 437)
def too_many_parameters(b: Seeded) -> None:
    at(b.template, "parameters").update({f"p{i}": {"type": "string", "defaultValue": "x"} for i in range(257)})


@faults("semantics", 431, 433, 439)
def a_condition_that_is_no_condition(b: Seeded) -> None:
    first(b)["condition"] = "yes"


@faults("semantics", 433)
def event_filter_with_a_wildcard(b: Seeded) -> None:
    found = b.resource("Microsoft.EventGrid/systemTopics/eventSubscriptions", "properties", "filter")
    found["subjectBeginsWith"] = "/blobServices/default/containers/*/"


@faults("semantics", 433)
def unknown_event(b: Seeded) -> None:
    found = b.resource("Microsoft.EventGrid/systemTopics/eventSubscriptions", "properties", "filter")
    found["includedEventTypes"] = ["Microsoft.Storage.BlobAdded"]


@faults("semantics", 443)
def drift_event_of_the_first_version(b: Seeded) -> None:
    found = b.resource("Microsoft.EventGrid/systemTopics/eventSubscriptions", "properties", "filter")
    found["includedEventTypes"] = ["Microsoft.MachineLearningServices.DatasetDriftDetected"]


@faults("semantics", 433)
def web_hook_without_tls(b: Seeded) -> None:
    found = b.resource("Microsoft.EventGrid/systemTopics/eventSubscriptions", "properties", "destination", "properties")
    found["endpointUrl"] = "http://example.com/start"


@faults("semantics", 433)
def assignment_named_without_its_principal(b: Seeded) -> None:
    b.resource(ROLE)["name"] = "[guid(resourceGroup().id, 'pull')]"


@faults("semantics", 434)
def registry_that_may_be_empty_without_a_condition(b: Seeded) -> None:
    at(b.template, "parameters")["spare"] = {"type": "string", "defaultValue": ""}
    b.template["resources"].append(
        {
            "type": "Microsoft.Insights/diagnosticSettings",
            "apiVersion": "2021-05-01-preview",
            "name": "pulls",
            "scope": "[resourceId('Microsoft.ContainerRegistry/registries', parameters('spare'))]",
            "properties": {},
        }
    )


@faults("semantics", 433)
def answer_under_a_condition(b: Seeded) -> None:
    answer = {"type": "Response", "kind": "Http", "inputs": {"statusCode": 200}}
    ask = {"type": "If", "expression": "@equals(triggerBody()?[0]?['eventType'], 'x')", "actions": {"answer": answer}}
    b.template["resources"].append(
        {
            "type": "Microsoft.Logic/workflows",
            "apiVersion": "2019-05-01",
            "name": "answers-some",
            "location": "westeurope",
            "properties": {"state": "Enabled", "definition": {"triggers": {}, "actions": {"ask": ask}}},
        }
    )
