"""Who waits for whom in a plan.json, and who can run side by side."""

from __future__ import annotations

from collections.abc import Mapping

from mlopsgen.targets.local.native import FromStep, PlanFile, Step


def reads_from(step: Step) -> tuple[str, ...]:
    """The steps whose outputs it reads."""
    made = (i.origin.step for i in step.inputs.values() if isinstance(i.origin, FromStep))
    return tuple(dict.fromkeys(made))


def waits_for(step: Step) -> tuple[str, ...]:
    """The steps that must have ended before this one starts."""
    return tuple(dict.fromkeys((*reads_from(step), *step.after)))


def threads_for(plan: PlanFile, searches: Mapping[str, int], parallel: int, processors: int) -> dict[str, int]:
    """How many threads each step's libraries may use, so that steps that can run together do not fight."""
    depth = _depths(plan)
    width: dict[int, int] = {}
    for name, level in depth.items():
        width[level] = width.get(level, 0) + searches.get(name, 1)
    return {name: max(1, processors // min(parallel, width[level])) for name, level in depth.items()}


def _depths(plan: PlanFile) -> dict[str, int]:
    """How many steps lie before each one on the longest way to it; a plan lists steps in order."""
    depth: dict[str, int] = {}
    for step in plan.steps:
        depth[step.name] = 1 + max((depth.get(name, 0) for name in waits_for(step)), default=0)
    return depth
