"""Rules of our linters: what one small check is called, where its claim is written, and what it reads.

A rule is about what a user can break: pass-through, patches, edits of the written folder, values at run time.
What only our own lowering could write wrongly is a test of lowering, and what another judge of the same target
sees is left to it (ADR 30).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from mlopsgen.diagnostics import Diagnostic

F = TypeVar("F")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Rule(Generic[T]):
    """One check of our linter."""

    name: str
    source: str
    """The page, model or measurement that says so."""
    check: Callable[[T], Iterable[Diagnostic]]

    def __call__(self, subject: T) -> Iterator[Diagnostic]:
        """The findings; without a hint of their own they say which rule spoke and on what ground."""
        for finding in self.check(subject):
            yield finding if finding.hint else replace(finding, hint=f"rule `{self.name}`: {self.source}")


def rule(name: str, source: str) -> Callable[[Callable[[T], Iterable[Diagnostic]]], Rule[T]]:
    """Makes a rule of the function below it."""
    return lambda check: Rule(name, source, check)


@dataclass(frozen=True, slots=True)
class RuleSet(Generic[F, T]):
    """Rules that read the same kind of thing, and how a bundle's folder is taken apart for them."""

    subjects: Callable[[F], Iterable[T]]
    rules: tuple[Rule[T], ...]

    def __call__(self, folder: F) -> Iterator[tuple[str, Diagnostic]]:
        """Every finding, with the name of its rule."""
        for subject in self.subjects(folder):
            for one in self.rules:
                for finding in one(subject):
                    yield one.name, finding


def whole(folder: F) -> tuple[F]:
    """The folder itself, for rules that read all of it."""
    return (folder,)


def by_rules(folder: F, sets: Iterable[RuleSet[F, Any]]) -> Iterator[tuple[str, Diagnostic]]:
    """Every finding of every rule, with the rule's name."""
    for one in sets:
        yield from one(folder)
