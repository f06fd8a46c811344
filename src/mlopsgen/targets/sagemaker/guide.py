"""The facts of the README out of a plan and what was made of it."""

from __future__ import annotations

from collections.abc import Iterator

from mlopsgen.plan.steps import OnNewData
from mlopsgen.render.tokens import ImageRef, Name, RelPath
from mlopsgen.targets.readme import changes, readable, retention_days
from mlopsgen.targets.sagemaker.context import Context
from mlopsgen.targets.sagemaker.data import local_uri, read_prefix
from mlopsgen.targets.sagemaker.image import image_tag
from mlopsgen.targets.sagemaker.native import Definition
from mlopsgen.targets.sagemaker.resources import Copied, Guide, S3Uri, Stack
from mlopsgen.targets.uploads import is_folder, plain_sources


def guide_of(context: Context, definition: Definition, stack: Stack) -> Guide:
    """The facts of the README."""
    plan, home = context.plan, context.home
    watched = [context.sources[t.source] for t in plan.triggers if isinstance(t, OnNewData)]
    places = [read_prefix(context, source) for source in watched]
    return Guide(
        product=Name(plan.name),
        environment=Name(plan.environment) if plan.environment else None,
        region=Name(home.region),
        bucket=Name(home.bucket),
        registry=ImageRef(home.registry),
        built=plan.image.prebuilt is None,
        image_name=RelPath(context.options.repository or plan.name),
        image_tag=Name(image_tag(plan)),
        repository=RelPath(stack.repository) if stack.repository else None,
        group=Name(stack.group) if stack.group else None,
        description=readable(plan.description),
        required=tuple(Name(p.name) for p in definition.parameters if p.default is None),
        folders=tuple(_copied(context)),
        uploads=any(source.local is not None for source in plan.sources),
        exit_handler=len(stack.pipelines) > 1,
        new_data_buckets=tuple(Name(bucket) for bucket in dict.fromkeys(place.bucket for place in places if place)),
        retention_days=retention_days(plan),
        log_days=stack.retention_days,
        left_over=_left_over(stack),
        changes=changes(context.options, "pipeline.json"),
    )


def _left_over(stack: Stack) -> str:
    kept = (stack.group and "the model package group", stack.repository and "the image repository")
    return " and ".join(thing for thing in kept if thing)


def _copied(context: Context) -> Iterator[Copied]:
    for local in plain_sources(context.plan):
        uri = S3Uri(f"{local_uri(context, local)}/")
        yield Copied(path=RelPath(local.path), uri=uri, recursive=is_folder(local))
