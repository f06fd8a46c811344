"""A line of a CI log never begins with words of a spec: at its beginning they would be the log's own commands."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlopsgen import compile as compiler
from mlopsgen import targets
from mlopsgen.diagnostics import Diagnostic, SpecError
from mlopsgen.findings.text import as_text
from mlopsgen.testing.edits import at, changed
from mlopsgen.testing.projects import SPEC
from tests.targets.corpus import projects

pytestmark = pytest.mark.slow

PAYLOADS = ("x\n::error::boo", "x\r##[error]boo", "x\u2028::set-output name=a::boo")
BEGINNINGS = ("::", "##[", "boo", "<U+")
"""The last is how a line would begin whose first sign was taken for a command."""
SPECS = {f"{place}-{project.name}": project for place, project in enumerate(projects())}


def words(data: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Where a spec has a word."""
    match data:
        case dict():
            for key, value in data.items():
                yield from words(value, (*path, key))
        case list():
            for index, value in enumerate(data):
                yield from words(value, (*path, index))
        case str():
            yield path


def findings(folder: Path, text: bytes) -> Iterator[Diagnostic]:
    """What check and every target say of a spec."""
    request = compiler.CompileRequest(folder / SPEC, text)
    try:
        checked = compiler.check(request)
    except SpecError as stopped:
        yield from stopped.findings
        return
    yield from checked.findings
    for target in targets.names():
        try:
            yield from compiler.check_for(compiler.check(request, (target,)), target)
        except SpecError as stopped:
            yield from stopped.findings


def broken(name: str, folder: Path, every: int = 1) -> list[str]:
    """Lines of what is said that begin with a spec's words."""
    project = SPECS[name]
    for file, content in project.files.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(content)
    data = yaml.safe_load(project.files[SPEC])
    bad = []
    for place, path in enumerate(words(data)):
        payload = PAYLOADS[place % len(PAYLOADS)]
        if place % every:
            continue
        for value in (payload, f"{at(data, path)}{payload[1:]}"):
            text = json.dumps(changed(data, path, value), indent=1)
            said = as_text(tuple(findings(folder, text.encode())), {SPEC: text})
            bad += [f"{path}: {line}" for line in said.splitlines() if line.lstrip().startswith(BEGINNINGS)]
    return bad


@pytest.mark.parametrize("name", [name for name in SPECS if name.endswith(("flagship", "modes"))])
def test_no_line_begins_with_words_of_some_specs(name: str, tmp_path: Path) -> None:
    assert broken(name, tmp_path / "project", every=9) == []


@pytest.mark.soak
@pytest.mark.parametrize("name", SPECS)
def test_no_line_begins_with_words_of_any_spec(name: str, tmp_path: Path) -> None:
    assert broken(name, tmp_path / "project") == []
