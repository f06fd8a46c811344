from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import Done, Run


def trial(folder: Path, name: str, **metrics: float) -> None:
    (folder / name / "model").mkdir(parents=True)
    (folder / name / "model" / "m.txt").write_text(name)
    (folder / name / "params.json").write_text(json.dumps({"who": name}))
    (folder / name / "report").mkdir()
    (folder / name / "report" / "r.html").write_text(name)
    if metrics:
        (folder / name / "metrics").mkdir()
        (folder / name / "metrics" / "metrics.json").write_text(json.dumps(metrics))


def select(run: Run, root: Path, direction: str, metric: str = "score") -> Done:
    out = [f"--{port}={root}/out/{port}" for port in ("model", "metrics", "report", "params")]
    return run("select", f"--trials={root}/trials", f"--metric={metric}", f"--direction={direction}", *out)


@pytest.mark.parametrize(("direction", "best"), [("maximize", "trial-10"), ("minimize", "trial-2")])
def test_the_best_trial_is_handed_on_whole(run: Run, tmp_path: Path, direction: str, best: str) -> None:
    trial(tmp_path / "trials", "trial-2", score=0.1)
    trial(tmp_path / "trials", "trial-10", score=0.9)
    trial(tmp_path / "trials", "trial-11", score=0.9)
    trial(tmp_path / "trials", "trial-3")
    trial(tmp_path / "trials", "trial-4", other=5)
    trial(tmp_path / "trials", "trial-5", score=float("nan"))
    done = select(run, tmp_path, direction)
    assert done.code == 0
    out = done.out
    assert "trial-3: failed, it wrote no metrics.json\n" in out
    assert "trial-4: skipped, it has no `score`\n" in out
    assert "(best)\n" in out
    assert ("trial-11: score 0.9 (equal to the best)\n" in out) is (direction == "maximize")
    for path in ("model/m.txt", "report/r.html"):
        assert (tmp_path / "out" / path).read_text() == best
    assert json.loads((tmp_path / "out" / "params" / "params.json").read_text()) == {"who": best}


def test_a_metric_that_no_trial_has_is_a_failure(run: Run, tmp_path: Path) -> None:
    trial(tmp_path / "trials", "a", f1=0.5)
    done = run(
        "select", f"--trials={tmp_path}/trials", "--metric=auc", "--direction=maximize", "--model=m", "--metrics=n"
    )
    assert (done.code, done.err) == (1, f"mlopsgen: no trial in {tmp_path}/trials has a metric `auc`; they wrote f1\n")
