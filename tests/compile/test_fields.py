"""No field is read and forgotten: another value leads to other bytes, or is refused, or something is said about it."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mlopsgen import targets
from mlopsgen.compile import check, compile_for
from mlopsgen.compile import read as read_text
from mlopsgen.diagnostics import Diagnostic, SpecError, SpecPath
from mlopsgen.source import plain
from mlopsgen.spec.canonical import canonical
from mlopsgen.spec.model import Model, fields
from mlopsgen.spec.product import Spec
from mlopsgen.spec.read import Read, read_spec
from mlopsgen.spec.resolve import resolve
from mlopsgen.spec.shape import Leaf, innermost, models_of, reachable, under
from mlopsgen.spec.steps import Step
from mlopsgen.targets.blocks import option_models
from tests.compile.changes import CHANGES, LATER, NOT_HERE, SILENT
from tests.compile.written import Field, Place, declared, other, places
from tests.spec.acme import OPTIONS
from tests.wrong import SPECS, TARGETS, asked, lay

WHOLE = tuple(sorted((SPECS / "whole").glob("*.yaml")))
VALID = tuple(sorted((SPECS / "valid").glob("*.yaml")))
ALLOWED = ("MG301", "MG302", "MG313")
"""What one of the targets refuses of a spec that has all: it says so, which is as good as another byte."""

GONE = {"StepParts.uses", "Variable.default", "Variable.description"}
"""What a spec is rid of before it is read: tests/spec/test_resolve.py shows what becomes of it."""
REFUSES = ("MG2", "MG117", "MG121")
"""Codes of fields that cannot be had together."""


@dataclass(frozen=True, slots=True)
class Made:
    """What came of a spec: each target's files, and what was said about it."""

    files: Mapping[str, Mapping[str, bytes]]
    found: Mapping[str, tuple[Diagnostic, ...]]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lay(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def heard(project: Path) -> Mapping[str, set[Field]]:
    """Target → the fields whose value it does not ignore."""
    found: dict[str, set[Field]] = {target: set() for target in TARGETS}
    for path in WHOLE:
        data, read = whole(project, path)
        usual = make(project, data)
        for place in places(read):
            for field, value in tries(data, place):
                if all(field in found[target] for target in TARGETS):
                    continue
                listen(project, (data, usual), (field, (*place.path, field.key), value), found)
    return found


def whole(project: Path, path: Path) -> tuple[Any, Read]:
    """A spec as plain data in its long form, and as it reads."""
    source = canonical(resolve(read_text(asked(project, path.read_bytes())), None, {}))
    return plain(source.root), read_spec(source, {**option_models(source), **OPTIONS}, targets.names())


def make(project: Path, data: Any) -> Made:
    checked = check(asked(project, json.dumps(data, ensure_ascii=False), ALLOWED), TARGETS)
    files: dict[str, Mapping[str, bytes]] = {}
    found: dict[str, tuple[Diagnostic, ...]] = {}
    for target in TARGETS:
        try:
            compiled = compile_for(checked, target)
        except SpecError as stopped:
            files[target], found[target] = {}, stopped.found
        else:
            files[target], found[target] = compiled.bundle.files, compiled.found
    return Made(files, found)


def tries(data: Any, place: Place) -> Iterator[tuple[Field, Any]]:
    """Every field of a map with another value than it has."""
    here = data
    for part in place.path:
        here = here[part]
    for key, info in fields(place.model).items():
        field = place.field(key)
        given = next((CHANGES[name] for name in (str(field), key) if name in CHANGES), None)
        if given is not None:
            yield from ((field, value) for value in given if value != here.get(key))
        elif here.get(key) is not None and not structured(field, place.model):
            yield field, other(here[key], info.annotation)


def structured(field: Field, model: type[Model]) -> bool:
    """Whether it holds maps, whose own fields are asked; unless we say what else could stand there."""
    named = any(name in CHANGES for name in (str(field), field.key))
    return not named and not isinstance(innermost(under(model, field.key)), Leaf)


def listen(
    project: Path,
    usual: tuple[Any, Made],
    change: tuple[Field, SpecPath, Any],
    found: Mapping[str, set[Field]],
) -> None:
    (data, before), (field, path, value) = usual, change
    try:
        after = make(project, changed(data, path, value))
    except SpecError as stopped:
        # Refused just there; when something else is wrong with it, another spec may take the value.
        if any(d.code.startswith(REFUSES) and d.where == path for d in stopped.found):
            for heard_by in found.values():
                heard_by.add(field)
        return
    for target in TARGETS:
        said = {d for made in (before, after) for d in made.found[target] if d.code.startswith("MG3")}
        if after.files[target] != before.files[target] or any(about(d.where, path) for d in said):
            found[target].add(field)


def about(where: SpecPath, path: SpecPath) -> bool:
    """Whether a finding is about this field: about itself, something in it, or the map that it stands in."""
    return where[: len(path)] == path or (len(where) > 1 and path[: len(where)] == where)


def changed(data: Any, path: SpecPath, value: Any) -> Any:
    data = copy.deepcopy(data)
    here = data
    for part in path[:-1]:
        here = here[part]
    here[path[-1]] = value
    return data


def emitted(model: type[Model]) -> Iterator[type[Model]]:
    """The models below one, without those of sections that are refused as a whole."""
    yield model
    for key in fields(model):
        if str(Field(model.__name__, key)) not in LATER:
            for below in models_of(innermost(under(model, key))):
                if below.__name__ not in LATER:
                    yield from emitted(below)


def wanted(options: type[Model]) -> set[Field]:
    """Every field that a target makes something of, or says that it does not."""
    found = {
        Field(model.__name__, key): model for model in (*emitted(Spec), *emitted(options)) for key in fields(model)
    }
    found |= {Field("Prepare", key): Step for key in fields(Step)}
    # `uses` has been replaced by what it names before anybody reads a step.
    return {field for field, model in found.items() if field.key != "uses" and not structured(field, model)}


def test_every_field_of_the_language_is_in_a_spec(project: Path) -> None:
    models = (*reachable(Spec), *(targets.load(name).options for name in TARGETS))
    every = {declared(model, key) for model in models for key in fields(model)}
    used = {
        declared(place.model, key)
        for path in (*WHOLE, *VALID)
        for place in places(whole(project, path)[1])
        for key in place.keys
    }
    assert {str(field) for field in every - used} == GONE


@pytest.mark.parametrize("target", TARGETS)
def test_no_field_is_read_and_forgotten(target: str, heard: Mapping[str, set[Field]]) -> None:
    silent = {str(field) for field in wanted(targets.load(target).options) - heard[target]}
    assert silent == set(SILENT) | set(NOT_HERE[target])
