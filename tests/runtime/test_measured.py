"""A metric without a value: what is said of it, and why."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from mlopsgen.runtime.measured import Measured, read_measured, write_measured
from mlopsgen.runtime.scores import Said, measure

from .conftest import Run
from .test_select import select, trial

pytestmark = pytest.mark.slow

WRITTEN = '{"accuracy": NaN, "loss": "0.1", "nested": {"accuracy": 0.9}, "flag": true, "none": null, "f1": 0.5}'


def metrics(root: Path, text: str) -> Path:
    (root / "metrics").mkdir(exist_ok=True)
    (root / "metrics" / "metrics.json").write_text(text)
    return root / "metrics"


@pytest.mark.parametrize(
    ("metric", "reason"),
    [
        ("accuracy", "`accuracy` is NaN"),
        ("loss", "`loss` is the text `0.1`, not a number"),
        ("nested", '`nested` is an object, not a number: metrics.json is a flat object of numbers, such as {"accuracy'),
        ("none", "`none` is null"),
        ("recall", "needs the metric `recall`; the evaluation wrote f1"),
    ],
)
def test_a_gate_on_a_metric_without_a_value_says_the_right_reason(
    run: Run, tmp_path: Path, metric: str, reason: str
) -> None:
    folder = metrics(tmp_path, WRITTEN)
    done = run("gate", f"--metrics={folder}", f"--gate={tmp_path / 'gate'}", f"--{metric}.at_least=0.5")
    assert done.code == 1
    assert reason in done.err
    assert not (tmp_path / "gate" / "gate.json").exists()


def test_test_rows_of_one_class_are_the_reason_that_a_gate_tells(run: Run, tmp_path: Path) -> None:
    chances = np.column_stack([np.linspace(0, 1, 24), np.linspace(1, 0, 24)])
    said = Said(
        truth=np.array(["no"] * 24, dtype=object), prediction=np.array(["no", "yes"] * 12, dtype=object),
        classes=("no", "yes"), positive="yes", chances=chances,
    )  # fmt: skip
    measured = measure(said)
    assert not {"roc_auc", "average_precision"} & set(measured.values)
    write_measured(tmp_path / "metrics", measured)
    done = run("gate", f"--metrics={tmp_path / 'metrics'}", f"--gate={tmp_path / 'gate'}", "--roc_auc.at_least=0.5")
    assert "the evaluation wrote that `roc_auc` has no value: all 24 rows are `no`" in done.err


def test_reasons_lie_beside_the_numbers_and_never_among_them(tmp_path: Path) -> None:
    write_measured(tmp_path, Measured({"b": 1, "a": float("inf")}, {"c": "has no value"}))
    assert json.loads((tmp_path / "metrics.json").read_text()) == {"b": 1.0}
    assert read_measured(tmp_path) == Measured({"b": 1.0}, {"a": "is infinite", "c": "has no value"})


def test_a_trial_with_nan_is_never_the_best(run: Run, tmp_path: Path) -> None:
    trial(tmp_path / "trials", "trial-1", score=float("nan"))
    trial(tmp_path / "trials", "trial-2", score=0.2)
    done = select(run, tmp_path, "maximize")
    assert "trial-1: skipped, its `score` is NaN\ntrial-2: score 0.2 (best)\n" in done.out
    (tmp_path / "trials" / "trial-2" / "metrics" / "metrics.json").write_text('{"score": null}')
    done = select(run, tmp_path, "maximize")
    assert "no trial in" in done.err
    assert "has a value of `score`: it is NaN; it is null" in done.err
