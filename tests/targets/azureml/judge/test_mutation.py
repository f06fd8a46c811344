"""The linter sees what is broken: at least 95 of 100 seeded faults, and the rest are known by name."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from mlopsgen.targets.azureml.judge import linter
from mlopsgen.targets.azureml.judge.arm import grants

from .faults import FAULTS
from .mutation import score

HERE = Path(__file__).parent
GOLDEN = HERE.parents[2] / "golden" / "azureml"
EMITTED = sorted(p.parent for p in GOLDEN.glob("*/pipeline.yml"))

MISSED: dict[str, str] = {
    "component-without-a-version": "a component that a pipeline names by its file is registered by what it holds",
}
"""Faults that nobody sees, each with the reason why nobody can."""
MAY_EXIST = {
    "compute-that-nobody-makes": "a cluster of quite another name may be in the workspace already, and a second "
    "pipeline of the bundle still uses the one that is made",
}
"""Faults that bundles of more than one pipeline hide."""


def test_there_are_faults_of_every_kind() -> None:
    kinds = Counter(fault.kind for fault in FAULTS)
    assert set(kinds) == {"rename", "retype", "delete", "dangle", "limits", "semantics"}
    assert len(FAULTS) == len({fault.name for fault in FAULTS}) >= 400


@pytest.mark.slow
def test_faults_in_our_own_bundle_are_caught() -> None:
    found = score(HERE / "bundle")
    assert found.share >= 0.95, str(found)
    assert set(found.missed) == set(MISSED), str(found)
    assert found.absent == ()
    assert RULES - found.rules == set(), "rules that no fault makes speak"


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(EMITTED)), ids=[folder.name for folder in EMITTED])
def test_faults_in_emitted_bundles_are_caught(number: int) -> None:
    """Each bundle has a share of the faults, so that together they have all: the whole of each is soaked."""
    found = score(EMITTED[number], FAULTS[number :: len(EMITTED)])
    assert found.share >= 0.95, str(found)
    assert set(found.missed) <= {*MISSED, *MAY_EXIST}, str(found)


@pytest.mark.soak
@pytest.mark.parametrize("folder", EMITTED, ids=lambda folder: folder.name)
def test_all_faults_in_emitted_bundles_are_caught(folder: Path) -> None:
    found = score(folder)
    assert found.share >= 0.95, str(found)
    assert set(found.missed) <= {*MISSED, *MAY_EXIST}, str(found)


RULES = {
    rule.name
    for rules in (
        linter.FOLDER_RULES,
        linter.PIPELINE_RULES,
        linter.COMPONENT_RULES,
        linter.SCHEDULE_RULES,
        linter.TEMPLATE_RULES,
        (grants.narrow_roles,),
    )
    for rule in rules
}
