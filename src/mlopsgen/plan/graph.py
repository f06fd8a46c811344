"""Edges between steps: who waits for whom, in which order, and where they bite their own tail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from mlopsgen.diagnostics import Diagnostic, SpecError, SpecPath
from mlopsgen.plan.services import RealTime
from mlopsgen.plan.steps import AnyJob, Batch, FromStep, Input, Plan, Register, Step

CYCLES = 20
"""How many are shown at once: each one is a search through all steps."""


def inputs_of(step: Step) -> tuple[Input, ...]:
    """Everything a step reads."""
    if isinstance(step, Register):
        optional = (step.metrics, step.gate)
        return (step.model, *(i for i in optional if i is not None), *step.figures)
    return step.inputs


def all_jobs(plan: Plan) -> tuple[AnyJob, ...]:
    """Everything that runs and ends in a container of its own: steps, and batch deployments."""
    return (
        *(step for step in plan.steps if not isinstance(step, Register)),
        *(service.job for service in batches(plan)),
    )


def batches(plan: Plan) -> tuple[Batch, ...]:
    """The batch deployments."""
    return tuple(service for service in plan.services if isinstance(service, Batch))


def real_times(plan: Plan) -> tuple[RealTime, ...]:
    """The real-time deployments."""
    return tuple(service for service in plan.services if isinstance(service, RealTime))


def reads_from(step: Step) -> tuple[str, ...]:
    """The steps whose outputs it reads, each once, in the order of its inputs."""
    return tuple(dict.fromkeys(i.source.step for i in inputs_of(step) if isinstance(i.source, FromStep)))


def waits_for(step: Step) -> tuple[str, ...]:
    """The steps that must have ended well before it starts: those it reads from and `after`."""
    return tuple(dict.fromkeys((*reads_from(step), *step.after)))


def edge_to(step: Step, other: str) -> SpecPath:
    """Where a step says that it waits for another one: the input that reads from it, or the entry of `after`."""
    for item in inputs_of(step):
        if isinstance(item.source, FromStep) and item.source.step == other:
            return item.origin
    return (*step.origin, "after", step.after.index(other)) if other in step.after else step.origin


def readers(steps: Iterable[Step]) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """(step, port) → the steps that read it."""
    by_output: dict[tuple[str, str], tuple[str, ...]] = {}
    for step in steps:
        for item in inputs_of(step):
            if isinstance(item.source, FromStep):
                key = (item.source.step, item.source.port)
                by_output[key] = (*by_output.get(key, ()), step.name)
    return by_output


def in_order(steps: Iterable[Step]) -> tuple[Step, ...]:
    """The steps in an order in which they could run, exit handlers last; ties stay as they were given.

    Raises SpecError MG201 naming every step of every cycle.
    """
    by_name = {step.name: step for step in steps}
    if findings := tuple(cycles(by_name.values())):
        raise SpecError(findings)
    sorter = _sorter(by_name)
    sorter.prepare()
    ordered = [by_name[name] for name in _stable(sorter, list(by_name))]
    # Exit handlers read no step, and run when all else has ended: they stand last.
    return tuple(sorted(ordered, key=is_handler))


def is_handler(step: Step) -> bool:
    """Whether the step runs when all else has ended."""
    return not isinstance(step, Register) and step.always


def _stable(sorter: TopologicalSorter[str], names: list[str]) -> Iterator[str]:
    place = {name: position for position, name in enumerate(names)}
    while sorter.is_active():
        ready = sorted(sorter.get_ready(), key=place.__getitem__)
        yield from ready
        sorter.done(*ready)


def _sorter(steps: Mapping[str, Step]) -> TopologicalSorter[str]:
    return TopologicalSorter({name: [w for w in waits_for(step) if w in steps] for name, step in steps.items()})


def cycles(steps: Iterable[Step]) -> Iterator[Diagnostic]:
    """Findings about one cycle after the other: the steps of one that is found are left out of the next search."""
    left = {step.name: step for step in steps}
    for _ in range(CYCLES):
        try:
            _sorter(left).prepare()
        except CycleError as cycle:
            names: list[str] = cycle.args[1]
            yield from _cycle(names, left)
            left = {name: step for name, step in left.items() if name not in names}
        else:
            return


def _cycle(names: list[str], steps: Mapping[str, Step]) -> Iterator[Diagnostic]:
    # graphlib names each step before the one that waits for it; turned round, every arrow reads "waits for".
    circle = tuple(reversed(names[1:]))
    start = min(range(len(circle)), key=lambda position: list(steps).index(circle[position]))
    name, other = circle[start], circle[(start + 1) % len(circle)]
    trip = " → ".join(f"`{step}`" for step in (*circle[start:], *circle[:start], name))
    message = f"`{name}` waits for `{other}`, in a circle: {trip}" if other != name else f"`{name}` waits for itself"
    hint = "take this away, or another edge of the circle" if other != name else "take it away"
    yield Diagnostic("MG201", message, spec_path=edge_to(steps[name], other), hint=hint)


def skipped_with(plan: Plan, name: str) -> tuple[str, ...]:
    """A step and all that reads from it, directly or not: what `when` skips together."""
    gone = {name}
    for step in plan.steps:
        if gone & set(reads_from(step)):
            gone.add(step.name)
    return tuple(step.name for step in plan.steps if step.name in gone)
