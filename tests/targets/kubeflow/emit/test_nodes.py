"""Which nodes a step goes to, and what it asks of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .made import made, refused


def training(**resources: Any) -> dict[str, Any]:
    return {"training": {"run": "train.py", "resources": resources}}


def test_amounts_are_requests_and_limits(tmp_path: Path) -> None:
    asked = made(tmp_path, training(cpu=0.5, memory="16Gi")).container("training")["resources"]
    assert asked["resourceCpuLimit"] == asked["resourceCpuRequest"] == "500m"
    assert asked["resourceMemoryLimit"] == asked["resourceMemoryRequest"] == "16Gi"
    assert "resources" not in made(tmp_path).container("training")


def test_a_machine_is_an_instance_type_or_a_label(tmp_path: Path) -> None:
    spec = {"steps": {"clean": {"run": "clean.py", "outputs": {"x": "report"}}}}
    bundle = made(tmp_path, spec, machines={"default": "Standard_D8s_v5", "training": "pool=gpu"})
    assert bundle.told("training")["nodeSelector"] == {"labels": {"pool": "gpu"}}
    assert bundle.told("clean")["nodeSelector"] == {"labels": {"node.kubernetes.io/instance-type": "Standard_D8s_v5"}}


@pytest.mark.parametrize(
    ("machines", "found"),
    [
        ({"training": "two words"}, ("MG307", "targets.kubeflow.machines.training")),
        ({"trainig": "m5.xlarge"}, ("MG309", "targets.kubeflow.machines.trainig")),
        ({"training": "${parameters.machine}"}, ("MG301", "targets.kubeflow.machines.training")),
    ],
)
def test_other_machines_are_refused(tmp_path: Path, machines: dict[str, str], found: tuple[str, str]) -> None:
    spec = {"parameters": {"machine": {"type": "string", "default": "m5.xlarge"}}}
    assert found in refused(tmp_path, spec, machines=machines)


@pytest.mark.parametrize(
    ("cloud", "labels", "taint"),
    [
        ("aws", {"eks.amazonaws.com/capacityType": "SPOT"}, None),
        ("azure", {"kubernetes.azure.com/scalesetpriority": "spot"}, "kubernetes.azure.com/scalesetpriority"),
        ("gcp", {"cloud.google.com/gke-spot": "true"}, "cloud.google.com/gke-spot"),
    ],
)
def test_spot_nodes_are_the_clouds(tmp_path: Path, cloud: str, labels: dict[str, str], taint: str | None) -> None:
    told = made(tmp_path, training(spot=True), cloud=cloud).told("training")
    assert told["nodeSelector"] == {"labels": labels}
    assert [one["key"] for one in told.get("tolerations", ())] == ([taint] if taint else [])
    assert all(one["effect"] == "NoSchedule" for one in told.get("tolerations", ()))


def test_spot_nodes_of_no_cloud_have_to_be_said(tmp_path: Path) -> None:
    assert refused(tmp_path, training(spot=True)) == [("MG307", "training.resources.spot")]
    spot = {"labels": {"spot": "yes"}, "tolerations": [{"key": "spot"}]}
    told = made(tmp_path, training(spot=True), spot=spot).told("training")
    assert told["tolerations"] == [{"key": "spot", "operator": "Exists", "effect": "NoSchedule"}]


def test_accelerators_are_a_limit_and_a_label(tmp_path: Path) -> None:
    bundle = made(tmp_path, training(gpu={"kind": "a100", "count": 2}))
    assert bundle.container("training")["resources"]["accelerator"]["resourceType"] == "nvidia.com/gpu"
    assert bundle.container("training")["resources"]["accelerator"]["resourceCount"] == "2"
    assert bundle.told("training")["nodeSelector"]["labels"] == {"nvidia.com/gpu.product": "NVIDIA-A100-SXM4-80GB"}
    on_google = made(tmp_path, training(gpu="t4"), cloud="gcp").told("training")
    assert on_google["nodeSelector"]["labels"] == {"cloud.google.com/gke-accelerator": "nvidia-tesla-t4"}
    gpus = {"mi300": {"resource": "amd.com/gpu", "labels": {"gpu": "mi300"}}}
    mine = made(tmp_path, training(gpu="mi300"), gpus=gpus)
    assert mine.container("training")["resources"]["accelerator"]["type"] == "amd.com/gpu"
    assert refused(tmp_path, training(gpu="mi300")) == [("MG307", "training.resources.gpu")]


@pytest.mark.parametrize("machines", [{}, {"training": "Standard_NC24ads_A100_v4"}])
def test_a_pod_with_an_accelerator_is_let_onto_its_tainted_nodes(tmp_path: Path, machines: dict[str, str]) -> None:
    """learn.microsoft.com/azure/aks/use-nvidia-gpu: `sku=gpu:NoSchedule`, which no plug-in of the cluster tolerates."""
    told = made(tmp_path, training(gpu="a100-80gb"), cloud="azure", machines=machines).told("training")
    assert told["tolerations"] == [
        {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"},
        {"key": "sku", "operator": "Equal", "value": "gpu", "effect": "NoSchedule"},
    ]
    assert "tolerations" not in made(tmp_path, training(cpu=2), cloud="azure").told("training")
    gpus = {"mi300": {"resource": "amd.com/gpu", "labels": {"gpu": "mi300"}}}
    mine = made(tmp_path, training(gpu="mi300"), gpus=gpus).told("training")
    assert [one["key"] for one in mine["tolerations"]] == ["amd.com/gpu"]


def test_an_a100_has_40_or_80_gigabytes(tmp_path: Path) -> None:
    bundle = made(tmp_path, training(gpu="a100-40gb"))
    assert bundle.told("training")["nodeSelector"]["labels"] == {"nvidia.com/gpu.product": "NVIDIA-A100-SXM4-40GB"}
    assert ("training", "resources", "gpu") not in [one.spec_path for one in bundle.found]
    assert ("training", "resources", "gpu") in [one.spec_path for one in made(tmp_path, training(gpu="a100")).found]


def test_spot_nodes_that_karpenter_makes_have_its_label(tmp_path: Path) -> None:
    """karpenter.sh/docs/concepts/scheduling: no managed node group is there to label them."""
    told = made(tmp_path, training(spot=True), cloud="aws", karpenter=True).told("training")
    assert told["nodeSelector"] == {"labels": {"karpenter.sh/capacity-type": "spot"}}
    assert made(tmp_path, training(spot=True), karpenter=True).told("training")["nodeSelector"]


def test_a_named_machine_needs_no_label_for_its_accelerator(tmp_path: Path) -> None:
    told = made(tmp_path, training(gpu="mi300"), machines={"training": "pool=gpu"}).told("training")
    assert told["nodeSelector"] == {"labels": {"pool": "gpu"}}


def test_a_disk_is_said_to_be_the_nodes(tmp_path: Path) -> None:
    (note,) = [one for one in made(tmp_path, training(disk="50Gi"), region="eu-west-1").found if one.code == "MG315"]
    assert note.spec_path == ("training", "resources", "disk")


DAY = 86400


@pytest.mark.parametrize(("timeout", "least"), [("2h", 3 * (7200 + DAY) + 60 + 120), (None, 3 * 7 * DAY)])
def test_the_last_try_of_a_long_training_is_not_ended_by_argo(tmp_path: Path, timeout: str | None, least: int) -> None:
    """Argo counts from the first try's start, and a pod may wait for a node of its kind a day each time."""
    training = {"run": "train.py", "retries": {"attempts": 2, "backoff": "1m"}, "timeout": timeout}
    bundle = made(tmp_path, {"training": {key: value for key, value in training.items() if value}})
    (policy,) = policies(bundle.pipeline)
    assert int(policy["backoffMaxDuration"].removesuffix("s")) >= least


def test_the_last_try_of_a_loops_trial_is_not_ended_by_argo(tmp_path: Path) -> None:
    """The pod's own deadline has room for all that its launcher does: Argo's has to have it for each pod."""
    search = {"metric": "f1", "trials": 3, "search": {"depth": {"int": [1, 9]}}}
    trial = {"run": "train.py", "timeout": "30m", "retries": {"attempts": 1, "backoff": "30s"}, "tuning": search}
    bundle = made(tmp_path, {"training": trial})
    (policy,) = policies(bundle.pipeline)
    pod = int(bundle.told("training-trial")["activeDeadlineSeconds"])
    assert int(policy["backoffMaxDuration"].removesuffix("s")) >= 2 * (pod + DAY) + 30


def policies(node: Any) -> Iterator[dict[str, Any]]:
    """Every retryPolicy, however deep its task lies."""
    for key, value in node.items() if isinstance(node, dict) else ():
        yield from (value,) if key == "retryPolicy" else policies(value)


def test_steps_with_accelerators_have_more_than_64_megabytes_of_shared_memory(tmp_path: Path) -> None:
    """docs.nvidia.com/deeplearning/nccl, "Shared memory"; kubeflow/pipelines, v2/driver/k8s.go, GetEmptyDirMounts."""
    gpu = {"run": "train.py", "resources": {"gpu": "t4"}}
    (mount,) = made(tmp_path, {"training": gpu}).told("training")["emptyDirMounts"]
    assert (mount["mountPath"], mount["medium"]) == ("/dev/shm", "Memory")
    assert "emptyDirMounts" not in made(tmp_path).told("training")
    several = {**gpu, "distributed": "torchrun", "resources": {"gpu": "t4", "nodes": 2}}
    patch = made(tmp_path, {"training": several}).json("manifests/training-trainjob.json")["spec"]["runtimePatches"][0]
    (nodes,) = patch["trainingRuntimeSpec"]["template"]["spec"]["replicatedJobs"]
    pod = nodes["template"]["spec"]["template"]["spec"]
    assert pod["volumes"] == [{"name": "shared-memory", "emptyDir": {"medium": "Memory"}}]
    assert pod["containers"][0]["volumeMounts"] == [{"name": "shared-memory", "mountPath": "/dev/shm"}]


def test_the_hint_for_a_disk_names_the_pods_that_compute(tmp_path: Path) -> None:
    disk = {"disk": "100Gi"}
    search = {"metric": "f1", "trials": 3, "search": {"depth": {"int": [1, 9]}}}
    hints = [
        {
            one.hint
            for one in made(tmp_path, {"training": {"run": "train.py", **more}}).found
            if "no disk" in one.message
        }
        for more in (
            {"resources": disk},
            {"resources": disk, "tuning": search},
            {"resources": {**disk, "nodes": 2}, "distributed": "torchrun"},
        )
    ]
    assert [len(several) for several in hints] == [1, 1, 1]
    (alone,), (trial,), (nodes,) = hints
    assert "steps.training.genericEphemeralVolume" in str(alone)
    assert "steps.training-trial.genericEphemeralVolume" in str(trial)
    assert "-trainjob.json" in str(nodes)
