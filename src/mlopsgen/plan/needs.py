"""Which commands of the runtime a plan uses, and so what its image must install."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mlopsgen.plan.steps import Evaluate, Register, Step, Train, Tune
from mlopsgen.spec.evaluation import TaskEvaluation
from mlopsgen.spec.product import Spec
from mlopsgen.spec.registry import MlflowBackend


def runtime_commands(spec: Spec, steps: Iterable[Step]) -> tuple[str, ...]:
    """Keys of the runtime's table of requirements (runtime/requirements.py), sorted."""
    found = {command for step in steps for command in _of_step(spec, step)}
    if found and spec.data and any(source.format == "parquet" for source in spec.data.sources.values()):
        found.add("format:parquet")
    if isinstance(spec.tracking.backend, MlflowBackend):
        found.add("track:mlflow")
    return tuple(sorted(found))


def _of_step(spec: Spec, step: Step) -> Iterator[str]:
    if isinstance(step, Register):
        yield "register"
        return
    yield from _named(step.argv)
    match step:
        case Train() | Tune() if step.framework in ("xgboost", "lightgbm"):
            yield f"train:{step.framework}"
        case Evaluate():
            yield from _of_gates(step)
            if isinstance(spec.evaluation, TaskEvaluation) and spec.evaluation.explain:
                yield f"evaluate:{spec.evaluation.explain.method}"
        case _:
            return


def _named(argv: tuple[object, ...]) -> Iterator[str]:
    """The word behind every `-m mlopsgen_runtime`."""
    for place, argument in enumerate(argv[:-1]):
        if argument == "mlopsgen_runtime" and isinstance(word := argv[place + 1], str):
            yield word


def _of_gates(step: Evaluate) -> Iterator[str]:
    if any(rule.better_than for rule in step.gates):
        yield "gate:compare"
    if any(rule.measure for rule in step.gates):
        yield "gate:bias"
