"""The values of a run: typed, checked, with nothing missing."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NoReturn, TypeAlias

from mlopsgen.diagnostics import Diagnostic, SpecError
from mlopsgen.records import dataclass
from mlopsgen.targets.local.native import Parameter, PlanFile, Scalar
from mlopsgen.targets.local.read import of_deployment, read_plan

RunValue: TypeAlias = Scalar | tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """A parameter that a run cannot start without."""

    name: str
    type: str
    values: tuple[Scalar, ...]
    description: str


def missing(bundle: Path, values: Mapping[str, str], deployment: str | None = None) -> tuple[Missing, ...]:
    """What still has to be asked for before `execute` can start."""
    plan = read_plan(bundle)
    parameters = (of_deployment(plan, deployment) if deployment else plan).parameters
    return tuple(
        Missing(name, p.type, p.values, p.description)
        for name, p in parameters.items()
        if p.required and name not in values
    )


def run_values(plan: PlanFile, texts: Mapping[str, str]) -> dict[str, RunValue]:
    """Every parameter's value in this run; raises SpecError with all that is wrong."""
    findings = [*_unknown(plan, texts)]
    values: dict[str, RunValue] = {}
    for name, parameter in plan.parameters.items():
        try:
            values[name] = _value(name, parameter, texts)
        except SpecError as wrong:
            findings.extend(wrong.findings)
    if findings:
        raise SpecError(findings)
    return values


def _unknown(plan: PlanFile, values: Mapping[str, str]) -> Iterator[Diagnostic]:
    for name in values:
        if name not in plan.parameters:
            near = difflib.get_close_matches(name, plan.parameters, n=1)
            known = f"did you mean `{near[0]}`?" if near else f"declared: {', '.join(plan.parameters) or 'none'}"
            yield Diagnostic("MG113", f"there is no run parameter `{name}`", spec_path=("parameters",), hint=known)


def _value(name: str, parameter: Parameter, values: Mapping[str, str]) -> RunValue:
    if name in values:
        return checked(name, parameter, values[name])
    if parameter.required:
        hint = f"start the run with `--param {name}=…`"
        raise SpecError([Diagnostic("MG601", f"parameter `{name}` has no value", spec_path=parameter.place, hint=hint)])
    return parameter.default


def checked(name: str, parameter: Parameter, text: str) -> RunValue:
    """What was written for a parameter, in its type; raises SpecError MG106."""
    try:
        value = _typed(parameter, text)
    except ValueError:
        raise _wrong(name, parameter, f"`{text}` is no {_NOUNS[parameter.type]}", _EXAMPLES[parameter.type]) from None
    for item in value if isinstance(value, tuple) else (value,):
        _within(name, parameter, item)
    return value


_NOUNS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "list": "list in JSON",
}
_EXAMPLES = {"string": "abc", "integer": "12", "number": "0.5", "boolean": "true", "list": '["a", "b"]'}


def _typed(parameter: Parameter, text: str) -> RunValue:
    match parameter.type:
        case "string":
            return text
        case "integer":
            return int(text)
        case "number":
            return _number(text)
        case "boolean":
            return {"true": True, "false": False}[text] if text in ("true", "false") else _refuse()
        case "list":
            parsed = json.loads(text)
            return tuple(parsed) if isinstance(parsed, list) and all(map(_is_scalar, parsed)) else _refuse()


def _number(text: str) -> float:
    value = float(text)
    return value if value - value == 0 else _refuse()


def _is_scalar(value: object) -> bool:
    return value is None or isinstance(value, bool | int | float | str)


def _refuse() -> NoReturn:
    raise ValueError


def _within(name: str, parameter: Parameter, value: Scalar) -> None:
    if parameter.values and value not in parameter.values:
        allowed = ", ".join(str(v) for v in parameter.values)
        raise _wrong(name, parameter, f"`{value}` is not one of its values", allowed)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return
    if parameter.minimum is not None and value < parameter.minimum:
        raise _wrong(
            name, parameter, f"{value} is less than its minimum {parameter.minimum:g}", f"{parameter.minimum:g}"
        )
    if parameter.maximum is not None and value > parameter.maximum:
        raise _wrong(
            name, parameter, f"{value} is more than its maximum {parameter.maximum:g}", f"{parameter.maximum:g}"
        )


def _wrong(name: str, parameter: Parameter, what: str, instead: str) -> SpecError:
    return SpecError(
        [Diagnostic("MG106", f"parameter `{name}`: {what}", spec_path=parameter.place, hint=f"for example: {instead}")]
    )
