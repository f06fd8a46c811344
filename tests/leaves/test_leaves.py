"""Nothing that a spec says is lost in silence: each of its values alone changes the bundle, or something is said of it.

`test_no_field_is_read_and_forgotten` of the contract asks this of each field, somewhere in specs that have all: what
one heeds is heeded. Here each leaf of every spec of the repository is changed in its own surroundings, which decide
what becomes of it: `spot` on a cluster that exists, `cache` over data without a version. An edit that means the same
as before (`check --resolved`) is none, nor is one that is wrong. Bundles are compared without their digests, which
differ with anything. Environments and variables are in place before a target is asked: tests/spec.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from mlopsgen import compile as compiler
from mlopsgen.testing.projects import Project
from tests.conformance import test_contract as contract
from tests.conformance.whole import ADDRESSES, KEY
from tests.leaves.heed import Tried
from tests.leaves.known import KNOWN, Known, excused
from tests.targets.corpus import NOTHING, projects

PERSON = "11111111-2222-3333-4444-555555555555"
BLOCKS: Mapping[str, Mapping[str, Any]] = {
    one.target: one.options
    for one in (
        contract.TestAzureML,
        contract.TestKubeflow,
        contract.TestLocal,
        contract.TestSageMaker,
        contract.TestVertex,
    )
}
WORDS: Mapping[str, Mapping[str, str]] = {
    **ADDRESSES,
    "azureml": {
        **ADDRESSES["azureml"],
        "alias/ml": ADDRESSES["azureml"][KEY],
        "release-managers": PERSON,
        "planning-app": PERSON,
    },
    "vertex": {**ADDRESSES["vertex"], "alias/ml": ADDRESSES["vertex"][KEY]},
}
"""What the specs say → what a target's platform has in its place."""
SPECS = {f"{place}-{project.name}": project for place, project in enumerate(projects())}
SAMPLED, LEAVES = 7, 12
"""Of so many specs for each target, so many leaves are tried with every test; `make soak` tries all."""
FOREIGN = frozenset({("kubeflow", "foreign")})
"""Specs that a target refuses in more than a part."""


@pytest.fixture(autouse=True)
def _first_findings_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """What else is wrong with a wrong edit is nothing that is asked here."""
    monkeypatch.setattr(compiler, "ROUNDS", 0)


def tried(project: Project, folder: Path, target: str) -> Tried | None:
    """A spec for a target."""
    return Tried.of(project, folder, target, BLOCKS[target], WORDS.get(target, {}))


def lost(one: Tried, project: str, chance: random.Random | None = None) -> Iterator[str]:
    """Leaves that are lost in silence, of all or of some by chance."""
    leaves = [*one.leaves]
    for leaf in chance.sample(leaves, min(LEAVES, len(leaves))) if chance else leaves:
        silent = None if excused(leaf.field, one.target, project) else one.silent(leaf)
        if silent:
            yield str(silent)


@pytest.mark.slow
@pytest.mark.parametrize("target", BLOCKS)
def test_no_word_of_some_specs_is_lost_in_silence(target: str, tmp_path: Path) -> None:
    chance = random.Random(zlib.crc32(target.encode()))
    found = []
    for name in chance.sample([*SPECS], SAMPLED):
        one = tried(SPECS[name], tmp_path / name, target)
        found += [f"{name}: {silent}" for silent in lost(one, SPECS[name].name, chance)] if one else []
    assert found == []


@pytest.mark.soak
@pytest.mark.parametrize("target", BLOCKS)
@pytest.mark.parametrize("name", SPECS)
def test_no_word_of_any_spec_is_lost_in_silence(name: str, target: str, tmp_path: Path) -> None:
    project = SPECS[name]
    one = tried(project, tmp_path, target)
    if one is None:
        assert project.name in NOTHING or (target, project.name) in FOREIGN
        return
    assert [*lost(one, project.name)] == []


@pytest.mark.slow
@pytest.mark.parametrize("known", KNOWN, ids=lambda known: known.field)
def test_an_exception_is_still_one(known: Known, tmp_path: Path) -> None:
    project = next(one for one in SPECS.values() if one.name == known.project)
    heeded = []
    for target in known.targets:
        one = tried(project, tmp_path / target, target)
        assert one
        (leaf,) = (leaf for leaf in one.leaves if ".".join(map(str, leaf.path)) == known.path)
        assert leaf.field == known.field
        heeded += [] if one.silent(leaf) else [target]
    assert heeded == [], f"{known.path} has an effect"
