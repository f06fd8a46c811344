"""What a workspace and its cloud ask for: networks, image builds, schedules, sizes, regions, the README's commands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from mlopsgen.plan.steps import Resources
from mlopsgen.targets.azureml import machines
from mlopsgen.targets.azureml.judge import linter

from .specs import emitted, refused, step, tuned
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
    managed = emitted(tmp_path, PRIVATE, managed_network=True).files["README.md"].decode()
    assert "NAT gateway" not in managed
    assert "where it allows approved addresses alone, add those that pip uses" in managed
    assert "image-build-compute" not in emitted(tmp_path).files["README.md"].decode()
    there = {**PRIVATE, "code": {"image": "acme.azurecr.io/churn@sha256:" + "0" * 64}}
    assert "image-build-compute" not in emitted(tmp_path, there, subnet=SUBNET).files["README.md"].decode()


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
    assert """--max-results 100 --output table --query "[?experiment_name=='churn'] | [:5]\"""" in readme, "of many"


def test_a_rollback_writes_the_tag_over_since_one_taken_away_may_stay(tmp_path: Path) -> None:
    """For jobs the service merges tags (Azure/azure-sdk-for-python#30671): then the newer version stayed champion."""
    readme = emitted(tmp_path, {"registry": {}, **WHOLE}).files["README.md"].decode()
    assert "--version $OLD --set tags.alias=retired" in readme
    assert "--remove" not in readme


def test_outputs_that_a_lifecycle_rule_deleted_are_made_again(tmp_path: Path) -> None:
    readme = emitted(tmp_path, WHOLE).files["README.md"].decode()
    assert "a run after a break of 30 days or more says\n  `--set settings.force_rerun=true`" in readme


def test_a_base_image_that_docker_hub_refuses_may_come_from_elsewhere(tmp_path: Path) -> None:
    assert "toomanyrequests" in emitted(tmp_path).files["README.md"].decode()
    own = {"code": {"base": "acme.azurecr.io/python:3.11-slim"}}
    assert "toomanyrequests" not in emitted(tmp_path, own).files["README.md"].decode()


@pytest.mark.parametrize("region", ["chinaeast2", "usgovvirginia", "usdodeast", "usseceast", "usnatwest"])
def test_a_sovereign_cloud_is_refused_since_its_addresses_differ(region: str, tmp_path: Path) -> None:
    assert [code for code, _ in refused(tmp_path, {}, region=region)] == ["MG301"]
    for public in ("germanywestcentral", "westus2"):
        assert refused(tmp_path, {}, region=public) == []


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


def test_what_a_step_asks_of_a_cluster_that_exists_is_not_dropped_in_silence(tmp_path: Path) -> None:
    asked = step(resources={"cpu": 16, "spot": True})
    (note,) = [one for one in emitted(tmp_path, asked, compute={"default": "cpu"}).said("MG315") if "`cpu`," in one]
    assert "`cpu`, `spot` of `resources`" in note
    own = emitted(tmp_path, asked, compute={"default": "cpu"}, machines={"clean": "Standard_D16ds_v4"})
    assert not [one for one in own.said("MG315") if "which exists" in one]


def test_a_seed_that_a_search_does_not_take_is_told(tmp_path: Path) -> None:
    """reference-yaml-job-sweep: RandomSamplingAlgorithm has a seed, BayesianSamplingAlgorithm has a type alone."""
    assert "seed" in emitted(tmp_path, tuned(strategy="random", seed=7)).jobs["training"]["sampling_algorithm"]
    assert [one for one in emitted(tmp_path, tuned(strategy="bayesian", seed=7)).said("MG315") if "seed" in one]


def _readme(folder: Path, said: dict[str, Any], **options: Any) -> str:
    return emitted(folder, said, **options).files["README.md"].decode()


def test_nothing_that_the_readme_writes_keeps_the_bundle_from_being_compiled_again(tmp_path: Path) -> None:
    """A file of ours beside others is MG406: the job that another system starts goes to a temporary file."""
    commands = "\n".join(re.findall(r"```sh\n(.*?)```", _readme(tmp_path, CALLED), re.DOTALL))
    assert re.findall(r" > (\S+)", commands) == ["$JOB"]
    assert commands.index("JOB=$(mktemp)") < commands.index("--output json > $JOB") < commands.index("--body @$JOB")


def test_whoever_starts_a_run_from_elsewhere_is_told_where_values_stand(tmp_path: Path) -> None:
    needed = {"read": {"type": "string"}, "unread": {"type": "string"}}
    said = {"parameters": needed, **CALLED, **step(params={"x": "${parameters.read}"})}
    readme = _readme(tmp_path, said)
    assert "`properties.inputs.<parameter>.value`" in readme
    assert "Those without a default have to be given one there." in readme
    assert "`read`" in readme
    assert "`unread`" not in readme, "a pipeline has no input that no step reads"


def test_secrets_and_the_kind_of_their_vault_are_among_what_you_need(tmp_path: Path) -> None:
    """A role says nothing in a vault with access policies, and a secret that is not there fails the first run."""
    needs = _readme(tmp_path, step(secrets={"PW": "warehouse"})).partition("You need |")[2].partition("```")[0]
    assert "`acme-ml-kv/warehouse`" in needs
    assert "--enable-rbac-authorization true" in needs
    assert "az keyvault secret set" in needs
    assert "keyvault" not in _readme(tmp_path, {})


def test_the_readme_says_what_stays_when_the_spec_no_longer_asks_for_it(tmp_path: Path) -> None:
    """A deployment is incremental, and nobody deletes a schedule: one that was taken out of the spec fires on."""
    assert "What the spec no longer asks for stays: a schedule fires on" in _readme(tmp_path, WEEKLY)


def test_where_a_policy_demands_tags_the_registry_is_made_before_the_image(tmp_path: Path) -> None:
    """concept-workspace: the registry that a workspace makes for itself has no tags, and such a policy refuses it."""
    readme = _readme(tmp_path, {})
    own = "az ml workspace update --name acme-ml --container-registry <id> --update-dependent-resources"
    assert readme.index(own) < readme.index("az ml environment create")
    assert "policy" not in _readme(tmp_path, {}, compute={"default": "cpu-cluster"})


def test_a_cluster_whose_size_or_subnet_changed_has_to_be_deleted_first(tmp_path: Path) -> None:
    """`az ml compute create` of a cluster that is there changes its scale alone."""
    change = "A cluster alone keeps its size, identity and subnet: delete it first"
    assert change in _readme(tmp_path, {}).partition("## Change")[2]
    assert change not in _readme(tmp_path, {}, compute={"default": "cpu-cluster"})


def test_two_products_can_be_deployed_at_once(tmp_path: Path) -> None:
    """Without a name a deployment has that of its file, and one that is under way cannot be replaced."""
    readme = _readme(tmp_path, WATCHED)
    for name in ("access", "events"):
        assert f"az deployment group create --name churn-{name} --template-file infra/{name}.json" in readme
    assert readme.count("az deployment group create") == 2


def test_in_a_private_network_the_cluster_that_builds_is_there_when_it_is_named(tmp_path: Path) -> None:
    readme = _readme(tmp_path, PRIVATE, subnet=SUBNET)
    order = [
        "REGISTRY=$(az ml workspace show",
        "--template-file infra/access.json",
        "az ml compute create",
        "--image-build-compute",
        "az ml environment create",
        "until REGISTRY=$(",
    ]
    places = [readme.index(command) for command in order]
    assert places == sorted(places)
    assert readme.rindex("--template-file infra/access.json") > places[-1], "the registry may be new"


def test_a_bundle_whose_runs_have_to_say_a_number_is_judged_right(tmp_path: Path) -> None:
    """Its pipeline job says `required`, which is no number, so that no run starts without one."""
    needed = {"k": {"type": "integer", "minimum": 1}, "mode": {"type": "string", "values": ["a", "b"]}}
    params = {name: f"${{parameters.{name}}}" for name in needed}
    made = emitted(tmp_path / "spec", {"parameters": needed, **CALLED, **step(params=params)})
    for path, content in made.files.items():
        (tmp_path / "bundle" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "bundle" / path).write_bytes(content)
    assert [str(one.message) for one in linter.judge(tmp_path / "bundle")] == []
