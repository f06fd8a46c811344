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


def forecast(*truth: float) -> Said:
    return Said(truth=np.array(truth), prediction=np.array(truth) + 1.0)


def test_shares_of_a_truth_of_zero_have_no_value_instead_of_one_of_sixteen_digits(run: Run, tmp_path: Path) -> None:
    """scikit-learn divides by 2e-16 there: one row of a thousand decides a gate or a search."""
    measured = measure(forecast(0, 2, 4, 5, 10, 8, 9, 1))
    reason = "has no value: the truth is 0 in 1 of 8 rows (12.5%), and an error is no share of 0"
    assert measured.without == {"mean_absolute_percentage_error": reason}
    assert measure(forecast(2, 4)).values["mean_absolute_percentage_error"] == 0.375
    write_measured(tmp_path / "metrics", measured)
    done = run("gate", f"--metrics={tmp_path / 'metrics'}", f"--gate={tmp_path / 'g'}", f"--{SHARES}.at_most=0.5")
    assert (done.code, done.err) == (1, f"mlopsgen: gate `{SHARES}` cannot be judged: {WROTE} {reason}\n")


SHARES = "mean_absolute_percentage_error"
WROTE = f"the evaluation wrote that `{SHARES}`"


def test_a_search_by_shares_of_zero_says_why_it_has_no_best_trial(run: Run, tmp_path: Path) -> None:
    trial(tmp_path / "trials", "trial-1", r2=0.5)
    write_measured(tmp_path / "trials" / "trial-1" / "metrics", measure(forecast(0, 2, 0, 4)))
    done = select(run, tmp_path, "minimize", SHARES)
    assert "the truth is 0 in 2 of 4 rows (50.0%)" in done.err


def test_a_paired_test_of_shares_of_zero_is_refused_with_the_reason() -> None:
    """A script's own figure of sixteen digits was the mean of the rows, so the two agreed."""
    import pandas as pd

    from mlopsgen.runtime.agreement import check_agreement
    from mlopsgen.runtime.gates import Gate
    from mlopsgen.runtime.problems import Failed

    table = pd.DataFrame({"truth": ["0", "2"], "prediction": ["1", "2"]})
    gate = Gate(name="better", metric=SHARES, maximize=False, better_than="champion", confidence=0.95)
    with pytest.raises(Failed, match=r"gate `better` cannot test .* has no value: the truth is 0 in 1 of 2 rows"):
        check_agreement(gate, table, 2251799813685248.0, None, "predictions.csv")
