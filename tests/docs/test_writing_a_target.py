"""What the page about targets shows is code that is installed and tested."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.projects import ROOT

PAGE = ROOT / "docs/writing-a-target.md"
ACME = ROOT / "tests/packaging/acme"
SHOWN = re.findall(r"^```(python|toml|jinja)\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
SOURCES = {"python": "*.py", "toml": "*.toml", "jinja": "*.j2"}


@pytest.mark.parametrize(("language", "block"), SHOWN, ids=range(len(SHOWN)))
def test_a_block_is_code_of_the_example(language: str, block: str) -> None:
    texts = [path.read_text(encoding="utf-8") for path in ACME.rglob(SOURCES[language])]
    assert any(block in text for text in texts), block


def test_every_file_it_lists_is_there() -> None:
    listed = re.findall(r"^    (\w+\.py|templates)", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert listed
    assert [name for name in listed if not (ACME / "src/acme_batch" / name).exists()] == []


def test_what_it_names_can_be_imported() -> None:
    named = set(re.findall(r"`(mlopsgen(?:\.\w+)+)`", PAGE.read_text(encoding="utf-8")))
    paths = [Path(name.replace(".", "/")) for name in named]
    found = [ROOT / "src" / path for path in paths]
    assert named
    assert [str(path) for path in found if not (path.with_suffix(".py").is_file() or path.is_dir())] == []
