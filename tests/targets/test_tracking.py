"""Runs recorded in MLflow: the same record of the same product, whoever runs it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlopsgen.compile import CompileRequest, compile_spec
from tests.cli.calling import call
from tests.cli.product import SPEC, lay
from tests.runtime.fake_mlflow import Mlflow, serving

pytestmark = pytest.mark.slow


@pytest.fixture
def mlflow() -> Iterator[Mlflow]:
    with serving() as server:
        yield server


def laid(folder: Path, uri: str) -> Path:
    text = SPEC.replace(
        "variables:", f"tracking: {{experiment: who, backend: {{mlflow: {json.dumps(uri)}}}}}\nvariables:"
    )
    return lay(folder, spec=text)


@pytest.mark.slow
def test_a_run_here_records_each_step(tmp_path: Path, mlflow: Mlflow) -> None:
    laid(tmp_path, mlflow.uri)
    env = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0"}
    done = call(["run"], tmp_path, env)
    assert done.code == 0, done.err
    training = mlflow.run("training")
    assert training["info"]["status"] == "FINISHED"
    assert {p["key"]: p["value"] for p in training["data"]["params"]} == {"score": "0.9", "broken": "false"}
    assert [(m["key"], m["value"]) for m in training["data"]["metrics"]] == [("accuracy", 0.9)]
    assert list(mlflow.experiments) == ["who"]
    assert call(["run", "--param", "broken=true"], tmp_path, env).code == 4
    assert [run["info"]["status"] for run in mlflow.runs.values() if run["info"]["run_name"] == "training"] == [
        *("FINISHED", "FAILED")
    ]


@pytest.mark.slow
def test_a_server_that_is_gone_costs_no_model(tmp_path: Path, mlflow: Mlflow) -> None:
    mlflow.broken = "runs/create"
    laid(tmp_path, mlflow.uri)
    done = call(["run"], tmp_path, {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0"})
    assert done.code == 0, done.err
    assert mlflow.runs == {}


def test_the_image_holds_the_client_only_where_it_is_used(tmp_path: Path) -> None:
    def requirements(folder: Path, target: str) -> str:
        spec = folder / "spec.yaml"
        bundle = compile_spec(CompileRequest(spec, spec.read_bytes()), target).bundle
        return bundle.files["image/requirements.txt"].decode()

    native, server, arn = lay(tmp_path / "a"), tmp_path / "b", tmp_path / "c"
    laid(server, "https://mlflow.acme.example")
    laid(arn, "arn:aws:sagemaker:eu-west-1:123456789012:mlflow-tracking-server/ml")
    for target in ("local", "sagemaker"):
        assert "mlflow" not in requirements(native, target)
        assert "mlflow-skinny>=" in requirements(server, target)
        assert ("sagemaker-mlflow>=" in requirements(arn, target)) == (target == "sagemaker")
    assert "sagemaker-mlflow" not in requirements(server, "sagemaker")
