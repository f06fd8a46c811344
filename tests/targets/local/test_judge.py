"""A good bundle passes every judge; one that was spoilt in any way does not."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.resources import TEMPLATES
from mlopsgen.targets.local.judge import judges
from mlopsgen.targets.local.judge.rules import by_rules
from mlopsgen.targets.local.read import schema_text
from tests.targets.judging.faults import OURS
from tests.targets.local.faults import FAULTS, Document, Fault
from tests.targets.local.rich import a_rich_project, compiled


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled(a_rich_project(tmp_path_factory.mktemp("rich") / "project"))[0]


@pytest.fixture(scope="module")
def document(good: Path) -> Document:
    found: Document = json.loads((good / "plan.json").read_text())
    return found


def _judged(bundle: Path) -> Iterator[Diagnostic]:
    for judge in judges():
        yield from judge.run(bundle)


def test_a_good_bundle_passes(good: Path) -> None:
    assert list(_judged(good)) == []


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_seen_by_the_judge_it_names(fault: Fault, good: Path, document: Document, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    shutil.copytree(good, bundle)
    spoilt = copy.deepcopy(document)
    (bundle / "plan.json").write_text(json.dumps(spoilt, indent=2))
    fault.spoil(spoilt, bundle)
    if (bundle / "plan.json").exists():
        (bundle / "plan.json").write_text(json.dumps(spoilt, indent=2))
    findings = {judge.name: list(judge.run(bundle)) for judge in judges()}
    found = findings[fault.by]
    assert fault.code in {one.code for one in found}, found
    assert fault.by != OURS or fault.code not in {one.code for one in findings["jsonschema"]}
    assert all(one.span is not None for one in found)


def test_findings_stand_at_the_step_they_are_about(good: Path, document: Document, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    shutil.copytree(good, bundle)
    spoilt = copy.deepcopy(document)
    step = next(s for s in spoilt["steps"] if s["name"] == "page")
    step["after"] = ["nowhere"]
    text = json.dumps(spoilt, indent=2)
    (bundle / "plan.json").write_text(text)
    (found,) = by_rules(bundle)
    assert found.span is not None
    assert text.splitlines()[found.span.line - 1].strip() == '"name": "page",'


def test_the_schema_that_is_kept_is_the_one_of_the_records() -> None:
    kept = (TEMPLATES / "local" / "plan.schema.json.j2").read_text(encoding="utf-8")
    assert kept == schema_text(), "write it again: make schema"


def test_every_key_of_the_schema_is_explained() -> None:
    schema: Any = json.loads(schema_text())
    assert all("description" in one for one in schema["$defs"].values())


def test_a_bundle_without_plan_or_with_junk_is_a_finding_and_no_crash(good: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    shutil.copytree(good, bundle)
    for junk in (b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"steps": [{}]}', b'{"steps": 3}', b"[" * 100000):
        (bundle / "plan.json").write_bytes(junk)
        assert [one.code for one in _judged(bundle)], junk
    (bundle / "plan.schema.json").write_text("[]")
    assert list(_judged(bundle))
