"""What a plain word such as `yes` was meant to be, where the language says what may stand there."""

from __future__ import annotations

import types
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from mlopsgen.diagnostics import Diagnostic, Fix, SpecPath
from mlopsgen.spec.model import Model, fields
from mlopsgen.spec.product import Spec
from mlopsgen.spec.shape import ListOf, MapOf, Record, Shape, models_of, under

_YES, _NO = ("true", "yes", "on", "y"), ("false", "no", "off", "n")


def settled(findings: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The findings of a text; one about a word that only one thing can mean where it stands offers that."""
    return tuple(_settled(d) if d.code == "MG103" else d for d in findings)


def _settled(finding: Diagnostic) -> Diagnostic:
    kinds = _kinds(finding.spec_path)
    word = finding.message.split("`")[1].lower()
    if bool in kinds and word in (*_YES, *_NO):
        boolean = "true" if word in _YES else "false"
        return replace(finding, hint=f"write `{boolean}`", fix=Fix(boolean, span=finding.span))
    words = [word for kind in kinds if get_origin(kind) is Literal for word in get_args(kind)]
    if words and str not in kinds:
        listed = " or ".join(f"`{one}`" for one in words)
        return replace(finding, hint=f"write {listed}", fix=None)
    return finding


def _kinds(spec_path: SpecPath) -> Sequence[Any]:
    """The types that may stand at a place, whichever kind of map it lies in, written in the short form or the long."""
    path = spec_path[2:] if spec_path[:1] == ("environments",) else spec_path
    shapes: list[Shape] = [Record(Spec)]
    kinds: list[Any] = []
    for part in path:
        models = [model for shape in shapes for model in models_of(shape)]
        items = [shape.item for shape in shapes if isinstance(shape, MapOf | ListOf)]
        entries = [one for model in models if (one := _field(model, str(part)))]
        kinds = [kind for _, annotation in entries for kind in _arms(annotation)]
        shapes = [*(shape for shape, _ in entries), *items]
    return kinds


def _field(model: type[Model], key: str) -> tuple[Shape, Any] | None:
    """The shape and the type under a key; a short form is followed to its long place."""
    shape: Shape = Record(model)
    annotation: Any = None
    for step in model.short.get(key, (key,)):
        if isinstance(shape, Record):
            if step not in fields(shape.model):
                return None
            annotation, shape = fields(shape.model)[step].annotation, under(shape.model, step)
        elif isinstance(shape, MapOf):
            annotation, shape = None, shape.item
    return shape, annotation


def _arms(annotation: Any) -> Sequence[Any]:
    if get_origin(annotation) is Annotated:
        return _arms(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return [arm for one in get_args(annotation) for arm in _arms(one)]
    return [annotation]
