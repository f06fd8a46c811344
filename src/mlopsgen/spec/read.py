"""A resolved source to a `Spec`, or every finding at once: first the shape of everything, then what it means."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from mlopsgen.diagnostics import Diagnostic, Fix, On, Severity, SpecError, errors
from mlopsgen.nearest import nearest
from mlopsgen.source import Node, Source, place
from mlopsgen.spec.checks import check
from mlopsgen.spec.longform import LongForm
from mlopsgen.spec.messages import Messages
from mlopsgen.spec.options import TargetOptions
from mlopsgen.spec.overlay import drop_nulls
from mlopsgen.spec.placeholders import Filler
from mlopsgen.spec.product import Spec
from mlopsgen.spec.shape import Record


@dataclass(frozen=True, slots=True)
class Read:
    """A spec that can be worked with, the blocks of its targets, and what is worth knowing about it all the same."""

    spec: Spec
    options: Mapping[str, TargetOptions]
    """Target → its block under `targets`, for every target that is installed and has one."""
    found: tuple[Diagnostic, ...]
    """Warnings; an error is raised."""


def read_spec(
    source: Source,
    options: Mapping[str, type[TargetOptions]],
    installed: Collection[str] = (),
    wanted: Collection[str] = (),
) -> Read:
    """The spec of a resolved source; raises SpecError with every finding.

    `options` types the blocks under `targets`, `installed` names every target there is, and a target in `wanted`
    that is not among them is an error.
    """
    found: list[Diagnostic] = []
    root = _long_targets(source.root, options, found)
    whole = replace(source, root=root)
    filler = Filler(tuple(_entries(root.child("parameters"))), found)
    data = filler.fill(root)
    spec = _validated(Spec, root, data, data, found)
    known = tuple(dict.fromkeys((*installed, *options)))
    blocks = dict(_blocks(root, data, options, known, wanted, found))
    if spec is None or errors(found):
        raise SpecError(place(found, whole))
    spec = spec.model_copy(update={"targets": {**spec.targets, **blocks}})
    found.extend(check(spec))
    placed = place(found, whole)
    if errors(placed):
        raise SpecError(placed)
    return Read(spec, blocks, placed)


def _long_targets(root: Node, options: Mapping[str, type[TargetOptions]], found: list[Diagnostic]) -> Node:
    """The tree with every target's block in the long form of its own options."""
    section = root.child("targets")
    if section is None or not isinstance(section.value, dict) or not isinstance(root.value, dict):
        return root
    long = LongForm(found)
    blocks = dict(section.value)
    for name in blocks.keys() & options.keys():
        shape = Record(options[name])
        blocks[name] = drop_nulls(long.write(blocks[name], shape, None, ("targets", name)), shape)
    return replace(root, value={**root.value, "targets": replace(section, value=blocks)})


def _validated(
    model: type[Spec], root: Node, data: Any, whole: Any, found: list[Diagnostic], prefix: tuple[str, ...] = ()
) -> Spec | None:
    try:
        return model.model_validate(data, context=_context(whole))
    except ValidationError as error:
        translate = Messages(root, data, Record(model), prefix).translate
        found.extend(translate(error.errors(include_url=False)))
        return None


def _context(whole: Any) -> dict[str, Any]:
    """What `OrRef` asks about a run parameter."""
    parameters = whole.get("parameters") if isinstance(whole, dict) else None
    return {"parameters": parameters if isinstance(parameters, dict) else {}}


def _blocks(
    root: Node,
    data: Any,
    options: Mapping[str, type[TargetOptions]],
    known: Collection[str],
    wanted: Collection[str],
    found: list[Diagnostic],
) -> Iterator[tuple[str, TargetOptions]]:
    """Each target's block as its own options."""
    for name, node in _entries(root.child("targets")).items():
        if name not in options:
            found.extend(_not_installed(name, known, name in wanted))
            continue
        block = data["targets"][name]
        try:
            yield name, options[name].model_validate({} if block is None else block, context=_context(data))
        except ValidationError as error:
            translate = Messages(node, block, Record(options[name]), ("targets", name)).translate
            found.extend(translate(error.errors(include_url=False)))


def _not_installed(name: str, known: Collection[str], wanted: bool) -> Iterator[Diagnostic]:
    if name in known:
        return
    severity = Severity.ERROR if wanted else Severity.WARNING
    path = ("targets", name)
    if near := nearest(name, known):
        message, hint = f"there is no target `{name}`", f"did you mean `{near}`?"
        yield Diagnostic("MG303", message, path, hint, Fix(near, On.KEY), severity, On.KEY)
        return
    message = f"target `{name}` is not installed, so its block is not checked"
    hint = f'`pip install "mlopsgen[{name}]"`, or the package that brings it; `mlopsgen targets` lists what is there'
    yield Diagnostic("MG303", message, path, hint, None, severity, On.KEY)


def _entries(node: Node | None) -> Mapping[str, Node]:
    return node.value if node and isinstance(node.value, dict) else {}
