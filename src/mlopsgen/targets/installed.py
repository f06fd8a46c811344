"""Which targets are installed, read from what pip wrote beside each package.

importlib.metadata tells the same; importing it takes longer than compiling a spec for a target.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from mlopsgen.records import dataclass

GROUP = "mlopsgen.targets"

_ABOUT = (".dist-info", ".egg-info")


@dataclass(frozen=True, slots=True)
class Entry:
    """One target as its package announces it."""

    name: str
    value: str
    """`module:object`."""
    about: Path | None = None
    """The folder that pip keeps about the package."""

    @property
    def module(self) -> str:
        """The module that the target is in."""
        return self.value.partition(":")[0].strip()

    def load(self) -> Any:
        """The target itself; raises whatever its module raises."""
        found: Any = import_module(self.module)
        for part in filter(None, self.value.partition(":")[2].split(".")):
            found = getattr(found, part.strip())
        return found

    def package(self) -> tuple[str, str]:
        """The name and version of the package that brings it."""
        if self.about is None:
            return (self.module, "")
        from importlib.metadata import PathDistribution

        found = PathDistribution(self.about)
        return (found.name, found.version)


def entries() -> dict[str, Entry]:
    """Every target on the path of this Python, by name, in alphabetical order."""
    first: dict[str, tuple[Entry, ...]] = {}
    for folder in sys.path:
        for about in _packages(folder or "."):
            # Of a package that is there twice, the one that Python would import counts.
            name = about.name.partition("-")[0].lower()
            if name not in first:
                first[name] = tuple(_announced(about))
    found = (entry for entries in first.values() for entry in entries)
    return {entry.name: entry for entry in sorted(found, key=lambda e: (e.name, e.value))}


def _packages(folder: str) -> Iterator[Path]:
    """What is kept about each package of a folder, or of an archive that Python imports from."""
    place = Path(folder)
    if place.is_file():
        from zipfile import Path as Archived
        from zipfile import is_zipfile

        inside = Archived(folder).iterdir() if is_zipfile(folder) else ()
        yield from (cast("Path", about) for about in inside if about.name.endswith(_ABOUT))
        return
    with suppress(OSError):
        yield from sorted(about for about in place.iterdir() if about.name.endswith(_ABOUT))


def _announced(about: Path) -> Iterator[Entry]:
    """The targets that a package announces: the lines of its section of `entry_points.txt`."""
    announced = about / "entry_points.txt"
    if not announced.is_file():
        return
    section = ""
    for line in map(str.strip, announced.read_text(encoding="utf-8").splitlines()):
        if line.startswith("["):
            section = line[1:].partition("]")[0].strip()
        elif section == GROUP and "=" in line and not line.startswith(("#", ";")):
            name, _, value = line.partition("=")
            yield Entry(name.strip(), value.partition("[")[0].strip(), about)
