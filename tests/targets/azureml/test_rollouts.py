"""Rollouts as the emitted job starts them, with the rights of the emitted role, against Azure's API in memory."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlopsgen.runtime.platforms import azure_endpoints, azure_rest
from mlopsgen.runtime.problems import Failed, GateSaidNo
from mlopsgen.runtime.serving.lock import Busy
from mlopsgen.runtime.serving.rollout import command, engine
from mlopsgen.runtime.serving.rollout.engine import Clock

from .emit.specs import Emitted, emitted
from .executor.arm import Cut, World

ERRORS = {"monitors": {"errors": {"kind": "errors", "at_most": 0.01}}}
CANARY = {"strategy": "canary", "steps": [0.1, 0.5, 1.0], "abort_on": ["errors"]}
SCALED = {"replicas": {"min": 1, "max": 6}, "scale_on": {"requests_per_minute": 750}}


def live(tmp_path: Path, monitors: dict[str, Any] = ERRORS["monitors"], **said: Any) -> Emitted:
    """A bundle with one deployment, called `live`."""
    deployment = {"mode": "real-time", "serve": {"run": "a.py"}, "rollout": CANARY, **said}
    watched = {"monitoring": {"monitors": monitors}} if deployment["rollout"].get("abort_on") else {}
    return emitted(tmp_path, {"deployments": {"live": deployment}, **watched})


class Cloud:
    """The world that the README's commands have made, before the first version."""

    def __init__(self, made: Emitted, monkeypatch: pytest.MonkeyPatch) -> None:
        self.made, plan = made, made.arm("deployments/live/rollout.json")
        place = re.search(r"(subscriptions/.+)/onlineEndpoints/(.+)", plan["fleet"])
        assert place
        home = place[1].replace("/workspaces/", "/providers/Microsoft.MachineLearningServices/workspaces/")
        roles = [r for r in made.resources("infra/deployments.json") if r["type"].endswith("/roleDefinitions")]
        named = [r for r in roles if "call" not in r["properties"]["roleName"]]
        actions = tuple(a for r in named for p in r["properties"]["permissions"] for a in p["actions"])
        self.world = World(f"/{home}", actions)
        self.name = place[2]
        self.world.endpoints[self.name] = self._endpoint(made.yml("deployments/live/endpoint.yml"))
        self.world.blobs["/data/churn/deployments/live/rollout.json"] = made.files["deployments/live/rollout.json"]
        for version in "1", "2", "3":
            about = {"modelUri": f"m{version}", "modelType": "custom_model", "tags": {"status": "approved"}}
            self.world.models[version] = about
        monkeypatch.setattr(azure_rest, "send", self.world)
        monkeypatch.setattr(azure_rest, "token", lambda resource: f"token for {resource}")
        monkeypatch.setattr(azure_endpoints, "time", self.world)
        clock = Clock(now=self.world.time, sleep=self.world.sleep)
        monkeypatch.setattr(engine, "Clock", lambda: clock)

    def _endpoint(self, said: Any) -> dict[str, Any]:
        """As Azure answers what `az ml online-endpoint create` has sent."""
        (identity,) = said["identity"]["user_assigned_identities"]
        known = {identity["resource_id"]: {"clientId": "c1", "principalId": "p1"}}
        return {
            "name": said["name"],
            "location": "westeurope",
            "tags": said["tags"],
            "identity": {"type": "UserAssigned", "userAssignedIdentities": known},
            "properties": {"authMode": "AADToken", "publicNetworkAccess": "Disabled", "scoringUri": "https://x",
                           "traffic": {}, "mirrorTraffic": {}},
        }  # fmt: skip

    def roll(self, version: str) -> None:
        """What `az ml job create --set inputs.version=…` starts."""
        job = yaml.safe_load(self.made.files["deployments/live/rollout.yml"])
        line = job["command"].replace("${{inputs.version}}", version).replace("$AZUREML_RUN_ID", f"run-{version}")
        words = shlex.split(line)
        assert words[:4] == ["python", "-m", "mlopsgen_runtime", "rollout"]
        assert command.run(words[4:]) == 0

    @property
    def traffic(self) -> dict[str, int]:
        """Version → its share."""
        shares = self.world.endpoints[self.name]["properties"]["traffic"]
        return {name.partition("-")[0]: share for name, share in shares.items()}

    @property
    def running(self) -> list[str]:
        return sorted(name.partition("-")[0] for name in self.world.deployments)

    @property
    def champions(self) -> list[str]:
        return [name for name, one in self.world.models.items() if one["tags"].get("alias") == "champion"]

    def ended(self, version: str) -> None:
        """One version lives, and nothing else."""
        assert (self.traffic, self.running, self.champions) == ({f"v{version}": 100}, [f"v{version}"], [version])
        tags = self.world.endpoints[self.name]["tags"]
        assert tags["mlopsgen-product"] == "churn", "a PUT without tags would have taken it"
        assert not {"mlopsgen-coming", "mlopsgen-step"} & tags.keys()
        assert all(name.startswith(f"{self.name}-v{version}-") for name in self.world.autoscale)


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    return Cloud(live(tmp_path, **SCALED), monkeypatch)


def test_a_first_version_gets_all_requests_and_becomes_the_champion(cloud: Cloud) -> None:
    cloud.roll("1")
    cloud.ended("1")
    assert cloud.world.told[:3] == ["traffic ", "put v1 of 1", "traffic v1=100"]
    (deployment,) = cloud.world.deployments.values()
    assert deployment["properties"]["environmentVariables"]["DEFAULT_IDENTITY_CLIENT_ID"] == "c1"
    assert len(cloud.world.autoscale) == 1


def test_a_second_version_comes_step_by_step_with_as_many_instances_as_the_first_has_now(cloud: Cloud) -> None:
    cloud.roll("1")
    (deployment,) = cloud.world.deployments.values()
    deployment["sku"]["capacity"] = 4  # autoscale has made three more
    cloud.world.told.clear()
    cloud.roll("2")
    assert cloud.world.told == [
        "traffic v1=100", "put v2 of 4", "traffic v1=90 v2=10", "traffic v1=50 v2=50", "traffic v2=100",
        "delete v1", "traffic v2=100", "model 2 is champion", "model 1 is retired",
    ]  # fmt: skip
    cloud.ended("2")


def test_a_version_that_fails_is_taken_back_and_costs_nothing_more(cloud: Cloud) -> None:
    cloud.roll("1")
    cloud.world.failing = 0.2
    with pytest.raises(GateSaidNo, match=r"20\.00% of its requests failed"):
        cloud.roll("2")
    cloud.ended("1")


def test_a_version_that_nobody_has_asked_is_not_taken_for_a_good_one(cloud: Cloud) -> None:
    cloud.roll("1")
    cloud.world.failing = None
    with pytest.raises(GateSaidNo, match="nothing was measured"):
        cloud.roll("2")
    cloud.ended("1")


def test_a_server_that_never_gets_ready_is_deleted_and_its_log_is_kept(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    cloud.roll("1")
    cloud.world.broken.add("2")
    with pytest.raises(Failed, match=r"never got ready.*ImageBuildFailure: the container exits"):
        cloud.roll("2")
    cloud.ended("1")
    assert "ModuleNotFoundError in InferenceServer" in capsys.readouterr().out


def test_what_failed_while_nobody_waited_is_made_anew(cloud: Cloud) -> None:
    cloud.roll("1")
    cloud.world.broken.add("2")
    cloud.world.cut_at = len(cloud.world.told) + 2
    with pytest.raises(Cut):
        cloud.roll("2")
    cloud.world.at += 3600
    cloud.world.cut_at = None
    cloud.world.broken.clear()
    (name,) = [name for name in cloud.world.deployments if name.startswith("v2")]
    cloud.world.deployments[name]["failed"] = True
    cloud.roll("2")
    cloud.ended("2")


@pytest.mark.parametrize("call", range(1, 10))
def test_what_was_cut_off_goes_on_from_where_it_stood(cloud: Cloud, call: int) -> None:
    cloud.roll("1")
    cloud.world.told.clear()
    cloud.world.cut_at = call
    with pytest.raises(Cut):
        cloud.roll("2")
    cloud.world.cut_at = None
    cloud.roll("2")
    cloud.ended("2")
    assert [words for words in cloud.world.told if words.startswith("put")] == ["put v2 of 1"]


def test_a_version_after_one_that_was_cut_off_at_its_very_end_comes_by_steps_too(cloud: Cloud) -> None:
    """The one before is gone and the new one not yet called live: the next is no first version."""
    cloud.roll("1")
    cloud.world.told.clear()
    cloud.world.cut_at = 6
    with pytest.raises(Cut):
        cloud.roll("2")
    assert cloud.world.told[-1] == "delete v1"
    cloud.world.cut_at = None
    cloud.roll("3")
    assert "traffic v2=90 v3=10" in cloud.world.told
    cloud.ended("3")


@pytest.mark.parametrize("call", range(1, 6))
def test_a_withdrawal_that_was_cut_off_is_ended_by_the_next_version(cloud: Cloud, call: int) -> None:
    cloud.roll("1")
    cloud.world.failing, cloud.world.cut_at = 0.2, len(cloud.world.told) + call
    with pytest.raises((Cut, GateSaidNo)):
        cloud.roll("2")
    cloud.world.cut_at, cloud.world.failing = None, 0.0
    cloud.roll("3")
    cloud.ended("3")


def test_a_first_version_that_never_gets_ready_leaves_nothing(cloud: Cloud) -> None:
    cloud.world.broken.add("1")
    with pytest.raises(Failed, match="never got ready"):
        cloud.roll("1")
    assert (cloud.traffic, cloud.running, cloud.champions, cloud.world.autoscale) == ({}, [], [], {})
    cloud.roll("2")
    cloud.ended("2")


def test_deployments_that_nobody_knows_of_are_removed_and_peoples_own_stay(cloud: Cloud) -> None:
    cloud.roll("1")
    (one,) = cloud.world.deployments.values()
    cloud.world.deployments["v9-0123abcd"] = dict(one)
    cloud.world.deployments["trial"] = dict(one)
    cloud.roll("2")
    assert (cloud.traffic, cloud.running) == ({"v2": 100}, ["trial", "v2"])


def test_of_two_at_once_one_works(cloud: Cloud) -> None:
    now = 4_000_000_000.0
    other = {"owner": "x", "host": "another", "pid": 1, "space": "", "since": now, "beat": now, "every": 10}
    lock = {"run": "run-9", "nodes": {"0": other}}
    cloud.world.blobs["/data/churn/state/deployments/live/lock.json"] = json.dumps(lock).encode()
    with pytest.raises(Busy, match="run-9"):
        cloud.roll("1")
    assert cloud.world.told == []


def test_a_rollback_is_the_rollout_of_the_version_before(cloud: Cloud) -> None:
    for version in "1", "2", "1":
        cloud.roll(version)
    cloud.ended("1")


def test_a_version_that_nobody_approved_is_not_rolled_out(cloud: Cloud) -> None:
    cloud.world.models["1"]["tags"]["status"] = "pending"
    with pytest.raises(Failed, match="pending"):
        cloud.roll("1")
    assert cloud.world.told == []


def test_other_settings_of_the_live_version_are_rolled_out_like_a_version(cloud: Cloud) -> None:
    """Else `live already` is said, and a change of the spec waits for the next training."""
    cloud.roll("1")
    plan = cloud.made.arm("deployments/live/rollout.json")
    plan["native"]["deployment"]["properties"]["instanceType"] = "Standard_E4s_v3"
    cloud.world.blobs["/data/churn/deployments/live/rollout.json"] = json.dumps(plan).encode()
    cloud.roll("1")
    cloud.ended("1")
    (deployment,) = cloud.world.deployments.values()
    assert deployment["properties"]["instanceType"] == "Standard_E4s_v3"


def test_figures_of_azure_monitor_are_read_in_its_units(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Milliseconds and percents: a version of 0.9 s would else be taken back for 900."""
    watched = {
        "slow": {"kind": "latency", "quantile": 0.95, "at_most": "1s"},
        "full": {"kind": "saturation", "at_most": 0.5},
    }
    canary = {"strategy": "canary", "abort_on": ["slow", "full"]}
    cloud = Cloud(live(tmp_path, monitors=watched, rollout=canary), monkeypatch)
    cloud.roll("1")
    cloud.roll("2")
    cloud.ended("2")
    slower = {"slow": {"kind": "latency", "quantile": 0.95, "at_most": "800ms"}}
    cloud = Cloud(live(tmp_path, monitors=slower, rollout={**canary, "abort_on": ["slow"]}), monkeypatch)
    cloud.roll("1")
    with pytest.raises(GateSaidNo, match=r"95% of its answers took up to 0\.9 s"):
        cloud.roll("2")
    cloud.ended("1")


def test_a_shadow_gets_copies_and_no_requests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shadow = {"strategy": "shadow", "steps": [0.2], "abort_on": ["errors"]}
    cloud = Cloud(live(tmp_path, rollout=shadow), monkeypatch)
    cloud.roll("1")
    cloud.world.told.clear()
    cloud.roll("2")
    assert cloud.world.told[2:4] == ["traffic v1=100 copies v2=20", "traffic v2=100"]
    cloud.ended("2")


@pytest.mark.parametrize("strategy", ["all-at-once", "blue-green", "linear"])
def test_every_way_ends_with_the_new_version_alone(
    strategy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud = Cloud(live(tmp_path, rollout={"strategy": strategy}), monkeypatch)
    cloud.roll("1")
    cloud.roll("2")
    cloud.ended("2")
