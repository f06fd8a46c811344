from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest

from mlopsgen.runtime.around import note, read_object, settled
from mlopsgen.runtime.problems import Failed, Usage

from .conftest import Run

TWICE = """
import pathlib, sys
tried = pathlib.Path(sys.argv[1])
count = int(tried.read_text()) + 1 if tried.exists() else 1
tried.write_text(str(count))
out = pathlib.Path(sys.argv[2])
assert not any(out.iterdir()), "an attempt finds what an earlier one left"
(out / "rows.csv").write_text(str(count))
sys.exit(count < int(sys.argv[3]))
"""


def test_a_command_is_tried_again_in_fresh_folders(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    command = ("python", "-c", TWICE, str(tmp_path / "tried"), str(out), "3")
    assert run("step", "--attempts=1", f"--fresh={out}", "--", *command).code == 1
    (tmp_path / "tried").unlink()
    (out / "rows.csv").unlink()
    done = run("step", "--attempts=2", f"--fresh={out}", "--", *command)
    assert done.code == 0
    assert "attempt 3 of 3" in done.out
    assert (out / "rows.csv").read_text() == "3"


def test_a_step_runs_only_when_all_of_its_guards_hold(run: Run, tmp_path: Path) -> None:
    version, kept = tmp_path / "version.json", tmp_path / "kept"
    command = ("python", "-c", f"open(r'{tmp_path}/ran', 'w')")
    words = ("step", "--when=true", "--when=True", f"--needs={version}", f"--keep={kept}", "--", *command)
    skipped = run(*words)
    assert skipped.code == 0
    assert "skipped: there is no" in skipped.out
    assert [path.name for path in kept.iterdir()] == [".keep"]
    version.touch()
    assert run("step", "--when=true", "--when=false", "--", *command).code == 0
    assert not (tmp_path / "ran").exists()
    assert run(*words).code == 0
    assert (tmp_path / "ran").exists()


def test_a_folder_that_holds_something_gets_no_other_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "rows.csv").touch()
    assert run("step", f"--keep={tmp_path}/made", "--", "python", "-c", "").code == 0
    assert [path.name for path in (tmp_path / "made").iterdir()] == ["rows.csv"]


def test_values_that_stand_for_none_are_left_out_or_refused() -> None:
    command = ["python", "--a=null", "--b=", "--c=null", "--depth=3.0", "--big=12345678901234567890", "--rate=3.0"]
    assert settled(command, ["a=null", "b"], [], ["depth", "big"]) == [
        *("python", "--c=null", "--depth=3", "--big=12345678901234567890", "--rate=3.0"),
    ]
    with pytest.raises(Failed, match="`c` has no value"):
        settled(command, [], ["c=null"], [])
    with pytest.raises(Failed, match="whole number"):
        settled(["--depth=much"], [], [], ["depth"])


def test_a_number_that_stands_for_none_is_left_out_however_it_is_written() -> None:
    command = ["--n=-999999999.0", "--m=-9.99999999E8", "--k=-999999999", "--j=5"]
    assert settled(command, [f"{name}=-999999999" for name in "nmkj"], [], []) == ["--j=5"]


def test_what_flags_said_is_noted_for_a_later_step(tmp_path: Path) -> None:
    note(f"{tmp_path}/best/params.json=depth,kind", ["python", "train.py", "--depth=3", "--kind=a=b", "--x=1"])
    assert json.loads((tmp_path / "best/params.json").read_text()) == {"depth": "3", "kind": "a=b"}
    with pytest.raises(Usage, match="has not: none"):
        note(f"{tmp_path}/x.json=none", ["--depth=3"])
    with pytest.raises(Usage):
        note("nothing", [])


@dataclass
class Logging:
    """The words of a step that logs metrics, and what was logged."""

    words: tuple[str, ...]
    metrics: list[dict[str, float]]


@pytest.fixture
def logging(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Logging:
    metrics: list[dict[str, float]] = []
    monkeypatch.setitem(sys.modules, "mlflow", SimpleNamespace(log_metrics=metrics.append))
    (tmp_path / "metrics.json").write_text('{"accuracy": 0.9}')
    words = ("step", f"--metrics={tmp_path}", "--scalars=mlflow", "--", "python", "-c", "")
    return Logging(words, metrics)


def test_metrics_are_logged_by_the_first_process_alone(
    run: Run, logging: Logging, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(*logging.words).code == 0
    monkeypatch.setenv("RANK", "1")
    assert run(*logging.words).code == 0
    assert logging.metrics == [{"accuracy": 0.9}]


def test_a_platform_that_has_no_way_out_is_not_asked_to_reach_the_makers_of_mlflow(
    run: Run, logging: Logging, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MLFLOW_DISABLE_TELEMETRY", raising=False)
    assert run(*logging.words).code == 0
    assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "true"
    assert os.environ["MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT"] == "true"


def test_workers_of_tensorflow_do_not_log_the_same_metrics_again(
    run: Run, logging: Logging, monkeypatch: pytest.MonkeyPatch
) -> None:
    for cluster, second in ({"worker": ["a:1", "b:1"]}, 1), ({"chief": ["a:1"], "worker": ["b:1"]}, 0):
        for task in {"type": next(iter(cluster)), "index": 0}, {"type": "worker", "index": second}:
            monkeypatch.setenv("TF_CONFIG", json.dumps({"cluster": cluster, "task": task}))
            assert run(*logging.words).code == 0
    assert logging.metrics == [{"accuracy": 0.9}] * 2, "once in each cluster"


def test_an_object_is_asked_for() -> None:
    assert read_object("tags", '{"a": "b"}') == {"a": "b"}
    for text in ("[]", "no"):
        with pytest.raises(Usage, match="JSON object"):
            read_object("tags", text)
