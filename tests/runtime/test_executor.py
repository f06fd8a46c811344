"""A task of a pipeline: folders from its executor input, trials of a loop, numbers that are told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mlopsgen.runtime import step
from mlopsgen.runtime.executor import read_executor_input
from mlopsgen.runtime.problems import Failed, Usage

from .conftest import Run

WRITE = (
    "import json, pathlib, sys; given = dict(w[2:].split('=', 1) for w in sys.argv[1:]); "
    "seen = sorted(p.name for p in pathlib.Path(given['rows']).iterdir()); "
    "(pathlib.Path(given['metrics']) / 'metrics.json').write_text(json.dumps({'rows': len(seen), 'bad': 'x'})); "
    "print(given['rows'], seen)"
)


def artifact(path: Path, title: str = "system.Artifact") -> dict[str, Any]:
    return {"name": path.name, "uri": f"s3://b/{path.name}", "type": {"schemaTitle": title}, "customPath": str(path)}


def executor_input(root: Path, inputs: dict[str, list[Any]], outputs: dict[str, list[Any]]) -> str:
    listed = [{name: {"artifacts": several} for name, several in side.items()} for side in (inputs, outputs)]
    made = {"artifacts": listed[1], "outputFile": str(root / "told/executor_output.json")}
    return json.dumps({"inputs": {"artifacts": listed[0], "parameterValues": {}}, "outputs": made})


def test_a_script_finds_folders_whatever_the_store_keeps(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(step, "SPARE", tmp_path / "spare")
    (tmp_path / "rows.csv").write_text("a\n")
    rows, metrics = tmp_path / "rows.csv", tmp_path / "out/metrics"
    given = executor_input(tmp_path, {"rows": [artifact(rows)]}, {"metrics": [artifact(metrics, "system.Metrics")]})
    command = ("python", "-c", WRITE, f"--rows={rows}", f"--metrics={metrics}")
    done = run("step", "--executor-input", given, "--", *command)
    assert (done.code, done.err) == (0, "")
    told = json.loads((tmp_path / "told/executor_output.json").read_text())
    (one,) = told["artifacts"]["metrics"]["artifacts"]
    assert one == {"name": "metrics", "uri": "s3://b/metrics", "metadata": {"rows": 1.0}}
    assert (tmp_path / "spare/rows/rows.csv").read_text() == "a\n"


def test_an_input_that_holds_nothing_is_an_empty_folder(run: Run, tmp_path: Path) -> None:
    rows, metrics = tmp_path / "rows", tmp_path / "metrics"
    given = executor_input(tmp_path, {"rows": [artifact(rows)]}, {"metrics": [artifact(metrics)]})
    done = run("step", "--executor-input", given, "--", "python", "-c", WRITE, f"--rows={rows}", f"--metrics={metrics}")
    assert done.code == 0
    # What is no artifact of metrics has no numbers to tell.
    assert not (tmp_path / "told").exists()


def test_stores_are_folders_and_other_addresses_are_refused() -> None:
    said = {"outputs": {"artifacts": {n: {"artifacts": [{"uri": u}]} for n, u in (("a", "gs://b/x"), ("b", "s3://b"))}}}
    found = read_executor_input(json.dumps(said)).outputs
    assert [str(found[name][0].path) for name in ("a", "b")] == ["/gcs/b/x", "/s3/b"]
    with pytest.raises(Failed, match="ftp://b is no address"):
        read_executor_input('{"inputs": {"artifacts": {"a": {"artifacts": [{"uri": "ftp://b"}]}}}}')
    for wrong in ("{", "[]", '{"inputs": {"artifacts": {"a": {}}}}'):
        with pytest.raises(Usage, match="no executor input"):
            read_executor_input(wrong)


def test_the_trials_of_a_loop_are_collected_and_the_best_is_handed_on(run: Run, tmp_path: Path) -> None:
    inputs: dict[str, list[Any]] = {"model": [], "metrics": [], "trial-params": []}
    for number, accuracy in enumerate((0.5, None, 0.7)):
        for port, listed in inputs.items():
            folder = tmp_path / f"{port}-{number}"
            listed.append(artifact(folder))
            if accuracy is not None:
                folder.mkdir()
                (folder / "metrics.json").write_text(json.dumps({"accuracy": accuracy}))
                (folder / "params.json").write_text(json.dumps({"depth": number}))
    out = {port: tmp_path / f"best/{port}" for port in ("model", "metrics", "params")}
    given = executor_input(tmp_path, inputs, {port: [artifact(path)] for port, path in out.items()})
    trials = tmp_path / "trials"
    flags = (f"--trials={trials}", "--metric=accuracy", "--direction=maximize", "--max-failures=1")
    words = ("select", *flags, *(f"--{port}={path}" for port, path in out.items()))
    done = run("step", "--executor-input", given, f"--collect={trials}", "--", *words)
    assert done.code == 0, done
    assert json.loads((out["params"] / "params.json").read_text()) == {"depth": 2}
    assert json.loads((trials / "0002/params.json").read_text()) == {}
    assert run(*words[:-3], "--max-failures=0", *words[-3:]).code == 2
    many = run(*(word.replace("failures=1", "failures=0") for word in words))
    assert (many.code, many.err) == (1, "mlopsgen: 1 trials failed; 0 may\n")


def test_params_of_a_trial_become_flags_and_are_kept(run: Run, tmp_path: Path) -> None:
    echo = f"import sys, json; json.dump(sys.argv[1:], open(r'{tmp_path}/argv.json', 'w'))"
    given = json.dumps({"depth": 3, "rate": 0.1, "fast": True, "kind": "a b", "none": None})
    kept = f"--params-to={tmp_path}/kept"
    assert run("step", f"--params={given}", kept, "--", "python", "-c", echo, "--train=DIR").code == 0
    argv = json.loads((tmp_path / "argv.json").read_text())
    assert argv == ["--train=DIR", "--depth=3", "--rate=0.1", "--fast=true", "--kind=a b"]
    assert json.loads((tmp_path / "kept/params.json").read_text()) == json.loads(given)
    for wrong in ("[1]", "{"):
        assert run("step", f"--params={wrong}", "--", "python", "-c", "").code == 2


def test_a_command_that_may_fail_is_tried_again_and_tells(run: Run, tmp_path: Path) -> None:
    counts = (
        f"import pathlib, sys; p = pathlib.Path(r'{tmp_path}/n'); p.touch(); p.open('a').write('x'); sys.exit('no')"
    )
    done = run("step", "--may-fail=true", "--attempts=2", "--", "python", "-c", counts)
    assert done.code == 0
    assert "failed with exit code 1: no" in done.out
    assert (tmp_path / "n").read_text() == "xxx"
    assert run("step", "--attempts=1", "--", "python", "-c", counts).code == 1


def test_a_command_ends_with_its_time(run: Run) -> None:
    done = run("step", "--timeout=1", "--", "python", "-c", "import time; time.sleep(60)")
    assert (done.code, done.err) == (124, "mlopsgen: it took longer than its time limit of 1 s\n")


def test_trials_are_proposed_as_texts(run: Run, tmp_path: Path) -> None:
    axes = [{"name": "depth", "low": 2, "high": 9, "integer": True, "scale": "linear", "points": None}]
    axes.append({"name": "kind", "values": ["a", "b"]})
    flags = [f"--axes={json.dumps(axes)}", "--seed=0", f"--to={tmp_path}/trials"]
    assert run("propose", *flags, "--strategy=grid", "--trials=3.0").code == 0
    listed = [json.loads(text) for text in json.loads((tmp_path / "trials").read_text())]
    assert listed == [{"depth": 2, "kind": "a"}, {"depth": 2, "kind": "b"}, {"depth": 3, "kind": "a"}]
    assert run("propose", *flags, "--strategy=random", "--trials=2").code == 0
    drawn = json.loads((tmp_path / "trials").read_text())
    assert run("propose", *flags, "--strategy=random", "--trials=2").code == 0
    assert drawn == json.loads((tmp_path / "trials").read_text())
    assert run("propose", *flags, "--strategy=random", "--trials=2.5").code == 2
    assert run("propose", "--axes={", *flags[1:], "--strategy=grid", "--trials=1").code == 2


def test_a_gate_tells_its_answer_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "metrics.json").write_text('{"accuracy": 0.5}')
    for least, answer in ((0.4, "true"), (0.6, "false")):
        flags = (f"--metrics={tmp_path}", f"--gate={tmp_path}/gate", f"--passed={tmp_path}/told/passed")
        assert run("gate", *flags, "--on-failure=stop", f"--accuracy.at_least={least}").code == 0
        assert (tmp_path / "told/passed").read_text() == answer
