"""No value in no place makes the linter fall over: it finds, or it does not."""

from __future__ import annotations

import random
import shutil
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from mlopsgen.targets.azureml.judge import linter
from mlopsgen.targets.azureml.judge.folder import Folder, read_folder
from mlopsgen.targets.documents import Document, dig, walk

BUNDLE = Path(__file__).parent / "bundle"
JUNK: tuple[Any, ...] = (None, True, -1, 1e308, "", "[", "${{", "[concat(", "x" * 5000, [], {}, [[]], [{}], {"a": {}})


def put(data: Any, path: tuple[str | int, ...], value: Any) -> Any:
    if not path:
        return value
    copy = deepcopy(data)
    dig(copy, path[:-1])[path[-1]] = value
    return copy


def with_junk(folder: Folder, number: int, path: tuple[str | int, ...], junk: Any) -> Folder:
    kind, old = folder.documents[number]
    other = Document(old.file, put(old.data, path, junk), old.lines, old.places)
    documents = (*folder.documents[:number], (kind, other), *folder.documents[number + 1 :])
    return Folder(folder.root, documents, folder.dockerfiles, ())


def run(count: int | None) -> None:
    folder = read_folder(BUNDLE)
    cases = [
        (i, path, junk)
        for i, (_, document) in enumerate(folder.documents)
        for path, _ in walk(document.data)
        for junk in JUNK
    ]
    random.Random(7).shuffle(cases)
    for number, path, junk in cases[:count]:
        try:
            list(linter.spoken(with_junk(folder, number, path, junk)))
        except Exception as error:  # noqa: BLE001 — the case is what helps
            pytest.fail(f"{junk!r} at {folder.documents[number][1].file} {path}: {error!r}")


def test_some_junk() -> None:
    run(300)


@pytest.mark.soak
def test_all_junk() -> None:
    run(None)


@pytest.mark.parametrize(
    "text", ["", "\x00", "- a\n- b\n", "a: &x [*x]\n", "{" * 200, "a: !!python/name:os.system x\n"]
)
@pytest.mark.parametrize("file", ["pipeline.yml", "components/prepare.yml", "infrastructure.json"])
def test_files_that_are_none(tmp_path: Path, file: str, text: str) -> None:
    shutil.copytree(BUNDLE, tmp_path, dirs_exist_ok=True)
    (tmp_path / file).write_text(text)
    assert [found.code for found in linter.judge(tmp_path)]
