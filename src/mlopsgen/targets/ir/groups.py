"""Which dag each part lies in: behind its guards, in its loop, before the exit handlers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from typing import TypeAlias

from mlopsgen.records import dataclass
from mlopsgen.targets.ir import native
from mlopsgen.targets.ir.parts import Guard, Loop, Part, PartOutput

CHANNEL = "pipelinechannel--"


@dataclass(slots=True, kw_only=True)
class Group:
    """A dag inside the pipeline while it is filled; the names are those of kfp's compiler, such as `condition-2`."""

    name: str
    title: str
    guard: Guard | None = None
    loop: Loop | None = None
    item: str = ""
    """The input that holds the loop's item."""
    inputs: dict[str, native.ParameterSpec | native.Artifact] = field(default_factory=dict)
    bound: dict[str, native.FromTask | native.FromInput] = field(default_factory=dict)
    """Where inputs come from, in the dag around."""
    outputs: dict[str, native.Artifact | native.ParameterSpec] = field(default_factory=dict)
    made_by: dict[str, native.FromTask] = field(default_factory=dict)
    """Where outputs come from, in this dag."""
    parts: list[str] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)


Path: TypeAlias = tuple[Group, ...]
"""The dags that a task lies in, the outermost first; the pipeline's own is not among them."""


@dataclass(frozen=True, slots=True)
class Placed:
    """The pipeline's own dag with all others in it, and where each part lies."""

    root: Group
    exit: Group | None
    paths: Mapping[str, Path]

    @property
    def groups(self) -> Iterator[Group]:
        """Every dag inside, each before those that lie in it."""
        waiting = list(self.root.groups)
        while waiting:
            group = waiting.pop(0)
            yield group
            waiting = [*group.groups, *waiting]


def placed(parts: Sequence[Part]) -> Placed:
    """The dags that these parts need, numbered in the order in which the parts come."""
    numbers = _Numbers()
    root = Group(name="root", title="root")
    outside = _outside(parts)
    exit_group = None
    if any(part.always for part in parts):
        exit_group = numbers.group(root, "exit-handler")
    base: Path = (exit_group,) if exit_group else ()
    paths: dict[str, Path] = {}
    for part in parts:
        path = () if part.name in outside else _path(part, root, base, numbers)
        paths[part.name] = path
        (path[-1] if path else root).parts.append(part.name)
    return Placed(root, exit_group, paths)


def reads_of(part: Part) -> Iterator[str]:
    """The parts whose outputs a part needs, for its guards and its loop too."""
    yield from (read.source.part for read in part.artifacts.values())
    yield from (take.source.part for take in part.parameters.values() if isinstance(take.source, PartOutput))
    yield from (operand.part for guard in part.guards for operand in guard.condition if isinstance(operand, PartOutput))
    if part.loop is not None and isinstance(part.loop.items, PartOutput):
        yield part.loop.items.part


def _outside(parts: Sequence[Part]) -> set[str]:
    """Exit handlers, and whatever these need."""
    by_name = {part.name: part for part in parts}
    waiting = [part.name for part in parts if part.always]
    names: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in names:
            names.add(name)
            waiting += reads_of(by_name[name])
    return names


@dataclass(slots=True)
class _Numbers:
    """Counts dags (and the items of loops, as kfp does)."""

    last: int = 0

    def next(self) -> int:
        """The next number."""
        self.last += 1
        return self.last

    def group(self, inside: Group, kind: str, title: str = "") -> Group:
        """A new dag."""
        name = f"{kind}-{self.next()}"
        dag = Group(name=name, title=title or name)
        inside.groups.append(dag)
        return dag


def _path(part: Part, root: Group, base: Path, numbers: _Numbers) -> Path:
    path = base
    for guard in part.guards:
        inside = path[-1] if path else root
        match = next((group for group in inside.groups if group.guard == guard), None)
        if match is None:
            match = numbers.group(inside, "condition", guard.title)
            match.guard = guard
        path = (*path, match)
    inside = path[-1] if path else root
    if part.loop is not None:
        return (*path, _looped(part.loop, inside, numbers))
    return (*path, numbers.group(inside, "dag", part.name)) if part.alone else path


def _looped(loop: Loop, inside: Group, numbers: _Numbers) -> Group:
    if isinstance(loop.items, PartOutput):
        item = f"{CHANNEL}{loop.items.part}-{loop.items.name}-loop-item"
    else:
        item = f"{CHANNEL}loop-item-param-{numbers.next()}"
    group = numbers.group(inside, "for-loop", loop.title)
    group.loop, group.item = loop, item
    group.inputs[item] = native.ParameterSpec(type="STRING")
    return group


def torn(parts: Sequence[Part]) -> Iterator[tuple[Part, str]]:
    """Parts that read out of a branch that they do not lie in, which may have made nothing; with the part they read."""
    guards = {part.name: part.guards for part in parts}
    for part in parts:
        for name in dict.fromkeys((*reads_of(part), *part.after)):
            theirs = guards[name]
            if part.guards[: len(theirs)] != theirs and not part.always:
                yield part, name
