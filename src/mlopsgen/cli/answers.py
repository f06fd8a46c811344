"""What each installed target says it can do, and what it makes of one spec: read from its own table and checks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from mlopsgen import compile as compiler
from mlopsgen import targets
from mlopsgen.compile import Checked
from mlopsgen.diagnostics import Diagnostic, Span, SpecError, SpecPath, errors
from mlopsgen.records import dataclass
from mlopsgen.source import with_spans
from mlopsgen.targets.api import FEATURES, How, Target

NO_BLOCK = "MG304"


@dataclass(frozen=True, slots=True)
class JudgeState:
    """One judge of a target's bundles, and how to get it."""

    name: str
    installed: bool
    install: str


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that a spec can ask for, and what a target makes of it."""

    feature: str
    how: How
    title: str
    with_what: str
    span: Span | None = None
    """Where the spec asks for it; None for a default, or without a spec."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One target: where it comes from, who judges it, and its rows."""

    name: str
    title: str
    package: str
    version: str
    judges: tuple[JudgeState, ...]
    rows: tuple[Row, ...]
    has_block: bool
    """Whether the spec says all that this target has to know; without it only its table was asked."""


def every_row(name: str) -> Answer:
    """A target and all that can be asked of it."""
    target = targets.load(name)
    titles = {feature.name: feature.title for feature in FEATURES}
    rows = (Row(feature, a.how, titles[feature], a.with_what) for feature, a in _support(target))
    return _answer(target, name, tuple(rows), has_block=True)


def rows_of(checked: Checked, name: str) -> Answer:
    """What a target makes of one spec: a row for each feature that it uses, and for each finding that stops it."""
    target = targets.load(name)
    stopping = _stopping(checked, name)
    has_block = not any(finding.code == NO_BLOCK for finding in stopping)
    rows = tuple(_rows(checked, target, [finding for finding in stopping if finding.code != NO_BLOCK]))
    return _answer(target, name, rows, has_block=has_block)


def _answer(target: Target[Any], name: str, rows: tuple[Row, ...], *, has_block: bool) -> Answer:
    judges = tuple(JudgeState(judge.name, judge.available(), judge.install) for judge in target.judges())
    return Answer(name, target.title, *targets.package(name), judges, rows, has_block)


def _support(target: Target[Any]) -> Iterator[tuple[str, Any]]:
    """The target's table in the order of FEATURES."""
    return ((feature.name, target.support[feature.name]) for feature in FEATURES)


def _rows(checked: Checked, target: Target[Any], stopping: Sequence[Diagnostic]) -> Iterator[Row]:
    refused: list[SpecPath] = []
    for feature in FEATURES:
        used = [
            use.origin for use in checked.plan.uses if use.feature == feature.name and _concerns(use.origin, target)
        ]
        if not used:
            continue
        answer = target.support[feature.name]
        refused += used if answer.how is How.REFUSED else []
        yield Row(feature.name, answer.how, feature.title, answer.with_what, _span(checked, used[0]))
    for finding in stopping:
        if not any(finding.spec_path[: len(where)] == where for where in refused):
            field = ".".join(map(str, finding.spec_path)) or finding.code
            yield Row(field, How.REFUSED, f"{finding.code}", finding.message, finding.span)


def _concerns(where: SpecPath, target: Target[Any]) -> bool:
    """Another target's block is none of its business."""
    return where[0] != "targets" or where[1] == target.name


def _stopping(checked: Checked, name: str) -> tuple[Diagnostic, ...]:
    try:
        compiler.check_for(checked, name)
    except SpecError as stopped:
        return errors(stopped.findings)
    return ()


def _span(checked: Checked, where: SpecPath) -> Span | None:
    """The place that asks for it; None where a default does."""
    if checked.source.root.child(str(where[0])) is None:
        return None
    return with_spans([Diagnostic("", "", where)], checked.source)[0].span
