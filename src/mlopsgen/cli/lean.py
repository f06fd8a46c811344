"""Imports pydantic without work that no command has a use for. In the program alone: a library leaves others be.

What is left out takes longer than a compile for one target (benchmarks/README.md).
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from mlopsgen.records import dataclass

PLAIN = frozenset({"frozen", "slots", "kw_only"})
"""What our own `dataclass` may be asked for; one that asks for anything else is made by the standard library."""


def without_plugins() -> None:
    """Spares pydantic the search for plug-ins of its own, which reads about every installed package.

    pydantic does the same for who sets PYDANTIC_DISABLE_PLUGINS, but imports what it would search with all the same.
    """
    loader = ModuleType("pydantic.plugin._loader")
    loader.get_plugins = tuple  # type: ignore[attr-defined]
    sys.modules.setdefault(loader.__name__, loader)


def import_pydantic() -> None:
    """Imports all of pydantic that models need; what it declares is read by type checkers, so it is not worked out."""
    if "pydantic" in sys.modules:
        return
    import typing_extensions

    with _instead(dataclasses, "dataclass", _record), _instead(typing_extensions, "TypedDict", Typed):
        from pydantic import BaseModel, Strict, TypeAdapter  # noqa: F401 — pydantic imports a module when its name is taken


class Typed(dict[str, Any]):
    """Stands in for TypedDict, which compiles every annotation of its classes: four hundred in pydantic_core's.

    A class of it makes plain dicts, as those of TypedDict do.
    """

    def __init_subclass__(cls, *, total: bool = True) -> None:
        """Whether keys may be left out matters to type checkers alone."""
        super().__init_subclass__()
        cls.__total__ = total  # type: ignore[attr-defined]

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        return dict(*args, **kwargs)


def _record(cls: type | None = None, /, **asked: bool) -> Any:
    """`dataclasses.dataclass`, by our own where that can do it."""
    if not asked.keys() <= PLAIN:
        return _STANDARD(cls, **asked)
    made = dataclass(**{"slots": False, **asked})
    return made if cls is None else made(cls)


_STANDARD: Any = dataclasses.dataclass


@contextmanager
def _instead(module: ModuleType, name: str, stand_in: Any) -> Iterator[None]:
    kept = getattr(module, name)
    setattr(module, name, stand_in)
    try:
        yield
    finally:
        setattr(module, name, kept)
