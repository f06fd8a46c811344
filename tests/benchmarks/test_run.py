"""`make bench`: a bound that breaks is marked and ends it with exit code 1; what it measures is real."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from benchmarks.run import HELP, MEBI, PASS, Cost, Row

from benchmarks import run

GOOD = {
    PASS: Cost(0.01, MEBI),
    HELP: Cost(0.06, MEBI),
    "compile -t local": Cost(0.25, 60 * MEBI),
    "5 steps": Cost(0.2, MEBI),
    "500 steps": Cost(1.0, 500 * MEBI),
}


def main(monkeypatch: pytest.MonkeyPatch, costs: Mapping[str, Cost], installed: float = 30) -> int:
    monkeypatch.setattr(run, "measured", lambda *_: costs)
    monkeypatch.setattr(run, "size_of_install", lambda _: Row("core install", installed, 30, " MiB"))
    return run.main(["--python", sys.executable])


def test_bounds_that_are_just_met_hold(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(monkeypatch, GOOD) == 0
    assert "broken" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "cost"),
    [
        (HELP, Cost(0.061, MEBI)),
        ("compile -t local", Cost(0.251, MEBI)),
        ("compile -t local", Cost(0.2, 61 * MEBI)),
        ("500 steps", Cost(1.01, MEBI)),
    ],
)
def test_each_bound_can_break(
    name: str, cost: Cost, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(monkeypatch, {**GOOD, name: cost}) == 1
    assert capsys.readouterr().out.count("broken") == 1


def test_too_large_an_install_breaks_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(monkeypatch, GOOD, installed=30.1) == 1


@pytest.mark.slow
def test_every_process_that_is_measured_works(tmp_path: Path) -> None:
    costs = run.measured(run.commands(Path(sys.executable), tmp_path), rounds=1)
    assert {PASS, HELP, "5 steps", "500 steps"} <= {*costs}
    assert all(cost.seconds > 0 and cost.peak > MEBI for cost in costs.values())
    assert costs["500 steps"].seconds > costs["5 steps"].seconds


def test_a_command_that_fails_is_no_measurement() -> None:
    with pytest.raises(SystemExit, match="exit code 3\nno luck"):
        run.cost_of([sys.executable, "-c", "import sys; sys.stderr.write('no luck'); sys.exit(3)"])
