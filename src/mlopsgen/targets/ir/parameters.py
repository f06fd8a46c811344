"""Run parameters as inputs of the pipeline, their bounds as a guard of everything, and their values as holes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from itertools import chain, repeat
from typing import assert_never

from mlopsgen.diagnostics import SpecPath
from mlopsgen.plan.steps import RunParameter
from mlopsgen.plan.values import Scalar, Value, spelled
from mlopsgen.records import dataclass
from mlopsgen.spec.values import Ref, RunFact, Text
from mlopsgen.targets.ir.context import Context, harmless
from mlopsgen.targets.ir.native import ParameterSpec, ParameterType, Plain
from mlopsgen.targets.ir.parts import (
    Command,
    Guard,
    Hole,
    Operand,
    ParameterValue,
    Part,
    Takes,
    Where,
    Word,
    equals,
    holds,
)

_TYPES: Mapping[str, ParameterType] = {
    "string": "STRING",
    "integer": "NUMBER_INTEGER",
    "number": "NUMBER_DOUBLE",
    "boolean": "BOOLEAN",
    # A LIST's whole numbers come back as 5.0: its JSON does not.
    "list": "STRING",
}
SCHEDULED_AT = "scheduled-at"
"""The time that a person gives to a run: a hyphen, so that it is no run parameter of a spec."""
SCHEDULED = "scheduled"
"""What stands for the time that a run is scheduled for, while nobody gives another one."""
BOUNDS = "parameter-bounds"
OUT_OF_BOUNDS = "parameters-out-of-bounds"


NO_NUMBER = -999_999_999
"""No value, of a number: a parameter without a default cannot be named in an argument, and no text is a number."""


def optional(declared: RunParameter) -> bool:
    """Whether a run may give it no value: that is the empty text here, or `NO_NUMBER`."""
    return declared.default is None and not declared.required


def type_of(declared: RunParameter) -> ParameterType:
    """The type that a run gives it in."""
    return "STRING" if optional(declared) and not numeric(declared) else _TYPES[declared.type]


def numeric(declared: RunParameter) -> bool:
    """Whether a run gives it as a number."""
    return declared.type in ("integer", "number")


def parameters(context: Context) -> Mapping[str, ParameterSpec]:
    """The inputs of the pipeline."""
    return {declared.name: _parameter(context, declared) for declared in context.plan.parameters}


def _parameter(context: Context, declared: RunParameter) -> ParameterSpec:
    where = ((*declared.origin, "default"), *((*declared.origin, "values", i) for i in range(len(declared.values))))
    for place, value in zip(where, (declared.default, *declared.values), strict=True):
        harmless(context, spelled(value), place)
        if isinstance(value, int) and float(value) != value:
            message = (
                f"`{value}` would be {int(float(value))}: every number of a run is a double on {context.dialect.title}"
            )
            context.error("MG306", message, place, hint=f"`type: string` under `parameters.{declared.name}`")
    return ParameterSpec(
        type=type_of(declared),
        default=_default(declared),
        optional=not declared.required,
        description=_described(declared),
    )


def _described(declared: RunParameter) -> str:
    absence = f"{NO_NUMBER} stands for no value" if optional(declared) and numeric(declared) else ""
    return "; ".join(filter(None, (declared.description, absence)))


def _default(declared: RunParameter) -> Plain | None:
    if declared.required:
        return None
    value = declared.default
    if isinstance(value, tuple):
        return json.dumps(list(value), ensure_ascii=False)
    if value is None:
        return NO_NUMBER if numeric(declared) else ""
    return float(value) if declared.type == "number" and isinstance(value, int | float) else value


def when(context: Context, name: str) -> Guard:
    """Guards by a boolean run parameter."""
    declared = context.parameters[name]
    title = f"when {name}"
    return equals(ParameterValue(name), "true", title) if optional(declared) else holds(ParameterValue(name), title)


def bounds(context: Context) -> tuple[Guard, Part] | None:
    """All bounds as one guard, and what ends a run that breaks them: the platforms know types and no more."""
    checks = [check for declared in context.plan.parameters for check in _checks(context, declared)]
    if not checks:
        return None
    condition: list[str | Operand] = []
    for check in checks:
        condition += [" && ", *check] if condition else check
    limits = "; ".join(filter(None, map(_words, context.plan.parameters)))
    message = f"A parameter of this run is out of its bounds: {limits}."
    outside = Guard(("!(", *condition, ")"), OUT_OF_BOUNDS)
    return Guard(tuple(condition), BOUNDS), failing(context, OUT_OF_BOUNDS, message, outside)


def failing(context: Context, name: str, message: str, *guards: Guard) -> Part:
    """A container that says why, and fails."""
    code = "import sys; sys.exit(sys.argv[1])"
    words = (("python",), ("-c",), (code,), (message,))
    command = Command(image=context.image, words=words, entry=3)
    return Part(name=name, step=name, runs=command, guards=guards, cache=False)


def _checks(context: Context, declared: RunParameter) -> Iterator[list[str | Operand]]:
    value, number = ParameterValue(declared.name), numeric(declared)
    if optional(declared) and not number:
        if declared.values or declared.minimum is not None or declared.maximum is not None:
            message = f"nobody checks what `{declared.name}` may be: it is text here, so that it may be empty"
            context.note(message, declared.origin)
        return
    free: list[str | Operand] = ["(", value, f" == {float(NO_NUMBER)!r} || "]
    for check in _bounds(declared, value, number):
        yield [*free, *check, ")"] if optional(declared) else check


def _bounds(declared: RunParameter, value: ParameterValue, number: bool) -> Iterator[list[str | Operand]]:
    if declared.minimum is not None:
        yield [value, f" >= {_literal(declared.minimum, number=True)}"]
    if declared.maximum is not None:
        yield [value, f" <= {_literal(declared.maximum, number=True)}"]
    if declared.values:
        yield list(_one_of(value, [_literal(value, number=number) for value in declared.values]))


def _one_of(value: ParameterValue, literals: Sequence[str]) -> Iterator[str | Operand]:
    """One comparison after another: kfp's compiler writes no `in`, so nobody has seen Vertex AI read one."""
    for before, literal in zip(chain("(", repeat(" || ")), literals, strict=False):
        yield from (before, value, f" == {literal}")
    yield ")"


def _literal(value: Scalar, *, number: bool) -> str:
    """A value in CEL; every number that a run gives is a double there."""
    if number and isinstance(value, int | float):
        return repr(float(value))
    # CEL has no surrogates: `\ud83d\ude00` would be two letters that are none (cel-go, parser/unescape.go).
    return json.dumps(spelled(value), ensure_ascii=False)


def _words(declared: RunParameter) -> str:
    if optional(declared) and not numeric(declared):
        return ""
    parts = []
    if declared.minimum is not None:
        parts.append(f"at least {declared.minimum:g}")
    if declared.maximum is not None:
        parts.append(f"at most {declared.maximum:g}")
    if declared.values:
        parts.append("one of " + ", ".join(map(spelled, declared.values)))
    return f"{declared.name} is {' and '.join(parts)}" if parts else ""


FACTS = {"run.id": "{{$.pipeline_job_uuid}}", "run.scheduled_at": "{{$.pipeline_job_schedule_time_utc}}"}
"""What a platform puts in the place of these, as whole values of a task's parameters alone."""


@dataclass(frozen=True, slots=True)
class Taken:
    """The parameters of one container while its arguments are written."""

    context: Context
    ports: frozenset[str] = frozenset()
    """Names that artifacts of the same component have."""
    parameters: dict[str, Takes] = field(default_factory=dict)

    def hole(self, value: Ref | RunFact) -> Hole:
        """A hole for this value, and the parameter that fills it."""
        if isinstance(value, Ref):
            name = f"{value.name}-value" if value.name in self.ports else value.name
            self.parameters[name] = Takes(
                source=ParameterValue(value.name), type=type_of(self.context.parameters[value.name])
            )
        else:
            # A hyphen: no run parameter has one in its name.
            name = value.name.replace(".", "-").replace("_", "-")
            self.parameters[name] = Takes(source=value)
        return Hole(Where.PARAMETER, name)

    def text(self, value: Value, where: SpecPath) -> Word:
        """A value as text with holes."""
        return tuple(self._parts(value, where))

    def _parts(self, value: Value, where: SpecPath) -> Iterator[str | Hole]:
        match value:
            case Ref() | RunFact():
                yield self.hole(value)
            case Text():
                for part in value.parts:
                    self._check_there(part, where)
                    yield from self._parts(part, where)
            case None | bool() | int() | float() | str() | tuple():
                yield harmless(self.context, spelled(value), where)
            case _:
                assert_never(value)

    def _check_there(self, part: Value, where: SpecPath) -> None:
        """A flag can be left out; a part of a text cannot."""
        declared = self.context.parameters[part.name] if isinstance(part, Ref) else None
        if declared is not None and optional(declared) and numeric(declared):
            message = f"`{declared.name}` may have no value, and then this text would have a number that nobody gave"
            self.context.error("MG301", message, where, hint="give the parameter a default, or take it out of the text")
