"""Requests that make runs, and what makes runs by itself: schedules, and new files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from mlopsgen.diagnostics import On
from mlopsgen.plan.steps import AnyJob, OnInvoke, OnNewData, OnSchedule, Source
from mlopsgen.spec.clock import five_fields
from mlopsgen.spec.values import Text
from mlopsgen.targets.addresses import Live
from mlopsgen.targets.ir.context import Context
from mlopsgen.targets.vertex import names
from mlopsgen.targets.vertex.account import Account
from mlopsgen.targets.vertex.native import PipelineJob, Schedule, Watch
from mlopsgen.targets.vertex.platform import GCS


def pipeline_job(account: Account, tag: str) -> PipelineJob:
    """A run of the pipeline with the defaults of its parameters."""
    return PipelineJob(
        display_name=account.plan.name,
        labels=account.labels,
        root=f"{account.home.prefix}/runs",
        failure_policy=_failure_policy(account),
        key=account.key,
        account=account.email,
        network=account.network,
        template=account.home.template_uri(tag),
    )


def _failure_policy(account: Account) -> str | None:
    """Nothing new is begun in a run that has failed, unless something has to come after it.

    cloud.google.com/vertex-ai/docs/pipelines/configure-failure-policy: no new task is scheduled. That what an exit
    handler holds is scheduled even so, it does not say.
    """
    always = any(isinstance(step, AnyJob) and step.always for step in account.plan.steps)
    return None if always else "PIPELINE_FAILURE_POLICY_FAIL_FAST"


def schedules(context: Context, account: Account, job: PipelineJob) -> Iterator[Schedule]:
    """The triggers that are a clock."""
    for trigger in context.plan.triggers:
        if isinstance(trigger, OnSchedule):
            yield Schedule(
                trigger=trigger.name,
                display_name=_named(context, account, trigger.name),
                cron=f"TZ={trigger.timezone} {five_fields(trigger.cron)}",
                parent=account.home.parent,
                job=job,
            )


def watches(context: Context, account: Account, job: PipelineJob) -> Iterator[Watch]:
    """The triggers that are new files."""
    for trigger in context.plan.triggers:
        match trigger:
            case OnNewData():
                yield from _watch(context, account, trigger, job)
            case OnSchedule() | OnInvoke():
                continue
            case _:
                assert_never(trigger)


def _watch(context: Context, account: Account, trigger: OnNewData, job: PipelineJob) -> Iterator[Watch]:
    place = known_place(context.sources[trigger.source])
    if place is None:
        context.error(
            "MG301",
            f"nothing tells Google Cloud when `{trigger.source}` changes: it does not lie under a known prefix of "
            "Cloud Storage",
            (*trigger.origin, "new_data"),
            hint="a source such as `gs://bucket/prefix/`",
        )
        return
    bucket, prefix = place
    if "${" in prefix:
        message = f"Workflows would evaluate `${{` in the prefix of `{trigger.source}`"
        context.error("MG308", message, context.sources[trigger.source].origin, hint="a prefix without it")
    yield Watch(
        trigger=trigger.name,
        name=names.shortened(f"{account.plan.name}-{trigger.name}", names.REPOSITORY),
        bucket=bucket,
        prefix=prefix,
        endpoint=f"{account.home.endpoint}/{account.home.parent}/pipelineJobs",
        job=job,
    )


def known_place(source: Source) -> tuple[str, str] | None:
    """The bucket of a source, and as much of its prefix as is known now."""
    if source.local is not None:
        return None
    return place_of(source.uri)


def place_of(uri: Live) -> tuple[str, str] | None:
    """The bucket of an address, and as much of its prefix as is known now."""
    head = uri.parts[0] if isinstance(uri, Text) else uri
    match = GCS.fullmatch(head) if isinstance(head, str) else None
    if match is None or (isinstance(uri, Text) and match[2] is None):
        return None
    return match[1], match[2] or ""


def _named(context: Context, account: Account, trigger: str) -> str:
    name = f"{account.plan.name}-{trigger}"
    if len(name) > names.DISPLAY_NAME:
        message = f"`{name}` would have {len(name)} characters; a schedule's name has at most {names.DISPLAY_NAME}"
        context.error("MG305", message, ("triggers", trigger), hint="a shorter name of the trigger", on=On.KEY)
    return name
