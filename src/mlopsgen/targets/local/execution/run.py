"""`mlopsgen run` from the inside: which interpreter, what is shown, what is said at the end."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TextIO

from mlopsgen.diagnostics import Diagnostic, SpecError
from mlopsgen.targets.api import MissingParameter, Ran
from mlopsgen.targets.local.execution.events import Event, LeftAlone
from mlopsgen.targets.local.execution.execute import execute
from mlopsgen.targets.local.execution.interpreter import isolated as own_environment
from mlopsgen.targets.local.execution.interpreter import lacks_system
from mlopsgen.targets.local.execution.originals import with_originals
from mlopsgen.targets.local.execution.parameters import missing
from mlopsgen.targets.local.execution.progress import Lines, Live
from mlopsgen.targets.local.execution.summary import complaints, not_gone_on_with, summary
from mlopsgen.targets.local.read import read_plan


def deployments(bundle: Path, mode: str) -> tuple[str, ...]:
    """The deployments of a bundle that have this mode."""
    return tuple(name for name, one in read_plan(bundle).deployments.items() if one.mode == mode)


def missing_parameters(
    bundle: Path, values: Mapping[str, str], deployment: str | None = None
) -> tuple[MissingParameter, ...]:
    """Run parameters that have no value yet; nobody is asked where a run cannot be."""
    if lacking := tuple(lacks_system()):
        raise SpecError(lacking)
    return tuple(
        MissingParameter(one.name, one.type, one.values, one.description) for one in missing(bundle, values, deployment)
    )


def run(
    bundle: Path,
    root: Path,
    values: Mapping[str, str],
    *,
    parallel: int | None,
    isolated: bool,
    show: TextIO,
    tell: Callable[[Sequence[Diagnostic]], None],
    deployment: str | None = None,
) -> Ran:
    """Executes a bundle or one of its deployments, tells what went wrong, and sums up what came of it."""
    if isolated:
        print("making the environment (minutes, the first time)", file=show, flush=True)
    python = own_environment(bundle, root) if isolated else sys.executable
    shown = display(show)

    def on_event(event: Event) -> None:
        if isinstance(event, LeftAlone):
            tell((not_gone_on_with(event),))
        shown(event)

    outcome = execute(bundle, root, values, on_event=on_event, parallel=parallel, python=python, deployment=deployment)
    app = bundle.resolve() / "image" / "app"
    tell(tuple(replace(d, message=with_originals(d.message, app, root)) for d in complaints(outcome)))
    pending = tuple(one.version for one in outcome.registered if one.status == "pending")
    return Ran(outcome.exit_code, summary(outcome), pending)


def display(show: TextIO) -> Callable[[Event], None]:
    """Live lines on a terminal, plain ones elsewhere."""
    if not show.isatty():
        return Lines(show)
    return Live(show, width=lambda: shutil.get_terminal_size().columns)
