"""Which rules speak about which faults: a rule that never does is none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from mlopsgen.targets.ir.judge.folder import Folder, read_folder
from mlopsgen.targets.rules import Rule

from .mutation import mutants, read_once
from .seed import Fault

Subjects = Callable[[Folder], Iterator[Any]]


def silent(bundle: Path, faults: Iterable[Fault], groups: Iterable[tuple[Subjects, Iterable[Any]]]) -> set[str]:
    """The rules that no fault makes speak; `groups` says what each rule reads."""
    waiting = {(rule, subjects) for subjects, rules in groups for rule in rules}
    with read_once():
        for _, broken in mutants(bundle, faults):
            if broken is None or not waiting:
                continue
            folder = read_folder(broken)
            spoke = {(rule, subjects) for rule, subjects in waiting if _speaks(rule, subjects(folder))}
            waiting -= spoke
    return {rule.name for rule, _ in waiting}


def _speaks(rule: Rule[Any], subjects: Iterable[Any]) -> bool:
    return any(True for subject in subjects for _ in rule(subject))


def well_told(rules: Iterable[Rule[Any]]) -> None:
    """Every rule has a name of its own, says where its claim is written, and what it is about."""
    found = list(rules)
    names = [rule.name for rule in found]
    assert len(names) == len(set(names))
    assert all(rule.source and rule.check.__doc__ for rule in found)
