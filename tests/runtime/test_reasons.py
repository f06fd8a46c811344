"""What a gate says: to whom there is nobody to beat, in a log of any letters, of rows in no order."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from .test_gate import BETTER, Bench, bench, metrics

__all__ = ["bench"]


def test_a_first_run_says_that_nobody_is_there_to_beat(bench: Bench) -> None:
    """Of versions that lack the metric it was said that none is registered."""
    best = ("--best.metric=f1", "--best.better_than=best", "--best.direction=maximize")
    bench.version(1, 15)
    metrics(bench, {"f1": 0.5, "accuracy": 0.9})
    bench.gate(*BETTER, *best, "--accuracy.at_least=0.9", evaluate=False)
    assert bench.verdict()["reasons"] == [
        "no champion yet, so gate `better` holds",
        "no registered version with `f1` yet, so gate `best` holds",
        "accuracy 0.9 ≥ 0.9 (gate `accuracy`)",
    ]


def test_a_log_that_knows_no_signs_stops_no_gate(tmp_path: Path) -> None:
    """Latin-1, and code page 1252 of Windows, have no `≥`: a print of it was the end of the command."""
    (tmp_path / "metrics.json").write_text('{"f1": 0.5}')
    words = [f"--metrics={tmp_path}", f"--gate={tmp_path / 'gate'}", "--f1.at_least=0.5"]
    done = subprocess.run(
        [sys.executable, "-m", "mlopsgen.runtime", "gate", *words],
        env={**os.environ, "PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"}, capture_output=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"f1 0.5 \\u2265 0.5" in done.stdout


def test_rows_of_several_series_without_a_time_are_no_stretches(bench: Bench, tmp_path: Path) -> None:
    """As they stand, the end of one series would be taken for what comes before the next one."""
    roles = {"time": "at", "series": "shop"}
    contract = {"format_version": 1, "main": "s", "sources": {"s": {}}, "roles": roles, "split": {"by_time": True}}
    (tmp_path / "contract.json").write_text(json.dumps(contract))
    bench.version(1, 15, champion=True)
    done = bench.gate(*BETTER, "--better.confidence=0.95", f"--contract={tmp_path / 'contract.json'}")
    assert done.code == 1
    assert "predictions.csv has no column `at`, and of several series (`shop`) nothing else says" in done.err
