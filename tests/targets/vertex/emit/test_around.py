"""What is around the pipeline: versions, the image, names and limits."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from mlopsgen.runtime import endpoint
from mlopsgen.targets.api import FEATURES
from mlopsgen.targets.vertex import target
from mlopsgen.targets.vertex.names import shortened
from mlopsgen.targets.vertex.native import literal

from .specs import Node, emit, refused, training, vertex

KEY = "projects/acme-ml/locations/europe-west1/keyRings/ml/cryptoKeys/models"


def test_every_feature_is_answered_and_no_other() -> None:
    assert set(target.support) == {feature.name for feature in FEATURES}
    assert all(answer.with_what for answer in target.support.values())


def test_a_version_says_how_it_is_served_for_it_cannot_be_said_later(tmp_path: Path) -> None:
    """aiplatform v1, ModelContainerSpec: command, args, ports and both routes are immutable."""
    found = emit(tmp_path)
    (said,) = [word for word in found.container("registry")["args"] if word.startswith("--settings=")]
    container = json.loads(said.removeprefix("--settings="))["model"]["containerSpec"]
    assert container == {
        "imageUri": found.container("registry")["image"],
        "args": [endpoint.SERVE],
        "ports": [{"containerPort": endpoint.PORT}],
        "predictRoute": endpoint.PREDICT,
        "healthRoute": endpoint.HEALTH,
        "deploymentTimeout": "1800s",
    }
    text = " ".join(found.files["README.md"].decode().split())
    holds = any(path.startswith("image/app/mlopsgen_runtime/serving/") for path in found.files)
    assert ("holds no server yet" in text) == (not holds)
    assert f"port {endpoint.PORT}, `{endpoint.PREDICT}` and `{endpoint.HEALTH}`" in text


def test_the_push_can_be_repeated_though_a_tag_is_taken_once(tmp_path: Path) -> None:
    found = emit(tmp_path)
    image = found.container("training")["image"]
    lines = found.files["README.md"].decode().splitlines()
    assert found.resources["google_artifact_registry_repository"]["images"]["docker_config"] == {"immutable_tags": True}
    place = lines.index(f"gcloud artifacts docker images describe {image} ||")
    assert lines[place + 2] == f"   docker push {image})"


@pytest.mark.parametrize(
    ("change", "code", "where"),
    [
        ({"tags": {"Cost": "1"}}, "MG305", ("tags", "Cost")),
        ({"tags": {"cost": "A B"}}, "MG305", ("tags", "cost")),
        ({"registry": {"model": "9lives"}}, "MG305", ("registry", "model")),
        ({"governance": {"encryption": {"key": "alias/ml"}}}, "MG305", ("governance", "encryption", "key")),
        (
            {"governance": {"encryption": {"key": KEY.replace("west1", "west4")}}},
            "MG301",
            ("governance", "encryption", "key"),
        ),
        ({"governance": {"network": {"private": True}}}, "MG301", ("governance", "network", "private")),
        ({"governance": {"lineage": True}}, "MG302", ("governance", "lineage")),
        ({"data": {"source": "s3://acme/rows/"}}, "MG313", ("data", "sources", "source", "uri")),
        (vertex(machines={"training": "m5.large"}), "MG319", ("targets", "vertex", "machines", "training")),
        (vertex(machines={"trainig": "n2-standard-4"}), "MG309", ("targets", "vertex", "machines", "trainig")),
        (vertex(steps={"trainig": {"retryPolicy": {}}}), "MG309", ("targets", "vertex", "steps", "trainig")),
        (training(secrets={"T": "aws-secretsmanager://eu/x"}), "MG312", ("training", "secrets", "T")),
        (training(env={"A": "$(HOME)"}), "MG308", ("training", "env", "A")),
        (training(env={f"A{n}": "x" for n in range(101)}), "MG306", ("training", "env")),
        (training(params={"a": "{{$.inputs}}"}), "MG308", ("training", "params", "a")),
        (
            {
                "parameters": {"limit": {"type": "integer", "default": None}},
                "training": {"params": {"a": "first-${parameters.limit}"}},
            },
            "MG301",
            ("training", "params", "a"),
        ),
        ({"data": {"residency": ["us"]}}, "MG122", ("targets", "vertex", "region")),
    ],
)
def test_what_the_platform_would_not_take_is_refused_at_its_place(
    tmp_path: Path, change: Any, code: str, where: Any
) -> None:
    found = refused(tmp_path, change)
    assert [(one.code, one.spec_path) for one in found] == [(code, where)]
    assert all(one.hint for one in found)


def test_runs_join_their_experiment_unless_they_are_recorded_elsewhere(tmp_path: Path) -> None:
    args = emit(tmp_path).container("record-run")["args"]
    assert args == ["record", "--experiment=vertex://europe-west1/acme-ml/churn?run={{$.inputs.parameters['run']}}"]
    found = emit(tmp_path, {"tracking": {"backend": {"mlflow": "https://mlflow.acme.example"}}})
    assert "record-run" not in dict(found.tasks())
    env = {one["name"]: one["value"] for one in found.container("training")["env"]}
    assert env["MLFLOW_TRACKING_URI"] == "https://mlflow.acme.example"


def test_the_image_holds_what_asks_google_only_where_something_does(tmp_path: Path) -> None:
    elsewhere: Node = {"tracking": {"backend": {"mlflow": "https://mlflow.acme.example"}}}
    alone: Node = {"training": None, "evaluation": None, "data": None, "steps": {"only": {"run": "tell.py"}}}
    secret: Node = {"steps": {"only": {"secrets": {"TOKEN": "tracking"}}}}
    for changes, needed in (
        ([], True),
        ([alone], True),
        ([alone, elsewhere], False),
        ([alone, elsewhere, secret], True),
    ):
        text = emit(tmp_path, *changes).files["image/requirements.txt"].decode()
        assert ("google-auth>=" in text) == needed


def test_addresses_that_only_the_run_knows_are_mounted(tmp_path: Path) -> None:
    asked: Node = {
        "parameters": {"day": {"type": "string", "default": "2026-11-21"}},
        "data": {"source": "gs://acme-data/${parameters.day}/rows/", "split": "none"},
        "evaluation": None,
    }
    args = emit(tmp_path, asked).container("training")["args"]
    assert "--source=/gcs/acme-data/{{$.inputs.parameters['day']}}/rows/" in args


def test_native_keys_reach_the_task_and_its_executor(tmp_path: Path) -> None:
    steps = {"training": {"retryPolicy": {"maxRetryCount": 2}, "container": {"env": [{"name": "A", "value": "b"}]}}}
    found = emit(tmp_path, vertex(steps=steps))
    assert dict(found.tasks())["training"]["retryPolicy"] == {"maxRetryCount": 2}
    assert found.container("training")["env"] == [{"name": "A", "value": "b"}]


def test_names_that_are_too_long_or_too_short_stay_apart() -> None:
    assert shortened("churn", 30) == "churn"
    assert re.fullmatch(r"wine-[0-9a-f]{8}", shortened("wine", 30, least=6))
    long = "a" * 20 + "-" * 5 + "b" * 20
    assert len(shortened(long, 30)) <= 30
    assert shortened(long, 30) != shortened(long + "c", 30)


def test_terraform_evaluates_no_text_of_others() -> None:
    assert literal("${var.x} %{if} $x") == "$${var.x} %%{if} $x"


def test_the_readme_says_that_results_outlive_their_files(tmp_path: Path) -> None:
    """docs/pipelines/configure-caching: entries stay until they are deleted from ML Metadata."""
    assert "Change a file of the image before you make" in emit(tmp_path).files["README.md"].decode()


def test_no_command_of_the_readme_asks_while_the_next_is_pasted(tmp_path: Path) -> None:
    assert "gcloud auth configure-docker --quiet " in emit(tmp_path).files["README.md"].decode()
