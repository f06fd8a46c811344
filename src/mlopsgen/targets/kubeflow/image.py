"""The one image of a product: its name in the registry, and what this target adds to it."""

from __future__ import annotations

from mlopsgen.plan.graph import all_jobs
from mlopsgen.plan.steps import Plan, Register, Train, Tune
from mlopsgen.targets.image import content_tag, requirements_of_uris
from mlopsgen.targets.kubeflow.confinement import USER
from mlopsgen.targets.kubeflow.options import KubeflowOptions
from mlopsgen.targets.kubeflow.storage import Storage, opens_store, reads_registry
from mlopsgen.targets.kubeflow.training.katib import by_katib
from mlopsgen.targets.kubeflow.training.registry import registry_root

UNKNOWN = "unknown.invalid"
"""Where images are pushed to while nobody has said it: a finding says so."""


def image_uri(plan: Plan, options: KubeflowOptions, storage: Storage) -> str:
    """The image that every step runs: one that exists, the pushed one by digest, or by its content's tag."""
    if plan.image.prebuilt is not None:
        return plan.image.prebuilt
    tag = content_tag(plan.image, user=USER, extra=extra_requirements(plan, options, storage))
    return plan.image.lock.pushed_image(f"{options.images or UNKNOWN}/{plan.name}:{tag}")


def extra_requirements(plan: Plan, options: KubeflowOptions, storage: Storage) -> tuple[str, ...]:
    """What the image needs beside the user's own requirements, for this platform alone."""
    uris: list[str] = []
    registers = tuple(step for step in plan.steps if isinstance(step, Register))
    for step in (*registers, *all_jobs(plan)):
        if isinstance(step, Register) or reads_registry(step):
            uris += [registry_root(plan, storage), storage.place]
        elif opens_store(step):
            uris.append(storage.place)
        if _elsewhere(step, options):
            uris.append(f"{storage.artifacts.scheme}:")
    return requirements_of_uris(dict.fromkeys(uris)) if uris else ()


def _elsewhere(step: object, options: KubeflowOptions) -> bool:
    """Whether pods outside the pipeline read and write the store for this step."""
    if isinstance(step, Tune) and by_katib(step, options):
        return True
    return isinstance(step, Train | Tune) and step.distributed is not None
