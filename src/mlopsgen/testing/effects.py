"""Which fields of a spec have an effect: another value gives other bytes, or a finding about the field."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from mlopsgen import compile as compiler
from mlopsgen import targets
from mlopsgen.diagnostics import Diagnostic, SpecError, SpecPath, errors
from mlopsgen.source import plain
from mlopsgen.spec.model import Model, fields
from mlopsgen.spec.product import Spec
from mlopsgen.spec.read import Read, read_spec
from mlopsgen.spec.resolve import canonical, resolve
from mlopsgen.spec.shape import Leaf, innermost, models_of, under
from mlopsgen.spec.steps import Step
from mlopsgen.targets.blocks import option_models
from mlopsgen.testing.changes import CHANGES, REFUSED_WHOLE
from mlopsgen.testing.edits import about, at, changed, removed, stands
from mlopsgen.testing.fields import Field, Place, other, places
from mlopsgen.testing.projects import SPEC

_ALLOWED = frozenset({"MG301", "MG302", "MG313"})
"""What a target refuses of a spec that has all, where it goes on without: a finding is as good as another byte."""
_EXCLUSIVE = ("MG2", "MG117", "MG121")
"""Codes of fields that cannot be had together."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one spec: the files of the bundle, none where it is refused, and the findings."""

    files: Mapping[str, bytes]
    findings: frozenset[Diagnostic]


@dataclass(slots=True)
class Effects:
    """The fields that a target does not ignore, among those of the specs that it is tried with."""

    target: str
    folder: Path
    """What the specs name lies here."""
    changes: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    """`Model.key`, or `key` of any model → other values, beside CHANGES."""
    addresses: Mapping[str, str] = field(default_factory=dict)
    """An address in a spec → how the target's platform writes it."""
    tried: set[Field] = field(default_factory=set)
    heeded: set[Field] = field(default_factory=set)

    compiles_at_most: ClassVar[int] = 12
    """How often a spec is tried again without what was refused of it."""

    def add(self, text: bytes, block: Mapping[str, Any]) -> None:
        """Changes one field after the other of a spec with this block of the target."""
        data = self._spelled(self._data(text))
        data["targets"] = {self.target: dict(block)}
        data, before = self._accepted(data)
        if not before.files:
            return
        for place in places(self._read(data)):
            for one, value in self._tries(data, place):
                if one not in self.heeded:
                    self._try(data, before, (one, (*place.path, one.key), value))

    def _spelled(self, value: Any) -> Any:
        text = json.dumps(value)
        for address, own in self.addresses.items():
            text = text.replace(address, own)
        return json.loads(text)

    def _data(self, text: bytes) -> Any:
        """A spec as plain data in its long form."""
        return plain(canonical(resolve(compiler.read(self._request(text)), None, {})).root)

    def _read(self, data: Any) -> Read:
        source = canonical(resolve(compiler.read(self._request(_text(data))), None, {}))
        return read_spec(source, option_models(source), targets.names())

    def _request(self, text: bytes) -> compiler.CompileRequest:
        return compiler.CompileRequest(self.folder / SPEC, text, allow=_ALLOWED)

    def _outcome(self, data: Any) -> Outcome:
        checked = compiler.check(self._request(_text(data)), (self.target,))
        try:
            compiled = compiler.compile_for(checked, self.target)
        except SpecError as refused:
            return Outcome({}, frozenset(refused.findings))
        return Outcome(compiled.bundle.files, frozenset(compiled.findings))

    def _accepted(self, data: Any) -> tuple[Any, Outcome]:
        """A spec without what the target refuses: fields that it refuses are heeded."""
        whole = self._read(data)
        outcome = self._outcome(data)
        for _ in range(self.compiles_at_most):
            refused = () if outcome.files else sorted({one.spec_path for one in errors(outcome.findings)}, key=len)
            self._heed(whole, refused)
            without = self._without(data, refused)
            if without is None:
                break
            data, outcome = without
        if outcome.files:
            self._leave_out(whole, data)
        return data, outcome

    def _heed(self, whole: Read, refused: Sequence[SpecPath]) -> None:
        for place in places(whole):
            keys = (key for key in place.keys if any(about(where, (*place.path, key)) for where in refused))
            self.heeded |= {place.field(key) for key in keys}

    def _leave_out(self, whole: Read, kept: Any) -> None:
        """Fields that are refused, and those that cannot be said without them."""
        for place in places(whole):
            if place.path[:1] and not stands(kept, place.path[:1]):
                continue
            gone = not stands(kept, place.path)
            keys = fields(place.model) if gone else place.keys
            self.heeded |= {place.field(key) for key in keys if not stands(kept, (*place.path, key))}

    def _without(self, data: Any, refused: Sequence[SpecPath]) -> tuple[Any, Outcome] | None:
        """The spec without all of these places; None where there is nothing to take out, or nothing is left."""
        smaller = None
        for where in refused:
            for length in range(len(where), 0, -1):
                if stands(data, where[:length]) and (one := self._smaller(data, where[:length])):
                    data, smaller = one[0], one
                    break
        return smaller

    def _smaller(self, data: Any, path: SpecPath) -> tuple[Any, Outcome] | None:
        """The spec without one place, and without what cannot be said without it."""
        for _ in range(self.compiles_at_most):
            data = removed(data, path)
            try:
                return data, self._outcome(data)
            except SpecError as stopped:
                others = [
                    one.spec_path
                    for one in errors(stopped.findings)
                    if len(one.spec_path) > 1 and stands(data, one.spec_path)
                ]
            if not others:
                break
            path = others[0]
        return None

    def _tries(self, data: Any, place: Place) -> Iterator[tuple[Field, Any]]:
        """Every field of a map with another value than it has."""
        here = at(data, place.path)
        changes = {**CHANGES, **self.changes}
        for key, info in fields(place.model).items():
            one = place.field(key)
            values = next((changes[name] for name in (str(one), key) if name in changes), None)
            if values is not None:
                yield from ((one, value) for value in map(self._spelled, values) if value != here.get(key))
            elif here.get(key) is not None and not _has_fields(place.model, key):
                yield one, other(here[key], info.annotation)

    def _try(self, data: Any, before: Outcome, change: tuple[Field, SpecPath, Any]) -> None:
        one, path, value = change
        self.tried.add(one)
        try:
            after = self._outcome(changed(data, path, value))
        except SpecError as stopped:
            # Refused just there; when something else is wrong with it, another spec may take the value.
            if any(d.code.startswith(_EXCLUSIVE) and d.spec_path == path for d in stopped.findings):
                self.heeded.add(one)
            return
        near = [d for d in before.findings | after.findings if about(d.spec_path, path) and d.code.startswith("MG3")]
        if near or after.files != before.files:
            self.heeded.add(one)

    def forgotten(self) -> set[Field]:
        """The fields of the language, and of the target's own block, that have no effect."""
        return self.expected() - self.heeded

    def expected(self) -> set[Field]:
        """Every field that a target makes something of, or says that it does not."""
        options = targets.load(self.target).options
        models = {
            Field(model.__name__, key): model for model in (*_models(Spec), *_models(options)) for key in fields(model)
        }
        models |= {Field("Prepare", key): Step for key in fields(Step)}
        changes = {**CHANGES, **self.changes}
        return {
            one
            for one, model in models.items()
            # `uses` has been replaced by what it names before anybody reads a step.
            if one.key != "uses" and not (_has_fields(model, one.key) and not {str(one), one.key} & {*changes})
        }


def _models(model: type[Model]) -> Iterator[type[Model]]:
    """The models below one, without those of sections that are refused as a whole."""
    yield model
    for key in fields(model):
        if str(Field(model.__name__, key)) not in REFUSED_WHOLE:
            for below in models_of(innermost(under(model, key))):
                if below.__name__ not in REFUSED_WHOLE:
                    yield from _models(below)


def _has_fields(model: type[Model], key: str) -> bool:
    """Whether a field holds maps, whose own fields are tried."""
    return not isinstance(innermost(under(model, key)), Leaf)


def _text(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False).encode()
