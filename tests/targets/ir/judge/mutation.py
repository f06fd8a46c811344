"""Breaks a bundle in every seeded way and counts what a linter sees."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.targets.documents import Document, read_json, read_yaml
from mlopsgen.targets.ir.judge import folder

from .seed import Absent, Fault, Seeded

Judging = Callable[[Path], Iterable[Diagnostic]]


@dataclass(frozen=True, slots=True)
class Score:
    """What became of every fault."""

    caught: tuple[str, ...]
    missed: tuple[str, ...]
    absent: tuple[str, ...]
    """Faults that the bundle has no place for."""

    @property
    def share(self) -> float:
        return len(self.caught) / max(1, len(self.caught) + len(self.missed))

    def __str__(self) -> str:
        total = len(self.caught) + len(self.missed)
        return (
            f"{len(self.caught)} of {total} seeded faults caught ({self.share:.1%}); missed: {', '.join(self.missed)}"
        )


def score(bundle: Path, faults: Iterable[Fault], judge: Judging) -> Score:
    """Every fault, one at a time, in a copy of the folder. A finding of the right kind counts, no other does."""
    found: dict[str, list[str]] = {"caught": [], "missed": [], "absent": []}
    with read_once():
        # Expected bundles have words in the place of digests, which are findings in themselves.
        before = {(said.code, said.message) for said in judge(bundle)}
        for fault, broken in mutants(bundle, faults):
            if broken is None:
                found["absent"].append(fault.name)
                continue
            told = {(said.code, said.message) for said in judge(broken)} - before
            seen = any(code in fault.codes for code, _ in told)
            found["caught" if seen else "missed"].append(fault.name)
    return Score(*(tuple(found[key]) for key in ("caught", "missed", "absent")))


def mutants(bundle: Path, faults: Iterable[Fault]) -> Iterator[tuple[Fault, Path | None]]:
    """Each fault with a folder that has it; None where there is no place for it."""
    good = Seeded.read(bundle)
    for fault in faults:
        broken = good.copy()
        try:
            fault.break_(broken)
        except (Absent, LookupError, StopIteration):
            yield fault, None
            continue
        if broken.files == good.files:
            yield fault, None
            continue
        with TemporaryDirectory() as place:
            write(bundle, good, broken, Path(place))
            yield fault, Path(place)


def write(bundle: Path, good: Seeded, broken: Seeded, place: Path) -> None:
    """Only what the fault has changed is spelled anew."""
    changed = {name: value for name, value in broken.files.items() if good.files.get(name) != value}
    for name in broken.files.keys() - changed.keys():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes((bundle / name).read_bytes())
    Seeded(changed).write(place)
    # Expected bundles are kept without their manifest; that of a bundle of ours has one is a rule's condition.
    (place / folder.MANIFEST).touch()


@lru_cache(maxsize=64)
def _read(name: str, text: str) -> tuple[Document, ...]:
    return (read_json(name, text),) if name.endswith(".json") else read_yaml(name, text)


@contextmanager
def read_once() -> Iterator[None]:
    """Files that are the same in all mutants are parsed once."""

    def cached(path: Path, name: str) -> Any:
        return _read(name, path.read_text())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(folder, "read_file", cached)
        yield
