"""Batch deployments on Vertex AI: a pipeline of one task, a request that starts it, and its schedule."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace

from mlopsgen.diagnostics import On
from mlopsgen.plan.services import Batch
from mlopsgen.records import dataclass
from mlopsgen.spec.clock import five_fields
from mlopsgen.targets.addresses import by_default, live_places, under
from mlopsgen.targets.ir import lower as ir
from mlopsgen.targets.ir.context import Context
from mlopsgen.targets.ir.scoring import scorings
from mlopsgen.targets.vertex import names
from mlopsgen.targets.vertex.account import Account
from mlopsgen.targets.vertex.native import PipelineJob, Schedule
from mlopsgen.targets.vertex.options import VertexOptions
from mlopsgen.targets.vertex.platform import OnVertex
from mlopsgen.targets.vertex.requests import place_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoringPipeline:
    """A batch deployment before it is printed."""

    service: Batch
    file: str
    name: str
    """Of the pipeline, its runs and its schedule."""
    tag: str
    lowered: ir.Lowered
    job: PipelineJob
    schedule: Schedule | None


def scoring_pipelines(context: Context, account: Account, options: VertexOptions) -> Iterator[ScoringPipeline]:
    """The pipeline of every batch deployment; what is wrong with one is reported with the rest."""
    taken = {f"{account.plan.name}-{trigger.name}" for trigger in context.plan.triggers}
    for one in scorings(context.plan, options):
        lowered = ir.lower(one.plan, one.options, OnVertex(account, recorded=False), file=one.file)
        context.findings.extend(lowered.context.findings)
        _check(context, account, one.service, taken)
        tag = f"src-{hashlib.sha256(repr((lowered.pipeline, one.options)).encode()).hexdigest()[:16]}"
        name = account.home.template_of(one.plan.name)
        lowered = replace(lowered, pipeline=replace(lowered.pipeline, name=name))
        job = PipelineJob(
            display_name=name,
            labels=account.labels,
            root=f"{account.home.prefix}/runs",
            failure_policy=None,
            key=account.key,
            account=account.email,
            network=account.network,
            template=account.home.template_uri(tag, name),
        )
        yield ScoringPipeline(
            service=one.service,
            file=one.file,
            name=name,
            tag=tag,
            lowered=lowered,
            job=job,
            schedule=_schedule(account, one.service, job),
        )


def _schedule(account: Account, service: Batch, job: PipelineJob) -> Schedule | None:
    if service.cron is None:
        return None
    return Schedule(
        trigger=service.name,
        display_name=job.display_name,
        cron=f"TZ={service.timezone} {five_fields(service.cron)}",
        parent=account.home.parent,
        job=job,
    )


def _check(context: Context, account: Account, service: Batch, taken: set[str]) -> None:
    name = f"{account.plan.name}-{service.name}"
    if name in taken:
        message = f"a trigger and the deployment `{service.name}` would have the same schedule `{name}`"
        context.error("MG305", message, service.origin, hint="rename one of them", on=On.KEY)
    if len(name) > names.DISPLAY_NAME:
        message = f"`{name}` would have {len(name)} characters; a pipeline's name has at most {names.DISPLAY_NAME}"
        context.error("MG305", message, service.origin, hint="a shorter name", on=On.KEY)
    for flag, uri in live_places(service.job):
        if place_of(by_default(context.plan, under(account.home.prefix, uri))) is None:
            message = f"the {flag} of `{service.name}` does not lie in Cloud Storage, which is all that its job reaches"
            where = (*service.origin, flag, "uri")
            context.error("MG313", message, where, hint="an address such as `gs://bucket/new/`")
    _check_started(context, service)


def _check_started(context: Context, service: Batch) -> None:
    """Nobody is there to give a value when a clock starts a run."""
    (one,) = (one for one in scorings(replace(context.plan, services=(service,)), context.options))
    missing = [parameter.name for parameter in one.plan.parameters if parameter.required]
    if service.cron is not None and missing:
        message = f"`{service.name}` cannot start by itself: nobody gives `{'`, `'.join(missing)}` a value"
        context.error("MG301", message, service.origin, hint="give the parameter a `default`", on=On.KEY)
