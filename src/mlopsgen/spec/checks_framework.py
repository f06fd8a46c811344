"""Findings about the built-in trainer: estimators and params that a framework does not have, and early stopping."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlopsgen.diagnostics import Diagnostic, Fix, On, SpecPath
from mlopsgen.nearest import nearest
from mlopsgen.runtime.metric_names import trained_as
from mlopsgen.runtime.parameter_names import STOPPING, TRAINERS_OWN
from mlopsgen.spec.checks_shared import conflict
from mlopsgen.spec.data import Split
from mlopsgen.spec.evaluation import TaskEvaluation
from mlopsgen.spec.frameworks import Estimator, estimator, estimators
from mlopsgen.spec.product import Spec
from mlopsgen.spec.training import FrameworkTraining

_PATH: SpecPath = ("training",)


def check_framework(spec: Spec, training: FrameworkTraining) -> Iterator[Diagnostic]:
    """Findings about `training.framework` and the params that go to it."""
    known = estimator(training.framework)
    if known is None:
        near = nearest(training.framework, estimators())
        message = (
            f"scikit-learn has no `{training.framework.removeprefix('sklearn.')}` that is trained without a script"
        )
        hint = f"did you mean `{near}`?" if near else "name a classifier or a regressor, or train with `run: train.py`"
        yield Diagnostic("MG134", message, (*_PATH, "framework"), hint, Fix(near) if near else None)
        return
    yield from _task(spec, training, known)
    places = dict(_params_of(training))
    yield from _params(training.framework, known, places)
    yield from _early_stopping(spec, training, known, places)


def _params_of(training: FrameworkTraining) -> Iterator[tuple[str, SpecPath]]:
    """Every param that the estimator gets, and where it is written."""
    yield from ((name, (*_PATH, "params", name)) for name in training.params)
    if training.tuning:
        yield from ((name, (*_PATH, "tuning", "search", name)) for name in training.tuning.search)


def _task(spec: Spec, training: FrameworkTraining, known: Estimator) -> Iterator[Diagnostic]:
    evaluation = spec.evaluation
    if known.task is None or not isinstance(evaluation, TaskEvaluation):
        return
    if known.task != trained_as(evaluation.task):
        does = "classes" if known.task == "classification" else "numbers"
        message = f"`{training.framework}` predicts {does}, and the evaluation's task is {evaluation.task}"
        other = training.framework.replace("Regressor", "Classifier")
        other = other if other != training.framework else training.framework.replace("Classifier", "Regressor")
        there = other != training.framework and estimator(other) is not None
        hint = f"did you mean `{other}`?" if there else f"choose a framework for {evaluation.task}"
        yield conflict(message, (*_PATH, "framework"), hint, code="MG134")


def _params(framework: str, known: Estimator, places: Mapping[str, SpecPath]) -> Iterator[Diagnostic]:
    seen: dict[str, str] = {}
    for name, spec_path in places.items():
        own = known.params.get(name)
        if name in TRAINERS_OWN:
            # A flag of the trainer's: the plan says so, beside all other names that meet.
            continue
        if own is None:
            near = nearest(name, known.params)
            listed = ", ".join(sorted({*known.params.values()})[:12])
            hint = f"did you mean `{near}`?" if near else f"it has {listed}…"
            message = f"{framework} has no param `{name}`"
            yield Diagnostic("MG134", message, spec_path, hint, Fix(near, On.KEY) if near else None, on=On.KEY)
        elif own in seen:
            message = f"`{name}` and `{seen[own]}` are one param of {framework}"
            yield Diagnostic("MG134", message, spec_path, "take one of them out", on=On.KEY)
        else:
            seen[own] = name


def _early_stopping(
    spec: Spec, training: FrameworkTraining, known: Estimator, places: Mapping[str, SpecPath]
) -> Iterator[Diagnostic]:
    name = next((name for name in places if known.params.get(name) == STOPPING), None)
    if name is None:
        return
    if not _has_validation(spec, training):
        message = f"`{name}` looks at validation rows, and training reads none"
        hint = "keep a share for them: `split: {validation: 0.1}` in `data`"
        if spec.data and spec.data.prepare:
            hint = "let `prepare` write an output `validation`"
        if training.inputs is not None:
            hint = "add `validation` to the inputs of training"
        yield conflict(message, places[name], hint, on=On.KEY, code="MG134")
    elif training.tuning and training.tuning.refit:
        message = f"`refit` trains on the validation rows, too, and then `{name}` has none to look at"
        yield conflict(message, (*_PATH, "tuning", "refit"), f"take `refit` or `{name}` out", code="MG134")


def _has_validation(spec: Spec, training: FrameworkTraining) -> bool:
    if training.inputs is not None:
        return "validation" in training.inputs
    if spec.data is None:
        return False
    if spec.data.prepare:
        return "validation" in spec.data.prepare.outputs
    if isinstance(spec.data.split, Split):
        return spec.data.split.validation > 0
    return "validation" in spec.data.sources
