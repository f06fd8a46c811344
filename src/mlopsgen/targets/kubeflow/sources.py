"""Where sources lie, and which of these places Kubeflow Pipelines brings to a step."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlopsgen.plan.steps import AnyJob, FromSource, Source
from mlopsgen.records import dataclass
from mlopsgen.spec.values import Ref, Text
from mlopsgen.targets.addresses import by_default
from mlopsgen.targets.ir.context import Context
from mlopsgen.targets.kubeflow.releases import ISOLATED, release
from mlopsgen.targets.kubeflow.storage import INSTALLED, VOLUME, Storage, Store, opens_store

READ = re.compile(r"(?:s3|minio|gs)://[a-z0-9][a-z0-9._-]{1,61}[a-z0-9](?:/.*)?", re.DOTALL)
ROOT = re.compile(r"(?:s3|minio|gs)://[^/]+/*")
"""A bucket and nothing in it: KFP's launcher refuses an empty key (kubeflow/pipelines, objectstore/config.go)."""
BUCKET = re.compile(r"(s3|minio|gs)://([a-z0-9._-]+)(/.*)?", re.DOTALL)
OWN_BUCKET = "mlpipeline"
"""The bucket of Kubeflow's own store."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a source cannot be brought to a step, and what to do."""

    message: str
    hint: str


def address(context: Context, storage: Storage, source: Source) -> str | Text | Ref | None:
    """A source's address, after a finding where Kubeflow Pipelines cannot read it."""
    if source.local is not None:
        uri = storage.data(source.local)
        return Text((f"{uri}/",)) if storage.claim else f"{uri}/"
    if isinstance(source.uri, str) and VOLUME.fullmatch(source.uri):
        return Text((source.uri,))
    trouble = next(_troubles(context, storage, source), None)
    if trouble is not None:
        context.error("MG313", trouble.message, source.origin, hint=trouble.hint)
    return source.uri


def _troubles(context: Context, storage: Storage, source: Source) -> Iterator[Trouble]:
    uri = by_default(context.plan, source.uri)
    start = uri.parts[0] if isinstance(uri, Text) else uri
    if not isinstance(start, str):
        return
    if VOLUME.match(start):
        if isinstance(source.uri, Ref):
            yield Trouble(
                f"`{start}` of source `{source.name}` lies on a volume, which a run cannot choose",
                "write the address where the source stands",
            )
        return
    if isinstance(uri, str) and ROOT.fullmatch(uri):
        yield Trouble(
            f"`{uri}` of source `{source.name}` is a whole bucket, which Kubeflow Pipelines cannot bring to a step",
            "name a folder in it: what lies at its root has to be moved there",
        )
    if not READ.match(start):
        yield Trouble(
            f"`{uri}` of source `{source.name}` cannot be read by Kubeflow Pipelines",
            "copy it to the store and name it `s3://`, `minio://` or `gs://`, or to a volume: `pvc://claim/path`",
        )
    elif _unknown_store(storage, start):
        yield Trouble(
            f"Kubeflow Pipelines would ask AWS for `{uri}` of source `{source.name}`: it knows the address of "
            f"{_root(storage)} for that bucket alone",
            "copy it into that bucket",
        )
    elif _two_stores(context, storage, source, start):
        yield Trouble(
            f"a step that reads `{uri}` of source `{source.name}` also opens the store, and one container knows one "
            "store that speaks S3",
            "copy it into the store, or read it in a step of its own: `data.prepare`",
        )
    elif closed := forbidden_key(storage.artifacts, start):
        yield Trouble(f"{closed}: `{uri}` of source `{source.name}`", "copy it to where they may")


def _bucket(uri: str) -> tuple[str, str]:
    match = BUCKET.match(uri)
    return (match[1], match[2]) if match else ("", "")


def _root(storage: Storage) -> str:
    return "Kubeflow's own store" if storage.claim else f"`{storage.options.storage}`"


def _unknown_store(storage: Storage, uri: str) -> bool:
    """Whether an address needs an endpoint that KFP's launcher has for the storage's own bucket alone.

    It opens any other with what its environment says (kubeflow/pipelines, component/launcher_v2.go,
    fetchNonDefaultBuckets), and no variable asks it for the path-style addresses that such stores are called by.
    """
    artifacts = storage.artifacts
    here = (artifacts.scheme, OWN_BUCKET) if storage.claim else _bucket(storage.options.storage)
    scheme, bucket = _bucket(uri)
    if (scheme, bucket) == here:
        return False
    return scheme == "minio" or (scheme == "s3" and artifacts.scheme == "s3" and artifacts.endpoint is not None)


def _two_stores(context: Context, storage: Storage, source: Source, uri: str) -> bool:
    """Whether a step that reads AWS has the address of another store in its environment."""
    store = storage.store
    if store is None or store.scheme != "minio" or not uri.startswith("s3://"):
        return False
    return any(opens_store(job) and source.name in _read(job) for job in context.jobs.values())


def _read(job: AnyJob) -> Iterator[str]:
    return (item.source.source for item in job.inputs if isinstance(item.source, FromSource))


def other_bucket(context: Context, storage: Storage, job: AnyJob) -> bool:
    """Whether a step reads S3 beside the storage's bucket: KFP's launcher then looks for keys in its environment."""
    if storage.store is None or storage.store.scheme != "s3":
        return False
    starts = (_start(context, context.sources[name]) for name in _read(job))
    return any(one.startswith("s3://") and _bucket(one) != _bucket(storage.options.storage) for one in starts)


def _start(context: Context, source: Source) -> str:
    uri = by_default(context.plan, source.uri)
    first = uri.parts[0] if isinstance(uri, Text) else uri
    return first if isinstance(first, str) and source.local is None else ""


def forbidden_key(store: Store, uri: str) -> str | None:
    """Why a namespace's keys may not touch an address in Kubeflow's own store, where several users share it.

    kubeflow/pipelines, pipelines-profile-controller/sync.py, put_user_policy.
    """
    options = store.options
    shared = options.storage_endpoint is None and options.namespace != INSTALLED
    if not (shared and uri.startswith("minio://") and release(options.versions.pipelines) >= ISOLATED):
        return None
    ours = tuple(f"{OWN_BUCKET}/{folder}" for folder in allowed(options.namespace))
    if f"{uri.removeprefix('minio://')}/".startswith(ours):
        return None
    return f"Kubeflow's own store lets `{options.namespace}` into {', '.join(f'`{one}`' for one in ours)} alone"


def allowed(namespace: str) -> tuple[str, ...]:
    """The folders of Kubeflow's own bucket that a namespace may read and write."""
    return (f"private-artifacts/{namespace}/", f"private/{namespace}/", "artifacts/", "shared/")
