"""Every rule of the linter of Kubeflow bundles speaks about some seeded fault, and no junk breaks it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlopsgen.targets.documents import Document
from mlopsgen.targets.ir.judge.folder import Folder, read_folder
from mlopsgen.targets.kubeflow.judge.cluster import Cluster
from mlopsgen.targets.kubeflow.judge.linter import CLUSTER_RULES
from tests.targets.ir.judge.speaking import silent, well_told
from tests.targets.ir.judge.test_rules import in_any_place, put

from .faults import OWN

BUNDLE = Path(__file__).parent / "bundle"


def test_every_rule_says_where_its_claim_is_written() -> None:
    well_told(CLUSTER_RULES)


@pytest.mark.slow
def test_every_rule_speaks() -> None:
    assert silent(BUNDLE, OWN, ((lambda f: iter((Cluster(f),)), CLUSTER_RULES),)) == set()


def junk_is_survived(count: int | None) -> None:
    folder = read_folder(BUNDLE)
    for good in (*folder.objects, *folder.platforms):
        for path, junk in in_any_place(good, count):
            document = Document(good.file, put(good.data, path, junk), good.lines, good.places)
            documents = tuple(document if d is good else d for d in folder.documents)
            cluster = Cluster(Folder(folder.root, documents, (), folder.texts, ()))
            try:
                for rule in CLUSTER_RULES:
                    list(rule(cluster))
            except Exception as error:  # noqa: BLE001 — the case is what helps
                pytest.fail(f"{junk!r} at {good.file} {path}: {error!r}")


def test_some_junk() -> None:
    """A judge finds, it never breaks off: any value may stand in any place."""
    junk_is_survived(15)


@pytest.mark.soak
def test_all_junk() -> None:
    junk_is_survived(None)
