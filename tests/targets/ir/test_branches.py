"""Branches, native keys and searches: what more than one task has to do with."""

from __future__ import annotations

from pathlib import Path

from mlopsgen.diagnostics import errors

from .spoken import EXTRA, has, lowered, named, tuning

BRANCHES = {
    "parameters": {"go": {"type": "boolean", "default": True}, "stay": {"type": "boolean", "default": True}},
    "steps": {
        "one": {**EXTRA, "when": "${parameters.go}"},
        "two": {**EXTRA, "when": "${parameters.stay}"},
        "both": {**EXTRA, "inputs": {"a": "one.page", "b": "two.page"}},
        "later": {**EXTRA, "after": ["one"]},
        "inside": {**EXTRA, "inputs": {"a": "both.page"}},
    },
}


def test_a_step_of_two_branches_has_both_around_it_and_what_it_reads_outside(tmp_path: Path) -> None:
    pipeline, found = lowered(tmp_path, BRANCHES)
    assert not errors(found), found
    root = pipeline["root"]["dag"]["tasks"]
    assert {"one", "two", "later"} <= set(root)
    assert root["later"]["dependentTasks"] == ["one"]
    said = named(pipeline)
    for name, parameter in (("one", "go"), ("two", "stay")):
        assert f"--when={{{{$.inputs.parameters['{parameter}']}}}}" in said[name]["executor"]["container"]["args"]
    assert not has(said["both"]["executor"], "--when=")
    around = [c for c in pipeline["components"].values() if "both" in c.get("dag", {}).get("tasks", {})]
    assert set(around[0]["inputDefinitions"]["parameters"]) == {"pipelinechannel--go", "pipelinechannel--stay"}
    assert "inside" in around[0]["dag"]["tasks"]


def test_native_keys_reach_the_task_and_the_executor(tmp_path: Path) -> None:
    keys = {"training": {"cachingOptions": {"cacheKey": "mine"}, "container": {"resources": {"cpuLimit": 2.0}}}}
    pipeline, found = lowered(tmp_path, {}, steps=keys)
    assert not errors(found)
    said = named(pipeline)["training"]
    assert said["task"]["cachingOptions"] == {"cacheKey": "mine", **said["task"]["cachingOptions"]}
    assert said["executor"]["container"]["resources"] == {"cpuLimit": 2.0}
    _, wrong = lowered(tmp_path, {}, steps={"trainin": {"cachingOptions": {}}})
    assert [one.code for one in errors(wrong)] == ["MG309"]
    assert "did you mean `training`" in str(errors(wrong)[0].hint)


def test_a_trial_keeps_its_params_and_the_best_ones_are_trained_again(tmp_path: Path) -> None:
    split = {"data": {"split": {"test": 0.2, "validation": 0.2}}}
    pipeline, _ = lowered(tmp_path, split | tuning(strategy="random", refit=True))
    tasks = named(pipeline)
    trial = tasks["training-trial"]["executor"]["container"]["args"]
    assert "--params={{$.inputs.parameters['trial-params']}}" in trial
    assert not any(word.startswith("--depth") for word in trial)
    again = tasks["training"]["executor"]["container"]["args"]
    assert "--train=/tmp/mlopsgen/train" in again
    assert not any(word.startswith("--validation") for word in again)
    judged = tasks["evaluation"]["task"]["inputs"]["artifacts"]["model"]["taskOutputArtifact"]
    assert judged == {"outputArtifactKey": "model", "producerTask": "training"}
