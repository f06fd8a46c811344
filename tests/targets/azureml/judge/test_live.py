"""What azure-ai-ml makes of an emitted deployment is what a rollout sends, and it takes every other file of it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from mlopsgen.targets.azureml.judge import HERE, REQUIREMENTS, judges
from mlopsgen.targets.judge_environment import JudgeEnvironment
from mlopsgen.targets.judging import hear
from tests.targets.azureml.emit.specs import Emitted, emitted

from .microsoft import judged

ASKED = """\
import json, sys
from azure.ai.ml import load_online_deployment, load_online_endpoint
folder = sys.argv[1]
deployment = load_online_deployment(f"{folder}/deployment.yml")._to_rest_object("westeurope")
endpoint = load_online_endpoint(f"{folder}/endpoint.yml")._to_rest_online_endpoint("westeurope")
print(json.dumps([deployment.as_dict(), endpoint.as_dict()]))
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Emitted, Path]:
    folder = tmp_path_factory.mktemp("live")
    night = {"days": ["sat"], "hours": "22:00-06:00", "timezone": "Europe/Paris", "min": 1, "max": 1}
    live = {
        "mode": "real-time",
        "serve": {"run": "a.py"},
        "requests": {"timeout": "2s"},
        "replicas": {"min": 2, "max": 5},
        "scale_on": {"requests_per_minute": 750, "latency": "1s"},
        "profiles": {"night": night},
        "auth": "key",
    }
    bundle = emitted(folder, {"deployments": {"live": live}})
    for name, content in bundle.files.items():
        path = folder / "bundle" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return bundle, folder / "bundle"


@pytest.mark.slow
def test_azures_own_library_takes_every_file(made: tuple[Emitted, Path]) -> None:
    heard = hear(judges()[0], made[1], lambda _: None)
    assert heard.ran
    assert [f"{d.span}: {d.message}" for d in heard.findings] == []


def test_the_rights_and_the_autoscale_setting_keep_to_microsofts_schemas(made: tuple[Emitted, Path]) -> None:
    bundle, _ = made
    scaling = bundle.arm("deployments/live/rollout.json")["native"]["scaling"]
    setting = {
        "type": "Microsoft.Insights/autoscalesettings",
        "apiVersion": "2021-05-01-preview",
        "name": "live",
        "location": "westeurope",
        "properties": {"name": "live", "enabled": True, "targetResourceUri": "/deployments/v1", **scaling},
    }
    assert judged({"resources": [setting]}) == []
    assert judged(bundle.arm("infra/deployments.json")) == []


@pytest.mark.slow
def test_a_rollout_sends_what_azures_own_library_would(made: tuple[Emitted, Path]) -> None:
    bundle, folder = made
    judge = JudgeEnvironment("azure-ai-ml", REQUIREMENTS, HERE / "outside.py", HERE / "constraints.txt")
    if not judge.ready():
        pytest.skip("azure-ai-ml is not there")
    words = [str(judge.python), "-W", "ignore", "-c", ASKED, str(folder / "deployments/live")]
    ran = subprocess.run(words, check=True, capture_output=True, text=True, timeout=300)
    theirs, endpoint = json.loads(ran.stdout.splitlines()[-1])
    assert _said(theirs["properties"]) == _said(_ours(bundle))
    assert theirs["sku"] == {"name": "Default", "capacity": 2}
    assert endpoint["identity"]["type"] == "UserAssigned"
    assert endpoint["properties"]["authMode"] == "Key"
    assert not endpoint["properties"].get("traffic")


def _ours(bundle: Emitted) -> dict[str, Any]:
    """What the adapter adds to rollout.json for the first version, its model by the name that the library sends."""
    native = bundle.arm("deployments/live/rollout.json")["native"]
    said = native["deployment"]["properties"]
    variables = {**said["environmentVariables"], "MLOPSGEN_VERSION": "1"}
    return {**said, "environmentVariables": variables, "model": "churn:1"}


def _said(properties: dict[str, Any]) -> dict[str, Any]:
    """Without what is null or nothing, and ids by their last words: the library knows no workspace here."""
    kept = {key: value for key, value in properties.items() if value not in (None, {}, False)}
    kept["environmentId"] = kept["environmentId"].replace(":", "/").replace("/versions/", "/").split("/")[-2:]
    return kept
