"""What the README has people type: it works the first time and again, and reaches what it names."""

from __future__ import annotations

import json
import os
import re
import runpy
import shlex
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from .made import Bundle, made

WEEKLY = {"triggers": {"weekly": {"start": "training", "schedule": "0 2 * * 1", "timezone": "UTC"}}}
ROOT = "minio://mlpipeline/private-artifacts/ml"


class Client:
    """What kfp.Client does of the README's calls (kubeflow/pipelines, sdk/python/kfp/client/client.py)."""

    def __init__(self, **_: Any) -> None:
        self.pipelines: list[Any] = []
        self.versions: list[Any] = []
        self.schedules: list[Any] = []
        self.runs: list[dict[str, Any]] = []

    def list_pipelines(self, *, filter: str, **_: Any) -> Any:  # noqa: A002
        return SimpleNamespace(pipelines=_named(self.pipelines, filter))

    def upload_pipeline(self, file: str, name: str, **_: Any) -> Any:
        self.pipelines.append(SimpleNamespace(display_name=name, pipeline_id="p"))
        self.upload_pipeline_version(file, name, pipeline_id="p")
        return self.pipelines[-1]

    def list_pipeline_versions(self, _: str, *, filter: str) -> Any:  # noqa: A002
        return SimpleNamespace(pipeline_versions=_named(self.versions, filter))

    def upload_pipeline_version(self, _: str, name: str, *, pipeline_id: str) -> Any:
        assert name not in [one.display_name for one in self.versions], "the API refuses a name that is there"
        self.versions.append(SimpleNamespace(display_name=name, pipeline_version_id=f"v-{name}", of=pipeline_id))
        return self.versions[-1]

    def create_experiment(self, *_: Any, **__: Any) -> Any:
        return SimpleNamespace(experiment_id="e")

    def run_pipeline(self, *_: Any, **asked: Any) -> Any:
        self.runs.append(asked)
        return SimpleNamespace(run_id="r")

    def wait_for_run_completion(self, run: str, *, timeout: int) -> None:
        assert (run, timeout) == ("r", 86400)

    def list_recurring_runs(self, *, experiment_id: str, filter: str) -> Any:  # noqa: A002
        assert experiment_id == "e"
        return SimpleNamespace(recurring_runs=_named(self.schedules, filter))

    def delete_recurring_run(self, gone: str) -> None:
        self.schedules = [one for one in self.schedules if one.recurring_run_id != gone]

    def create_recurring_run(self, _: str, name: str, *, version_id: str, **__: Any) -> None:
        self.schedules.append(SimpleNamespace(display_name=name, recurring_run_id=name, version_id=version_id))


def _named(among: list[Any], asked: str) -> list[Any] | None:
    (one,) = json.loads(asked)["predicates"]
    return [each for each in among if each.display_name == one["stringValue"]] or None


def follow(bundle: Bundle, folder: Path, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs what the README says to start runs and schedules, in a bundle on disk."""
    for path, content in bundle.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    kfp = ModuleType("kfp")
    kfp.Client = lambda **_: client  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "kfp", kfp)
    monkeypatch.chdir(folder)
    for name, value in re.findall(r"^export ([A-Z_]+)=(\S+)$", bundle.readme, re.MULTILINE):
        monkeypatch.setitem(os.environ, name, value)
    for words in re.findall(
        r"^python3 (submit.py (?:run(?: --deployment \S+)?|schedule))$", bundle.readme, re.MULTILINE
    ):
        monkeypatch.setattr(sys, "argv", words.split())
        runpy.run_path("submit.py", run_name="__main__")


def test_the_readme_starts_this_bundles_version_each_time_and_after_a_newer_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client()
    old = made(tmp_path, WEEKLY)
    follow(old, tmp_path / "old", client, monkeypatch)
    first = client.runs[0]["version_id"]
    follow(made(tmp_path, {**WEEKLY, "description": "another"}), tmp_path / "new", client, monkeypatch)
    assert client.runs[1]["version_id"] != first
    assert [one.version_id for one in client.schedules] == [client.runs[1]["version_id"]]
    follow(old, tmp_path / "old", client, monkeypatch)
    assert client.runs[2]["version_id"] == first
    assert [one.version_id for one in client.schedules] == [first], "one schedule, of the bundle that was gone back to"
    assert len(client.pipelines) == 1
    assert len(client.versions) == 3


def test_data_is_copied_to_the_store_and_not_to_a_bucket_of_aws(tmp_path: Path) -> None:
    readme = made(tmp_path, storage=ROOT).readme
    assert "kubectl port-forward --namespace kubeflow service/seaweedfs 9000:9000 &" in readme
    assert readme.index("AWS_ENDPOINT_URL_S3=http://localhost:9000") < readme.index("aws s3 cp")
    assert "SECRET=mlpipeline-minio-artifact ACCESS_KEY=accesskey SECRET_KEY=secretkey" in readme
    outside = made(tmp_path, storage_endpoint="https://store.acme.example", storage_secret={"name": "store"}).readme
    assert "AWS_ENDPOINT_URL_S3=https://store.acme.example" in outside
    assert "port-forward" not in outside
    assert "AWS_ENDPOINT_URL_S3" not in made(tmp_path).readme


def test_a_version_in_the_clusters_own_store_is_approved_there_and_not_in_a_bucket_of_aws(tmp_path: Path) -> None:
    lake = {"source": "minio://mlpipeline/private-artifacts/ml/rows/", "label": "paid", "split": "none"}
    readme = made(tmp_path, {"data": lake, "registry": {"approval": "manual"}}, storage=ROOT).readme
    assert readme.index("AWS_ENDPOINT_URL_S3=http://localhost:9000") < readme.index("aws s3 cp - ")
    assert "the AWS CLI" in readme


def test_the_readme_names_every_program_that_it_runs(tmp_path: Path) -> None:
    assert "the AWS CLI" in made(tmp_path).readme
    assert "the Google Cloud CLI" in made(tmp_path, storage="gs://acme-ml").readme
    lake = {"data": {"source": "s3://acme-ml/rows/", "label": "paid", "split": "none"}}
    assert "the AWS CLI" not in made(tmp_path, lake).readme


def test_the_readme_says_which_labels_a_namespace_of_a_profile_has(tmp_path: Path) -> None:
    """kubeflow/manifests, common/kubeflow-namespace: network policies let in `kubeflow-profile`."""
    readme = made(tmp_path).readme
    assert "`app.kubernetes.io/part-of=kubeflow-profile`" in readme
    assert "`pipelines.kubeflow.org/enabled=true`" in readme
    assert "kubectl get namespace ml --show-labels" in readme
    assert "kubeflow-profile" not in made(tmp_path, namespace="kubeflow").readme


SEARCH = {"metric": "f1", "strategy": "bayesian", "trials": 4, "search": {"depth": {"int": [2, 8]}}}


def test_a_search_is_not_left_without_metrics_where_katib_puts_no_container_into_trials(tmp_path: Path) -> None:
    """katib, pkg/webhook/v1beta1/pod: the collector is put where the namespace has this label; `restricted` lets it in
    where Katib's configuration says so."""
    tuned = {"training": {"run": "train.py", "tuning": SEARCH}}
    for namespace in ("ml", "kubeflow"):
        readme = made(tmp_path, tuned, namespace=namespace).readme
        assert "`katib.kubeflow.org/metrics-collector-injection=enabled`" in readme
        assert "`injectSecurityContext: true` of Katib's configuration" in readme
        plain = made(tmp_path, namespace=namespace).readme
        assert "metrics-collector-injection" not in plain
        assert "injectSecurityContext" not in plain


def test_the_readme_says_how_to_sign_in_where_kubeflow_asks_who_one_is(tmp_path: Path) -> None:
    readme = made(tmp_path).readme
    assert "give `kfp.Client` the `cookies` of a session or an `existing_token`" in " ".join(readme.split())


def test_the_readme_says_how_pods_reach_a_bucket_and_pull_a_private_image_until_the_spec_does(tmp_path: Path) -> None:
    """A first run failed at its first byte: nothing said what gives pods their rights."""
    rights = "Pods reach s3://acme-ml/payers with rights of their own"
    told = " ".join(made(tmp_path, region="eu-west-1").readme.split())
    assert rights in told
    for option in ("service_account_annotations", "storage_secret", "pull_secrets"):
        assert f"`{option}`" in told, f"the option that gives them is not named: {option}"
    role = {"eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/payers"}
    for said in ({"service_account_annotations": role}, {"storage_secret": {"name": "store"}}):
        assert rights not in " ".join(made(tmp_path, region="eu-west-1", **said).readme.split())


@pytest.mark.parametrize("storage", ["s3://acme-ml", "gs://acme-ml", "pvc://ml-data"])
def test_files_with_a_space_in_their_name_are_among_the_commands(tmp_path: Path, storage: str) -> None:
    (tmp_path / "data" / "a b").mkdir(parents=True)
    (tmp_path / "data" / "a b" / "x.csv").write_text("id,age,paid\n1,30,yes\n")
    (tmp_path / "data" / "it's $5.csv").write_text("id,age,paid\n1,30,yes\n")
    sources = {"rows": "data/it's $5.csv", "more": {"uri": "data/a b/", "format": "csv"}}
    spec = {
        "data": {"main": "rows", "label": "paid", "sources": sources},
        "training": {"run": "train.py", "inputs": {"train": "prepare.train", "more": "data.more"}},
    }
    bundle = made(tmp_path, spec, storage=storage)
    copying = bundle.readme.partition("### Upload the data")[2].partition("### Upload the pipeline")[0]
    words = [
        word.rstrip("/")
        for line in copying.splitlines()
        if "acme" in line or "tar" in line
        for word in shlex.split(line)
    ]
    assert {"data/a b", "it's $5.csv" if storage.startswith("pvc") else "data/it's $5.csv"} <= set(words)
    assert "data/a b/x.csv" in [one["path"] for one in bundle.json("uploads.json")]


def test_what_the_spec_calls_hidden_is_not_uploaded(tmp_path: Path) -> None:
    """Digest and uploads.json leave hidden files out; macOS's tar adds `._x` for each x, unless it is told not to."""
    (tmp_path / "data" / "rows").mkdir(parents=True)
    (tmp_path / "data" / "rows" / "x.csv").write_text("id,age,paid\n1,30,yes\n")
    spec = {"data": {"sources": {"rows": {"uri": "data/rows", "format": "csv"}}, "label": "paid"}}
    assert 'aws s3 cp --recursive --exclude ".*" --exclude "*/.*" data/rows ' in made(tmp_path, spec).readme
    assert (
        'COPYFILE_DISABLE=1 tar -cf - --exclude "*/.?*" -C data/rows .'
        in made(tmp_path, spec, storage="pvc://d").readme
    )


def test_a_key_with_a_dot_in_its_name_is_read_too(tmp_path: Path) -> None:
    """kubernetes.io/docs/reference/kubectl/jsonpath: a dot in a key is escaped."""
    secret = {"name": "store", "access_key": "access.key", "secret_key": "secret.key"}
    readme = made(tmp_path, storage=ROOT, storage_secret=secret).readme
    assert r"ACCESS_KEY='access\.key' SECRET_KEY='secret\.key'" in readme
    assert "export AWS_ACCESS_KEY_ID=" in readme


def test_the_prefix_that_a_lifecycle_rule_expires_is_the_one_that_runs_are_written_to(tmp_path: Path) -> None:
    kept = {"governance": {"retention": "30d"}}
    bundle = made(tmp_path, kept, storage="s3://acme-ml/team")
    assert "the prefix is `team/payers/runs/`" in bundle.readme
    assert bundle.pipeline["defaultPipelineRoot"] == "s3://acme-ml/team/payers/runs"
    assert "the prefix is" not in made(tmp_path, kept, storage="pvc://ml-data").readme


def test_the_python_of_the_readme_may_be_pasted_into_an_interpreter(tmp_path: Path) -> None:
    """docs.python.org/3/tutorial/interpreter: up to 3.12 a block ends with an empty line there."""
    for code in re.findall(r"```python\n(.*?)```", made(tmp_path, WEEKLY).readme, re.DOTALL):
        pairs = zip(code.splitlines(), code.splitlines()[1:], strict=False)
        starts = [after for before, after in pairs if before.startswith(" ") and re.match(r"[a-z]", after)]
        assert starts == []


def test_what_a_spec_no_longer_has_is_found_in_the_namespace(tmp_path: Path) -> None:
    readme = made(tmp_path).readme.partition("## Change")[2]
    assert "the recurring run of a trigger" in readme
    assert "networkpolicies --namespace ml --selector app.kubernetes.io/part-of=payers" in readme
