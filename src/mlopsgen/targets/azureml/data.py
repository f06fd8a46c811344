"""Where data lies: sources as inputs of the pipeline, data assets, and what has to be uploaded."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlopsgen.plan.steps import AnyJob, FromSource, LocalData, Source
from mlopsgen.spec.values import Ref, Text
from mlopsgen.targets.azureml.addresses import blobs
from mlopsgen.targets.azureml.context import Context
from mlopsgen.targets.azureml.names import identifier
from mlopsgen.targets.azureml.native import DataAsset, DataInput

# learn.microsoft.com/azure/machine-learning/how-to-read-write-data-v2: where an input's path may lead.
OURS = re.compile(
    r"azureml:[A-Za-z0-9][A-Za-z0-9._-]*(?::[A-Za-z0-9._-]+|@latest)"
    r"|azureml://datastores/[A-Za-z0-9_]+/paths/.+"
    r"|azureml://subscriptions/[^/]+/resource[gG]roups/[^/]+/workspaces/[^/]+/(?:datastores|data)/.+"
    r"|https://[a-z0-9]+\.(?:blob|dfs)\.core\.[a-z.]+/.+"
    r"|(?:wasbs|abfss)://[A-Za-z0-9-]+@[a-z0-9]+\.(?:blob|dfs)\.core\.[a-z.]+/.*",
    re.DOTALL,
)
MOUNTED = "ro_mount"


def source_inputs(context: Context) -> Iterator[DataInput]:
    """Every source that a step reads, as an input of the pipeline."""
    for source in context.plan.sources:
        path = _path(context, source)
        if path is not None:
            yield DataInput(name=identifier(source.name), type="uri_folder", path=path, mode=MOUNTED)


def _path(context: Context, source: Source) -> str | None:
    """A source's asset or address, or None after a finding."""
    _check_distribution(context, source)
    if source.local is not None:
        return f"azureml:{asset_name(context, source)}:{source.local.digest[:16]}"
    match source.uri:
        case str(uri):
            return _known(context, source, uri)
        case Ref():
            return _parameter(context, source, source.uri)
        case Text():
            message = (
                f"an address of Azure ML is whole: the pieces of `{source.name}` cannot be joined when a run starts"
            )
            hint = "a run parameter that holds the whole address: `uri: ${parameters.<name>}`"
            context.error("MG301", message, source.origin, hint=hint)
            return None


def _known(context: Context, source: Source, uri: str) -> str | None:
    if not OURS.fullmatch(uri):
        context.error(
            "MG313",
            f"`{uri}` of source `{source.name}` cannot be read by a job of Azure ML",
            source.origin,
            hint="copy or export it to a datastore: `azureml://datastores/<datastore>/paths/<folder>/`",
        )
        return None
    from mlopsgen.targets.azureml.values import check_text

    check_text(context, uri, source.origin)
    _note_rights(context, source, uri)
    if source.version is not None:
        return f"azureml:{asset_name(context, source)}:{_version(source.version)}"
    return uri


def _note_rights(context: Context, source: Source, uri: str) -> None:
    """An address that says no account cannot be given to the jobs' identity by infra/access.json."""
    if blobs(uri) is not None or uri.startswith(f"azureml://datastores/{context.options.datastore}/"):
        return
    message = (
        f"which storage account `{source.name}` lies in is known to the workspace alone: unless its datastore holds "
        "credentials, jobs read it as the identity of their cluster, which infra/access.json gives no right to it"
    )
    hint = "give that identity the role Storage Blob Data Reader there, or write the address: `https://<account>.blob.core.windows.net/<container>/…`"
    context.note(message, source.origin, hint=hint)


def _parameter(context: Context, source: Source, uri: Ref) -> str | None:
    """A run parameter that says where data lies is the input itself: `--set inputs.<source>.path=…`."""
    declared = context.parameters[uri.name]
    if not isinstance(declared.default, str) or not declared.default:
        message = f"the address of `{source.name}` has to have a value when the pipeline is written"
        context.error("MG301", message, source.origin, hint=f"give `{uri.name}` a `default`")
        return None
    address = f"inputs.{identifier(source.name)}.path"
    message = f"where `{source.name}` lies is an input of its own: a run changes it with `--set {address}=…`"
    context.note(message, source.origin)
    context.fixed.setdefault(uri.name, address)
    return _known(context, source, declared.default)


def _check_distribution(context: Context, source: Source) -> None:
    """One machine has all of a source, whichever way it is distributed."""
    readers = [job for job in context.jobs.values() if job.resources.nodes != 1 and source.name in _read(job)]
    if source.distribution == "sharded" and readers:
        context.error(
            "MG301",
            f"Azure ML gives every machine of `{readers[0].name}` all of `{source.name}`",
            (*source.origin[:-1], "distribution"),
            hint="`distribution: replicated`, and let each machine read its share by its RANK",
        )


def _read(job: AnyJob) -> Iterator[str]:
    return (item.source.source for item in job.inputs if isinstance(item.source, FromSource))


def asset_name(context: Context, source: Source) -> str:
    """The name of a source's data asset."""
    return f"{context.plan.name}-{source.name}"


def _version(version: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "-", version)


def assets(context: Context) -> Iterator[DataAsset]:
    """Sources that have a version: those beside the spec, under their digest, and those that name one."""
    for source in context.plan.sources:
        if source.local is not None:
            yield _asset(context, source, source.local.digest[:16], f"{local_place(context, source.local)}/")
        elif source.version is not None and isinstance(source.uri, str):
            yield _asset(context, source, _version(source.version), source.uri)


def _asset(context: Context, source: Source, version: str, path: str) -> DataAsset:
    return DataAsset(
        file=f"data/{identifier(source.name)}.yml",
        name=asset_name(context, source),
        version=version,
        description=None,
        path=path,
        tags=context.tags,
    )


def local_place(context: Context, local: LocalData) -> str:
    """Where a source beside the spec goes: under its digest, so that it never changes."""
    return f"{context.home.store}/data/{local.digest}"
