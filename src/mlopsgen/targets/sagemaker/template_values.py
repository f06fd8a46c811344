"""Steps as templates get them: each under the name of its kind, so that a template need not compare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, assert_never

from mlopsgen.targets.sagemaker.native import (
    Comparison,
    ConditionStep,
    Definition,
    FailStep,
    Membership,
    ProcessingStep,
    RegisterStep,
    SageMakerStep,
    TrainingStep,
    TuningStep,
)


def definition_values(definition: Definition) -> Mapping[str, Any]:
    """A definition for its template."""
    return {
        "parameters": definition.parameters,
        "experiment": definition.experiment,
        "steps": step_values(definition.steps),
    }


def step_values(steps: tuple[SageMakerStep, ...]) -> tuple[Mapping[str, Any], ...]:
    """Steps for their template."""
    return tuple({_kind(step): plain(step)} for step in steps)


def _kind(step: SageMakerStep) -> str:
    match step:
        case ProcessingStep():
            return "processing"
        case TrainingStep():
            return "training"
        case TuningStep():
            return "tuning"
        case ConditionStep():
            return "condition"
        case FailStep():
            return "fail"
        case RegisterStep():
            return "register"
        case _:
            assert_never(step)


def plain(value: Any) -> Any:
    """Dataclasses as mappings all the way down; a branch's steps each under their kind."""
    match value:
        case str() | int() | None:
            return value
        case ConditionStep():
            return {
                **{f.name: plain(getattr(value, f.name)) for f in fields(value) if f.name not in _BRANCHES},
                "comparisons": tuple(_comparison(c) for c in value.comparisons),
                "then": step_values(value.then),
                "otherwise": step_values(value.otherwise),
            }
        case Mapping():
            return {key: plain(inner) for key, inner in value.items()}
        case tuple() | list():
            return tuple(plain(inner) for inner in value)
        case _ if is_dataclass(value):
            return {name: plain(getattr(value, name)) for name in _names(value.__class__)}
        case _:
            return value


@cache
def _names(record: type[Any]) -> tuple[str, ...]:
    return tuple(f.name for f in fields(record) if f.name != "origin")


_BRANCHES = ("comparisons", "then", "otherwise", "origin")


def _comparison(comparison: Comparison | Membership) -> Mapping[str, Any]:
    key = "membership" if isinstance(comparison, Membership) else "comparison"
    return {key: plain(comparison)}
