"""Who reads from whom: every edge leads somewhere, and none leads back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from mlopsgen.targets.local.judge.placing import Findings, Wrong
from mlopsgen.targets.local.native import FromRegistry, FromSource, FromStep, Input, PlanFile, Step
from mlopsgen.targets.local.read import waits_for


def graph(plan: PlanFile) -> Findings:
    """Findings about the edges between steps, and between steps and sources."""
    for name, count in Counter(step.name for step in plan.steps).items():
        if count > 1:
            yield Wrong("MG436", f"{count} steps are called `{name}`", name)
    named = {step.name: step for step in plan.steps}
    for step in plan.steps:
        for port, item in step.inputs.items():
            yield from _input(plan, named, step, port, item)
        yield from _order(named, step)
    yield from _unread(plan)
    yield from _cycles(plan)


def _input(plan: PlanFile, named: Mapping[str, Step], step: Step, port: str, item: Input) -> Findings:
    match item.origin:
        case FromStep() as origin:
            maker = named.get(origin.step)
            made = maker.outputs.get(origin.output) if maker else None
            there = f"{origin.step}.{origin.output}"
        case FromSource() as origin:
            made = "source" if origin.source in plan.sources else None
            there = f"source {origin.source}"
        case FromRegistry() as origin:
            made, there = "model", f"model {origin.model}"
    if made is None:
        yield Wrong("MG434", f"`{step.name}` reads `{there}` as `{port}`, and there is none", step.name)
    elif item.kind != made:
        yield Wrong("MG433", f"`{step.name}` takes `{there}` for {item.kind}; it is {made}", step.name)


def _order(named: Mapping[str, Step], step: Step) -> Findings:
    for name, count in Counter(step.after).items():
        if count > 1:
            yield Wrong("MG436", f"`{step.name}` runs after `{name}` {count} times", step.name)
        if name not in named:
            yield Wrong("MG434", f"`{step.name}` runs after `{name}`, and there is none", step.name)
    for name in waits_for(step):
        if name in named and named[name].always and not step.always:
            yield Wrong("MG433", f"`{step.name}` waits for `{name}`, which runs when all else has ended", step.name)


def _unread(plan: PlanFile) -> Findings:
    read = {i.origin.source for s in plan.steps for i in s.inputs.values() if isinstance(i.origin, FromSource)}
    for name in sorted(plan.sources.keys() - read):
        yield Wrong("MG434", f"no step reads the source `{name}`")


def _cycles(plan: PlanFile) -> Findings:
    left = {step.name: set(waits_for(step)) for step in plan.steps}
    while ready := [name for name, waits in left.items() if not waits & left.keys()]:
        for name in ready:
            del left[name]
    if left:
        names = ", ".join(f"`{name}`" for name in left)
        yield Wrong("MG435", f"these steps wait for each other: {names}", next(iter(left)))
