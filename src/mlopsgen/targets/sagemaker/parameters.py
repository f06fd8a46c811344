"""Run parameters as pipeline parameters, and their bounds as a condition of their own."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from mlopsgen.diagnostics import On
from mlopsgen.plan.steps import RunParameter
from mlopsgen.plan.values import Scalar, spelled
from mlopsgen.targets.optional import unchecked
from mlopsgen.targets.sagemaker import names
from mlopsgen.targets.sagemaker.context import Context
from mlopsgen.targets.sagemaker.expressions import Expression, parameter
from mlopsgen.targets.sagemaker.native import Comparison, ConditionStep, FailStep, Membership, PipelineParameter

_TYPES = {"string": "String", "integer": "Integer", "number": "Float", "boolean": "Boolean", "list": "String"}
BOUNDS = "parameter-bounds"
"""The step that ends a run whose parameters lie outside their bounds."""
OUT_OF_BOUNDS = "parameters-out-of-bounds"


def parameters(context: Context, read: Iterable[str]) -> tuple[PipelineParameter, ...]:
    """The parameters that something reads: SageMaker refuses none, but one that nobody reads misleads."""
    parameter_names = set(read)
    parameters_of_run = tuple(_parameter(context, p) for p in context.plan.parameters if p.name in parameter_names)
    if len(parameters_of_run) > names.PARAMETERS:
        message = f"there are {len(parameters_of_run)} parameters; a pipeline of SageMaker takes {names.PARAMETERS}"
        context.error("MG306", message, ("parameters",), "read many values from a file in `code.path`", on=On.KEY)
    return parameters_of_run


def _parameter(context: Context, declared: RunParameter) -> PipelineParameter:
    text = as_text(context, declared)
    kind = "String" if text else _TYPES[declared.type]
    default = _default(declared)
    if text and isinstance(default, bool):
        default = spelled(default)
    if isinstance(default, str) and len(default) > names.DEFAULT_LENGTH:
        message = f"the default of `{declared.name}` is longer than the {names.DEFAULT_LENGTH} characters of SageMaker"
        context.error("MG306", message, (*declared.origin, "default"), "a file's place instead of what it says")
    values = tuple(_enumerated(declared))
    if values and kind != "String":
        # EnumValues are text alone; other values are compared when the run starts.
        values = ()
    return PipelineParameter(name=declared.name, type=kind, default=default, values=values)


def as_text(context: Context, declared: RunParameter) -> bool:
    """Whether a parameter is text here: how a Boolean would read inside a command is written nowhere."""
    return _optional(declared) or (declared.type == "boolean" and declared.name in context.written)


def truth(context: Context, name: str) -> bool | str:
    """What a boolean parameter equals when it is true."""
    declared = next(p for p in context.plan.parameters if p.name == name)
    return "true" if as_text(context, declared) else True


def _optional(declared: RunParameter) -> bool:
    """No value at all is the empty string, which only a String can be."""
    return not declared.required and declared.default is None


def _default(declared: RunParameter) -> bool | int | float | str | None:
    value = declared.default
    if declared.required:
        return None
    if _optional(declared):
        return ""
    if isinstance(value, tuple):
        return json.dumps(list(value), ensure_ascii=False)
    return float(value) if declared.type == "number" and isinstance(value, int | float) else value


def _enumerated(declared: RunParameter) -> Iterator[str]:
    values = (True, False) if declared.type == "boolean" else declared.values
    yield from map(spelled, values)
    if values and _optional(declared):
        yield ""


def bounds_step(context: Context, read: Iterable[str]) -> ConditionStep | None:
    """A condition over every bound: SageMaker itself knows of a parameter's type and no more."""
    names = set(read)
    bounded = [p for p in context.plan.parameters if p.name in names]
    comparisons = tuple(c for p in bounded for c in _comparisons(context, p))
    if not comparisons:
        return None
    message = "; ".join(filter(None, (_words(p) for p in bounded)))
    fail = FailStep(name=OUT_OF_BOUNDS, message=f"A parameter of this run is out of its bounds: {message}.")
    return ConditionStep(name=BOUNDS, comparisons=comparisons, then=(), otherwise=(fail,), origin=("parameters",))


def _comparisons(context: Context, declared: RunParameter) -> Iterator[Comparison | Membership]:
    left: Expression = parameter(declared.name)
    if _optional(declared):
        if message := unchecked(declared, "SageMaker"):
            context.note(message, (*declared.origin, "type"))
        return
    if declared.minimum is not None:
        yield Comparison(type="GreaterThanOrEqualTo", left=left, right=_bound(declared, declared.minimum))
    if declared.maximum is not None:
        yield Comparison(type="LessThanOrEqualTo", left=left, right=_bound(declared, declared.maximum))
    if declared.values and declared.type in ("integer", "number"):
        yield Membership(query=left, allowed=tuple(_as_declared(declared, v) for v in declared.values))


def _bound(declared: RunParameter, value: float) -> int | float:
    return round(value) if declared.type == "integer" and float(value).is_integer() else float(value)


def _as_declared(declared: RunParameter, value: Scalar) -> bool | int | float | str:
    assert value is not None
    return float(value) if declared.type == "number" and isinstance(value, int | float) else value


def _words(declared: RunParameter) -> str:
    if _optional(declared):
        return ""
    parts = []
    if declared.minimum is not None:
        parts.append(f"at least {declared.minimum:g}")
    if declared.maximum is not None:
        parts.append(f"at most {declared.maximum:g}")
    if declared.values and declared.type in ("integer", "number"):
        parts.append("one of " + ", ".join(map(spelled, declared.values)))
    return f"{declared.name} is {' and '.join(parts)}" if parts else ""
