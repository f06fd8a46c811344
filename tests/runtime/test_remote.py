"""The launcher outside a pipeline: what it reads comes from a store, what it makes goes there, once for all nodes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import Run

pytestmark = pytest.mark.slow

WRITE = """
import pathlib, sys
folder = pathlib.Path(sys.argv[1])
folder.mkdir(exist_ok=True)
(folder / "metrics.json").write_text('{"f1": 0.5}')
"""


def script(folder: Path) -> Path:
    path = folder / "train.py"
    path.write_text(WRITE)
    return path


def test_folders_come_and_go(run: Run, tmp_path: Path) -> None:
    (tmp_path / "store" / "rows").mkdir(parents=True)
    (tmp_path / "store" / "rows" / "data.csv").write_text("x")
    done = run(
        "step",
        f"--load={tmp_path}/in=file://{tmp_path}/store/rows",
        f"--save={tmp_path}/out=file://{tmp_path}/store/made",
        f"--metrics={tmp_path}/out",
        "--",
        "python",
        str(script(tmp_path)),
        f"{tmp_path}/out",
    )
    assert done.code == 0, done.err
    assert (tmp_path / "in" / "data.csv").read_text() == "x"
    assert json.loads((tmp_path / "store" / "made" / "metrics.json").read_text()) == {"f1": 0.5}
    assert "f1=0.5" in done.out


@pytest.mark.parametrize(("rank", "saves"), [("0", True), ("1", False)])
def test_the_first_of_several_nodes_saves(
    run: Run, tmp_path: Path, rank: str, saves: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PET_NODE_RANK", rank)
    words = [f"--save={tmp_path}/out=file://{tmp_path}/made", f"--metrics={tmp_path}/out", "--rank=PET_NODE_RANK"]
    done = run("step", *words, "--", "python", str(script(tmp_path)), f"{tmp_path}/out")
    assert done.code == 0, done.err
    assert (tmp_path / "made").exists() is saves
    assert ("f1=0.5" in done.out) is saves


def test_a_node_that_does_not_know_its_number_is_said(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PET_NODE_RANK", raising=False)
    done = run("step", "--rank=PET_NODE_RANK", "--", "python", "-c", "")
    assert done.code == 1
    assert "there is no PET_NODE_RANK" in done.err


def test_nothing_is_saved_of_a_step_that_failed(run: Run, tmp_path: Path) -> None:
    done = run("step", f"--save={tmp_path}/out=file://{tmp_path}/made", "--", "python", "-c", "raise SystemExit(3)")
    assert done.code == 3
    assert not (tmp_path / "made").exists()


def test_what_is_not_there_is_said(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = run("step", f"--load={tmp_path}/in=file://{tmp_path}/empty", "--", "python", "-c", "")
    assert (done.code, f"there is nothing below file://{tmp_path}/empty" in done.err) == (1, True)
    done = run("step", f"--save={tmp_path}/out=file://{tmp_path}/made", "--", "python", "-c", "")
    assert (done.code, "the step wrote no" in done.err) == (1, True)
    done = run("step", "--load=nowhere", "--", "python", "-c", "")
    assert (done.code, "--load takes DIR=URI" in done.err) == (2, True)
