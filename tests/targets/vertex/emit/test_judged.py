"""Our linter has nothing to say about what this target can emit, whatever the spec asks for."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlopsgen.bundle import write
from mlopsgen.compile import CompileRequest, compile_spec
from mlopsgen.targets.vertex.judge import linter
from mlopsgen.verify import verify_each

from .specs import Node, emit, training, vertex
from .test_new_project import EVERYTHING

pytestmark = pytest.mark.slow

KEY = "projects/acme-ml/locations/europe-west1/keyRings/ml/cryptoKeys/models"
SEARCH = {
    "metric": "accuracy",
    "strategy": "bayesian",
    "trials": 30,
    "parallel": 3,
    "search": {"rate": {"float": [0.001, 0.3], "scale": "log"}, "kind": {"choice": ["a", "b"]}},
}
WEEKLY = {"start": "training", "schedule": "0 2 * * 1", "timezone": "Europe/Paris"}
ASKED: dict[str, tuple[Node, ...]] = {
    "plain": (),
    "spot": (training(resources={"cpu": 8, "spot": True, "nodes": 3}, distributed="torchrun", timeout="2h"),),
    "machines": (vertex(machines={"default": "n2-standard-8", "training": "g2-standard-8"}),),
    "accelerators": (training(resources={"gpu": {"kind": "a100", "count": 2}, "disk": "500Gi"}),),
    "search": (training(tuning={**SEARCH, "refit": True, "max_failures": 2, "timeout": "4h", "early_stopping": True}),),
    "grid": (training(tuning={"metric": "accuracy", "strategy": "grid", "search": {"depth": {"int": [2, 20]}}}),),
    "loop": (training(tuning={"metric": "accuracy", "strategy": "grid", "search": {"depth": {"int": [2, 4]}}}),),
    "key": ({"governance": {"encryption": {"key": KEY}, "retention": "90d"}}, training(resources={"spot": True})),
    "network": (
        {"governance": {"network": {"private": True}}},
        vertex(network="projects/123/global/networks/ml"),
        training(tuning=SEARCH),
    ),
    "people": ({"governance": {"access": {"deploy": ["group:r@acme.example"], "invoke": ["planning-app"]}}},),
    "clock": ({"triggers": {"weekly": WEEKLY}},),
    "new-data": ({"triggers": {"fresh": {"start": "training", "new_data": "data.source"}}},),
    "call": ({"triggers": {"called": {"start": "training", "invoke": True}}},),
    "exists": (
        vertex(service_account="trainer@acme-ml.iam.gserviceaccount.com", bucket_exists=True, repository="images"),
        {"triggers": {"fresh": {"start": "training", "new_data": "data.source"}}},
    ),
    "secrets": (training(secrets={"TOKEN": "tracking", "OTHER": "gcp-secretmanager://shared-acme/other/3"}),),
    "champion": (
        {"evaluation": {"gates": {"better": {"metric": "accuracy", "better_than": "champion"}}}},
        training(start_from="champion"),
    ),
    "exit-handler": (
        {
            "steps": {
                "tell": {"run": "tell.py", "always": True},
                "more": {"run": "tell.py", "when": "${parameters.more}"},
            }
        },
        {"parameters": {"more": {"type": "boolean", "default": False}}},
    ),
    "mlflow": ({"tracking": {"backend": {"mlflow": "https://mlflow.acme.example"}}},),
    "approval": (
        {"parameters": {"approval": {"type": "string", "values": ["automatic", "manual"], "default": "manual"}}},
        {"registry": {"approval": "${parameters.approval}"}},
    ),
    "rejected": ({"evaluation": {"on_gate_failure": "register"}},),
    "fails": ({"evaluation": {"on_gate_failure": "fail"}},),
    "day": (
        {"parameters": {"day": {"type": "string", "default": "today"}}},
        {"data": {"source": "gs://acme-data/${parameters.day}/rows/"}},
    ),
    "table": ({"data": {"source": "bq://acme-data.churn.rows"}},),
    "table-version": (
        {"parameters": {"day": {"type": "string", "default": "20261130"}}},
        {"data": {"source": "bq://acme-data.churn.rows_${parameters.day}", "version": "2026-11-30T12:00:00Z"}},
        vertex(service_account="trainer@acme-ml.iam.gserviceaccount.com"),
    ),
    "tags": ({"tags": {"cost-center": "4711"}, "owner": "Ann $${var} %{x}"},),
}


@pytest.mark.parametrize("asked", ASKED)
def test_the_linter_finds_nothing(asked: str, tmp_path: Path) -> None:
    found = emit(tmp_path, *ASKED[asked])
    folder = tmp_path / "bundle"
    for path, content in found.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    assert [(one.code, one.message, str(one.span)) for one in linter.judge(folder)] == []


def test_every_judge_lets_googles_own_accounts_have_their_roles(tmp_path: Path) -> None:
    emit(tmp_path, *EVERYTHING)
    spec = tmp_path / "project/spec.yaml"
    write(compile_spec(CompileRequest(spec, spec.read_bytes()), "vertex").bundle, tmp_path / "bundle")
    (verdict,) = verify_each([tmp_path / "bundle"])
    assert [one for one in verdict.findings if one.code != "MG440"] == []
