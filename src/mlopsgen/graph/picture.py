"""The part of a plan that is shown: nodes, and what flows between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum

from mlopsgen.graph import words
from mlopsgen.plan.graph import inputs_of, is_handler
from mlopsgen.plan.steps import (
    AnyJob,
    Evaluate,
    FromRegistry,
    FromSource,
    FromStep,
    Input,
    Plan,
    Prepare,
    Register,
    Source,
    Step,
    Train,
    Tune,
)
from mlopsgen.plan.values import PortKind
from mlopsgen.records import dataclass


class Kind(StrEnum):
    """The kind of a node, in the words that stand above its name."""

    DATA = "data"
    MODEL = "registered model"
    PREPARE = "prepare"
    TRAINING = "training"
    TUNING = "tuning"
    EVALUATION = "evaluation"
    GATE = "gate"
    REGISTRY = "registry"
    STEP = "step"
    HANDLER = "exit handler"


@dataclass(frozen=True, slots=True)
class Node:
    """A step, a source, a gate or a registered model."""

    key: str
    kind: Kind
    title: str
    lines: tuple[str, ...] = ()
    optional: bool = False
    """`when` may skip it."""


@dataclass(frozen=True, slots=True)
class Edge:
    """Data that flow from one node to another; without data it only says who waits."""

    start: str
    end: str
    label: str
    data: bool = True


@dataclass(frozen=True, slots=True)
class Picture:
    """All that is drawn, in the plan's own order."""

    name: str
    description: str
    starts: tuple[str, ...]
    """Triggers that start a run, beside a person."""
    nodes: tuple[Node, ...]
    handlers: tuple[Node, ...]
    """They run when all else has ended."""
    edges: tuple[Edge, ...]


def picture_of(plan: Plan) -> Picture:
    """Everything worth seeing of a plan: sources that somebody reads, steps, gates, and the wires between them."""
    flow = tuple(step for step in plan.steps if not is_handler(step))
    read = {i.source for step in plan.steps for i in inputs_of(step)}
    return Picture(
        name=plan.name,
        description=plan.description,
        starts=tuple(words.start(trigger) for trigger in plan.triggers),
        nodes=(
            *(_source(source) for source in plan.sources if FromSource(source.name) in read),
            *_models(flow),
            *(node for step in flow for node in _nodes(step)),
        ),
        handlers=tuple(node for step in plan.steps if is_handler(step) for node in _nodes(step)),
        edges=tuple(_edges(flow)),
    )


def _source(source: Source) -> Node:
    where = source.local.path if source.local else str(source.uri)
    return Node(f"data.{source.name}", Kind.DATA, source.name, (where,))


def _models(steps: Iterable[Step]) -> Iterator[Node]:
    for origin in dict.fromkeys(i.source for step in steps for i in inputs_of(step)):
        if isinstance(origin, FromRegistry):
            yield Node(_key(origin), Kind.MODEL, origin.model, (words.version(origin.version),))


def _nodes(step: Step) -> Iterator[Node]:
    """One node for a step, and one more for the gates that ride in an evaluation's container."""
    if isinstance(step, Register):
        yield Node(step.name, Kind.REGISTRY, step.name, tuple(words.registration(step)), step.when is not None)
        return
    optional = step.when is not None
    if _only_judges(step):
        assert isinstance(step, Evaluate)
        yield Node(step.name, Kind.GATE, step.name, tuple(words.gates(step)), optional)
        return
    yield Node(step.name, _kind(step), step.name, tuple(words.job(step)), optional)
    if isinstance(step, Evaluate) and step.gates:
        yield Node(_gate_of(step), Kind.GATE, "gate", tuple(words.gates(step)), optional)


def _kind(step: AnyJob) -> Kind:
    if step.always:
        return Kind.HANDLER
    match step:
        case Prepare():
            return Kind.PREPARE
        case Train():
            return Kind.TRAINING
        case Tune():
            return Kind.TUNING
        case Evaluate():
            return Kind.EVALUATION
        case _:
            return Kind.STEP


def _only_judges(step: Step) -> bool:
    """Whether an evaluation has no evaluator: its gates read what training measured."""
    return isinstance(step, Evaluate) and all(output.kind is PortKind.GATE for output in step.outputs)


def _gate_of(step: Evaluate) -> str:
    return step.name if _only_judges(step) else f"{step.name}.gate"


def _key(origin: FromSource | FromRegistry) -> str:
    if isinstance(origin, FromSource):
        return f"data.{origin.source}"
    return f"registry.{origin.model}:{origin.version}"


def _edges(steps: tuple[Step, ...]) -> Iterator[Edge]:
    judging = {step.name: _gate_of(step) for step in steps if isinstance(step, Evaluate) and step.gates}
    for step in steps:
        flows: dict[str, list[Input]] = {}
        for item in inputs_of(step):
            flows.setdefault(_from(item, step, judging), []).append(item)
        yield from (Edge(start, step.name, words.flow(items)) for start, items in flows.items())
        yield from (Edge(name, step.name, "after", data=False) for name in step.after if name not in flows)
        if isinstance(step, Evaluate) and step.gates and not _only_judges(step):
            yield Edge(step.name, _gate_of(step), words.judged(step))


def _from(item: Input, reader: Step, judging: dict[str, str]) -> str:
    """The node that an input comes from; what is registered of an evaluation has passed its gates."""
    origin = item.source
    if not isinstance(origin, FromStep):
        return _key(origin)
    behind = item.kind is PortKind.GATE or (isinstance(reader, Register) and reader.gate is not None)
    return judging.get(origin.step, origin.step) if behind else origin.step
