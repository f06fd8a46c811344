"""The linter sees what is broken in a Kubeflow bundle: at least 95 of 100 seeded faults, the rest known by name."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from mlopsgen.targets.kubeflow.judge.linter import judge
from tests.targets.ir.judge.mutation import score

from .faults import FAULTS, OWN

HERE = Path(__file__).parent
EMITTED = sorted(p.parent for p in (HERE.parents[2] / "golden" / "kubeflow").glob("*/pipeline.yaml"))

MISSED: dict[str, str] = {}
"""Faults that nobody sees, each with the reason why nobody can."""


def test_there_are_faults_of_every_kind() -> None:
    kinds = Counter(fault.kind for fault in OWN)
    assert set(kinds) == {"rename", "retype", "delete", "dangle", "semantics"}
    assert len(FAULTS) == len({fault.name for fault in FAULTS}) >= 700


def test_nothing_is_wrong_with_what_is_broken_here() -> None:
    assert [f"{d.code} {d.span}: {d.message}" for d in judge(HERE / "bundle")] == []


@pytest.mark.slow
def test_faults_in_our_own_bundle_are_caught() -> None:
    found = score(HERE / "bundle", OWN, judge)
    assert found.share >= 0.95, str(found)
    assert set(found.missed) == set(MISSED), str(found)
    assert found.absent == ()


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(EMITTED)), ids=[folder.name for folder in EMITTED])
def test_faults_in_emitted_bundles_are_caught(number: int) -> None:
    """Each bundle has a share of the faults, so that together they have most: the whole of each is soaked."""
    found = score(EMITTED[number], FAULTS[number :: 4 * len(EMITTED)], judge)
    assert found.share >= 0.95, str(found)
    assert set(found.missed) <= set(MISSED), str(found)


@pytest.mark.soak
@pytest.mark.parametrize("folder", EMITTED, ids=lambda folder: folder.name)
def test_all_faults_in_emitted_bundles_are_caught(folder: Path) -> None:
    found = score(folder, FAULTS, judge)
    assert found.share >= 0.95, str(found)
    assert set(found.missed) <= set(MISSED), str(found)
