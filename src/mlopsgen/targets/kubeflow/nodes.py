"""What a step's pod asks of its node: amounts, accelerators, and which nodes it may go to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from mlopsgen.diagnostics import SpecPath
from mlopsgen.plan.steps import AnyJob, Gpu, Tune
from mlopsgen.records import dataclass
from mlopsgen.spec.values import Ref
from mlopsgen.targets.ir.context import Context
from mlopsgen.targets.ir.native import Accelerator, Resources, cpu_text, memory_text
from mlopsgen.targets.kubeflow import options as kubeflow_options
from mlopsgen.targets.kubeflow.names import LABEL_KEY, LABEL_VALUE
from mlopsgen.targets.kubeflow.options import KubeflowOptions, Nodes, Toleration

INSTANCE_TYPE = "node.kubernetes.io/instance-type"
"""The label that every cloud's nodes have (kubernetes.io/docs/reference/labels-annotations-taints)."""
GPU = "nvidia.com/gpu"
SHARED_MEMORY: Mapping[str, str] = {
    "volumeName": "shared-memory",
    "mountPath": "/dev/shm",  # noqa: S108 - where Linux has it
    "medium": "Memory",
}
"""What processes of a step with accelerators hand each other: a container has 64 MiB of it, which NCCL and PyTorch's
loaders run out of (docs.nvidia.com/deeplearning/nccl/user-guide, "Shared memory"; docs.pytorch.org/docs/stable/data).
Not `enabledSharedMemory`: no driver reads it (kubeflow/pipelines 2.17, backend/src/v2/driver/k8s.go)."""

GOOGLE: Mapping[str, str] = {
    "t4": "nvidia-tesla-t4",
    "v100": "nvidia-tesla-v100",
    "p100": "nvidia-tesla-p100",
    "p4": "nvidia-tesla-p4",
    "l4": "nvidia-l4",
    "a100": "nvidia-tesla-a100",
    "a100-40gb": "nvidia-tesla-a100",
    "a100-80gb": "nvidia-a100-80gb",
    "h100": "nvidia-h100-80gb",
}
"""Kind → the value of cloud.google.com/gke-accelerator (cloud.google.com/kubernetes-engine/docs/concepts/gpus)."""
PRODUCTS: Mapping[str, str] = {
    "t4": "Tesla-T4",
    "v100": "Tesla-V100-SXM2-16GB",
    "l4": "NVIDIA-L4",
    "a10": "NVIDIA-A10",
    "a10g": "NVIDIA-A10G",
    "a100": "NVIDIA-A100-SXM4-80GB",
    "a100-40gb": "NVIDIA-A100-SXM4-40GB",
    "a100-80gb": "NVIDIA-A100-SXM4-80GB",
    "h100": "NVIDIA-H100-80GB-HBM3",
}
"""Kind → the value of nvidia.com/gpu.product, which NVIDIA's feature discovery labels nodes with on any cloud."""


@cache
def _spot_nodes() -> Mapping[str, Nodes]:
    """Cloud → its spot nodes. A model's first instance costs its validator, which most compiles do without."""
    return {
        # docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html
        "aws": Nodes(labels={"eks.amazonaws.com/capacityType": "SPOT"}),
        # learn.microsoft.com/azure/aks/spot-node-pool
        "azure": Nodes(
            labels={"kubernetes.azure.com/scalesetpriority": "spot"},
            tolerations=(Toleration(key="kubernetes.azure.com/scalesetpriority", value="spot"),),
        ),
        # cloud.google.com/kubernetes-engine/docs/concepts/spot-vms
        "gcp": Nodes(
            labels={"cloud.google.com/gke-spot": "true"},
            tolerations=(Toleration(key="cloud.google.com/gke-spot", value="true"),),
        ),
    }


CAPACITY = "karpenter.sh/capacity-type"
"""Karpenter's label of spot nodes (karpenter.sh/docs/concepts/scheduling)."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Which nodes a pod may go to."""

    labels: tuple[tuple[str, str], ...] = ()
    tolerations: tuple[Toleration, ...] = ()

    def platform(self) -> dict[str, Any]:
        """As the platform's document has it."""
        keys: dict[str, Any] = {}
        if self.labels:
            keys["nodeSelector"] = {"labels": dict(self.labels)}
        if self.tolerations:
            keys["tolerations"] = [toleration(one) for one in self.tolerations]
        return keys

    def pod(self) -> dict[str, Any]:
        """As a pod has it."""
        keys: dict[str, Any] = {}
        if self.labels:
            keys["nodeSelector"] = dict(self.labels)
        if self.tolerations:
            keys["tolerations"] = [toleration(one) for one in self.tolerations]
        return keys


def toleration(one: Toleration) -> dict[str, str]:
    """A toleration as Kubernetes has it."""
    value = {"operator": "Exists"} if one.value is None else {"operator": "Equal", "value": one.value}
    return {"key": one.key, **value, "effect": one.effect}


def placed(context: Context, job: AnyJob) -> Placement:
    """The nodes that a step's pods go to; what nobody can say is a finding."""
    kinds = [*_machine(context, job), *_accelerated(context, job), *_taints(context, job), *_spot(context, job)]
    labels = {key: value for kind in kinds for key, value in kind.labels.items()}
    tolerations = dict.fromkeys(one for kind in kinds for one in _plain(kind.tolerations))
    return Placement(tuple(labels.items()), tuple(Toleration(**dict(one)) for one in tolerations))


def _plain(tolerations: tuple[Toleration, ...]) -> Iterator[tuple[tuple[str, Any], ...]]:
    for one in tolerations:
        yield (("key", one.key), ("value", one.value), ("effect", one.effect))


def _machine(context: Context, job: AnyJob) -> Iterator[Nodes]:
    machines = context.options.machines
    where = (*context.where, "machines", job.name if job.name in machines else "default")
    match machines.get(job.name) or machines.get("default"):
        case None:
            return
        case Ref():
            context.error(
                "MG301",
                f"a run parameter cannot pick the nodes of `{job.name}`: a selector is part of the pipeline",
                where,
                hint="write the machine type, and another one in an environment",
            )
        case str() as machine:
            yield Nodes(labels=_labels(context, machine, where))


def _labels(context: Context, machine: str, where: SpecPath) -> dict[str, str]:
    """`Standard_D8s_v5` is an instance type, `pool=gpu` a label."""
    key, equals, value = machine.partition("=")
    key, value = (key, value) if equals else (INSTANCE_TYPE, machine)
    if not LABEL_KEY.fullmatch(key) or not LABEL_VALUE.fullmatch(value):
        message = f"`{machine}` is neither an instance type nor a label of nodes"
        context.error("MG307", message, where, hint="`Standard_D8s_v5`, or `<label>=<value>`")
        return {}
    return {key: value}


def _accelerated(context: Context, job: AnyJob) -> Iterator[Nodes]:
    gpu = job.resources.gpu
    if gpu is None or gpu.kind is None or _names_node(context, job):
        return
    options = _options(context)
    nodes = options.gpus.get(gpu.kind) or _known(options, gpu)
    if nodes is None:
        kinds = sorted({*options.gpus, *PRODUCTS})
        hint = f"`targets.kubeflow.gpus.{gpu.kind}: {{labels: {{…}}}}` says it; known: {', '.join(kinds)}"
        message = f"nobody says which nodes have a `{gpu.kind}`"
        context.error("MG307", message, (*job.resources.origin, "gpu"), hint=hint)
        return
    if gpu.kind == "a100" and gpu.kind not in options.gpus:
        memory = 40 if options.cloud == "gcp" else 80
        context.note(
            f"an `a100` has 40 or 80 GB of memory, and nodes with {memory} are asked for",
            (*job.resources.origin, "gpu"),
            hint="`a100-40gb` or `a100-80gb`",
        )
    yield nodes


def _taints(context: Context, job: AnyJob) -> Iterator[Nodes]:
    """What keeps other pods off nodes with accelerators, however the node was named.

    The cluster adds the first itself where its plug-in ExtendedResourceToleration is on
    (kubernetes.io/docs/reference/access-authn-authz/admission-controllers); the second is what AKS's pages have
    people taint their pools with (learn.microsoft.com/azure/aks/use-nvidia-gpu).
    """
    if job.resources.gpu is None:
        return
    options = _options(context)
    nodes = options.gpus.get(job.resources.gpu.kind or "")
    tolerations = [Toleration(key=nodes.resource if nodes else GPU)]
    if options.cloud == "azure":
        tolerations.append(Toleration(key="sku", value="gpu"))
    yield Nodes(tolerations=tuple(tolerations))


def _names_node(context: Context, job: AnyJob) -> bool:
    return job.name in context.options.machines


def _known(options: KubeflowOptions, gpu: Gpu) -> kubeflow_options.Accelerator | None:
    kind = gpu.kind or ""
    if options.cloud == "gcp" and kind in GOOGLE:
        return kubeflow_options.Accelerator(labels={"cloud.google.com/gke-accelerator": GOOGLE[kind]})
    if kind in PRODUCTS:
        return kubeflow_options.Accelerator(labels={"nvidia.com/gpu.product": PRODUCTS[kind]})
    return None


def _spot(context: Context, job: AnyJob) -> Iterator[Nodes]:
    options = _options(context)
    if not job.resources.spot:
        return
    nodes = options.spot or _known_spot(options)
    if nodes is None:
        context.error(
            "MG307",
            f"nobody says which nodes are spot nodes, which `{job.name}` asks for",
            (*job.resources.origin, "spot"),
            hint="of `targets.kubeflow`: `cloud: aws | azure | gcp`, `karpenter: true` or `spot: {labels: {…}}`",
        )
        return
    yield nodes


def _known_spot(options: KubeflowOptions) -> Nodes | None:
    nodes = _spot_nodes().get(options.cloud or "")
    if not options.karpenter:
        return nodes
    return Nodes(labels={CAPACITY: "spot"}, tolerations=nodes.tolerations if nodes else ())


def resources_of(context: Context, job: AnyJob) -> Resources:
    """Amounts of one machine as limits and requests, accelerators as a limit."""
    if job.resources.disk is not None:
        context.note(
            f"Kubeflow Pipelines asks a node for no disk: `{job.name}` has what its node has",
            (*job.resources.origin, "disk"),
            hint=_volume_hint(job),
        )
    cpu = None if job.resources.cpu is None else cpu_text(job.resources.cpu)
    memory = None if job.resources.memory is None else memory_text(job.resources.memory)
    return Resources(
        cpu_limit=cpu,
        cpu_request=cpu,
        memory_limit=memory,
        memory_request=memory,
        accelerator=accelerator_of(context, job),
    )


def _volume_hint(job: AnyJob) -> str:
    """Where its own volume is said: a step with nodes or trials of its own only waits for them."""
    if job.resources.nodes != 1:
        return "a volume of the nodes: a patch of `volumes` in the step's `manifests/…-trainjob.json`"
    if isinstance(job, Tune):
        named = f"`targets.kubeflow.steps.{job.name}-trial.genericEphemeralVolume`"
        return (
            f"a volume of each trial: {named}; where Katib searches, a patch of `manifests/{job.name}-experiment.json`"
        )
    return f"a volume of its own: `targets.kubeflow.steps.{job.name}.genericEphemeralVolume`"


def accelerator_of(context: Context, job: AnyJob) -> Accelerator | None:
    """What the container is limited by."""
    gpu = job.resources.gpu
    if gpu is None:
        return None
    nodes = _options(context).gpus.get(gpu.kind or "")
    return Accelerator(type=nodes.resource if nodes else GPU, count=gpu.count)


def _options(context: Context) -> KubeflowOptions:
    assert isinstance(context.options, KubeflowOptions)
    return context.options
