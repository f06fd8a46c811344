"""What the README says: commands with this product's own names in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlopsgen.plan.steps import LocalData, Register
from mlopsgen.spec.values import Ref
from mlopsgen.targets.ir.context import Context
from mlopsgen.targets.ir.native import Pipeline
from mlopsgen.targets.kubeflow.facts import Facts
from mlopsgen.targets.kubeflow.labels import labels_of
from mlopsgen.targets.kubeflow.native import Copier, Guide, NeededSecret, Provider, Upload
from mlopsgen.targets.kubeflow.registry import MODEL_REGISTRY
from mlopsgen.targets.kubeflow.storage import MOUNTS
from mlopsgen.targets.readme import readable

DAY = 86400
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._/-]*")


def guide_of(context: Context, facts: Facts, pipeline: Pipeline) -> Guide:
    """The facts of the README."""
    plan, options, storage = context.plan, facts.options, facts.storage
    registered = next((step for step in plan.steps if isinstance(step, Register)), None)
    retention = plan.governance.retention
    urls = {
        "model-registry": options.registry_url or MODEL_REGISTRY,
        "mlflow": options.registry_url or plan.tracking.mlflow,
    }
    return Guide(
        product=plan.name,
        description=readable(plan.description),
        namespace=options.namespace,
        endpoint=options.endpoint,
        account=facts.run_account,
        experiment=plan.tracking.experiment,
        image=facts.image_name,
        built=plan.image.prebuilt is None,
        required=tuple(p.name for p in plan.parameters if p.required),
        copied=tuple(_copied(facts, context)),
        uploads=any(source.local for source in plan.sources),
        endpoint_flag=options.storage_endpoint if storage.scheme in ("s3", "minio") else None,
        storage=storage.root,
        claim=storage.claim,
        makes_claim=options.storage_size is not None,
        registry=options.registry,
        registry_url=urls.get(options.registry),
        model=registered.group if registered else None,
        approval=registered is not None and (isinstance(registered.approval, Ref) or registered.approval == "manual"),
        retention_days=-(-retention // DAY) if retention else None,
        makes_objects=bool(facts.objects),
        timezone=options.timezone,
        private=plan.governance.private_network,
        secrets=tuple(_secrets(facts, pipeline)),
        pull_secrets=tuple(options.pull_secrets),
        changes=tuple(_changes(context)),
    )


def _changes(context: Context) -> Iterator[Mapping[str, str]]:
    for step in context.options.steps:
        yield {"file": "pipeline.yaml", "at": step}
    for patch in context.options.patches:
        yield {"file": patch.file, "at": patch.at}


def _secrets(facts: Facts, pipeline: Pipeline) -> Iterator[NeededSecret]:
    """Every Secret that a step reads, or a pod that a step makes."""
    found: dict[str, dict[str, None]] = {}
    for executor in pipeline.executors:
        for secret in executor.platform.get("secretAsEnv", ()):
            found.setdefault(secret["secretName"], {}).update({key["secretKey"]: None for key in secret["keyToEnv"]})
    for made in facts.objects:
        for one in made.body.pod.env:
            if "valueFrom" in one:
                reference = one["valueFrom"]["secretKeyRef"]
                found.setdefault(reference["name"], {})[reference["key"]] = None
    for name, keys in sorted(found.items()):
        yield NeededSecret(name=name, keys=tuple(sorted(keys)))


def _copied(facts: Facts, context: Context) -> Iterator[Mapping[str, Any]]:
    for source in context.plan.sources:
        local = source.local
        if local is not None and _PLAIN.fullmatch(local.path) and "//" not in local.path:
            yield {"path": local.path, "uri": f"{facts.storage.data(local)}/", "folder": is_folder(local)}


def is_folder(local: LocalData) -> bool:
    """Whether a source is a folder: a file's only name is its own."""
    return local.files != (local.path.rstrip("/").rsplit("/", 1)[-1],)


def uploads(context: Context, facts: Facts) -> Iterator[Upload]:
    """Every file beside the spec that has to be in the storage before a run."""
    for source in context.plan.sources:
        local = source.local
        for name in local.files if local else ():
            assert local is not None
            path = f"{local.path}/{name}" if is_folder(local) else local.path
            yield Upload(path=path, uri=f"{facts.storage.data(local)}/{name}")


def copier(context: Context, facts: Facts) -> Copier | None:
    """A pod that mounts the volume, where data beside the spec belongs on one."""
    claim = facts.storage.claim
    if claim is None or not any(source.local for source in context.plan.sources):
        return None
    return Copier(
        name=f"{context.plan.name}-upload",
        namespace=facts.options.namespace,
        labels=dict(labels_of(context.plan)),
        image=facts.image_name,
        pull_secrets=tuple({"name": name} for name in facts.options.pull_secrets),
        claim=claim,
        path=f"{MOUNTS}/{claim}",
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
        region=options.region,
        secret={"name": secret.name, "access": secret.access_key, "secret": secret.secret_key} if secret else None,
    )
