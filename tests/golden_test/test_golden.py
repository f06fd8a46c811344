"""The whole bundle of every example for every target, as its owner would read it.

After a change that is meant: `make golden`, and read the diff.
"""

from __future__ import annotations

import difflib
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.golden_test.golden import GOLDEN, ONCE, Expected, compiled, copies, expected, stored
from tests.projects import EXAMPLES, TARGETS

CELLS = [pytest.param(target, example, id=f"{target}-{example}") for target in TARGETS for example in EXAMPLES]


@pytest.mark.parametrize(("target", "example"), CELLS)
def test_the_bundle_is_the_expected_one(target: str, example: str, update_golden: bool) -> None:
    bundle = compiled(target, example)
    wanted = expected(target, example, bundle)
    if update_golden:
        rewrite(wanted, bundle)
    said = "".join(differences(stored(wanted.folder), wanted.files))
    assert not said, f"{wanted.folder} is not what is compiled now; `make golden` writes it again\n{said}"


@pytest.mark.parametrize(("target", "example"), CELLS)
def test_a_copy_is_its_original(target: str, example: str) -> None:
    bundle = compiled(target, example)
    changed = [path for path, origin in copies(target, example, bundle) if origin.read_bytes() != bundle[path]]
    assert changed == []


def test_nothing_is_kept_for_what_is_gone() -> None:
    folders = {path.relative_to(GOLDEN).as_posix() for path in GOLDEN.glob("*/*") if path.is_dir()}
    assert folders == {f"{target}/{example}" for target in TARGETS for example in EXAMPLES}


def rewrite(wanted: Expected, bundle: Mapping[str, bytes]) -> None:
    shutil.rmtree(wanted.folder, ignore_errors=True)
    for path, text in wanted.files.items():
        write(wanted.folder / path, text.encode())
    for path in ONCE & set(bundle):
        write(wanted.folder.parent / path, bundle[path])


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def differences(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    for path in sorted({*old, *new}):
        before, after = (side.get(path, "").splitlines(keepends=True) for side in (old, new))
        yield from difflib.unified_diff(before, after, f"expected/{path}", f"compiled/{path}", n=2)
