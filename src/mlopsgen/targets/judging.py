"""Who judges an emitted bundle: a target names its judges, everybody runs them the same way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.records import dataclass

if TYPE_CHECKING:
    from mlopsgen.targets.judge_environment import JudgeEnvironment

Tell: TypeAlias = Callable[[str], None]
"""Takes a line about what is being waited for."""


@dataclass(frozen=True, slots=True)
class Judge:
    """One judge of a bundle: its name, how to install it, and the call that reads the folder.

    `run` yields findings whose `span` names a file relative to the bundle's folder.
    """

    name: str
    install: str
    available: Callable[[], bool]
    run: Callable[[Path], Iterable[Diagnostic]]
    prepare: Callable[[Tell], Diagnostic | None] | None = None
    """Gets what `run` needs and may take long; what it returns says why that is not to be had."""
    run_each: Callable[[Sequence[Path]], Iterable[Iterable[Diagnostic]]] | None = None
    """`run` for several bundles at once, where that is quicker: the findings of each, in order."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What one judge said of a bundle; `ran` is False when nobody has looked at it."""

    judge: Judge
    ran: bool
    findings: tuple[Diagnostic, ...]


def judge_bundle(judges: Iterable[Judge], bundle: Path, tell: Tell = lambda _: None) -> Iterator[Diagnostic]:
    """Every finding of every judge."""
    for judge in judges:
        yield from hear(judge, bundle, tell).findings


def hear(judge: Judge, bundle: Path, tell: Tell) -> Heard:
    """Have one judge read a bundle; one that cannot is itself a finding, never skipped in silence."""
    return hear_each(judge, (bundle,), tell)[0]


def hear_each(judge: Judge, bundles: Sequence[Path], tell: Tell) -> tuple[Heard, ...]:
    """Have one judge read several bundles, and load what it needs for that once."""
    missing = _missing(judge, tell)
    if missing is not None:
        return tuple(Heard(judge, False, (missing,)) for _ in bundles)
    if judge.run_each is None:
        return tuple(Heard(judge, True, tuple(_findings(judge, bundle))) for bundle in bundles)
    return tuple(Heard(judge, True, tuple(findings)) for findings in judge.run_each(bundles))


def _missing(judge: Judge, tell: Tell) -> Diagnostic | None:
    """Why a judge cannot be asked."""
    if not judge.available():
        message = f"the judge `{judge.name}` did not run: it is not installed"
        return Diagnostic("MG440", message, hint=f"`{judge.install}`")
    return judge.prepare(tell) if judge.prepare is not None else None


def _findings(judge: Judge, bundle: Path) -> Iterator[Diagnostic]:
    try:
        yield from judge.run(bundle)
    except Exception as broken:  # noqa: BLE001 — a judge that breaks has not judged: that is a finding, not our end
        message = f"the judge `{judge.name}` broke off: {type(broken).__name__}: {broken}"
        yield Diagnostic("MG441", message, hint=f"install it again: `{judge.install}`")


def importable(module: str) -> Callable[[], bool]:
    """Whether a library is there, asked without importing it."""
    return lambda: find_spec(module) is not None


def outside(name: str, requirements: Sequence[str], script: Path, constraints: Path | None = None) -> Judge:
    """A judge with an environment of its own, which the first verification makes in the user's cache folder.

    `requirements` are exact (`kfp==2.17.0`), `constraints` is a file of versions for what they bring along.
    `script` is a file, or a folder with a `__main__.py`, that the environment's Python runs with the bundle's
    folder as its one argument. It sees the standard library and the requirements, and prints one JSON
    object a line: {"code", "message", "file", "at", "hint", "severity"}, of which only the first two must
    be there; `at` is a JSON pointer into a YAML or JSON file. Any exit code but 0 means that it broke.
    Of several bundles, it is run for one after the other in one process: modules stay loaded.
    """
    # Here, not above: only a verification needs what starts processes.
    from mlopsgen.targets.judge_environment import JudgeEnvironment

    return judge_in(JudgeEnvironment(name, tuple(requirements), script, constraints))


def judge_in(environment: JudgeEnvironment) -> Judge:
    """The judge whose script runs in that environment."""
    from mlopsgen.targets.judge_environment import can_be_made

    install = "install the venv module of this Python, such as python3-venv"
    return Judge(environment.name, install, can_be_made, environment.run, environment.prepare, environment.run_each)
