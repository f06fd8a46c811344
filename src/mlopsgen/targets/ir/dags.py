"""Parts become tasks: what each reads is threaded through the dags between it and what makes it.

Shapes and names are those of kfp's own compiler, down to the inputs of dags (`pipelinechannel--prepare-train`)
and to operands of conditions, which every dag inside gets too; a test holds both against each other.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from typing import TypeAlias

from mlopsgen.records import dataclass
from mlopsgen.spec.values import RunFact
from mlopsgen.targets.ir import native
from mlopsgen.targets.ir.executors import component_of, executor_of
from mlopsgen.targets.ir.groups import CHANNEL, Group, Path, Placed, placed
from mlopsgen.targets.ir.parts import Guard, Item, Known, Operand, ParameterValue, Part, PartArtifact, PartOutput, Value

Ref: TypeAlias = native.FromTask | native.FromInput
Kind: TypeAlias = native.Artifact | native.ParameterSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Dags:
    """What parts have become: the root, all components, all executors."""

    root: native.Component
    components: tuple[native.Component, ...]
    executors: tuple[native.Executor, ...]
    places: Mapping[str, str]
    """Part → the component that its task lies in; `root` for the pipeline's own dag."""


def build_dags(parts: Sequence[Part], parameters: Mapping[str, native.ParameterSpec], facts: Mapping[str, str]) -> Dags:
    """The tasks of these parts, in dags.

    `parts` come in an order in which they could run; `facts` has the placeholder of every run fact.
    """
    where = placed(parts)
    builder = _DagBuilder({part.name: part for part in parts}, parameters, facts, where)
    for part in parts:
        builder.wire(part)
    ports = native.Ports(parameters=parameters)
    root = native.Component(name="root", inputs=ports, body=builder.dag(where.root))
    components = (*map(builder.component, where.groups), *map(component_of, parts))
    return Dags(
        root=root,
        components=tuple(sorted(components, key=lambda one: one.name)),
        executors=tuple(sorted(map(executor_of, parts), key=lambda one: one.label)),
        places={name: f"comp-{path[-1].name}" if path else "root" for name, path in where.paths.items()},
    )


@dataclass(frozen=True, slots=True)
class _DagBuilder:
    """The wires while they are drawn."""

    parts: Mapping[str, Part]
    parameters: Mapping[str, native.ParameterSpec]
    facts: Mapping[str, str]
    where: Placed
    artifacts: dict[str, Mapping[str, native.ArtifactInput]] = field(default_factory=dict)
    values: dict[str, Mapping[str, native.ParameterInput]] = field(default_factory=dict)
    waits: dict[str, set[str]] = field(default_factory=dict)
    """Task → those of its own dag that it waits for."""

    def wire(self, part: Part) -> None:
        """Draws all wires that end in a part, and in the dags around it."""
        path = self.where.paths[part.name]
        for group in path:
            for operand in _operands(group):
                self.value(operand, path, part.name)
        self.artifacts[part.name] = {n: self.threaded(r.source, path, part.name) for n, r in part.artifacts.items()}
        self.values[part.name] = {n: self.value(t.source, path, part.name) for n, t in part.parameters.items()}
        for name in part.after:
            self.meet(self.where.paths[name], name, path, part.name)
        if part.always and self.where.exit is not None:
            self.waits.setdefault(part.name, set()).add(self.where.exit.name)

    def value(self, value: Value, path: Path, reader: str) -> native.ParameterInput:
        """A value as a task at the end of this path finds it."""
        match value:
            case Known():
                return native.Constant(value.value)
            case RunFact():
                return native.Constant(self.facts[value.name])
            case Item():
                return native.FromInput(next(group.item for group in reversed(path) if group.loop is not None))
            case ParameterValue():
                kind = native.ParameterSpec(type=self.parameters[value.name].type)
                return _down(native.FromInput(value.name), kind, path, f"{CHANNEL}{value.name}")
            case PartOutput():
                return self.threaded(value, path, reader)

    def threaded(self, source: PartArtifact | PartOutput, path: Path, reader: str) -> Ref:
        """An output of another part: up out of the loops that it lies in, then down to the reader."""
        theirs = self.where.paths[source.part]
        shared = self.meet(theirs, source.part, path, reader)
        kind = self.kind(source)
        ref = native.FromTask(source.part, source.port if isinstance(source, PartArtifact) else source.name)
        for group in reversed(theirs[shared:]):
            channel = f"{CHANNEL}{ref.task}-{ref.key}"
            kind = _listed(kind) if group.loop is not None else kind
            group.outputs[channel], group.made_by[channel] = kind, ref
            ref = native.FromTask(group.name, channel)
        return _down(ref, kind, path[shared:], f"{CHANNEL}{ref.task}-{ref.key}")

    def meet(self, theirs: Path, producer: str, path: Path, reader: str) -> int:
        """Notes that one waits for the other, where their ways part; how many dags they share."""
        shared = 0
        while shared < min(len(theirs), len(path)) and theirs[shared] is path[shared]:
            shared += 1
        waiting = path[shared].name if shared < len(path) else reader
        awaited = theirs[shared].name if shared < len(theirs) else producer
        self.waits.setdefault(waiting, set()).add(awaited)
        return shared

    def kind(self, source: PartArtifact | PartOutput) -> Kind:
        """What an output is."""
        part = self.parts[source.part]
        if isinstance(source, PartArtifact):
            return native.Artifact(schema_title=part.makes[source.port])
        return native.ParameterSpec(type=part.tells[source.name])

    def component(self, group: Group) -> native.Component:
        """The component of a dag."""
        return native.Component(
            name=f"comp-{group.name}", inputs=_ports(group.inputs), outputs=_ports(group.outputs), body=self.dag(group)
        )

    def dag(self, group: Group) -> native.Dag:
        """What lies in a dag, in the order of the names."""
        tasks = (*map(self.task, map(self.parts.__getitem__, group.parts)), *map(self.group_task, group.groups))
        artifacts = {
            n: producer for n, producer in group.made_by.items() if isinstance(group.outputs[n], native.Artifact)
        }
        values = {n: producer for n, producer in group.made_by.items() if n not in artifacts}
        return native.Dag(tasks=tuple(sorted(tasks, key=lambda one: one.name)), artifacts=artifacts, parameters=values)

    def task(self, part: Part) -> native.Task:
        """The task of a part."""
        return native.Task(
            name=part.name,
            title=part.name,
            component=f"comp-{part.name}",
            parameters=self.values[part.name],
            artifacts=self.artifacts[part.name],
            after=tuple(sorted(self.waits.get(part.name, ()))),
            cache=part.cache,
            retry=part.retry,
            trigger=native.Trigger(strategy=native.COMPLETED) if part.always else None,
        )

    def group_task(self, group: Group) -> native.Task:
        """The task that a dag is in the dag around it."""
        artifacts = {n: ref for n, ref in group.bound.items() if isinstance(group.inputs[n], native.Artifact)}
        return native.Task(
            name=group.name,
            title=group.title,
            component=f"comp-{group.name}",
            parameters={n: ref for n, ref in group.bound.items() if n not in artifacts},
            artifacts=artifacts,
            after=tuple(sorted(self.waits.get(group.name, ()))),
            trigger=native.Trigger(condition=_condition(group.guard)) if group.guard else None,
            iterator=_iterator(group),
        )


def _down(ref: Ref, kind: Kind, path: Path, channel: str) -> Ref:
    """Into every dag of the path, as an input of this name."""
    for group in path:
        if channel not in group.bound:
            group.inputs[channel], group.bound[channel] = kind, ref
        ref = native.FromInput(channel)
    return ref


def _listed(kind: Kind) -> Kind:
    """What a loop makes of the outputs of its rounds."""
    if isinstance(kind, native.Artifact):
        return native.Artifact(schema_title=kind.schema_title, is_list=True)
    return native.ParameterSpec(type="LIST")


def _operands(group: Group) -> Iterator[Operand]:
    """What has to be known before a dag starts."""
    if group.guard is not None:
        yield from (part for part in group.guard.condition if not isinstance(part, str))
    if group.loop is not None and isinstance(group.loop.items, PartOutput):
        yield group.loop.items


def _channel(operand: Operand) -> str:
    """The name under which a dag gets an operand."""
    return (
        f"{CHANNEL}{operand.name}" if isinstance(operand, ParameterValue) else f"{CHANNEL}{operand.part}-{operand.name}"
    )


def _condition(guard: Guard) -> str:
    texts = (p if isinstance(p, str) else f"inputs.parameter_values['{_channel(p)}']" for p in guard.condition)
    return "".join(texts)


def _iterator(group: Group) -> native.Iterator | None:
    if group.loop is None:
        return None
    items = group.loop.items
    if isinstance(items, PartOutput):
        return native.Iterator(item=group.item, input=_channel(items), parallel=group.loop.parallel)
    return native.Iterator(item=group.item, raw=json.dumps(list(items)), parallel=group.loop.parallel)


def _ports(kinds: Mapping[str, Kind]) -> native.Ports:
    return native.Ports(
        parameters={name: kind for name, kind in sorted(kinds.items()) if isinstance(kind, native.ParameterSpec)},
        artifacts={name: kind for name, kind in sorted(kinds.items()) if isinstance(kind, native.Artifact)},
    )
