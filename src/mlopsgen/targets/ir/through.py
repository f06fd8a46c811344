"""What a user passes straight through: native keys of a step, merged into its task and its executor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from mlopsgen.render.job import Merge, Patch
from mlopsgen.targets.ir.context import Context
from mlopsgen.targets.ir.parts import Part

EXECUTOR = ("container", "importer", "customJob", "resolver")
"""Keys of an executor; all others are keys of a task."""


def native_patches(
    context: Context, parts: Sequence[Part], places: Mapping[str, str], file: str, first: str = ""
) -> Iterator[Patch]:
    """Native keys as changes of the emitted file, so that findings about them point into the spec."""
    steps = tuple(dict.fromkeys(name for part in parts for name in (part.step, part.name)))
    for name, keys in context.options.steps.items():
        where = (*context.where, "steps", name)
        found = [part for part in parts if part.name == name] or [part for part in parts if part.step == name]
        if not found:
            context.unknown(name, where, steps)
        for part in found:
            dag = "/root" if places[part.name] == "root" else f"/components/{places[part.name]}"
            of_executor = {key: value for key, value in keys.items() if key in EXECUTOR}
            of_task = {key: value for key, value in keys.items() if key not in EXECUTOR}
            if of_task:
                yield Patch(file, f"{first}{dag}/dag/tasks/{part.name}", Merge(of_task), where)
            if of_executor:
                yield Patch(file, f"{first}/deploymentSpec/executors/exec-{part.name}", Merge(of_executor), where)
