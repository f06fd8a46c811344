"""Warnings about a plan that stands: what is made or declared and never used."""

from __future__ import annotations

from collections.abc import Iterator

from mlopsgen.diagnostics import Diagnostic, On, Severity
from mlopsgen.plan.graph import inputs_of, readers
from mlopsgen.plan.steps import Plan, Register, Step
from mlopsgen.plan.values import PortKind
from mlopsgen.plan.wiring import EVALUATION, TRAINING
from mlopsgen.spec.product import Spec

_SHOWN = (PortKind.FIGURE, PortKind.REPORT, PortKind.METRICS, PortKind.PREDICTIONS, PortKind.GATE, PortKind.MODEL)
"""Kinds that are for people or the registry: nobody has to read them."""


def watched(spec: Spec) -> frozenset[str]:
    """References that nobody in the graph has to read: monitors compare with them, or a trigger waits for them."""
    monitoring = spec.monitoring
    baselines = {monitoring.baseline, *(m.baseline for m in monitoring.monitors.values())} if monitoring else set()
    arriving = (getattr(trigger, "new_data", None) for trigger in spec.triggers.values())
    return frozenset(reference for reference in (*baselines, *arriving) if reference)


def unused(plan: Plan, others: frozenset[str] = frozenset()) -> Iterator[Diagnostic]:
    """What is made or declared and never used: no step reads it, and it is none of `others`."""
    read = {*readers(plan.steps), *(tuple(reference.split(".", 1)) for reference in others)}
    for step in plan.steps:
        if isinstance(step, Register) or step.name in (TRAINING, EVALUATION):
            continue
        for output in step.outputs:
            if (step.name, output.port) not in read and output.kind not in _SHOWN and output.port != "test":
                yield Diagnostic(
                    "MG204",
                    f"nobody reads `{step.name}.{output.port}`",
                    output.origin,
                    hint=_for_somebody(step, output.port),
                    severity=Severity.WARNING,
                    on=On.KEY,
                )
    yield from _unread_sources(plan, others)


def _for_somebody(step: Step, port: str) -> str:
    read = f"give it to a step: `inputs: {{{port}: {step.name}.{port}}}`"
    if step.origin == ("data", "split"):
        return f"{read}; or take `validation` out" if port == "validation" else f"{read}; or write `split: none`"
    return f"{read}, say that it is for people: `outputs: {{{port}: report}}`, or take it out"


def _unread_sources(plan: Plan, others: frozenset[str]) -> Iterator[Diagnostic]:
    used = {i.source for step in plan.steps for i in inputs_of(step)}
    names = {getattr(source, "source", None) for source in used}
    for source in plan.sources:
        if plan.steps and source.name not in names and f"data.{source.name}" not in others:
            yield Diagnostic(
                "MG208",
                f"no step reads the source `{source.name}`",
                ("data", "sources", source.name),
                hint=f"give it to a step: `inputs: {{{source.name}: data.{source.name}}}`, or take it out",
                severity=Severity.WARNING,
                on=On.KEY,
            )
