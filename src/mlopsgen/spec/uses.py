"""`uses: <step>`: a step takes over another's definition, with its own inputs and params over it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field

from mlopsgen.diagnostics import Diagnostic, Fix, Severity, SpecPath
from mlopsgen.nearest import nearest
from mlopsgen.records import dataclass
from mlopsgen.source import Node
from mlopsgen.spec.model import fields
from mlopsgen.spec.overlay import merge
from mlopsgen.spec.steps import Step

_MERGED = ("inputs", "params")
_TAKEN = frozenset(fields(Step)) - {"uses"}
_SECTIONS: Mapping[str, SpecPath] = {
    "prepare": ("data", "prepare"),
    "training": ("training",),
    "evaluation": ("evaluation",),
}


@dataclass(slots=True)
class Uses:
    """Follows every `uses` of a tree in the long form."""

    root: Node
    findings: list[Diagnostic] = field(default_factory=list)
    done: dict[SpecPath, Node] = field(default_factory=dict)

    def resolve(self) -> Node:
        """The tree without any `uses`."""
        for path in tuple(self._users()):
            self._finish(path)
        return _put_all(self.root, self.done)

    def _users(self) -> Iterator[SpecPath]:
        for path in self._steps():
            node = _find(self.root, path)
            if node and (uses := node.child("uses")) and uses.value is not None:
                yield path

    def _steps(self) -> Iterator[SpecPath]:
        yield from _SECTIONS.values()
        for section in (("steps",), ("monitoring", "monitors")):
            node = _find(self.root, section)
            if node and isinstance(node.value, dict):
                yield from ((*section, name) for name in node.value)

    def _finish(self, path: SpecPath) -> None:
        """Walks the chain of definitions to its end, then applies it on the way back."""
        chain: dict[SpecPath, None] = {}
        at: SpecPath | None = path
        while at is not None and at not in self.done:
            if at in chain:
                self._cycle(list(chain)[list(chain).index(at) :])
                return
            chain[at] = None
            at = self._definition(at)
        for user in reversed(chain):
            self._apply(user)

    def _definition(self, path: SpecPath) -> SpecPath | None:
        """The step that this one uses; None at the end of a chain."""
        node = _find(self.root, path)
        uses = node.child("uses") if node else None
        if uses is None or not isinstance(uses.value, str):
            return None
        target = _SECTIONS.get(uses.value, ("steps", uses.value))
        if _find(self.root, target) is not None:
            return target
        self._unknown(uses.value, path, uses)
        return None

    def _unknown(self, name: str, path: SpecPath, uses: Node) -> None:
        steps = self.root.child("steps")
        known = [*(steps.value if steps and isinstance(steps.value, dict) else ()), *_SECTIONS]
        near = nearest(name, known)
        hint = f"did you mean `{near}`?" if near else "`uses` names one of `steps`, or prepare, training or evaluation"
        fix = Fix(near, span=uses.span) if near else None
        where = (*path, "uses")
        if not any(d.spec_path == where for d in self.findings):
            self.findings.append(
                Diagnostic("MG116", f"there is no step `{name}` to use", where, hint, fix, span=uses.span)
            )

    def _leave(self, path: SpecPath, keys: list[str]) -> None:
        node = _find(self.root, (*path, "uses"))
        if node is None or not keys:
            return
        stay = f"{', '.join(f'`{key}`' for key in keys)} stay{'s' if len(keys) == 1 else ''} behind"
        message = f"`{path[-1]}` takes over of `{node.value}` what every step has: {stay}"
        hint = "write into the step's `params` what its script is to know of it"
        where = (*path, "uses")
        self.findings.append(Diagnostic("MG116", message, where, hint, span=node.span, severity=Severity.NOTE))

    def _cycle(self, chain: list[SpecPath]) -> None:
        names = " → ".join(f"`{path[-1]}`" for path in (*chain, chain[0]))
        node = _find(self.root, (*chain[0], "uses"))
        message = f"steps use each other in a circle: {names}"
        hint = "let one of them say what it runs itself"
        self.findings.append(Diagnostic("MG116", message, (*chain[0], "uses"), hint, span=node.span if node else None))
        for path in chain:
            if member := _find(self.root, path):
                self.done[path] = _without_uses(member)

    def _apply(self, path: SpecPath) -> None:
        node = _find(self.root, path)
        target = self._definition(path)
        if node is None or not isinstance(node.value, dict):
            return
        definition = self.done.get(target) or _find(self.root, target) if target else None
        if definition is None or not isinstance(definition.value, dict):
            self.done[path] = _without_uses(node)
            return
        taken = {key: value for key, value in definition.value.items() if key in _TAKEN}
        self._leave(path, [key for key in definition.value if key not in (*_TAKEN, "uses")])
        for key, value in _without_uses(node).value.items():  # type: ignore[union-attr]
            taken[key] = merge(taken[key], value) if key in _MERGED and key in taken else value
        self.done[path] = node.with_value(taken)


def _without_uses(node: Node) -> Node:
    if not isinstance(node.value, dict):
        return node
    return node.with_value({key: value for key, value in node.value.items() if key != "uses"})


def _find(root: Node, path: SpecPath) -> Node | None:
    node: Node | None = root
    for part in path:
        node = node.child(part) if node else None
    return node


def _put_all(root: Node, done: Mapping[SpecPath, Node]) -> Node:
    """The tree with these nodes in their places, each map on the way copied once."""
    if () in done:
        return done[()]
    if not done or not isinstance(root.value, dict):
        return root
    below: dict[str, dict[SpecPath, Node]] = {}
    for path, node in done.items():
        below.setdefault(str(path[0]), {})[path[1:]] = node
    filled = {key: _put_all(child, below.get(key, {})) for key, child in root.value.items()}
    return root.with_value(filled)
