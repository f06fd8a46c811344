"""Plan → workflow: every name, path and choice is made here, so that the template only prints."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from acme_batch.native import Job, Parameter, Registration, Workflow
from acme_batch.options import AcmeOptions
from acme_batch.support import SUPPORT
from mlopsgen.plan import steps as plan
from mlopsgen.plan import values as said
from mlopsgen.plan.graph import reads_from
from mlopsgen.spec.values import Ref, RunFact, Text
from mlopsgen.targets.api import FEATURES, Diagnostic, How, Plan, SpecError
from mlopsgen.targets.image import content_tag

LONGEST = 40
_TITLES = {feature.name: feature.title for feature in FEATURES}


def lower(asked: Plan, options: AcmeOptions) -> tuple[Workflow, tuple[Diagnostic, ...]]:
    """The plan as a workflow; raises SpecError when the spec needs what Acme does not have."""
    found = (*_refused(asked), *_too_long(asked), *_expressions(asked))
    if found:
        raise SpecError(found)
    image = asked.image.prebuilt or f"{options.registry}/{asked.name}:{content_tag(asked.image)}"
    workflow = Workflow(
        name=asked.name,
        description=asked.description,
        owner=asked.owner or "",
        queue=options.queue,
        tags=dict(asked.tags),
        parameters=tuple(_parameter(one) for one in asked.parameters),
        data={source.name: _uri(source) for source in asked.sources},
        schedules={
            one.name: f"{one.cron} {one.timezone}" for one in asked.triggers if isinstance(one, plan.OnSchedule)
        },
        jobs=tuple(_job(step, asked, image) for step in asked.steps),
        built=asked.image,
    )
    return workflow, ()


def _refused(asked: Plan) -> Iterator[Diagnostic]:
    """What the table refuses, at the place that asks for it; a use with `words` is reported by the compiler."""
    for use in asked.uses:
        answer = SUPPORT[use.feature]
        if answer.how is How.REFUSED and not use.words:
            yield Diagnostic(
                "MG301", f"Acme Batch does not do this: {_TITLES[use.feature]}", use.origin, answer.with_what
            )


def _too_long(asked: Plan) -> Iterator[Diagnostic]:
    for step in asked.steps:
        name = f"{asked.name}-{step.name}"
        if len(name) > LONGEST:
            message = f"`{name}` has {len(name)} characters, and Acme Batch takes {LONGEST}"
            yield Diagnostic("ACME101", message, step.origin, "shorten the product's name or the step's")


def _expressions(asked: Plan) -> Iterator[Diagnostic]:
    """Acme evaluates `${params.…}` wherever it stands, a user's text too."""
    texts = [(asked.description, ("description",)), (asked.owner or "", ("owner",))]
    for step in asked.steps:
        if not isinstance(step, plan.Register):
            texts += [(value, step.origin) for _, value in step.env]
            texts += [(one.value, one.origin) for one in step.params if isinstance(one.value, str)]
    for text, where in texts:
        if "${params." in text or "${run." in text:
            yield Diagnostic("MG308", "Acme Batch would evaluate this text", where, "write it without `${params.`")


def _parameter(one: plan.RunParameter) -> Parameter:
    default = None if one.required else said.spelled(one.default)
    return Parameter(name=one.name, type=one.type, default=default, description=one.description)


def _uri(source: plan.Source) -> str:
    """Files beside the spec are uploaded under their digest."""
    return f"upload:{source.local.path}@{source.local.digest}" if source.local else _text(source.uri)


def _job(step: plan.Step, asked: Plan, image: str) -> Job:
    match step:
        case plan.Run() | plan.Prepare() | plan.Train() | plan.Tune() | plan.Evaluate():
            return _container(step, asked, image)
        case plan.Register():
            return _register(step, asked, image)
        case _:
            assert_never(step)


def _container(job: plan.AnyJob, asked: Plan, image: str) -> Job:
    return Job(
        name=f"{asked.name}-{job.name}",
        needs=_needs(job, asked),
        image=job.image or image,
        command=tuple(word for argument in job.argv for word in _words(argument, job)),
        env=dict(job.env),
        secrets={secret.variable: secret.name for secret in job.secrets},
        retries=job.retries.attempts if job.retries else 0,
        timeout=job.timeout,
        cpu=job.resources.cpu,
        memory=job.resources.memory,
        condition=f"${{params.{job.when.name}}}" if job.when else None,
        always=job.always,
        register=None,
    )


def _register(step: plan.Register, asked: Plan, image: str) -> Job:
    approval = _text(step.approval) if isinstance(step.approval, Ref) else step.approval
    stored = Registration(
        model=step.group,
        folder=_folder(step.model),
        gate=f"{_folder(step.gate)}/gate.json" if step.gate else None,
        approval=approval,
    )
    return Job(
        name=f"{asked.name}-{step.name}",
        needs=_needs(step, asked),
        image=image,
        command=(),
        env={},
        secrets={},
        retries=0,
        timeout=None,
        cpu=None,
        memory=None,
        condition=f"${{params.{step.when.name}}}" if step.when else None,
        always=False,
        register=stored,
    )


def _needs(step: plan.Step, asked: Plan) -> tuple[str, ...]:
    return tuple(f"{asked.name}-{name}" for name in dict.fromkeys((*reads_from(step), *step.after)))


def _words(argument: said.Argument, job: plan.AnyJob) -> Iterator[str]:
    match argument:
        case str():
            yield argument
        case said.Python():
            yield "python"
        case said.AppPath():
            yield f"/opt/app/{argument.path}"
        case said.Flag():
            found = _filled(argument.value, job)
            if found is not None and not (argument.optional and not found):
                yield f"--{argument.name}={found}"
        case _:
            assert_never(argument)


def _filled(hole: said.Hole, job: plan.AnyJob) -> str | None:
    """What stands behind `--name=`: a folder, a value, or an expression that Acme evaluates."""
    match hole:
        case said.InputDir():
            return _folder(next(one for one in job.inputs if one.port == hole.port))
        case said.OutputDir():
            return f"/acme/{job.name}/{hole.port}"
        case said.AppPath():
            return f"/opt/app/{hole.path}"
        case said.Param():
            return _value(next(one.value for one in job.params if one.name == hole.name))
        case said.Setting():
            return _value(hole.value)
        case said.ChampionUri() | said.StateUri():
            return ""  # what needs one is refused above
        case _:
            assert_never(hole)


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


def _value(value: said.Value) -> str | None:
    if value is None:
        return None
    return _text(value) if isinstance(value, Ref | RunFact | Text) else said.spelled(value)


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
