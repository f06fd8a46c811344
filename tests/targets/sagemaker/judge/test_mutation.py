"""The judges see what is broken: at least 95 of 100 seeded faults, and the rest are known by name."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from .faults import FAULTS
from .mutation import score

HERE = Path(__file__).parent
GOLDEN = HERE.parents[2] / "golden" / "sagemaker"
EMITTED = sorted(p.parent for p in GOLDEN.glob("*/pipeline.json"))

MISSED: dict[str, str] = {}
"""Faults that nobody sees, each with the reason why nobody can."""


def test_there_are_faults_of_every_kind() -> None:
    kinds = Counter(fault.kind for fault in FAULTS)
    assert set(kinds) == {"rename", "retype", "delete", "dangle", "limits", "semantics"}
    assert len(FAULTS) == len({fault.name for fault in FAULTS}) >= 120


@pytest.mark.slow
def test_faults_in_our_own_bundle_are_caught() -> None:
    found = score(HERE / "bundle")
    assert found.share >= 0.95, str(found)
    assert set(found.missed) == set(MISSED), str(found)
    assert found.absent == ()


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(EMITTED)), ids=[folder.name for folder in EMITTED])
def test_faults_in_emitted_bundles_are_caught(number: int) -> None:
    """Each bundle has a share of the faults, so that together they have all: the whole of each is soaked."""
    found = score(EMITTED[number], FAULTS[number :: len(EMITTED)])
    assert found.share >= 0.95, str(found)
    assert set(found.missed) <= set(MISSED), str(found)


@pytest.mark.soak
@pytest.mark.parametrize("folder", EMITTED, ids=lambda folder: folder.name)
def test_all_faults_in_emitted_bundles_are_caught(folder: Path) -> None:
    found = score(folder)
    assert found.share >= 0.95, str(found)
    assert set(found.missed) <= set(MISSED), str(found)
