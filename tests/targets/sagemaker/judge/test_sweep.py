"""Beside the seeded faults: no key of a definition can be misspelt, no value replaced by an object, unseen."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from mlopsgen.targets.documents.document import Document, dig, walk
from mlopsgen.targets.sagemaker.judge.folder import read_folder
from tests.targets.judging.contract import replaced

from . import test_linter

BUNDLE = Path(__file__).parent / "bundle"
Path_ = tuple[str | int, ...]

FREE = ("Metadata", "Environment", "HyperParameters", "StaticHyperParameters", "CustomerMetadataProperties")
"""Maps whose keys are the user's own: nobody can say that one is wrong."""


def broken(data: Any) -> Iterator[tuple[str, Path_, Any]]:
    for path, value in walk(data):
        if not path or (len(path) > 1 and path[-2] in FREE):
            continue
        if isinstance(path[-1], str):
            renamed = deepcopy(data)
            holder = dig(renamed, path[:-1])
            holder[path[-1] + "X"] = holder.pop(path[-1])
            yield "rename", path, renamed
        if isinstance(value, str | int | float):
            retyped = deepcopy(data)
            dig(retyped, path[:-1])[path[-1]] = {"deep": [1]}
            yield "retype", path, retyped


@pytest.mark.slow
def test_no_misspelt_key_and_no_wrong_type_goes_unseen() -> None:
    folder = read_folder(BUNDLE)
    good = folder.definitions[0]
    missed = []
    for kind, path, data in broken(good.data):
        document = Document(good.file, data, good.lines, good.places)
        mutant = replaced(folder, old=good, new=document)
        if next(test_linter.TestLinter().findings(mutant), None) is None:
            missed.append((kind, path))
    assert missed == []
