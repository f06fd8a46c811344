"""azure-ai-ml as a judge: what it says is placed, what it accepts stays accepted, and it asks nobody."""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path

import pytest

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.targets.azureml.judge import judges, outside
from mlopsgen.targets.judging import hear
from tests.targets.judging.mutation import broken_by

from .faults import FAULTS
from .seed import Seeded

HERE = Path(__file__).parent
EMITTED = sorted(p.parent for p in (HERE.parents[2] / "golden" / "azureml").glob("*/pipeline.yml"))
SAMPLE = (
    *("typo-at-the-top", "timeout-with-a-unit", "step-without-a-needed-input", "component-file-that-is-not-there"),
    *("component-without-a-command", "command-reads-an-unknown-input", "sweep-without-an-objective", "unknown-goal"),
    *("data-without-a-path", "typo-in-the-environment", "unknown-tier", "cron-without-expression"),
)
"""Each costs a second: the rest is before our linter alone."""


def asked(folder: Path) -> tuple[Diagnostic, ...]:
    heard = hear(judges()[0], folder, lambda _: None)
    assert heard.ran, heard.findings
    return heard.findings


@pytest.mark.slow
def test_strangers_are_accepted() -> None:
    assert [f"{d.span}: {d.message}" for d in asked(HERE / "foreign")] == []


@pytest.mark.slow
@pytest.mark.parametrize("folder", EMITTED, ids=lambda folder: folder.name)
def test_emitted_bundles_are_accepted(folder: Path) -> None:
    assert [f"{d.span}: {d.message}" for d in asked(folder)] == []


@pytest.mark.slow
def test_what_is_broken_is_seen_at_its_place(tmp_path: Path) -> None:
    """Many bundles in one folder: the library starts once."""
    good = Seeded.read(HERE / "bundle")
    good.files = {name: doc for name, doc in good.files.items() if "schedules/" not in name or "weekly" in name}
    chosen = {fault.name: fault for fault in FAULTS if fault.name in SAMPLE}
    assert set(chosen) == set(SAMPLE)
    good.write(tmp_path / "good")
    for name, fault in chosen.items():
        broken = broken_by(fault, good)
        assert broken is not None
        broken.write(tmp_path / name)
    said: dict[str, set[str]] = {name: set() for name in ("good", *SAMPLE)}
    for found in asked(tmp_path):
        assert found.span is not None
        said[found.span.file.split("/")[0]].add(found.code)
    assert said.pop("good") == set()
    assert {name for name, codes in said.items() if not codes & (chosen[name].codes | {"MG441"})} == set()


def test_messages_are_placed_by_the_keys_that_are_there() -> None:
    data = {"jobs": {"train": {"limits": {"timeout": "x"}}}}
    messages = {"jobs": {"train": {"value": {"limits": {"timeout": [{"_schema": ["Not a valid integer."]}]}}}}}
    (said,) = outside._flat(messages, ())
    assert said == (("jobs", "train", "value", "limits", "timeout"), "Not a valid integer.")
    assert outside._place(said[0], data) == ("jobs", "train", "limits", "timeout")


def test_messages_inside_a_text_are_found() -> None:
    inner = 'Validation failed:\n\n {"trigger": {"interval": ["Not a valid integer."]}}\n\nVisit a page.'
    text = f'Failed: {{"errors": [{{"message": {json.dumps(inner)}, "path": "*"}}]}} Visit a page.'
    assert outside._written(text) == [(("trigger", "interval"), "Not a valid integer.")]
    assert outside._written("no places at all") == []


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("Unknown field.", "MG430"),
        ("Not a valid integer.", "MG431"),
        ("Missing data for required field.", "MG432"),
        ("Value 'a' passed is not in set ['b']", "MG433"),
        ("something else", "MG441"),
    ],
)
def test_messages_have_codes(message: str, code: str) -> None:
    assert outside._code(message) == code


def test_the_script_needs_the_library_and_python_alone() -> None:
    tree = ast.parse(Path(outside.__file__).read_text())
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported - set(sys.stdlib_module_names) == {"azure", "yaml"}
