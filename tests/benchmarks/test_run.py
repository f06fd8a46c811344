"""`make bench`: a bound that breaks is marked and ends it with exit code 1; what it measures is real."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from benchmarks.others import Other, processes
from benchmarks.run import AGAIN, ALL, ALONE, HELP, MEBI, PASS, SHARED, Cost, Row

from benchmarks import others, run
from mlopsgen import targets
from mlopsgen.diagnostics import Diagnostic
from mlopsgen.targets.judge_environment import JudgeEnvironment
from mlopsgen.targets.judging import Judge, Tell, judge_in

GOOD = {
    PASS: Cost(1, MEBI),
    "somebody else": Cost(57, 900 * MEBI),
    HELP: Cost(6, MEBI),
    "compile -t local": Cost(28, 60 * MEBI),
    ALL: Cost(42, 500 * MEBI),
    "5 steps -t local": Cost(0.25, MEBI),
    "500 steps -t local": Cost(1.0, 500 * MEBI),
    "2000 steps -t local": Cost(10, MEBI),
    "8000 steps -t local": Cost(46, 500 * MEBI),
    AGAIN: Cost(363.6, MEBI),
    ALONE: Cost(3.0, MEBI, clock=3.2),
    SHARED: Cost(3.3, MEBI, clock=2.0),
}
OTHERS = {"somebody else": ("compile -t local", [sys.executable, "-c", "pass"], 0.5)}


def main(monkeypatch: pytest.MonkeyPatch, costs: Mapping[str, Cost], installed: float = 30) -> int:
    monkeypatch.setattr(run, "measured", lambda *_, **__: costs)
    monkeypatch.setattr(run, "compared", lambda _: OTHERS)
    monkeypatch.setattr(run, "large", lambda *_: {})
    monkeypatch.setattr(run, "size_of_install", lambda _: Row("core install", installed, 30, " MiB"))
    return run.main(["--python", sys.executable])


def test_bounds_that_are_just_met_hold(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(monkeypatch, GOOD) == 0
    assert "broken" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "cost"),
    [
        (HELP, Cost(6.1, MEBI)),
        ("compile -t local", Cost(28.1, MEBI)),
        ("compile -t local", Cost(28, 61 * MEBI)),
        (ALL, Cost(42.1, MEBI)),
        ("500 steps -t local", Cost(1.01, MEBI)),
        ("somebody else", Cost(55.9, MEBI)),
        ("8000 steps -t local", Cost(46.1, MEBI)),
        (AGAIN, Cost(363.7, MEBI)),
        (SHARED, Cost(3.3, MEBI, clock=2.01)),
    ],
)
def test_each_bound_can_break(
    name: str, cost: Cost, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(monkeypatch, {**GOOD, name: cost}) == 1
    assert capsys.readouterr().out.count("broken") == 1


def test_too_large_an_install_breaks_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(monkeypatch, GOOD, installed=30.1) == 1


def test_a_round_before_the_first_fills_the_caches_and_does_not_count() -> None:
    rounds: list[int] = []

    def words(number: int) -> list[str]:
        rounds.append(number)
        return [sys.executable, "-S", "-c", "pass"]

    assert set(run.measured({"one": words}, rounds=2)) == {"one"}
    assert rounds == [0, 1, 2]


@pytest.mark.slow
def test_every_process_that_is_measured_works(tmp_path: Path) -> None:
    said = run.commands(Path(sys.executable), tmp_path)
    costs = run.measured(said, rounds=1, warm=False)
    assert {PASS, HELP, ALL, "5 steps -t local", "500 steps -t sagemaker"} <= {*costs}
    assert all(cost.seconds > 0 and cost.peak > MEBI for cost in costs.values())
    assert costs["500 steps -t local"].seconds > costs["5 steps -t local"].seconds


@pytest.mark.slow
def test_somebody_elses_process_works_where_its_target_is(tmp_path: Path) -> None:
    """Another program is held against a compile that is measured too, and reads what that wrote."""
    said = run.commands(Path(sys.executable), tmp_path)
    for ours, words, _ in run.compared(tmp_path).values():
        run.cost_of(said[ours](0))
        assert run.cost_of(words).seconds > 0


def test_nobody_is_compared_whose_target_is_not_there(tmp_path: Path) -> None:
    assert list(processes(("local", "sagemaker"), tmp_path)) == []


def test_alone_nobody_else_is_asked(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(run, "measured", lambda *_, **__: GOOD)
    monkeypatch.setattr(run, "size_of_install", lambda _: Row("core install", 1, 30, " MiB"))
    monkeypatch.setattr(run, "large", lambda *_: {})
    monkeypatch.setattr(run, "compared", lambda _: pytest.fail("somebody was asked"))
    assert run.main(["--alone", "--python", sys.executable]) == 0
    assert "somebody else" not in capsys.readouterr().out


def test_a_judge_that_lacks_the_library_ends_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    other = Other("somebody else", "local", "nothing", "none.py", reads=True, bound=1)
    monkeypatch.setattr(others, "OTHERS", (other,))
    with pytest.raises(SystemExit, match="no judge of `local` has nothing"):
        list(processes(("local",), tmp_path))


def test_an_environment_that_cannot_be_made_ends_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Gone(JudgeEnvironment):
        def prepare(self, tell: Tell) -> Diagnostic | None:
            return Diagnostic("MG440", "no environment", hint="pip install")

    class Target:
        def judges(self) -> tuple[Judge, ...]:
            return (judge_in(Gone("judge", ("library==1",), tmp_path)),)

    monkeypatch.setattr(others, "OTHERS", (Other("somebody else", "gone", "library", "none.py", reads=True, bound=1),))
    monkeypatch.setattr(targets, "load", lambda _: Target())
    with pytest.raises(SystemExit, match="no environment\npip install\nleave the comparison out: --alone"):
        list(processes(("gone",), tmp_path))


def test_a_command_that_fails_is_no_measurement() -> None:
    with pytest.raises(SystemExit, match="exit code 3\nno luck"):
        run.cost_of([sys.executable, "-c", "import sys; sys.stderr.write('no luck'); sys.exit(3)"])
