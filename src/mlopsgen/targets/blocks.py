"""What a spec says under `targets`: the options of each target, and its patches of the bundle's files."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from mlopsgen import targets
from mlopsgen.diagnostics import Diagnostic, On, Severity, SpecError
from mlopsgen.render import Merge, Patch, Remove, Replace
from mlopsgen.source import Source
from mlopsgen.spec.options import TargetOptions
from mlopsgen.targets.api import Target

if TYPE_CHECKING:
    from mlopsgen.spec.patches import Patch as SpecPatch


def blocks(source: Source) -> tuple[str, ...]:
    """The targets that a spec has a block for, installed or not."""
    block = source.root.child("targets")
    return tuple(block.value) if block and isinstance(block.value, dict) else ()


def installed_blocks(source: Source) -> tuple[str, ...]:
    """The installed targets that a spec has a block for."""
    return tuple(name for name in blocks(source) if name in targets.names())


def option_models(source: Source, only: Container[str] | None = None) -> dict[str, type[TargetOptions]]:
    """The models of the blocks that a spec has, or of some; of a target that cannot be loaded nothing is known."""
    loaded = {name: _loaded(name) for name in installed_blocks(source) if only is None or name in only}
    return {name: target.options for name, target in loaded.items() if not isinstance(target, SpecError)}


def unloadable(source: Source, only: Container[str] | None = None) -> Iterator[Diagnostic]:
    """Blocks of targets that cannot be loaded: whoever compiles for another one reads it, and is not stopped."""
    for name in installed_blocks(source):
        broken = _loaded(name) if only is None or name in only else None
        if isinstance(broken, SpecError):
            block = ("targets", name)
            yield from (replace(one, severity=Severity.WARNING, spec_path=block, on=On.KEY) for one in broken.findings)


def options_of(target: Target[Any], blocks: Mapping[str, TargetOptions]) -> TargetOptions:
    """The block of a target, or its defaults where it can do without one; raises SpecError MG304 where it cannot."""
    if target.name in blocks:
        return blocks[target.name]
    if target.needs_options:
        raise SpecError([_no_block(target)])
    return _defaults(target.options)


def patches_of(target: str, options: TargetOptions) -> Iterator[Patch]:
    """The spec's patches of a target's files, each with its place."""
    for number, patch in enumerate(options.patches):
        yield Patch(patch.file, patch.at, _change(patch), ("targets", target, "patches", number))


def _loaded(name: str) -> Target[Any] | SpecError:
    try:
        return targets.load(name)
    except SpecError as broken:
        return broken


@cache
def _defaults(model: type[TargetOptions]) -> TargetOptions:
    return model()


def _no_block(target: Target[Any]) -> Diagnostic:
    needed = ", ".join(name for name, field in target.options.model_fields.items() if field.is_required())
    hint = f"say account facts there: `targets: {{{target.name}: {{{needed}}}}}`"
    return Diagnostic("MG304", f"the spec has no `targets.{target.name}`", ("targets",), hint)


def _change(patch: SpecPatch) -> Merge | Replace | Remove:
    if patch.remove:
        return Remove()
    return Merge(patch.merge) if patch.merge is not None else Replace(patch.replace)
