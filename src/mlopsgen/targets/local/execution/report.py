"""Gathers what came of a run from what its steps left on disk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from mlopsgen.runtime.files import digest_of
from mlopsgen.runtime.measured import Measured
from mlopsgen.targets.local.execution.events import in_words
from mlopsgen.targets.local.execution.folders import files_of, measured_in, read_json
from mlopsgen.targets.local.execution.journal import Unit
from mlopsgen.targets.local.execution.outcome import Outcome, Registered, Status, StepOutcome
from mlopsgen.targets.local.execution.registry import Model
from mlopsgen.targets.local.execution.schedule import Schedule
from mlopsgen.targets.local.execution.tuning import no_metric
from mlopsgen.targets.local.execution.work import Workshop
from mlopsgen.targets.local.native import FromStep, Place, Step

_PICTURES = (".png", ".svg")
_PAGES = (".html", ".htm", ".pdf", ".md")


def outcome_of(shop: Workshop, schedule: Schedule, status: Status, seconds: float) -> Outcome:
    """The outcome of a run that is over."""
    judged = tuple(_judged(shop.plan.steps))
    steps = tuple(_step(shop, schedule, step, judged) for step in shop.plan.steps)
    return Outcome(
        run=shop.run.id,
        folder=shop.run.folder,
        status=status,
        seconds=seconds,
        steps=steps,
        gate_refused=tuple(schedule.refusals),
        gates_held=tuple(schedule.held),
        registered=tuple(_registered(shop, schedule)),
        pictures=tuple(_shown(shop.plan.steps, steps, "figure", _PICTURES)),
        reports=tuple(_shown(shop.plan.steps, steps, "report", (*_PAGES, *_PICTURES))),
    )


def _judged(steps: tuple[Step, ...]) -> Iterator[str]:
    """The metrics that gates and searches look at: a reader wants these before all others."""
    for step in steps:
        if step.tune is not None:
            yield step.tune.metric
        for argument in step.argv:
            flag, _, value = argument.partition("=") if isinstance(argument, str) else ("", "", "")
            if flag.endswith(".metric"):
                yield value


def _step(shop: Workshop, schedule: Schedule, step: Step, judged: tuple[str, ...]) -> StepOutcome:
    result = schedule.results[step.name]
    measured = list(_measured(step, {port: folder.path for port, folder in result.outputs.items()}))
    unit = shop.run.step(step.name)
    trials = tuple(_trials(unit))
    return StepOutcome(
        name=step.name,
        kind=step.kind,
        state=result.state,
        seconds=result.seconds,
        attempts=result.attempts,
        reason=result.reason,
        log=_log(unit, trials),
        outputs={port: folder.path for port, folder in result.outputs.items()},
        metrics=_ordered({name: value for one in measured for name, value in one.values.items()}, judged),
        without={name: reason for one in measured for name, reason in one.without.items()},
        trials=len(trials),
        best=_best(step, trials),
        limit=result.limit,
        place=_place(step, result.reason),
    )


def _place(step: Step, reason: str) -> Place:
    """The gate or the searched metric that a reason speaks of, else the step itself."""
    gate = next((name for name in (step.gate.rules if step.gate else ()) if f"gate `{name}`" in reason), None)
    if gate is not None:
        return (*step.place, "gates", gate)
    is_metric = step.tune is not None and no_metric(step.tune.metric) in reason
    return (*step.place, "tuning", "metric") if is_metric else step.place


def _log(unit: Unit, trials: Sequence[Unit]) -> Path | None:
    """Where a reader looks first: what the command complained of, else what it said; in a search, its trials."""
    if trials:
        return unit.folder / "trials"
    there = [path for path in (unit.err, unit.out) if path.is_file()]
    return next((path for path in there if path.stat().st_size), there[-1] if there else None)


def _ordered(metrics: Mapping[str, float], first: tuple[str, ...]) -> dict[str, float]:
    names = dict.fromkeys((*(name for name in first if name in metrics), *metrics))
    return {name: metrics[name] for name in names}


def _trials(unit: Unit) -> Iterator[Unit]:
    folder = unit.folder / "trials"
    yield from (Unit(path) for path in (sorted(folder.iterdir()) if folder.is_dir() else ()))


def _best(step: Step, trials: Sequence[Unit]) -> str:
    """The params of the best trial that is there, the earliest of several."""
    if step.tune is None:
        return ""
    sign = 1 if step.tune.direction == "maximize" else -1
    scores: list[tuple[float, str]] = []
    for unit in trials:
        value = measured_in(unit.outputs / "metrics").values.get(step.tune.metric)
        if value is not None:
            scores.append((sign * value, in_words(read_json(unit.folder / "params.json") or {})))
    return max(scores, key=lambda one: one[0])[1] if scores else ""


def _measured(step: Step, outputs: Mapping[str, Path]) -> Iterator[Measured]:
    for port, kind in step.outputs.items():
        if kind == "metrics" and port in outputs:
            yield measured_in(outputs[port])


def _shown(
    steps: tuple[Step, ...], outcomes: tuple[StepOutcome, ...], kind: str, suffixes: tuple[str, ...]
) -> Iterator[Path]:
    """Files that somebody can open, of the outputs that are for people."""
    for step, outcome in zip(steps, outcomes, strict=True):
        for port, folder in outcome.outputs.items():
            if step.outputs[port] == kind:
                yield from (path for path in files_of(folder) if path.suffix in suffixes)


def _registered(shop: Workshop, schedule: Schedule) -> Iterator[Registered]:
    for step in shop.plan.steps:
        if step.register is None or schedule.results[step.name].state not in ("ran", "resumed"):
            continue
        model = shop.model(step.register.model)
        added = [folder.name for folder in model.of_run(shop.run.id)]
        for version in added or _same(model, step, schedule):
            yield Registered(
                model=step.register.model,
                version=version,
                folder=model.folder / "versions" / version,
                champion=model.champion() == version,
                status=str(model.about(version).get("status")),
                rolled_out=step.register.champion == "rollout",
                unchanged=not added,
            )


def _same(model: Model, step: Step, schedule: Schedule) -> list[str]:
    """The version with the run's own model, where the step that ended well has added none: the newest such."""
    origin = step.inputs["model"].origin
    if not isinstance(origin, FromStep) or origin.output not in schedule.results[origin.step].outputs:
        return []
    digest = digest_of(schedule.results[origin.step].outputs[origin.output].path)
    return [one for one in model.numbers() if model.about(one).get("model_digest") == digest][-1:]
