"""Real-time deployments: an endpoint, the deployment of a version, the job that rolls one out, and who may do what."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mlopsgen.runtime.platforms.azure_start import COMMAND, command_line
from mlopsgen.runtime.serving.limits import Limits

from .specs import Emitted, emitted, refused
from .test_access import READER
from .test_batch import CONTRIBUTOR

ERRORS = {"monitoring": {"monitors": {"errors": {"kind": "errors", "at_most": 0.01}}}}
RIGHTS = "infra/deployments.json"


def live(**said: Any) -> dict[str, Any]:
    """One deployment, called `live`."""
    return {"deployments": {"live": {"mode": "real-time", "serve": {"run": "a.py"}, **said}}}


def plan(made: Emitted) -> dict[str, Any]:
    return made.arm("deployments/live/rollout.json")


def granted(made: Emitted, whose: str) -> dict[str, str]:
    """The roles of an identity, by what they are for."""
    inner = {name: one for name, one in made.deployments(RIGHTS).items() if name.startswith(f"{whose}-")}
    return {
        name.removeprefix(f"{whose}-"): one["properties"]["parameters"]["role"]["value"] for name, one in inner.items()
    }


def test_an_endpoint_names_no_shares_and_its_name_is_its_own_in_the_region(tmp_path: Path) -> None:
    """With `traffic` in it, the next `az ml online-endpoint update --file` would take the live version's requests."""
    endpoint = emitted(tmp_path, live()).yml("deployments/live/endpoint.yml")
    assert "traffic" not in endpoint
    assert re.fullmatch(r"churn-live-[0-9a-f]{8}", endpoint["name"])
    there = emitted(tmp_path, live(), workspace="other").yml("deployments/live/endpoint.yml")
    assert there["name"] != endpoint["name"]
    assert (endpoint["auth_mode"], endpoint["public_network_access"]) == ("aad_token", "disabled")


def test_long_names_still_fit_into_an_endpoints(tmp_path: Path) -> None:
    said = {
        "name": "churn-of-all-customers-in-europe",
        "deployments": {"the-live-one": {"mode": "real-time", "serve": {"run": "a.py"}}},
    }
    endpoint = emitted(tmp_path, said).yml("deployments/the-live-one/endpoint.yml")
    assert re.fullmatch(r"[a-z][a-z0-9-]{1,30}[a-z0-9]", endpoint["name"])


def test_an_endpoint_that_exists_is_taken_over(tmp_path: Path) -> None:
    made = emitted(tmp_path, live(), names={"live": "churn-prod"})
    assert made.yml("deployments/live/endpoint.yml")["name"] == "churn-prod"
    assert plan(made)["fleet"].endswith("/onlineEndpoints/churn-prod")
    nightly = {"deployments": {"nightly": {"mode": "batch", "input": "new/"}}}
    message = "`nightly` scores files in a job, so it has no endpoint to take over"
    assert ("MG301", message) in refused(tmp_path, nightly, names={"nightly": "churn-prod"})
    assert ("MG305", "`a--_` is no name of an online endpoint") in refused(tmp_path, live(), names={"live": "a--_"})


def test_who_reaches_it_and_with_what(tmp_path: Path) -> None:
    endpoint = emitted(tmp_path, live(expose="public", auth="key")).yml("deployments/live/endpoint.yml")
    assert (endpoint["auth_mode"], endpoint["public_network_access"]) == ("key", "enabled")


def test_a_private_deployment_says_what_it_needs(tmp_path: Path) -> None:
    assert any("private endpoint of the workspace" in said for said in emitted(tmp_path, live()).said("MG315"))
    assert not any("private endpoint" in said for said in emitted(tmp_path, live(expose="public")).said("MG315"))


def test_a_rollout_sends_what_deployment_yml_says(tmp_path: Path) -> None:
    """The file that people read would else be another one than what runs."""
    said = live(requests={"timeout": "500ms", "concurrent": 3}, replicas=2)
    made = emitted(tmp_path, said)
    file, native = made.yml("deployments/live/deployment.yml"), plan(made)["native"]
    sent = native["deployment"]["properties"]
    assert sent["instanceType"] == file["instance_type"]
    assert sent["requestSettings"] == {"requestTimeout": "PT0.5S", "maxConcurrentRequestsPerInstance": 3}
    assert file["request_settings"] == {"request_timeout_ms": 500, "max_concurrent_requests_per_instance": 3}
    assert sent["environmentId"].endswith("/environments/churn/versions/" + file["environment"].rpartition(":")[2])
    variables = dict(file["environment_variables"])
    assert variables.pop("MLOPSGEN_VERSION") == "1"
    assert variables == sent["environmentVariables"]
    assert (native["low"], file["instance_count"]) == (2, 2)


def test_as_many_requests_are_let_in_as_the_server_takes(tmp_path: Path) -> None:
    """Azure's default is one: the rest would be answered 429, and no instance would start for them."""
    settings = plan(emitted(tmp_path, live()))["native"]["deployment"]["properties"]["requestSettings"]
    assert settings["maxConcurrentRequestsPerInstance"] == Limits().concurrent
    assert settings["requestTimeout"] == f"PT{Limits().timeout}S"


def test_the_image_starts_the_server_and_the_environment_has_its_routes(tmp_path: Path) -> None:
    made = emitted(tmp_path, live())
    assert (
        made.files["image/Dockerfile"]
        .decode()
        .rstrip()
        .endswith('CMD ["python", "-m", "mlopsgen_runtime.platforms.azure_start"]')
    )
    routes = made.yml("environment.yml")["inference_config"]
    assert routes["scoring_route"] == {"port": 8080, "path": "/score"}
    assert {routes[f"{kind}_route"]["path"] for kind in ("liveness", "readiness")} == {"/live", "/ready"}
    assert "CMD" not in emitted(tmp_path).files["image/Dockerfile"].decode()
    assert "inference_config" not in emitted(tmp_path).yml("environment.yml")


def test_the_server_finds_its_model_where_azure_puts_it(tmp_path: Path) -> None:
    """In a folder that is called as the registered one was, or without it."""
    made = emitted(tmp_path, live())
    variables = made.yml("deployments/live/deployment.yml")["environment_variables"]
    place = tmp_path / "churn/7"
    place.mkdir(parents=True)
    line = command_line({**variables, "AZUREML_MODEL_DIR": str(place)})
    assert {f"--model={place}", "--version=1", "--host=0.0.0.0", "--predict=/opt/app/a.py"} <= set(line)
    (place / "model").mkdir()
    line = command_line({COMMAND: variables[COMMAND], "AZUREML_MODEL_DIR": str(place)})
    assert {f"--model={place}/model", "--version=7"} <= set(line)


def test_what_the_image_starts_is_in_the_image(tmp_path: Path) -> None:
    made = emitted(tmp_path / "spec", live())
    for name, content in made.files.items():
        if name.startswith("image/app/"):
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    words = re.search(r"(?m)^CMD (.+)$", made.files["image/Dockerfile"].decode())
    assert words
    variables = {"PYTHONPATH": str(tmp_path / "image/app"), COMMAND: '["serve", "--help"]', "AZUREML_MODEL_DIR": "/m"}
    line = [sys.executable, *json.loads(words[1])[1:]]
    ran = subprocess.run(line, env=variables, check=False, capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "serve --model=DIR" in ran.stdout
    ran = subprocess.run(line, env={"PYTHONPATH": variables["PYTHONPATH"]}, check=False, capture_output=True, text=True)
    assert (ran.returncode, "which says what it runs" in ran.stderr) == (1, True)


def test_secrets_are_read_by_the_servers_identity_alone(tmp_path: Path) -> None:
    made = emitted(tmp_path, live(serve={"run": "a.py", "secrets": {"TOKEN": "feature-token"}}))
    words = json.loads(made.yml("deployments/live/deployment.yml")["environment_variables"][COMMAND])
    assert words[:2] == ["step", "--secret=TOKEN=azure-keyvault://acme-ml-kv/feature-token"]
    assert words[words.index("--") + 1 :][:4] == ["python", "-m", "mlopsgen_runtime", "serve"]
    assert "secret-acme-ml-kv-feature-token" in granted(made, "churn-live-endpoint")
    assert "feature-token" not in json.dumps(made.arm("infra/access.json"))


def test_each_identity_has_what_it_needs_and_no_more(tmp_path: Path) -> None:
    made = emitted(tmp_path, live())
    server, rollouts = granted(made, "churn-live-endpoint"), granted(made, "churn-rollouts")
    assert (server["data"], rollouts["data"]) == (READER, CONTRIBUTOR)
    assert set(server) == {"data", "images", "metrics"}
    assert set(rollouts) == {"data", "images", "workspace", "identity-live"}, "nothing scales, so nothing is moved"
    (role,) = [r for r in made.resources(RIGHTS) if "rollouts" in str(r.get("properties", {}).get("roleName"))]
    (allowed,) = role["properties"]["permissions"]
    assert not any("*" in action or "listKeys" in action for action in allowed["actions"])


def test_rollouts_run_as_an_identity_of_their_own(tmp_path: Path) -> None:
    """A training's code would else be able to change what answers."""
    made = emitted(tmp_path, live())
    job = made.yml("deployments/live/rollout.yml")
    cluster = made.yml("compute/churn-rollouts.yml")
    assert job["compute"] == f"azureml:{cluster['name']}"
    (identity,) = cluster["identity"]["user_assigned_identities"]
    assert identity["resource_id"].endswith("/churn-rollouts")
    assert "onlineEndpoints" not in json.dumps(made.arm("infra/access.json"))


def test_each_deployment_has_an_endpoint_an_identity_and_a_machine_for_its_rollouts(tmp_path: Path) -> None:
    two = {name: live()["deployments"]["live"] for name in ("eu", "us")}
    made = emitted(tmp_path, {"deployments": two})
    assert made.yml("compute/churn-rollouts.yml")["max_instances"] == 2
    names = {made.yml(f"deployments/{name}/endpoint.yml")["name"] for name in ("eu", "us")}
    assert len(names) == 2
    assert {"rollout_eu", "rollout_us"} <= made.jobs.keys()
    assert {"identity-eu", "identity-us"} <= granted(made, "churn-rollouts").keys()


def test_a_cluster_that_exists_rolls_versions_out_with_the_identity_that_it_has(tmp_path: Path) -> None:
    made = emitted(tmp_path, live(), compute={"default": "cpu"})
    assert made.yml("deployments/live/rollout.yml")["compute"] == "azureml:cpu"
    assert not granted(made, "churn-rollouts")
    assert "Managed Identity Operator on the endpoints' identities" in made.files["README.md"].decode()


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (live(replicas={"min": 1, "max": 4}, scale_on={"concurrency": 8}),
         ("MG301", "Azure Monitor has no figure `concurrency` of one deployment")),
        (live(replicas=60), ("MG306", "a deployment of Azure ML has 50 instances at most")),
        (live(requests={"timeout": "4m"}), ("MG306", "Azure ML waits for an answer for 180 seconds at most")),
        (live(rollout={"strategy": "canary", "steps": [0.005, 1.0]}),
         ("MG306", "Azure ML shares requests in whole percents, and 0.005 is none")),
        (live(rollout={"strategy": "shadow", "steps": [0.6]}),
         ("MG306", "Azure ML mirrors half of the requests at most, not 0.6")),
        (live(profiles={"night": {"min": 0, "max": 1}}),
         ("MG301", "a deployment of Azure ML has at least one instance, at night, too")),
        (live(resources={"spot": True}),
         ("MG301", "`live` answers requests, and managed endpoints have no spot capacity")),
    ],
)  # fmt: skip
def test_what_azure_cannot_do_is_said_with_a_way_out(
    said: dict[str, Any], found: tuple[str, str], tmp_path: Path
) -> None:
    assert found in refused(tmp_path, said)


def test_a_quantile_that_nobody_measures_is_refused(tmp_path: Path) -> None:
    slow = {"slow": {"kind": "latency", "quantile": 0.97, "at_most": "1s"}}
    said = {**live(rollout={"strategy": "canary", "abort_on": ["slow"]}), "monitoring": {"monitors": slow}}
    assert ("MG301", "Azure Monitor has no quantile 0.97 of the latency") in refused(tmp_path, said)


def test_an_image_that_exists_is_refused_since_nobody_knows_what_it_starts(tmp_path: Path) -> None:
    image = f"ghcr.io/acme/churn@sha256:{'0' * 64}"
    found = refused(tmp_path, {**live(), "code": {"image": image}})
    assert any(code == "MG301" and "nobody knows what it starts" in said for code, said in found)


def test_machines_are_those_that_endpoints_take(tmp_path: Path) -> None:
    """Of the sizes of clusters many are none of online endpoints'."""

    def size(said: dict[str, Any], **options: Any) -> str:
        return str(emitted(tmp_path, said, **options).yml("deployments/live/deployment.yml")["instance_type"])

    assert size(live()) == "Standard_D4as_v4"
    assert size(live(resources={"cpu": 2, "memory": "12Gi"})) == "Standard_E2s_v3"
    assert size(live(), machines={"default": "Standard_D4ds_v4"}) == "Standard_D4as_v4"
    assert size(live(), machines={"live": "Standard_F8s_v2"}) == "Standard_F8s_v2"


def test_a_run_ends_with_the_rollout_of_what_it_registered(tmp_path: Path) -> None:
    made = emitted(tmp_path, live())
    node = made.jobs["rollout_live"]
    assert node["inputs"] == {"after_registry": "${{parent.jobs.registry.outputs.version}}"}
    assert (node["compute"], node["identity"]) == ("azureml:churn-rollouts", {"type": "managed"})
    words = shlex.split(made.command("rollout_live"))
    assert "--needs=${{inputs.after_registry}}/version.json" in words
    assert "--registered=${{inputs.after_registry}}" in words
    assert "--champion=rollout" in shlex.split(made.command("registry"))


@pytest.mark.parametrize(
    "said",
    [live(start="manual"), {**live(), "registry": {"approval": "manual"}}, live(model="churn:3")],
    ids=["by hand", "approved by a person", "pinned"],
)
def test_a_run_rolls_nothing_out_that_a_person_starts(said: dict[str, Any], tmp_path: Path) -> None:
    made = emitted(tmp_path, said)
    assert "rollout_live" not in made.jobs
    assert (
        "az ml job create --file deployments/live/rollout.yml --set inputs.version=" in made.files["README.md"].decode()
    )


def test_whoever_approves_hears_that_the_rollout_is_started_by_hand(tmp_path: Path) -> None:
    made = emitted(tmp_path, {**live(), "registry": {"approval": "manual"}})
    assert any("tells nobody that a version has been approved" in said for said in made.said("MG315"))
    assert "--version $VERSION --set tags.status=approved" in made.files["README.md"].decode()


def test_whoever_approves_may_start_the_rollout_and_callers_may_call(tmp_path: Path) -> None:
    person, caller = "11111111-2222-3333-4444-555555555555", "66666666-2222-3333-4444-555555555555"
    access = {"governance": {"access": {"deploy": [person], "invoke": [caller]}}}
    made = emitted(tmp_path, {**live(), **access})
    starts = [r for r in made.resources("infra/access.json") if r.get("properties", {}).get("principalId") == person]
    assert len(starts) == 2, "to approve, and to start a job"
    (calls,) = [r for r in made.resources(RIGHTS) if r.get("properties", {}).get("principalId") == caller]
    assert "call-endpoints" in calls["properties"]["roleDefinitionId"]
    by_key = emitted(tmp_path, {**live(auth="key"), **access})
    assert "call-endpoints" not in by_key.files[RIGHTS].decode()


def test_native_keys_of_a_deployment_are_those_that_a_rollout_sends(tmp_path: Path) -> None:
    made = emitted(tmp_path, live(), steps={"live": {"appInsightsEnabled": True}})
    assert plan(made)["native"]["deployment"]["properties"]["appInsightsEnabled"] is True
