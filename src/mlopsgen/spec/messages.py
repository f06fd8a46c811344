"""What pydantic found, in the words of the language: one Diagnostic for each error."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mlopsgen.diagnostics import Diagnostic, Fix, On, SpecPath
from mlopsgen.nearest import nearest
from mlopsgen.records import dataclass
from mlopsgen.source import Node
from mlopsgen.spec.model import Model, fields, is_tag
from mlopsgen.spec.placeholders import not_here
from mlopsgen.spec.shape import OneOf, Record, Shape, enter, models_of
from mlopsgen.spec.unknown import unknown_field
from mlopsgen.spec.values import Placeholder
from mlopsgen.spec.wording import plainly, shown


@dataclass(frozen=True, slots=True)
class Place:
    """Where an error is: its path, the node and value there, and what the language has there."""

    path: SpecPath
    node: Node | None
    value: Any
    shape: Shape


@dataclass(frozen=True, slots=True)
class Messages:
    """Translates the errors of one model, which stands at `prefix` in the spec."""

    root: Node
    data: Any
    shape: Shape
    prefix: SpecPath = ()

    def translate(self, errors: Sequence[Any]) -> Iterator[Diagnostic]:
        """A finding for each error, without those that a suggestion for another settles."""
        found = [self._one(error) for error in errors]
        meant = {(*d.where[:-1], d.fix.text) for d in found if d.code == "MG104" and d.fix}
        seen: set[tuple[str, SpecPath, On]] = set()
        for diagnostic in found:
            place = (diagnostic.code, diagnostic.where, diagnostic.on)
            if place in seen or (diagnostic.code == "MG105" and diagnostic.where in meant):
                continue
            seen.add(place)
            yield diagnostic

    def _one(self, error: Mapping[str, Any]) -> Diagnostic:
        parts = [part for part in error["loc"] if not is_tag(part)]
        kind, context = str(error["type"]), error.get("ctx", {})
        if kind in ("extra_forbidden", "missing"):
            place, key = self._place(parts[:-1]), str(parts[-1])
            if kind == "missing":
                return _missing(key, place)
            return unknown_field(key, (*place.path, key), place.shape, place.value)
        if parts and parts[-1] == "[key]":
            return _bad_key(self._place(parts[:-1]), context)
        place = self._place(parts)
        if kind.startswith("union_tag"):
            return _undecided(place)
        return _wrong(kind, str(error["msg"]), context, place)

    def _place(self, parts: Sequence[str | int]) -> Place:
        """Follows a location as far as the spec was written; the rest are pydantic's own words."""
        node: Node | None = self.root
        value, shape, path = self.data, self.shape, self.prefix
        for part in parts:
            child = node.child(part) if node else None
            if child is None:
                break
            shape = enter(shape, part, value)
            node, value, path = child, value[part], (*path, part)
        return Place(path, node, value, shape)


def _missing(key: str, place: Place) -> Diagnostic:
    models = (_chosen(place.shape, place.value), *models_of(place.shape))
    words = _words(place.shape, place.value) or "this map"
    said = next((fields(model)[key].description for model in models if model and key in fields(model)), None)
    return Diagnostic("MG105", f"{words} needs `{key}`", (*place.path, key), said)


def _chosen(shape: Shape, value: Any) -> type[Model] | None:
    if isinstance(shape, Record):
        return shape.model
    return shape.choose(value) if isinstance(shape, OneOf) and isinstance(value, Mapping) else None


def _words(shape: Shape, value: Any) -> str:
    if model := _chosen(shape, value):
        return model.words
    return shape.chooser.words if isinstance(shape, OneOf) else ""


def _bad_key(place: Place, context: Mapping[str, Any]) -> Diagnostic:
    key = str(place.path[-1])
    message = f"{shown(key)} is not {context.get('words', 'a name of the right length')}"
    better = [
        c for c in (key.lower(), key.lower().replace("_", "-"), re.sub("[- ]", "_", key.lower())) if _fits(c, context)
    ]
    hint = f"write `{better[0]}`" if better else _shorter(key, context)
    return Diagnostic("MG106", message, place.path, hint, on=On.KEY)


def _shorter(key: str, context: Mapping[str, Any]) -> str | None:
    longest = context.get("longest")
    return f"shorten it: it has {len(key)} characters" if longest and len(key) > longest else None


def _undecided(place: Place) -> Diagnostic:
    """A map of which nobody can tell what kind it is."""
    if not isinstance(place.value, dict) or not isinstance(place.shape, OneOf):
        return _wrong("model_type", "", {}, place)
    chooser = place.shape.chooser
    names = [name for name, _ in place.shape.models]
    if chooser.key is None:
        return _which(place, chooser.words, chooser.keys)
    listed = ", ".join(names)
    if chooser.key not in place.value:
        near = next((key for key in place.value if nearest(key, [chooser.key])), None)
        if near:
            return _which(place, chooser.words, [chooser.key])
        return Diagnostic("MG105", f"{chooser.words} needs `{chooser.key}`: {listed}", place.path, on=On.KEY)
    node = place.node.child(chooser.key) if place.node else None
    said = Place((*place.path, chooser.key), node, place.value[chooser.key], place.shape)
    return _not_one_of(names, said)


def _which(place: Place, words: str, keys: Sequence[str]) -> Diagnostic:
    for key in place.value:
        if near := nearest(key, keys):
            message = f"unknown field `{key}` in {words}"
            return Diagnostic(
                "MG104", message, (*place.path, key), f"did you mean `{near}`?", Fix(near, On.KEY), on=On.KEY
            )
    listed = ", ".join(f"`{key}`" for key in keys)
    return Diagnostic("MG105", f"{words} needs one of {listed}", place.path, on=On.KEY)


def _not_one_of(allowed: Sequence[Any], place: Place) -> Diagnostic:
    listed = ", ".join(f"`{_spelled(value)}`" for value in allowed)
    words = [word for word in allowed if isinstance(word, str)]
    near = _meant(place.value, words) if isinstance(place.value, str) else None
    hint = f"did you mean `{near}`?" if near else None
    fix = Fix(near) if near else None
    only = "only" if len(allowed) == 1 else "one of"
    return Diagnostic("MG106", f"{shown(place.value)} is not {only} {listed}", place.path, hint, fix)


_ELSEWHERE: Mapping[str, tuple[str, ...]] = {
    "float": ("number",), "double": ("number",), "int": ("integer",), "bool": ("boolean",), "str": ("string",),
    "text": ("string",), "array": ("list",), "enum": ("category",), "timestamp": ("datetime",), "max": ("maximize",),
    "min": ("minimize",), "higher": ("maximize",), "lower": ("minimize",), "realtime": ("real-time",),
    "online": ("real-time",), "stream": ("streaming",), "rolling": ("linear",), "json": ("jsonl",),
}  # fmt: skip
"""What other languages call it."""


def _meant(word: str, allowed: Sequence[str]) -> str | None:
    called = (name for name in _ELSEWHERE.get(word.lower(), ()) if name in allowed)
    return next(called, None) or nearest(word, allowed)


def _wrong(kind: str, message: str, context: Mapping[str, Any], place: Place) -> Diagnostic:
    if isinstance(place.value, Placeholder) and not kind.startswith("MG"):
        return not_here(place.value, place.path)
    if kind.startswith("MG") or "words" in context:
        code = kind if kind.startswith("MG") else "MG106"
        return Diagnostic(code, _said(message, context, place), place.path, fix=_quoted(place, context))
    if kind == "literal_error":
        return _not_one_of(_expected(str(context.get("expected", ""))), place)
    if kind == "is_instance_of":
        return Diagnostic(
            "MG106", "a run parameter belongs here", place.path, "write `${parameters.<name>}`, declared as boolean"
        )
    return Diagnostic(
        "MG106", plainly(kind, context, place.value), place.path, fix=_mended(kind, place) or _wrapped(kind, place)
    )


def _said(message: str, context: Mapping[str, Any], place: Place) -> str:
    """The words of one of our own checks, with what stands there instead."""
    if "shape" not in context:
        return message
    return f"{shown(place.value)} is not {message}"


def _fits(text: str, context: Mapping[str, Any]) -> bool:
    longest = context.get("longest") or len(text)
    return "shape" in context and len(text) <= longest and re.fullmatch(str(context["shape"]), text) is not None


def _mended(kind: str, place: Place) -> Fix | None:
    """The mend where only one thing can be meant."""
    text, raw = place.value, place.node.raw if place.node else ""
    if isinstance(text, str):
        if kind in ("int_type", "int_from_float") and re.fullmatch(r"-?(0|[1-9][0-9]{0,17})", text):
            return Fix(text)
        if kind == "float_type" and re.fullmatch(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,17})?", text):
            return Fix(text)
        if kind == "bool_type" and text.lower() in ("true", "false", "yes", "no", "on", "off"):
            return Fix("true" if text.lower() in ("true", "yes", "on") else "false")
    if kind == "string_type" and raw and isinstance(text, bool | int | float):
        return Fix(json.dumps(raw))
    if kind in ("tuple_type", "list_type") and re.fullmatch(r"[A-Za-z0-9_./-]+", raw):
        return Fix(f"[{raw}]")
    return None


def _wrapped(kind: str, place: Place) -> Fix | None:
    """A bare word where a map belongs: the map's main key is what was meant."""
    raw = place.node.raw if place.node else ""
    if kind not in ("model_type", "model_attributes_type") or not re.fullmatch(r"[A-Za-z0-9_./-]+", raw):
        return None
    match place.shape:
        case OneOf(chooser=chooser):
            key = chooser.key or chooser.keys[0]
            names = [name for name, _ in place.shape.models]
            return Fix(f"{{{key}: {raw}}}") if chooser.key is None or raw in names else None
        case Record(model):
            key = next((key for key in ("source", "run") if key in (*fields(model), *model.short)), "")
            return Fix(f"{{{key}: {raw}}}") if key else None
        case _:
            return None


def _quoted(place: Place, context: Mapping[str, Any]) -> Fix | None:
    raw = place.node.raw if place.node else ""
    if isinstance(place.value, int | float) and raw and _fits(raw, context):
        return Fix(json.dumps(raw))
    return None


def _expected(said: str) -> list[Any]:
    """Reads pydantic's own list of what a literal may be as `'a', 'b' or True`."""
    return [
        json.loads(f'"{word}"') if word else bare == "True"
        for word, bare in re.findall(r"'([^']*)'|(True|False)", said)
    ]


def _spelled(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
