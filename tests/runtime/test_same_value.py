"""One value in several spellings: in metrics, gates, groups, labels and predictions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlopsgen.runtime.agreement import check_agreement
from mlopsgen.runtime.bias import measure_bias
from mlopsgen.runtime.compare import judge_pair
from mlopsgen.runtime.contract import Positive
from mlopsgen.runtime.gates import Gate
from mlopsgen.runtime.outcomes import classes_of, known_truth, the_positive_class
from mlopsgen.runtime.predictions import Label, read_predictions
from mlopsgen.runtime.problems import Failed

from .conftest import Done, Run
from .test_as_written import contract, put, validate

pytestmark = pytest.mark.slow

PARITY = ("--fair.group=sex", "--fair.measure=demographic_parity_difference", "--fair.at_most=0.1")


def predictions(root: Path, truth: Sequence[Any], prediction: Sequence[Any], **more: Sequence[Any]) -> Path:
    """predictions.csv as pandas writes it, of two groups: everything is chosen of one, nothing of the other."""
    count = len(truth)
    columns = {"id": range(count), "truth": truth, "prediction": prediction, "sex": ["m", "f"] * (count // 2), **more}
    (root / "predictions").mkdir(exist_ok=True)
    pd.DataFrame(columns).to_csv(root / "predictions" / "predictions.csv", index=False)
    (root / "metrics").mkdir(exist_ok=True)
    (root / "metrics" / "metrics.json").write_text('{"accuracy": 0.5}')
    return root / "predictions"


def gate(run: Run, root: Path, *flags: str, **known: Any) -> Done:
    contract(root, known.pop("columns", None), roles={"label": "y", **known})
    folders = [f"--{name}={root / name}" for name in ("metrics", "predictions", "gate")]
    return run("gate", *folders, f"--contract={root / 'contract.json'}", *flags)


@pytest.mark.parametrize(
    ("values", "positive", "kind"),
    [
        ((True, False), True, None),
        ((True, False), "true", "boolean"),
        ((True, False), True, "category"),
        ((1.0, 0.0), 1, None),
        ((1.0, 0.0), 1.0, "integer"),
        ((1, 0), "1", None),
        (("1.0", "0.0"), 1, "category"),
        (("yes", "no"), "yes", "string"),
    ],
)
def test_a_bias_gate_finds_the_favourable_class_however_it_is_spelled(
    run: Run, tmp_path: Path, values: tuple[Any, Any], positive: Any, kind: str | None
) -> None:
    predictions(tmp_path, list(values) * 10, list(values) * 10)
    columns = {"y": {"type": kind}} if kind else {}
    done = gate(run, tmp_path, *PARITY, columns=columns, positive={"equals": positive})
    assert done.err == ""
    assert "demographic_parity_difference by sex 1 is not ≤ 0.1" in done.out


@pytest.mark.parametrize(("values", "positive"), [(("yes", "no"), "Yes"), (("u", "v"), "U"), (("01", "02"), 1)])
def test_a_bias_gate_does_not_hold_for_a_favourable_class_that_is_not_there(
    run: Run, tmp_path: Path, values: tuple[str, str], positive: Any
) -> None:
    predictions(tmp_path, list(values) * 10, list(values) * 10)
    done = gate(run, tmp_path, *PARITY, positive={"equals": positive})
    assert done.code == 1
    assert f"`{positive}`, which `positive` names, is no class of predictions.csv" in done.err
    assert f"there is `{values[0]}`" in done.err or f"there is `{values[1]}`" in done.err
    if isinstance(positive, str):
        assert f"did you mean `{values[0]}`?" in done.err


def test_a_favourable_class_that_the_rows_lack_may_be_known_to_the_contract() -> None:
    table = pd.DataFrame({"truth": ["no"] * 4, "prediction": ["no"] * 4, "sex": ["m", "f"] * 2})
    parity = Gate(name="fair", metric="fair", group="sex", measure="demographic_parity_difference")
    assert measure_bias(parity, table, Positive(equals="yes"), ("yes", "no")).value == 0
    with pytest.raises(Failed, match=r"is no class of predictions.csv; there is `no`"):
        measure_bias(parity, table, Positive(equals="yes"))


def test_training_refuses_a_favourable_class_that_it_never_sees() -> None:
    with pytest.raises(Failed, match=r"`Yes`, which `positive` names, is no class of .*did you mean `yes`"):
        the_positive_class(Positive(equals="Yes"), ("no", "yes"), None, "the training rows")
    assert the_positive_class(Positive(equals=True), ("False", "True"), "category", "the training rows") == "True"
    with pytest.raises(Failed, match=r"`1` may be `1.0` or `1.00`: spell it as one of them"):
        the_positive_class(Positive(equals=1), ("1.0", "1.00"), "category", "the training rows")


def better(by: float = 0.0) -> Gate:
    return Gate(name="better", metric="accuracy", maximize=True, better_than="champion", by=by, confidence=0.95)


def test_a_prediction_in_another_spelling_than_the_truth_is_right_all_the_same(tmp_path: Path) -> None:
    """pandas writes 1 in a column of whole numbers, and 1.0 in one of floats."""
    truth = [1, 0] * 50
    new = read_predictions(predictions(tmp_path, truth, [float(t) for t in truth]), Label())
    assert (new["truth"] == new["prediction"]).all()
    old = read_predictions(predictions(tmp_path, truth, [1.0] * 100), Label())
    assert judge_pair(better(), new, old, None).wins
    assert not judge_pair(better(by=-0.01), old, new, None).wins


def test_a_test_of_rows_that_do_not_give_the_reported_metric_is_refused(tmp_path: Path) -> None:
    table = read_predictions(predictions(tmp_path, ["a", "b"] * 10, ["a"] * 20), Label())
    check_agreement(better(), table, 0.5, None, "predictions.csv")
    with pytest.raises(Failed, match=r"`accuracy` is 0.8 in metrics.json, and the rows of predictions.csv give 0.5"):
        check_agreement(better(), table, 0.8, None, "predictions.csv")
    thirds = read_predictions(predictions(tmp_path, ["a", "b", "a", "a", "b", "b"], ["a"] * 6), Label())
    f1 = Gate(name="f1", metric="f1", maximize=True, better_than="champion", confidence=0.95)
    check_agreement(f1, thirds, 0.6667, Positive(equals="a"), "predictions.csv")
    with pytest.raises(Failed, match="`A`, which `positive` names, is no class"):
        check_agreement(f1, thirds, 0.6667, Positive(equals="A"), "predictions.csv")


def test_truths_of_a_threshold_may_have_capitals(run: Run, tmp_path: Path) -> None:
    predictions(tmp_path, [True, False] * 10, [True, False] * 10)
    assert "is not ≤ 0.1" in gate(run, tmp_path, *PARITY, positive={"at_least": 15}).out


def test_a_group_by_a_number_does_not_lose_what_is_none(run: Run, tmp_path: Path) -> None:
    predictions(tmp_path, ["a", "b"] * 10, ["a", "b"] * 10, age=["old", "31"] * 10)
    flags = ("--fair.group=age", "--fair.group_at_least=40", "--fair.measure=accuracy_score_difference")
    assert "column `age` holds `old`, no number" in gate(run, tmp_path, *flags, "--fair.at_most=1").err


def test_truths_of_a_contract_allow_capitals_in_the_data(run: Run, tmp_path: Path) -> None:
    contract(
        tmp_path,
        {"late": {"type": "category", "values": [True, False]}, "n": {"type": "category", "values": [1, "02"]}},
    )
    put(tmp_path, "late,n\nTrue,1.0\nfalse,02\n")
    assert validate(run, tmp_path).err == ""
    put(tmp_path, "late,n\nyes,2\n")
    assert validate(run, tmp_path).out.count("has 1 value that is none of") == 2


def test_the_order_of_classes_does_not_hang_on_chance() -> None:
    """Spellings of one number, and `nan`, tie by size: sets list them in an order that the hash seed decides."""
    assert classes_of(["1.0", "01", "1", "nan"]) == ("01", "1", "1.0", "nan")
    assert classes_of(["10", "2", "2.0"]) == ("2", "2.0", "10")


def test_a_class_that_the_model_never_saw_is_refused_in_validation_rows_too() -> None:
    assert known_truth(np.array(["1", "0"]), ("0.0", "1.0"), "validation").tolist() == ["1.0", "0.0"]
    with pytest.raises(Failed, match="the validation rows have the class `c`, which the model has never seen"):
        known_truth(np.array(["a", "c"]), ("a", "b"), "validation")


def test_labels_are_carried_as_they_are_written(run: Run, tmp_path: Path) -> None:
    put(tmp_path, "x,y\n" + "".join(f"{n},{'00042' if n % 2 else '00007'}\n" for n in range(40)))
    contract(tmp_path, roles={"label": "y"}, split={"test": 0.2})
    command = ("train", f"--contract={tmp_path / 'contract.json'}", "--framework=sklearn.GaussianNB")
    out = (f"--model={tmp_path / 'model'}", f"--metrics={tmp_path / 'metrics'}")
    assert run(*command, f"--train={tmp_path / 'source'}", *out).err == ""
    assert json.loads((tmp_path / "model" / "model.json").read_text())["classes"] == ["00007", "00042"]
