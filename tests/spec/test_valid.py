from __future__ import annotations

from pathlib import Path

import pytest

from mlopsgen.source import read_yaml
from mlopsgen.spec.resolve import environments
from mlopsgen.spec.write import long_form
from tests.spec.reading import VALID, findings_of, read


def with_environments() -> list[tuple[Path, str | None]]:
    cases: list[tuple[Path, str | None]] = []
    for path in VALID:
        cases += [(path, env) for env in (None, *environments(read_yaml(path.read_bytes(), path.name)))]
    return cases


CASES = [pytest.param(path, env, id=f"{path.stem}-{env or 'base'}") for path, env in with_environments()]


@pytest.mark.parametrize(("path", "env"), CASES)
def test_nothing_is_said_about_a_valid_spec(path: Path, env: str | None) -> None:
    assert findings_of(path.read_text(), env) == ()


@pytest.mark.parametrize(("path", "env"), CASES)
def test_the_long_form_is_a_spec_that_reads_back_equal(path: Path, env: str | None) -> None:
    spec = read(path.read_text(), env).spec
    written = long_form(spec)
    again = read(written)
    assert again.spec == spec
    assert again.findings == ()
    assert long_form(again.spec) == written


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_every_default_that_says_something_is_written_out(path: Path) -> None:
    written = long_form(read(path.read_text()).spec)
    assert "approval: " in written
    assert "python: " in written
    assert "audit: " in written


def test_what_a_string_would_mean_otherwise_is_quoted_in_the_long_form() -> None:
    text = """
apiVersion: mlopsgen/v1
name: odd
description: "3"
owner: "true"
tags: {a: "0001", b: "1e-3", c: "yes", d: "a: b", e: "a #b", f: " x", g: "tab\\tand\\nline", h: "$${x}", i: "null"}
data: {source: "s3://a/b"}
training: {run: [sh, -c, "echo $${HOME}", "'", '"', "[", "{", "*a", "&b", "!c", "|", ">", "%", "@", "`"]}
"""
    spec = read(text).spec
    assert spec.tags["h"] == "${x}"
    assert spec.training is not None
    assert read(long_form(spec)).spec == spec


STORED = """
apiVersion: mlopsgen/v1
name: churn
data:
  source: data/rows.csv
  columns: {spent: number, churned: boolean}
  label: churned
  feature_store: {entity: customer, event_time: seen}
training: {run: train.py}
"""


def test_a_store_may_keep_columns_that_the_preparation_adds() -> None:
    adding = STORED.replace("  label", "  prepare: {run: prepare.py}\n  label")
    assert findings_of(adding, None) == ()
    assert [one.message for one in findings_of(STORED, None)] == ["there is no column `seen`"], "nobody else adds it"
