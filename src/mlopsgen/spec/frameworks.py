"""What the compiler knows of frameworks without importing them: estimators, their tasks, scores and params."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias

from mlopsgen.records import dataclass
from mlopsgen.runtime.parameter_names import names_of

Scores: TypeAlias = Literal["probabilities", "either", "values", "none"]
_SKLEARN = "sklearn."
_TABLE = Path(__file__).with_name("estimators.json")


@dataclass(frozen=True, slots=True)
class Estimator:
    """What can be trained without a script."""

    task: Literal["classification", "regression"] | None
    """None where the label decides."""
    scores: Scores
    """What it says beside classes; `either` depends on its params."""
    params: Mapping[str, str]
    """Every name of a param → the name that the estimator itself has for it."""


@cache
def _table() -> Mapping[str, Mapping[str, str]]:
    table: Mapping[str, Mapping[str, str]] = json.loads(_TABLE.read_text(encoding="utf-8"))["estimators"]
    return table


def estimators() -> tuple[str, ...]:
    """Every estimator of scikit-learn as `framework` names it."""
    return tuple(f"{_SKLEARN}{name}" for name in _table())


def estimator(framework: str) -> Estimator | None:
    """The facts of a framework; None where scikit-learn has no such estimator."""
    if not framework.startswith(_SKLEARN):
        return Estimator(None, "probabilities", names_of(framework))
    facts = _table().get(framework.removeprefix(_SKLEARN))
    if facts is None:
        return None
    params = {name: name for name in facts["params"].split()}
    return Estimator(facts["task"], facts["scores"], params)  # type: ignore[arg-type]
