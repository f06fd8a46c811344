"""Every rule of the linter of Vertex AI bundles speaks about some seeded fault, and no junk breaks it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlopsgen.targets.documents import Document
from mlopsgen.targets.ir.judge.folder import Folder, read_folder
from mlopsgen.targets.ir.judge.program import programs
from mlopsgen.targets.vertex.judge.bodies import Requests
from mlopsgen.targets.vertex.judge.linter import MODULE_RULES, PROGRAM_RULES, REQUEST_RULES
from mlopsgen.targets.vertex.judge.modules import Module
from tests.targets.ir.judge.speaking import silent, well_told
from tests.targets.ir.judge.test_rules import in_any_place, put

from .faults import OWN

BUNDLE = Path(__file__).parent / "bundle"


def test_every_rule_says_where_its_claim_is_written() -> None:
    well_told((*REQUEST_RULES, *PROGRAM_RULES, *MODULE_RULES))


@pytest.mark.slow
def test_every_rule_speaks() -> None:
    groups = (
        (lambda f: iter((Requests(f),)), REQUEST_RULES),
        (lambda f: programs(f.pipelines, f.platforms), PROGRAM_RULES),
        (Module.all, MODULE_RULES),
    )
    assert silent(BUNDLE, OWN, groups) == set()


def junk_is_survived(count: int | None) -> None:
    folder = read_folder(BUNDLE)
    for good in (*folder.rest, *folder.terraform):
        for path, junk in in_any_place(good, count):
            document = Document(good.file, put(good.data, path, junk), good.lines, good.places)
            documents = tuple(document if d is good else d for d in folder.documents)
            other = Folder(folder.root, documents, (), folder.texts, ())
            try:
                for rule in REQUEST_RULES:
                    list(rule(Requests(other)))
                for module in Module.all(other):
                    for module_rule in MODULE_RULES:
                        list(module_rule(module))
            except Exception as error:  # noqa: BLE001 — the case is what helps
                pytest.fail(f"{junk!r} at {good.file} {path}: {error!r}")


def test_some_junk() -> None:
    """A judge finds, it never breaks off: any value may stand in any place."""
    junk_is_survived(25)


@pytest.mark.soak
def test_all_junk() -> None:
    junk_is_survived(None)
