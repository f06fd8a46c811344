"""Where data lies: sources, what steps hand on, and what a submit uploads."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, assert_never

from mlopsgen.plan.steps import AnyJob, FromRegistry, FromSource, FromStep, Input, LocalData, Source, Train, Tune
from mlopsgen.plan.values import PortKind, Value
from mlopsgen.records import dataclass
from mlopsgen.spec.values import Ref, Text
from mlopsgen.targets.sagemaker.commands import folders_of, model_port
from mlopsgen.targets.sagemaker.context import Context
from mlopsgen.targets.sagemaker.expressions import Expression, Word, get, join, text
from mlopsgen.targets.sagemaker.names import iam_text
from mlopsgen.targets.sagemaker.native import DataInput, DataOutput

S3 = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class StoredFolder:
    """Where something lies; `inner` is the wanted folder of an archive, None where nothing is packed."""

    uri: Word
    inner: str | None = None


def refit_name(job: Tune) -> str:
    """The step that trains once more with the best trial's params."""
    return f"{job.name}-refit"


def made_by(context: Context, item: FromStep) -> StoredFolder:
    """An output of another step, by reference: a step taken from the cache names its earlier run's place."""
    job = context.jobs[item.step]
    match job:
        case Tune() if job.refit and _kind(job, item.port) is not PortKind.METRICS:
            return _trained(f"Steps.{refit_name(job)}", job, item.port)
        case Tune():
            return _best_trial(job, item.port)
        case Train():
            return _trained(f"Steps.{job.name}", job, item.port)
        case _:
            return StoredFolder(_processed(job, item.port))


def _kind(job: AnyJob, port: str) -> PortKind | None:
    return next((o.kind for o in job.outputs if o.port == port), None)


def _processed(job: AnyJob, port: str) -> Word:
    uri = get("Steps", job.name, f"ProcessingOutputConfig.Outputs['{port}'].S3Output.S3Uri")
    # A prefix `…/train` is also that of `…/train_rest`.
    twin = any(o.port != port and o.port.startswith(port) for o in job.outputs)
    return join(uri, "/") if twin else uri


def _trained(step: str, job: AnyJob, port: str) -> StoredFolder:
    if port == model_port(job):
        return StoredFolder(get(step, "ModelArtifacts.S3ModelArtifacts"), "")
    output = get(step, "OutputDataConfig.S3OutputPath")
    return StoredFolder(join(output, get(step, "TrainingJobName"), "output/output.tar.gz", on="/"), port)


def _best_trial(job: Tune, port: str) -> StoredFolder:
    step = f"Steps.{job.name}"
    output: Expression = get(step, "TrainingJobDefinition.OutputDataConfig.S3OutputPath")
    best = get(step, "BestTrainingJob.TrainingJobName")
    is_model = port == model_port(job)
    archive = "output/model.tar.gz" if is_model else "output/output.tar.gz"
    return StoredFolder(join(output, best, archive, on="/"), "" if is_model else port)


def source_uri(context: Context, source: Source) -> Word | None:
    """A source's place in S3, or None after a finding."""
    if source.local is not None:
        return f"{local_uri(context, source.local)}/"
    start = known_start(context, source.uri)
    if start and S3.fullmatch(start) is None:
        _not_ours(context, source, start)
        return None
    return text(closed(source.uri), context.facts)


def local_uri(context: Context, local: LocalData) -> str:
    """Where a submit puts a source that lies beside the spec: under its digest, so it never changes."""
    return f"{context.home.prefix}/data/{local.digest}"


def _not_ours(context: Context, source: Source, start: str) -> None:
    context.error(
        "MG313",
        f"`{start}` of source `{source.name}` cannot be read by a SageMaker job",
        source.origin,
        hint="copy or export it to S3 and name it `s3://bucket/prefix/`",
    )


def inputs(context: Context, job: AnyJob) -> tuple[tuple[DataInput, ...], tuple[tuple[str, str], ...]]:
    """The inputs that the service lays out, and those among them that arrive packed (port, folder inside)."""
    laid: list[DataInput] = []
    archives: list[tuple[str, str]] = []
    for item in job.inputs:
        place = _place(context, item)
        if place is None:
            continue
        if place.inner is not None:
            archives.append((item.port, place.inner))
        path = folders_of(job).input(item.port)
        laid.append(DataInput(name=item.port, uri=place.uri, path=path, distribution=_distribution(context, item)))
    return tuple(laid), tuple(archives)


def _place(context: Context, item: Input) -> StoredFolder | None:
    match item.source:
        case FromStep():
            return made_by(context, item.source)
        case FromSource():
            uri = source_uri(context, context.sources[item.source.source])
            return None if uri is None else StoredFolder(uri)
        case FromRegistry():
            return None  # the launcher fetches it: only the registry knows which files are the champion's
        case _:
            assert_never(item.source)


def _distribution(context: Context, item: Input) -> str:
    sharded = isinstance(item.source, FromSource) and context.sources[item.source.source].distribution == "sharded"
    return "ShardedByS3Key" if sharded else "FullyReplicated"


def outputs(context: Context, job: AnyJob) -> tuple[DataOutput, ...]:
    """The directories that a processing job leaves in S3."""
    folders = folders_of(job)
    return tuple(
        DataOutput(
            name=o.port,
            uri=context.run_path(job.name, o.port, kept=(job.name, o.port) in context.kept),
            path=folders.output(job, o.port),
        )
        for o in job.outputs
    )


@dataclass(frozen=True, slots=True)
class Prefix:
    """A bucket and the start of the keys that are read in it."""

    bucket: str
    key: str
    whole: bool = False
    """Whether the key is one file's own name, and no start of others."""

    @property
    def patterns(self) -> tuple[str, ...]:
        """The keys, as a policy says them; what looks like a file may be a folder of this name."""
        key = iam_text(self.key)
        return (key, f"{key}/*") if self.whole else (f"{key}*",)


def read_prefix(context: Context, source: Source) -> Prefix | None:
    """What of S3 has to be readable for a source; None where nothing but the run knows it."""
    if source.local is not None:
        return Prefix(context.home.bucket, f"{context.home.product}/data/")
    uri = closed(source.uri)
    prefix = prefix_of(known_start(context, uri))
    named = prefix is not None and isinstance(uri, str) and prefix.key and not uri.endswith("/")
    return replace(prefix, whole=True) if prefix and named else prefix


def closed(uri: Any) -> Any:
    """An address whose folder ends with a slash: `…/trips` is also the start of `…/trips_old`.

    API, S3DataType: S3Prefix is every object whose key begins so.
    """
    *before, last = _parts(uri)
    name = last.rpartition("/")[2] if isinstance(last, str) else ""
    if not name or _FILE.search(name) or (not before and "/" not in last.removeprefix("s3://")):
        return uri
    return Text((*before, f"{last}/")) if before else f"{last}/"


_FILE = re.compile(r"\.[A-Za-z][A-Za-z0-9]*$")
"""How a file's name ends, unlike `v1.2`."""


def prefix_of(uri: str) -> Prefix | None:
    """A bucket and a start of keys out of an address."""
    match = S3.fullmatch(uri)
    return Prefix(match[1], match[2] or "") if match else None


def placed_by_run(source: Source) -> bool:
    """Whether a run decides in which bucket a source lies."""
    start = ""
    for part in _parts(source.uri):
        if not isinstance(part, str):
            return not _in_bucket(start)
        start += part
    return False


def known_start(context: Context, uri: Value) -> str:
    """An address up to what the run says; in its bucket's name, the default of a parameter stands for it."""
    start = ""
    defaults = {p.name: p.default for p in context.plan.parameters if isinstance(p.default, str)}
    for part in _parts(uri):
        if isinstance(part, str):
            start += part
        elif _in_bucket(start):
            return start
        elif isinstance(part, Ref) and part.name in defaults:
            start += defaults[part.name]
        else:
            return ""
    return start


def _in_bucket(start: str) -> bool:
    """Whether the bucket's name has ended."""
    return "/" in start.removeprefix("s3://")


def _parts(uri: Value) -> tuple[Any, ...]:
    return uri.parts if isinstance(uri, Text) else (uri,)
