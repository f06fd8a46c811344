"""`mlopsgen run` from the inside: which interpreter, what is shown, what is said at the end."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TextIO

from mlopsgen.targets.api import Ran, Wanted
from mlopsgen.targets.local.events import Event
from mlopsgen.targets.local.execute import execute
from mlopsgen.targets.local.interpreter import isolated as own_environment
from mlopsgen.targets.local.parameters import missing
from mlopsgen.targets.local.progress import Lines, Live
from mlopsgen.targets.local.summary import summary


def wanted(bundle: Path, given: Mapping[str, str]) -> tuple[Wanted, ...]:
    """Run parameters that have no value yet."""
    return tuple(Wanted(one.name, one.type, one.values, one.description) for one in missing(bundle, given))


def run(
    bundle: Path, root: Path, given: Mapping[str, str], *, parallel: int | None, isolated: bool, show: TextIO
) -> Ran:
    """Executes a bundle and sums up what came of it."""
    if isolated:
        print("making the environment (minutes, the first time)", file=show, flush=True)
    python = own_environment(bundle, root) if isolated else sys.executable
    outcome = execute(bundle, root, given, on_event=display(show), parallel=parallel, python=python)
    return Ran(outcome.exit_code, summary(outcome))


def display(show: TextIO) -> Callable[[Event], None]:
    """Live lines on a terminal, plain ones elsewhere."""
    if not show.isatty():
        return Lines(show)
    return Live(show, width=lambda: shutil.get_terminal_size().columns)
