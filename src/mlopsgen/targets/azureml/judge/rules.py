"""A rule: what one small check is called, where its claim is written, and the check."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from mlopsgen.diagnostics import Diagnostic

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Rule(Generic[T]):
    """One check of our linter."""

    name: str
    source: str
    """The page, library or measurement that says so."""
    check: Callable[[T], Iterable[Diagnostic]]

    def __call__(self, subject: T) -> Iterator[Diagnostic]:
        """The findings; without a hint of their own they say which rule spoke and on what ground."""
        for found in self.check(subject):
            yield found if found.hint else replace(found, hint=f"rule `{self.name}`: {self.source}")


def rule(name: str, source: str) -> Callable[[Callable[[T], Iterable[Diagnostic]]], Rule[T]]:
    """Makes a rule of the function below it."""

    def made(check: Callable[[T], Iterable[Diagnostic]]) -> Rule[T]:
        return Rule(name, source, check)

    return made
