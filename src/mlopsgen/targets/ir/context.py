"""What every part of the lowering is handed: the plan, its options, the platform's dialect, and where findings go.

A user's text that the platform would evaluate is refused: no escape is sure to be one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import field
from typing import Protocol

from mlopsgen.diagnostics import Diagnostic, SpecPath
from mlopsgen.plan.steps import AnyJob, FromStep, Input, Plan, Register, RunParameter, Source, Tune
from mlopsgen.plan.values import PortKind
from mlopsgen.records import dataclass
from mlopsgen.spec.options import TargetOptions
from mlopsgen.targets.ir.parts import SCHEMAS, PartArtifact, Reads
from mlopsgen.targets.reporting import Reporting


class Dialect(Protocol):
    """What a platform is called, and which text it would evaluate."""

    @property
    def name(self) -> str:
        """The target's name: `vertex`, `kubeflow`. Findings about options start at ("targets", name)."""
        ...

    @property
    def title(self) -> str:
        """The platform's name for people: `Vertex AI`."""
        ...

    def forbidden(self) -> Mapping[str, str]:
        """Further text that the platform would evaluate → why: refused, MG308."""
        ...


@dataclass(frozen=True, slots=True)
class Context(Reporting):
    """The plan being lowered, the target's block of the spec, and the findings so far."""

    plan: Plan
    options: TargetOptions
    dialect: Dialect
    jobs: Mapping[str, AnyJob]
    sources: Mapping[str, Source]
    parameters: Mapping[str, RunParameter]
    image: str = ""
    """The image that the product's own steps run in."""
    findings: list[Diagnostic] = field(default_factory=list)

    @property
    def registrations(self) -> frozenset[str]:
        """Steps that make versions."""
        return frozenset(step.name for step in self.plan.steps if isinstance(step, Register))

    @property
    def where(self) -> SpecPath:
        """The target's block in the spec."""
        return ("targets", self.dialect.name)

    def product(self, item: Input) -> Reads:
        """What an input of a step reads, when another step makes it."""
        assert isinstance(item.source, FromStep)
        step, port = item.source.step, item.source.port
        job = self.jobs[step]
        refitted = isinstance(job, Tune) and job.refit and item.kind is PortKind.METRICS
        # The search's metrics stay: the second training has seen the rows they were measured on.
        return Reads(source=PartArtifact(select_name(step) if refitted else step, port), schema=SCHEMAS[item.kind])


def card(context: Context, step: Register) -> str:
    """The card as JSON; the owner is one of its sections, since labels take no such text."""
    sections = dict(step.card.sections) if step.card else {}
    owner = {"owner": context.plan.owner} if context.plan.owner and "owner" not in sections else {}
    for text in owner.values():
        harmless(context, text, ("owner",))
    for name, text in sections.items():
        harmless(context, f"{name}\n{text}", (*step.origin, "card", name))
    return json.dumps(owner | sections, ensure_ascii=False)


def select_name(step: str) -> str:
    """The part of a search with a refit that picks the best trial."""
    return f"{step}-select"


PLACEHOLDER = "{{$"


def harmless(context: Context, text: str, where: SpecPath) -> str:
    """The same text, after a finding where it holds what the platform would evaluate anywhere."""
    refused = {PLACEHOLDER: "it starts a placeholder", **context.dialect.forbidden()}
    there = [needle for needle in refused if needle in text]
    for needle, why in refused.items():
        # What a longer one begins with is said by it.
        if needle in there and not any(longer != needle and longer.startswith(needle) for longer in there):
            message = f"{context.dialect.title} would evaluate `{needle}`: {why}"
            context.error(
                "MG308", message, where, hint="put the value into a file in `code.path`, which nobody evaluates"
            )
    return text
