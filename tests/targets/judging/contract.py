"""What holds for the linter of every target: it is silent about what is right, and sees what is broken."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import fields, replace
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import pytest

from mlopsgen.bundle import check_integrity
from mlopsgen.diagnostics import Diagnostic
from mlopsgen.targets.documents import Document, dig, walk
from mlopsgen.targets.judging import Judge
from mlopsgen.targets.rules import RuleSet, by_rules
from tests.targets.judging.faults import MANIFEST, OURS, Fault
from tests.targets.judging.mutation import CompileRequest, Score, score
from tests.targets.judging.outside import of_judge, seen_outside
from tests.targets.judging.seeded import Seeded

GOLDEN = Path(__file__).parents[2] / "golden"
JUNK: tuple[Any, ...] = (
    *(None, 1, -1.5, 1e308, True, "x", "", [], {}, [1], [None], {"a": 1}, [{}], [["x"]], {"a": {}}, "x" * 5000),
    *({"Ref": 3}, {"Get": 5}, {"Get": ""}, {"Std:Join": 7}, {"Fn::Sub": [1, 2]}, {"Fn::GetAtt": []}),
    *("[", "[concat(", "${", "${{", "{{$"),
)
KeyPath = tuple[str | int, ...]


class LinterContract:
    """The tests; a target says what its linter is, and which faults it must see."""

    here: ClassVar[Path]
    """The folder with `bundle`, which is right, and `foreign`, what others wrote."""
    reader: ClassVar[ModuleType]
    """The module that reads a bundle's folder."""
    rules: ClassVar[tuple[RuleSet[Any, Any], ...]]
    tried_elsewhere: ClassVar[tuple[RuleSet[Any, Any], ...]] = ()
    """Rules whose faults are seeded by the tests of another linter."""
    others: ClassVar[Mapping[str, Callable[[Path], Iterable[Diagnostic]]]] = {}
    """Other judges of the target that live in this process."""
    outside: ClassVar[tuple[Judge, ...]] = ()
    """Those that have an environment of their own."""
    seeded: ClassVar[type[Seeded]]
    own: ClassVar[tuple[Fault, ...]]
    """Faults that the bundle has a place for, every one."""
    faults: ClassVar[tuple[Fault, ...]]
    """All faults of bundles of this target."""
    kinds: ClassVar[frozenset[str]] = frozenset({"rename", "retype", "delete", "dangle", "semantics"})
    missed: ClassVar[Mapping[str, str]] = {}
    """Faults that nobody sees, each with the reason why nobody can."""
    hidden: ClassVar[Mapping[str, str]] = {}
    """Faults that emitted bundles hide, each with the reason why."""
    emitted: ClassVar[tuple[Path, ...]]
    """Expected bundles."""
    share: ClassVar[int] = 1
    """One in so many faults is seeded in an emitted bundle; the whole of each is soaked."""

    junk: ClassVar[int] = 200
    """Places and values that are drawn from all; the soak has all."""

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        if "number" in metafunc.fixturenames:
            metafunc.parametrize("number", range(len(self.emitted)), ids=[bundle.name for bundle in self.emitted])
        if "stranger" in metafunc.fixturenames:
            metafunc.parametrize("stranger", self.strangers(), ids=lambda path: f"{path.parent.name}-{path.name}")

    def strangers(self) -> list[Path]:
        """Folders or files that others wrote."""
        return sorted(p for p in (self.here / "foreign").rglob("*") if p.is_file())

    def judges(self) -> dict[str, CompileRequest]:
        """Whom a fault can name, each with findings and the names of their rules."""
        alone = {name: _named(name, judge) for name, judge in self.others.items()}
        return {OURS: self.lint, MANIFEST: _named(MANIFEST, check_integrity), **alone}

    def lint(self, bundle: Path) -> Iterator[tuple[str, Diagnostic]]:
        folder = self.reader.read_folder(bundle)
        yield from (("readable", finding) for finding in folder.broken)
        yield from by_rules(folder, self.rules)

    def said(self, bundle: Path) -> list[str]:
        """What our linter says, and the other judges of this process."""
        judges = (judge for name, judge in self.judges().items() if name != MANIFEST)
        return [f"{d.code} {d.span}: {d.message}" for judge in judges for _, d in judge(bundle)]

    def score(self, bundle: Path, faults: tuple[Fault, ...]) -> Score:
        """What becomes of the faults; those of judges outside of this process are left to the soak."""
        judges = self.judges()
        with read_once(self.reader):
            return score(bundle, [fault for fault in faults if fault.by in judges], judges, seeded=self.seeded)

    def test_our_own_bundle_is_right(self) -> None:
        assert self.said(self.here / "bundle") == []

    def test_strangers_are_right(self, stranger: Path, tmp_path: Path) -> None:
        if stranger.is_file():
            shutil.copy(stranger, tmp_path)
            stranger = tmp_path
        assert self.said(stranger) == []

    def test_there_are_faults_of_every_kind(self) -> None:
        assert {fault.kind for fault in self.own} == self.kinds
        assert len(self.faults) == len({fault.name for fault in self.faults})

    def test_every_rule_says_what_it_is_and_where_its_claim_is_written(self) -> None:
        rules = [rule for group in self.rules for rule in group.rules]
        names = [rule.name for rule in rules]
        assert sorted(names) == sorted(set(names))
        assert all(rule.source and rule.check.__doc__ for rule in rules)

    @pytest.mark.slow
    def test_each_fault_is_seen_by_the_judge_that_it_names(self) -> None:
        result = self.score(self.here / "bundle", self.own)
        assert result.share >= 0.95, str(result)
        assert result.missed == set(self.missed), str(result)
        assert result.absent == []
        ours = {fault.name for fault in self.own if fault.by == OURS}
        seeing = {rule for name, rules in result.seen_by.items() if name in ours for rule in rules}
        blind = self._tried() - seeing
        assert blind == set(), f"rules that see no fault of ours: {blind}"

    @pytest.mark.soak
    def test_each_fault_of_a_judge_outside_is_seen_by_it(self) -> None:
        for judge in self.outside:
            faults = [fault for fault in self.own if fault.by == judge.name]
            seen = seen_outside(of_judge(judge), self.here / "bundle", faults, seeded=self.seeded) if faults else set()
            assert seen == {fault.name for fault in faults}, judge.name

    def test_each_fault_names_a_judge(self) -> None:
        assert {fault.by for fault in self.own} <= {*self.judges(), *(judge.name for judge in self.outside)}

    @pytest.mark.soak
    def test_no_rule_is_one_that_another_judge_has(self) -> None:
        """Each sees a fault of ours that no other judge of the target sees, by the same code or a vague one."""
        result = self.score(self.here / "bundle", tuple(fault for fault in self.own if fault.by == OURS))
        waiting = self._tried()
        for number in (0, 1, 2, None):
            chosen = {rule: _some(self.own, result, rule, number) for rule in waiting}
            elsewhere = self._seen_elsewhere({fault.name: fault for faults in chosen.values() for fault in faults})
            waiting -= {rule for rule, faults in chosen.items() if {fault.name for fault in faults} - elsewhere}
        assert waiting == set()

    def _tried(self) -> set[str]:
        """The rules whose faults are seeded here."""
        return {rule.name for group in self.rules for rule in group.rules if group not in self.tried_elsewhere}

    def _seen_elsewhere(self, faults: Mapping[str, Fault]) -> set[str]:
        """Of these faults those that another judge reports too."""
        seen: set[str] = set()
        vague = [replace(fault, codes=fault.codes | {"MG441"}) for fault in faults.values()]
        for name in self.others:
            asked = tuple(replace(fault, by=name) for fault in vague)
            result = self.score(self.here / "bundle", asked)
            seen |= result.seen_by.keys() - result.missed
        for judge in self.outside:
            seen |= seen_outside(of_judge(judge), self.here / "bundle", vague, seeded=self.seeded)
        return seen

    @pytest.mark.slow
    def test_faults_in_emitted_bundles_are_seen(self, number: int) -> None:
        """Each bundle has a share of the faults, so that together they have most: the whole of each is soaked."""
        self._seen_in_emitted(number, self.faults[number :: self.share * len(self.emitted)])

    @pytest.mark.soak
    def test_all_faults_in_emitted_bundles_are_seen(self, number: int) -> None:
        self._seen_in_emitted(number, self.faults)

    def _seen_in_emitted(self, number: int, faults: tuple[Fault, ...]) -> None:
        result = self.score(self.emitted[number], faults)
        assert result.share >= 0.95, str(result)
        assert result.missed <= {*self.missed, *self.hidden}, str(result)

    def test_some_junk(self) -> None:
        """A judge finds, it never breaks off: any value may stand in any place."""
        self._survives(self.junk)

    @pytest.mark.soak
    def test_all_junk(self) -> None:
        self._survives(None)

    def _survives(self, count: int | None) -> None:
        folder = self.reader.read_folder(self.here / "bundle")
        cases = [(d, path, junk) for d in documents(folder) for path, _ in walk(d.data) for junk in JUNK]
        random.Random(7).shuffle(cases)
        for document, path, junk in cases[:count]:
            other = replace(document, data=put(document.data, path, junk))
            try:
                list(self.findings(replaced(folder, old=document, new=other)))
            except Exception as error:  # noqa: BLE001 — the case is what helps
                pytest.fail(f"{junk!r} at {document.file} {path}: {error!r}")

    def findings(self, folder: Any) -> Iterator[Diagnostic]:
        """What is said of a folder that was read already."""
        return (d for _, d in by_rules(folder, [group for group in self.rules if group not in self.tried_elsewhere]))


def _some(faults: Iterable[Fault], result: Score, rule: str, number: int | None) -> list[Fault]:
    """The fault of this number that a rule sees, in the order of the list; all of them where none is named."""
    seen = [fault for fault in faults if rule in result.seen_by.get(fault.name, ())]
    return seen if number is None else seen[number : number + 1]


def _named(name: str, judge: Callable[[Path], Iterable[Diagnostic]]) -> CompileRequest:
    return lambda folder: ((name, finding) for finding in judge(folder))


def documents(folder: Any) -> list[Document]:
    """Every document that a folder holds, alone or beside its kind."""
    values = [getattr(folder, field.name) for field in fields(folder)]
    entries = [entry for value in values if isinstance(value, tuple) for entry in value]
    found = [entry[1] if isinstance(entry, tuple) else entry for entry in entries]
    return [entry for entry in found if isinstance(entry, Document)]


def replaced(folder: Any, *, old: Document, new: Document) -> Any:
    """The folder with another document in the place of one."""

    def swapped(entry: Any) -> Any:
        if isinstance(entry, tuple):
            return tuple(map(swapped, entry))
        return new if entry is old else entry

    values = {field.name: getattr(folder, field.name) for field in fields(folder)}
    return replace(folder, **{name: tuple(map(swapped, v)) for name, v in values.items() if isinstance(v, tuple)})


def put(data: Any, path: KeyPath, value: Any) -> Any:
    """A copy with another value in one place."""
    if not path:
        return value
    copy = deepcopy(data)
    dig(copy, path[:-1])[path[-1]] = value
    return copy


@contextmanager
def read_once(reader: ModuleType) -> Iterator[None]:
    """Files that are the same in all mutants are parsed once."""
    kept: dict[tuple[str, bytes], Any] = {}
    original = getattr(reader, "read_file", None)

    def cached(path: Path, name: str) -> Any:
        key = name, path.read_bytes()
        if len(kept) > 200:
            kept.clear()
        if key not in kept:
            assert original is not None
            kept[key] = original(path, name)
        return kept[key]

    with pytest.MonkeyPatch.context() as patch:
        if original is not None:
            patch.setattr(reader, "read_file", cached)
        yield
