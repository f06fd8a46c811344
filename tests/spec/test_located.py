"""An unknown key anywhere is findings_of where it stands, and the nearest right one is offered."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from mlopsgen.diagnostics import SpecPath
from mlopsgen.findings.fixes import apply_fixes
from mlopsgen.source import plain, read_yaml
from mlopsgen.spec.model import keys_of
from mlopsgen.spec.product import Spec
from mlopsgen.spec.shape import OneOf, Record, Shape, enter, reachable
from mlopsgen.spec.unknown_fields import unknown_field
from tests.spec.acme import Acme
from tests.spec.reading import VALID, findings_of, resolved

FLAGSHIP = next(path for path in VALID if path.stem == "flagship").read_text()
UNKNOWN = "not_a_key_of_anything"


def maps(value: Any, shape: Shape, path: SpecPath = ()) -> Iterator[SpecPath]:
    """Every map of a spec whose keys the language knows."""
    if isinstance(value, dict):
        if isinstance(shape, Record | OneOf):
            yield path
        for key, item in value.items():
            inner = Record(Acme) if (*path, key) == ("targets", "acme") else enter(shape, key, value)
            yield from maps(item, inner, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from maps(item, enter(shape, index, value), (*path, index))


WHOLE = plain(resolved(FLAGSHIP).root)
PLACES = tuple(maps(WHOLE, Record(Spec)))


def test_the_flagship_has_maps_of_most_kinds() -> None:
    assert len(PLACES) > 70


@pytest.mark.parametrize("flow", [False, None], ids=["block", "mixed"])
@pytest.mark.parametrize("path", PLACES, ids=lambda path: ".".join(map(str, path)) or "top")
def test_an_unknown_key_is_found_where_it_stands(path: SpecPath, flow: bool | None) -> None:
    data = copy.deepcopy(WHOLE)
    here = data
    for part in path:
        here = here[part]
    here[UNKNOWN] = 1
    text = yaml.safe_dump(data, default_flow_style=flow, sort_keys=False, allow_unicode=True, width=1000)
    findings = [d for d in findings_of(text) if d.code == "MG104"]
    assert [d.spec_path for d in findings] == [(*path, UNKNOWN)]
    lines = text.splitlines()
    line = next(number for number, content in enumerate(lines, 1) if UNKNOWN in content)
    span = findings[0].span
    assert span is not None
    assert (span.line, span.column) == (line, lines[line - 1].index(UNKNOWN) + 1)
    assert span.end_column - span.column == len(UNKNOWN)


def slips(key: str) -> set[str]:
    """Every slip of one letter: left out, doubled, swapped with its neighbour, another one."""
    typos = {key[:i] + key[i + 1 :] for i in range(len(key))}
    typos |= {key[:i] + key[i] + key[i:] for i in range(len(key))}
    typos |= {key[:i] + key[i + 1] + key[i] + key[i + 2 :] for i in range(len(key) - 1)}
    typos |= {key[:i] + other + key[i + 1 :] for i in range(len(key)) for other in "aeinrst_"}
    return typos - {key, ""}


@pytest.mark.parametrize("every", [10, pytest.param(1, marks=pytest.mark.soak)], ids=["a tenth", "all"])
def test_of_one_typo_the_right_key_is_offered(every: int) -> None:
    typos = [
        (typo, key, model)
        for model in reachable(Spec)
        for key in keys_of(model)
        for typo in sorted(slips(key) - set(keys_of(model)))
    ]
    fixes = [(unknown_field(typo, (typo,), Record(model), {typo: 1}).fix, key) for typo, key, model in typos[::every]]
    right = sum(fix is not None and fix.text == key for fix, key in fixes)
    assert right > 10_000 / every
    assert right / len(fixes) >= 0.99


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_a_typo_in_any_key_is_mended_by_the_edit_that_is_offered(path: Any) -> None:
    text = path.read_text()
    source = read_yaml(text, "spec.yaml")
    tried = 0
    for place in maps(plain(source.root), Record(Spec)):
        node = source.find(place)
        assert node is not None
        assert isinstance(node.value, dict)
        for key, child in node.value.items():
            # A step that takes over another's definition has the right key from there already.
            if len(key) < 5 or child.key is None or key in ("deployments", "sources") or "uses" in node.value:
                continue
            lines = text.splitlines(keepends=True)
            line, column = child.key.line - 1, child.key.column - 1
            lines[line] = lines[line][:column] + key[:-2] + key[-1] + lines[line][column + len(key) :]
            broken = "".join(lines)
            assert apply_fixes(broken, findings_of(broken)) == text, (place, key)
            tried += 1
    assert tried > 1
