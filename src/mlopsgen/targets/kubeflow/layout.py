"""Which file is printed by which template."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from mlopsgen.render.job import Copy, FileJob, patched
from mlopsgen.render.tokens import Name, RelPath
from mlopsgen.targets.image import image_files
from mlopsgen.targets.ir.template_values import pipeline_values
from mlopsgen.targets.kubeflow.confinement import USER
from mlopsgen.targets.kubeflow.native import KubeflowNative
from mlopsgen.targets.kubeflow.pods import Nodes, Search
from mlopsgen.targets.template_values import plain

MANIFESTS: Mapping[str, str] = {
    "serviceaccounts.yaml": "What the pods of a run act as",
    "rbac.yaml": "What they may do in the cluster: what a run needs, and no more",
    "access.yaml": "Which groups may deploy, and which may start runs",
    "networkpolicy.yaml": "Whom the pods reach, and who reaches them",
}


def layout(native: KubeflowNative) -> Sequence[FileJob | Copy]:
    """The bundle, file by file."""
    return patched(_jobs(native), native.patches)


def _jobs(native: KubeflowNative) -> Iterator[FileJob | Copy]:
    for file, pipeline in native.pipelines.items():
        yield FileJob(file, "pipeline.yaml.j2", {"pipeline": pipeline_values(pipeline)})
    around = native.around
    for name in around.files:
        yield FileJob(f"manifests/{name}", f"{name}.j2", {"around": around})
    if around.volume is not None:
        yield FileJob("volume.yaml", "volume.yaml.j2", {"around": around})
    for item in native.objects:
        yield FileJob(f"manifests/{item.path}", item.template, {"object": plain(item.body)})
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
        yield FileJob("uploads.json", "_shared/uploads.json.j2", {"uploads": native.uploads})
    yield FileJob("submit.py", "submit.py.j2", {"scores": len(native.pipelines) > 1})
    yield FileJob("README.md", "README.md.j2", _readme(native))
    yield from image_files(native.image, user=USER, extra=native.requirements)


def _readme(native: KubeflowNative) -> dict[str, object]:
    """The README's values: words of a command line are proved to be plain words."""
    around = native.around
    return {
        "guide": native.guide,
        "manifests": tuple({"name": RelPath(name), "what": MANIFESTS[name]} for name in around.files),
        "objects": tuple(RelPath(item.path) for item in native.objects),
        "searches": any(isinstance(item.body, Search) for item in native.objects),
        "runtimes": tuple(Name(item.body.runtime) for item in native.objects if isinstance(item.body, Nodes)),
        "runs": tuple(
            {"name": Name(run.trigger), "title": Name(run.name), "when": run.description} for run in native.recurring
        ),
        "launcher": native.provider is not None,
    }
