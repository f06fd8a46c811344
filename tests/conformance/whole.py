"""Blocks of our own targets that together have every key, and how each platform writes an address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import yaml

from tests.wrong import SPECS

Block: TypeAlias = Mapping[str, Any]

ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d-0000-4000-8000-0123456789ab"
SUBSCRIPTION = "00000000-1111-2222-3333-444444444444"


def patches(file: str, root: str = "", *, text: str, table: str, key: str) -> list[dict[str, Any]]:
    """One patch of each kind: a text is replaced, a table gets another entry, a key goes."""
    return [
        {"file": file, "at": f"{root}/{text}", "replace": "Changed"},
        {"file": file, "at": f"{root}/{table}", "merge": {"team": "ml"}},
        {"file": file, "at": f"{root}/{key}", "remove": True},
    ]


_WHOLE = yaml.safe_load((SPECS / "whole" / "script.yaml").read_text(encoding="utf-8"))["targets"]
LOCAL: Sequence[Block] = (_WHOLE["local"],)
SAGEMAKER: Sequence[Block] = (_WHOLE["sagemaker"],)

_WORKSPACE: Block = {
    "subscription": SUBSCRIPTION,
    "resource_group": "acme-ml",
    "workspace": "acme-ml",
    "region": "westeurope",
    "key_vault": "acme-ml-kv",
    "compute": {"clean": "cpu-cluster"},
    "datastore": "acme",
    "storage_account": "acmeml",
    "container_registry": "acmeml",
    "log_analytics": f"/subscriptions/{SUBSCRIPTION}/resourceGroups/acme"
    "/providers/Microsoft.OperationalInsights/workspaces/logs",
    "idle_time": "5m",
    "machines": {"default": "Standard_D4ds_v4"},
    "steps": {"clean": {"display_name": "Clean"}},
    "patches": patches("pipeline.yml", text="display_name", table="tags", key="description"),
}
AZUREML: Sequence[Block] = (
    {**_WORKSPACE, "network": "acme", "subnet": "jobs"},
    {**_WORKSPACE, "managed_network": True},
)
VERTEX: Sequence[Block] = (
    {
        "project": "acme-ml",
        "region": "europe-west1",
        "bucket": "acme-ml-models",
        "bucket_exists": True,
        "service_account": "trainer@acme-ml.iam.gserviceaccount.com",
        "repository": "images",
        "network": "projects/123456789012/global/networks/ml",
        "machines": {"default": "n1-standard-8"},
        "steps": {"clean": {"cachingOptions": {"enableCache": False}}},
        "patches": patches("pipeline.yaml", text="sdkVersion", table="pipelineInfo", key="pipelineInfo/description"),
    },
)
_CLUSTER = {"namespace": "ml", "endpoint": "https://kubeflow.example.com", "images": "ghcr.io/acme", "cloud": "gcp"}
KUBEFLOW: Sequence[Block] = (
    {
        **_CLUSTER,
        "storage": "s3://acme-ml",
        "region": "eu-west-1",
        "storage_endpoint": "http://minio.minio.svc.cluster.local:9000",
        "storage_secret": {"name": "minio", "access_key": "accesskey", "secret_key": "secretkey"},
        "service_account_annotations": {"eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/ml-runs"},
        "pull_secrets": ["ghcr"],
        "registry": "model-registry",
        "registry_url": "http://model-registry-service.kubeflow.svc.cluster.local:8080",
        "registry_secret": {"name": "model-registry", "key": "token"},
        "search": "katib",
        "trainer_runtimes": {"torchrun": "torch-distributed", "mpi": "deepspeed-distributed"},
        "gpus": {
            "t4": {
                "labels": {"accelerator": "t4"},
                "resource": "nvidia.com/gpu",
                "tolerations": [{"key": "gpu", "value": "yes", "effect": "NoSchedule"}],
            }
        },
        "spot": {"labels": {"spot": "true"}, "tolerations": [{"key": "spot"}]},
        "egress": ["10.20.0.0/16"],
        "api_server": ["20.50.2.9/32"],
        "versions": {"pipelines": "2.17", "katib": "0.19", "trainer": "2.3", "kserve": "0.20", "keda": "2.19"},
        "timezone": "Europe/Paris",
        "machines": {"default": "n1-standard-8"},
        "steps": {"clean": {"nodeSelector": {"labels": {"a": "b"}}}},
        "patches": patches(
            "pipeline.yaml", "/0", text="sdkVersion", table="pipelineInfo", key="pipelineInfo/description"
        ),
    },
    {
        **_CLUSTER,
        "storage": "pvc://ml-data",
        "karpenter": True,
        "storage_class": "fast",
        "storage_size": "20Gi",
        "service_account": "runs",
        "registry": "model-registry",
        "timezone": "UTC",
    },
)

ADDRESSES: Mapping[str, Mapping[str, str]] = {
    "azureml": {
        "s3://acme": "azureml://datastores/acme/paths",
        ECR: "acmeml.azurecr.io",
        KEY: "https://acme-ml-kv.vault.azure.net/keys/ml/0a1b2c3d000040008000012345678901",
    },
    "kubeflow": {ECR: "ghcr.io/acme"},
    "vertex": {
        "s3://acme": "gs://acme",
        ECR: "europe-west1-docker.pkg.dev/acme-ml/images",
        KEY: "projects/acme-ml/locations/europe-west1/keyRings/ml/cryptoKeys/ml",
    },
}
"""Target → an address in the specs that say all that can be said → how its platform writes it."""

CHANGES: Mapping[str, Mapping[str, Sequence[Any]]] = {
    "azureml": {"AzureMLOptions.subscription": ["00000000-1111-2222-3333-555555555555"]},
    "kubeflow": {
        "KubeflowOptions.registry": ["mlflow", "storage"],
        "KubeflowOptions.registry_url": ["http://other:80"],
        "KubeflowOptions.storage_endpoint": ["http://other:9000"],
        "KubeflowOptions.timezone": ["Europe/Rome"],
    },
    "local": {
        "LocalOptions.steps": ({"training": {"nice": 10}},),
        "LocalOptions.patches": ([{"file": "plan.json", "at": "/description", "replace": "other"}],),
    },
    "sagemaker": {
        "SageMakerOptions.steps": ({"training": {"Environment": {"A": "b"}}},),
        "SageMakerOptions.patches": ([{"file": "stack.yaml", "at": "/Description", "remove": True}],),
        "SageMakerOptions.region": ("eu-west-3",),
        "SageMakerOptions.subnets": (["subnet-1a1b2c3d4e5f60718"],),
        "SageMakerOptions.security_groups": (["sg-1a1b2c3d4e5f60718"],),
    },
    "vertex": {
        "VertexOptions.region": ["europe-west4"],
        "VertexOptions.service_account": ["others@acme-ml.iam.gserviceaccount.com"],
    },
}
"""Target → other values of its own keys, where a value that is one longer would be wrong."""
