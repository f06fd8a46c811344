"""What a user passes straight through: native keys of a step, merged into what is emitted for it."""

from __future__ import annotations

from collections.abc import Iterator

from mlopsgen.diagnostics import SpecPath
from mlopsgen.render.job import Merge, Patch
from mlopsgen.targets.sagemaker.context import Context
from mlopsgen.targets.sagemaker.native import ConditionStep, Step

WHERE: SpecPath = ("targets", "sagemaker")


def native_patches(context: Context, steps: tuple[Step, ...], always: tuple[Step, ...]) -> tuple[Patch, ...]:
    """Native keys as changes of the emitted files, so that findings about them point into the spec."""
    places = [*_places("pipeline.json", "/Steps", steps), *_places("exit-handler.json", "/Steps", always)]
    return tuple(_merged(context, places))


def _places(file: str, at: str, steps: tuple[Step, ...]) -> Iterator[tuple[str, str, str]]:
    """Every step with the file and the address it is found at."""
    for step in steps:
        here = f"{at}/[Name={step.name}]"
        yield step.name, file, here
        if isinstance(step, ConditionStep):
            yield from _places(file, f"{here}/Arguments/IfSteps", step.then)
            yield from _places(file, f"{here}/Arguments/ElseSteps", step.otherwise)


def step_names(steps: tuple[Step, ...]) -> tuple[str, ...]:
    """The names of all steps, in whatever branch they lie."""
    return tuple(name for name, _, _ in _places("", "", steps))


def _merged(context: Context, places: list[tuple[str, str, str]]) -> Iterator[Patch]:
    for name, keys in context.options.steps.items():
        found = [(file, at) for step, file, at in places if step == name]
        if not found:
            context.unknown(name, (*WHERE, "steps", name), [step for step, _, _ in places])
        for file, at in found:
            yield Patch(file, f"{at}/Arguments", Merge(keys), (*WHERE, "steps", name))
