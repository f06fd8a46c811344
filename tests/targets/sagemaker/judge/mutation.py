"""Breaks a bundle in every seeded way and counts what the judges see.

`python -m tests.targets.sagemaker.judge.mutation FOLDER` prints the score of a folder that was emitted.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from mlopsgen.bundle import Bundle, check_integrity, manifest_of
from mlopsgen.diagnostics import Diagnostic
from mlopsgen.targets.sagemaker.judge import botocore_judge, cfn, linter

from .faults import FAULTS
from .seed import Absent, Fault, Seeded

MANIFEST = "manifest.json"
# The quick ones first: cfn-lint is asked only about what nobody has seen yet.
JUDGES: tuple[Callable[[Path], Iterable[Diagnostic]], ...] = (
    linter.judge,
    botocore_judge.judge,
    check_integrity,
    cfn.judge,
)


@dataclass(frozen=True, slots=True)
class Score:
    """What became of every fault."""

    caught: tuple[str, ...]
    missed: tuple[str, ...]
    absent: tuple[str, ...]
    """Faults that the bundle has no place for."""

    @property
    def share(self) -> float:
        return len(self.caught) / (len(self.caught) + len(self.missed))

    def __str__(self) -> str:
        total = len(self.caught) + len(self.missed)
        missed = f"; missed: {', '.join(self.missed)}" if self.missed else ""
        absent = f"; no place for: {', '.join(self.absent)}" if self.absent else ""
        return f"{len(self.caught)} of {total} seeded faults caught ({self.share:.1%}){missed}{absent}"


def score(folder: Path, faults: Iterable[Fault] = FAULTS) -> Score:
    """Every fault, one at a time, in a copy of the folder."""
    good = Seeded.read(folder)
    caught: list[str] = []
    missed: list[str] = []
    absent: list[str] = []
    for fault in faults:
        broken = good.copy()
        try:
            fault.break_(broken)
        except Absent:
            absent.append(fault.name)
            continue
        (caught if _seen(good, broken, fault) else missed).append(fault.name)
    return Score(tuple(caught), tuple(missed), tuple(absent))


def _seen(good: Seeded, broken: Seeded, fault: Fault) -> bool:
    """Whether a finding of the right kind is reported; any other finding is not enough."""
    with TemporaryDirectory() as place:
        write(good, broken, Path(place))
        return any(found.code in fault.codes for found in _asked(Path(place)))


def _asked(folder: Path) -> Iterator[Diagnostic]:
    for judge in JUDGES:
        yield from judge(folder)


def write(good: Seeded, broken: Seeded, folder: Path) -> None:
    """Writes the bundle with a manifest that only misses what the fault took away: a digest must not give it away."""
    broken.write(folder)
    listed = broken.files.get(MANIFEST)
    names = set(good.files) | set(listed["files"] if isinstance(listed, dict) else ())
    here = {n: folder / n for n in (names | set(broken.files)) - {MANIFEST}}
    content = {name: path.read_bytes() if path.is_file() else b"" for name, path in here.items()}
    (folder / MANIFEST).write_bytes(manifest_of(Bundle("sagemaker", content)).text())


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        sys.stdout.write(f"{argument}: {score(Path(argument))}\n")
