"""One trial of a search that a platform leads: it appends the trial's params to a command that is the same for all.

trial --under=DIR --number=VARIABLE --metric=NAME --report=VARIABLE [--param=NAME:TYPE]… -- COMMAND…

Every flag of the command whose folder lies below DIR gets one below DIR/<number>/, where the environment
variable --number says which trial this is. When the command has ended well, DIR/<number>/params.json holds
the params that it was given, and the metric is a line of the file that the variable --report names: JSON
with `trial`, the metric as text and `global_step`, as Google's hypertune writes it.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from .files import write_json
from .flags import Flags, read_flags
from .launch import run_child
from .measured import read_measured
from .parameters import TYPES, Parameter, decode, spell
from .problems import Failed, Usage

USUAL_REPORT = "/tmp/hypertune/output.metrics"  # noqa: S108 — where the service looks when the variable is not set


def run(argv: Sequence[str]) -> int:
    """Runs the trial's command in folders of its own; its exit code is passed on."""
    flags = read_flags("trial", argv, single=("under", "number", "metric", "report"), repeated=("param",))
    if not flags.rest:
        raise Usage("trial needs the command to run after ` -- `")
    under, number = flags.one("under").rstrip("/"), _number(flags)
    params = dict(_params(flags))
    mine = Path(under) / number
    ended = run_child([_nested(_typed(word, params), under, number) for word in flags.rest], {})
    if ended.code == 0:
        write_json(mine / "params.json", params)
        _report(flags, mine, number)
    return ended.code


def _number(flags: Flags) -> str:
    variable = flags.one("number")
    number = os.environ.get(variable, "")
    if not number.isalnum():
        raise Failed(f"the environment does not say which trial this is: {variable} is `{number}`")
    return number


def _nested(word: str, under: str, number: str) -> str:
    """The same flag with a folder of the trial's own."""
    name, equals, value = word.partition("=")
    if not equals or not value.startswith(f"{under}/"):
        return word
    return f"{name}={under}/{number}{value.removeprefix(under)}"


def _typed(word: str, params: Mapping[str, Parameter]) -> str:
    """A param as scripts are promised it: services that count in doubles say 5.0 of a whole number."""
    name, equals, _ = word.removeprefix("--").partition("=")
    return f"--{name}={spell(params[name])}" if equals and word.startswith("--") and name in params else word


def _params(flags: Flags) -> Iterator[tuple[str, Parameter]]:
    """The searched params as the command got them; the platform puts its own last, and the last one counts."""
    given = {w.partition("=")[0].removeprefix("--"): w.partition("=")[2] for w in flags.rest if w.startswith("--")}
    for entry in flags.many("param"):
        name, colon, kind = entry.rpartition(":")
        if not colon or kind not in TYPES:
            raise Usage(f"--param takes name:type with a type of {', '.join(TYPES)}, not `{entry}`")
        if name not in given:
            raise Failed(f"the trial was given no `{name}`")
        yield name, decode(name, given[name], kind)


def _report(flags: Flags, mine: Path, number: str) -> None:
    metric = flags.one("metric")
    measured = read_measured(mine / "metrics")
    metrics = measured.values
    if metric in measured.without:
        raise Failed(f"the trial's metric `{metric}` {measured.without[metric]}, so the search cannot compare it")
    if metric not in metrics:
        raise Failed(f"the trial wrote no metric `{metric}`; it wrote {', '.join(sorted(metrics)) or 'none'}")
    line = {
        "timestamp": time.time(),
        "trial": number,
        metric: str(metrics[metric]),
        "global_step": "0",
        "checkpoint_path": "",
    }
    path = Path(os.environ.get(flags.one("report")) or USUAL_REPORT)
    path.parent.mkdir(parents=True, exist_ok=True)
    # A script may have reported on its own while it ran: its lines stay.
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, sort_keys=True) + "\n")
