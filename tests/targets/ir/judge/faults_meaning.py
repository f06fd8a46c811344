"""Faults in meaning: expressions, types between tasks, limits, names, images, secrets."""

from __future__ import annotations

from typing import Any

from .faults_references import _argument, _exchange
from .seed import Absent, Faults, Seeded, place

faults = Faults()


def _condition(b: Seeded, new: str) -> None:
    holder, key = place([b.ir], "triggerPolicy.condition")
    name = holder[key].split("parameter_values['")[1].split("'")[0]
    holder[key] = new.replace("@", f"inputs.parameter_values['{name}']")


@faults("semantics", 439)
def broken_expression(b: Seeded) -> None:
    _condition(b, "@ == == true")


@faults("semantics", 439)
def expression_with_an_open_bracket(b: Seeded) -> None:
    _condition(b, "!(@ == true")


@faults("semantics", 439)
def expression_in_python(b: Seeded) -> None:
    _condition(b, "@ is True and not False")


@faults("semantics", 439)
def expression_of_one_equals_sign(b: Seeded) -> None:
    _condition(b, "@ = true")


@faults("semantics", 439)
def expression_that_gives_no_truth(b: Seeded) -> None:
    _condition(b, "string(@)")


@faults("semantics", 439)
def expression_that_calls_nobody(b: Seeded) -> None:
    _condition(b, "isTrue(@)")


@faults("semantics", 439)
def expression_that_compares_apples(b: Seeded) -> None:
    _condition(b, "@ == 'true'")


@faults("semantics", 434, 439)
def expression_over_something_else(b: Seeded) -> None:
    _condition(b, "outputs.parameter_values['passed'] == true")


@faults("semantics", 439, 432)
def empty_expression(b: Seeded) -> None:
    _condition(b, "")


@faults("semantics", 439)
def expression_that_is_always_true(b: Seeded) -> None:
    _condition(b, "true")


@faults("semantics", 432)
def gate_without_its_condition(b: Seeded) -> None:
    for _, _, task in b.tasks():
        if "condition" in task.get("triggerPolicy", {}):
            del task["triggerPolicy"]
            return
    raise Absent


def _declared(b: Seeded, kind: str) -> dict[str, Any]:
    """A parameter of the pipeline of this type."""
    for spec in b.ir["root"].get("inputDefinitions", {}).get("parameters", {}).values():
        if spec.get("parameterType") == kind:
            found: dict[str, Any] = spec
            return found
    raise Absent(kind)


@faults("semantics", 431)
def default_of_a_boolean_in_quotes(b: Seeded) -> None:
    _declared(b, "BOOLEAN")["defaultValue"] = "true"


@faults("semantics", 431)
def default_of_an_integer_with_a_fraction(b: Seeded) -> None:
    _declared(b, "NUMBER_INTEGER")["defaultValue"] = 5.5


@faults("semantics", 431)
def default_of_a_number_in_quotes(b: Seeded) -> None:
    _declared(b, "NUMBER_DOUBLE")["defaultValue"] = "0.8"


@faults("semantics", 431)
def default_of_a_list_in_quotes(b: Seeded) -> None:
    _declared(b, "LIST")["defaultValue"] = "eu,us"


@faults("semantics", 431)
def default_of_a_text_without_quotes(b: Seeded) -> None:
    _declared(b, "STRING")["defaultValue"] = 4711


def _constant(b: Seeded) -> tuple[dict[str, Any], str]:
    for _, _, task in b.tasks():
        declared = b.component(task).get("inputDefinitions", {}).get("parameters", {})
        for name, given in task.get("inputs", {}).get("parameters", {}).items():
            if "runtimeValue" in given:
                return given["runtimeValue"], declared[name]["parameterType"]
    raise Absent


@faults("semantics", 431)
def constant_of_another_type(b: Seeded) -> None:
    value, kind = _constant(b)
    value["constant"] = {"a": 1} if kind != "STRUCT" else [1]


@faults("semantics", 431)
def constant_that_is_a_number_where_text_is_declared(b: Seeded) -> None:
    value, kind = _constant(b)
    value["constant"] = 5 if kind == "STRING" else "five"


@faults("semantics", 434)
def constant_with_an_unknown_fact(b: Seeded) -> None:
    value, _ = _constant(b)
    value["constant"] = "{{$.pipeline_job_uid}}"


@faults("semantics", 434)
def constant_with_a_channel_left_over(b: Seeded) -> None:
    value, _ = _constant(b)
    value["constant"] = "{{channel:task=evaluation;name=passed;type=Boolean;}}"


@faults("semantics", 431)
def number_passed_where_text_is_declared(b: Seeded) -> None:
    for _, _, task in b.tasks():
        if "componentInputParameter" in str(task.get("inputs", {}).get("parameters", {})):
            component = b.component(task)
            for spec in component["inputDefinitions"]["parameters"].values():
                spec["parameterType"] = "STRUCT" if spec["parameterType"] != "STRUCT" else "BOOLEAN"
            return
    raise Absent


@faults("semantics", 431)
def model_passed_where_a_dataset_is_declared(b: Seeded) -> None:
    for component in b.ir["components"].values():
        for spec in component.get("inputDefinitions", {}).get("artifacts", {}).values():
            title = spec["artifactType"]["schemaTitle"]
            if title != "system.Artifact":
                spec["artifactType"]["schemaTitle"] = "system.Model" if title != "system.Model" else "system.Dataset"
                return
    raise Absent


@faults("semantics", 433)
def artifact_type_that_is_none(b: Seeded) -> None:
    holder, key = place([b.ir], "components.*.outputDefinitions.artifacts.*.artifactType.schemaTitle")
    holder[key] = "system.Modell"


@faults("semantics", 431)
def list_of_artifacts_passed_as_one(b: Seeded) -> None:
    holder, key = place([b.ir], "components.*.inputDefinitions.artifacts.*.isArtifactList")
    del holder[key]


@faults("semantics", 431)
def one_artifact_passed_as_a_list(b: Seeded) -> None:
    for component in b.ir["components"].values():
        for spec in component.get("inputDefinitions", {}).get("artifacts", {}).values():
            if "executorLabel" in component and not spec.get("isArtifactList"):
                spec["isArtifactList"] = True
                return
    raise Absent


@faults("semantics", 431)
def collected_outputs_that_are_no_list(b: Seeded) -> None:
    for component in b.ir["components"].values():
        for spec in component.get("outputDefinitions", {}).get("artifacts", {}).values():
            if spec.get("isArtifactList") and "dag" in component:
                del spec["isArtifactList"]
                return
    raise Absent


@faults("semantics", 433, 431)
def items_that_are_no_json(b: Seeded) -> None:
    holder, key = place([b.ir], "parameterIterator.items.raw")
    holder[key] = holder[key][:-1]


@faults("semantics", 431, 433)
def items_that_are_no_list(b: Seeded) -> None:
    holder, key = place([b.ir], "parameterIterator.items.raw")
    holder[key] = '{"a": 1}'


@faults("semantics", 431)
def items_of_another_type(b: Seeded) -> None:
    holder, key = place([b.ir], "parameterIterator.items.raw")
    holder[key] = "[1, true]"


@faults("semantics", 433)
def items_of_an_empty_list(b: Seeded) -> None:
    holder, key = place([b.ir], "parameterIterator.items.raw")
    holder[key] = "[]"


@faults("semantics", 431)
def items_of_a_parameter_that_is_no_list(b: Seeded) -> None:
    holder, key = place([b.ir], "parameterIterator.items.inputParameter")
    for component in b.ir["components"].values():
        declared = component.get("inputDefinitions", {}).get("parameters", {})
        if holder[key] in declared:
            declared[holder[key]]["parameterType"] = "NUMBER_INTEGER"


@faults("semantics", 433)
def policy_of_a_loop_that_has_no_items(b: Seeded) -> None:
    holder, _ = place([b.ir], "tasks.*.iteratorPolicy")
    del holder["parameterIterator"]


faults.retypes(
    "ir",
    [
        ("retryPolicy.maxRetryCount", -1),
        ("retryPolicy.backoffFactor", -2.0),
        ("retryPolicy.backoffDuration", "-10s"),
        ("retryPolicy.backoffMaxDuration", "1s"),
        ("iteratorPolicy.parallelismLimit", -1),
        ("resources.cpuLimit", -4.0),
        ("resources.resourceCpuLimit", "0"),
        ("resources.resourceMemoryRequest", "64G"),
        ("resources.resourceCpuRequest", "64"),
        ("accelerator.resourceCount", "0"),
        ("accelerator.resourceCount", "-1"),
        ("/schemaVersion", "3.0.0"),
        ("/pipelineInfo.name", "Schedule Adherence"),
        ("/pipelineInfo.name", "schedule_adherence"),
        ("/pipelineInfo.name", "schedule-adherence\n"),
        ("/pipelineInfo.name", "s" * 200),
        ("/defaultPipelineRoot", "acme-ml/schedule-adherence"),
        ("container.image", "Python:3.11@@"),
        ("container.image", ""),
        ("container.command", []),
    ],
    *(433, 437, 432),
    kind="semantics",
)
faults.retypes(
    "ir",
    [
        ("container.image", lambda image: image.split("@")[0] + ":latest"),
        ("container.image", lambda image: image.split("@")[0]),
        ("container.image", "registry.example.com/ml/schedule-adherence@sha256:3f3f"),
    ],
    *(445, 433),
    kind="semantics",
)


@faults("semantics", 433)
def environment_with_a_bad_name(b: Seeded) -> None:
    holder, key = place([b.ir], "container.env.[].name")
    holder[key] = "MLOPSGEN STEP="


@faults("semantics", 436)
def environment_with_a_name_twice(b: Seeded) -> None:
    holder, key = place([b.ir], "container.env")
    holder[key].append(dict(holder[key][0]))


@faults("semantics", 433)
def password_in_the_environment(b: Seeded) -> None:
    holder, key = place([b.ir], "container.env.[].value")
    holder[key] = "AKIA" + "IOSFODNN7ABCDEFG"


@faults("semantics", 439)
def placeholder_that_stays_open(b: Seeded) -> None:
    _exchange(b, "']", "'")


@faults("semantics", 439)
def concatenation_that_is_no_json(b: Seeded) -> None:
    holder, i, text = _argument(b, '{"Concat"')
    holder[i] = text[:-2]


@faults("semantics", 439, 433)
def concatenation_of_another_shape(b: Seeded) -> None:
    holder, i, text = _argument(b, '{"Concat"')
    holder[i] = text.replace('"Concat"', '"Join"')


@faults("semantics", 439, 433)
def condition_without_what_then(b: Seeded) -> None:
    holder, i, text = _argument(b, '"IfPresent"')
    holder[i] = text.replace('"Then"', '"Than"')


@faults("semantics", 433, 434)
def placeholder_of_an_unknown_property(b: Seeded) -> None:
    _exchange(b, "].path}}", "].pfad}}")


@faults("semantics", 433, 434)
def placeholder_of_an_unknown_place(b: Seeded) -> None:
    _exchange(b, "].output_file}}", "].file}}")


@faults("semantics", 434)
def dollar_brackets_that_name_no_variable(b: Seeded) -> None:
    b.containers()[0]["args"].append("--who=$(WHOEVER)")


@faults("semantics", 433, 432)
def exit_handler_that_runs_only_after_success(b: Seeded) -> None:
    holder, _ = place([b.ir], "tasks.*.triggerPolicy.strategy")
    holder.clear()


@faults("semantics", 433)
def exit_handler_that_others_wait_for(b: Seeded) -> None:
    holder, _ = place([b.ir], "tasks.*.triggerPolicy.strategy")
    for beside, name, task in b.tasks():
        if task.get("triggerPolicy") is holder:
            other = next(n for n in beside if n != name)
            beside[other].setdefault("dependentTasks", []).append(name)
            task["dependentTasks"] = []
            for key, given in list(task.get("inputs", {}).get("parameters", {}).items()):
                if "taskFinalStatus" in given:
                    del task["inputs"]["parameters"][key]
            return


@faults("semantics", 433)
def exit_handler_inside_a_branch(b: Seeded) -> None:
    for beside, name, task in b.tasks():
        if task.get("triggerPolicy", {}).get("strategy"):
            inner = next(c for c in b.ir["components"].values() if "dag" in c)
            moved = beside.pop(name)
            moved["dependentTasks"] = [next(iter(inner["dag"]["tasks"]))]
            moved["inputs"] = {"parameters": {"note": {"runtimeValue": {"constant": "x"}}}}
            inner["dag"]["tasks"][name] = moved
            return
    raise Absent


@faults("semantics", 431, 433)
def final_status_read_as_text(b: Seeded) -> None:
    for component in b.ir["components"].values():
        for spec in component.get("inputDefinitions", {}).get("parameters", {}).values():
            if spec.get("parameterType") == "TASK_FINAL_STATUS":
                spec["parameterType"] = "NUMBER_INTEGER"
                return
    raise Absent


@faults("semantics", 433)
def executor_and_dag_at_once(b: Seeded) -> None:
    component = next(c for c in b.ir["components"].values() if "dag" in c)
    component["executorLabel"] = next(iter(b.ir["deploymentSpec"]["executors"]))


@faults("semantics", 433)
def container_and_importer_at_once(b: Seeded) -> None:
    executors = list(b.ir["deploymentSpec"]["executors"].values())
    importer = next((e for e in executors if "importer" in e), None)
    if importer is None:
        raise Absent
    importer["container"] = next(e["container"] for e in executors if "container" in e)


@faults("semantics", 433)
def two_sources_of_one_input(b: Seeded) -> None:
    holder, _ = place([b.ir], "tasks.*.inputs.parameters.*.componentInputParameter")
    holder["runtimeValue"] = {"constant": "x"}


@faults("semantics", 433)
def outside_parameter_with_a_dash_and_a_dot(b: Seeded) -> None:
    declared = b.ir["root"]["inputDefinitions"]["parameters"]
    declared["1 bad name"] = {"parameterType": "STRING", "isOptional": True, "defaultValue": "x"}


@faults("semantics", 442)
def container_asks_for_root(b: Seeded) -> None:
    b.files["image/Dockerfile"] += "\nUSER root\n"
