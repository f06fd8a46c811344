"""Reads plan.json strictly, every key known and every value of its type, or findings say where; who waits for whom.

`python -m mlopsgen.targets.local.read` prints the JSON schema that bundles are given: it is written once and
kept, so that a bundle's bytes do not depend on which pydantic compiles it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from mlopsgen.diagnostics import Diagnostic, SpecError
from mlopsgen.spec.model import is_tag
from mlopsgen.targets.local.native import Flag, FromParameter, FromStep, Joined, Live, PlanFile, Step

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
    _refuse(problems(bundle))
    return adapter().validate_json((bundle / NAME).read_bytes())


def read_content(content: bytes) -> PlanFile:
    """The plan that a file's content says; raises SpecError as `read_plan` does."""
    _refuse(problems_of(content))
    return adapter().validate_json(content)


def _refuse(findings: Iterator[Diagnostic]) -> None:
    if known := list(findings):
        hint = "compile the spec again: `mlopsgen compile --target local`"
        raise SpecError(Diagnostic("MG605", f"{d.code}: {d.message}", hint=hint) for d in known)


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


def schema() -> dict[str, Any]:
    """What editors and other programs read plan.json by."""
    document = adapter().json_schema(by_alias=True)
    about = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "plan.json of mlopsgen, for this machine",
    }
    some = {
        "anyOf": [{"properties": {"steps": {"minItems": 1}}}, {"properties": {"deployments": {"minProperties": 1}}}]
    }
    return {**about, **_without_titles({k: v for k, v in document.items() if k != "title"}), **some}


def schema_text() -> str:
    """The schema as its file holds it."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _without_titles(node: Any) -> Any:
    """A title that only repeats its key says nothing."""
    if isinstance(node, dict):
        kept = ((k, v) for k, v in node.items() if not (k == "title" and isinstance(v, str)))
        return {k: _without_titles(v) for k, v in kept}
    return [_without_titles(item) for item in node] if isinstance(node, list) else node


def reads_from(step: Step) -> tuple[str, ...]:
    """The steps whose outputs it reads."""
    makers = (i.origin.step for i in step.inputs.values() if isinstance(i.origin, FromStep))
    return tuple(dict.fromkeys(makers))


def of_deployment(plan: PlanFile, name: str) -> PlanFile:
    """The plan of one deployment's command: nobody is asked for what only the training reads."""
    step = plan.deployments[name].step
    read = set(_parameters_read(step))
    parameters = {key: value for key, value in plan.parameters.items() if key in read}
    return replace(plan, steps=(step,), sources={}, parameters=parameters)


def _parameters_read(step: Step) -> Iterator[str]:
    for argument in step.argv:
        hole = argument.value if isinstance(argument, Flag) else None
        value = hole.live if isinstance(hole, Live) else hole
        for part in value.text if isinstance(value, Joined) else (value,):
            if isinstance(part, FromParameter):
                yield part.parameter


def waits_for(step: Step) -> tuple[str, ...]:
    """The steps that must have ended before this one starts."""
    return tuple(dict.fromkeys((*reads_from(step), *step.after)))


def threads_for(plan: PlanFile, searches: Mapping[str, int], parallel: int, processors: int) -> dict[str, int]:
    """How many threads each step's libraries may use, so that steps that can run together do not fight."""
    depth = _depths(plan)
    width: dict[int, int] = {}
    for name, level in depth.items():
        width[level] = width.get(level, 0) + searches.get(name, 1)
    return {name: max(1, processors // min(parallel, width[level])) for name, level in depth.items()}


def _depths(plan: PlanFile) -> dict[str, int]:
    """How many steps lie before each one on the longest way to it; a plan lists steps in order."""
    depth: dict[str, int] = {}
    for step in plan.steps:
        depth[step.name] = 1 + max((depth.get(name, 0) for name in waits_for(step)), default=0)
    return depth


if __name__ == "__main__":
    sys.stdout.write(schema_text())
