"""The facts of the README out of a plan and what was made of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mlopsgen.plan.steps import Plan, RunParameter
from mlopsgen.render.tokens import ImageRef, Name, Quoted, RelPath
from mlopsgen.targets.addresses import live_places, under
from mlopsgen.targets.ir.context import Context
from mlopsgen.targets.readme import SpecFolder, changes, folder_uri, readable, retention_days, run_settings
from mlopsgen.targets.uploads import is_folder, only_listed, shell_sources
from mlopsgen.targets.vertex.account import Account
from mlopsgen.targets.vertex.layout import request_of
from mlopsgen.targets.vertex.native import (
    Clock,
    Copied,
    GcsUri,
    Guide,
    Needs,
    Peering,
    RunParameters,
    Schedule,
    Scored,
    Url,
    Watch,
)
from mlopsgen.targets.vertex.platform import local_uri
from mlopsgen.targets.vertex.serving.batch import ScoringPipeline
from mlopsgen.targets.vertex.tables import datasets


def guide_of(
    context: Context,
    account: Account,
    tag: str,
    schedules: Sequence[Schedule],
    watches: Sequence[Watch],
    *,
    scored: Sequence[ScoringPipeline],
    needs: Needs | None,
) -> Guide:
    """The facts of the README."""
    plan, home, registered = account.plan, account.home, account.registered
    return Guide(
        product=Name(plan.name),
        environment=Name(plan.environment) if plan.environment else None,
        description=readable(plan.description),
        project=Name(home.project),
        region=Name(home.region),
        bucket=Name(home.bucket),
        makes_bucket=not account.options.bucket_exists,
        images=ImageRef(home.images),
        image=ImageRef(account.image),
        built=plan.image.prebuilt is None,
        urls={name: Url(url) for name, url in _urls(account).items()},
        tag=Name(tag),
        model=Name(registered.group) if registered else None,
        manual=registered is not None and registered.approval != "automatic",
        experiment=Name(plan.tracking.experiment) if plan.tracking.mlflow is None else None,
        run=_run_parameters(plan),
        **_data(account),
        schedules=tuple(_clocks(schedules)),
        scorings=tuple(_scored(account, one) for one in scored),
        watches=tuple(RelPath(f"infra/{one.trigger}.yaml") for one in watches),
        retention_days=retention_days(plan),
        encrypted=account.key is not None,
        needs=needs,
        peering=_peering(account),
        changes=changes(context.options, "pipeline.yaml"),
    )


def _scored(account: Account, one: ScoringPipeline) -> Scored:
    output = next(uri for flag, uri in live_places(one.service.job) if flag == "output")
    return Scored(
        name=Name(one.service.name),
        file=RelPath(one.file),
        request=RelPath(request_of(one.file)),
        tag=Name(one.tag),
        output=folder_uri(under(account.home.prefix, output)),
        overwrite=one.service.overwrite,
        clock=one.schedule is not None,
    )


def _data(account: Account) -> dict[str, Any]:
    """Tables that are extracted, and what has to be uploaded."""
    plan = account.plan
    return {
        "spec_folder": SpecFolder.of(plan),
        "folders": tuple(_copied(account)),
        "datasets": tuple(RelPath(f"{project}/{dataset}") for project, dataset in datasets(plan)),
        "uploads": any(source.local is not None for source in plan.sources),
        "only_listed": only_listed(plan),
    }


def _peering(account: Account) -> Peering | None:
    if account.network is None or not account.plan.governance.private_network:
        return None
    project, network = account.network.split("/")[1::3]
    return Peering(Name(network), Name(project))


def _run_parameters(plan: Plan) -> RunParameters:
    return RunParameters(
        parameters=run_settings(plan),
        values=Quoted(json.dumps(_values(plan.parameters), ensure_ascii=True)),
        required=any(p.required for p in plan.parameters),
    )


_ANY: Mapping[str, Any] = {"integer": 1, "number": 1.0, "boolean": True, "list": []}


def _values(parameters: Sequence[RunParameter]) -> dict[str, Any]:
    """Values that a reader replaces by others: of what has to be given, else of one parameter."""
    shown = [one for one in parameters if one.required] or parameters[:1]
    return {one.name: _value(one) for one in shown}


def _value(parameter: RunParameter) -> Any:
    if parameter.default is not None:
        return parameter.default
    if parameter.values:
        return parameter.values[0]
    return parameter.minimum if parameter.minimum is not None else _ANY.get(parameter.type, "")


def _clocks(schedules: Sequence[Schedule]) -> Iterator[Clock]:
    for one in schedules:
        yield Clock(RelPath(f"requests/schedule-{one.trigger}.json"), Name(one.display_name))


def _copied(account: Account) -> Iterator[Copied]:
    for local, path in shell_sources(account.plan):
        uri = GcsUri(f"{local_uri(account, local)}/")
        yield Copied(path=path, uri=uri, recursive=is_folder(local))


def _urls(account: Account) -> Mapping[str, str]:
    home = account.home
    at = f"{home.endpoint}/{home.parent}"
    model = account.registered.group if account.registered else home.product
    return {
        "templates": f"https://{home.region}-kfp.pkg.dev/{home.project}/{home.templates}",
        "jobs": f"{at}/pipelineJobs",
        "schedules": f"{at}/schedules",
        "approve": f"{at}/models/{model}",
    }
