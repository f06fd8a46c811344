"""Finds targets by name: the built-in ones and other people's come through the same door."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from mlopsgen.diagnostics import Diagnostic, SpecError
from mlopsgen.nearest import nearest
from mlopsgen.targets.api import Target

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "mlopsgen.targets"
"""The entry points by which packages announce targets."""


@cache
def _entry_points() -> dict[str, EntryPoint]:
    from importlib.metadata import entry_points  # dear to import, and not needed for `--help`

    ordered = sorted(entry_points(group=GROUP), key=lambda entry: (entry.name, entry.value))
    return {entry.name: entry for entry in ordered}


def names() -> tuple[str, ...]:
    """The targets installed here, in alphabetical order, without importing any."""
    return tuple(_entry_points())


def package(name: str) -> tuple[str, str]:
    """The name and version of the package that brings an installed target."""
    entry = _entry_points()[name]
    return (entry.dist.name, entry.dist.version) if entry.dist else (entry.module, "")


@cache
def load(name: str) -> Target[Any]:
    """The target of that name.

    Raises SpecError MG303 for one that is not installed and MG314 for one that cannot be imported.
    """
    entry = _entry_points().get(name)
    if entry is None:
        raise SpecError([_not_installed(name)])
    try:
        target: Target[Any] = entry.load()
    except Exception as broken:  # whatever a stranger's module raises is reported, never hidden
        raise SpecError([_broken(name, broken)]) from broken
    return target


def _not_installed(name: str) -> Diagnostic:
    close = nearest(name, names())
    hint = f"did you mean `{close}`?" if close else f"installed: {', '.join(names())}"
    return Diagnostic("MG303", f"no target `{name}` is installed", hint=hint)


def _broken(name: str, broken: Exception) -> Diagnostic:
    bringer, _ = package(name)
    return Diagnostic(
        "MG314",
        f"target `{name}` of package `{bringer}` cannot be loaded: {type(broken).__name__}: {broken}",
        hint=f"upgrade or uninstall `{bringer}`",
    )
