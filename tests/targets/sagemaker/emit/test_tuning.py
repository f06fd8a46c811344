"""Searches: what SageMaker proposes, and how a trial is started without a command line."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mlopsgen.plan.steps import Choice, Interval, Retries, RunParameter
from mlopsgen.runtime.parameters import parameters_from
from mlopsgen.runtime.platforms.sagemaker import command_from_hyperparameters
from mlopsgen.spec.values import Ref
from tests.targets.sagemaker.emit.plans import (
    PARAMETERS,
    REMOTE,
    codes,
    definition,
    evaluate,
    findings,
    inputs,
    outputs,
    plan,
    prepare,
    register,
    run,
    script,
    step,
    tune,
    values,
)


def searched(**more: Any) -> Any:
    return step(definition(plan(prepare(), tune(**more))), "training")["Arguments"]


def test_the_axes_become_ranges() -> None:
    ranges = searched()["HyperParameterTuningJobConfig"]["ParameterRanges"]
    assert ranges["CategoricalParameterRanges"] == [{"Name": "classifier", "Values": ["logistic", "forest"]}]
    assert ranges["IntegerParameterRanges"] == [
        {"Name": "depth", "MinValue": "2", "MaxValue": "12", "ScalingType": "Linear"}
    ]
    assert ranges["ContinuousParameterRanges"] == [
        {"Name": "c", "MinValue": "0.001", "MaxValue": "10.0", "ScalingType": "Logarithmic"}
    ]


def test_a_grid_tries_every_point() -> None:
    axes = (
        Choice("loss", ("a", "b"), ()),
        Interval("c", 0.1, 10.0, False, "log", 3, ()),
        Interval("depth", 2, 4, True, "linear", None, ()),
    )
    config = searched(strategy="grid", axes=axes, trials=18, seed=7)["HyperParameterTuningJobConfig"]
    assert config["Strategy"] == "Grid"
    assert {r["Name"]: r["Values"] for r in config["ParameterRanges"]["CategoricalParameterRanges"]} == {
        "loss": ["a", "b"],
        "c": ["0.1", "1.0", "10.0"],
        "depth": ["2", "3", "4"],
    }
    assert config["ResourceLimits"] == {"MaxParallelTrainingJobs": 3}
    assert "RandomSeed" not in config


def test_a_grid_cannot_try_some_of_its_points() -> None:
    axes = (Choice("loss", ("a", "b"), ()),)
    assert codes(plan(prepare(), tune(strategy="grid", axes=axes, trials=1))) == ["MG301"]
    assert codes(plan(prepare(), tune(strategy="grid", axes=axes, trials=Ref("folds")))) == ["MG301"]


def test_a_search_has_as_many_different_trials_as_it_tries() -> None:
    """CreateHyperParameterTuningJob: "You don't have enough combinations of hyperparameter ranges" (the issues 123 of
    aws/amazon-sagemaker-operator-for-k8s and 415 of syne-tune/syne-tune): choices and whole numbers are counted."""
    axes = (Choice("loss", ("a", "b"), ()), Interval("depth", 2, 4, True, "linear", None, ()))
    assert codes(plan(prepare(), tune(axes=axes, trials=6))) == []
    (found,) = findings(plan(prepare(), tune(axes=axes, trials=7)))
    assert (found.code, found.spec_path) == ("MG301", ("training", "tuning", "trials"))
    more = (*axes, Interval("c", 0.1, 1.0, False, "linear", None, ()))
    assert codes(plan(prepare(), tune(axes=more, trials=7))) == []
    few = (Choice("loss", ("a", "b"), ()),)
    assert codes(plan(prepare(), tune(axes=few, trials=Ref("folds")))) == ["MG301"], "5 by default"


def test_ends_of_a_search() -> None:
    config = searched(strategy="bayesian", stop_at=0.95, search_timeout=3600, early_stopping=True, seed=7)
    config = config["HyperParameterTuningJobConfig"]
    assert config["TuningJobCompletionCriteria"] == {"TargetObjectiveMetricValue": 0.95}
    assert config["ResourceLimits"]["MaxRuntimeInSeconds"] == 3600
    assert config["TrainingJobEarlyStoppingType"] == "Auto"
    assert config["RandomSeed"] == 7
    assert codes(plan(prepare(), tune(max_failures=2))) == ["MG301"]
    assert codes(plan(prepare(), tune(search_timeout=60))) == ["MG306"]


def test_trials_and_parallel_may_be_run_parameters() -> None:
    limits = searched(trials=Ref("folds"), parallel=Ref("folds"))["HyperParameterTuningJobConfig"]["ResourceLimits"]
    reference = {"Get": "Parameters.folds"}
    assert limits == {"MaxNumberOfTrainingJobs": reference, "MaxParallelTrainingJobs": reference}


def test_hyperband_needs_to_know_how_long_a_trial_may_go() -> None:
    assert codes(plan(prepare(), tune(strategy="hyperband"))) == ["MG301"]
    argv = script("t.py", inputs(train="prepare.train"), outputs("model", "metrics"), "epochs", "c")
    axes = (Interval("c", 0.1, 1.0, False, "linear", None, ()),)
    found = searched(strategy="hyperband", argv=argv, params=values(epochs=30), axes=axes)
    config = found["HyperParameterTuningJobConfig"]
    assert config["StrategyConfig"] == {"HyperbandStrategyConfig": {"MinResource": 1, "MaxResource": 30}}
    assert found["TrainingJobDefinition"]["StaticHyperParameters"]["epochs"] == "30"


def test_the_objective_is_read_from_what_a_trial_prints() -> None:
    found = searched()
    objective = found["HyperParameterTuningJobConfig"]["HyperParameterTuningJobObjective"]
    assert objective == {"Type": "Maximize", "MetricName": "accuracy"}
    metrics = found["TrainingJobDefinition"]["AlgorithmSpecification"]["MetricDefinitions"]
    assert [m["Name"] for m in metrics] == ["accuracy"]


def trial(static: dict[str, Any], proposed: dict[str, str], base: Path) -> list[str]:
    """The command that a trial ends up running, through the runtime's own reading of the file."""
    given = {name: value if isinstance(value, str) else "5" for name, value in static.items()} | proposed
    folder = base / "input" / "config"
    folder.mkdir(parents=True)
    (folder / "hyperparameters.json").write_text(json.dumps(given))
    argv = list(command_from_hyperparameters(base))
    assert argv[0] == "step"
    declared = [word.removeprefix("--param=") for word in argv if word.startswith("--param=")]
    command = argv[argv.index("--") + 1 :]
    return command + parameters_from(folder / "hyperparameters.json", declared)


def test_a_trial_runs_the_script_as_any_other_step_would(tmp_path: Path) -> None:
    static = searched()["TrainingJobDefinition"]["StaticHyperParameters"]
    command = trial(static, {"classifier": "forest", "depth": "4.0", "c": "0.01"}, tmp_path)
    assert command == [
        "python",
        "/opt/app/train.py",
        "--train=/opt/ml/input/data/train",
        "--model=/opt/ml/model",
        "--metrics=/opt/ml/output/data/metrics",
        "--folds=5",
        "--classifier=forest",
        "--depth=4",
        "--c=0.01",
    ]


@pytest.mark.parametrize("hostile", ['"]', "${x}", '{"Get": "Parameters.folds"}', "é\u2028", "x" * 2400, "a\nb"])
def test_a_params_text_reaches_a_trial_as_it_was_written(hostile: str, tmp_path: Path) -> None:
    argv = script("t.py", inputs(train="prepare.train"), outputs("model", "metrics"), "name", "classifier")
    axes = (Choice("classifier", ("a", "b"), ()),)
    given = tune(argv=argv, params=values(name=hostile), axes=axes)
    static = step(definition(plan(prepare(), given)), "training")["Arguments"]["TrainingJobDefinition"]
    command = trial(static["StaticHyperParameters"], {"classifier": "a"}, tmp_path)
    assert f"--name={hostile}" in command


def test_a_long_command_goes_on_in_further_hyperparameters(tmp_path: Path) -> None:
    ports = tuple(f"port_{n}_{'x' * 40}" for n in range(18))
    argv = script("t.py", inputs(train="prepare.train"), outputs("model", "metrics", *ports), "classifier")
    axes = (Choice("classifier", ("a", "b"), ()),)
    given = tune(argv=argv, outputs=outputs("model", "metrics", *ports), axes=axes, params=())
    static = step(definition(plan(prepare(), given)), "training")["Arguments"]["TrainingJobDefinition"]
    pieces = static["StaticHyperParameters"]
    assert set(pieces) == {"mlopsgen_command", "mlopsgen_command_2"}
    assert all(len(piece) <= 2500 for piece in pieces.values())
    assert f"--{ports[-1]}=/opt/ml/output/data/{ports[-1]}" in trial(pieces, {"classifier": "b"}, tmp_path)


def test_the_best_trials_files_are_found_by_its_name() -> None:
    found = step(definition(plan(prepare(), tune(), evaluate(), register())), "evaluation")["Arguments"]
    model = found["ProcessingInputs"][0]["S3Input"]["S3Uri"]["Std:Join"]
    assert model["On"] == "/"
    assert model["Values"] == [
        {"Get": "Steps.training.TrainingJobDefinition.OutputDataConfig.S3OutputPath"},
        {"Get": "Steps.training.BestTrainingJob.TrainingJobName"},
        "output/model.tar.gz",
    ]


def test_a_refit_trains_on_all_rows_with_the_best_params() -> None:
    reads = inputs(train="prepare.train", validation="prepare.validation")
    argv = script("train.py", reads, outputs("model", "metrics"), "folds", "classifier")
    axes = (Choice("classifier", ("a", "b"), ()),)
    split = prepare(outputs=outputs("train", "validation", "test"))
    given = plan(split, tune(inputs=reads, argv=argv, axes=axes, refit=True), evaluate(), register())
    document = definition(given)
    command = step(document, "training-refit")["Arguments"]["AlgorithmSpecification"]["ContainerArguments"]
    merged = "--merge=/opt/ml/mlopsgen/train=/opt/ml/input/data/train,/opt/ml/input/data/validation"
    assert merged in command
    assert "--train=/opt/ml/mlopsgen/train" in command
    assert not any(isinstance(word, str) and word.startswith("--validation=") for word in command)
    best = {"Get": "Steps.training.BestTrainingJob.TunedHyperParameters['classifier']"}
    assert command[-1]["Std:Join"]["Values"] == ["--classifier=", best]
    model = step(document, "evaluation")["Arguments"]["ProcessingInputs"][0]["S3Input"]["S3Uri"]
    assert model == {"Get": "Steps.training-refit.ModelArtifacts.S3ModelArtifacts"}


def test_a_refit_does_not_go_on_from_a_trials_checkpoints() -> None:
    document = definition(plan(prepare(), tune(refit=True, resources=replace(tune().resources, spot=True))))
    trial = step(document, "training")["Arguments"]["TrainingJobDefinition"]
    refit = step(document, "training-refit")["Arguments"]
    places = [job["CheckpointConfig"]["S3Uri"]["Std:Join"]["Values"][-1] for job in (trial, refit)]
    assert places == ["training", "training-refit"]


def test_retries_of_a_search_reach_its_trials() -> None:
    document = definition(plan(prepare(), tune(retries=Retries(3, 60), refit=True)))
    search, refit = step(document, "training"), step(document, "training-refit")
    assert search["Arguments"]["TrainingJobDefinition"]["RetryStrategy"] == {"MaximumRetryAttempts": 3}
    # No policy of the step would ever be used for it (AWS: pipelines-retry-policy).
    assert all("SageMaker.JOB_INTERNAL_ERROR" not in p["ExceptionType"] for p in search["RetryPolicies"])
    assert any("SageMaker.JOB_INTERNAL_ERROR" in p["ExceptionType"] for p in refit["RetryPolicies"])
    (late,) = [d for d in findings(plan(prepare(retries=Retries(1, 86400)))) if d.code == "MG306"]
    assert (late.hint, late.spec_path[-1]) == ("`backoff: 12h`", "backoff")


def test_a_search_on_new_data_is_not_answered_from_the_cache() -> None:
    def keys(version: str, **more: Any) -> Any:
        """What the cache of a Tuning step compares (AWS: pipelines-default-keys)."""
        source = replace(REMOTE, version=version)
        found = step(definition(plan(tune(inputs=inputs(train="data.source"), **more), sources=(source,))), "training")
        assert found["CacheConfig"]["Enabled"] is True
        trial = found["Arguments"]["TrainingJobDefinition"]
        compared = ("AlgorithmSpecification", "InputDataConfig", "StaticHyperParameters")
        return found["Arguments"]["HyperParameterTuningJobConfig"], *(trial[part] for part in compared)

    assert keys("2026-11") == keys("2026-11")
    assert keys("2026-11") != keys("2026-12")
    assert keys("2026-11") != keys("2026-11", env=(("DEPTH", "9"),))


def test_what_waits_for_a_search_waits_for_its_refit() -> None:
    document = definition(plan(prepare(), tune(refit=True), run("later", after=("training",))))
    assert step(document, "later")["DependsOn"] == ["training-refit"]


def test_limits_of_a_search() -> None:
    axes = (Choice("x", tuple(range(31)), ()),)
    argv = script("t.py", (), (), "x")
    assert codes(plan(tune(axes=axes, argv=argv, inputs=()))) == ["MG306"]


def test_a_param_that_would_be_read_as_a_reference_is_refused() -> None:
    argv = script("t.py", (), outputs("model", "metrics"), "Get", "classifier")
    axes = (Choice("classifier", ("a",), ()),)
    given = tune(argv=argv, inputs=(), params=values(Get="Parameters.folds"), axes=axes, trials=1)
    assert codes(plan(given)) == ["MG308"]


def test_an_optional_list_and_a_boolean_keep_their_types(tmp_path: Path) -> None:
    names = ("sizes", "fast", "classifier")
    argv = script("t.py", (), outputs("model", "metrics"), *names)
    given = tune(
        argv=argv, inputs=(), params=values(sizes=(1, 2), fast=True), axes=(Choice("classifier", (True, False), ()),)
    )
    sizes = RunParameter(name="sizes", type="list", required=False, default=(1, 2))
    document = definition(plan(given, parameters=(*PARAMETERS, sizes)))
    static = step(document, "training")["Arguments"]["TrainingJobDefinition"]["StaticHyperParameters"]
    command = trial(static, {"classifier": "true"}, tmp_path)
    assert command[-3:] == ["--sizes=[1, 2]", "--fast=true", "--classifier=true"]


def test_findings_of_a_search_point_to_its_fields() -> None:
    (found,) = findings(plan(prepare(), tune(max_failures=2)))
    assert found.spec_path == ("training", "tuning", "max_failures")
