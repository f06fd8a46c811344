from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mlopsgen.runtime.budget import count_up
from mlopsgen.runtime.platforms.local import FileStore

from .conftest import Done, Run

EVALUATE = """
import json, pathlib, sys
flags = dict(word[2:].split("=", 1) for word in sys.argv[1:])
say = json.loads((pathlib.Path(flags["model"]) / "model.txt").read_text())
for port in ("metrics", "predictions", "chart"):
    pathlib.Path(flags[port]).mkdir(parents=True, exist_ok=True)
truth = ["a"] * 20
rows = [f"{n},a,{p},{0 if p == 'a' else 1},{'mf'[n % 2]}" for n, p in enumerate(say)]
(pathlib.Path(flags["predictions"]) / "predictions.csv").write_text("\\n".join(["id,truth,prediction,loss,sex", *rows]))
right = sum(p == "a" for p in say) / len(say)
(pathlib.Path(flags["metrics"]) / "metrics.json").write_text(json.dumps({"accuracy": right, "cost": 1 - right}))
(pathlib.Path(flags["chart"]) / "chart.txt").write_text(str(right))
assert (pathlib.Path(flags["test"]) / "data.csv").exists()
assert flags["folds"] == "5"
"""
"""A user's own evaluation: the model is the list of its predictions, the truth is always `a`."""


class Bench:
    """A model, its evaluation and a registry with versions in it."""

    def __init__(self, run: Run, root: Path) -> None:
        self.run, self.root = run, root
        (root / "test").mkdir()
        (root / "test" / "data.csv").write_text("x\n1\n")
        (root / "evaluate.py").write_text(EVALUATE)
        self.model(root / "model", 20)

    def model(self, folder: Path, right: int) -> None:
        folder.mkdir(parents=True)
        (folder / "model.txt").write_text(json.dumps(["a"] * right + ["b"] * (20 - right)))

    def version(self, number: int, right: int, *, champion: bool = False) -> None:
        folder = self.root / "registry" / "m" / "versions" / str(number)
        self.model(folder / "model", right)
        (folder / "version.json").write_text(json.dumps({"metrics": {"accuracy": right / 20}}))
        if champion:
            (self.root / "registry" / "m" / "champion.json").write_text(json.dumps({"version": number}))

    def gate(self, *flags: str, evaluate: bool = True) -> Done:
        ports = {name: f"--{name}={self.root / name}" for name in ("metrics", "predictions", "model", "test", "chart")}
        mine = [ports[name] for name in ("metrics", "predictions", "model")]
        behind = ["--", "python", str(self.root / "evaluate.py"), *ports.values(), "--folds=5"] if evaluate else []
        champion = f"--champion=file://{self.root}/registry/m"
        return self.run("gate", *mine, f"--gate={self.root / 'gate'}", champion, *flags, *behind)

    def verdict(self) -> Any:
        return json.loads((self.root / "gate" / "gate.json").read_text())


@pytest.fixture
def bench(run: Run, tmp_path: Path) -> Bench:
    return Bench(run, tmp_path)


def metrics(bench: Bench, values: Mapping[str, float]) -> None:
    (bench.root / "metrics").mkdir()
    (bench.root / "metrics" / "metrics.json").write_text(json.dumps(values))


@pytest.mark.parametrize(
    ("value", "flag", "passed", "reason"),
    [
        (0.781, "accuracy.at_least=0.8", False, "accuracy 0.781 is not ≥ 0.8 (gate `accuracy`)"),
        (0.8, "accuracy.at_least=0.8", True, "accuracy 0.8 ≥ 0.8 (gate `accuracy`)"),
        (0.79999, "accuracy.at_least=0.8", False, "accuracy 0.79999 is not ≥ 0.8 (gate `accuracy`)"),
        (0.2, "accuracy.at_most=0.1", False, "accuracy 0.2 is not ≤ 0.1 (gate `accuracy`)"),
        (0.1, "accuracy.at_most=0.1", True, "accuracy 0.1 ≤ 0.1 (gate `accuracy`)"),
        # The mean of 0.7, 0.8 and 0.9 as a computer has it, and a sum of tenths.
        (0.7999999999999999, "accuracy.at_least=0.8", True, "accuracy 0.8 ≥ 0.8 (gate `accuracy`)"),
        (0.1 + 0.2, "accuracy.at_most=0.3", True, "accuracy 0.3 ≤ 0.3 (gate `accuracy`)"),
        (0.79999999999, "accuracy.at_least=0.8", False, "accuracy 0.79999999999 is not ≥ 0.8 (gate `accuracy`)"),
        (0.5, "accuracy.metric=accuracy", True, "accuracy is 0.5 (gate `accuracy` has no bound)"),
        (0.5, "accuracy.when=false", True, "gate `accuracy` was left out: its `when` is false"),
    ],
)
def test_bounds_are_inclusive_and_reasons_plain(
    bench: Bench, value: float, flag: str, passed: bool, reason: str
) -> None:
    metrics(bench, {"accuracy": value})
    done = bench.gate(f"--{flag}", evaluate=False)
    assert (done.code, done.err) == (0, "")
    assert (bench.verdict()["passed"], bench.verdict()["reasons"]) == (passed, [reason])
    assert f"- {reason}\n" in done.out


def test_all_gates_must_hold_and_only_the_broken_ones_are_reasons(bench: Bench) -> None:
    metrics(bench, {"accuracy": 0.7, "f1": 0.9})
    bench.gate("--accuracy.at_least=0.8", "--f1.at_least=0.8", "--low.metric=f1", "--low.at_most=0.5", evaluate=False)
    verdict = bench.verdict()
    assert verdict["passed"] is False
    assert verdict["reasons"] == ["accuracy 0.7 is not ≥ 0.8 (gate `accuracy`)", "f1 0.9 is not ≤ 0.5 (gate `low`)"]
    assert {name: entry["passed"] for name, entry in verdict["gates"].items()} == {
        "accuracy": False, "f1": True, "low": False,
    }  # fmt: skip
    assert verdict["metrics"] == {"accuracy": 0.7, "f1": 0.9}


@pytest.mark.parametrize("how", ["stop", "fail", "register", "report"])
def test_what_follows_a_broken_gate_is_passed_on(bench: Bench, how: str) -> None:
    metrics(bench, {"accuracy": 0.7})
    assert bench.gate("--accuracy.at_least=0.8", f"--on-failure={how}", evaluate=False).code == 0
    assert (bench.verdict()["passed"], bench.verdict()["on_failure"]) == (how == "report", how)
    assert bench.verdict()["gates"]["accuracy"]["passed"] is False


def test_a_missing_metric_fails_the_step_and_names_those_that_are_there(bench: Bench) -> None:
    metrics(bench, {"accuracy": 0.7, "f1": 0.9, "broken": float("nan")})
    done = bench.gate("--auc.at_least=0.8", evaluate=False)
    assert (done.code, done.err) == (
        1,
        "mlopsgen: gate `auc` needs the metric `auc`; the evaluation wrote accuracy, f1\n",
    )
    assert bench.gate("--broken.at_least=0.8", evaluate=False).code == 1
    assert not (bench.root / "gate" / "gate.json").exists()


@pytest.mark.parametrize(
    ("flag", "message"),
    [
        ("--accuracy.atleast=1", "gate `accuracy` has no field `atleast`; did you mean at_least?"),
        ("--acuracy=1", "gate knows no --acuracy; a gate is given as --<gate>.<field>=value"),
        ("--accuracy.at_least=", "--accuracy.at_least is empty, so gate `accuracy` cannot be judged"),
        ("--accuracy.at_least=high", "--accuracy.at_least must be a number, not `high`"),
        ("--accuracy.better_than=all", "--accuracy.better_than must be champion or best, not `all`"),
        ("--cost.better_than=champion", "so it needs --cost.direction=maximize|minimize"),
        ("--fair.group=sex", "gate `fair` needs both `group` and `measure`, or neither"),
        ("--accuracy.confidence=95", "--accuracy.confidence must be at least 0.5 and below 1, not 95"),
    ],
)
def test_a_gate_that_makes_no_sense_is_wrong_usage(bench: Bench, flag: str, message: str) -> None:
    metrics(bench, {"accuracy": 0.7})
    done = bench.gate(flag, evaluate=False)
    assert done.code == 2
    assert message in done.err


BETTER = ("--better.metric=accuracy", "--better.better_than=champion")


def test_without_a_champion_the_gate_holds_and_says_so(bench: Bench) -> None:
    bench.gate(*BETTER, "--better.confidence=0.95")
    assert bench.verdict()["reasons"] == ["no champion yet, so gate `better` holds"]
    assert bench.verdict()["passed"] is True


@pytest.mark.parametrize(
    ("metric", "message"),
    [
        ("roc_auc", "`roc_auc` cannot be computed from predictions.csv; it needs a score in every row"),
        ("accuracy", "`accuracy` is 0.5 in metrics.json, and the rows of predictions.csv give 1"),
    ],
)
def test_what_the_second_run_could_not_test_fails_at_the_first(bench: Bench, metric: str, message: str) -> None:
    """Without a champion nothing is tested yet; a missing score was found out when there was one."""
    wrong = EVALUATE.replace('"accuracy": right', '"accuracy": 0.5, "roc_auc": 1.0')
    (bench.root / "evaluate.py").write_text(wrong)
    done = bench.gate(f"--better.metric={metric}", "--better.better_than=champion", "--better.confidence=0.95")
    assert done.code == 1
    assert message in done.err


def test_the_champion_is_judged_by_the_same_evaluation(bench: Bench) -> None:
    bench.version(1, 20)
    bench.version(2, 15, champion=True)
    done = bench.gate(*BETTER)
    assert done.err == ""
    reason = "accuracy 1 is better than the champion's 0.75 (version 2) (gate `better`)"
    assert bench.verdict()["reasons"] == [reason]
    # The outputs are those of the new model, also the folder that the gate was not told of.
    assert (bench.root / "chart" / "chart.txt").read_text() == "1.0"
    assert json.loads((bench.root / "metrics" / "metrics.json").read_text())["accuracy"] == 1.0


def test_a_gain_must_be_above_the_margin_and_a_loss_within_it(bench: Bench) -> None:
    bench.version(1, 19, champion=True)
    for margin, passed in (("0.04", True), ("0.06", False), ("-0.01", True)):
        bench.gate(*BETTER, f"--better.by={margin}")
        assert bench.verdict()["passed"] is passed
    (bench.root / "model" / "model.txt").write_text(json.dumps(["a"] * 18 + ["b"] * 2))
    for margin, passed in (("-0.06", True), ("-0.04", False)):
        bench.gate(*BETTER, f"--better.by={margin}")
        assert bench.verdict()["passed"] is passed


def test_outputs_stay_those_of_the_new_model_when_the_step_runs_again(bench: Bench) -> None:
    bench.version(1, 15, champion=True)
    bench.gate(*BETTER)
    bench.gate(*BETTER)
    assert (bench.root / "chart" / "chart.txt").read_text() == "1.0"


def test_confidence_needs_more_than_a_lucky_row(bench: Bench) -> None:
    bench.version(1, 19, champion=True)
    bench.gate(*BETTER)
    assert bench.verdict()["passed"] is True
    bench.gate(*BETTER, "--better.confidence=0.95")
    assert bench.verdict()["passed"] is False
    reason = "accuracy 1 is not better than the champion's 0.95 (version 1)"
    assert bench.verdict()["reasons"] == [
        f"{reason}: McNemar's test, p = 0.5, at most 0.05 is needed (gate `better`)",
    ]


def test_a_metric_of_ones_own_is_tested_through_the_losses(bench: Bench) -> None:
    bench.version(1, 8, champion=True)
    flags = ("--cost.direction=minimize", "--cost.better_than=champion", "--cost.confidence=0.95")
    assert bench.gate(*flags).err == ""
    assert bench.verdict()["passed"] is True
    assert "paired bootstrap" in bench.verdict()["reasons"][0]


def test_best_is_chosen_by_stored_metrics(bench: Bench) -> None:
    for number, right in ((1, 12), (2, 18), (3, 15)):
        bench.version(number, right, champion=number == 3)
    bench.gate("--b.metric=accuracy", "--b.better_than=best", "--b.by=0.05")
    assert bench.verdict()["reasons"] == [
        "accuracy 1 is better than the best's 0.9 (version 2) by more than 0.05 (gate `b`)"
    ]


def test_without_an_evaluation_stored_metrics_are_compared_and_confidence_is_refused(bench: Bench) -> None:
    bench.version(1, 15, champion=True)
    metrics(bench, {"accuracy": 0.7})
    bench.gate(*BETTER, evaluate=False)
    reason = "accuracy 0.7 is not better than the champion's 0.75 (version 1, as stored when it was registered)"
    assert bench.verdict()["reasons"] == [f"{reason} (gate `better`)"]
    (bench.root / "predictions").mkdir()
    (bench.root / "predictions" / "predictions.csv").write_text("truth,prediction\na,a\n")
    done = bench.gate(*BETTER, "--better.confidence=0.9", evaluate=False)
    assert (done.code, "there is no evaluation to run" in done.err) == (1, True)


def test_an_evaluation_that_fails_judges_nothing(bench: Bench) -> None:
    (bench.root / "test" / "data.csv").unlink()
    done = bench.gate("--accuracy.at_least=0.5")
    assert done.code == 1
    assert done.err.endswith("mlopsgen: the evaluation ended with exit code 1, so nothing can be judged\n")


def test_a_champion_that_cannot_be_evaluated_fails_the_step(bench: Bench) -> None:
    bench.version(7, 20, champion=True)
    (bench.root / "registry" / "m" / "versions" / "7" / "model" / "model.txt").write_text("rubbish")
    done = bench.gate(*BETTER)
    assert done.code == 1
    assert done.err.endswith("mlopsgen: version 7 cannot be evaluated on these rows: exit code 1\n")


def test_groups_are_compared(bench: Bench) -> None:
    bench.model(bench.root / "other", 11)
    (bench.root / "other" / "model.txt").replace(bench.root / "model" / "model.txt")
    flags = ("--fair.group=sex", "--fair.measure=accuracy_score_difference")
    bench.gate(*flags, "--fair.at_most=0.05")
    # Rows 0 to 10 are right: of ten with even number six, of ten with odd number five.
    assert bench.verdict()["reasons"] == ["accuracy_score_difference by sex 0.1 is not ≤ 0.05 (gate `fair`)"]


def test_a_test_set_is_used_up(bench: Bench) -> None:
    metrics(bench, {"accuracy": 0.9})
    budget = (f"--test={bench.root / 'test'}", "--test-budget=2", f"--budget-store=file://{bench.root}/store")
    for used in (1, 2):
        bench.gate("--accuracy.at_least=0.8", *budget, evaluate=False)
        assert bench.verdict()["passed"] is True
        assert (
            bench.verdict()["reasons"][0] == f"these test rows were used to judge {used} of 2 allowed times (test_set)"
        )
    bench.gate("--accuracy.at_least=0.8", *budget, evaluate=False)
    assert bench.verdict()["passed"] is False
    assert bench.verdict()["reasons"][0].startswith(
        "these test rows were used to judge 3 times, 2 are allowed; draw new"
    )
    (bench.root / "test" / "data.csv").write_text("x\n2\n")
    bench.gate("--accuracy.at_least=0.8", *budget, evaluate=False)
    assert bench.verdict()["passed"] is True, "other rows have a budget of their own"


def used(bench: Bench, rows: list[int], *more: str) -> float:
    """How often the gate says that these rows were used."""
    (bench.root / "test" / "data.csv").write_text("\n".join(["x,y", *(f"{row},{row % 7}" for row in rows)]))
    flags = (f"--test={bench.root / 'test'}", "--test-budget=2", f"--budget-store=file://{bench.root}/store")
    assert bench.gate("--accuracy.at_least=0.8", *flags, *more, evaluate=False).err == ""
    return float(bench.verdict()["gates"]["test_set"]["value"])


def test_a_budget_is_of_rows_not_of_bytes(bench: Bench, tmp_path: Path) -> None:
    """Rows in another order, or one row more, are not a fresh test set; a table that doubles is half of one."""
    metrics(bench, {"accuracy": 0.9})
    (tmp_path / "contract.json").write_text('{"format_version": 1, "main": "s", "sources": {"s": {}}}')
    known = f"--contract={tmp_path / 'contract.json'}"
    rows = list(range(1000))
    assert used(bench, rows, known) == 1
    assert used(bench, rows[::-1], known) == 2
    assert used(bench, [*rows, 1000], known) == pytest.approx(3, abs=0.01)
    assert used(bench, [*rows, *range(1000, 2000)], known) == pytest.approx(2.5, abs=0.15)
    assert "times in the mean, 2 are allowed; draw new ones by another `seed`" in bench.verdict()["reasons"][0]
    assert used(bench, list(range(5000, 5100)), known) == 1
    assert used(bench, list(range(5000, 5100)), known) == 2


def test_a_counter_that_many_change_at_once_loses_nothing(tmp_path: Path) -> None:
    found: list[float] = []

    def work() -> None:
        found.extend(count_up(FileStore(tmp_path), "c.json") for _ in range(10))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == list(range(1, 41))


def test_a_group_without_a_value_breaks_the_gate_and_says_why(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "contract.json").write_text(
        '{"format_version": 1, "main": "s", "roles": {"label": "y", "positive": {"equals": "b"}},'
        ' "sources": {"s": {"columns": {"y": {"type": "category", "values": ["a", "b"]}}}}}'
    )
    fair = ("--fair.group=sex", "--fair.measure=equal_opportunity_difference", "--fair.at_most=0.1")
    done = bench.gate(*fair, f"--contract={tmp_path / 'contract.json'}", "--on-failure=stop")
    assert (done.code, bench.verdict()["passed"]) == (0, False)
    (reason,) = bench.verdict()["reasons"]
    assert reason == (
        "equal_opportunity_difference by sex has no value: of the 10 rows of group `f` none is favourable in truth;"
        " `min_rows` of the gate's group leaves small groups out (gate `fair`)"
    )


def test_rows_in_time_are_tested_in_stretches(bench: Bench, tmp_path: Path) -> None:
    """What the contract says of the split, or the task of the evaluation, reaches the paired test."""
    for more in ({"split": {"by_time": True}}, {}):
        contract = {"format_version": 1, "main": "s", "sources": {"s": {}}, "roles": {"time": "at"}, **more}
        (tmp_path / "contract.json").write_text(json.dumps(contract))
        if not (bench.root / "registry").exists():
            bench.version(1, 15, champion=True)
        flags = ("--better.metric=accuracy", "--better.better_than=champion", "--better.confidence=0.95")
        bench.gate(*flags, f"--contract={tmp_path / 'contract.json'}")
        how = "paired bootstrap in stretches of" if more else "McNemar's test"
        assert how in bench.verdict()["reasons"][0]
