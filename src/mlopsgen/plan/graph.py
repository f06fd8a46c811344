"""Edges between steps: who waits for whom, in which order, and where they bite their own tail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from mlopsgen.diagnostics import Diagnostic, SpecError
from mlopsgen.plan.steps import FromStep, Input, Plan, Register, Step


def inputs_of(step: Step) -> tuple[Input, ...]:
    """Everything a step reads."""
    if isinstance(step, Register):
        optional = (step.metrics, step.gate)
        return (step.model, *(i for i in optional if i is not None), *step.figures)
    return step.inputs


def reads_from(step: Step) -> tuple[str, ...]:
    """The steps whose outputs it reads, each once, in the order of its inputs."""
    return tuple(dict.fromkeys(i.source.step for i in inputs_of(step) if isinstance(i.source, FromStep)))


def waits_for(step: Step) -> tuple[str, ...]:
    """The steps that must have ended well before it starts: those it reads from and `after`."""
    return tuple(dict.fromkeys((*reads_from(step), *step.after)))


def readers(steps: Iterable[Step]) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """(step, port) → the steps that read it."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for step in steps:
        for item in inputs_of(step):
            if isinstance(item.source, FromStep):
                key = (item.source.step, item.source.port)
                found[key] = (*found.get(key, ()), step.name)
    return found


def in_order(steps: Iterable[Step]) -> tuple[Step, ...]:
    """The steps in an order in which they could run, exit handlers last; ties stay as they were given.

    Raises SpecError MG201 naming every step of a cycle.
    """
    given = {step.name: step for step in steps}
    edges = {name: [w for w in waits_for(step) if w in given] for name, step in given.items()}
    sorter = TopologicalSorter(edges)
    try:
        sorter.prepare()
    except CycleError as cycle:
        raise SpecError(_cycle(cycle.args[1], given)) from cycle
    ordered = [given[name] for name in _stable(sorter, list(given))]
    # Exit handlers read no step, and run when all else has ended: they stand last.
    return tuple(sorted(ordered, key=is_handler))


def is_handler(step: Step) -> bool:
    """Whether the step runs when all else has ended."""
    return not isinstance(step, Register) and step.always


def _stable(sorter: TopologicalSorter[str], given: list[str]) -> Iterator[str]:
    place = {name: position for position, name in enumerate(given)}
    while sorter.is_active():
        ready = sorted(sorter.get_ready(), key=place.__getitem__)
        yield from ready
        sorter.done(*ready)


def _cycle(names: list[str], steps: Mapping[str, Step]) -> Iterator[Diagnostic]:
    # graphlib names the cycle against the edges' direction: turned round it reads as data flows.
    round_trip = " → ".join(f"`{name}`" for name in reversed(names))
    for name in dict.fromkeys(names):
        yield Diagnostic(
            "MG201",
            f"step `{name}` waits for itself: {round_trip}",
            where=steps[name].origin,
            hint="take one of these inputs or `after` entries away",
        )


def skipped_with(plan: Plan, name: str) -> tuple[str, ...]:
    """A step and all that reads from it, directly or not: what `when` skips together."""
    gone = {name}
    for step in plan.steps:
        if gone & set(reads_from(step)):
            gone.add(step.name)
    return tuple(step.name for step in plan.steps if step.name in gone)
