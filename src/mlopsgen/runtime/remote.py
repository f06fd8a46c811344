"""Folders that lie in a store while nobody works on them: brought before a command, put back after it."""

from __future__ import annotations

import os
from pathlib import Path

from .platforms import open_folder
from .problems import Failed, Usage


def load(asked: str, *, empty: bool = False) -> None:
    """`DIR=URI`: brings every file below an address into a folder, which may be `empty` or has at least one."""
    folder, uri = _halves("load", asked)
    folder.mkdir(parents=True, exist_ok=True)
    if not open_folder(uri).get(folder) and not empty:
        raise Failed(f"there is nothing below {uri}")


def save(asked: str) -> None:
    """`DIR=URI`: puts every file of a folder below an address."""
    folder, uri = _halves("save", asked)
    if not folder.is_dir():
        raise Failed(f"the step wrote no {folder}")
    open_folder(uri).put(folder)


def is_first(variable: str | None) -> bool:
    """Whether this is the one of several machines that speaks for all: the variable counts them from 0."""
    if variable is None:
        return True
    number = os.environ.get(variable)
    if number is None:
        raise Failed(f"the environment does not say which machine this is: there is no {variable}")
    return number == "0"


def _halves(flag: str, asked: str) -> tuple[Path, str]:
    folder, equals, uri = asked.partition("=")
    if not equals or not folder or not uri:
        raise Usage(f"--{flag} takes DIR=URI, not `{asked}`")
    return Path(folder), uri
