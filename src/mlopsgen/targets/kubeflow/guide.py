"""The facts of the README out of a plan, and what its commands need beside the manifests."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from mlopsgen.plan.steps import Register
from mlopsgen.render.tokens import ImageRef, Name, RelPath
from mlopsgen.spec.values import Ref
from mlopsgen.targets.ir.context import Context
from mlopsgen.targets.ir.native import Pipeline
from mlopsgen.targets.kubeflow.confinement import container_security, pod_security
from mlopsgen.targets.kubeflow.facts import Facts
from mlopsgen.targets.kubeflow.names import labels_of
from mlopsgen.targets.kubeflow.native import Address, Copied, Copier, Guide, NeededSecret, Provider, Release, Zone
from mlopsgen.targets.kubeflow.storage import MOUNTS, mounted
from mlopsgen.targets.kubeflow.training.registry import MODEL_REGISTRY
from mlopsgen.targets.kubeflow.versions import Need, least
from mlopsgen.targets.readme import changes, readable, retention_days
from mlopsgen.targets.uploads import is_folder, plain_sources


def guide_of(context: Context, facts: Facts, pipeline: Pipeline, needed: Iterable[Need]) -> Guide:
    """The facts of the README."""
    plan, options, storage = context.plan, facts.options, facts.storage
    registered = next((step for step in plan.steps if isinstance(step, Register)), None)
    urls = {
        "model-registry": options.registry_url or MODEL_REGISTRY,
        "mlflow": options.registry_url or plan.tracking.mlflow,
    }
    return Guide(
        product=Name(plan.name),
        description=readable(plan.description),
        namespace=Name(options.namespace),
        endpoint=Address(options.endpoint),
        account=Name(facts.run_account),
        experiment=Name(plan.tracking.experiment),
        image=ImageRef(facts.image_name),
        built=plan.image.prebuilt is None,
        required=tuple(Name(p.name) for p in plan.parameters if p.required),
        copied=tuple(_copied(facts)),
        uploads=any(source.local for source in plan.sources),
        store=_store(facts),
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
        approval=registered is not None and (isinstance(registered.approval, Ref) or registered.approval == "manual"),
        retention_days=retention_days(plan),
        makes_objects=bool(facts.objects),
        timezone=Zone(options.timezone),
        private=plan.governance.private_network,
        secrets=tuple(_secrets(facts, pipeline)),
        pull_secrets=tuple(map(Name, options.pull_secrets)),
        versions=tuple(Release(title=title, stated=at, least=first) for title, at, first in least(needed, facts)),
        changes=changes(context.options, "pipeline.yaml"),
    )


def _store(facts: Facts) -> Address | None:
    at = facts.options.storage_endpoint if facts.storage.scheme in ("s3", "minio") else None
    return Address(at) if at else None


def _copied(facts: Facts) -> Iterator[Copied]:
    for local in plain_sources(facts.plan):
        uri = f"{facts.storage.data(local)}/"
        path, folder = PurePosixPath(local.path), is_folder(local)
        yield Copied(
            path=RelPath(local.path),
            uri=Address(uri),
            s3=_in_s3(uri),
            folder=folder,
            parent=RelPath(above) if (above := str(path if folder else path.parent)) != "." else None,
            name=RelPath(path.name),
            on_volume=_on_volume(facts, uri.rstrip("/")),
        )


def _on_volume(facts: Facts, uri: str) -> RelPath | None:
    return RelPath(mounted(uri).removeprefix(f"{MOUNTS}/")) if facts.storage.claim else None


def _in_s3(uri: str) -> Address:
    """An address as the AWS CLI takes it, which knows MinIO by its endpoint alone."""
    return Address(f"s3://{uri.removeprefix('minio://')}" if uri.startswith("minio://") else uri)


def _secrets(facts: Facts, pipeline: Pipeline) -> Iterator[NeededSecret]:
    """Every Secret that a step reads, or a pod that a step makes."""
    variables: dict[str, dict[str, None]] = {}
    for executor in pipeline.executors:
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
