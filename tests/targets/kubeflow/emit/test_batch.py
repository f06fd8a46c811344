"""Batch deployments: a pipeline of one task, its recurring run, and what its pod may read, write and mount."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlopsgen.targets.kubeflow.judge import linter
from tests.wrong import lay

from .made import Bundle, Node, made, refused
from .test_readme import Client, follow

DAY = {"day": {"type": "string"}}
JUDGED = {"training": {"run": "train.py"}, "registry": {"model": "churn"}}


def deployed(**said: Any) -> dict[str, Any]:
    one = {"mode": "batch", "input": "new/", "schedule": "0 3 * * *", "serve": {"run": "clean.py"}, **said}
    return {**JUDGED, "deployments": {"nightly": {key: value for key, value in one.items() if value is not None}}}


def documents(bundle: Bundle, name: str = "nightly") -> tuple[Node, Node]:
    pipeline, platform = yaml.safe_load_all(bundle.files[f"deployments/{name}.yaml"])
    return pipeline, platform["platforms"]["kubernetes"]["deploymentSpec"]["executors"][f"exec-{name}"]


def args(bundle: Bundle, name: str = "nightly") -> list[str]:
    found: list[str] = documents(bundle, name)[0]["deploymentSpec"]["executors"][f"exec-{name}"]["container"]["args"]
    return found


def rules(bundle: Bundle) -> Iterator[tuple[str, ...]]:
    for one in bundle.manifests("rbac.yaml"):
        for rule in one.get("rules", ()):
            yield (*rule["resources"], *rule["verbs"])


def on_disk(bundle: Bundle, folder: Path) -> Path:
    for path, content in bundle.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


def test_a_job_is_told_where_its_records_the_champion_and_its_predictions_lie(tmp_path: Path) -> None:
    bundle = made(tmp_path, deployed(), region="eu-west-1")
    assert {
        "--registry=s3://acme-ml/payers/registry/churn",
        "--input=s3://acme-ml/payers/new/",
        "--output=s3://acme-ml/payers/out/nightly/",
        "--run-id={{$.inputs.parameters['run-id']}}",
    } <= set(args(bundle))
    pipeline, told = documents(bundle)
    assert pipeline["pipelineInfo"]["name"] == "payers-nightly"
    assert pipeline["root"]["dag"]["tasks"]["nightly"]["cachingOptions"] == {}
    labels = told["podMetadata"]["labels"]
    assert labels["app.kubernetes.io/part-of"] == "payers", "the network policy and the README know pods by it"
    assert b"boto3" in bundle.files["image/requirements.txt"]


def test_a_run_is_told_the_time_that_it_was_meant_for(tmp_path: Path) -> None:
    """The driver has it from the run's own Workflow, and where it may not read that, takes the time of its making.

    kubeflow/pipelines, v2/cmd/driver/main.go (2.17.0), getWorkflowMetadataForPipelineJobTimes.
    """
    bundle = made(tmp_path, deployed())
    inputs = documents(bundle)[0]["root"]["dag"]["tasks"]["nightly"]["inputs"]["parameters"]
    assert inputs["run-scheduled-at"] == {"runtimeValue": {"constant": "{{$.pipeline_job_schedule_time_utc}}"}}
    assert "--instead=at=scheduled={{$.inputs.parameters['run-scheduled-at']}}" in args(bundle)
    assert ("workflows", "get") in set(rules(bundle))
    assert ("workflows", "get") not in set(rules(made(tmp_path, JUDGED)))


def test_who_scores_a_day_that_was_missed_gives_its_time(tmp_path: Path) -> None:
    bundle = made(tmp_path, deployed())
    declared = documents(bundle)[0]["root"]["inputDefinitions"]["parameters"]["scheduled-at"]
    assert declared["defaultValue"] == "scheduled"
    assert "--at={{$.inputs.parameters['scheduled-at']}}" in args(bundle)
    assert '"scheduled-at": "2026-11-30T03:00:00Z"' in bundle.readme


def test_before_2_17_a_job_takes_the_time_at_which_it_starts(tmp_path: Path) -> None:
    """Up to 2.16 nothing fills the placeholder in, which would be no time (v2/cmd/driver/main.go by its tags)."""
    old = {"versions": {"pipelines": "2.16"}}
    bundle = made(tmp_path, deployed(), **old)
    assert not [word for word in args(bundle) if word.startswith(("--at=", "--instead=", "--optional="))]
    assert "scheduled-at" not in bundle.readme
    dated = deployed(input={"uri": "new/", "partition": "date"})
    assert refused(tmp_path, dated, **old) == [("MG301", "deployments.nightly")]


def test_the_clock_starts_one_run_at_a_time_and_makes_up_for_none(tmp_path: Path) -> None:
    run = made(tmp_path, deployed(schedule="30 3 * * mon-fri")).json("recurring-runs/nightly.json")
    assert run["trigger"] == {"cron_schedule": {"cron": "0 30 3 * * 1,2,3,4,5"}}
    assert (run["max_concurrency"], run["no_catchup"]) == ("1", True)
    assert (run["display_name"], run["service_account"]) == ("payers-nightly", "payers-run")
    assert "recurring-runs/nightly.json" not in made(tmp_path, deployed(schedule=None)).files


def test_a_clock_in_another_zone_than_the_clusters_is_refused(tmp_path: Path) -> None:
    spec = deployed(timezone="Europe/Paris")
    assert refused(tmp_path, spec) == [("MG311", "deployments.nightly.timezone")]
    assert made(tmp_path, spec, timezone="Europe/Paris").files


def test_a_clock_gives_no_parameter_a_value(tmp_path: Path) -> None:
    spec = {**deployed(input="new/${parameters.day}/"), "parameters": DAY}
    assert refused(tmp_path, spec) == [("MG301", "deployments.nightly")]
    by_hand = {**deployed(input="new/${parameters.day}/", schedule=None), "parameters": DAY}
    assert "- `day`: a run has to give it" in made(tmp_path, by_hand).readme.partition("### Score: nightly")[2]


def test_a_trigger_and_a_deployment_cannot_have_one_recurring_run(tmp_path: Path) -> None:
    clock = {"triggers": {"nightly": {"start": "training", "schedule": "0 2 * * 1"}}}
    assert refused(tmp_path, {**deployed(), **clock}) == [("MG305", "deployments.nightly")]


@pytest.mark.parametrize(
    ("storage", "uri"),
    [
        ("s3://acme-ml", "gs://acme/new/"),
        ("gs://acme-ml", "s3://acme/new/"),
        ("pvc://ml", "s3://acme/new/"),
        ("minio://mlpipeline/private-artifacts/ml", "minio://mlpipeline/private-artifacts/other/new/"),
    ],
)
def test_records_that_the_job_cannot_reach_are_said_at_their_place(tmp_path: Path, storage: str, uri: str) -> None:
    where = [("MG313", "deployments.nightly.input.uri")]
    assert refused(tmp_path, deployed(input=uri), storage=storage) == where


def test_a_run_does_not_choose_a_volume(tmp_path: Path) -> None:
    day = {"parameters": {"place": {"type": "string", "default": "pvc://days/new"}}}
    spec = {**deployed(input="${parameters.place}"), **day}
    assert refused(tmp_path, spec) == [("MG313", "deployments.nightly.input.uri")]
    blank = {**deployed(input="${parameters.place}", schedule=None), "parameters": {"place": {"type": "string"}}}
    assert refused(tmp_path, blank, storage="pvc://ml") == [("MG313", "deployments.nightly.input.uri")]


def test_folders_on_volumes_are_mounted_and_opened_there(tmp_path: Path) -> None:
    bundle = made(tmp_path, deployed(input="pvc://days/new/", output="pvc://days/out/"), storage="pvc://ml")
    assert {
        "--registry=file:///mnt/ml/payers/registry/churn",
        "--input=file:///mnt/days/new/",
        "--output=file:///mnt/days/out/",
    } <= set(args(bundle))
    assert [one["constant"] for one in documents(bundle)[1]["pvcMount"]] == ["ml", "days"]
    assert "user and group 10001, as which every step runs" in bundle.readme
    own = made(tmp_path, deployed(), storage="pvc://ml")
    assert "--output=file:///mnt/ml/payers/out/nightly/" in args(own)
    assert "as which every step runs" not in own.readme


def test_the_stores_keys_and_the_jobs_own_secrets_are_variables_of_its_pod(tmp_path: Path) -> None:
    serve = {"run": "clean.py", "env": {"LEVEL": "1"}, "secrets": {"TOKEN": "scoring/token"}}
    bundle = made(tmp_path, deployed(serve=serve), storage_secret={"name": "keys"}, region="eu-west-1")
    pipeline, told = documents(bundle)
    assert [one["secretName"] for one in told["secretAsEnv"]] == ["keys", "scoring"]
    assert "| `scoring` | `token` |" in bundle.readme
    env = pipeline["deploymentSpec"]["executors"]["exec-nightly"]["container"]["env"]
    assert {"name": "LEVEL", "value": "1"} in env


def test_machines_tries_time_and_native_keys_are_the_deployments_own(tmp_path: Path) -> None:
    spec = deployed(retries={"attempts": 2, "backoff": "1m"}, timeout="2h", resources={"cpu": 2, "memory": "4Gi"})
    keys = {"cachingOptions": {"enableCache": False}, "imagePullPolicy": "Always"}
    bundle = made(tmp_path, spec, steps={"nightly": keys}, machines={"nightly": "m5.large"}, cloud="aws")
    pipeline, told = documents(bundle)
    task = pipeline["root"]["dag"]["tasks"]["nightly"]
    assert task["retryPolicy"]["maxRetryCount"] == 2
    assert task["cachingOptions"] == {"enableCache": False}
    assert (told["activeDeadlineSeconds"], told["imagePullPolicy"]) == ("7200", "Always")
    assert "m5.large" in str(told["nodeSelector"])
    assert "imagePullPolicy" not in bundle.told("training")
    assert "- deployments/nightly.yaml at nightly" in bundle.readme


def test_several_pods_are_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, deployed(nodes=2)) == [("MG302", "deployments.nightly.nodes")]


def test_the_readme_starts_training_deployments_and_their_clocks_from_their_own_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = deployed()
    spec["deployments"]["weekly"] = {**spec["deployments"]["nightly"], "schedule": None}
    spec["triggers"] = {"monthly": {"start": "training", "schedule": "0 2 1 * *"}}
    bundle, client = made(tmp_path, spec), Client()
    follow(bundle, tmp_path / "bundle", client, monkeypatch)

    def version(file: str) -> str:
        return f"v-{hashlib.sha256(bundle.files[file]).hexdigest()[:12]}"

    own, nightly, weekly = map(version, ("pipeline.yaml", "deployments/nightly.yaml", "deployments/weekly.yaml"))
    assert [one.display_name for one in client.pipelines] == ["payers", "payers-nightly", "payers-weekly"]
    assert [one["version_id"] for one in client.runs] == [own, nightly, weekly]
    clocks = {one.display_name: one.version_id for one in client.schedules}
    assert clocks == {"payers-monthly": own, "payers-nightly": nightly}


def test_our_linter_knows_that_a_volume_of_the_records_is_there_already(tmp_path: Path) -> None:
    bundle = made(tmp_path, deployed(input="pvc://days/new/"), storage="pvc://ml", storage_size="10Gi")
    folder = on_disk(bundle, tmp_path / "bundle")
    assert "- the claim `days`" in bundle.readme
    assert [str(one) for one in linter.judge(folder)] == []
    file = folder / "deployments" / "nightly.yaml"
    file.write_text(file.read_text().replace("constant: days", "constant: dyas"))
    assert "no manifest makes the claim `dyas`" in [one.message for one in linter.judge(folder)]


@pytest.mark.parametrize("storage", ["s3://acme-ml", "pvc://ml", "minio://mlpipeline/private-artifacts/ml"])
def test_our_linter_is_silent_about_batch_deployments(tmp_path: Path, storage: str) -> None:
    spec = {**deployed(), "governance": {"network": {"private": True}, "retention": "30d"}}
    spec["deployments"]["weekly"] = {**spec["deployments"]["nightly"], "serve": {"run": "clean.py"}}
    bundle = made(lay(tmp_path / "spec"), spec, storage=storage, region="eu-west-1")
    assert [str(one) for one in linter.judge(on_disk(bundle, tmp_path / "bundle"))] == []


def test_a_parameter_that_a_clock_of_a_deployment_gives_in_vain_is_seen(tmp_path: Path) -> None:
    """The deployment's own package says which there are, and not the training's."""
    bundle = on_disk(made(tmp_path, deployed()), tmp_path / "bundle")
    clock = bundle / "recurring-runs" / "nightly.json"
    given = '"runtime_config": {"parameters": {"%s": "2026-11-30T03:00:00Z"}}, "mode"'
    text = clock.read_text()
    clock.write_text(text.replace('"mode"', given % "scheduled-at"))
    assert "MG434" not in [one.code for one in linter.judge(bundle)]
    clock.write_text(text.replace('"mode"', given % "scheduled_at"))
    (wrong,) = [one for one in linter.judge(bundle) if one.code == "MG434"]
    assert wrong.hint == "did you mean `scheduled-at`?"
