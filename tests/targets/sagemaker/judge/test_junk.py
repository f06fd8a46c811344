"""A judge finds, it never breaks off: any value may stand in any place."""

from __future__ import annotations

import random
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from mlopsgen.targets.documents.document import Document, dig, walk
from mlopsgen.targets.sagemaker.judge import botocore_judge, linter
from mlopsgen.targets.sagemaker.judge.folder import Folder, read_folder
from mlopsgen.targets.sagemaker.judge.stack import definitions_of, stacks

BUNDLE = Path(__file__).parent / "bundle"
JUNK: tuple[Any, ...] = (
    *(None, 1, -1.5, True, "x", "", [], {}, [1], [None], {"a": 1}, [{}]),
    *({"Ref": 3}, {"Get": 5}, {"Get": ""}, {"Std:Join": 7}, {"Fn::Sub": [1, 2]}, {"Fn::GetAtt": []}, [["x"]]),
)


def put(data: Any, path: tuple[str | int, ...], value: Any) -> Any:
    if not path:
        return value
    copy = deepcopy(data)
    dig(copy, path[:-1])[path[-1]] = value
    return copy


def cases(folder: Folder) -> list[tuple[Document, tuple[str | int, ...], Any]]:
    documents = (*folder.definitions, *folder.templates)
    return [(d, path, junk) for d in documents for path, _ in walk(d.data) for junk in JUNK]


def with_junk(folder: Folder, document: Document, path: tuple[str | int, ...], junk: Any) -> Folder:
    other = Document(document.file, put(document.data, path, junk), document.lines, document.places)
    definitions = tuple(other if d.file == document.file else d for d in folder.definitions)
    templates = tuple(other if d.file == document.file else d for d in folder.templates)
    return Folder(folder.root, definitions, templates, folder.dockerfiles, folder.manifest, ())


def findings(folder: Folder) -> Iterator[Any]:
    for folder_rule in linter.FOLDER_RULES:
        yield from folder_rule(folder)
    definitions = definitions_of(folder)
    for definition in definitions:
        for rule in linter.DEFINITION_RULES:
            yield from rule(definition)
        yield from botocore_judge.judge_definition(definition, botocore_judge.service())
    for stack in stacks(folder, definitions):
        for template_rule in linter.TEMPLATE_RULES:
            yield from template_rule(stack.template)
        for stack_rule in linter.STACK_RULES:
            yield from stack_rule(stack)


def run(count: int | None) -> None:
    folder = read_folder(BUNDLE)
    chosen = cases(folder)
    random.Random(7).shuffle(chosen)
    for document, path, junk in chosen[:count]:
        try:
            list(findings(with_junk(folder, document, path, junk)))
        except Exception as error:  # noqa: BLE001 — the case is what helps
            pytest.fail(f"{junk!r} at {document.file} {path}: {error!r}")


def test_some_junk() -> None:
    run(200)


@pytest.mark.soak
def test_all_junk() -> None:
    run(None)
