"""Plan → workflow: every name, path and choice is made here, so that the template only prints."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from acme_batch.native import Job, Parameter, Registration, Workflow
from acme_batch.options import AcmeOptions
from acme_batch.support import SUPPORT
from mlopsgen.targets.api import (
    APP,
    FEATURES,
    Diagnostic,
    How,
    Plan,
    Ref,
    RunFact,
    SpecError,
    Text,
    content_tag,
    launched,
    reads_from,
)
from mlopsgen.targets.api import steps as plan
from mlopsgen.targets.api import values as holes

LONGEST = 40
_TITLES = {feature.name: feature.title for feature in FEATURES}


def lower(product: Plan, options: AcmeOptions) -> tuple[Workflow, tuple[Diagnostic, ...]]:
    """The plan as a workflow; raises SpecError when the spec needs what Acme does not have."""
    findings = (*_refused(product, options), *_too_long(product), *_expressions(product))
    if findings:
        raise SpecError(findings)
    image = product.image.prebuilt or f"{options.registry}/{product.name}:{content_tag(product.image)}"
    workflow = Workflow(
        name=product.name,
        description=product.description,
        owner=product.owner or "",
        queue=options.queue,
        experiment=product.tracking.experiment,
        tags=dict(product.tags),
        parameters=tuple(_parameter(one) for one in product.parameters),
        data={source.name: _uri(source) for source in product.sources},
        schedules={
            one.name: f"{one.cron} {one.timezone}" for one in product.triggers if isinstance(one, plan.OnSchedule)
        },
        calls=tuple(one.name for one in product.triggers if isinstance(one, plan.OnInvoke)),
        jobs=tuple(_job(step, product, image) for step in product.steps),
        built=product.image,
    )
    return workflow, ()


def _refused(product: Plan, options: AcmeOptions) -> Iterator[Diagnostic]:
    """What the table refuses, at the place that asks for it; mlopsgen itself reports a use with `words` (MG302)."""
    for use in product.uses:
        answer = SUPPORT[use.feature]
        if answer.how is How.REFUSED and not use.words:
            yield Diagnostic(
                "MG301", f"Acme Batch does not do this: {_TITLES[use.feature]}", use.origin, answer.with_what
            )
    if options.machines:
        where = ("targets", "acme", "machines")
        yield Diagnostic("MG301", "Acme Batch chooses machines itself", where, "say `resources` of the step")


def _too_long(product: Plan) -> Iterator[Diagnostic]:
    for step in product.steps:
        name = f"{product.name}-{step.name}"
        if len(name) > LONGEST:
            message = f"`{name}` has {len(name)} characters, and Acme Batch takes {LONGEST}"
            yield Diagnostic("ACME101", message, step.origin, "shorten the product's name or the step's")


def _expressions(product: Plan) -> Iterator[Diagnostic]:
    """Acme evaluates `${params.…}` wherever it stands, a user's text too."""
    texts = [(product.description, ("description",)), (product.owner or "", ("owner",))]
    for step in product.steps:
        if not isinstance(step, plan.Register):
            texts += [(value, step.origin) for _, value in step.env]
            texts += [(one.value, one.origin) for one in step.params if isinstance(one.value, str)]
    for text, where in texts:
        if "${params." in text or "${run." in text:
            yield Diagnostic("MG308", "Acme Batch would evaluate this text", where, "write it without `${params.`")


def _parameter(one: plan.RunParameter) -> Parameter:
    default = None if one.required else holes.spelled(one.default)
    return Parameter(
        name=one.name,
        type=one.type,
        default=default,
        description=one.description,
        values=one.values,
        minimum=one.minimum,
        maximum=one.maximum,
    )


def _uri(source: plan.Source) -> str:
    """Files beside the spec are uploaded under their digest."""
    if source.local:
        return f"upload:{source.local.path}@{source.local.digest}"
    return f"{_text(source.uri)}#{source.version or ''}"


def _job(step: plan.Step, product: Plan, image: str) -> Job:
    match step:
        case plan.Run() | plan.Prepare() | plan.Train() | plan.Tune() | plan.Evaluate():
            return _container(step, product, image)
        case plan.Register():
            return _register(step, product, image)
        case _:
            assert_never(step)


def _container(job: plan.AnyJob, product: Plan, image: str) -> Job:
    command = tuple(word for argument in job.argv for word in _words(argument, job))
    # Acme mounts /acme and makes no folder in it: the launcher does, before the command starts.
    command = launched(job, command, make=[_written(job, output.port) for output in job.outputs])
    return Job(
        name=f"{product.name}-{job.name}",
        needs=_needs(job, product),
        image=job.image or image,
        command=command,
        env=dict(job.env),
        secrets={secret.variable: secret.name for secret in job.secrets},
        retries=job.retries.attempts if job.retries else 0,
        backoff=job.retries.backoff if job.retries else 0,
        timeout=job.timeout,
        cpu=job.resources.cpu,
        memory=job.resources.memory,
        disk=job.resources.disk,
        condition=f"${{params.{job.when.name}}}" if job.when else None,
        always=job.always,
        register=None,
    )


def _register(step: plan.Register, product: Plan, image: str) -> Job:
    approval = _text(step.approval) if isinstance(step.approval, Ref) else step.approval
    stored = Registration(
        model=step.group,
        folder=_folder(step.model),
        gate=f"{_folder(step.gate)}/gate.json" if step.gate else None,
        approval=approval,
        card=dict(step.card.sections) if step.card else {},
    )
    return Job(
        name=f"{product.name}-{step.name}",
        needs=_needs(step, product),
        image=image,
        command=(),
        env={},
        secrets={},
        retries=0,
        backoff=0,
        timeout=None,
        cpu=None,
        memory=None,
        disk=None,
        condition=f"${{params.{step.when.name}}}" if step.when else None,
        always=False,
        register=stored,
    )


def _needs(step: plan.Step, product: Plan) -> tuple[str, ...]:
    return tuple(f"{product.name}-{name}" for name in dict.fromkeys((*reads_from(step), *step.after)))


def _words(argument: holes.Argument, job: plan.AnyJob) -> Iterator[str]:
    match argument:
        case str():
            yield argument
        case holes.Python():
            yield "python"
        case holes.AppPath():
            yield f"{APP}/{argument.path}"
        case holes.Flag():
            value = _filled(argument.value, job)
            if value is not None and not (argument.optional and not value):
                yield f"--{argument.name}={value}"
        case _:
            assert_never(argument)


def _filled(hole: holes.Hole, job: plan.AnyJob) -> str | None:
    """What stands behind `--name=`: a folder, a value, or an expression that Acme evaluates."""
    match hole:
        case holes.InputDir():
            return _folder(next(one for one in job.inputs if one.port == hole.port))
        case holes.OutputDir():
            return _written(job, hole.port)
        case holes.AppPath():
            return f"{APP}/{hole.path}"
        case holes.Param():
            return _value(next(one.value for one in job.params if one.name == hole.name))
        case holes.Setting():
            return _value(hole.value)
        case holes.ChampionUri() | holes.StateUri():
            return ""  # what needs one is refused above
        case _:
            assert_never(hole)


def _written(job: plan.AnyJob, port: str) -> str:
    return f"/acme/{job.name}/{port}"


def _folder(read: plan.Input) -> str:
    match read.source:
        case plan.FromStep():
            return f"/acme/{read.source.step}/{read.source.port}"
        case plan.FromSource():
            return f"/acme/data/{read.source.source}"
        case plan.FromRegistry():
            return f"/acme/models/{read.source.model}/{read.source.version}"
        case _:
            assert_never(read.source)


def _value(value: holes.Value) -> str | None:
    if value is None:
        return None
    return _text(value) if isinstance(value, Ref | RunFact | Text) else holes.spelled(value)


def _text(value: str | Ref | RunFact | Text) -> str:
    match value:
        case str():
            return value
        case Ref():
            return f"${{params.{value.name}}}"
        case RunFact():
            return f"${{{value.name}}}"
        case Text():
            return "".join(_text(part) for part in value.parts)
        case _:
            assert_never(value)
