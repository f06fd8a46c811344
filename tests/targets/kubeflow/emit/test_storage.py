"""Where things lie: buckets of AWS, MinIO and Google, and volumes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .made import made, refused

JUDGED: dict[str, Any] = {
    "evaluation": {"run": "evaluate.py", "gates": {"better": {"metric": "accuracy", "better_than": "champion"}}},
    "registry": {},
}


def variables(container: dict[str, Any]) -> dict[str, str]:
    return {one["name"]: one["value"] for one in container.get("env", ())}


def test_a_bucket_of_aws_needs_no_keys(tmp_path: Path) -> None:
    bundle = made(tmp_path, JUDGED, region="eu-west-1")
    assert bundle.pipeline["defaultPipelineRoot"] == "s3://acme-ml/payers/runs"
    assert "--registry=s3://acme-ml/payers/registry" in bundle.container("registry")["args"]
    assert "--champion=s3://acme-ml/payers/registry/payers" in bundle.container("evaluation")["args"]
    assert variables(bundle.container("registry")) == {"AWS_REGION": "eu-west-1"}
    assert "secretAsEnv" not in bundle.told("registry")
    assert "env" not in bundle.container("training"), "what does not open the store has nothing of it"
    assert "kfp-launcher.yaml" not in bundle.files
    assert b"boto3" in bundle.files["image/requirements.txt"]


def test_kubeflows_own_store_is_found_without_a_word(tmp_path: Path) -> None:
    bundle = made(tmp_path, JUDGED, storage="minio://mlpipeline/teams")
    assert bundle.pipeline["defaultPipelineRoot"] == "minio://mlpipeline/teams/payers/runs"
    endpoint = variables(bundle.container("registry"))["AWS_ENDPOINT_URL_S3"]
    assert endpoint == "http://minio-service.kubeflow.svc.cluster.local:9000"
    (secret,) = bundle.told("registry")["secretAsEnv"]
    assert secret["secretName"] == "mlpipeline-minio-artifact"
    assert [key["envVar"] for key in secret["keyToEnv"]] == ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]
    (rule,) = [r for r in bundle.manifests("rbac.yaml")[0]["rules"] if r["resources"] == ["secrets"]]
    assert rule["resourceNames"] == ["mlpipeline-minio-artifact"]
    assert "mlpipeline-minio-artifact" in bundle.readme


def test_a_store_of_ones_own_is_told_to_kubeflow_too(tmp_path: Path) -> None:
    bundle = made(
        tmp_path,
        JUDGED,
        storage_endpoint="http://minio.minio.svc:9000",
        storage_secret={"name": "store", "access_key": "user", "secret_key": "password"},
    )
    (launcher,) = bundle._documents("kfp-launcher.yaml")
    assert launcher["metadata"] == {"name": "kfp-launcher", "namespace": "ml"}
    import yaml

    said = yaml.safe_load(launcher["data"]["providers"])["s3"]["default"]
    assert (said["endpoint"], said["disableSSL"]) == ("minio.minio.svc:9000", True)
    assert said["credentials"]["secretRef"] == {
        "secretName": "store",
        "accessKeyKey": "user",
        "secretKeyKey": "password",
    }
    assert "kfp-launcher.yaml" not in str(bundle.manifests("kustomization.yaml"))


def test_a_volume_is_mounted_where_it_is_read_or_written(tmp_path: Path) -> None:
    bundle = made(tmp_path, JUDGED, storage="pvc://ml-data/teams", storage_size="50Gi", storage_class="azurefile-csi")
    assert "defaultPipelineRoot" not in bundle.pipeline
    assert any(
        word.startswith("--source=/mnt/ml-data/teams/payers/data/") for word in bundle.container("prepare")["args"]
    )
    assert bundle.told("prepare")["pvcMount"][0]["mountPath"] == "/mnt/ml-data"
    assert "--registry=file:///mnt/ml-data/teams/payers/registry" in bundle.container("registry")["args"]
    assert "pvcMount" not in bundle.told("training")
    (claim,) = bundle.manifests("volume.yaml")
    assert claim["spec"]["accessModes"] == ["ReadWriteMany"]
    assert claim["spec"]["storageClassName"] == "azurefile-csi"
    (pod,) = bundle._documents("upload-pod.yaml")
    assert pod["spec"]["containers"][0]["image"] == bundle.container("training")["image"]
    there = made(tmp_path, JUDGED, storage="pvc://ml-data")
    assert "volume.yaml" not in there.manifest_names
    assert "ReadWriteMany" in there.readme


def test_a_source_may_lie_on_another_volume(tmp_path: Path) -> None:
    bundle = made(tmp_path, {"data": {"source": "pvc://lake/rows/", "label": "paid", "split": "none"}})
    assert "--source=/mnt/lake/rows/" in bundle.container("training")["args"]
    assert bundle.told("training")["pvcMount"][0]["constant"] == "lake"


@pytest.mark.parametrize("uri", ["abfss://lake@acme.dfs.core.windows.net/rows", "https://example.com/rows.csv"])
def test_what_kubeflow_does_not_read_is_refused(tmp_path: Path, uri: str) -> None:
    assert refused(tmp_path, {"data": {"source": uri, "label": "paid"}})[0][0] == "MG313"


@pytest.mark.parametrize("uri", ["gs://acme-data", "s3://acme-data/"])
def test_a_whole_bucket_that_no_step_could_download_is_refused(tmp_path: Path, uri: str) -> None:
    source = {"source": uri, "label": "paid", "split": "none"}
    assert refused(tmp_path, {"data": source}) == [("MG313", "data.sources.source.uri")]
    assert made(tmp_path, {"data": {**source, "source": "gs://acme-data/rows/"}}).files


def test_keys_that_fit_no_bucket_are_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, storage_size="50Gi") == [("MG309", "targets.kubeflow.storage_size")]
    assert refused(tmp_path, storage_class="fast") == [("MG309", "targets.kubeflow.storage_class")]


def test_residency_is_held_against_the_region(tmp_path: Path) -> None:
    data = {"data": {"source": "data/rows.csv", "label": "paid", "residency": ["eu"]}}
    assert made(tmp_path, data, region="westeurope").files
    assert refused(tmp_path, data, region="us-east-1")[0][0] == "MG122"
