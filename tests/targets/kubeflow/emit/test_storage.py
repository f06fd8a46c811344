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
    assert variables(bundle.container("training")) == {"AWS_REGION": "eu-west-1"}, "KFP's launcher reads for it"
    assert "kfp-launcher.yaml" not in bundle.files
    assert b"boto3" in bundle.files["image/requirements.txt"]


def test_kubeflows_own_store_is_found_without_a_word(tmp_path: Path) -> None:
    root = "minio://mlpipeline/private-artifacts/ml"
    bundle = made(tmp_path, JUDGED, storage=root)
    assert bundle.pipeline["defaultPipelineRoot"] == f"{root}/payers/runs"
    endpoint = variables(bundle.container("registry"))["AWS_ENDPOINT_URL_S3"]
    assert endpoint == "http://seaweedfs.kubeflow.svc.cluster.local:9000"
    (secret,) = bundle.told("registry")["secretAsEnv"]
    assert secret["secretName"] == "mlpipeline-minio-artifact"
    assert [key["envVar"] for key in secret["keyToEnv"]] == ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]
    (rule,) = [r for r in bundle.manifests("rbac.yaml")[0]["rules"] if r["resources"] == ["secrets"]]
    assert rule["resourceNames"] == ["mlpipeline-minio-artifact"]
    assert "mlpipeline-minio-artifact" in bundle.readme


@pytest.mark.parametrize(("pipelines", "service"), [("2.15", "minio-service"), ("2.16", "seaweedfs")])
def test_kubeflows_own_store_is_called_as_its_release_calls_it(tmp_path: Path, pipelines: str, service: str) -> None:
    """kubeflow/pipelines, backend/src/v2/objectstore/config.go and manifests/kustomize/third-party at both tags."""
    root = "minio://mlpipeline/private-artifacts/ml"
    bundle = made(tmp_path, JUDGED, storage=root, versions={"pipelines": pipelines})
    endpoint = variables(bundle.container("registry"))["AWS_ENDPOINT_URL_S3"]
    assert endpoint == f"http://{service}.kubeflow.svc.cluster.local:9000"


@pytest.mark.parametrize("root", ["minio://mlpipeline", "minio://mlpipeline/private-artifacts/other", "minio://data/x"])
def test_keys_of_a_namespace_open_only_its_own_folders_of_kubeflows_store(tmp_path: Path, root: str) -> None:
    """kubeflow/pipelines, pipelines-profile-controller/sync.py, put_user_policy, since 2.15."""
    assert refused(tmp_path, JUDGED, storage=root) == [("MG301", "targets.kubeflow.storage")]
    for free in ({"namespace": "kubeflow"}, {"versions": {"pipelines": "2.14"}}):
        assert made(tmp_path, JUDGED, storage=root, **free).files
    own = {"storage_endpoint": "http://minio.minio.svc:9000", "storage_secret": {"name": "store"}}
    assert made(tmp_path, JUDGED, storage=root, **own).files
    outside = {"source": "minio://mlpipeline/rows/", "label": "paid", "split": "none"}
    said = refused(tmp_path, {"data": outside}, storage="minio://mlpipeline/shared/payers")
    assert said == [("MG313", "data.sources.source.uri")]


def test_every_step_is_told_the_region_that_kfps_launcher_reads_and_writes_in(tmp_path: Path) -> None:
    """aws-sdk-go-v2 has no region of its own, and the launcher opens the store inside each container
    (kubeflow/pipelines, objectstore/object_store.go, newS3Client)."""
    spec = {"training": {"run": "train.py", "tuning": {"metric": "f1", "trials": 2, "search": {"x": {"int": [1, 9]}}}}}
    bundle = made(tmp_path, {**JUDGED, **spec}, region="eu-west-1")
    executors = bundle.pipeline["deploymentSpec"]["executors"].values()
    for one in (each["container"] for each in executors if "container" in each):
        assert variables(one)["AWS_REGION"] == "eu-west-1"


SEVERAL = {"run": "train.py", "distributed": "torchrun", "resources": {"nodes": 2}}
SEARCH = {"metric": "f1", "strategy": "bayesian", "trials": 4, "search": {"depth": {"int": [2, 8]}}}


def test_trials_and_nodes_find_the_store_that_they_load_from(tmp_path: Path) -> None:
    """No launcher of KFP is in their pods: ours asks the store itself, and the step that waits does too."""
    for training, step in (({"run": "train.py", "tuning": SEARCH}, "training-search"), (SEVERAL, "training")):
        bundle = made(tmp_path, {"training": training}, storage="minio://mlpipeline/private-artifacts/ml")
        if training is SEVERAL:
            told = bundle.json("manifests/training-trainjob.json")["spec"]["trainer"]["env"]
        else:
            job = bundle.json("manifests/training-experiment.json")["spec"]["trialTemplate"]["trialSpec"]["spec"]
            told = job["template"]["spec"]["containers"][0]["env"]
        by_name = {one["name"]: one.get("value") or one["valueFrom"]["secretKeyRef"]["name"] for one in told}
        assert by_name["AWS_ENDPOINT_URL_S3"] == "http://seaweedfs.kubeflow.svc.cluster.local:9000"
        assert (by_name["AWS_REGION"], by_name["AWS_ACCESS_KEY_ID"]) == ("us-east-1", "mlpipeline-minio-artifact")
        waits = variables(bundle.container(step))
        assert waits["AWS_ENDPOINT_URL_S3"] == by_name["AWS_ENDPOINT_URL_S3"]
        assert bundle.told(step)["secretAsEnv"][0]["secretName"] == "mlpipeline-minio-artifact"


def test_a_region_that_nobody_says_is_left_to_the_cluster_and_said(tmp_path: Path) -> None:
    bundle = made(tmp_path, JUDGED)
    assert "AWS_REGION" not in variables(bundle.container("registry")), "it would win over the one that EKS puts there"
    assert ("targets", "kubeflow", "storage") in [one.spec_path for one in bundle.found]
    keys = {"storage_secret": {"name": "store"}}
    assert refused(tmp_path, JUDGED, **keys) == [("MG301", "targets.kubeflow.storage")]
    assert made(tmp_path, JUDGED, **keys, region="eu-west-1").files


@pytest.mark.parametrize("training", [SEARCH, None, SEVERAL], ids=["search", "one", "several nodes"])
def test_no_step_is_told_a_region_of_aws_that_nobody_said(tmp_path: Path, training: dict[str, Any] | None) -> None:
    """`us-east-1` stood in every step, for a bucket that may lie anywhere."""
    steps = training if training is SEVERAL else {"run": "train.py", **({"tuning": training} if training else {})}
    bundle = made(tmp_path, {**JUDGED, "training": steps})
    telling = [path for path, content in bundle.files.items() if b"AWS_REGION" in content and "/" not in path]
    assert telling == []
    assert [path for path in bundle.manifest_names if b"AWS_REGION" in bundle.files[f"manifests/{path}"]] == []
    (note,) = [one for one in bundle.found if "which region" in one.message]
    assert (note.code, note.spec_path) == ("MG315", ("targets", "kubeflow", "storage"))
    assert "`targets.kubeflow.region: eu-west-1`" in str(note.hint)
    obeyed = made(tmp_path, {**JUDGED, "training": steps}, region="eu-west-1")
    assert [one for one in obeyed.found if "which region" in one.message] == []


def test_a_bucket_beside_the_storage_is_opened_with_the_storages_keys(tmp_path: Path) -> None:
    """kubeflow/pipelines, component/launcher_v2.go, fetchNonDefaultBuckets: no session, so the environment's."""
    data = {"source": "s3://acme-lake/rows/", "label": "paid", "split": "none"}
    told = made(tmp_path, {"data": data}, storage_secret={"name": "store"}, region="eu-west-1").told("training")
    assert [key["envVar"] for key in told["secretAsEnv"][0]["keyToEnv"]] == [
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
    ]


@pytest.mark.parametrize(
    ("uri", "options"),
    [
        ("s3://other/rows/", {"storage_endpoint": "http://minio.minio.svc:9000", "storage_secret": {"name": "store"}}),
        ("minio://other/rows/", {"storage": "minio://mlpipeline/shared/x"}),
        ("minio://mlpipeline/shared/rows/", {"storage": "gs://acme-ml"}),
        ("minio://other/rows/", {"storage": "pvc://ml-data"}),
    ],
)
def test_a_bucket_that_kfp_would_look_for_at_aws_is_refused(tmp_path: Path, uri: str, options: dict[str, Any]) -> None:
    """kubeflow/pipelines, component/launcher_v2.go, fetchNonDefaultBuckets: other buckets get no endpoint."""
    data = {"source": uri, "label": "paid", "split": "none"}
    assert refused(tmp_path, {"data": data}, **options) == [("MG313", "data.sources.source.uri")]


def test_a_step_does_not_read_aws_and_another_store_at_once(tmp_path: Path) -> None:
    data = {"main": "rows", "sources": {"rows": "data/rows.csv", "more": "s3://lake/rows/"}, "label": "paid"}
    root = {"storage": "minio://mlpipeline/private-artifacts/ml"}
    assert made(tmp_path, {**JUDGED, "data": data, "training": {"run": "train.py"}}, **root).files
    judging = {**JUDGED["evaluation"], "inputs": {"model": "training.model", "more": "data.more"}}
    spec = {**JUDGED, "data": data, "evaluation": judging}
    assert refused(tmp_path, spec, **root) == [("MG313", "data.sources.more.uri")]


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
    assert (said["endpoint"], said["disableSSL"], said["region"]) == ("minio.minio.svc:9000", True, "us-east-1")
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
    (claim,) = bundle._documents("volume.yaml")
    assert claim["spec"]["accessModes"] == ["ReadWriteMany"]
    assert claim["spec"]["storageClassName"] == "azurefile-csi"
    (pod,) = bundle._documents("upload-pod.yaml")
    assert pod["spec"]["containers"][0]["image"] == bundle.container("training")["image"]
    there = made(tmp_path, JUDGED, storage="pvc://ml-data")
    assert "volume.yaml" not in there.files
    assert "ReadWriteMany" in there.readme


def test_steps_may_write_to_the_volume_that_their_folder_was_made_on(tmp_path: Path) -> None:
    """Kubernetes gives a user without a group to root's, and KFP sets no fsGroup for its steps."""
    bundle = made(tmp_path, JUDGED, storage="pvc://ml-data/teams")
    assert b"USER 10001:10001\n" in bundle.files["image/Dockerfile"]
    (pod,) = bundle._documents("upload-pod.yaml")
    assert pod["spec"]["securityContext"]["fsGroup"] == 10001
    assert "kubectl exec payers-upload --namespace ml -- mkdir -p /mnt/ml-data/teams/payers\n" in bundle.readme
    digest = bundle.json("uploads.json")[0]["uri"].split("/")[-2]
    taken = f"-- tar -xmf - -C /mnt/ml-data/teams/payers/data/{digest}"
    assert f"tar -cf - -C data rows.csv | kubectl exec -i payers-upload --namespace ml {taken}\n" in bundle.readme
    assert bundle.readme.index("tar -cf") < bundle.readme.index("kubectl delete pod payers-upload")


def test_the_pod_that_the_readme_names_is_there_without_local_data_too(tmp_path: Path) -> None:
    data = {"source": "pvc://lake/rows/", "label": "paid", "split": "none"}
    bundle = made(tmp_path, {"data": data}, storage="pvc://ml-data")
    assert "upload-pod.yaml" in bundle.files
    assert "mkdir -p /mnt/ml-data/payers" in bundle.readme
    (tmp_path / "rows.csv").write_text("id,age,paid\n1,30,yes\n")
    beside = made(tmp_path, {"data": {"source": "rows.csv", "label": "paid"}}, storage="pvc://ml-data")
    assert "tar -cf - rows.csv | kubectl exec" in beside.readme


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
    assert made(tmp_path, data, region="eu-west-1").files
    assert refused(tmp_path, data, region="us-east-1")[0][0] == "MG122"


def test_deleting_one_environment_leaves_the_volume_that_all_of_them_lie_on(tmp_path: Path) -> None:
    bundle = made(tmp_path, JUDGED, storage="pvc://ml-data", storage_size="50Gi")
    (kustomization,) = bundle.manifests("kustomization.yaml")
    assert "volume.yaml" not in kustomization["resources"]
    assert "kubectl apply -f volume.yaml" in bundle.readme
    assert "The claim ml-data stays too" in bundle.readme
    (claim,) = bundle._documents("volume.yaml")
    assert "app.kubernetes.io/part-of" not in claim["metadata"]["labels"], "two products would take it from each other"
