"""What stands around the pipeline: clusters' names, schedules, roles, events, the README."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import pytest

from mlopsgen.targets.azureml import machines
from mlopsgen.targets.azureml.compute import DEDICATED, LOW_PRIORITY, _short
from mlopsgen.targets.azureml.names import CLUSTER, Home
from mlopsgen.targets.azureml.roles import WORKSPACE
from mlopsgen.targets.azureml.timezones import windows_name, windows_names
from mlopsgen.targets.azureml.triggers import NotSayable, trigger

from .specs import emitted, refused, tuned

MONTHLY = {"type": "recurrence", "frequency": "month", "interval": 1}
PERSON = "11111111-2222-3333-4444-555555555555"


@pytest.mark.parametrize("product", ["a", "churn", "a-long-product-name-of-many-words", "x" * 48])
def test_names_of_clusters_are_short_and_their_own(product: str) -> None:
    home = Home(product, "s", "g", "w", "r", "d")
    found = [
        home.cluster(_short(m.name, tier)) for m in machines.catalogue().machines for tier in (DEDICATED, LOW_PRIORITY)
    ]
    assert len(set(found)) == len(found)
    assert all(re.fullmatch("[a-z][a-z0-9-]*[a-z0-9]", name) and len(name) <= CLUSTER for name in found)


def test_products_do_not_share_a_cluster() -> None:
    one, other = (Home(f"a-long-product-{end}", "s", "g", "w", "r", "d").cluster("ds3v2") for end in ("x", "y"))
    assert one != other


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("0 2 * * 1", {"type": "cron", "expression": "0 2 * * 1"}),
        ("*/15 8-18 * * mon-fri", {"type": "cron", "expression": "*/15 8-18 * * 1,2,3,4,5"}),
        ("0 0 * * 7", {"type": "cron", "expression": "0 0 * * 0"}),
        ("0 0 * * fri-sun", {"type": "cron", "expression": "0 0 * * 0,5,6"}),
        ("0 0 * * *", {"type": "cron", "expression": "0 0 * * *"}),
        (
            "30 */12 1,15 * *",
            MONTHLY | {"schedule": {"hours": [0, 12], "minutes": [30], "month_days": [1, 15]}},
        ),
    ],
)
def test_times_as_a_schedule_says_them(line: str, expected: dict[str, object]) -> None:
    assert trigger(line) == expected


@pytest.mark.parametrize("line", ["0 0 1 jan *", "0 0 31 * *", "0 0 1 * 1"])
def test_times_that_a_schedule_cannot_say(line: str) -> None:
    with pytest.raises(NotSayable):
        trigger(line)


def test_time_zones_have_their_windows_names(tmp_path: Path) -> None:
    said = {"triggers": {"weekly": {"start": "training", "schedule": "0 2 * * 1", "timezone": "Europe/Paris"}}}
    made = emitted(tmp_path, said)
    assert made.yml("schedules/weekly.yml")["trigger"]["time_zone"] == "Romance Standard Time"
    assert windows_name("America/New_York") == "Eastern Standard Time"
    cities = [zone for zone in available_timezones() if zone.startswith(("Europe/", "America/", "Asia/", "Africa/"))]
    known = [zone for zone in cities if windows_name(zone)]
    assert len(known) > 0.95 * len(cities)
    assert len(windows_names()) > 100
    said["triggers"]["weekly"]["timezone"] = "Antarctica/Troll"
    assert refused(tmp_path, said)[0][0] == "MG311"


WATCHED = {
    "data": {"source": "https://acmeml.blob.core.windows.net/lake/it's/", "label": "churned"},
    "triggers": {"fresh": {"start": "training", "new_data": "data.source"}},
}
WHOLE = {
    "governance": {"access": {"deploy": [PERSON], "invoke": [PERSON]}, "audit": True, "retention": "30d"},
    "steps": {"tell": {"run": "clean.py", "always": True, "params": {"run": "${run.id}"}}},
    "tags": {"area": "[concat('x')]"},
}


def test_new_files_start_the_job_that_a_schedule_keeps(tmp_path: Path) -> None:
    made = emitted(tmp_path, WATCHED)
    schedule = made.yml("schedules/fresh.yml")
    assert schedule["trigger"]["start_time"].startswith("2999")
    resources = made.resources("infra/events.json")
    (flow,) = [one for one in resources if one["type"] == "Microsoft.Logic/workflows"]
    assert f"/schedules/{schedule['name']}?" in json.dumps(flow)
    assert [one for one in resources if one["type"] == "Microsoft.EventGrid/eventSubscriptions"]
    begins = made.deployments("infra/events.json")["churn-fresh-events"]["properties"]["parameters"]["begins"]["value"]
    assert begins == "[concat('/blobServices/default/containers/', 'lake', '/blobs/it''s/')]"


def test_a_file_of_a_data_lake_starts_one_run_when_all_of_it_is_there(tmp_path: Path) -> None:
    made = emitted(tmp_path, WATCHED)
    (event,) = [one for one in made.resources("infra/events.json") if one["type"].endswith("/eventSubscriptions")]
    (calls,) = event["properties"]["filter"]["advancedFilters"]
    assert calls["key"] == "data.api"
    assert {"PutBlob", "PutBlockList", "FlushWithClose"} <= set(calls["values"])
    assert "CreateFile" not in calls["values"], "the file is still empty then"
    assert "Each new file starts a run of its own" in made.files["README.md"].decode()


def test_the_readme_promises_no_exit_handler_after_a_run_that_was_cancelled(tmp_path: Path) -> None:
    made = emitted(tmp_path, WHOLE)
    assert "It does not\n  start after a run that was cancelled." in made.files["README.md"].decode()
    assert [one for one in made.said("MG315") if "not after a run that was cancelled" in one], "nor does compiling"
    assert "cancel" not in json.dumps(made.arm("infra/events.json")), "Event Grid reports no such run"


def test_the_exit_handler_starts_after_a_run_that_failed(tmp_path: Path) -> None:
    """how-to-use-event-grid: RunCompleted says nothing of failed runs; RunStatusChanged does, as `failed`."""
    resources = emitted(tmp_path, WHOLE).resources("infra/events.json")
    (event,) = [one for one in resources if one["type"].endswith("/eventSubscriptions")]
    told = {kind.rpartition(".")[2] for kind in event["properties"]["filter"]["includedEventTypes"]}
    assert told == {"RunCompleted", "RunStatusChanged"}
    (flow,) = [one for one in resources if one["type"].endswith("/workflows")]
    begins = flow["properties"]["definition"]["actions"]["start"]["expression"]
    assert begins.startswith(
        "@or(equals(triggerBody()?[0]?['eventType'], 'Microsoft.MachineLearningServices.RunCompleted')"
    )
    assert "?['runStatus'])), 'failed')" in begins


@pytest.mark.parametrize("events", [WATCHED, WHOLE], ids=["new files", "the end of a run"])
def test_event_grid_gets_an_answer_to_every_event_and_so_sends_it_once(events: dict[str, Any], tmp_path: Path) -> None:
    resources = emitted(tmp_path, events).arm("infra/events.json")["resources"]
    (flow,) = [one for one in resources if one["type"] == "Microsoft.Logic/workflows"]
    actions = flow["properties"]["definition"]["actions"]
    assert [name for name, action in actions.items() if not action.get("runAfter")] == ["answer"]
    assert actions["answer"]["type"] == "Response"
    assert json.dumps(actions).count('"Response"') == 1
    validation = "Microsoft.EventGrid.SubscriptionValidationEvent"
    assert validation not in json.dumps(actions["start"]), "runs start for the events that are named"
    assert "Created" in actions["start"]["expression"] or "RunCompleted" in actions["start"]["expression"]


@pytest.mark.parametrize("events", [WATCHED, WHOLE], ids=["new files", "the end of a run"])
def test_an_event_that_comes_twice_starts_one_run(events: dict[str, Any], tmp_path: Path) -> None:
    """Event Grid delivers at least once (event-grid/delivery-and-retry), and a job's name is taken once."""
    resources = emitted(tmp_path, events).arm("infra/events.json")["resources"]
    (flow,) = [one for one in resources if one["type"] == "Microsoft.Logic/workflows"]
    assert json.dumps(flow).count("-@{triggerBody()?[0]?[''id'']}?api-version=") == 1


def test_roles_may_do_what_is_needed_and_no_more(tmp_path: Path) -> None:
    group = "/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/g"
    logs = f"{group}/providers/Microsoft.OperationalInsights/workspaces/logs"
    made = emitted(tmp_path, WHOLE, log_analytics=logs)
    resources = [*made.resources("infra/access.json"), *made.resources("infra/events.json")]
    roles = [one["properties"]["permissions"][0] for one in resources if one["type"].endswith("/roleDefinitions")]
    actions = [action for role in roles for action in role["actions"]]
    assert actions
    assert {action for action in actions if "*" in action} == {f"{WORKSPACE}/*/read", f"{WORKSPACE}/jobs/*"}
    assert [f"{WORKSPACE}/jobs/delete"] in [role["notActions"] for role in roles]
    assert not [action for action in actions if action.endswith("/delete") or "Authorization" in action]
    assert all(role["dataActions"] == [] for role in roles)
    scopes = [one["scope"] for one in resources if one["type"].endswith("/roleAssignments")]
    assert not [scope for scope in scopes if "resourceGroup()" in scope or "subscription()" in scope]
    assert len({one["name"] for one in resources if one["type"].endswith("/roleDefinitions")}) == len(roles), (
        "made once"
    )
    principals = [one["properties"]["principalId"] for one in resources if one["type"].endswith("/roleAssignments")]
    assert principals.count(PERSON) == 2
    assert [one for one in resources if one["type"] == "Microsoft.Insights/diagnosticSettings"]
    assert resources[0]["tags"]["area"] == "[[concat('x')]", "text that begins with a bracket is no expression"


GROUP_OF_ZEROS = "00000000-1111-2222-3333-44444444444"
CALLED = {"triggers": {"called": {"start": "training", "invoke": True}}}


@pytest.mark.parametrize(("spec", "file"), [(CALLED, "access"), (WATCHED, "events")], ids=["people", "events"])
def test_who_starts_runs_is_not_forbidden_what_submitting_takes(
    spec: dict[str, Any], file: str, tmp_path: Path
) -> None:
    resources = emitted(tmp_path, spec).arm(f"infra/{file}.json")["resources"]
    described = [one.get("properties", {}) for one in resources]
    (role,) = [one for one in described if "Starts runs" in one.get("description", "")]
    # The page how-to-assign-roles lists these for a run of any kind.
    needed = ["read", "*/read", "environments/write", "jobs/*", "metadata/artifacts/write"]
    needed += ["environments/build/action", "environments/readSecrets/action"]
    assert {f"{WORKSPACE}/{action}" for action in needed} <= set(role["permissions"][0]["actions"])


def test_the_exit_handler_does_not_start_itself(tmp_path: Path) -> None:
    made = emitted(tmp_path, WHOLE)
    experiments = {name: made.yml(name)["experiment_name"] for name in ("pipeline.yml", "exit-handler.yml")}
    assert len(set(experiments.values())) == 2
    (event,) = [
        one for one in made.arm("infra/events.json")["resources"] if one["type"].endswith("/eventSubscriptions")
    ]
    values = {one["key"]: one["values"] for one in event["properties"]["filter"]["advancedFilters"]}
    assert values["data.experimentName"] == [experiments["pipeline.yml"]]
    assert "tell" not in made.jobs


def test_the_exit_handler_is_given_what_the_run_that_ended_was_given(tmp_path: Path) -> None:
    said = {
        "parameters": {"note": {"type": "string", "default": "none"}},
        "steps": {
            "tell": {"run": "clean.py", "always": True, "params": {"run": "${run.id}", "note": "${parameters.note}"}}
        },
    }
    (flow,) = [one for one in emitted(tmp_path, said).resources("infra/events.json") if "/workflows" in one["type"]]
    start = flow["properties"]["definition"]["actions"]["start"]["actions"]
    assert start["read_the_run"]["inputs"]["uri"].count("/jobs/@{triggerBody()?[0]?[''data'']?[''runId'']}?") == 1
    (job,) = start["ours"]["actions"]["start_a_run"]["inputs"]["body"].values()
    assert "'note', coalesce(body('read_the_run')?['properties']?['inputs']?['note'], body('read_the_job')" in job
    assert "'run_id', addProperty(" in job


def test_the_end_of_another_products_run_in_the_same_experiment_starts_nothing(tmp_path: Path) -> None:
    made = emitted(tmp_path, {**WHOLE, "tracking": {"experiment": "shared"}})
    (flow,) = [one for one in made.resources("infra/events.json") if "/workflows" in one["type"]]
    start = flow["properties"]["definition"]["actions"]["start"]["actions"]
    whose = "@equals(body('read_the_run')?['properties']?['tags']?['mlopsgen-product'], 'churn')"
    assert start["ours"]["expression"] == whose
    assert made.yml("pipeline.yml")["tags"]["mlopsgen-product"] == "churn"
    assert set(start) == {"read_the_run", "ours"}


def test_workspaces_that_watch_one_lake_do_not_take_each_others_events(tmp_path: Path) -> None:
    """An event subscription is a child of the account, which production and staging may share."""
    names = []
    for place in ({}, {"workspace": "other"}, {"resource_group": "other"}, {"subscription": f"{GROUP_OF_ZEROS}5"}):
        made = emitted(tmp_path, WATCHED, **place)
        (one,) = [one for one in made.resources("infra/events.json") if one["type"].endswith("/eventSubscriptions")]
        names.append(one["name"])
        assert f"event-subscription delete --name {one['name']} " in made.files["README.md"].decode()
    assert len(set(names)) == len(names)


def test_long_names_of_product_and_trigger_are_cut_to_what_azure_takes(tmp_path: Path) -> None:
    """azure-resource-manager/management/resource-name-rules: event subscriptions 3 to 64, Logic Apps 1 to 80."""
    long = "a-name-of-forty-eight-letters-which-is-the-most"
    fresh = {"start": "training", "new_data": "data.source"}
    triggers = {long: fresh, f"{long[:-1]}x": dict(fresh)}
    made = emitted(tmp_path, {**WHOLE, **WATCHED, "name": long, "triggers": triggers})
    listed = made.resources("infra/events.json")
    flows = {one["name"] for one in listed if one["type"].endswith("/workflows")}
    events = {one["name"] for one in listed if one["type"].endswith("/eventSubscriptions")}
    assert (len(flows), len(events)) == (3, 3)
    assert max(map(len, flows)) <= 80
    assert max(map(len, events)) <= 64
    readme, text = made.files["README.md"].decode(), json.dumps(listed)
    assert not [name for name in events if f"event-subscription delete --name {name} " not in readme]
    assert not [name for name in flows if f"Microsoft.Logic/workflows --name {name}\n" not in readme]
    assert set(re.findall(r"Logic/workflows(?:/triggers)?', '([^']+)'", text)) == flows


def test_another_system_starts_the_job_that_a_schedule_keeps(tmp_path: Path) -> None:
    made = emitted(tmp_path, CALLED)
    assert made.yml("schedules/called.yml")["trigger"]["start_time"].startswith("2999")
    roles = [one["properties"] for one in made.arm("infra/access.json")["resources"] if "role" in one["type"].lower()]
    assert "Starts runs of churn and reads how they went" in [role.get("description") for role in roles]
    assert "--url $WORKSPACE/schedules/churn-called" in made.files["README.md"].decode()
    assert "infra/events.json" not in made.files


def test_the_readme_makes_and_deletes_everything(tmp_path: Path) -> None:
    made = emitted(tmp_path, {**WHOLE, **WATCHED, "steps": WHOLE["steps"]})
    readme = made.files["README.md"].decode()
    for path in made.files:
        if path.startswith(("compute/", "data/", "schedules/")):
            assert f"--file {path}" in readme, path
    for name in ("infra/access.json", "infra/events.json"):
        assert f"--template-file {name}" in readme
    for path in (p for p in made.files if p.startswith(("compute/", "schedules/"))):
        assert f"--name {made.yml(path)['name']}" in readme, path


def test_a_workspace_that_has_never_built_an_image_has_no_registry_to_pull_from(tmp_path: Path) -> None:
    made = emitted(tmp_path)
    access, readme = made.arm("infra/access.json"), made.files["README.md"].decode()
    assert access["parameters"]["containerRegistryId"]["defaultValue"] == ""
    pull = made.deployments("infra/access.json")["churn-jobs-images"]
    assert pull["condition"] == "[not(empty(parameters('containerRegistryId')))]"
    assert "parameters(" not in pull["resourceGroup"], "an empty id has no group, and that is an error even there"
    assert "if(empty(" in access["variables"]["containerRegistryId"]
    environment, registry = readme.index("az ml environment create"), readme.index("REGISTRY=$(")
    assert environment < registry < readme.index("containerRegistryId=$REGISTRY")


def test_the_readme_sets_each_variable_before_it_uses_it_in_any_shell(tmp_path: Path) -> None:
    """Clusters that exist, and zsh, which takes `$STORE` with its words for the name of one command."""
    watched = {
        "data": {"source": "azureml://datastores/workspaceblobstore/paths/lake/", "label": "churned"},
        "triggers": WATCHED["triggers"],
    }
    for options in ({}, {"compute": {"default": "cpu-cluster"}}):
        readme = emitted(tmp_path, watched, **options).files["README.md"].decode()
        used = {name: readme.index(f"${name}") for name in re.findall(r"\$([A-Z]+)(?<!PWD)\b", readme)}
        assert {"ACCOUNT", "CONTAINER"} <= set(used)
        assert not [n for n, at in used.items() if not re.search(rf"\b{n}=(?:\$\(az |[0-9])", readme[:at])]
        assert "$($" not in readme
        assert "container_name || filesystem" in readme, "a data lake's container is its filesystem"


def test_an_owner_is_told_of_what_owning_does_not_bring(tmp_path: Path) -> None:
    """Blobs take a role of the data plane, and a new subscription knows neither Event Grid nor Logic Apps."""
    needs = emitted(tmp_path, WHOLE).files["README.md"].decode().partition("You need |")[2].partition("```")[0]
    for need in (
        "roleAssignments/write",
        "Managed Identity Operator",
        "Storage Blob Data Contributor",
        "Microsoft.EventGrid",
        "Microsoft.Logic",
    ):
        assert need in needs
    quiet = emitted(tmp_path, {}, compute={"default": "cpu-cluster"}).files["README.md"].decode()
    assert "Managed Identity Operator" not in quiet
    assert "Microsoft.Logic" not in quiet


def test_what_was_deleted_can_be_deployed_again(tmp_path: Path) -> None:
    """Azure deletes no role that somebody has, and gives no assignment another principal."""
    readme = emitted(tmp_path, {**WHOLE, **WATCHED}).files["README.md"].decode()
    delete = readme[readme.index("## Delete") :]
    for role in ("jobs", "start-runs", "approve-versions"):
        name = f"churn-{role}-acme-ml-acme-ml-00000000"
        assert delete.index(f"assignment list --all --role {name}") < delete.index(f"definition delete --name {name}")
    # Without `:?`, an identity that is gone would leave `--assignee` empty.
    assert delete.index("--assignee ${PRINCIPAL:?}") < delete.index("az identity delete"), "roles of Azure's own, too"
    # With a default group `az role assignment list` takes no --all (Azure/azure-cli issue 16876).
    away, back = delete.rindex('--defaults group=""'), delete.rindex("--defaults group=acme-ml")
    assert all(away < command.start() < back for command in re.finditer("az role assignment", delete))
    assert "group=acme-ml" not in delete[away:back], "away all the while"
    for name, source in {"churn-fresh": "$ACCOUNT_ACMEML", "churn-exit-handler": "az ml"}.items():
        place = delete.index(f"az eventgrid event-subscription delete --name {name}")
        assert source in delete[place : delete.index("\naz", place)]
        assert place < delete.index(f"Microsoft.Logic/workflows --name {name}")


@pytest.mark.parametrize(
    "place", ["https://acmeml.blob.core.windows.net", "azureml://datastores/workspaceblobstore/paths"]
)
def test_what_is_deleted_from_another_shell_has_its_variables(place: str, tmp_path: Path) -> None:
    """Months after the deployment, in a shell that knows none of its variables."""
    watched = {**WATCHED, "data": {"source": f"{place}/lake/churn/", "label": "churned"}}
    readme = emitted(tmp_path, {**WHOLE, **watched}).files["README.md"].decode()
    delete = readme[readme.index("## Delete") :]
    used = {one[1]: one.start() for one in reversed([*re.finditer(r"\$\{?([A-Z_]+)", delete)])}
    assert {"PRINCIPAL"} < set(used)
    assert not [name for name, use in used.items() if not 0 <= delete.find(f"{name}=$(az ") < use]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"governance": {"encryption": "alias/ml"}}, "MG301"),
        ({"governance": {"network": {"private": True}}}, "MG301"),
        ({"governance": {"lineage": True}}, "MG302"),
        ({"governance": {"access": {"deploy": ["release-managers"]}}}, "MG305"),
        ({"tags": {"a/b": "c"}}, "MG305"),
        ({"tags": {"azure-x": "c"}}, "MG305"),
        ({"tags": {f"k{number}": "v" for number in range(50)}}, "MG306"),
        ({"data": {"source": "s3://acme/x/", "label": "churned"}}, "MG313"),
        ({"steps": {"training-refit": {"run": "clean.py"}}, **tuned(refit=True)}, "MG305"),
    ],
)
def test_what_cannot_be_is_refused_at_its_place(said: dict[str, object], code: str, tmp_path: Path) -> None:
    assert code in {found for found, _ in refused(tmp_path, said)}
