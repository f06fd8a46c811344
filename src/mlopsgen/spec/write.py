"""A spec in its long form with every default, as YAML that is itself a spec and reads back to an equal one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlopsgen.source.scalars import read_scalar
from mlopsgen.spec.data import OF_FILES, Data, DataSource
from mlopsgen.spec.model import Model
from mlopsgen.spec.product import Parameter, Spec, Variable
from mlopsgen.spec.values import Placeholder, escape

_PLAIN = re.compile(r"[A-Za-z./][A-Za-z0-9_./@+-]*(?: [A-Za-z0-9_./@+-]+)*")


def long_form(spec: Spec) -> str:
    """The whole spec, environment and variables in place; what is not there is empty or null."""
    head = f"# {spec.name} in its long form, with every default; what is not here is empty or null.\n"
    return head + "".join(f"{line}\n" for line in _map(as_data(spec), ""))


def as_data(value: Any) -> Any:
    """A spec as maps, lists and scalars, with placeholders spelled out again."""
    match value:
        case Model():
            return dict(_fields(value))
        case Mapping():
            return {key: as_data(item) for key, item in value.items()}
        case list() | tuple():
            return [as_data(item) for item in value]
        case str():
            return escape(value)
        case _:
            return str(value) if isinstance(value, Placeholder) else value


def _fields(model: Model) -> Iterator[tuple[str, Any]]:
    """Keys and values of one map, without those that say nothing."""
    for name, info in type(model).model_fields.items():
        value = getattr(model, name)
        if isinstance(model, Data) and name == "split" and model.prepare is not None:
            continue
        if isinstance(model, DataSource) and model.is_table and name in OF_FILES and value == info.default:
            continue
        # A parameter whose default is null is optional; without the key every start must give a value.
        explicit = isinstance(model, Parameter | Variable) and name == "default" and name in model.model_fields_set
        data = as_data(value)
        if explicit or data not in (None, {}, [], ""):
            yield info.alias or name, data


def _map(data: Mapping[str, Any], indent: str) -> Iterator[str]:
    for key, value in data.items():
        yield from _entry(f"{indent}{_scalar(key)}:", value, indent)


def _entry(head: str, value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield f"{head} {{}}" if not value else head
        yield from _map(value, f"{indent}  ")
    elif isinstance(value, list) and any(isinstance(item, Mapping | list) for item in value):
        yield head
        for item in value:
            yield from _item(item, f"{indent}  ")
    elif isinstance(value, list):
        yield f"{head} [{', '.join(_scalar(item) for item in value)}]"
    else:
        yield f"{head} {_scalar(value)}"


def _item(value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, Mapping) and value:
        first, *more = _map(value, f"{indent}  ")
        yield f"{indent}- {first.lstrip()}"
        yield from more
    else:
        yield from _entry(f"{indent}-", value, indent)


def _scalar(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and not (_PLAIN.fullmatch(value) and read_scalar(value) == value):
        return json.dumps(value, ensure_ascii=False)
    return str(value)
