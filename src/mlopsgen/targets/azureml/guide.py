"""The facts of the README out of a plan and what was made of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from mlopsgen.plan.steps import OnInvoke, OnNewData, Register
from mlopsgen.render.tokens import Name, Quoted, RelPath
from mlopsgen.targets.addresses import live_places, under
from mlopsgen.targets.azureml.addresses import places_of_deployments
from mlopsgen.targets.azureml.context import Context
from mlopsgen.targets.azureml.data import assets
from mlopsgen.targets.azureml.names import identifier
from mlopsgen.targets.azureml.native import Compute, Infrastructure, Pipeline, Schedule
from mlopsgen.targets.azureml.places import account_parameter, read_containers, written_containers
from mlopsgen.targets.azureml.readme import (
    Access,
    Argument,
    Assigned,
    Copied,
    File,
    Guide,
    ImageBuild,
    Jobs,
    Lookup,
    RunParameters,
    Scored,
    Setting,
    Uploads,
    Variable,
    Watch,
    variable,
)
from mlopsgen.targets.azureml.roles import secrets, starting_role, starts_by_hand
from mlopsgen.targets.azureml.serving.batch import BatchPipeline
from mlopsgen.targets.azureml.triggers import HANDLER, schedule_name, watched
from mlopsgen.targets.readme import SpecFolder, changes, folder_uri, readable, retention_days, run_settings
from mlopsgen.targets.uploads import is_folder, only_listed, shell_path, shell_sources

if TYPE_CHECKING:
    from mlopsgen.targets.azureml.serving.live_native import Live

FLOW = "Microsoft.Logic/workflows"


def guide_of(
    context: Context,
    computes: tuple[Compute, ...],
    schedules: tuple[Schedule, ...],
    infra: tuple[Infrastructure, ...],
    pipelines: tuple[Pipeline, ...],
    *,
    scored: tuple[BatchPipeline, ...],
    lives: tuple[Live, ...] = (),
) -> Guide:
    """The facts of the README."""
    plan, home = context.plan, context.home
    return Guide(
        product=Name(plan.name),
        environment=Name(plan.environment) if plan.environment else None,
        description=readable(plan.description),
        **_place(context),
        access=_access(context, infra, scored),
        **_answered(context, lives, infra, computes),
        jobs=Jobs.of(plan.tracking.experiment),
        image=_image_build(context, computes),
        run=_run_parameters(context, pipelines),
        batches=tuple(_scored(context, one) for one in scored),
        uploads=_uploads(context) if any(source.local for source in plan.sources) else None,
        data=tuple(RelPath(asset.file) for asset in assets(context)),
        computes=_files(computes),
        **_starts(context, schedules, scored),
        starts=Name(home.role(starting_role(context).name)),
        roles=tuple(Name(home.role(role)) for role in dict.fromkeys(_roles(infra))),
        flows=tuple(Name(str(one["name"])) for file in _events(infra) for one in file.resources if one["type"] == FLOW),
        events=any(_events(infra)),
        identity=Name(home.identity),
        exit_handler=Name(home.handler(HANDLER)) if len(pipelines) > 1 else None,
        watches=tuple(_watches(context)),
        model=_model(context),
        fixed=tuple(_settings(context, context.fixed)),
        retention_days=retention_days(plan),
        changes=changes(context.options, "pipeline.yml", "the node of `{}`", {one.name: one.file for one in scored}),
    )


def _place(context: Context) -> dict[str, Any]:
    keys = ("subscription", "resource_group", "workspace", "datastore")
    return {key: Name(getattr(context.home, key)) for key in keys}


def _answered(
    context: Context,
    lives: tuple[Live, ...],
    infra: tuple[Infrastructure, ...],
    computes: tuple[Compute, ...],
) -> dict[str, Any]:
    """What answers requests: nothing of it is looked at where nothing does."""
    uploads = any(source.local for source in context.plan.sources)
    if not lives:
        other = {"puts_files": uploads, "asks_registry": bool(computes)}
        return {"lives": (), "promoted": False, "identities": (), **other}
    from mlopsgen.targets.azureml.serving.live_guide import answering, promoted

    kind = "Microsoft.ManagedIdentity/userAssignedIdentities"
    resources = (one for file in infra if file.file.endswith("deployments.json") for one in file.resources)
    identities = tuple(Name(one["name"]) for one in resources if one["type"] == kind)
    return {
        "lives": tuple(answering(context, one) for one in lives),
        "promoted": promoted(context),
        "identities": identities,
        "puts_files": True,
        "asks_registry": True,
    }


def _starts(context: Context, schedules: tuple[Schedule, ...], scored: tuple[BatchPipeline, ...]) -> dict[str, Any]:
    """What starts runs: the clock, and whom a job is kept for."""
    return {
        "schedules": _files(one for one in schedules if not one.kept),
        "kept": _files(one for one in schedules if one.kept),
        "scheduled": bool(schedules),
        "called": tuple(_called(context, scored)),
        "timed": tuple(Name(one.name) for one in scored if one.dated and one.service.cron is None),
    }


def _run_parameters(context: Context, pipelines: tuple[Pipeline, ...]) -> RunParameters:
    """Run parameters that a step reads: they are inputs of a pipeline."""
    read = {one.name for pipeline in pipelines for one in pipeline.inputs}
    required = (one.name for one in context.plan.parameters if one.required and identifier(one.name) in read)
    parameters = (one for one in run_settings(context.plan) if identifier(one.name) in read)
    return RunParameters(tuple(parameters), tuple(map(Name, required)))


def _scored(context: Context, one: BatchPipeline) -> Scored:
    folders = {flag: str(under(context.home.store, uri)) for flag, uri in live_places(one.service.job)}
    return Scored(
        name=Name(one.name),
        file=RelPath(one.file),
        model=Name(one.service.model),
        input=folder_uri(folders["input"]),
        output=folder_uri(folders["output"]),
        overwrite=one.service.overwrite,
        listed=_listed(context, one),
        jobs=Jobs.of(one.pipeline.experiment_name),
        clock=one.service.cron is not None,
        dated=one.dated,
        resumable=one.resumable,
        fixed=tuple(_settings(context, one.fixed)),
        champion=one.service.version is None,
        run=_run_parameters(context, (one.pipeline,)),
    )


def _listed(context: Context, one: BatchPipeline) -> Quoted | None:
    """Where predictions lie in the container of the datastore, as far as it is known; None where they lie elsewhere."""
    places = places_of_deployments(context)
    place = next(place for place in places if (place.deployment, place.flag) == (one.name, "output"))
    prefix = place.start.partition("/paths/")[2] if place.datastore == context.options.datastore else ""
    return Quoted(prefix) if prefix and prefix.isprintable() else None


def _called(context: Context, scored: tuple[BatchPipeline, ...]) -> Iterator[Name]:
    """Jobs that other systems start: those of the schedules that keep one for them."""
    called = [trigger.name for trigger in context.plan.triggers if isinstance(trigger, OnInvoke)]
    if starts_by_hand(context):
        called += [one.name for one in scored if one.service.cron is None]
    return (Name(schedule_name(context, name)) for name in called)


def _events(infra: tuple[Infrastructure, ...]) -> Iterator[Infrastructure]:
    return (one for one in infra if one.file.endswith("events.json"))


def _image_build(context: Context, computes: tuple[Compute, ...]) -> ImageBuild:
    image = context.plan.image
    host, slash, _ = image.base.partition("/")
    return ImageBuild(
        built=image.prebuilt is None,
        # As Docker reads it: the first part is a host where it has a dot or a port.
        public_base=not slash or not ("." in host or ":" in host),
        builder=next((Name(one.name) for one in computes if one.private and image.prebuilt is None), None),
        joins_subnet=any(one.network for one in computes),
    )


def _access(context: Context, infra: tuple[Infrastructure, ...], scored: tuple[BatchPipeline, ...]) -> Access:
    events = [one for one in infra if one.file.endswith("events.json")]
    deployments = [one for one in infra if one.file.endswith("deployments.json")]
    access = [one for one in infra if one not in (*events, *deployments)]
    grants = any("container" in one.parameters for one in infra)
    return Access(
        deployments_deployment=Name(f"{context.plan.name}-deployments"),
        deployments_arguments=_arguments(deployments),
        reads_store=bool(deployments)
        or grants
        or any(_copied(context))
        or any(_listed(context, one) for one in scored),
        asks_store=any("container" in one.parameters for one in events),
        grants_store=grants,
        lookups=tuple(map(Lookup.of, _accounts(infra))),
        takes_ids=any(name.startswith("storageAccountId") for one in infra for name in one.parameters),
        roles_deployment=Name(f"{context.plan.name}-access"),
        events_deployment=Name(f"{context.plan.name}-events"),
        access_arguments=_arguments(access),
        events_arguments=_arguments(events),
        containers=tuple(RelPath("/".join(place).replace("$", "")) for place in read_containers(context)),
        written=tuple(RelPath("/".join(place).replace("$", "")) for place in written_containers(context)),
        secrets=tuple(RelPath("/".join(place)) for place in secrets(context)),
        vaults=tuple(Name(name) for one in access for name in one.parameters if name.startswith("keyVaultId_")),
    )


def _model(context: Context) -> Name | None:
    groups = (step.group for step in context.plan.steps if isinstance(step, Register))
    return next(map(Name, groups), None)


def _watches(context: Context) -> Iterator[Watch]:
    for one in context.plan.triggers:
        place = watched(context, one) if isinstance(one, OnNewData) else None
        if place is not None:
            lookup = Lookup.of(place[0]) if place[0] else None
            shell = Variable(f"${variable(place[0])}" if place[0] else "$STORE")
            yield Watch(Name(context.home.watch(one.name)), lookup, shell)


_VARIABLES = {"storageAccountId": "STORE", "container": "CONTAINER", "containerRegistryId": "REGISTRY"}


def _arguments(infra: Iterable[Infrastructure]) -> tuple[Argument, ...]:
    """Parameters that commands before have found values for; the rest has defaults."""
    known = {**_VARIABLES, **{account_parameter(account): variable(account) for account in _accounts(infra)}}
    return tuple(Argument(f"{name}=${known[name]}") for one in infra for name in one.parameters if name in known)


def _accounts(infra: Iterable[Infrastructure]) -> tuple[str, ...]:
    names = (name.partition("_") for one in infra for name in one.parameters)
    return tuple(dict.fromkeys(account for first, _, account in names if account and first == "storageAccountId"))


def _files(files: Iterable[Compute | Schedule]) -> tuple[File, ...]:
    return tuple(File(RelPath(one.file), Name(one.name)) for one in files)


def _settings(context: Context, fixed: Mapping[str, str]) -> Iterator[Setting]:
    for name, address in fixed.items():
        yield Setting(Name(name), Assigned(f"{address}={context.parameters[name].default}"))


def _uploads(context: Context) -> Uploads:
    return Uploads(
        copied=tuple(_copied(context)), only_listed=only_listed(context.plan), spec_folder=SpecFolder.of(context.plan)
    )


def _copied(context: Context) -> Iterator[Copied]:
    for local, path in shell_sources(context.plan):
        place = f"{context.plan.name}/data/{local.digest}"
        whole = place if is_folder(local) else f"{place}/{local.files[0]}"
        if (blob := shell_path(whole)) is not None:
            yield Copied(path=path, folder=is_folder(local), place=blob)


def _roles(infra: tuple[Infrastructure, ...]) -> Iterator[str]:
    for one in (one for file in infra for one in file.resources if one["type"].endswith("/roleDefinitions")):
        # `[concat('<name>-', parameters('workspace'))]`
        yield one["properties"]["roleName"].split("'")[1].rstrip("-")
