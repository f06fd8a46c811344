"""Which file is printed by which template."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from mlopsgen.render.job import Copy, FileJob, patched
from mlopsgen.render.tokens import ImageRef, Name, RelPath, Token
from mlopsgen.targets.image import image_files
from mlopsgen.targets.ir.shown import shown
from mlopsgen.targets.kubeflow.made import Nodes, Search
from mlopsgen.targets.kubeflow.native import Guide, Native
from mlopsgen.targets.kubeflow.show import plain

MANIFESTS: Mapping[str, str] = {
    "serviceaccounts.yaml": "What the pods of a run act as",
    "rbac.yaml": "What they may do in the cluster: what a run needs, and no more",
    "access.yaml": "Which groups may deploy, and which may start runs",
    "networkpolicy.yaml": "Whom the pods reach, and who reaches them",
    "volume.yaml": "The volume that data, state and registered models lie on",
}


class Address(Token):
    """An address that a command line takes as one plain word."""

    __slots__ = ()
    pattern: ClassVar[str] = r"(?:https?|s3|minio|gs|pvc)://[A-Za-z0-9._:/~-]+"
    noun: ClassVar[str] = "address"


class Zone(Token):
    """A time zone's name."""

    __slots__ = ()
    pattern: ClassVar[str] = r"[A-Za-z][A-Za-z0-9_+/-]*"
    noun: ClassVar[str] = "time zone"


def layout(native: Native) -> Sequence[FileJob | Copy]:
    """The bundle, file by file."""
    return patched(_jobs(native), native.patches)


def _jobs(native: Native) -> Iterator[FileJob | Copy]:
    yield FileJob("pipeline.yaml", "pipeline.yaml.j2", {"pipeline": shown(native.pipeline)})
    around = native.around
    for name in around.files:
        yield FileJob(f"manifests/{name}", f"{name}.j2", {"around": around})
    for made in native.objects:
        yield FileJob(f"manifests/{made.path}", made.template, {"object": plain(made.body)})
    yield FileJob("manifests/kustomization.yaml", "kustomization.yaml.j2", {"around": around, "files": around.files})
    for run in native.recurring:
        yield FileJob(f"recurring-runs/{run.trigger}.json", "recurring-run.json.j2", {"run": run})
    if native.provider is not None:
        launcher = FileJob("providers.yaml", "providers.yaml.j2", {"provider": native.provider})
        values = {"provider": native.provider}
        yield FileJob("kfp-launcher.yaml", "kfp-launcher.yaml.j2", values, embed={"providers": launcher})
    if native.copier is not None:
        yield FileJob("upload-pod.yaml", "upload-pod.yaml.j2", {"upload": native.copier})
    if native.uploads:
        yield FileJob("uploads.json", "uploads.json.j2", {"uploads": native.uploads})
    yield FileJob("README.md", "README.md.j2", _readme(native))
    yield from image_files(native.image, extra=native.requirements)


def _readme(native: Native) -> dict[str, object]:
    """The README's values: words of a command line are proved to be plain words."""
    around = native.around
    return {
        "guide": _guide(native.guide),
        "manifests": tuple({"name": RelPath(name), "what": MANIFESTS[name]} for name in around.files),
        "objects": tuple(RelPath(made.path) for made in native.objects),
        "searches": any(isinstance(made.body, Search) for made in native.objects),
        "runtimes": tuple(Name(made.body.runtime) for made in native.objects if isinstance(made.body, Nodes)),
        "runs": tuple({"name": Name(run.trigger), "title": Name(run.name)} for run in native.recurring),
        "launcher": native.provider is not None,
        "changes": native.guide.changes,
    }


def _guide(guide: Guide) -> dict[str, object]:
    return {
        "product": Name(guide.product),
        "description": guide.description,
        "namespace": Name(guide.namespace),
        "endpoint": Address(guide.endpoint),
        "account": Name(guide.account),
        "experiment": Name(guide.experiment),
        "image": ImageRef(guide.image),
        "built": guide.built,
        "required": tuple(Name(name) for name in guide.required),
        "copied": tuple(
            {
                "path": RelPath(one["path"]),
                "uri": Address(one["uri"]),
                "s3": Address(in_s3(one["uri"])),
                "folder": one["folder"],
            }
            for one in guide.copied
        ),
        "uploads": guide.uploads,
        "store": guide.endpoint_flag and Address(guide.endpoint_flag),
        "storage": Address(guide.storage),
        "storage_s3": Address(in_s3(guide.storage)),
        "scheme": _scheme(guide.storage),
        "claim": guide.claim and Name(guide.claim),
        "upload": Name(f"{guide.product}-upload"),
        "makes_claim": guide.makes_claim,
        "needs_claim": guide.claim is not None and not guide.makes_claim,
        **_registry(guide),
        "approval": guide.approval,
        "retention_days": guide.retention_days,
        "makes_objects": guide.makes_objects,
        "timezone": Zone(guide.timezone),
        "private": guide.private,
        "secrets": tuple({"name": Name(one.name), "keys": tuple(map(Name, one.keys))} for one in guide.secrets),
        "pull_secrets": tuple(map(Name, guide.pull_secrets)),
    }


def _registry(guide: Guide) -> dict[str, object]:
    """Which registry it is, so that a template need not compare."""
    return {
        "registry_url": guide.registry_url and Address(guide.registry_url),
        "in_storage": guide.registry == "storage",
        "in_model_registry": guide.registry == "model-registry",
        "in_mlflow": guide.registry == "mlflow",
        "model": guide.model and Name(guide.model),
    }


def in_s3(uri: str) -> str:
    """An address as the AWS CLI takes it, which knows MinIO by its endpoint alone."""
    return f"s3://{uri.removeprefix('minio://')}" if uri.startswith("minio://") else uri


def _scheme(storage: str) -> dict[str, bool]:
    """The kind of storage, so that a template need not compare."""
    found = storage.partition("://")[0]
    return {name: found == name for name in ("s3", "minio", "gs", "pvc")}
