"""Faults in components and in sweeps: what a step is, and what is tried with it."""

from __future__ import annotations

from .seed import Absent, Doc, Faults, Seeded, at, drop, put, rename

faults = Faults()


def component(b: Seeded, *path: str | int) -> Doc:
    for _, found in b.all("commandComponent"):
        try:
            at(found, *path)
        except Absent:
            continue
        return found
    raise Absent(path)


def parameter(b: Seeded, *kinds: str) -> Doc:
    """The first declared input of a simple type."""
    for _, found in b.all("commandComponent"):
        for declared in found.get("inputs", {}).values():
            if declared.get("type") in kinds:
                entry: Doc = declared
                return entry
    raise Absent(kinds)


def port(b: Seeded, section: str) -> Doc:
    found = component(b, section)
    entry: Doc = next(iter(found[section].values()))
    return entry


@faults("rename", 430)
def typo_in_a_component(b: Seeded) -> None:
    rename(component(b, "display_name"), "display_name", "displayname")


@faults("rename", 430, 432)
def typo_in_an_input_of_a_component(b: Seeded) -> None:
    rename(parameter(b, "integer", "number", "string"), "type", "types")


@faults("rename", 430)
def unknown_word_in_an_input_of_a_component(b: Seeded) -> None:
    parameter(b, "integer", "number", "string")["required"] = True


@faults("rename", 430)
def unknown_word_in_an_output_of_a_component(b: Seeded) -> None:
    port(b, "outputs")["path"] = "azureml://datastores/workspaceblobstore/paths/x/"


@faults("rename", 430)
def typo_in_the_distribution_of_a_component(b: Seeded) -> None:
    found = component(b, "distribution", "process_count_per_instance")["distribution"]
    rename(found, "process_count_per_instance", "process_count")


@faults("rename", 430)
def typo_in_the_resources_of_a_component(b: Seeded) -> None:
    rename(component(b, "resources", "instance_count")["resources"], "instance_count", "instance_counts")


@faults("rename", 430)
def environment_variables_in_a_component(b: Seeded) -> None:
    component(b)["environment_variables"] = {"A": "b"}


@faults("rename", 430)
def limits_in_a_component(b: Seeded) -> None:
    component(b)["limits"] = {"timeout": 60}


@faults("rename", 430)
def compute_in_a_component(b: Seeded) -> None:
    component(b)["compute"] = "azureml:cpu-cluster"


@faults("delete", 432)
def component_without_a_name(b: Seeded) -> None:
    drop(component(b), "name")


@faults("delete", 432)
def component_without_a_command(b: Seeded) -> None:
    drop(component(b), "command")


@faults("delete", 432)
def component_without_an_environment(b: Seeded) -> None:
    drop(component(b), "environment")


@faults("delete", 432)
def component_without_type(b: Seeded) -> None:
    drop(component(b), "type")


@faults("delete", 432)
def input_of_a_component_without_type(b: Seeded) -> None:
    drop(parameter(b, "integer", "number", "string"), "type")


@faults("delete", 432)
def output_of_a_component_without_type(b: Seeded) -> None:
    drop(port(b, "outputs"), "type")


@faults("delete", 432)
def component_without_a_version(b: Seeded) -> None:
    drop(component(b, "version"), "version")


@faults("retype", 431)
def inputs_of_a_component_as_a_list(b: Seeded) -> None:
    found = component(b, "inputs")
    found["inputs"] = [{"name": k, **v} for k, v in found["inputs"].items()]


@faults("retype", 431)
def command_as_a_list(b: Seeded) -> None:
    put(component(b), "command", ["python", "train.py"])


@faults("retype", 431)
def optional_as_a_word(b: Seeded) -> None:
    port(b, "inputs")["optional"] = "sometimes"


@faults("retype", 431)
def deterministic_as_a_word(b: Seeded) -> None:
    component(b)["is_deterministic"] = "mostly"


@faults("retype", 431)
def input_of_a_component_as_text(b: Seeded) -> None:
    found = component(b, "inputs")["inputs"]
    found[next(iter(found))] = "uri_folder"


@faults("retype", 431)
def enum_as_text(b: Seeded) -> None:
    parameter(b, "string")["enum"] = "logistic, forest"


@faults("retype", 431, 433)
def default_of_another_type(b: Seeded) -> None:
    parameter(b, "integer")["default"] = "many"


@faults("semantics", 433)
def default_below_the_least(b: Seeded) -> None:
    declared = parameter(b, "integer")
    declared |= {"min": 10, "default": 3}


@faults("semantics", 433)
def least_above_most(b: Seeded) -> None:
    declared = parameter(b, "number", "integer")
    declared.pop("default", None)
    declared |= {"min": 3, "max": 1}


@faults("semantics", 433)
def default_outside_the_enum(b: Seeded) -> None:
    parameter(b, "string").update({"enum": ["a", "b"], "default": "c"})


@faults("semantics", 433)
def unknown_type_of_an_input(b: Seeded) -> None:
    parameter(b, "number")["type"] = "float"


@faults("semantics", 430, 433)
def bounds_of_a_text(b: Seeded) -> None:
    parameter(b, "string")["max"] = 3


@faults("semantics", 433)
def unknown_type_of_an_output(b: Seeded) -> None:
    put(port(b, "outputs"), "type", "folder")


@faults("semantics", 433)
def unknown_mode_of_an_input(b: Seeded) -> None:
    port(b, "inputs")["mode"] = "mounted"


@faults("limits", 433)
def component_name_with_a_hyphen(b: Seeded) -> None:
    found = component(b)
    found["name"] = found["name"].replace("_", "-", 1) + "-x"


@faults("limits", 433)
def component_name_with_capitals(b: Seeded) -> None:
    component(b)["name"] = "Prepare"


@faults("limits", 433, 437)
def component_name_too_long(b: Seeded) -> None:
    component(b)["name"] = "c" * 256


@faults("limits", 433)
def version_of_a_component_with_a_slash(b: Seeded) -> None:
    component(b)["version"] = "1/2"


@faults("semantics", 436)
def two_components_of_one_name(b: Seeded) -> None:
    found = b.all("commandComponent")
    if len(found) < 2:
        raise Absent
    found[1][1]["name"], found[1][1]["version"] = found[0][1]["name"], found[0][1].get("version")


@faults("limits", 433)
def input_of_a_component_with_a_dot(b: Seeded) -> None:
    found = component(b, "inputs")
    found["inputs"]["max.depth"] = {"type": "integer", "default": 3}
    found["command"] += " --max.depth=${{inputs.max.depth}}"


@faults("semantics", 436, 433)
def one_name_for_an_input_and_an_output(b: Seeded) -> None:
    found = component(b, "outputs")
    name = next(iter(found["outputs"]))
    found["inputs"][name.upper()] = {"type": "string", "default": "x"}
    found["inputs"][name] = {"type": "string", "default": "x"}


@faults("dangle", 434)
def command_reads_an_unknown_input(b: Seeded) -> None:
    found = component(b, "inputs")
    found["command"] = found["command"].replace("${{inputs.", "${{inputs.x", 1)


@faults("dangle", 434)
def command_writes_an_unknown_output(b: Seeded) -> None:
    found = component(b, "outputs")
    found["command"] = found["command"].replace("${{outputs.", "${{outputs.x", 1)


@faults("dangle", 434, 439)
def command_reads_from_the_pipeline(b: Seeded) -> None:
    found = component(b, "inputs")
    found["command"] = found["command"].replace("${{inputs.", "${{parent.inputs.", 1)


@faults("dangle", 434, 439)
def command_reads_a_search_space_in_a_component(b: Seeded) -> None:
    found = component(b, "inputs")
    found["command"] = found["command"].replace("${{inputs.", "${{search_space.", 1)


@faults("dangle", 439)
def command_with_an_expression_that_does_not_end(b: Seeded) -> None:
    found = component(b, "inputs")
    found["command"] = found["command"].replace("}}", "}", 1)


@faults("dangle", 434, 439)
def command_with_a_shell_variable_in_braces_of_azure(b: Seeded) -> None:
    component(b)["command"] += " --home=${{ env.HOME }}"


@faults("dangle", 434)
def input_that_the_command_does_not_read(b: Seeded) -> None:
    component(b, "inputs")["inputs"]["forgotten"] = {"type": "string", "default": "x"}


@faults("dangle", 434)
def output_that_the_command_does_not_write(b: Seeded) -> None:
    component(b, "outputs")["outputs"]["forgotten"] = {"type": "uri_folder"}


@faults("dangle", 433, 439)
def optional_input_without_its_brackets(b: Seeded) -> None:
    for _, found in b.all("commandComponent"):
        for name, declared in found.get("inputs", {}).items():
            if declared["type"].startswith("uri") and "[[" not in found["command"]:
                declared["optional"] = True
                _unbind(b, found, name)
                return
    raise Absent


def _unbind(b: Seeded, found: Doc, name: str) -> None:
    for step in b.jobs.values():
        if b.component_of(step) is found:
            step.get("inputs", {}).pop(name, None)


@faults("dangle", 439)
def brackets_that_do_not_close(b: Seeded) -> None:
    found = component(b, "inputs")
    found["command"] = found["command"].replace("${{inputs.", "$[[ ${{inputs.", 1)


@faults("semantics", 433, 439)
def brackets_around_a_needed_input(b: Seeded) -> None:
    for _, found in b.all("commandComponent"):
        for name, declared in found.get("inputs", {}).items():
            hole = f"${{{{inputs.{name}}}}}"
            if not declared.get("optional") and hole in found["command"]:
                found["command"] = found["command"].replace(hole, f"$[[{hole}]]")
                return
    raise Absent


@faults("retype", 431)
def component_is_a_list(b: Seeded) -> None:
    name, found = b.all("commandComponent")[0]
    b.files[name] = f"- {found['$schema']}\n"


@faults("semantics", 438)
def component_is_no_yaml(b: Seeded) -> None:
    name, found = b.all("commandComponent")[0]
    b.files[name] = f"$schema: {found['$schema']}\nname: a: b\n"


@faults("semantics", 433)
def unknown_kind_of_component(b: Seeded) -> None:
    put(component(b), "type", "script")


@faults("semantics", 443)
def component_of_the_first_version(b: Seeded) -> None:
    found = component(b)
    found["type"] = "CommandComponent"
    found["$schema"] = "https://componentsdk.azureedge.net/jsonschema/CommandComponent.json"
