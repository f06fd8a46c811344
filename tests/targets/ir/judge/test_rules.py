"""Every rule of the linter of IR documents is there for a reason: some seeded fault makes it speak."""

from __future__ import annotations

import random
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from mlopsgen.targets.documents import Document, dig, walk
from mlopsgen.targets.ir.judge.folder import Folder, read_folder
from mlopsgen.targets.ir.judge.linter import FOLDER_RULES, PROGRAM_RULES
from mlopsgen.targets.ir.judge.program import Program, programs

from .faults import FAULTS
from .seed import Fault, Seeded
from .speaking import silent, well_told

BUNDLE = Path(__file__).parents[2] / "kubeflow" / "judge" / "bundle"
JUNK: tuple[Any, ...] = (None, 1, -1.5, True, "x", "", [], {}, [1], [None], {"a": 1}, [{}], [["x"]], "{{$", "${")


def _root_in_the_image(b: Seeded) -> None:
    b.files["image/Dockerfile"] = b.files["image/Dockerfile"].replace("USER 1000", "USER root")


def test_every_rule_says_where_its_claim_is_written() -> None:
    well_told((*PROGRAM_RULES, *FOLDER_RULES))


@pytest.mark.slow
def test_every_rule_speaks() -> None:
    more = (Fault("root", "semantics", frozenset(), _root_in_the_image), *FAULTS)
    groups = ((lambda f: programs(f.pipelines, f.platforms), PROGRAM_RULES), (lambda f: iter((f,)), FOLDER_RULES))
    assert silent(BUNDLE, more, groups) == set()


def put(data: Any, path: tuple[str | int, ...], value: Any) -> Any:
    """A copy with another value in one place."""
    if not path:
        return value
    copy = deepcopy(data)
    dig(copy, path[:-1])[path[-1]] = value
    return copy


def in_any_place(document: Document, count: int | None) -> list[tuple[tuple[str | int, ...], Any]]:
    chosen = [(path, junk) for path, _ in walk(document.data) for junk in JUNK]
    random.Random(7).shuffle(chosen)
    return chosen[:count]


def junk_is_survived(count: int | None) -> None:
    folder = read_folder(BUNDLE)
    good = folder.pipelines[0]
    for path, junk in in_any_place(good, count):
        document = Document(good.file, put(good.data, path, junk), good.lines, good.places)
        other = Folder(folder.root, (document, *folder.platforms), (), {}, ())
        try:
            for rule in PROGRAM_RULES:
                list(rule(Program(document, folder.platforms[0])))
            list(other.pipelines)
        except Exception as error:  # noqa: BLE001 — the case is what helps
            pytest.fail(f"{junk!r} at {path}: {error!r}")


def test_some_junk() -> None:
    """A judge finds, it never breaks off: any value may stand in any place."""
    junk_is_survived(150)


@pytest.mark.soak
def test_all_junk() -> None:
    junk_is_survived(None)
