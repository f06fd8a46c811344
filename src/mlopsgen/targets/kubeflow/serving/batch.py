"""Batch deployments on Kubeflow: a pipeline of one task, and the recurring run that starts it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mlopsgen.diagnostics import On
from mlopsgen.plan.services import Batch
from mlopsgen.plan.steps import Plan, Run
from mlopsgen.plan.values import Flag
from mlopsgen.records import dataclass
from mlopsgen.spec.values import Ref
from mlopsgen.targets.addresses import Live, by_default, live_places, under
from mlopsgen.targets.ir import lower as ir
from mlopsgen.targets.ir.api import Platform
from mlopsgen.targets.ir.context import Context
from mlopsgen.targets.ir.scoring import GIVEN_TIME, Scoring, scorings
from mlopsgen.targets.kubeflow.facts import Facts
from mlopsgen.targets.kubeflow.native import RecurringRun
from mlopsgen.targets.kubeflow.options import KubeflowOptions
from mlopsgen.targets.kubeflow.recurring_runs import recurring_run
from mlopsgen.targets.kubeflow.releases import SCHEDULED_AT, SINCE, release
from mlopsgen.targets.kubeflow.sources import forbidden_key
from mlopsgen.targets.kubeflow.storage import VOLUME, Storage, starts


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoringPipeline:
    """A batch deployment before it is printed."""

    service: Batch
    file: str
    lowered: ir.Lowered
    recurring: RecurringRun | None


def scoring_pipelines(context: Context, facts: Facts, platform: Platform) -> Iterator[ScoringPipeline]:
    """The pipeline of every batch deployment; what is wrong with one is reported with the rest."""
    taken = {trigger.name for trigger in context.plan.triggers}
    for one in scorings(context.plan, facts.options):
        service = one.service
        lowered = ir.lower(_plan(one, facts.options), one.options, platform, file=one.file)
        context.findings.extend(lowered.context.findings)
        _check(context, facts.storage, one, taken)
        clock = None if service.cron is None else recurring_run(context, facts, service, service.cron)
        yield ScoringPipeline(service=service, file=one.file, lowered=lowered, recurring=clock)


def _plan(one: Scoring, options: KubeflowOptions) -> Plan:
    """The plan for one pod, whatever a spec says that is let through (MG302).

    Where the cluster tells no scheduled time, and no folder is named after it, the job takes its own.
    """
    (job,) = (step for step in one.plan.steps if isinstance(step, Run))
    job = replace(job, resources=replace(job.resources, nodes=1))
    plan = replace(one.plan, steps=(job,))
    dated = any(isinstance(a, Flag) and a.name in ("partition", "out-partition") for a in job.argv)
    if dated or release(options.versions.pipelines) >= SINCE["pipelines"][SCHEDULED_AT]:
        return plan
    argv = tuple(a for a in job.argv if not (isinstance(a, Flag) and a.name == "at"))
    parameters = tuple(parameter for parameter in one.plan.parameters if parameter != GIVEN_TIME)
    return replace(plan, steps=(replace(job, argv=argv),), parameters=parameters)


def _check(context: Context, storage: Storage, one: Scoring, taken: set[str]) -> None:
    service = one.service
    if service.name in taken:
        message = f"a trigger and the deployment `{service.name}` would have the same recurring run `{one.plan.name}`"
        context.error("MG305", message, service.origin, hint="rename one of them", on=On.KEY)
    for flag, uri in live_places(service.job):
        trouble = _trouble(storage, uri, by_default(context.plan, under(storage.root, uri)))
        if trouble is not None:
            message = f"the {flag} of `{service.name}` {trouble}"
            hint = f"an address such as `{storage.options.storage}/new/`"
            context.error("MG313", message, (*service.origin, flag, "uri"), hint=hint)
    missing = [parameter.name for parameter in one.plan.parameters if parameter.required]
    if service.cron is not None and missing:
        message = f"`{service.name}` cannot start by itself: nobody gives `{'`, `'.join(missing)}` a value"
        context.error("MG301", message, service.origin, hint="give the parameter a `default`", on=On.KEY)


def _trouble(storage: Storage, uri: Live, known: Live) -> str | None:
    """Why the job does not reach an address: one container knows one store, and the volumes that it mounts."""
    start = starts(known)
    if start is None:
        return "lies on a volume or not, and only a run would know: no pod could mount it" if storage.claim else None
    if VOLUME.match(start):
        return "lies on a volume, which a run cannot choose" if isinstance(uri, Ref) else None
    scheme = start.partition("://")[0]
    if scheme != storage.scheme:
        there = "the volumes of the namespace" if storage.claim else f"`{storage.scheme}://` and volumes"
        return f"does not lie where its job reaches it: {there}"
    return forbidden_key(storage.artifacts, start)
