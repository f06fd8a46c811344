"""What the bundle's README says: commands with this product's own names in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from mlopsgen.plan.steps import LocalData, Source
from mlopsgen.targets.ir.context import Context
from mlopsgen.targets.readme import readable
from mlopsgen.targets.vertex.account import Account
from mlopsgen.targets.vertex.infra import retention_days
from mlopsgen.targets.vertex.native import Copied, Guide, Schedule, Upload, Watch
from mlopsgen.targets.vertex.platform import local_uri

_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._/-]*")


def guide_of(
    context: Context, account: Account, tag: str, scheduled: Sequence[Schedule], watched: Sequence[Watch]
) -> Guide:
    """The facts of the README."""
    plan, home, registered = account.plan, account.home, account.registered
    return Guide(
        product=plan.name,
        description=readable(plan.description),
        project=home.project,
        region=home.region,
        bucket=home.bucket,
        makes_bucket=not account.options.bucket_exists,
        images=home.images,
        image=account.image,
        built=plan.image.prebuilt is None,
        urls=_urls(account),
        tag=tag,
        model=registered.group if registered else None,
        manual=registered is not None and registered.approval != "automatic",
        experiment=plan.tracking.experiment if plan.tracking.mlflow is None else None,
        required=tuple(p.name for p in plan.parameters if p.required),
        folders=tuple(_copied(account, source) for source in plan.sources if _is_plain(source)),
        uploads=any(source.local is not None for source in plan.sources),
        schedules=tuple(schedule.trigger for schedule in scheduled),
        watches=tuple(watch.trigger for watch in watched),
        retention_days=retention_days(account),
        encrypted=account.key is not None,
        changes=tuple(_changes(context)),
    )


def _urls(account: Account) -> Mapping[str, str]:
    home = account.home
    at = f"{home.endpoint}/{home.parent}"
    model = account.registered.group if account.registered else home.product
    return {
        "templates": f"https://{home.region}-kfp.pkg.dev/{home.project}/{home.templates}",
        "jobs": f"{at}/pipelineJobs",
        "schedules": f"{at}/schedules",
        "approve": f"{at}/models/{model}@VERSION:mergeVersionAliases",
    }


def uploads(context: Context, account: Account) -> Iterator[Upload]:
    """Every file beside the spec that has to be in the bucket before a run."""
    for source in context.plan.sources:
        if source.local is not None:
            for name in source.local.files:
                path = f"{source.local.path}/{name}" if is_folder(source.local) else source.local.path
                yield Upload(path=path, uri=local_uri(account, source) + name)


def is_folder(local: LocalData) -> bool:
    """Whether a source is a folder: a file's only name is its own."""
    return local.files != (local.path.rstrip("/").rsplit("/", 1)[-1],)


def _changes(context: Context) -> Iterator[Mapping[str, str]]:
    for step in context.options.steps:
        yield {"file": "pipeline.yaml", "at": step}
    for patch in context.options.patches:
        yield {"file": patch.file, "at": patch.at}


def _is_plain(source: Source) -> bool:
    """Whether a command line takes the path as one plain word."""
    path = source.local.path if source.local else ""
    return _PLAIN.fullmatch(path) is not None and "//" not in path


def _copied(account: Account, source: Source) -> Copied:
    assert source.local is not None
    return Copied(path=source.local.path, uri=local_uri(account, source), folder=is_folder(source.local))
