"""Batch deployments: a pipeline of one task, the requests that start it, and what its account may do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mlopsgen.targets.vertex.judge import linter

from .specs import Emitted, Node, emit, permissions, refused, vertex


def nightly(**fields: Any) -> Node:
    batch = {"mode": "batch", "input": "new/", "schedule": "0 3 * * *", "timezone": "Europe/Paris", **fields}
    return {"deployments": {"nightly": {key: value for key, value in batch.items() if value is not None}}}


def args(found: Emitted) -> list[str]:
    executor = found.yaml("deployments/nightly.yaml")["deploymentSpec"]["executors"]["exec-nightly"]
    words: list[str] = executor["container"]["args"]
    return words


def test_a_job_is_told_where_its_records_the_champion_and_its_predictions_lie(tmp_path: Path) -> None:
    found = emit(tmp_path, nightly())
    assert {
        "--registry=vertex://europe-west1/acme-ml/churn",
        "--input=gs://acme-models/churn/new/",
        "--output=gs://acme-models/churn/out/nightly/",
        "--run-id={{$.inputs.parameters['run-id']}}",
    } <= set(args(found))
    (task,) = found.yaml("deployments/nightly.yaml")["root"]["dag"]["tasks"].values()
    assert task["cachingOptions"] == {}, "what lies in the input is another thing each time"


def test_a_clock_starts_one_run_at_a_time_of_the_deployments_own_template(tmp_path: Path) -> None:
    found = emit(tmp_path, nightly())
    schedule = found.json("requests/schedule-nightly.json")
    assert (schedule["displayName"], schedule["cron"]) == ("churn-nightly", "TZ=Europe/Paris 0 3 * * *")
    assert (schedule["maxConcurrentRunCount"], schedule["allowQueueing"]) == ("1", False)
    by_hand, trained = (found.json(f"requests/{name}.json") for name in ("deployment-nightly", "pipeline-job"))
    assert schedule["createPipelineJobRequest"]["pipelineJob"]["templateUri"] == by_hand["templateUri"]
    package, tag = by_hand["templateUri"].rsplit("/", 2)[-2:]
    assert package == found.yaml("deployments/nightly.yaml")["pipelineInfo"]["name"] == "churn-nightly"
    assert trained["templateUri"].rsplit("/", 2)[-2] == "churn"
    assert f"-F tags={tag}" in found.files["README.md"].decode()


def test_without_a_clock_a_person_starts_it(tmp_path: Path) -> None:
    found = emit(tmp_path, nightly(schedule=None, timezone=None))
    assert "requests/schedule-nightly.json" not in found.files
    assert "--upload-file requests/deployment-nightly.json" in found.files["README.md"].decode()


def test_the_account_reads_versions_and_records_and_writes_predictions(tmp_path: Path) -> None:
    places: Node = {"input": "gs://acme-new/day/", "output": {"uri": "gs://acme-scored/churn/"}}
    found = emit(tmp_path, {"registry": "none"}, nightly(**places, model="churn:1"))
    assert {"models.get", "models.list"} <= permissions(found)
    grants = found.resources["google_storage_bucket_iam_member"].values()
    roles = {(grant["bucket"], grant["role"]) for grant in grants}
    assert ("acme-new", "roles/storage.objectViewer") in roles
    assert ("acme-scored", "roles/storage.objectUser") in roles


def test_records_that_no_job_of_google_reaches_are_said_at_their_place(tmp_path: Path) -> None:
    (wrong,) = [one for one in refused(tmp_path, nightly(input="s3://acme/new/")) if one.code == "MG313"]
    assert wrong.spec_path == ("deployments", "nightly", "input", "uri")


def test_a_clock_gives_no_parameter_a_value(tmp_path: Path) -> None:
    day: Node = {"parameters": {"day": {"type": "string"}}}
    place = {"input": "gs://acme-new/${parameters.day}/"}
    assert "MG301" in [one.code for one in refused(tmp_path, day, nightly(**place))]
    by_hand = emit(tmp_path, day, nightly(**place, schedule=None, timezone=None))
    declared = by_hand.yaml("deployments/nightly.yaml")["root"]["inputDefinitions"]["parameters"]
    assert "day" in declared


def test_parameters_of_the_training_are_not_asked_of_a_scoring(tmp_path: Path) -> None:
    folds: Node = {"parameters": {"folds": {"type": "integer", "default": 5}}}
    found = emit(tmp_path, folds, {"training": {"params": {"folds": "${parameters.folds}"}}}, nightly())
    assert "folds" in found.pipeline["root"]["inputDefinitions"]["parameters"]
    assert "folds" not in found.yaml("deployments/nightly.yaml")["root"]["inputDefinitions"]["parameters"]


def test_a_trigger_and_a_deployment_are_not_called_the_same(tmp_path: Path) -> None:
    clock: Node = {"triggers": {"nightly": {"start": "training", "schedule": "0 2 * * 1"}}}
    assert "MG305" in [one.code for one in refused(tmp_path, clock, nightly())]


def test_native_keys_of_a_deployment_reach_its_own_pipeline(tmp_path: Path) -> None:
    found = emit(tmp_path, nightly(), vertex(steps={"nightly": {"retryPolicy": {"maxRetryCount": 2}}}))
    (task,) = found.yaml("deployments/nightly.yaml")["root"]["dag"]["tasks"].values()
    assert task["retryPolicy"] == {"maxRetryCount": 2}
    assert b"maxRetryCount" not in found.files["pipeline.yaml"]


def test_our_linter_is_silent_about_an_unedited_bundle_and_sees_a_run_of_an_old_template(tmp_path: Path) -> None:
    found = emit(tmp_path, nightly())
    folder = tmp_path / "bundle"
    for path, content in found.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    assert list(linter.judge(folder)) == []
    request = folder / "requests/deployment-nightly.json"
    request.write_text(request.read_text().replace("/src-", "/old-"))
    assert "MG434" in {one.code for one in linter.judge(folder)}
