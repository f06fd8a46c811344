"""Seeds every fault in a bundle, one at a time, and asks the judge that the fault names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

from mlopsgen.diagnostics import Diagnostic
from tests.targets.judging.faults import Absent, Fault
from tests.targets.judging.seeded import Seeded

CompileRequest: TypeAlias = Callable[[Path], Iterable[tuple[str, Diagnostic]]]
"""A judge: every finding about a folder, with the name of the rule that it is of."""


@dataclass(frozen=True, slots=True)
class Score:
    """What became of every fault."""

    seen_by: dict[str, frozenset[str]] = field(default_factory=dict)
    """The rules that saw a fault, by the fault's name: of the judge that it names, with a code that is right."""
    absent: list[str] = field(default_factory=list)
    """Faults that the bundle has no place for."""

    @property
    def missed(self) -> set[str]:
        return {name for name, rules in self.seen_by.items() if not rules}

    @property
    def share(self) -> float:
        return 1 - len(self.missed) / max(1, len(self.seen_by))

    def __str__(self) -> str:
        total = len(self.seen_by)
        missed = f"; missed: {', '.join(sorted(self.missed))}" if self.missed else ""
        absent = f"; no place for: {', '.join(self.absent)}" if self.absent else ""
        return f"{total - len(self.missed)} of {total} seeded faults caught ({self.share:.1%}){missed}{absent}"


def score(
    bundle: Path, faults: Iterable[Fault], judges: Mapping[str, CompileRequest], *, seeded: type[Seeded]
) -> Score:
    """Every fault before the judge that it names; any other finding than a new one of the right kind is not enough."""
    result = Score()
    with TemporaryDirectory() as good:
        whole = seeded.read(bundle)
        whole.write_mutant(Path(good), good=whole, bundle=bundle)
        # Expected bundles have words in the place of digests, which are findings in themselves.
        before = cache(lambda judge: {(finding.code, finding.message) for _, finding in judge(Path(good))})
        for fault, folder in mutants(bundle, faults, seeded=seeded):
            if folder is None:
                result.absent.append(fault.name)
                continue
            judge = judges[fault.by]
            result.seen_by[fault.name] = frozenset(
                rule
                for rule, finding in judge(folder)
                if finding.code in fault.codes and (finding.code, finding.message) not in before(judge)
            )
    return result


def mutants(bundle: Path, faults: Iterable[Fault], *, seeded: type[Seeded]) -> Iterator[tuple[Fault, Path | None]]:
    """Each fault with a folder that has it, for as long as it is asked about; None where there is no place for it."""
    good = seeded.read(bundle)
    for fault in faults:
        broken = broken_by(fault, good)
        if broken is None:
            yield fault, None
            continue
        with TemporaryDirectory() as place:
            broken.write_mutant(Path(place), good=good, bundle=bundle)
            yield fault, Path(place)


def broken_by(fault: Fault, good: Seeded) -> Seeded | None:
    """A copy with the fault in it; None where it has no place for it."""
    broken = good.copy()
    try:
        fault.break_(broken)
    except (Absent, LookupError, StopIteration, AttributeError):
        return None
    return broken if broken.files != good.files else None
