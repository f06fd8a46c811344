"""What a workspace and its cloud ask for: networks, image builds, schedules, sizes, regions, the README's commands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mlopsgen.plan.steps import Resources
from mlopsgen.targets.azureml import machines

from .specs import emitted, refused
from .test_around import CALLED, WATCHED, WHOLE

GIB = 2**30
PRIVATE = {"governance": {"network": {"private": True}}}
SUBNET = (
    "/subscriptions/99999999-1111-2222-3333-444444444444/resourceGroups/hub/providers/Microsoft.Network"
    "/virtualNetworks/hub/subnets/jobs"
)
WEEKLY = {"triggers": {"weekly": {"start": "training", "schedule": "0 2 * * 1"}}}


def _cluster(folder: Path, said: dict[str, Any], **options: Any) -> dict[str, Any]:
    made = emitted(folder, said, **options)
    (path,) = [path for path in made.files if path.startswith("compute/")]
    return made.yml(path)


def test_clusters_join_a_subnet_of_another_resource_group(tmp_path: Path) -> None:
    """azure-ai-ml, AmlCompute: a subnet with a network's name beside it is one of the workspace's group, and a whole id
    stands alone (NetworkSettings: "leave vnet_name as None")."""
    cluster = _cluster(tmp_path, PRIVATE, subnet=SUBNET)
    assert cluster["network_settings"] == {"subnet": SUBNET}
    assert cluster["enable_node_public_ip"] is False
    by_name = _cluster(tmp_path, PRIVATE, network="acme", subnet="jobs")
    assert by_name["network_settings"] == {"vnet_name": "acme", "subnet": "jobs"}


def test_clusters_of_a_managed_network_name_none(tmp_path: Path) -> None:
    """They join by themselves, without a public address if told so (hashicorp/terraform-provider-azurerm#25901)."""
    cluster = _cluster(tmp_path, PRIVATE, managed_network=True)
    assert "network_settings" not in cluster
    assert cluster["enable_node_public_ip"] is False
    assert "enable_node_public_ip" not in _cluster(tmp_path, {}, managed_network=True)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"subnet": "jobs"},
        {"network": "acme"},
        {"network": "hub", "subnet": SUBNET},
        {"managed_network": True, "subnet": SUBNET},
    ],
)
def test_a_network_that_is_half_said_or_said_twice_is_refused(options: dict[str, Any], tmp_path: Path) -> None:
    assert {code for code, _ in refused(tmp_path, PRIVATE, **options)} == {"MG301"}


def test_behind_a_private_registry_a_cluster_builds_the_image(tmp_path: Path) -> None:
    """ACR Tasks do not reach a private endpoint (concept-environments: "user managed image build compute")."""
    readme = emitted(tmp_path, PRIVATE, subnet=SUBNET).files["README.md"].decode()
    builds = "az ml workspace update --name acme-ml --image-build-compute churn-d4dsv4"
    assert readme.index(builds) < readme.index("az ml environment create")
    assert "NAT gateway" in readme
    assert "NAT gateway" not in emitted(tmp_path, PRIVATE, managed_network=True).files["README.md"].decode()
    assert "image-build-compute" not in emitted(tmp_path).files["README.md"].decode()


def test_a_job_in_a_running_container_finds_no_entry_point_in_its_way(tmp_path: Path) -> None:
    """Azure/azureml-previews#183 and Azure/MachineLearningNotebooks#1389: images with one ended before the job."""
    made = emitted(tmp_path)
    lines = made.files["image/Dockerfile"].decode().splitlines()
    assert not [line for line in lines if line.startswith(("ENTRYPOINT", "CMD"))]
    commands = [made.yml(path)["command"] for path in made.files if path.startswith("components/")]
    assert all(command.split()[0] == "python" for command in commands)


@pytest.mark.parametrize("cron", ["0 2 * * 1", "30 2 1 * *"])
def test_a_schedule_that_is_made_starts_nothing_at_once(cron: str, tmp_path: Path) -> None:
    """reference-yaml-schedule: "If start_time is omitted, the first job will run instantly"; in the past, at the next
    of its times."""
    made = emitted(tmp_path, {"triggers": {"weekly": {"start": "training", "schedule": cron}}})
    assert made.yml("schedules/weekly.yml")["trigger"]["start_time"] == "2024-01-01T00:00:00"


@pytest.mark.parametrize("said", [WEEKLY, WATCHED, CALLED], ids=["clock", "files", "others"])
def test_schedules_carry_the_tags_of_the_product(said: dict[str, Any], tmp_path: Path) -> None:
    made = emitted(tmp_path, {**said, "tags": {"cost-center": "4711"}})
    for path in (path for path in made.files if path.startswith("schedules/")):
        assert made.yml(path)["tags"] == {"mlopsgen-product": "churn", "cost-center": "4711"}


def test_the_readme_lists_the_runs_of_the_product_alone(tmp_path: Path) -> None:
    readme = emitted(tmp_path).files["README.md"].decode()
    assert """--query "[?experiment_name=='churn'] | [:5]\"""" in readme


def test_a_rollback_writes_the_tag_over_since_one_taken_away_may_stay(tmp_path: Path) -> None:
    """For jobs the service merges tags (Azure/azure-sdk-for-python#30671): then the newer version stayed champion."""
    readme = emitted(tmp_path, {"registry": {}, **WHOLE}).files["README.md"].decode()
    assert "--version <old> --set tags.alias=retired" in readme
    assert "--remove" not in readme


def test_outputs_that_a_lifecycle_rule_deleted_are_made_again(tmp_path: Path) -> None:
    readme = emitted(tmp_path, WHOLE).files["README.md"].decode()
    assert "a run after a break of 30 days or more says\n  `--set settings.force_rerun=true`" in readme


def test_a_base_image_that_docker_hub_refuses_may_come_from_elsewhere(tmp_path: Path) -> None:
    assert "toomanyrequests" in emitted(tmp_path).files["README.md"].decode()
    own = {"code": {"base": "acme.azurecr.io/python:3.11-slim"}}
    assert "toomanyrequests" not in emitted(tmp_path, own).files["README.md"].decode()


@pytest.mark.parametrize("region", ["chinaeast2", "usgovvirginia"])
def test_a_sovereign_cloud_is_refused_since_its_addresses_differ(region: str, tmp_path: Path) -> None:
    assert [code for code, _ in refused(tmp_path, {}, region=region)] == ["MG301"]
    assert refused(tmp_path, {}, region="germanywestcentral") == []


@pytest.mark.parametrize("cpu", [1, 2, 4, 8, 16, 32, 48, 64])
@pytest.mark.parametrize("memory", [1, 4, 14, 28, 64, 128, 256, 432])
def test_sizes_that_are_chosen_outlive_2028(cpu: int, memory: int) -> None:
    """DSv2 and FSv2 end then (virtual-machines/sizes/retirement/retired-sizes-list)."""
    chosen = machines.catalogue().choose(Resources(cpu=cpu, memory=memory * GIB))
    assert chosen is not None
    assert chosen.name.endswith(("ds_v4", "s_v3"))
    assert not chosen.name.startswith("Standard_D") or chosen.name.endswith("ds_v4")
    assert machines.DEFAULT.endswith("ds_v4")


def test_a_default_machine_of_an_old_series_is_left_where_it_has_too_little(tmp_path: Path) -> None:
    training = {"training": {"run": "train.py", "resources": {"cpu": 4, "memory": "16Gi"}}}
    made = emitted(tmp_path, training, machines={"default": "Standard_DS3_v2"})
    assert made.jobs["training"]["compute"] == "azureml:churn-d4dsv4"
