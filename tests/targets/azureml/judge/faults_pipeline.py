"""Faults in pipeline.yml itself: its keys, its steps, what they may say."""

from __future__ import annotations

from .seed import Faults, Seeded, at, drop, put, rename

faults = Faults()


@faults("rename", 430)
def typo_at_the_top(b: Seeded) -> None:
    rename(b.pipeline, "experiment_name", "experiment")


@faults("rename", 430)
def typo_in_the_settings(b: Seeded) -> None:
    rename(at(b.pipeline, "settings"), "default_compute", "default_computes")


@faults("rename", 430)
def typo_in_a_component_step(b: Seeded) -> None:
    b.step("command")["computes"] = "azureml:cpu-cluster"


@faults("rename", 430)
def typo_in_the_limits_of_a_step(b: Seeded) -> None:
    rename(b.step("command", "limits", "timeout")["limits"], "timeout", "timeouts")


@faults("rename", 430)
def typo_in_the_resources_of_a_step(b: Seeded) -> None:
    rename(b.any_step("resources", "instance_count")["resources"], "instance_count", "instances")


@faults("rename", 430)
def typo_in_the_distribution_of_a_step(b: Seeded) -> None:
    distribution = b.step("command", "distribution", "process_count_per_instance")["distribution"]
    rename(distribution, "process_count_per_instance", "processes_per_instance")


@faults("rename", 430)
def typo_in_a_pipeline_input(b: Seeded) -> None:
    rename(next(i for i in b.pipeline["inputs"].values() if isinstance(i, dict)), "path", "uri")


@faults("rename", 430)
def typo_in_the_output_of_a_step(b: Seeded) -> None:
    step = b.any_step("outputs")
    key = next(iter(step["outputs"]))
    step["outputs"][key] = {"type": "uri_folder", "modes": "upload"}


@faults("rename", 430)
def typo_in_a_pipeline_output(b: Seeded) -> None:
    rename(next(o for o in at(b.pipeline, "outputs").values() if isinstance(o, dict)), "mode", "modus")


@faults("rename", 430)
def typo_in_an_identity(b: Seeded) -> None:
    rename(b.any_step("identity", "client_id")["identity"], "client_id", "clientId")


@faults("rename", 430)
def camel_case_of_the_service(b: Seeded) -> None:
    rename(b.pipeline, "experiment_name", "experimentName")


@faults("rename", 430)
def environment_variables_by_their_short_name(b: Seeded) -> None:
    b.step("command")["env"] = {"A": "b"}


@faults("semantics", 433)
def token_in_a_variable_of_a_step(b: Seeded) -> None:
    b.step("command").setdefault("environment_variables", {})["HUB"] = "ghp_" + "a1B2" * 9


@faults("rename", 430)
def after_as_other_platforms_say_it(b: Seeded) -> None:
    b.last()["depends_on"] = [next(iter(b.jobs))]


@faults("rename", 430)
def retries_that_only_parallel_jobs_have(b: Seeded) -> None:
    b.step("command")["retry_settings"] = {"max_retries": 3}


@faults("rename", 430, 434)
def step_input_that_the_component_lacks(b: Seeded) -> None:
    inputs, key = b.binding("parent.jobs.")
    rename(inputs, key, key + "s")


@faults("rename", 430, 434)
def step_output_that_the_component_lacks(b: Seeded) -> None:
    step = b.any_step("outputs")
    key = next(iter(step["outputs"]))
    rename(step["outputs"], key, key + "_x")


@faults("delete", 432)
def no_jobs(b: Seeded) -> None:
    drop(b.pipeline, "jobs")


@faults("delete", 432, 433, 437)
def jobs_without_any(b: Seeded) -> None:
    put(b.pipeline, "jobs", {})


@faults("delete", 432)
def pipeline_without_type(b: Seeded) -> None:
    drop(b.pipeline, "type")


@faults("delete", 432)
def step_without_a_component(b: Seeded) -> None:
    drop(b.step("command", "component"), "component")


@faults("delete", 432)
def step_without_a_needed_input(b: Seeded) -> None:
    inputs, key = b.binding("parent.jobs.")
    drop(inputs, key)


@faults("delete", 432)
def step_without_a_needed_parameter(b: Seeded) -> None:
    for step in b.jobs.values():
        for key, value in step.get("inputs", {}).items():
            declared = b.component_of(step)["inputs"][key]
            if "parent.inputs." in str(value) and "default" not in declared and not declared.get("optional"):
                drop(step["inputs"], key)
                return
    drop(b.jobs, "nobody")


@faults("delete", 432, 441, by="azure-ai-ml")
def no_compute_anywhere(b: Seeded) -> None:
    drop(at(b.pipeline, "settings"), "default_compute")
    for step in b.jobs.values():
        step.pop("compute", None)
    b.pipeline.pop("compute", None)


@faults("delete", 432)
def pipeline_input_without_a_path(b: Seeded) -> None:
    drop(next(i for i in b.pipeline["inputs"].values() if isinstance(i, dict) and "path" in i), "path")


@faults("delete", 432)
def identity_without_type(b: Seeded) -> None:
    drop(b.any_step("identity", "type")["identity"], "type")


@faults("delete", 432)
def distribution_without_type(b: Seeded) -> None:
    drop(b.step("command", "distribution", "type")["distribution"], "type")


@faults("retype", 431)
def jobs_as_a_list(b: Seeded) -> None:
    put(b.pipeline, "jobs", [{"name": k, **v} for k, v in b.jobs.items()])


@faults("retype", 431)
def step_inputs_as_a_list(b: Seeded) -> None:
    inputs, _ = b.binding("parent.jobs.")
    step = next(s for s in b.jobs.values() if s.get("inputs") is inputs)
    put(step, "inputs", list(inputs))


@faults("retype", 431)
def settings_as_text(b: Seeded) -> None:
    put(b.pipeline, "settings", "default")


@faults("retype", 431)
def tags_as_a_list(b: Seeded) -> None:
    put(b.pipeline, "tags", ["a", "b"])


@faults("retype", 431)
def tag_that_is_a_number(b: Seeded) -> None:
    at(b.pipeline, "tags")["release"] = 4711


@faults("retype", 431)
def timeout_with_a_unit(b: Seeded) -> None:
    b.step("command", "limits", "timeout")["limits"]["timeout"] = "2h"


@faults("retype", 431)
def instance_count_as_words(b: Seeded) -> None:
    b.any_step("resources", "instance_count")["resources"]["instance_count"] = "two"


@faults("retype", 431)
def force_rerun_as_a_word(b: Seeded) -> None:
    put(at(b.pipeline, "settings"), "force_rerun", "never")


@faults("retype", 431)
def description_as_a_map(b: Seeded) -> None:
    put(b.pipeline, "description", {"en": "trains"})


@faults("retype", 431)
def a_list_where_a_step_input_stands(b: Seeded) -> None:
    inputs, key = b.binding("parent.inputs.")
    inputs[key] = ["a", "b"]


@faults("retype", 431)
def text_for_a_whole_number_input(b: Seeded) -> None:
    _literal(b, "integer", "many")


@faults("retype", 431)
def text_for_a_number_input(b: Seeded) -> None:
    _literal(b, "number", "much")


@faults("retype", 431)
def a_map_for_a_number_input(b: Seeded) -> None:
    _literal(b, "number", {"value": {"least": 1}})


def _literal(b: Seeded, kind: str, value: object) -> None:
    for step in b.jobs.values():
        for key, declared in b.component_of(step).get("inputs", {}).items():
            if declared.get("type") == kind and key in step.get("inputs", {}):
                step["inputs"][key] = value
                return
    drop(b.jobs, "nobody")


@faults("semantics", 433)
def unknown_step_type(b: Seeded) -> None:
    b.step("command")["type"] = "script"


@faults("semantics", 433)
def unknown_pipeline_type(b: Seeded) -> None:
    put(b.pipeline, "type", "pipelines")


@faults("semantics", 433)
def unknown_input_mode(b: Seeded) -> None:
    next(i for i in b.pipeline["inputs"].values() if isinstance(i, dict))["mode"] = "mount"


@faults("semantics", 433)
def input_mode_for_an_output(b: Seeded) -> None:
    next(o for o in at(b.pipeline, "outputs").values() if isinstance(o, dict))["mode"] = "ro_mount"


@faults("semantics", 433)
def unknown_input_type(b: Seeded) -> None:
    put(next(i for i in b.pipeline["inputs"].values() if isinstance(i, dict)), "type", "folder")


@faults("semantics", 433)
def unknown_distribution(b: Seeded) -> None:
    b.step("command", "distribution", "type")["distribution"]["type"] = "torchrun"


@faults("semantics", 433)
def unknown_identity(b: Seeded) -> None:
    b.any_step("identity", "type")["identity"]["type"] = "service_principal"


@faults("semantics", 433)
def number_below_the_components_least(b: Seeded) -> None:
    _outside(b, "min", -1)


@faults("semantics", 433)
def number_above_the_components_most(b: Seeded) -> None:
    _outside(b, "max", 1)


def _outside(b: Seeded, bound: str, by: int) -> None:
    for step in b.jobs.values():
        for key, declared in b.component_of(step).get("inputs", {}).items():
            if bound in declared and key in step.get("inputs", {}):
                step["inputs"][key] = declared[bound] + by
                return
    drop(b.jobs, "nobody")


@faults("limits", 433, 437)
def timeout_of_nothing(b: Seeded) -> None:
    b.step("command", "limits", "timeout")["limits"]["timeout"] = 0


@faults("limits", 433, 437)
def timeout_longer_than_the_service_lets(b: Seeded) -> None:
    b.step("command", "limits", "timeout")["limits"]["timeout"] = 31 * 24 * 3600


@faults("limits", 433, 437)
def no_instances(b: Seeded) -> None:
    b.any_step("resources", "instance_count")["resources"]["instance_count"] = 0


@faults("limits", 433)
def shared_memory_without_a_number(b: Seeded) -> None:
    b.any_step("resources", "shm_size")["resources"]["shm_size"] = "8 GiB"


@faults("limits", 433)
def step_name_with_a_hyphen(b: Seeded) -> None:
    step = b.last()
    name = list(b.jobs)[-1]
    b.jobs.pop(name)
    b.jobs["send-mail"] = step


@faults("limits", 433)
def step_name_with_capitals(b: Seeded) -> None:
    name = list(b.jobs)[-1]
    b.jobs["SendMail"] = b.jobs.pop(name)


@faults("limits", 433)
def step_name_that_starts_with_a_digit(b: Seeded) -> None:
    name = list(b.jobs)[-1]
    b.jobs["2nd"] = b.jobs.pop(name)


@faults("limits", 433)
def input_name_with_a_hyphen(b: Seeded) -> None:
    b.pipeline["inputs"]["max-depth"] = 3


@faults("limits", 437)
def display_name_too_long(b: Seeded) -> None:
    put(b.pipeline, "display_name", "s" * 257)


@faults("limits", 433, 437)
def experiment_name_with_blanks(b: Seeded) -> None:
    put(b.pipeline, "experiment_name", "schedule adherence!")


@faults("limits", 433, 437)
def experiment_name_too_long(b: Seeded) -> None:
    put(b.pipeline, "experiment_name", "s" * 257)


@faults("limits", 437)
def too_many_tags(b: Seeded) -> None:
    put(b.pipeline, "tags", {f"t{i}": "x" for i in range(51)})


@faults("semantics", 433)
def nodes_without_a_way_to_work_together(b: Seeded) -> None:
    step = b.step("command", "distribution")
    drop(step, "distribution")
    component = b.component_of(step)
    component.pop("distribution", None)


@faults("semantics", 433)
def more_nodes_than_the_cluster_has(b: Seeded) -> None:
    b.any_step("resources", "instance_count")["resources"]["instance_count"] = 99


@faults("semantics", 438)
def pipeline_is_no_yaml(b: Seeded) -> None:
    name = b.all("pipelineJob")[0][0]
    b.files[name] = "type: pipeline\njobs:\n  a: {type: command\n"


@faults("semantics", 436)
def step_given_twice(b: Seeded) -> None:
    name = b.all("pipelineJob")[0][0]
    step = "  a: {type: command, component: './a.yml'}\n"
    schema = b.pipeline["$schema"]
    b.files[name] = f"$schema: {schema}\ntype: pipeline\njobs:\n{step}{step}"
