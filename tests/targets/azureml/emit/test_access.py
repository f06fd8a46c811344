"""Who may do what: rights that can be made again, on things that lie in any group."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mlopsgen.targets.azureml.addresses import blobs

from .specs import emitted, step
from .test_around import WATCHED, WHOLE

OTHER = "/subscriptions/99999999-1111-2222-3333-444444444444/resourceGroups/shared/providers"
ACCESS, EVENTS = "infra/access.json", "infra/events.json"
LAKE = {"data": {"source": "https://acmelake.dfs.core.windows.net/zones/churn/", "label": "churned"}}
READER = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"


@pytest.mark.parametrize("file", [ACCESS, EVENTS])
def test_an_identity_that_is_made_again_gets_assignments_of_its_own(file: str, tmp_path: Path) -> None:
    """Azure refuses another principal under the name of an assignment that is there (RoleAssignmentUpdateNotPermitted:
    role-based-access-control/troubleshooting), and a name cannot read `reference()`."""
    resources = emitted(tmp_path, {**WHOLE, **WATCHED, "steps": WHOLE["steps"]}).resources(file)
    assignments = [one for one in resources if one["type"].endswith("/roleAssignments")]
    assert assignments
    for one in assignments:
        principal = one["properties"]["principalId"].strip("[]")
        assert principal in one["name"]
        assert "reference(" not in one["name"]


def test_jobs_may_read_data_that_lies_in_an_account_of_another_group(tmp_path: Path) -> None:
    """A plain address is read as the cluster's identity (how-to-identity-based-service-authentication)."""
    made = emitted(tmp_path, LAKE)
    assert "defaultValue" not in made.arm(ACCESS)["parameters"]["storageAccountId_acmelake"]
    grant = made.deployments(ACCESS)["churn-jobs-read-acmelake-zones"]
    assert grant["subscriptionId"] == "[split(parameters('storageAccountId_acmelake'), '/')[2]]"
    assert grant["resourceGroup"] == "[split(parameters('storageAccountId_acmelake'), '/')[4]]"
    assert grant["properties"]["parameters"]["role"]["value"] == READER
    assert "'zones'" in grant["properties"]["parameters"]["resource"]["value"], "one container, not the account"
    readme = made.files["README.md"].decode()
    found = readme.index("ACCOUNT_ACMELAKE=$(az storage account list")
    assert readme.rindex('--defaults group=""', 0, found) > readme.rindex("--defaults group=acme-ml", 0, found)
    assert found < readme.index("--parameters storageAccountId_acmelake=$ACCOUNT_ACMELAKE")
    there = emitted(tmp_path, LAKE, compute={"default": "cpu-cluster"}).files["README.md"].decode()
    assert "Storage Blob Data Reader on `acmelake/zones`" in there


def test_jobs_may_read_data_whose_address_is_a_parameter_of_the_run(tmp_path: Path) -> None:
    """By its default: what a run gives in its place lies in that container, or takes a role of its own."""
    where = {"where": {"type": "string", "default": LAKE["data"]["source"]}}
    made = emitted(tmp_path, {"parameters": where, "data": {"source": "${parameters.where}", "label": "churned"}})
    grant = made.deployments(ACCESS)["churn-jobs-read-acmelake-zones"]
    assert grant["properties"]["parameters"]["role"]["value"] == READER


@pytest.mark.parametrize("uri", ["azureml://datastores/lake/paths/churn/", "azureml:churn-rows:3"])
def test_data_in_an_account_that_nobody_names_is_said_to_have_no_rights(uri: str, tmp_path: Path) -> None:
    unknown = {"data": {"source": uri, "label": "churned"}}
    (note,) = [said for said in emitted(tmp_path, unknown).said("MG315") if "known to the workspace alone" in said]
    assert "source" in note
    own = {"data": {"source": "azureml://datastores/workspaceblobstore/paths/churn/", "label": "churned"}}
    assert not [said for said in emitted(tmp_path, own).said("MG315") if "workspace alone" in said]


@pytest.mark.parametrize(
    "uri", ["https://acmelake.blob.core.windows.net/zones/a/", "abfss://zones@acmelake.dfs.core.windows.net/a/"]
)
def test_every_spelling_of_an_address_names_its_account(uri: str) -> None:
    place = blobs(uri)
    assert place is not None
    assert (place.account, place.container, place.prefix) == ("acmelake", "zones", "a/")


def test_new_files_of_an_account_elsewhere_are_watched_where_it_lies(tmp_path: Path) -> None:
    """Lakes seldom lie in the workspace's group, and an event subscription lies where its source does."""
    made = emitted(tmp_path, WATCHED)
    assert "defaultValue" not in made.arm(EVENTS)["parameters"]["storageAccountId_acmeml"], "its group is not known"
    inside = made.deployments(EVENTS)["churn-fresh-events"]
    assert inside["resourceGroup"] == "[split(parameters('storageAccountId_acmeml'), '/')[4]]"
    template = inside["properties"]["template"]
    assert template["parameters"]["endpoint"]["type"] == "secureString", "whoever knows the address may call it"
    assert template["resources"][0]["scope"] == "[parameters('account')]"
    assert "listCallbackUrl" not in json.dumps(template), "the Logic App lies in the group of the workspace"
    readme = made.files["README.md"].decode()
    assert "storageAccountId_acmeml=$ACCOUNT_ACMEML" in readme[readme.index("infra/events.json") :]


def test_staging_and_production_have_roles_of_different_names(tmp_path: Path) -> None:
    """Names of custom roles are unique in a tenant (role-based-access-control/custom-roles)."""
    roles = [one for one in emitted(tmp_path, WHOLE).resources(ACCESS) if one["type"].endswith("/roleDefinitions")]
    names = [one["properties"]["roleName"] for one in roles]
    assert names
    assert all("resourceGroup().name" in name and "subscriptionId" in name for name in names)


def test_storage_registry_and_vault_of_other_groups_are_named_by_their_ids(tmp_path: Path) -> None:
    options = {
        "storage_account": f"{OTHER}/Microsoft.Storage/storageAccounts/acmeml",
        "container_registry": f"{OTHER}/Microsoft.ContainerRegistry/registries/acmeml",
        "key_vault": f"{OTHER}/Microsoft.KeyVault/vaults/acme-kv",
    }
    made = emitted(tmp_path, step(secrets={"PW": "warehouse"}), **options)
    defaults = [one.get("defaultValue") for one in made.arm(ACCESS)["parameters"].values()]
    assert set(options.values()) <= set(defaults)
    secret = made.deployments(ACCESS)["churn-jobs-secret-acme-kv-warehouse"]
    assert secret["resourceGroup"] == "[split(parameters('keyVaultId_acme_kv'), '/')[4]]"
    assert "azure-keyvault://acme-kv/warehouse" in made.command("clean")
    plain = emitted(tmp_path, step(secrets={"PW": "warehouse"})).arm(ACCESS)["parameters"]
    vault = plain["keyVaultId_acme_ml_kv"]["defaultValue"]
    assert vault == "[resourceId('Microsoft.KeyVault/vaults', 'acme-ml-kv')]"


@pytest.mark.parametrize("file", [ACCESS, EVENTS])
def test_deployments_inside_read_the_parameters_that_they_are_given(file: str, tmp_path: Path) -> None:
    """Without this scope their brackets mean the template around them, whose parameters have other names
    (azure-resource-manager/templates/linked-templates, "Expression evaluation scope in nested templates")."""
    inside = emitted(tmp_path, {**WHOLE, **LAKE, "triggers": WATCHED["triggers"]}).deployments(file)
    assert inside
    for one in inside.values():
        assert one["properties"]["expressionEvaluationOptions"] == {"scope": "inner"}
        assert one["properties"]["parameters"].keys() == one["properties"]["template"]["parameters"].keys()


def test_who_deploys_is_told_what_other_groups_and_subscriptions_take(tmp_path: Path) -> None:
    """A role there is deployed there, and `az storage account list` lists those of one subscription."""
    vault = step(secrets={"PW": "azure-keyvault://other/warehouse"})
    readme = emitted(tmp_path, {**LAKE, **vault}).files["README.md"].decode()
    submit = readme[readme.index("## Submit") : readme.index("### Make the clusters")]
    assert "id of an account in another subscription has to be written in place of its command" in submit
    assert "in another resource group is deployed there, so you need the same rights there" in submit
    assert "`keyVaultId_other` takes the id of a key vault that does not lie in this group" in submit


def test_who_deletes_is_told_that_what_was_allowed_in_another_subscription_stays(tmp_path: Path) -> None:
    """`az role assignment list --all` lists those of one subscription, and an account or a registry that is named by
    its id may lie in another one."""
    options = {"container_registry": f"{OTHER}/Microsoft.ContainerRegistry/registries/acmeml"}
    for said in ({}, LAKE):
        delete = emitted(tmp_path, said, **options).files["README.md"].decode().partition("## Delete")[2]
        listed = delete.rindex("az role assignment list --all")
        assert listed < delete.index("what was allowed on something in another one is deleted there")
    quiet = emitted(tmp_path, {}, compute={"default": "cpu-cluster"}).files["README.md"].decode()
    assert "in another one" not in quiet, "no identity of the product's own, and nothing that it is allowed"


def test_a_container_called_web_leaves_no_dollar_in_a_name(tmp_path: Path) -> None:
    said: dict[str, Any] = {"data": {"source": "https://acmeml.blob.core.windows.net/$web/x/", "label": "churned"}}
    assert not [name for name in emitted(tmp_path, said).deployments(ACCESS) if "$" in name]


def test_deployments_inside_keep_to_their_64_characters_and_apart(tmp_path: Path) -> None:
    secrets = {"A": "azure-keyvault://other/" + "a" * 40, "B": "azure-keyvault://other/" + "a" * 40 + "b"}
    names = [*emitted(tmp_path, {"name": "c" * 40, **step(secrets=secrets)}).deployments(ACCESS)]
    assert len(names) == len(set(names)) == 5
    assert all(len(name) <= 64 for name in names)


def test_a_product_that_registers_nothing_is_asked_for_nothing_that_nobody_reads(tmp_path: Path) -> None:
    """The rule `arm-lookups` complained about the parameter `workspace` of a bundle that nobody had edited."""
    told = {"training": None, "steps": {"tell": {"run": "clean.py", "always": True, "inputs": {"rows": "data.source"}}}}
    for said, names in ((told, False), ({}, True)):
        made = emitted(tmp_path, said)
        access = made.arm("infra/access.json")
        assert ("workspace" in access["parameters"]) == names
        assert [name for name in access["parameters"] if f"parameters('{name}')" not in str(access)] == []
        readme = made.files["README.md"].decode()
        deploying = readme.partition("--template-file infra/access.json")[2].partition("```")[0]
        assert ("workspace=" in deploying) <= names
