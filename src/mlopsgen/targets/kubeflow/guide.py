"""The facts of the README out of a plan, and what its commands need beside the manifests."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from mlopsgen.plan.graph import batches
from mlopsgen.plan.steps import Plan, Register
from mlopsgen.render.tokens import ImageRef, Name, Quoted, RelPath
from mlopsgen.spec.values import Ref
from mlopsgen.targets.addresses import live_places, under
from mlopsgen.targets.ir.context import Context
from mlopsgen.targets.ir.native import Pipeline
from mlopsgen.targets.ir.scoring import FOLDER, GIVEN_TIME
from mlopsgen.targets.kubeflow.confinement import container_security, pod_security
from mlopsgen.targets.kubeflow.facts import Facts
from mlopsgen.targets.kubeflow.names import labels_of
from mlopsgen.targets.kubeflow.native import (
    Address,
    Bucket,
    Copied,
    Copier,
    Forward,
    Guide,
    NeededSecret,
    Provider,
    Reach,
    Release,
    Retention,
    Scored,
    StoreKeys,
    Uploads,
    Zone,
)
from mlopsgen.targets.kubeflow.serving.batch import ScoringPipeline
from mlopsgen.targets.kubeflow.storage import INSTALLED, MOUNTS, VOLUME, Storage, Store, mounted, other_claims, starts
from mlopsgen.targets.kubeflow.training.registry import MODEL_REGISTRY
from mlopsgen.targets.kubeflow.versions import Need, least
from mlopsgen.targets.readme import Changes, SpecFolder, changes, folder_uri, readable, retention_days, run_settings
from mlopsgen.targets.uploads import is_folder, only_listed, shell_path, shell_sources


def guide_of(
    context: Context,
    facts: Facts,
    pipelines: Sequence[Pipeline],
    needed: Iterable[Need],
    *,
    scored: Sequence[ScoringPipeline],
) -> Guide:
    """The facts of the README."""
    guide = _training(context, facts, pipelines, needed)
    scorings = tuple(_scored(facts.storage, one) for one in scored)
    return replace(guide, scorings=scorings, volumes=tuple(map(Name, other_claims(context.plan, facts.storage))))


def _training(context: Context, facts: Facts, pipelines: Sequence[Pipeline], needed: Iterable[Need]) -> Guide:
    """What the README says of every product."""
    plan, options, storage, urls = context.plan, facts.options, facts.storage, _registries(facts)
    registered = next((s for s in plan.steps if isinstance(s, Register)), None)
    return Guide(
        product=Name(plan.name),
        environment=Name(plan.environment) if plan.environment else None,
        description=readable(plan.description),
        namespace=Name(options.namespace),
        endpoint=Address(options.endpoint),
        account=Name(facts.run_account),
        experiment=Name(plan.tracking.experiment),
        image=ImageRef(facts.image_name),
        built=plan.image.prebuilt is None,
        parameters=run_settings(plan),
        own_rights=_own_rights(facts),
        uploads=_uploads(facts) if any(source.local for source in plan.sources) else None,
        bucket=_bucket(facts, registered),
        shared=options.namespace != INSTALLED,
        storage=Address(storage.root),
        storage_s3=_in_s3(storage.root),
        scheme={name: storage.scheme == name for name in ("s3", "minio", "gs", "pvc")},
        claim=Name(storage.claim) if storage.claim else None,
        makes_claim=options.storage_size is not None,
        needs_claim=storage.claim is not None and options.storage_size is None,
        upload=Name(f"{plan.name}-upload"),
        on_volume=_on_volume(facts, storage.root),
        registry={name.replace("-", "_"): options.registry == name for name in ("storage", *urls)},
        registry_url=Address(url) if (url := urls.get(options.registry)) else None,
        model=Name(registered.group) if registered else None,
        approval=_waits(registered),
        retention=_retention(plan, storage),
        makes_objects=bool(facts.objects),
        timezone=Zone(options.timezone),
        private=plan.governance.private_network,
        secrets=tuple(_secrets(facts, pipelines)),
        pull_secrets=tuple(map(Name, options.pull_secrets)),
        versions=tuple(Release(title=title, stated=at, least=first) for title, at, first in least(needed, facts)),
        changes=_changes(context),
    )


def _scored(storage: Storage, one: ScoringPipeline) -> Scored:
    plan = one.lowered.context.plan
    output = under(storage.root, next(uri for flag, uri in live_places(one.service.job) if flag == "output"))
    start = starts(output) or ""
    return Scored(
        name=Name(one.service.name),
        file=RelPath(one.file),
        pipeline=Name(plan.name),
        output=folder_uri(output),
        overwrite=one.service.overwrite,
        clock=one.recurring is not None,
        parameters=run_settings(replace(plan, parameters=tuple(p for p in plan.parameters if p != GIVEN_TIME))),
        timed=GIVEN_TIME in plan.parameters,
        elsewhere=VOLUME.match(start) is not None and not f"{start}/".startswith(f"{storage.root}/"),
    )


def _changes(context: Context) -> Changes:
    """The places that the spec's block changes; keys of a deployment are in its own file."""
    files = {one.name: f"{FOLDER}/{one.name}.yaml" for one in batches(context.plan)}
    places = changes(context.options, "pipeline.yaml")
    steps = len(context.options.steps)
    return (*({**one, "file": files.get(one["at"], one["file"])} for one in places[:steps]), *places[steps:])


def _registries(facts: Facts) -> dict[str, str | None]:
    plan, options = facts.plan, facts.options
    return {
        "model-registry": options.registry_url or MODEL_REGISTRY,
        "mlflow": options.registry_url or plan.tracking.mlflow,
    }


def _retention(plan: Plan, storage: Storage) -> Retention | None:
    days, runs = retention_days(plan), storage.runs
    if days is None:
        return None
    # The whole prefix inside the bucket: the storage may be a folder of it.
    prefix = RelPath(f"{runs.partition('://')[2].partition('/')[2]}/") if runs else None
    return Retention(days=days, prefix=prefix)


def _reach(facts: Facts) -> Reach | None:
    store = facts.storage.store
    if store is None or not store.speaks_s3 or store.endpoint is None:
        return None
    return Reach(
        store=Address(store.endpoint),
        forward=_forward(store.endpoint),
        keys=_store_keys(store),
        region=Name(store.region or "us-east-1"),
    )


_INSIDE = re.compile(r"http://([a-z0-9-]+)\.([a-z0-9-]+)(?:\.svc(?:\.cluster\.local)?)(?::([0-9]+))?/?")
"""An address that only the cluster's own name service knows."""


def _bucket(facts: Facts, registered: Register | None) -> Bucket | None:
    """Data beside the spec is copied, and a version in the storage is approved, with the store's own command line."""
    approved = _waits(registered) and facts.options.registry == "storage"
    if facts.storage.claim or not (approved or any(source.local for source in facts.plan.sources)):
        return None
    google = facts.storage.scheme == "gs"
    return Bucket(command_line="the Google Cloud CLI" if google else "the AWS CLI", reach=_reach(facts))


def _own_rights(facts: Facts) -> bool:
    options = facts.options
    silent = not (options.service_account_annotations or options.storage_secret)
    return silent and facts.storage.scheme in ("s3", "gs")


def _waits(registered: Register | None) -> bool:
    return registered is not None and (isinstance(registered.approval, Ref) or registered.approval == "manual")


def _forward(endpoint: str) -> Forward | None:
    match = _INSIDE.fullmatch(endpoint)
    if match is None:
        return None
    return Forward(service=Name(match[1]), namespace=Name(match[2]), port=Name(match[3] or "80"))


def _store_keys(store: Store) -> StoreKeys | None:
    secret = store.secret
    if secret is None:
        return None
    return StoreKeys(secret=Name(secret.name), access=_in_path(secret.access_key), hidden=_in_path(secret.secret_key))


def _in_path(key: str) -> Quoted:
    """A dot in a key would be a step down (kubernetes.io/docs/reference/kubectl/jsonpath)."""
    return Quoted(key.replace(".", r"\."))


def _uploads(facts: Facts) -> Uploads:
    return Uploads(
        copied=tuple(_copied(facts)), only_listed=only_listed(facts.plan), spec_folder=SpecFolder.of(facts.plan)
    )


def _copied(facts: Facts) -> Iterator[Copied]:
    for local, whole in shell_sources(facts.plan):
        uri = f"{facts.storage.data(local)}/"
        path, folder = PurePosixPath(local.path), is_folder(local)
        above = str(path if folder else path.parent)
        name = shell_path(path.name)
        assert name is not None
        yield Copied(
            path=whole,
            uri=Address(uri),
            s3=_in_s3(uri),
            folder=folder,
            parent=shell_path(above) if above != "." else None,
            name=name,
            on_volume=_on_volume(facts, uri.rstrip("/")),
        )


def _on_volume(facts: Facts, uri: str) -> RelPath | None:
    return RelPath(mounted(uri).removeprefix(f"{MOUNTS}/")) if facts.storage.claim else None


def _in_s3(uri: str) -> Address:
    """An address as the AWS CLI takes it, which knows MinIO by its endpoint alone."""
    return Address(f"s3://{uri.removeprefix('minio://')}" if uri.startswith("minio://") else uri)


def _secrets(facts: Facts, pipelines: Sequence[Pipeline]) -> Iterator[NeededSecret]:
    """Every Secret that a step reads, or a pod that a step makes."""
    variables: dict[str, dict[str, None]] = {}
    for executor in (executor for pipeline in pipelines for executor in pipeline.executors):
        for secret in executor.platform.get("secretAsEnv", ()):
            variables.setdefault(secret["secretName"], {}).update(
                {key["secretKey"]: None for key in secret["keyToEnv"]}
            )
    for item in facts.objects:
        for one in item.body.pod.env:
            if "valueFrom" in one:
                reference = one["valueFrom"]["secretKeyRef"]
                variables.setdefault(reference["name"], {})[reference["key"]] = None
    for name, keys in sorted(variables.items()):
        yield NeededSecret(name=Name(name), keys=tuple(map(Name, sorted(keys))))


def copier(context: Context, facts: Facts) -> Copier | None:
    """A pod that mounts the volume: nobody else makes the product's folder there for its steps to write to."""
    claim = facts.storage.claim
    if claim is None:
        return None
    return Copier(
        name=f"{context.plan.name}-upload",
        namespace=facts.options.namespace,
        labels=dict(labels_of(context.plan)),
        image=facts.image_name,
        pull_secrets=tuple({"name": name} for name in facts.options.pull_secrets),
        claim=claim,
        path=f"{MOUNTS}/{claim}",
        security=pod_security(writes=True),
        confined=container_security(context.plan.image),
    )


def provider(facts: Facts) -> Provider | None:
    """How Kubeflow Pipelines itself finds the store, where its own installation does not say so."""
    store = facts.storage.store
    options = facts.options
    if store is None or not store.speaks_s3 or not (options.storage_endpoint or options.storage_secret):
        return None
    secret = store.secret
    return Provider(
        namespace=options.namespace,
        root=options.storage,
        scheme=store.scheme,
        endpoint=re.sub(r"^https?://", "", store.endpoint) if store.endpoint else "s3.amazonaws.com",
        plain=bool(store.endpoint and store.endpoint.startswith("http://")),
        region=store.region,
        secret={"name": secret.name, "access": secret.access_key, "secret": secret.secret_key} if secret else None,
    )
