"""Hands on what the best trial of a search wrote.

select --trials=DIR --metric=NAME --direction=maximize|minimize --model=DIR --metrics=DIR
       [--<port>=DIR…] [--params=DIR] [--max-failures=N]

DIR/<trial>/ holds params.json, metrics/metrics.json, model/ and a folder for each further port. A
trial without metrics.json has failed: it is named and skipped, but not more than --max-failures of them. --params
gets the best trial's params.json.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from .files import copy_folder, read_json, spelled, write_json
from .flags import Flags, read_flags
from .measured import read_measured
from .problems import Failed


def run(argv: Sequence[str]) -> int:
    """Finds the best trial and copies its folders."""
    flags = read_flags(
        "select",
        argv,
        single=("trials", "metric", "direction", "model", "metrics", "params", "max-failures"),
        extra=True,
    )
    metric = flags.one("metric")
    maximize = flags.choice("direction", ("maximize", "minimize")) == "maximize"
    trials = finished_trials(flags.folder("trials"), metric)
    _check_failures(flags, len(trials))
    sign = 1 if maximize else -1
    best = max(trials, key=lambda trial: sign * trials[trial])
    for trial, value in trials.items():
        rank = " (best)" if trial == best else " (equal to the best)" if value == trials[best] else ""
        print(f"{trial.name}: {metric} {spelled(value)}{rank}")
    _hand_on(flags, best)
    return 0


def _check_failures(flags: Flags, finished: int) -> None:
    if flags.maybe("max-failures") is None:
        return
    failed = sum(path.is_dir() for path in flags.folder("trials").iterdir()) - finished
    if failed > (most := flags.count("max-failures", 0)):
        raise Failed(f"{failed} trials failed; {most} may")


def finished_trials(folder: Path, metric: str) -> Mapping[Path, float]:
    """The trials that have a value of the metric, in their natural order."""
    if not folder.is_dir():
        raise Failed(f"{folder} is not a folder of trials")
    found: dict[Path, float] = {}
    other: set[str] = set()
    reasons: set[str] = set()
    for trial in sorted((path for path in folder.iterdir() if path.is_dir()), key=_natural):
        if not (trial / "metrics" / "metrics.json").exists():
            print(f"{trial.name}: failed, it wrote no metrics.json")
            continue
        measured = read_measured(trial / "metrics")
        other |= set(measured.values)
        if metric in measured.values:
            found[trial] = measured.values[metric]
        elif metric in measured.without:
            reasons.add(measured.without[metric])
            print(f"{trial.name}: skipped, its `{metric}` {measured.without[metric]}")
        else:
            print(f"{trial.name}: skipped, it has no `{metric}`")
    if not found and reasons:
        raise Failed(f"no trial in {folder} has a value of `{metric}`: it {'; it '.join(sorted(reasons))}")
    if not found:
        there = f"; they wrote {', '.join(sorted(other))}" if other else ""
        raise Failed(f"no trial in {folder} has a metric `{metric}`{there}")
    return found


def _natural(path: Path) -> list[tuple[int, str]]:
    """trial-2 comes before trial-10, so that equal trials are decided the same way everywhere."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", path.name)]


def _hand_on(flags: Flags, best: Path) -> None:
    ports = {"model": flags.one("model"), "metrics": flags.one("metrics"), **flags.extra}
    for port, target in ports.items():
        if not (best / port).is_dir():
            raise Failed(f"the best trial, {best.name}, wrote no `{port}`")
        copy_folder(best / port, Path(target))
    params = flags.maybe_folder("params")
    if params is not None:
        write_json(params / "params.json", read_json(best / "params.json"))
