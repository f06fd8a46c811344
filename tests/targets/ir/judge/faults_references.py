"""Faults in what names what: components, executors, tasks, inputs, outputs, placeholders, cycles."""

from __future__ import annotations

from typing import Any

from .seed import Absent, Doc, Faults, Seeded, place

faults = Faults()

faults.dangles(
    "ir",
    *("componentRef.name", "components.*.executorLabel", "taskOutputArtifact.producerTask"),
    *("taskOutputArtifact.outputArtifactKey", "taskOutputParameter.producerTask"),
    *("taskOutputParameter.outputParameterKey", "tasks.*.dependentTasks.[]"),
    *("inputs.parameters.*.componentInputParameter", "inputs.artifacts.*.componentInputArtifact"),
    *("artifactSelectors.[].producerSubtask", "artifactSelectors.[].outputArtifactKey"),
    *("parameterSelectors.[].producerSubtask", "parameterSelectors.[].outputParameterKey"),
    *("taskFinalStatus.producerTask", "parameterIterator.itemInput", "items.inputParameter"),
    "importer.artifactUri.runtimeParameter",
)


def _argument(b: Seeded, part: str) -> tuple[list[Any], int, str]:
    """The first argument of a container with this text in it."""
    for container in b.containers():
        for key in ("args", "command"):
            for i, text in enumerate(container.get(key, [])):
                if isinstance(text, str) and part in text:
                    return container[key], i, text
    raise Absent(part)


def _exchange(b: Seeded, old: str, new: str) -> None:
    holder, i, text = _argument(b, old)
    holder[i] = text.replace(old, new)


@faults("dangle", 434)
def placeholder_of_an_unknown_parameter(b: Seeded) -> None:
    _exchange(b, "{{$.inputs.parameters['", "{{$.inputs.parameters['x")


@faults("dangle", 434)
def placeholder_of_an_unknown_input_artifact(b: Seeded) -> None:
    _exchange(b, "{{$.inputs.artifacts['", "{{$.inputs.artifacts['x")


@faults("dangle", 434)
def placeholder_of_an_unknown_output_artifact(b: Seeded) -> None:
    _exchange(b, "{{$.outputs.artifacts['", "{{$.outputs.artifacts['x")


@faults("dangle", 434)
def placeholder_of_an_unknown_output_parameter(b: Seeded) -> None:
    _exchange(b, "{{$.outputs.parameters['", "{{$.outputs.parameters['x")


@faults("dangle", 434)
def placeholder_reads_an_output_as_input(b: Seeded) -> None:
    _exchange(b, "{{$.outputs.artifacts['", "{{$.inputs.artifacts['")


@faults("dangle", 434)
def placeholder_reads_an_artifact_as_parameter(b: Seeded) -> None:
    holder, i, _ = _argument(b, "{{$.inputs.artifacts['")
    name = holder[i].split("{{$.inputs.artifacts['")[1].split("'")[0]
    holder[i] = "{{$.inputs.parameters['" + name + "']}}"


@faults("dangle", 434)
def condition_for_an_unknown_argument(b: Seeded) -> None:
    _exchange(b, '"InputName": "', '"InputName": "x')


@faults("dangle", 434)
def input_that_the_component_does_not_have(b: Seeded) -> None:
    holder, _ = place([b.ir], "tasks.*.inputs.parameters.*")
    holder["surplus"] = {"runtimeValue": {"constant": "x"}}


@faults("dangle", 434)
def artifact_that_the_component_does_not_have(b: Seeded) -> None:
    holder, key = place([b.ir], "tasks.*.inputs.artifacts.*")
    holder["surplus"] = holder[key]


@faults("delete", 432)
def parameter_that_the_component_needs(b: Seeded) -> None:
    for _, _, task in b.tasks():
        declared = b.component(task).get("inputDefinitions", {}).get("parameters", {})
        for name, spec in declared.items():
            needed = not spec.get("isOptional") and "defaultValue" not in spec
            if needed and name in task.get("inputs", {}).get("parameters", {}):
                del task["inputs"]["parameters"][name]
                return
    raise Absent


@faults("delete", 432)
def artifact_that_the_component_needs(b: Seeded) -> None:
    holder, key = place([b.ir], "tasks.*.inputs.artifacts.*")
    del holder[key]


@faults("delete", 434)
def component_that_a_task_names(b: Seeded) -> None:
    name = place([b.ir], "root.dag.tasks.*.componentRef.name")
    del b.ir["components"][name[0]["name"]]


@faults("delete", 434)
def executor_that_a_component_names(b: Seeded) -> None:
    holder, key = place([b.ir], "/deploymentSpec.executors.*")
    del holder[key]


@faults("delete", 434)
def declared_input_that_is_passed_on(b: Seeded) -> None:
    holder, key = place([b.ir], "tasks.*.inputs.parameters.*.componentInputParameter")
    name = holder[key]
    for component in [b.ir["root"], *b.ir["components"].values()]:
        if holder in [i for t in _tasks(component) for i in t.get("inputs", {}).get("parameters", {}).values()]:
            del component["inputDefinitions"]["parameters"][name]
            return
    raise Absent


@faults("delete", 434)
def declared_output_that_is_read(b: Seeded) -> None:
    for beside, _, task in b.tasks():
        for given in task.get("inputs", {}).get("artifacts", {}).values():
            source = given.get("taskOutputArtifact")
            if source:
                outputs = b.component(beside[source["producerTask"]])["outputDefinitions"]["artifacts"]
                del outputs[source["outputArtifactKey"]]
                return
    raise Absent


@faults("delete", 434, 432)
def outputs_of_a_loop(b: Seeded) -> None:
    holder, key = place([b.ir], "dag.outputs")
    del holder[key]


@faults("delete", 432, 434)
def one_output_of_a_loop(b: Seeded) -> None:
    holder, key = place([b.ir], "dag.outputs.artifacts.*")
    del holder[key]


def _tasks(component: Doc) -> list[Doc]:
    return list(component.get("dag", {}).get("tasks", {}).values())


def _reader(b: Seeded) -> tuple[Doc, str, Doc, str]:
    """The tasks of one dag, a task that reads an artifact there, and the task that makes it."""
    for beside, name, task in b.tasks():
        for given in task.get("inputs", {}).get("artifacts", {}).values():
            if "taskOutputArtifact" in given:
                return beside, name, task, given["taskOutputArtifact"]["producerTask"]
    raise Absent


@faults("delete", 432)
def dependency_on_the_task_it_reads(b: Seeded) -> None:
    _, _, task, made_by = _reader(b)
    task["dependentTasks"].remove(made_by)


@faults("delete", 432)
def all_dependencies(b: Seeded) -> None:
    _, _, task, _ = _reader(b)
    del task["dependentTasks"]


@faults("dangle", 435)
def task_that_waits_for_itself(b: Seeded) -> None:
    _, name, task, _ = _reader(b)
    task["dependentTasks"].append(name)


@faults("dangle", 435)
def two_tasks_that_wait_for_each_other(b: Seeded) -> None:
    beside, name, _, made_by = _reader(b)
    beside[made_by].setdefault("dependentTasks", []).append(name)


@faults("dangle", 435)
def component_that_holds_itself(b: Seeded) -> None:
    for name, component in b.ir["components"].items():
        for task in _tasks(component):
            task["componentRef"]["name"] = name
            return
    raise Absent


@faults("dangle", 434)
def producer_in_another_dag(b: Seeded) -> None:
    beside, _, task, _ = _reader(b)
    elsewhere = next(name for others, name, _ in b.tasks() if others is not beside and name not in beside)
    next(g for g in task["inputs"]["artifacts"].values() if "taskOutputArtifact" in g)["taskOutputArtifact"][
        "producerTask"
    ] = elsewhere
    task["dependentTasks"].append(elsewhere)


@faults("dangle", 436)
def dependency_named_twice(b: Seeded) -> None:
    _, _, task, made_by = _reader(b)
    task["dependentTasks"].append(made_by)


@faults("dangle", 434)
def executor_of_nobody(b: Seeded) -> None:
    executors = b.ir["deploymentSpec"]["executors"]
    executors["exec-forgotten"] = next(iter(executors.values()))


@faults("dangle", 434)
def component_of_nobody(b: Seeded) -> None:
    components = b.ir["components"]
    components["comp-forgotten"] = next(iter(components.values()))


@faults("dangle", 434)
def condition_on_an_unknown_input(b: Seeded) -> None:
    holder, key = place([b.ir], "triggerPolicy.condition")
    holder[key] = holder[key].replace("parameter_values['", "parameter_values['x")


@faults("dangle", 434)
def condition_on_an_input_that_is_not_passed(b: Seeded) -> None:
    for _, _, task in b.tasks():
        condition = task.get("triggerPolicy", {}).get("condition")
        if condition:
            name = condition.split("parameter_values['")[1].split("'")[0]
            del task["inputs"]["parameters"][name]
            return
    raise Absent


@faults("dangle", 434)
def selector_of_a_task_outside(b: Seeded) -> None:
    holder, key = place([b.ir], "artifactSelectors.[].producerSubtask")
    holder[key] = "importer"


@faults("dangle", 434)
def output_of_a_dag_that_it_does_not_declare(b: Seeded) -> None:
    holder, key = place([b.ir], "dag.outputs.artifacts.*")
    holder["surplus"] = holder[key]


@faults("dangle", 434, 432)
def final_status_of_a_task_it_does_not_wait_for(b: Seeded) -> None:
    holder, _ = place([b.ir], "tasks.*.inputs.parameters.*.taskFinalStatus")
    for _, _, task in b.tasks():
        if holder in task.get("inputs", {}).get("parameters", {}).values():
            task["dependentTasks"] = []
            return
    raise Absent
