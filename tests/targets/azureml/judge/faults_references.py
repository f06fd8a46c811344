"""Faults in what names what: bindings, components, environments, data, compute, cycles, expressions."""

from __future__ import annotations

from .seed import Absent, Doc, Faults, Seeded, at, leaves, put

faults = Faults()


@faults("dangle", 434)
def unknown_step(b: Seeded) -> None:
    inputs, key = b.binding("parent.jobs.")
    inputs[key] = inputs[key].replace("parent.jobs.", "parent.jobs.x")


@faults("dangle", 434)
def unknown_output(b: Seeded) -> None:
    inputs, key = b.binding("parent.jobs.")
    inputs[key] = inputs[key].replace("}}", "x}}")


@faults("dangle", 434)
def unknown_pipeline_input(b: Seeded) -> None:
    inputs, key = b.binding("parent.inputs.")
    inputs[key] = inputs[key].replace("}}", "x}}")


@faults("dangle", 434)
def unknown_pipeline_output(b: Seeded) -> None:
    for step in b.jobs.values():
        for key, value in step.get("outputs", {}).items():
            if isinstance(value, str):
                step["outputs"][key] = value.replace("}}", "x}}")
                return
    raise Absent


@faults("dangle", 434)
def renamed_step_still_read(b: Seeded) -> None:
    inputs, key = b.binding("parent.jobs.")
    name = inputs[key].split(".")[2]
    b.jobs["other"] = b.jobs.pop(name)


@faults("dangle", 434)
def pipeline_input_taken_away(b: Seeded) -> None:
    inputs, key = b.binding("parent.inputs.")
    b.pipeline["inputs"].pop(inputs[key].split(".")[2].rstrip("} "))


@faults("dangle", 434)
def reads_an_input_of_another_step(b: Seeded) -> None:
    inputs, key = b.binding("parent.jobs.")
    inputs[key] = inputs[key].replace(".outputs.", ".inputs.nobody_")


@faults("dangle", 434, 439)
def reads_metrics_of_a_step(b: Seeded) -> None:
    inputs, key = b.binding("parent.jobs.")
    inputs[key] = inputs[key].replace(".outputs.", ".metrics.")


@faults("dangle", 434, 439)
def binding_without_parent(b: Seeded) -> None:
    inputs, key = b.binding("parent.jobs.")
    inputs[key] = inputs[key].replace("parent.", "")


@faults("dangle", 439)
def binding_that_does_not_end(b: Seeded) -> None:
    inputs, key = b.binding("parent.jobs.")
    inputs[key] = inputs[key].replace("}}", "}")


@faults("dangle", 434, 439)
def binding_with_one_brace(b: Seeded) -> None:
    inputs, key = b.binding("parent.inputs.")
    inputs[key] = inputs[key].replace("${{", "${").replace("}}", "}")


@faults("dangle", 439)
def binding_inside_a_text(b: Seeded) -> None:
    inputs, key = b.binding("parent.jobs.")
    inputs[key] = inputs[key] + "/part"


@faults("dangle", 439, 434)
def template_expression_of_the_delivery_pipeline(b: Seeded) -> None:
    inputs, key = b.binding("parent.inputs.")
    inputs[key] = "${{ parameters.folds }}"


@faults("dangle", 439, 434)
def binding_in_a_tag(b: Seeded) -> None:
    b.pipeline["tags"] = {"folds": "${{parent.inputs.folds}}"}


@faults("dangle", 434)
def component_of_another_version_than_is_made_here(b: Seeded) -> None:
    step = b.step("command", "component")
    step["component"] = f"azureml:{b.component_of(step)['name']}:9"


@faults("dangle", 434)
def component_file_that_is_not_there(b: Seeded) -> None:
    step = b.step("command", "component")
    step["component"] = step["component"].replace(".yml", "s.yml")


@faults("dangle", 434)
def trial_file_that_is_not_there(b: Seeded) -> None:
    step = b.step("sweep", "trial")
    step["trial"] = "./components/nobody.yml"


@faults("dangle", 434, 433, 409)
def component_outside_the_bundle(b: Seeded) -> None:
    b.step("command", "component")["component"] = "../../elsewhere/prepare.yml"


@faults("dangle", 433, 434)
def component_that_is_a_data_asset(b: Seeded) -> None:
    name = b.all("data")[0][0]
    b.step("command", "component")["component"] = f"./{name}"


@faults("dangle", 430, 433)
def sweep_named_as_a_command(b: Seeded) -> None:
    b.step("sweep")["type"] = "command"


@faults("dangle", 432, 433, 430)
def trial_as_component(b: Seeded) -> None:
    step = b.step("sweep")
    step["component"] = step.pop("trial")


@faults("dangle", 434)
def environment_that_nobody_makes(b: Seeded) -> None:
    environment = b.one("commandComponent", "environment")
    b.all("commandComponent")[0][1]["environment"] = environment.rsplit(":", 1)[0] + "x:2"


@faults("dangle", 434)
def environment_of_another_version(b: Seeded) -> None:
    _, component = b.all("commandComponent")[0]
    name = at(component, "environment").rsplit(":", 1)[0]
    component["environment"] = f"{name}:99"


@faults("dangle", 434)
def data_that_nobody_makes(b: Seeded) -> None:
    found = _data_input(b)
    found["path"] = "azureml:nobody-knows:1"


@faults("dangle", 434)
def data_of_another_version(b: Seeded) -> None:
    found = _data_input(b)
    found["path"] = found["path"].rsplit(":", 1)[0] + ":99"


def _data_input(b: Seeded) -> Doc:
    for found in b.pipeline["inputs"].values():
        entry: Doc = found if isinstance(found, dict) else {}
        path = str(entry.get("path", ""))
        if path.startswith("azureml:") and not path.startswith("azureml://"):
            return entry
    raise Absent


@faults("dangle", 434)
def compute_that_nobody_makes(b: Seeded) -> None:
    put(at(b.pipeline, "settings"), "default_compute", "azureml:cpu-clusters")


@faults("dangle", 434)
def compute_of_a_step_that_nobody_makes(b: Seeded) -> None:
    b.any_step("compute")["compute"] = "azureml:gpu"


@faults("dangle", 433)
def compute_without_azureml(b: Seeded) -> None:
    put(at(b.pipeline, "settings"), "default_compute", "cpu-cluster")


@faults("dangle", 433)
def compute_of_a_step_without_azureml(b: Seeded) -> None:
    b.any_step("compute")["compute"] = "gpu-cluster"


@faults("dangle", 433, 434)
def environment_without_azureml(b: Seeded) -> None:
    _, component = b.all("commandComponent")[0]
    component["environment"] = at(component, "environment").removeprefix("azureml:")


@faults("dangle", 433, 445)
def environment_without_a_version(b: Seeded) -> None:
    _, component = b.all("commandComponent")[0]
    component["environment"] = at(component, "environment").rsplit(":", 1)[0]


@faults("dangle", 445)
def environment_of_the_latest_version(b: Seeded) -> None:
    _, component = b.all("commandComponent")[0]
    component["environment"] = at(component, "environment").rsplit(":", 1)[0] + "@latest"


@faults("dangle", 435)
def step_that_waits_for_itself(b: Seeded) -> None:
    for name, step in b.jobs.items():
        outputs = b.component_of(step).get("outputs", {})
        for key, value in step.get("inputs", {}).items():
            if str(value).startswith("${{parent.jobs.") and outputs:
                step["inputs"][key] = f"${{{{parent.jobs.{name}.outputs.{next(iter(outputs))}}}}}"
                return
    raise Absent


@faults("dangle", 435)
def steps_that_wait_for_each_other(b: Seeded) -> None:
    inputs, key = b.binding("parent.jobs.")
    early = inputs[key].split(".")[2]
    late = next(n for n, s in b.jobs.items() if s.get("inputs") is inputs)
    port = next(iter(b.component_of(b.jobs[late])["outputs"]))
    entry = next(k for k, v in b.component_of(b.jobs[early])["inputs"].items() if v["type"].startswith("uri"))
    b.jobs[early]["inputs"][entry] = f"${{{{parent.jobs.{late}.outputs.{port}}}}}"


@faults("retype", 431)
def folder_where_a_model_is_read(b: Seeded) -> None:
    _other_kind(b, "custom_model", "uri_folder")


@faults("retype", 431)
def model_where_a_file_is_read(b: Seeded) -> None:
    _other_kind(b, "uri_file", "custom_model", "uri_folder")


def _other_kind(b: Seeded, wanted: str, *others: str) -> None:
    made = {
        (name, port): declared["type"]
        for name, step in b.jobs.items()
        for port, declared in b.component_of(step).get("outputs", {}).items()
    }
    for step in b.jobs.values():
        for key, value in step.get("inputs", {}).items():
            declared = b.component_of(step)["inputs"].get(key, {})
            for (name, port), kind in made.items():
                early = list(b.jobs).index(name) < list(b.jobs.values()).index(step)
                if declared.get("type") == wanted and "parent.jobs" in str(value) and kind in others and early:
                    step["inputs"][key] = f"${{{{parent.jobs.{name}.outputs.{port}}}}}"
                    return
    raise Absent


@faults("retype", 431)
def text_input_where_a_number_is_read(b: Seeded) -> None:
    _bound_parameter(b, ("number", "integer"), "text")


@faults("retype", 431)
def fraction_where_a_whole_number_is_read(b: Seeded) -> None:
    _bound_parameter(b, ("integer",), 0.5)


@faults("retype", 431)
def number_where_a_yes_or_no_is_read(b: Seeded) -> None:
    _bound_parameter(b, ("boolean",), 3)


@faults("retype", 431)
def folder_where_a_number_is_read(b: Seeded) -> None:
    _bound_parameter(b, ("number", "integer"), {"type": "uri_folder", "path": "azureml://datastores/a/paths/b"})


def _bound_parameter(b: Seeded, kinds: tuple[str, ...], value: object) -> None:
    for step in b.jobs.values():
        for key, bound in step.get("inputs", {}).items():
            declared = b.component_of(step)["inputs"].get(key, {})
            if declared.get("type") in kinds and str(bound).startswith("${{parent.inputs."):
                b.pipeline["inputs"][bound.split(".")[2].rstrip("} ")] = value
                return
    raise Absent


@faults("retype", 431)
def output_where_a_number_is_read(b: Seeded) -> None:
    output, key = b.binding("parent.jobs.")
    for step in reversed(b.jobs.values()):
        for name, bound in step.get("inputs", {}).items():
            kind = b.component_of(step)["inputs"].get(name, {}).get("type")
            if kind in ("number", "integer", "string") and "parent.inputs" in str(bound):
                step["inputs"][name] = output[key]
                return
    raise Absent


@faults("retype", 431)
def parameter_where_a_folder_is_read(b: Seeded) -> None:
    simple = next((k for k, v in b.pipeline["inputs"].items() if not isinstance(v, dict)), None)
    inputs, key = b.binding("parent.jobs.")
    if simple is None:
        raise Absent
    inputs[key] = f"${{{{parent.inputs.{simple}}}}}"


@faults("semantics", 433)
def yes_instead_of_true(b: Seeded) -> None:
    for step in b.jobs.values():
        for key, declared in b.component_of(step).get("inputs", {}).items():
            if declared["type"] == "boolean" and key in step["inputs"]:
                step["inputs"][key] = "yes"
                return
    raise Absent


@faults("dangle", 434)
def pipeline_input_nobody_reads(b: Seeded) -> None:
    b.pipeline["inputs"]["forgotten"] = 1


@faults("dangle", 434)
def pipeline_output_nobody_writes(b: Seeded) -> None:
    b.pipeline.setdefault("outputs", {})["forgotten"] = {"type": "uri_folder", "mode": "rw_mount"}


@faults("dangle", 433, 434)
def schema_line_of_another_file(b: Seeded) -> None:
    put(b.all("commandComponent")[0][1], "$schema", _schema("pipelineJobs"))


@faults("dangle", 434, 433)
def schema_line_of_nothing(b: Seeded) -> None:
    put(b.pipeline, "$schema", _schema("pipeline"))


def _schema(name: str) -> str:
    return f"https://azuremlschemas.azureedge.net/latest/{name}.schema.json"


@faults("semantics", 439)
def host_expression_in_a_description(b: Seeded) -> None:
    put(b.pipeline, "description", "trains on ${{parent.inputs.source}")


@faults("dangle", 434)
def every_binding_misspelled(b: Seeded) -> None:
    for holder, key, text in leaves(b.jobs):
        if "${{parent.jobs." in text:
            holder[key] = text.replace("${{parent.jobs.", "${{parent.job.")
            return
    raise Absent
