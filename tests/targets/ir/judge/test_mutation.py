"""The linter sees what is broken in an IR document: at least 95 of 100 seeded faults, the rest known by name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.targets.ir.judge.folder import read_folder
from mlopsgen.targets.ir.judge.linter import lint

from .faults import FAULTS
from .mutation import score

TARGETS = Path(__file__).parents[2]
BUNDLES = [TARGETS / name / "judge" / "bundle" for name in ("kubeflow", "vertex")]

MISSED: dict[str, str] = {}
"""Faults that nobody sees, each with the reason why nobody can."""


def judge(folder: Path) -> Iterator[Diagnostic]:
    return lint(read_folder(folder))


def test_there_are_faults_of_every_kind() -> None:
    kinds = Counter(fault.kind for fault in FAULTS)
    assert set(kinds) == {"rename", "retype", "delete", "dangle", "semantics"}
    assert len(FAULTS) == len({fault.name for fault in FAULTS}) >= 250


@pytest.mark.parametrize("bundle", BUNDLES, ids=lambda path: path.parents[1].name)
def test_nothing_is_wrong_with_what_is_broken_here(bundle: Path) -> None:
    assert [f"{d.code} {d.span}: {d.message}" for d in judge(bundle)] == []


@pytest.mark.slow
def test_faults_are_caught() -> None:
    """One bundle has every second fault, the other one the others: the whole of each is soaked."""
    found = [score(bundle, FAULTS[i::2], judge) for i, bundle in enumerate(BUNDLES)]
    missed = {name for one in found for name in one.missed}
    assert all(one.share >= 0.95 and one.absent == () for one in found), [str(one) for one in found]
    assert missed == set(MISSED)


@pytest.mark.soak
@pytest.mark.parametrize("bundle", BUNDLES, ids=lambda path: path.parents[1].name)
def test_all_faults_are_caught_in_each(bundle: Path) -> None:
    found = score(bundle, FAULTS, judge)
    assert set(found.missed) == set(MISSED), str(found)
