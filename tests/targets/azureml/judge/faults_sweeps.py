"""Faults in sweeps: what is tried, how often, and what is looked for."""

from __future__ import annotations

from .seed import Absent, Doc, Faults, Seeded, drop, put, rename

faults = Faults()


def sweep(b: Seeded, *path: str | int) -> Doc:
    return b.step("sweep", *path)


def axis(b: Seeded, *kinds: str) -> Doc:
    for found in sweep(b, "search_space")["search_space"].values():
        if found.get("type") in kinds:
            entry: Doc = found
            return entry
    raise Absent(kinds)


@faults("rename", 430)
def typo_in_the_limits_of_a_sweep(b: Seeded) -> None:
    rename(sweep(b)["limits"], "max_concurrent_trials", "max_concurrent")


@faults("rename", 430)
def typo_in_a_sweep(b: Seeded) -> None:
    rename(sweep(b, "early_termination"), "early_termination", "early_stopping")


@faults("rename", 430)
def typo_in_the_objective(b: Seeded) -> None:
    rename(sweep(b)["objective"], "primary_metric", "metric")


@faults("rename", 430)
def typo_in_an_axis(b: Seeded) -> None:
    rename(axis(b, "uniform", "loguniform", "quniform"), "min_value", "min")


@faults("rename", 430)
def typo_in_the_early_termination(b: Seeded) -> None:
    found = sweep(b, "early_termination", "evaluation_interval")["early_termination"]
    rename(found, "evaluation_interval", "interval")


@faults("rename", 430)
def a_whole_number_axis_of_another_platform(b: Seeded) -> None:
    found = sweep(b)["search_space"]
    found[next(iter(found))] = {"type": "randint", "lower": 1, "upper": 9}


@faults("delete", 432)
def sweep_without_an_objective(b: Seeded) -> None:
    drop(sweep(b), "objective")


@faults("delete", 432)
def sweep_without_limits(b: Seeded) -> None:
    drop(sweep(b), "limits")


@faults("delete", 432)
def sweep_without_trials(b: Seeded) -> None:
    drop(sweep(b)["limits"], "max_total_trials")


@faults("delete", 432)
def sweep_without_a_trial(b: Seeded) -> None:
    drop(sweep(b), "trial")


@faults("delete", 432)
def sweep_without_a_search_space(b: Seeded) -> None:
    drop(sweep(b), "search_space")


@faults("delete", 432)
def sweep_without_an_algorithm(b: Seeded) -> None:
    drop(sweep(b), "sampling_algorithm")


@faults("delete", 432, 431, 433)
def choice_without_values(b: Seeded) -> None:
    drop(axis(b, "choice"), "values")


@faults("delete", 432)
def axis_without_its_end(b: Seeded) -> None:
    drop(axis(b, "uniform", "loguniform", "quniform"), "max_value")


@faults("delete", 432)
def steps_of_an_axis_missing(b: Seeded) -> None:
    drop(axis(b, "quniform"), "q")


@faults("delete", 432)
def bandit_without_any_slack(b: Seeded) -> None:
    found = sweep(b, "early_termination")["early_termination"]
    found.pop("slack_factor", None)
    found.pop("slack_amount", None)


@faults("retype", 431)
def values_of_a_choice_as_text(b: Seeded) -> None:
    put(axis(b, "choice"), "values", "logistic, forest")


@faults("retype", 431)
def trials_as_words(b: Seeded) -> None:
    put(sweep(b)["limits"], "max_total_trials", "a dozen")


@faults("retype", 431)
def search_space_as_a_list(b: Seeded) -> None:
    found = sweep(b)
    found["search_space"] = [{"name": k, **v} for k, v in found["search_space"].items()]


@faults("retype", 431)
def end_of_an_axis_as_text(b: Seeded) -> None:
    put(axis(b, "uniform", "loguniform", "quniform"), "max_value", "a lot")


@faults("semantics", 433)
def unknown_axis(b: Seeded) -> None:
    axis(b, "uniform", "loguniform", "quniform")["type"] = "log_uniform"


@faults("semantics", 433)
def unknown_algorithm(b: Seeded) -> None:
    sweep(b)["sampling_algorithm"] = "hyperband"


@faults("semantics", 433)
def unknown_goal(b: Seeded) -> None:
    sweep(b)["objective"]["goal"] = "higher"


@faults("semantics", 433)
def unknown_early_termination(b: Seeded) -> None:
    sweep(b, "early_termination")["early_termination"]["type"] = "hyperband"


@faults("semantics", 433)
def ends_of_an_axis_exchanged(b: Seeded) -> None:
    found = axis(b, "uniform", "loguniform", "quniform")
    found["min_value"], found["max_value"] = found["max_value"], found["min_value"]


@faults("semantics", 433)
def more_trials_at_once_than_at_all(b: Seeded) -> None:
    limits = sweep(b)["limits"]
    limits["max_concurrent_trials"] = int(limits["max_total_trials"]) + 1


@faults("semantics", 433)
def no_trials(b: Seeded) -> None:
    sweep(b)["limits"]["max_total_trials"] = 0


@faults("limits", 433, 437)
def too_many_trials(b: Seeded) -> None:
    sweep(b)["limits"]["max_total_trials"] = 1001


@faults("semantics", 433)
def one_trial_longer_than_all(b: Seeded) -> None:
    sweep(b)["limits"] |= {"timeout": 3600, "trial_timeout": 7200}


@faults("semantics", 433)
def grid_over_a_stretch(b: Seeded) -> None:
    found = sweep(b)
    found["sampling_algorithm"] = "grid"
    found["search_space"]["extra"] = {"type": "uniform", "min_value": 0, "max_value": 1}
    b.component_of(found)["inputs"]["extra"] = {"type": "number", "default": 1}
    b.component_of(found)["command"] += " --extra=${{inputs.extra}}"


@faults("semantics", 433)
def bayes_over_a_logarithm(b: Seeded) -> None:
    found = sweep(b)
    found["sampling_algorithm"] = "bayesian"
    found.pop("early_termination", None)
    found["search_space"]["extra"] = {"type": "loguniform", "min_value": 0, "max_value": 1}
    b.component_of(found)["inputs"]["extra"] = {"type": "number", "default": 1}
    b.component_of(found)["command"] += " --extra=${{inputs.extra}}"


@faults("semantics", 433)
def bayes_with_early_termination(b: Seeded) -> None:
    found = sweep(b)
    found["sampling_algorithm"] = "bayesian"
    found["early_termination"] = {"type": "median_stopping", "evaluation_interval": 1}
    found["search_space"] = {k: v for k, v in found["search_space"].items() if v["type"] == "choice"}
    for name in [n for n in b.component_of(found)["inputs"] if n not in found["search_space"]]:
        b.component_of(found)["inputs"][name].setdefault("default", 1)


@faults("dangle", 434)
def axis_that_the_trial_does_not_take(b: Seeded) -> None:
    found = sweep(b)["search_space"]
    name = next(iter(found))
    found[name + "_x"] = found.pop(name)


@faults("dangle", 433, 436)
def axis_that_is_given_too(b: Seeded) -> None:
    found = sweep(b)
    name = next(iter(found["search_space"]))
    found["inputs"][name] = found["search_space"][name].get("values", [1])[0]


@faults("semantics", 433, 431)
def value_that_the_trial_refuses(b: Seeded) -> None:
    found = sweep(b)
    for name, declared in b.component_of(found)["inputs"].items():
        if "enum" in declared and name in found["search_space"]:
            found["search_space"][name]["values"] = [*declared["enum"], "svc"]
            return
    raise Absent


@faults("semantics", 431)
def fractions_for_a_whole_number(b: Seeded) -> None:
    found = sweep(b)
    for name, declared in b.component_of(found)["inputs"].items():
        if declared.get("type") == "integer" and name in found["search_space"]:
            found["search_space"][name] = {"type": "uniform", "min_value": 0.5, "max_value": 1.5}
            return
    raise Absent


@faults("semantics", 433, 437)
def truncation_of_everything(b: Seeded) -> None:
    sweep(b)["early_termination"] = {"type": "truncation_selection", "truncation_percentage": 100}


@faults("semantics", 433, 439)
def choice_that_a_shell_splits(b: Seeded) -> None:
    found = sweep(b)
    for name, declared in b.component_of(found)["inputs"].items():
        if name in found["search_space"] and "values" in found["search_space"][name]:
            declared.pop("enum", None)
            found["search_space"][name]["values"] = ["logistic", "two words; id"]
            return
    raise Absent


@faults("semantics", 433)
def choice_with_one_value_twice(b: Seeded) -> None:
    found = axis(b, "choice")
    found["values"] = [found["values"][0], *found["values"]]
