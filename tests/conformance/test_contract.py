"""Our own targets keep the contract that we ask of other people's."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from mlopsgen.targets.sagemaker.names import as_tag
from mlopsgen.testing import PROJECTS, Project, TargetContract
from tests.conformance import whole
from tests.projects import EXAMPLES, ROOT, TARGETS

TRIED = (*PROJECTS, *(Project.read(ROOT / "examples" / name) for name in EXAMPLES))


class TestLocal(TargetContract):
    target = "local"
    blocks: ClassVar[Sequence[Mapping[str, Any]]] = whole.LOCAL
    changes: ClassVar[Mapping[str, Sequence[Any]]] = whole.CHANGES["local"]
    projects = TRIED
    built_in = True


class TestKubeflow(TargetContract):
    target = "kubeflow"
    blocks: ClassVar[Sequence[Mapping[str, Any]]] = whole.KUBEFLOW
    changes: ClassVar[Mapping[str, Sequence[Any]]] = whole.CHANGES["kubeflow"]
    addresses: ClassVar[Mapping[str, str]] = whole.ADDRESSES["kubeflow"]
    options = {  # noqa: RUF012
        "namespace": "ml",
        "endpoint": "https://kubeflow.example.com",
        "storage": "s3://acme-ml",
        "images": "ghcr.io/acme",
        "cloud": "gcp",
        "timezone": "Europe/Paris",
    }
    projects = TRIED
    built_in = True


class TestSageMaker(TargetContract):
    target = "sagemaker"
    blocks: ClassVar[Sequence[Mapping[str, Any]]] = whole.SAGEMAKER
    changes: ClassVar[Mapping[str, Sequence[Any]]] = whole.CHANGES["sagemaker"]
    own_folders = ("/opt/ml",)
    ready_folders = ("/opt/ml/model", "/opt/ml/output/data")

    def training_command(self, files: Mapping[str, bytes]) -> Sequence[str]:
        steps = json.loads(files["pipeline.json"])["Steps"]
        (training,) = (step for step in steps if step["Name"] == "training")
        asked = training["Arguments"]["AlgorithmSpecification"]
        return (*asked["ContainerEntrypoint"], *asked["ContainerArguments"])

    def as_label(self, text: str) -> str:
        return as_tag(text)

    options = {"region": "eu-west-1", "account": "123456789012", "bucket": "acme-ml"}  # noqa: RUF012
    projects = TRIED
    built_in = True


class TestVertex(TargetContract):
    target = "vertex"
    blocks: ClassVar[Sequence[Mapping[str, Any]]] = whole.VERTEX
    changes: ClassVar[Mapping[str, Sequence[Any]]] = whole.CHANGES["vertex"]
    addresses: ClassVar[Mapping[str, str]] = whole.ADDRESSES["vertex"]
    options = {"project": "acme-ml", "region": "europe-west1", "bucket": "acme-ml-models"}  # noqa: RUF012
    escapes = {"${": "$${", "%{": "%%{"}  # noqa: RUF012
    projects = TRIED
    built_in = True


class TestAzureML(TargetContract):
    target = "azureml"
    blocks: ClassVar[Sequence[Mapping[str, Any]]] = whole.AZUREML
    changes: ClassVar[Mapping[str, Sequence[Any]]] = whole.CHANGES["azureml"]
    addresses: ClassVar[Mapping[str, str]] = whole.ADDRESSES["azureml"]
    options = {  # noqa: RUF012
        "subscription": "00000000-1111-2222-3333-444444444444",
        "resource_group": "acme-ml",
        "workspace": "acme-ml",
        "region": "westeurope",
        "key_vault": "acme-ml-kv",
    }
    projects = TRIED
    built_in = True


def test_no_target_of_ours_is_left_out() -> None:
    assert {one.target for one in TargetContract.__subclasses__()} >= {*TARGETS}
