"""The registration of the trained model, behind the gates."""

from __future__ import annotations

from mlopsgen.plan.sections import EVALUATION, REGISTRY, TRAINING
from mlopsgen.plan.steps import Card, Evaluate, FromStep, Input, Register, Source
from mlopsgen.plan.training import Section
from mlopsgen.plan.values import PortKind

_PICTURES = (PortKind.FIGURE, PortKind.REPORT)


def register_step(section: Section, evaluation: Evaluate | None, sources: tuple[Source, ...]) -> Register | None:
    """The version that training leads to; None when nothing is trained."""
    made = section.wires.outputs
    if TRAINING not in made:
        return None
    spec = section.spec
    judged = evaluation is not None and any(o.kind is PortKind.GATE for o in evaluation.outputs)
    measured = EVALUATION if "metrics" in made.get(EVALUATION, ()) else TRAINING
    return Register(
        name=REGISTRY,
        model=_input("model", PortKind.MODEL, TRAINING),
        metrics=_input("metrics", PortKind.METRICS, measured),
        gate=_input("gate", PortKind.GATE, EVALUATION) if judged else None,
        figures=tuple(
            _input(port, kind, step)
            for step in (EVALUATION, TRAINING)
            for port, kind in made.get(step, {}).items()
            if kind in _PICTURES
        ),
        group=spec.registry.model or spec.name,
        approval=spec.registry.approval,
        card=Card(tuple(spec.registry.card.items())) if spec.registry.card else None,
        when=spec.registry.when,
        on_gate_failure=evaluation.on_gate_failure if evaluation else "stop",
        data_versions=tuple((s.name, version_of(s)) for s in sources),
    )


def version_of(source: Source) -> str:
    """What pins a source: its digest, the version it is locked to, or where it is."""
    if source.local:
        return f"sha256:{source.local.digest}"
    return source.version or str(source.uri)


def _input(port: str, kind: PortKind, step: str) -> Input:
    return Input(port=port, kind=kind, source=FromStep(step, port), origin=("registry",))
