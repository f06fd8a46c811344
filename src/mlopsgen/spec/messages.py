"""pydantic's errors in the words of the language: one finding for each."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mlopsgen.diagnostics import Diagnostic, Fix, On, SpecPath
from mlopsgen.nearest import nearest
from mlopsgen.records import dataclass
from mlopsgen.source import Node
from mlopsgen.spec.hints import meant, percentage, respelled
from mlopsgen.spec.model import Model, fields, is_tag, keys_of
from mlopsgen.spec.placeholders import not_here
from mlopsgen.spec.shape import OneOf, Record, Shape, enter, models_of
from mlopsgen.spec.type_errors import sentence, value_text
from mlopsgen.spec.unknown_fields import synonym, unknown_field
from mlopsgen.spec.values import Placeholder


@dataclass(frozen=True, slots=True)
class ErrorSite:
    """The spot of an error: its path, the node and value there, and the shape that the language has there."""

    spec_path: SpecPath
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
        findings = [self._one(error) for error in errors]
        meant = {(*d.spec_path[:-1], d.fix.text) for d in findings if d.code == "MG104" and d.fix}
        seen: set[tuple[str, SpecPath, On]] = set()
        for diagnostic in findings:
            site = (diagnostic.code, diagnostic.spec_path, diagnostic.on)
            if site in seen or (diagnostic.code == "MG105" and diagnostic.spec_path in meant):
                continue
            seen.add(site)
            yield diagnostic

    def _one(self, error: Mapping[str, Any]) -> Diagnostic:
        parts = [part for part in error["loc"] if not is_tag(part)]
        kind, context = str(error["type"]), error.get("ctx", {})
        if kind in ("extra_forbidden", "missing"):
            site, key = self._site(parts[:-1]), str(parts[-1])
            if kind == "missing":
                return _missing(key, site)
            return unknown_field(key, (*site.spec_path, key), site.shape, site.value)
        if parts and parts[-1] == "[key]":
            return _bad_key(self._site(parts[:-1]), context)
        site = self._site(parts)
        finding = _undecided(site) if kind.startswith("union_tag") else _wrong(kind, str(error["msg"]), context, site)
        return self._with_shape(finding, kind, site)

    def _with_shape(self, finding: Diagnostic, kind: str, site: ErrorSite) -> Diagnostic:
        """The finding with the shape that belongs there, where a value of another one stands."""
        another = kind in _STRUCTURED or (kind.startswith("union_tag") and not isinstance(site.value, dict))
        if not another or finding.hint or finding.fix:
            return finding
        inner = site.spec_path[len(self.prefix) :]
        better = meant(self.shape, self.data, inner, site.value, self.prefix)
        return replace(finding, hint=better.hint, fix=better.fix) if better else finding

    def _site(self, parts: Sequence[str | int]) -> ErrorSite:
        """Follows a location as far as the spec was written; the rest are pydantic's own words."""
        node: Node | None = self.root
        value, shape, spec_path = self.data, self.shape, self.prefix
        for part in parts:
            child = node.child(part) if node else None
            if child is None:
                break
            shape = enter(shape, part, value)
            node, value, spec_path = child, value[part], (*spec_path, part)
        return ErrorSite(spec_path, node, value, shape)


_STRUCTURED = ("model_type", "model_attributes_type", "dict_type", "tuple_type", "list_type")
"""Errors of values that are no map or no list."""


def _missing(key: str, site: ErrorSite) -> Diagnostic:
    models = (_chosen(site.shape, site.value), *models_of(site.shape))
    words = _words(site.shape, site.value) or "this map"
    description = next((fields(model)[key].description for model in models if model and key in fields(model)), None)
    return Diagnostic("MG105", f"{words} needs `{key}`", (*site.spec_path, key), description)


def _chosen(shape: Shape, value: Any) -> type[Model] | None:
    if isinstance(shape, Record):
        return shape.model
    return shape.choose(value) if isinstance(shape, OneOf) and isinstance(value, Mapping) else None


def _words(shape: Shape, value: Any) -> str:
    if model := _chosen(shape, value):
        return model.words
    return shape.chooser.words if isinstance(shape, OneOf) else ""


def _bad_key(site: ErrorSite, context: Mapping[str, Any]) -> Diagnostic:
    key = str(site.spec_path[-1])
    message = f"{value_text(key)} is not {context.get('words', 'a name of the right length')}"
    better = [
        c for c in (key.lower(), key.lower().replace("_", "-"), re.sub("[- ]", "_", key.lower())) if _fits(c, context)
    ]
    hint = f"write `{better[0]}`" if better else _shorter(key, context)
    return Diagnostic("MG106", message, site.spec_path, hint, on=On.KEY)


def _shorter(key: str, context: Mapping[str, Any]) -> str | None:
    longest = context.get("longest")
    return f"shorten it: it has {len(key)} characters" if longest and len(key) > longest else None


def _undecided(site: ErrorSite) -> Diagnostic:
    """A map of which nobody can tell what kind it is."""
    if not isinstance(site.value, dict) or not isinstance(site.shape, OneOf):
        return _wrong("model_type", "", {}, site)
    chooser = site.shape.chooser
    names = [name for name, _ in site.shape.models]
    if chooser.key is None:
        return _which(site, chooser.words, chooser.keys)
    listed = ", ".join(names)
    if chooser.key not in site.value:
        near = next((key for key in site.value if nearest(key, [chooser.key])), None)
        if near:
            return _which(site, chooser.words, [chooser.key])
        return Diagnostic("MG105", f"{chooser.words} needs `{chooser.key}`: {listed}", site.spec_path, on=On.KEY)
    node = site.node.child(chooser.key) if site.node else None
    choice = ErrorSite((*site.spec_path, chooser.key), node, site.value[chooser.key], site.shape)
    return _not_one_of(names, choice)


def _which(site: ErrorSite, words: str, keys: Sequence[str]) -> Diagnostic:
    for key in site.value:
        if near := synonym(key, keys) or nearest(key, keys):
            message = f"unknown field `{key}` in {words}"
            return Diagnostic(
                "MG104", message, (*site.spec_path, key), f"did you mean `{near}`?", Fix(near, On.KEY), on=On.KEY
            )
    listed = ", ".join(f"`{key}`" for key in keys)
    for key in site.value:
        if not any(key in keys_of(model) for model in models_of(site.shape)):
            hint = f"it needs one of {listed}"
            return Diagnostic("MG104", f"unknown field `{key}` in {words}", (*site.spec_path, key), hint, on=On.KEY)
    return Diagnostic("MG105", f"{words} needs one of {listed}", site.spec_path, on=On.KEY)


def _not_one_of(allowed: Sequence[Any], site: ErrorSite) -> Diagnostic:
    listed = ", ".join(f"`{_spelled(value)}`" for value in allowed)
    words = [word for word in allowed if isinstance(word, str)]
    near = _meant(site.value, words) if isinstance(site.value, str) else None
    if len(allowed) == len(words) == 1:
        near = words[0]
    hint = f"did you mean `{near}`?" if near else None
    fix = Fix(near) if near else None
    among = listed if len(allowed) == 1 else f"one of {listed}"
    return Diagnostic("MG106", f"{value_text(site.value)} is not {among}", site.spec_path, hint, fix)


_ELSEWHERE: Mapping[str, tuple[str, ...]] = {
    "float": ("number",), "double": ("number",), "int": ("integer",), "bool": ("boolean",), "str": ("string",),
    "text": ("string",), "array": ("list",), "enum": ("category",), "timestamp": ("datetime",), "max": ("maximize",),
    "min": ("minimize",), "higher": ("maximize",), "lower": ("minimize",), "realtime": ("real-time",),
    "online": ("real-time",), "stream": ("streaming",), "rolling": ("linear",), "json": ("jsonl",),
}  # fmt: skip
"""A word of another language → the words of this one that mean the same."""


def _meant(word: str, allowed: Sequence[str]) -> str | None:
    called = (name for name in _ELSEWHERE.get(word.lower(), ()) if name in allowed)
    return next(called, None) or nearest(word, allowed)


def _wrong(kind: str, message: str, context: Mapping[str, Any], site: ErrorSite) -> Diagnostic:
    if isinstance(site.value, Placeholder) and not kind.startswith("MG"):
        return not_here(site.value, site.spec_path)
    if kind.startswith("MG") or "words" in context:
        code = kind if kind.startswith("MG") else "MG106"
        return _of_shape(code, _check_message(message, context, site), context, site)
    if kind == "literal_error":
        return _not_one_of(_expected(str(context.get("expected", ""))), site)
    if kind == "is_instance_of":
        return Diagnostic(
            "MG106", "a run parameter belongs here", site.spec_path, "write `${parameters.<name>}`, declared as boolean"
        )
    return Diagnostic(
        "MG106",
        sentence(kind, context, site.value),
        site.spec_path,
        fix=_conversion_fix(kind, site) or _map_fix(kind, site),
    )


def _of_shape(code: str, message: str, context: Mapping[str, Any], site: ErrorSite) -> Diagnostic:
    """A word that has not the shape it should; with the one that has, where another spelling of it does."""
    if fix := _quote_fix(site, context):
        return Diagnostic(code, message, site.spec_path, fix=fix)
    text = site.value if isinstance(site.value, str) else ""
    better = [*respelled(text), *_completed(text, context)]
    near = next((word for word in better if word != text and _fits(word, context)), None)
    return Diagnostic(code, message, site.spec_path, f"did you mean `{near}`?" if near else None)


def _completed(text: str, context: Mapping[str, Any]) -> Iterator[str]:
    """A known whole word that is meant, or the word with what was left out before it."""
    prefixes = context.get("prefixes", ())
    if prefixes and (known := nearest(text, context["examples"])):
        yield known
    yield from (prefix + text for prefix in prefixes)


def _check_message(message: str, context: Mapping[str, Any], site: ErrorSite) -> str:
    """The words of one of our own checks, with what stands there instead."""
    if "shape" not in context:
        return message
    return f"{value_text(site.value)} is not {message}"


def _fits(text: str, context: Mapping[str, Any]) -> bool:
    longest = context.get("longest") or len(text)
    return "shape" in context and len(text) <= longest and re.fullmatch(str(context["shape"]), text) is not None


def _conversion_fix(kind: str, site: ErrorSite) -> Fix | None:
    """The fix where only one thing can be meant."""
    text, raw = site.value, site.node.raw if site.node else ""
    if isinstance(text, str):
        if kind in ("int_type", "int_from_float") and re.fullmatch(r"-?(0|[1-9][0-9]{0,17})", text):
            return Fix(text)
        if kind == "float_type" and (share := percentage(text)):
            return Fix(share)
        if kind == "float_type" and re.fullmatch(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,17})?", text):
            return Fix(text)
        if kind == "bool_type" and text.lower() in ("true", "false", "yes", "no", "on", "off"):
            return Fix("true" if text.lower() in ("true", "yes", "on") else "false")
    if kind == "string_type" and raw and isinstance(text, bool | int | float):
        return Fix(json.dumps(raw))
    if kind in ("tuple_type", "list_type") and re.fullmatch(r"[A-Za-z0-9_./-]+", raw):
        return Fix(f"[{raw}]")
    return None


def _map_fix(kind: str, site: ErrorSite) -> Fix | None:
    """A bare word where a map belongs: the map's main key is what was meant."""
    raw = site.node.raw if site.node else ""
    if kind not in ("model_type", "model_attributes_type") or not re.fullmatch(r"[A-Za-z0-9_./-]+", raw):
        return None
    match site.shape:
        case OneOf(chooser=chooser):
            key = chooser.key or chooser.keys[0]
            names = [name for name, _ in site.shape.models]
            return Fix(f"{{{key}: {raw}}}") if chooser.key is None or raw in names else None
        case Record(model):
            key = next((key for key in ("source", "run") if key in (*fields(model), *model.short)), "")
            return Fix(f"{{{key}: {raw}}}") if key else None
        case _:
            return None


def _quote_fix(site: ErrorSite, context: Mapping[str, Any]) -> Fix | None:
    raw = site.node.raw if site.node else ""
    if isinstance(site.value, int | float) and raw and _fits(raw, context):
        return Fix(json.dumps(raw))
    return None


def _expected(expected: str) -> list[Any]:
    """Reads pydantic's own list of what a literal may be as `'a', 'b' or True`."""
    return [
        json.loads(f'"{word}"') if word else bare == "True"
        for word, bare in re.findall(r"'([^']*)'|(True|False)", expected)
    ]


def _spelled(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
