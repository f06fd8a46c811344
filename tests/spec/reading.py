"""A spec's text to a `Spec`, or to what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mlopsgen.diagnostics import Diagnostic, SpecError
from mlopsgen.source import Source, plain, read_yaml
from mlopsgen.spec.product import Spec
from mlopsgen.spec.read import Read, read_spec
from mlopsgen.spec.resolve import resolve
from tests.spec.acme import OPTIONS

SPECS = Path(__file__).parents[1] / "specs"
VALID = tuple(sorted((SPECS / "valid").glob("*.yaml")))
INVALID = tuple(sorted((SPECS / "invalid").glob("*.yaml")))
HEAD = "apiVersion: mlopsgen/v1\nname: churn\n"


def resolved(text: str | bytes, env: str | None = None, variables: Mapping[str, str] | None = None) -> Source:
    return resolve(read_yaml(text, "spec.yaml"), env, variables or {})


def read(text: str | bytes, env: str | None = None, **variables: str) -> Read:
    return read_spec(resolved(text, env, variables), OPTIONS)


def spec(body: str, env: str | None = None, **variables: str) -> Spec:
    """The spec of a body: the head is the same for all."""
    return read(HEAD + body, env, **variables).spec


def tree(body: str, env: str | None = None, **variables: str) -> Any:
    """What a body resolves to, as plain data."""
    return plain(resolved(HEAD + body, env, variables).root)


def findings_of(text: str | bytes, env: str | None = None, **variables: str) -> tuple[Diagnostic, ...]:
    """Everything that is said about a text, whether it can be read or not."""
    try:
        return read(text, env, **variables).findings
    except SpecError as error:
        return error.findings


def refused(body: str, env: str | None = None, **variables: str) -> Diagnostic:
    """The one thing that is wrong with a body."""
    with pytest.raises(SpecError) as wrong:
        spec(body, env, **variables)
    assert len(wrong.value.findings) == 1, wrong.value.findings
    return wrong.value.findings[0]
