"""Finds targets by name: the built-in ones and other people's come through the same door."""

from __future__ import annotations

from functools import cache
from typing import Any

from mlopsgen.diagnostics import Diagnostic, SpecError
from mlopsgen.nearest import nearest
from mlopsgen.targets.api import Target
from mlopsgen.targets.installed import Entry, entries


@cache
def _entries() -> dict[str, Entry]:
    return entries()


def names() -> tuple[str, ...]:
    """The targets installed here, in alphabetical order, without importing any."""
    return tuple(_entries())


def package(name: str) -> tuple[str, str]:
    """The name and version of the package that brings an installed target."""
    return _entries()[name].package()


@cache
def load(name: str) -> Target[Any]:
    """The target of that name.

    Raises SpecError MG303 for one that is not installed and MG314 for one that cannot be imported.
    """
    entry = _entries().get(name)
    if entry is None:
        raise SpecError([_not_installed(name)])
    try:
        target: Target[Any] = entry.load()
    except Exception as broken:  # whatever a stranger's module raises is reported, never hidden
        raise SpecError([_broken(entry, broken)]) from broken
    return target


def _not_installed(name: str) -> Diagnostic:
    close = nearest(name, names())
    hint = f"did you mean `{close}`?" if close else f"installed: {', '.join(names())}"
    return Diagnostic("MG303", f"no target `{name}` is installed", hint=hint)


def _broken(entry: Entry, broken: Exception) -> Diagnostic:
    package, _ = entry.package()
    return Diagnostic(
        "MG314",
        f"target `{entry.name}` of package `{package}` cannot be loaded: {type(broken).__name__}: {broken}",
        hint=f"upgrade or uninstall `{package}`",
    )
