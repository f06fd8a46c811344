"""The specs of one `mlopsgen compile`: compiled and written a step at a time, here or in several processes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, assert_never

from mlopsgen.cli.options import read_asked
from mlopsgen.cli.report import Report
from mlopsgen.diagnostics import Diagnostic, Span, SpecError
from mlopsgen.records import dataclass

if TYPE_CHECKING:
    from mlopsgen.bundle import Bundle, Destination
    from mlopsgen.compile import Compiled

Step: TypeAlias = Literal["compile", "look", "prepare", "write", "give up"]
"""Bundles are made in memory; the folders they belong in are looked at; all are written beside those; they are put in
place, or taken away when one could not be written."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is done with each spec."""

    targets: tuple[str, ...]
    how: Mapping[str, Any]
    """The environment, variables and allowed codes."""
    out: Path
    force: bool
    named: bool
    """Whether bundles lie below the product's name."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a step made of one spec; it can be sent from one process to another."""

    spec: Path
    findings: tuple[Diagnostic, ...] = ()
    texts: Mapping[str, bytes] | None = None
    """The texts that findings quote from."""
    folders: tuple[Path, ...] = ()
    """Of each bundle that was made; of those that have to be written, once they were looked at; that are there."""
    product: str = ""
    name: Span | None = None
    """Where the spec says its name."""


class Part(Protocol):
    """Some of the specs."""

    def take(self, step: Step) -> Iterator[Outcome]:
        """Begin a step; what it makes of each of its specs can be had when it is done."""


class Batch:
    """Specs that are compiled and written in this process."""

    def __init__(self, job: Job, specs: Iterable[Path]) -> None:
        """Specs that are compiled as they come: somebody else may take from the same iterator."""
        self._job = job
        self._coming = specs
        self._specs: list[Path] = []
        self._bundles: dict[Path, list[tuple[Path, Bundle]]] = {}
        self._places: dict[Path, list[Destination]] = {}
        self._ready: dict[Path, list[Destination]] = {}

    def take(self, step: Step) -> Iterator[Outcome]:
        """A step over the specs, one after the other."""
        match step:
            case "compile":
                return map(self._compile, self._coming)
            case "look":
                return map(self._look, self._specs)
            case "prepare":
                return map(self._prepare, self._specs)
            case "write":
                return map(self._write, self._specs)
            case "give up":
                return map(self._give_up, self._specs)
            case _:
                assert_never(step)

    def _compile(self, spec: Path) -> Outcome:
        self._specs.append(spec)
        report = Report("text", debug=False)
        results = list(self._compile_each(report, spec))
        folders = [(self._job.out / self._inside(one) / one.bundle.target, one.bundle) for one in results]
        self._bundles[spec] = folders
        product, name = "", None
        for one in results[:1]:
            product, name = one.product, report.there(one.source.locate(("name",)))
        texts = report.texts if report.findings else None
        return Outcome(spec, tuple(report.findings), texts, tuple(folder for folder, _ in folders), product, name)

    def _inside(self, result: Compiled) -> Path:
        env: str | None = self._job.how["env"]
        return Path(*(result.product,) if self._job.named else (), *(env,) if env else ())

    def _compile_each(self, report: Report, spec: Path) -> Iterator[Compiled]:
        """What can be compiled of one spec."""
        from mlopsgen import compile as compiler

        try:
            request = read_asked(report, spec, **self._job.how)
            names = compiler.resolve_targets(request, self._job.targets)
            checked = compiler.check(request, names, every_block=False)
        except SpecError as wrong:
            report.add(wrong.findings)
            return
        for name in names:
            try:
                result = compiler.compile_for(checked, name)
            except SpecError as wrong:
                report.add(wrong.findings)
            else:
                report.add(result.findings)
                yield result

    def _look(self, spec: Path) -> Outcome:
        from mlopsgen.bundle import blocked, is_stale, look

        try:
            places = [look(bundle, folder) for folder, bundle in self._bundles[spec]]
        except SpecError as wrong:
            return Outcome(spec, wrong.findings)
        self._places[spec] = places
        stale = tuple(place.out for place in places if is_stale(place))
        if not self._job.named and len(places) == 1:  # a folder alone is refused when it is written
            return Outcome(spec, folders=stale)
        findings = tuple(one for place in places for one in blocked(place, force=self._job.force))
        return Outcome(spec, findings, folders=stale)

    def _prepare(self, spec: Path) -> Outcome:
        """New folders beside the old ones: whatever runs out while they are written, every old one is still there."""
        from mlopsgen.bundle import is_stale, prepare

        try:
            for place in filter(is_stale, self._places[spec]):
                if prepare(place, force=self._job.force):
                    self._ready.setdefault(spec, []).append(place)
        except SpecError as wrong:
            return Outcome(spec, wrong.findings)
        return Outcome(spec)

    def _write(self, spec: Path) -> Outcome:
        from mlopsgen.bundle import exchange

        folders: list[Path] = []
        try:
            for place in self._places[spec]:
                if any(place is ready for ready in self._ready.get(spec, ())):
                    exchange(place)
                folders.append(place.out)
        except SpecError as wrong:
            return Outcome(spec, wrong.findings, folders=tuple(folders))
        return Outcome(spec, folders=tuple(folders))

    def _give_up(self, spec: Path) -> Outcome:
        from mlopsgen.bundle import give_up

        for place in self._ready.pop(spec, ()):
            give_up(place)
        return Outcome(spec)


def in_order(split: Sequence[Part], specs: Sequence[Path], step: Step) -> Iterator[Outcome]:
    """What a step made of each spec, in the order of the specs; all parts work at once."""
    if len(split) == 1:
        return split[0].take(step)
    outcomes = [part.take(step) for part in split]
    of_spec = {outcome.spec: outcome for part in outcomes for outcome in part}
    return map(of_spec.__getitem__, specs)
