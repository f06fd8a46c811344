"""What each section of a spec writes, before anything is wired."""

from __future__ import annotations

from collections.abc import Mapping

from mlopsgen.plan.values import PortKind
from mlopsgen.plan.wiring import ports
from mlopsgen.spec.data import Data, Split
from mlopsgen.spec.evaluation import Evaluation, GatesOnly, TaskEvaluation
from mlopsgen.spec.product import Spec
from mlopsgen.spec.training import Training

PREPARE, TRAINING, EVALUATION, REGISTRY = "prepare", "training", "evaluation", "registry"
SECTIONS = (PREPARE, TRAINING, EVALUATION, REGISTRY)

_PICTURES: Mapping[str, tuple[str, ...]] = {
    "classification": ("confusion", "roc", "importance"),
    "regression": ("residuals", "importance"),
    "ranking": ("importance",),
    "forecasting": ("residuals", "importance"),
}
"""Which pictures the built-in evaluator draws, by task."""


def built_in_split(data: Data | None) -> Split | None:
    """The split that the runtime makes, or None when there is none or the user prepares."""
    if data is None or data.prepare is not None or not isinstance(data.split, Split):
        return None
    return data.split


def outputs_of(spec: Spec) -> dict[str, dict[str, PortKind]]:
    """Step → port → kind for every step that the spec asks for, in the order of the sections."""
    found: dict[str, dict[str, PortKind]] = {}
    if spec.data is not None and (prepared := _prepare(spec.data, spec.training is not None)):
        found[PREPARE] = prepared
    for name, step in spec.steps.items():
        found[name] = ports(step.outputs, {}, PortKind.DATASET)
    if spec.training is not None:
        found[TRAINING] = _training(spec.training)
    if spec.evaluation is not None:
        found[EVALUATION] = _evaluation(spec.evaluation)
    return found


def _prepare(data: Data, trained: bool) -> dict[str, PortKind]:
    if data.prepare is not None:
        return ports(data.prepare.outputs, {}, PortKind.DATASET)
    split = built_in_split(data)
    if split is None or not trained:
        return {}
    made = ("train", "test", *(("validation",) if split.validation > 0 else ()))
    return dict.fromkeys(made, PortKind.DATASET)


def _training(training: Training) -> dict[str, PortKind]:
    own = {"model": PortKind.MODEL, "metrics": PortKind.METRICS}
    return ports(training.outputs, own, PortKind.FILES)


def _evaluation(evaluation: Evaluation) -> dict[str, PortKind]:
    gate = {"gate": PortKind.GATE} if evaluation.gates else {}
    match evaluation:
        case GatesOnly():
            return gate
        case TaskEvaluation():
            own = {"metrics": PortKind.METRICS, "predictions": PortKind.PREDICTIONS}
            own |= dict.fromkeys(_PICTURES[evaluation.task], PortKind.FIGURE)
            own |= {"explanation": PortKind.REPORT} if evaluation.explain else {}
        case _:
            own = {"metrics": PortKind.METRICS}
    return ports(evaluation.outputs, own, PortKind.FILES) | gate
