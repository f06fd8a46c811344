"""Breaks a bundle in every seeded way and counts what the judges see.

`python -m tests.targets.azureml.judge.mutation FOLDER` prints the score of a folder that was emitted.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from mlopsgen.bundle import Bundle, check_integrity, manifest_of
from mlopsgen.diagnostics import Diagnostic
from mlopsgen.targets.azureml.judge import linter
from mlopsgen.targets.azureml.judge.folder import read_folder

from .faults import FAULTS
from .seed import Absent, Fault, Seeded

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Score:
    """What became of every fault."""

    caught: tuple[str, ...]
    missed: tuple[str, ...]
    absent: tuple[str, ...]
    """Faults that the bundle has no place for."""
    rules: frozenset[str]
    """Rules of the linter that had something to say."""

    @property
    def share(self) -> float:
        return len(self.caught) / (len(self.caught) + len(self.missed))

    def __str__(self) -> str:
        total = len(self.caught) + len(self.missed)
        missed = f"; missed: {', '.join(self.missed)}" if self.missed else ""
        absent = f"; no place for: {', '.join(self.absent)}" if self.absent else ""
        return f"{len(self.caught)} of {total} seeded faults caught ({self.share:.1%}){missed}{absent}"


def score(folder: Path, faults: Iterable[Fault] = FAULTS) -> Score:
    """Every fault, one at a time, in a copy of the folder, before our linter and the manifest alone."""
    good = Seeded.read(folder)
    caught: list[str] = []
    missed: list[str] = []
    absent: list[str] = []
    rules: set[str] = set()
    for fault in faults:
        try:
            broken = broken_by(good, fault)
        except Absent:
            absent.append(fault.name)
            continue
        with TemporaryDirectory() as place:
            write(good, broken, Path(place))
            found = list(heard(Path(place)))
        rules.update(name for name, _ in found)
        seen = any(said.code in fault.codes for _, said in found)
        (caught if seen else missed).append(fault.name)
    return Score(tuple(caught), tuple(missed), tuple(absent), frozenset(rules))


def broken_by(good: Seeded, fault: Fault) -> Seeded:
    """A copy with the fault in it; Absent where it has no place for it."""
    broken = good.copy()
    try:
        fault.break_(broken)
    except (LookupError, StopIteration, AttributeError) as nowhere:
        raise Absent(fault.name) from nowhere
    return broken


def heard(folder: Path) -> Iterator[tuple[str, Diagnostic]]:
    """Every finding, with the rule that it is of."""
    read = read_folder(folder)
    yield from (("readable", found) for found in read.broken)
    yield from linter.spoken(read)
    yield from (("integrity", found) for found in check_integrity(folder))


def write(good: Seeded, broken: Seeded, folder: Path) -> None:
    """Writes the bundle with a manifest that only misses what the fault took away: a digest must not give it away."""
    broken.write(folder)
    here = {n: folder / n for n in (set(good.files) | set(broken.files)) - {MANIFEST}}
    content = {name: path.read_bytes() if path.is_file() else b"" for name, path in here.items()}
    (folder / MANIFEST).write_bytes(manifest_of(Bundle("azureml", content)).text())


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        sys.stdout.write(f"{argument}: {score(Path(argument))}\n")
