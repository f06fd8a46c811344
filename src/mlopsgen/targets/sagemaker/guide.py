"""What the bundle's README says: commands with this product's own names in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from mlopsgen.plan.steps import OnNewData
from mlopsgen.targets.readme import readable
from mlopsgen.targets.sagemaker.context import Context
from mlopsgen.targets.sagemaker.data import is_folder, local_uri, read_prefix
from mlopsgen.targets.sagemaker.native import Definition
from mlopsgen.targets.sagemaker.resources import Copied, Guide, Stack

DAY = 86400
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._/-]*")


def guide_of(context: Context, definition: Definition, stack: Stack) -> Guide:
    """The facts of the README."""
    plan, home = context.plan, context.home
    local = [source for source in plan.sources if source.local is not None]
    watched = [context.sources[t.source] for t in plan.triggers if isinstance(t, OnNewData)]
    places = [read_prefix(context, source) for source in watched]
    retention = plan.governance.retention
    return Guide(
        product=plan.name,
        region=home.region,
        bucket=home.bucket,
        registry=home.registry,
        built=plan.image.prebuilt is None,
        image=context.image,
        repository=stack.repository,
        group=stack.group,
        description=readable(plan.description),
        required=tuple(p.name for p in definition.parameters if p.default is None),
        folders=tuple(_copied(context, source.name) for source in local if _is_plain(context, source.name)),
        uploads=bool(local),
        exit_handler=len(stack.pipelines) > 1,
        new_data_buckets=tuple(dict.fromkeys(place.bucket for place in places if place)),
        retention_days=-(-retention // DAY) if retention else None,
        changes=tuple(_changes(context)),
    )


def _changes(context: Context) -> Iterator[Mapping[str, str]]:
    for step in context.options.steps:
        yield {"file": "pipeline.json", "at": step}
    for patch in context.options.patches:
        yield {"file": patch.file, "at": patch.at}


def _is_plain(context: Context, name: str) -> bool:
    local = context.sources[name].local
    return local is not None and _PLAIN.fullmatch(local.path) is not None and "//" not in local.path


def _copied(context: Context, name: str) -> Copied:
    source = context.sources[name]
    assert source.local is not None
    return Copied(path=source.local.path, uri=local_uri(context, source), folder=is_folder(source.local))
