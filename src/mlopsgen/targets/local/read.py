"""Reads plan.json strictly: every key known, every value of its type, or findings that say where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from mlopsgen.diagnostics import Diagnostic, SpecError
from mlopsgen.spec.model import is_tag
from mlopsgen.targets.local.native import PlanFile

NAME = "plan.json"
_CODES: Mapping[str, str] = {
    "unexpected_keyword_argument": "MG430",
    "union_key": "MG430",
    "missing": "MG432",
    "json_invalid": "MG438",
}
_TYPE_ENDINGS = ("_type", "_parsing")


@cache
def adapter() -> TypeAdapter[PlanFile]:
    """The reader of the whole file."""
    return TypeAdapter(PlanFile)


def read_plan(bundle: Path) -> PlanFile:
    """The plan of a bundle; raises SpecError MG605 with every finding when it is none."""
    found = list(problems(bundle))
    if found:
        hint = "compile the spec again: `mlopsgen compile --target local`"
        raise SpecError(Diagnostic("MG605", f"{d.code}: {d.message}", hint=hint) for d in found)
    return adapter().validate_json((bundle / NAME).read_bytes())


def problems(bundle: Path) -> Iterator[Diagnostic]:
    """What keeps plan.json from being read at all."""
    path = bundle / NAME
    if not path.is_file():
        yield Diagnostic("MG444", f"{NAME} is missing", hint="compile the spec again")
        return
    yield from problems_of(path.read_bytes())


def problems_of(content: bytes | str) -> Iterator[Diagnostic]:
    """What keeps the content of a plan.json from being read."""
    try:
        adapter().validate_json(content)
    except ValidationError as wrong:
        yield from _findings(wrong)


def _findings(wrong: ValidationError) -> Iterator[Diagnostic]:
    seen = set()
    for error in wrong.errors(include_url=False, include_context=False):
        place = _pointer(error["loc"])
        if place not in seen:
            seen.add(place)
            yield Diagnostic(_code(error["type"]), f"{NAME}{' at ' + place if place else ''}: {_words(error)}")


def _code(kind: str) -> str:
    return _CODES.get(kind) or ("MG431" if kind.endswith(_TYPE_ENDINGS) else "MG433")


def _pointer(location: tuple[str | int, ...]) -> str:
    """Where in the file; the names of union alternatives, which are no keys, are left out."""
    return "".join(f"/{part}" for part in location if not is_tag(part) and part not in _ALTERNATIVES)


# What pydantic calls the alternatives of `a scalar or a list of scalars`.
_ALTERNATIVES = frozenset({"str", "int", "float", "bool", "none", "tuple[union[none,bool,int,float,str],...]"})


def _words(error: Mapping[str, Any]) -> str:
    message = str(error["msg"])
    return message[0].lower() + message[1:]
