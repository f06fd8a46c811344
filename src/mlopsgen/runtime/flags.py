"""Reads `--name=value` command lines, and refuses every flag that nobody declared."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .problems import Usage


@dataclass(frozen=True, slots=True)
class Flags:
    """What stood on the command line: declared flags, further ones, and the argv after ` -- `."""

    command: str
    given: Mapping[str, tuple[str, ...]]
    extra: Mapping[str, str] = field(default_factory=dict)
    rest: tuple[str, ...] = ()

    def one(self, name: str) -> str:
        """The value of a flag that must be there and must not be empty."""
        value = self.maybe(name)
        if value is None:
            raise Usage(f"{self.command} needs --{name}=…")
        return value

    def maybe(self, name: str) -> str | None:
        """The value of a flag, or None when it was left out."""
        values = self.given.get(name)
        if values is None:
            return None
        if not values[-1]:
            raise Usage(f"--{name} of {self.command} is empty")
        return values[-1]

    def many(self, name: str) -> tuple[str, ...]:
        """All values of a flag that may stand several times."""
        return self.given.get(name, ())

    def folder(self, name: str) -> Path:
        """The folder that a flag names."""
        return Path(self.one(name))

    def maybe_folder(self, name: str) -> Path | None:
        """The folder that a flag names, or None when it was left out."""
        value = self.maybe(name)
        return None if value is None else Path(value)

    def count(self, name: str, default: int) -> int:
        """A whole number of at least 1, or of at least 0 where that is the default."""
        text = self.maybe(name)
        if text is None:
            return default
        least = min(default, 1)
        if not text.isdecimal() or int(text) < least:
            raise Usage(f"--{name} of {self.command} must be a whole number of at least {least}, not `{text}`")
        return int(text)

    def choice(self, name: str, allowed: Sequence[str], default: str | None = None) -> str:
        """One of a few words."""
        value = (self.maybe(name) or default) if default is not None else self.one(name)
        if value not in allowed:
            raise Usage(f"--{name} of {self.command} must be one of {', '.join(allowed)}, not `{value}`")
        return value


def read_flags(
    command: str, argv: Sequence[str], *, single: Sequence[str], repeated: Sequence[str] = (), extra: bool = False
) -> Flags:
    """Sorts a command line; with `extra`, flags that nobody declared are kept apart instead of refused."""
    mine, rest = split_argv(argv)
    given: dict[str, tuple[str, ...]] = {}
    others: dict[str, str] = {}
    for word in mine:
        name, value = _name_and_value(command, word)
        if name in repeated:
            given[name] = (*given.get(name, ()), value)
        elif name in given or name in others:
            raise Usage(f"--{name} stands twice")
        elif name in single:
            given[name] = (value,)
        elif extra:
            others[name] = value
        else:
            raise Usage(f"{command} knows no --{name}{suggestion(name, (*single, *repeated))}")
    return Flags(command, given, others, rest)


def split_argv(argv: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What stands before and after the first ` -- `."""
    if "--" not in argv:
        return tuple(argv), ()
    at = list(argv).index("--")
    return tuple(argv[:at]), tuple(argv[at + 1 :])


def suggestion(name: str, known: Sequence[str]) -> str:
    """The nearest known name as half a sentence, or nothing."""
    near = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean --{near[0]}?" if near else ""


def _name_and_value(command: str, word: str) -> tuple[str, str]:
    name, equals, value = word.removeprefix("--").partition("=")
    if not word.startswith("--") or not name:
        raise Usage(f"{command} takes --name=value, not `{word}`")
    if not equals:
        raise Usage(f"--{name} of {command} has no value; write --{name}=value")
    return name, value


def truth(name: str, text: str) -> bool:
    """Reads `true` or `false`, in any case, since some platforms capitalise what they fill in."""
    if text.lower() not in ("true", "false"):
        raise Usage(f"--{name} must be true or false, not `{text}`")
    return text.lower() == "true"


def number(name: str, text: str) -> float:
    """Reads a finite number."""
    try:
        value = float(text)
    except ValueError:
        raise Usage(f"--{name} must be a number, not `{text}`") from None
    if not math.isfinite(value):
        raise Usage(f"--{name} must be a finite number, not `{text}`")
    return value
