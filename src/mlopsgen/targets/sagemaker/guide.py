"""The facts of the README out of a plan and what was made of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from mlopsgen.plan.steps import OnNewData, Register
from mlopsgen.render.tokens import ImageRef, Name, RelPath
from mlopsgen.targets.addresses import live_places, under
from mlopsgen.targets.readme import SpecFolder, changes, folder_uri, readable, retention_days, run_settings
from mlopsgen.targets.sagemaker import names
from mlopsgen.targets.sagemaker.context import Context
from mlopsgen.targets.sagemaker.data import local_uri, read_prefix
from mlopsgen.targets.sagemaker.guide_facts import (
    Clock,
    Copied,
    Guide,
    KeyId,
    Lived,
    Override,
    RoleName,
    S3Uri,
    Scored,
    VersionArn,
)
from mlopsgen.targets.sagemaker.image import image_tag, reads_registry
from mlopsgen.targets.sagemaker.native import Definition
from mlopsgen.targets.sagemaker.resources import Stack
from mlopsgen.targets.sagemaker.serving.batch import BatchPipeline
from mlopsgen.targets.sagemaker.triggers import scoring_name
from mlopsgen.targets.uploads import is_folder, only_listed, shell_sources

if TYPE_CHECKING:
    from mlopsgen.targets.sagemaker.serving.resources import Live


def guide_of(
    context: Context, definition: Definition, stack: Stack, scored: Sequence[BatchPipeline], lives: Sequence[Live]
) -> Guide:
    """The facts of the README."""
    plan, home, key = context.plan, context.home, context.plan.governance.encryption_key
    return Guide(
        product=Name(plan.name),
        environment=Name(plan.environment) if plan.environment else None,
        region=Name(home.region),
        bucket=Name(home.bucket),
        registry=ImageRef(home.registry),
        built=plan.image.prebuilt is None,
        image_name=RelPath(context.options.repository or plan.name),
        image_tag=Name(image_tag(plan, context.options)),
        repository=RelPath(stack.repository) if stack.repository else None,
        group=Name(stack.group) if stack.group else None,
        description=readable(plan.description),
        **_parameters(context, definition),
        schedules=tuple(Clock(name=Name(s.name), when=f"{s.expression} {s.timezone}") for s in stack.schedules),
        spec_folder=SpecFolder.of(plan),
        **_data(context),
        key=KeyId(key) if key and names.KEY.fullmatch(key) else None,
        exit_handler=any(pipeline.id == "ExitHandler" for pipeline in stack.pipelines),
        batches=tuple(_scored(context, one) for one in scored),
        lives=tuple(_lived(context, one) for one in lives),
        waits=any(isinstance(step, Register) and step.approval != "automatic" for step in plan.steps),
        network=context.network is not None,
        services=tuple(Name(f"com.amazonaws.{home.region}.{service}") for service in _services(context)),
        clustered=any(job.resources.nodes != 1 for job in context.jobs.values()),
        new_data_buckets=tuple(map(Name, _new_data_buckets(context))),
        retention_days=retention_days(plan),
        log_days=stack.retention_days,
        policies=tuple(Name(policy.name) for policy in stack.policies),
        left_over=_left_over(stack),
        changes=changes(context.options, "pipeline.json", others={one.name: one.file for one in scored}),
    )


def _parameters(context: Context, definition: Definition) -> dict[str, Any]:
    """What a run may be given."""
    plan, started = context.plan, {parameter.name for parameter in definition.parameters}
    return {
        "parameters": tuple(one for one in run_settings(plan) if one.name in started),
        "lists": any(p.type == "list" and p.name in started for p in plan.parameters),
        "optional": next((Name(p.name) for p in definition.parameters if p.default == ""), None),
    }


def _data(context: Context) -> dict[str, Any]:
    """What is uploaded."""
    return {
        "folders": tuple(_copied(context)),
        "uploads": any(source.local is not None for source in context.plan.sources),
        "only_listed": only_listed(context.plan),
    }


def _new_data_buckets(context: Context) -> Iterator[str]:
    """Where files arrive that start a run, each bucket once."""
    sources = [context.sources[t.source] for t in context.plan.triggers if isinstance(t, OnNewData)]
    places = [read_prefix(context, source) for source in sources]
    yield from dict.fromkeys(place.bucket for place in places if place)


def _scored(context: Context, one: BatchPipeline) -> Scored:
    return Scored(
        name=Name(one.name),
        pipeline=Name(scoring_name(context, one.name)),
        file=RelPath(one.file),
        parameter=Name(f"{one.id}Digest"),
        override=Override(f"{one.id}Digest=$(sha256 {one.file})"),
        output=folder_uri(under(context.home.prefix, dict(live_places(one.service.job))["output"])),
        overwrite=one.service.overwrite,
        clock=one.service.cron is not None,
    )


def _lived(context: Context, live: Live) -> Lived:
    service = live.service
    pinned = context.home.arn("sagemaker", f"model-package/{service.model}/{service.version}")
    return Lived(
        name=Name(service.name),
        endpoint=Name(live.endpoint.name),
        folder=RelPath(live.folder),
        project=Name(live.project),
        group=Name(service.model),
        version=VersionArn(pinned) if service.version is not None else None,
        automatic=service.version is None and not service.manual,
        role=RoleName(context.home.role_arn(f"{context.role_path[1:]}{context.home.role('deploy')}")),
        policy=Name(context.home.role("call")),
        queued=live.endpoint.queue is not None,
        public=service.public,
    )


def _services(context: Context) -> Iterator[str]:
    """What the launcher calls from inside a job: images, logs and roles are the service's own business."""
    jobs = context.jobs.values()
    if any(map(reads_registry, jobs)):
        yield "sagemaker.api"
    if any(job.secrets for job in jobs):
        yield "secretsmanager"


def _left_over(stack: Stack) -> str:
    kept = (stack.group and "the model package group", stack.repository and "the image repository")
    return " and ".join(thing for thing in kept if thing)


def _copied(context: Context) -> Iterator[Copied]:
    for local, path in shell_sources(context.plan):
        uri = S3Uri(f"{local_uri(context, local)}/")
        yield Copied(path=path, uri=uri, recursive=is_folder(local))
