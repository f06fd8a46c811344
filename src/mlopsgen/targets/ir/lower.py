"""A plan as a pipeline that Vertex AI or Kubeflow runs, with everything that has to be said about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from mlopsgen.diagnostics import On
from mlopsgen.plan.steps import AnyJob, Evaluate, FromSource, Plan, Prepare, Register, Run, Train, Tune
from mlopsgen.records import dataclass
from mlopsgen.render.job import Merge, Patch
from mlopsgen.spec.options import TargetOptions
from mlopsgen.targets.caching import report_uncached
from mlopsgen.targets.ir.api import Lowering, Platform, lowering
from mlopsgen.targets.ir.branches import Guards, ends_failed, guarded, not_passed, registrations
from mlopsgen.targets.ir.context import Context
from mlopsgen.targets.ir.dags import build_dags
from mlopsgen.targets.ir.data import imports
from mlopsgen.targets.ir.groups import torn
from mlopsgen.targets.ir.jobs import container, judges
from mlopsgen.targets.ir.native import Pipeline
from mlopsgen.targets.ir.parameters import FACTS, bounds, failing, parameters
from mlopsgen.targets.ir.parts import Part
from mlopsgen.targets.ir.searches import search


@dataclass(frozen=True, slots=True, kw_only=True)
class Lowered:
    """What a target puts into its bundle: the pipeline, and the user's own keys as patches of it."""

    pipeline: Pipeline
    patches: tuple[Patch, ...]
    parts: tuple[Part, ...]
    context: Context
    """Its `found` holds every finding, those that the target adds too."""


def lower(plan: Plan, options: TargetOptions, platform: Platform, *, file: str = "pipeline.yaml") -> Lowered:
    """The pipeline of a plan; `file` is the one it will be printed to, as one document or the first of two."""
    context = lowering(plan, options, platform)
    check_plan(context)
    parts = _without_twins(context, tuple(_parts(context)))
    _check_torn(context, parts)
    _check_waits(context, parts)
    declared = parameters(context)
    dags = build_dags(parts, declared, FACTS)
    pipeline = Pipeline(
        name=plan.name,
        description=plan.description,
        default_root=platform.default_root(context),
        root=dags.root,
        components=dags.components,
        executors=dags.executors,
    )
    return Lowered(
        pipeline=pipeline,
        patches=tuple(native_patches(context, parts, dags.places, file)),
        parts=parts,
        context=context,
    )


def _parts(context: Lowering) -> Iterator[Part]:
    """Everything in an order in which it could run."""
    bounded = bounds(context)
    first: Guards = ()
    if bounded is not None:
        guard, ending = bounded
        first = (guard,)
        yield ending
    behind = guarded(context, first)
    for part in (*context.platform.beside(context), *imports(context)):
        yield replace(part, guards=first)
    for step in context.plan.steps:
        if isinstance(step, Register):
            yield from registrations(context, step, behind.guards[step.name])
        else:
            _check_always(context, step)
            own: Guards = () if step.always else behind.guards[step.name]
            conditions = () if step.always else behind.parameters[step.name]
            yield from (replace(part, guards=own) for part in _job(context, step, conditions))
            if ends_failed(step):
                yield _failed(context, step, own)


def _check_always(context: Context, job: AnyJob) -> None:
    if job.always and job.when is not None:
        message = f"`{job.name}` runs when the rest has ended, however it ended, and not only with `{job.when.name}`"
        context.error("MG301", message, (*job.origin, "when"), "take `when` out, or `always`")


def _job(context: Lowering, job: AnyJob, conditions: tuple[str, ...]) -> Iterator[Part]:
    match job:
        case Tune():
            _check_asked(context, job, conditions, most=0)
            yield from search(context, job)
        case Run() | Prepare() | Train() | Evaluate():
            _check_asked(context, job, conditions, most=0 if judges(job) or job.image is not None else 1)
            yield from context.platform.replace(
                context, job, container(context, job, job.name, conditions=conditions[:1])
            )


def _check_asked(context: Context, job: AnyJob, conditions: tuple[str, ...], most: int) -> None:
    """A launcher can skip a command by one run parameter; nothing can skip a search, or a gate that others read."""
    if len(conditions) > most:
        message = (
            f"other steps wait for `{job.name}` whether `{conditions[0]}` is true or not, and a task of "
            f"{context.dialect.title} that is skipped takes all with it that waits for it"
        )
        context.error("MG301", message, (*job.origin, "when"), hint="give the steps that wait for it the same `when`")


def _failed(context: Context, step: AnyJob, own: Guards) -> Part:
    """Ends a run as failed whose gates did not hold."""
    gates = ", ".join(rule.name for rule in step.gates) if isinstance(step, Evaluate) else ""
    message = f"The gates did not hold, so nothing was registered ({gates}). `{step.name}` says why."
    return failing(context, f"{step.name}-gate-failed", message, *own, not_passed(step.name))


def _without_twins(context: Context, parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Importers and the like are named after what they are for: a step of the spec may have taken that name."""
    unique: dict[str, Part] = {}
    for part in parts:
        if part.name in unique:
            where = context.jobs[part.name].origin if part.name in context.jobs else part.origin or ("steps",)
            message = f"the pipeline on {context.dialect.title} has a task `{part.name}` of its own"
            context.error("MG305", message, where, hint="rename the step", on=On.KEY)
        unique.setdefault(part.name, part)
    return tuple(unique.values())


def _check_torn(context: Context, parts: tuple[Part, ...]) -> None:
    for part, read in torn(parts):
        message = (
            f"`{part.step}` reads from steps that different run parameters skip, `{read}` among them: a task of "
            f"{context.dialect.title} lies in one branch"
        )
        context.error("MG301", message, part.origin, hint="let one `when` stand for both")


def check_plan(context: Context) -> None:
    """Reports everything that belongs to no single part of the lowering."""
    report_uncached(context, context.jobs.values(), context.sources)
    for job in context.jobs.values():
        _no_shares(context, job)
        if job.image is not None and job.outputs:
            _no_folders(context, job)
    if context.plan.governance.retention and any(job.cache for job in context.jobs.values()):
        message = "no result of an earlier run is taken over, for its files may have expired"
        context.note(message, ("governance", "retention"))


def _no_shares(context: Context, job: AnyJob) -> None:
    """Artifacts are not split over the machines of a step."""
    sources = [context.sources[i.source.source] for i in job.inputs if isinstance(i.source, FromSource)]
    for source in sources:
        if source.distribution == "sharded" and job.resources.nodes != 1:
            message = f"every machine of `{job.name}` gets all of `{source.name}`, not a share of it"
            hint = "`distribution: replicated`, and let the script take its share by its rank"
            context.error("MG301", message, (*source.origin[:-1], "distribution"), hint)


def _no_folders(context: Context, job: AnyJob) -> None:
    """Nothing of ours runs in a foreign image, which is promised a folder for each output elsewhere."""
    ports = ", ".join(f"`{output.port}`" for output in job.outputs)
    message = f"`{job.name}` has to make the folders of its outputs itself ({ports}): they are not there in its image"
    context.note(message, (*job.origin, "image"), on=On.VALUE)


EXECUTOR = ("container", "importer", "customJob", "resolver")
"""Keys of an executor; all others are keys of a task."""


def native_patches(
    context: Context, parts: Sequence[Part], places: Mapping[str, str], file: str, first: str = ""
) -> Iterator[Patch]:
    """Native keys as changes of the emitted file, so that findings about them point into the spec."""
    steps = tuple(dict.fromkeys(name for part in parts for name in (part.step, part.name)))
    for name, keys in context.options.steps.items():
        where = (*context.where, "steps", name)
        matches = [part for part in parts if part.name == name] or [part for part in parts if part.step == name]
        if not matches:
            context.unknown(name, where, steps)
        for part in matches:
            dag = "/root" if places[part.name] == "root" else f"/components/{places[part.name]}"
            of_executor = {key: value for key, value in keys.items() if key in EXECUTOR}
            of_task = {key: value for key, value in keys.items() if key not in EXECUTOR}
            if of_task:
                yield Patch(file, f"{first}{dag}/dag/tasks/{part.name}", Merge(of_task), where)
            if of_executor:
                yield Patch(file, f"{first}/deploymentSpec/executors/exec-{part.name}", Merge(of_executor), where)


def _check_waits(context: Context, parts: tuple[Part, ...]) -> None:
    """Waits that the platform itself makes: a launcher's are as long as they are asked for."""
    for part in parts:
        retry, job = part.retry, context.jobs.get(part.step)
        if retry is None or job is None:
            continue
        where, title = (*job.origin, "retries", "backoff"), context.dialect.title
        if retry.backoff > retry.longest:
            waits = f"`{job.name}` waits {retry.backoff} seconds before it is tried again"
            message = f"{waits}; {title} waits {retry.longest} at most"
            context.error("MG306", message, where, hint=f"`backoff: {retry.longest}s`")
        elif retry.backoff << (retry.attempts - 1) > retry.longest:
            message = f"waits of `{job.name}` before it is tried again double up to {retry.longest} seconds on {title}"
            context.note(message, where)
