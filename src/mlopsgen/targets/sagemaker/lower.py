"""A plan in SageMaker's terms: one pipeline, one stack, native keys of its steps, and what has to be said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from mlopsgen.diagnostics import Diagnostic, On
from mlopsgen.plan.graph import real_times
from mlopsgen.plan.steps import AnyJob, Evaluate, Plan, Prepare, Register, Run, Train, Tune
from mlopsgen.render.job import FileJob, Merge, Patch
from mlopsgen.spec.values import Ref
from mlopsgen.targets.image import requirement_findings
from mlopsgen.targets.sagemaker.checks import check_plan
from mlopsgen.targets.sagemaker.commands import check_secrets
from mlopsgen.targets.sagemaker.context import WHERE, Context, context_of
from mlopsgen.targets.sagemaker.data import local_uri
from mlopsgen.targets.sagemaker.expressions import references
from mlopsgen.targets.sagemaker.guide import guide_of
from mlopsgen.targets.sagemaker.image import extra_requirements, has_gpu
from mlopsgen.targets.sagemaker.native import ConditionStep, Definition, SageMakerNative, SageMakerStep
from mlopsgen.targets.sagemaker.options import SageMakerOptions
from mlopsgen.targets.sagemaker.parameters import bounds_step, parameters
from mlopsgen.targets.sagemaker.processing import processing_step
from mlopsgen.targets.sagemaker.serving.batch import BatchPipeline, batches
from mlopsgen.targets.sagemaker.stack import stack_of
from mlopsgen.targets.sagemaker.template_values import step_values
from mlopsgen.targets.sagemaker.training.branches import in_branches
from mlopsgen.targets.sagemaker.training.handler import exit_handler
from mlopsgen.targets.sagemaker.training.registry import APPROVED, PENDING, register_step
from mlopsgen.targets.sagemaker.training.train import training_step
from mlopsgen.targets.sagemaker.training.tuning import refit_step, tuning_step
from mlopsgen.targets.uploads import uploads

if TYPE_CHECKING:
    from mlopsgen.targets.sagemaker.serving.resources import Live


def lower(plan: Plan, options: SageMakerOptions) -> tuple[SageMakerNative, tuple[Diagnostic, ...]]:
    """The whole bundle before it is printed, with everything that is wrong about it: whoever compiles decides."""
    context = context_of(plan, options)
    check_plan(context)
    steps, read = _steps(context)
    handler = exit_handler(context)
    _check_twins(context, steps)
    definition = _definition(context, steps, read)
    scored = tuple(batches(context))
    lives = _lives(context)
    stack = stack_of(context, handler, scored, lives)
    with context.finishing():
        guide = guide_of(context, definition, stack, scored, lives)
    native = SageMakerNative(
        definition=definition,
        exit_handler=handler,
        batches={one.file: one.definition for one in scored},
        endpoints={f"{one.folder}/serving.yaml": one.endpoint for one in lives},
        rollouts=tuple(_plans(context, lives)),
        stack=stack,
        uploads=tuple(uploads(plan, partial(local_uri, context))),
        guide=guide,
        image=plan.image,
        requirements=extra_requirements(plan),
        gpu=has_gpu(plan, options),
        patches=native_patches(context, definition.steps, handler.steps if handler else (), scored),
    )
    stale = requirement_findings(plan.image, native.requirements)
    return native, tuple(dict.fromkeys((*context.findings, *stale)))


def _lives(context: Context) -> tuple[Live, ...]:
    """The real-time deployments; what they need is imported only where there is one."""
    if not real_times(context.plan):
        return ()
    from mlopsgen.targets.sagemaker.serving.endpoint import endpoints

    return tuple(endpoints(context))


def _plans(context: Context, lives: tuple[Live, ...]) -> Iterator[FileJob]:
    if lives:
        from mlopsgen.targets.sagemaker.serving.rollout import plan_file

        yield from (plan_file(context, one) for one in lives)


def _check_twins(context: Context, steps: tuple[SageMakerStep, ...]) -> None:
    """Conditions and the like are named after steps: a step of the spec may have taken that name."""
    names = list(step_names(steps))
    for name in dict.fromkeys(n for n in names if names.count(n) > 1):
        where = context.jobs[name].origin if name in context.jobs else ("steps",)
        message = f"the pipeline on SageMaker has a step `{name}` of its own"
        context.error("MG305", message, where, hint="rename the step", on=On.KEY)


def _steps(context: Context) -> tuple[tuple[SageMakerStep, ...], frozenset[str]]:
    """The steps in their branches, and every run parameter that is read."""
    lowered = _lowered(context)
    read = {*_read(context, tuple(chain.from_iterable(lowered.values()))), *_condition_parameters(context)}
    return in_branches(context, lowered, bounds_step(context, read)), frozenset(read)


def _definition(context: Context, steps: tuple[SageMakerStep, ...], read: frozenset[str]) -> Definition:
    native = context.plan.tracking.mlflow is None
    return Definition(
        parameters=parameters(context, read),
        experiment=context.plan.tracking.experiment if native else None,
        steps=steps,
    )


def _condition_parameters(context: Context) -> Iterator[str]:
    """Every parameter that a condition reads."""
    for step in context.plan.steps:
        if step.when is not None and not (isinstance(step, AnyJob) and step.always):
            yield step.when.name
        if isinstance(step, Register) and isinstance(step.approval, Ref):
            yield step.approval.name


def _read(context: Context, steps: tuple[SageMakerStep, ...]) -> Iterator[str]:
    """Every parameter that the definition reads, also through what a user passes on."""
    passed = (context.options.steps, *((patch.merge, patch.replace) for patch in context.options.patches))
    for path in references((step_values(steps), passed)):
        if path.startswith("Parameters."):
            yield path.removeprefix("Parameters.")


def _lowered(context: Context) -> Mapping[str, tuple[SageMakerStep, ...]]:
    steps_of: dict[str, tuple[SageMakerStep, ...]] = {}
    for step in context.plan.steps:
        if isinstance(step, Register):
            steps_of[step.name] = _registered(context, step)
        elif not step.always:
            check_secrets(context, step)
            steps_of[step.name] = _job(context, step)
    return steps_of


def _job(context: Context, job: AnyJob) -> tuple[SageMakerStep, ...]:
    match job:
        case Train():
            return (training_step(context, job),)
        case Tune():
            searched = tuning_step(context, job)
            return (searched, refit_step(context, job)) if job.refit else (searched,)
        case Run() | Prepare() | Evaluate():
            return (processing_step(context, job),)


def _registered(context: Context, step: Register) -> tuple[SageMakerStep, ...]:
    """The registration; where a run parameter picks the status, the one that approves."""
    if isinstance(step.approval, Ref):
        _check_waiting(context, step)
    return (register_step(context, step, PENDING if step.approval == "manual" else APPROVED, step.name),)


def _check_waiting(context: Context, step: Register) -> None:
    for other in context.plan.steps:
        if step.name in other.after:
            context.error(
                "MG301",
                f"`{other.name}` waits for the registration, which SageMaker cannot do when a run parameter "
                "decides how a version is approved",
                (*other.origin, "after", other.after.index(step.name)),
                hint="`approval: manual` or `approval: automatic`",
            )


def native_patches(
    context: Context,
    steps: tuple[SageMakerStep, ...],
    always: tuple[SageMakerStep, ...],
    scored: tuple[BatchPipeline, ...],
) -> tuple[Patch, ...]:
    """Native keys as changes of the emitted files, so that findings about them point into the spec."""
    places = [*_places("pipeline.json", "/Steps", steps), *_places("exit-handler.json", "/Steps", always)]
    places += [place for one in scored for place in _places(one.file, "/Steps", one.definition.steps)]
    return tuple(_merged(context, places))


def _places(file: str, at: str, steps: tuple[SageMakerStep, ...]) -> Iterator[tuple[str, str, str]]:
    """Every step with the file and the address it is found at."""
    for step in steps:
        here = f"{at}/[Name={step.name}]"
        yield step.name, file, here
        if isinstance(step, ConditionStep):
            yield from _places(file, f"{here}/Arguments/IfSteps", step.then)
            yield from _places(file, f"{here}/Arguments/ElseSteps", step.otherwise)


def step_names(steps: tuple[SageMakerStep, ...]) -> tuple[str, ...]:
    """The names of all steps, in whatever branch they lie."""
    return tuple(name for name, _, _ in _places("", "", steps))


def _merged(context: Context, places: list[tuple[str, str, str]]) -> Iterator[Patch]:
    for name, keys in context.options.steps.items():
        matches = [(file, at) for step, file, at in places if step == name]
        if not matches:
            context.unknown(name, (*WHERE, "steps", name), [step for step, _, _ in places])
        for file, at in matches:
            yield Patch(file, f"{at}/Arguments", Merge(keys), (*WHERE, "steps", name))
