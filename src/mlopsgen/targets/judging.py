"""Who judges an emitted bundle: a target names its judges, everybody runs them the same way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.records import dataclass


@dataclass(frozen=True, slots=True)
class Judge:
    """One judge of a bundle: its name, how to install it, and the call that reads the folder.

    `run` yields findings whose `span` names a file relative to the bundle's folder.
    """

    name: str
    install: str
    available: Callable[[], bool]
    run: Callable[[Path], Iterable[Diagnostic]]


def judge_bundle(judges: Iterable[Judge], bundle: Path) -> Iterator[Diagnostic]:
    """Every finding of every judge; one that is not installed is itself a finding, never skipped in silence."""
    for judge in judges:
        if judge.available():
            yield from judge.run(bundle)
        else:
            message = f"the judge `{judge.name}` did not run: it is not installed"
            yield Diagnostic("MG440", message, hint=f"`{judge.install}`")


def importable(module: str) -> Callable[[], bool]:
    """Whether a library is there, asked without importing it."""
    return lambda: find_spec(module) is not None
