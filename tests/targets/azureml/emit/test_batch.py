"""Batch deployments: a pipeline job that scores, what starts it, what it may touch."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from .specs import Emitted, emitted, refused, step, tuned
from .test_access import ACCESS, READER
from .test_around import CALLED, PERSON, WHOLE

CONTRIBUTOR = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
WORKSPACE = "azureml://subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/acme-ml/workspaces/acme-ml"
STORE = f"{WORKSPACE}/datastores/workspaceblobstore"
LAKE = "https://acmelake.dfs.core.windows.net/zones"


def batch(**said: Any) -> dict[str, Any]:
    """One deployment, called `nightly`."""
    return {"deployments": {"nightly": {"mode": "batch", "input": "data/new/", **said}}}


SITE = {"parameters": {"site": {"type": "string"}}}
CLOCK = {"schedule": "0 3 * * 1-5", "timezone": "Europe/Paris"}


def flags(made: Emitted, name: str = "nightly") -> dict[str, str]:
    """The flags of the scorer, as the shell hands them over."""
    words = shlex.split(made.command(name))
    return dict(word.removeprefix("--").partition("=")[::2] for word in words[words.index("score") + 1 :])


def launcher(made: Emitted, name: str = "nightly") -> list[str]:
    """The words of the launcher before the scorer's."""
    words = shlex.split(made.command(name))
    return words[: words.index("--")]


def granted(made: Emitted) -> dict[str, str]:
    """The containers of other accounts that the jobs' identity may use → the role that it has there."""
    found = {}
    for one in made.deployments(ACCESS).values():
        about = one["properties"]["parameters"]
        container = re.search(r"Id_(\w+)'\), '/blobServices/default/containers/', '(.+)'\)", about["resource"]["value"])
        if container:
            assert container.groups() not in found, "one role for each"
            found["/".join(container.groups())] = about["role"]["value"]
    return found


def test_a_schedule_starts_a_job_that_reads_and_writes_the_datastore(tmp_path: Path) -> None:
    made = emitted(tmp_path, batch(**CLOCK, output="out/"))
    job = made.yml("deployments/nightly.yml")
    (node,) = job["jobs"].values()
    assert (node["component"], node["identity"]) == ("../components/nightly.yml", {"type": "managed"})
    said = flags(made)
    assert said["input"] == f"{STORE}/paths/churn/data/new/"
    assert said["output"] == f"{STORE}/paths/churn/out/"
    assert made.yml("components/nightly.yml")["is_deterministic"] is False, "yesterday's predictions are not today's"
    schedule = made.yml("schedules/nightly.yml")
    assert schedule["trigger"]["expression"] == "0 3 * * 1,2,3,4,5"
    assert schedule["trigger"]["time_zone"] == "Romance Standard Time"
    assert schedule["create_job"]["job"] == "../deployments/nightly.yml"
    assert schedule["create_job"]["inputs"] == {"run_scheduled_at": "${{creation_context.trigger_time}}"}
    assert said["at"] == "${{inputs.run_scheduled_at}}"


def test_the_time_of_another_day_can_be_said_and_left_out(tmp_path: Path) -> None:
    made = emitted(tmp_path, batch())
    assert made.yml("deployments/nightly.yml")["inputs"]["run_scheduled_at"] == "null"
    assert "--optional=at=null" in launcher(made)
    assert "--set inputs.run_scheduled_at=" in made.files["README.md"].decode()


@pytest.mark.parametrize(
    "said",
    [{"input": {"uri": "new/", "partition": "date"}}, {"output": {"partition": "date"}}],
    ids=["read", "written"],
)
def test_the_day_of_a_folder_is_said_by_whoever_starts_it(said: dict[str, Any], tmp_path: Path) -> None:
    """Of two people who start it around midnight, each would read or write another folder."""
    made = emitted(tmp_path, {**batch(**said), **CALLED})
    assert made.yml("deployments/nightly.yml")["inputs"]["run_scheduled_at"] == "required"
    assert "--required=at=required" in launcher(made)
    readme = made.files["README.md"].decode()
    assert "--file deployments/nightly.yml --set inputs.run_scheduled_at=2026" in readme
    assert "`run_scheduled_at` of the deployment nightly" in readme, "other systems say it, too"


def test_a_run_goes_on_under_its_id_and_else_has_that_of_its_job(tmp_path: Path) -> None:
    made = emitted(tmp_path, {**batch(), "tracking": {"backend": {"mlflow": "https://mlflow.acme.com"}}})
    assert made.yml("deployments/nightly.yml")["inputs"]["run_id"] == "null"
    assert flags(made)["run-id"] == "${{inputs.run_id}}"
    assert "--instead=run-id=null=$AZUREML_ROOT_RUN_ID" in launcher(made)
    assert "--instead=track-run=null=$AZUREML_ROOT_RUN_ID" in launcher(made), "its record, too"
    assert "--set inputs.run_id=<run>" in made.files["README.md"].decode()


def test_a_folder_that_is_named_after_the_run_has_the_id_of_its_job(tmp_path: Path) -> None:
    """A run that goes on would look for its parts in a folder called `null`."""
    made = emitted(tmp_path, batch(output="scored/${run.id}/"))
    assert "run_id" not in made.yml("deployments/nightly.yml")["inputs"]
    said = flags(made)
    assert (said["run-id"], said["output"][-35:]) == ("$AZUREML_ROOT_RUN_ID", "/churn/scored/$AZUREML_ROOT_RUN_ID/")
    assert "inputs.run_id" not in made.files["README.md"].decode()


def test_machines_share_the_parts_and_each_tries_again_by_itself(tmp_path: Path) -> None:
    """how-to-train-distributed-gpu: RANK is the process's own number of all WORLD_SIZE of them."""
    several = {"nodes": "${parameters.machines}", "retries": {"attempts": 2}}
    made = emitted(tmp_path, {**batch(**several), "parameters": {"machines": {"type": "integer", "default": 3}}})
    (node,) = made.yml("deployments/nightly.yml")["jobs"].values()
    assert node["resources"] == {"instance_count": 3}
    together = made.yml("components/nightly.yml")["distribution"]
    assert together == {"type": "pytorch", "process_count_per_instance": 1}
    assert made.command("nightly").endswith('--node="$RANK"\n--nodes="$WORLD_SIZE"'.replace("\n", " "))
    (cluster,) = [made.yml(file) for file in made.files if file.startswith("compute/")]
    assert cluster["max_instances"] == 4
    readme = made.files["README.md"].decode().partition("## Score: nightly")
    assert "jobs.nightly.resources.instance_count=3" in readme[2]
    assert "jobs.nightly.resources" not in readme[0], "the pipeline of training has no such job"


@pytest.mark.parametrize(
    ("model", "name", "version"),
    [(None, "approved", None), ("other@champion", "other", None), ("other:3", "other", "3")],
    ids=["the product's own", "another one's champion", "a version"],
)
def test_the_champion_is_asked_of_the_registry_when_the_job_runs(
    model: str | None, name: str, version: str | None, tmp_path: Path
) -> None:
    said = {**batch(**({"model": model} if model else {})), "registry": {"model": "approved"}}
    made = emitted(tmp_path, said)
    assert f"{STORE}/models/{name}" in flags(made).values()
    assert flags(made).get("version") == version
    (role,) = [one["properties"] for one in made.resources(ACCESS) if one["type"].endswith("/roleDefinitions")]
    actions = {action.partition("workspaces/")[2] for action in role["permissions"][0]["actions"]}
    assert {"datastores/read", "models/read", "models/versions/read"} <= actions


def test_scoring_alone_writes_no_models(tmp_path: Path) -> None:
    made = emitted(tmp_path, {**batch(model="other@champion"), "registry": "none"})
    (role,) = [one["properties"] for one in made.resources(ACCESS) if one["type"].endswith("/roleDefinitions")]
    actions = {action.partition("workspaces/")[2] for action in role["permissions"][0]["actions"]}
    assert actions == {"datastores/read", "models/read", "models/versions/read"}
    assert "azure-identity" in made.files["image/requirements.txt"].decode()


@pytest.mark.parametrize(
    ("read", "written", "expected"),
    [
        (f"{LAKE}/new/", "out/", {"acmelake/zones": READER}),
        (f"{LAKE}/${{parameters.site}}/", "out/", {"acmelake/zones": READER}),
        ("data/new/", f"{LAKE}/out/", {"acmelake/zones": CONTRIBUTOR}),
        (f"{LAKE}/new/", f"{LAKE}/out/", {"acmelake/zones": CONTRIBUTOR}),
        (
            "abfss://new@acmelake.dfs.core.windows.net/x/",
            "https://acme.blob.core.windows.net/out/x/",
            {"acmelake/new": READER, "acme/out": CONTRIBUTOR},
        ),
    ],
)
def test_the_jobs_identity_may_read_the_input_and_write_the_output(
    read: str, written: str, expected: dict[str, str], tmp_path: Path
) -> None:
    """Storage Blob Data Contributor lists, reads, writes and deletes blobs (role-based-access-control/built-in-roles):
    a run reads its parts, and takes its lock and its temporary names away."""
    made = emitted(tmp_path, {**batch(input=read, output=written), **SITE})
    assert granted(made) == expected
    named = {name for name in made.arm(ACCESS)["parameters"] if name.startswith("storageAccountId_")}
    assert named == {f"storageAccountId_{place.partition('/')[0]}" for place in expected}
    readme = made.files["README.md"].decode()
    assert not [name for name in named if f"--parameters {name}=$ACCOUNT_" not in readme]


def test_clusters_that_exist_are_told_what_their_identity_needs(tmp_path: Path) -> None:
    said = batch(input=f"{LAKE}/new/", output="https://acme.blob.core.windows.net/out/x/")
    readme = emitted(tmp_path, said, compute={"default": "cpu-cluster"}).files["README.md"].decode()
    assert "Storage Blob Data Reader on `acmelake/zones`" in readme
    assert "Storage Blob Data Contributor on `acme/out`" in readme


def test_another_datastore_of_the_workspace_is_opened_by_its_whole_address(tmp_path: Path) -> None:
    made = emitted(tmp_path, batch(output="azureml://datastores/lake/paths/out/"))
    assert flags(made)["output"] == f"{WORKSPACE}/datastores/lake/paths/out/"
    assert [said for said in made.said("MG315") if "infra/access.json gives no right" in said]
    by_site = emitted(tmp_path, {**batch(input="azureml://datastores/lake/paths/${parameters.site}/"), **SITE})
    assert flags(by_site)["input"] == f"{WORKSPACE}/datastores/lake/paths/${{{{inputs.site}}}}/"
    quiet = emitted(tmp_path, batch(output="azureml://datastores/workspaceblobstore/paths/out/"))
    assert not [said for said in quiet.said("MG315") if "infra/access.json gives no right" in said]


@pytest.mark.parametrize(
    "place",
    [
        *("s3://acme/new/", "gs://acme/new/", "azureml:table:3", "azureml://datastores/lake/paths/", f"{LAKE}/"),
        "azureml://subscriptions/s/resourceGroups/g/workspaces/other/datastores/d/paths/new/",
        *("https://acme.com/new/", "${parameters.site}", "https://acmelake.blob.core.windows.net/${parameters.site}/"),
    ],
)
@pytest.mark.parametrize("side", ["input", "output"])
def test_a_folder_that_no_job_can_open_is_refused(side: str, place: str, tmp_path: Path) -> None:
    found = refused(tmp_path, {**batch(**{side: place}), **SITE})
    assert [said for code, said in found if code == "MG313" and f"the {side} of `nightly`" in said]


def test_a_clock_gives_no_values_to_parameters_that_have_to_be_given(tmp_path: Path) -> None:
    by_site = {**batch(**CLOCK, input="new/${parameters.site}/"), **SITE}
    assert [said for code, said in refused(tmp_path, by_site) if code == "MG301" and "`site`" in said]
    with_default = {**by_site, "parameters": {"site": {"type": "string", "default": "north"}}}
    assert not refused(tmp_path, with_default)
    training = {**SITE, **step(params={"site": "${parameters.site}"})}
    assert not refused(tmp_path, {**batch(**CLOCK), **training}), "nothing reads it that the clock starts"


def test_a_parameter_that_nobody_gives_is_told_and_is_no_folder(tmp_path: Path) -> None:
    """A job of Azure ML knows no input without a value, so `required` would be the name of a folder."""
    made = emitted(tmp_path, {**batch(input="new/${parameters.site}/${run.scheduled_at}/"), **SITE})
    inputs = made.yml("deployments/nightly.yml")["inputs"]
    assert (inputs["site"], inputs["run_scheduled_at"]) == ("required", "required")
    written = flags(made)["input"]
    for word in launcher(made):
        if word.startswith("--required=input="):
            missing = word.removeprefix("--required=input=").replace("${{inputs.run_scheduled_at}}", "2026")
            assert missing == written.replace("${{inputs.site}}", "required").replace(
                "${{inputs.run_scheduled_at}}", "2026"
            )
            break
    else:
        pytest.fail("nothing tells it")
    assert "--required=at=required" in launcher(made), "a time that is a part of an address"
    assert "--set inputs.run_scheduled_at=2026-11-30T03:00:00Z\n" in made.files["README.md"].decode()


def test_scoring_does_not_start_the_exit_handler(tmp_path: Path) -> None:
    made = emitted(tmp_path, {**WHOLE, **batch()})
    (event,) = [one for one in made.resources("infra/events.json") if one["type"].endswith("/eventSubscriptions")]
    told = {one["key"]: one["values"] for one in event["properties"]["filter"]["advancedFilters"]}
    assert made.yml("deployments/nightly.yml")["experiment_name"] not in told["data.experimentName"]


def test_a_scoring_does_not_wait_for_the_end_of_a_training(tmp_path: Path) -> None:
    two = {name: {"mode": "batch", "input": "data/new/"} for name in ("nightly", "hourly")}
    made = emitted(tmp_path, {"deployments": two})
    (cluster,) = [made.yml(file) for file in made.files if file.startswith("compute/")]
    assert cluster["max_instances"] == 3
    assert made.yml("deployments/hourly.yml")["settings"]["default_compute"] == f"azureml:{cluster['name']}"


def test_machines_and_native_keys_go_by_the_deployments_name(tmp_path: Path) -> None:
    native = {"limits": {"timeout": 60}}
    patch = {"file": "deployments/nightly.yml", "at": "/display_name", "replace": "scores"}
    options: dict[str, Any] = {"machines": {"nightly": "Standard_E8s_v3"}, "steps": {"nightly": native}}
    made = emitted(tmp_path, batch(), **options, patches=[patch])
    job = made.yml("deployments/nightly.yml")
    assert job["jobs"]["nightly"]["limits"] == {"timeout": 60}
    assert job["display_name"] == "scores"
    (cluster,) = [made.yml(file) for file in made.files if job["settings"]["default_compute"][8:] in file]
    assert cluster["size"] == "Standard_E8s_v3"
    assert "- deployments/nightly.yml at the node of" in made.files["README.md"].decode()


def test_limits_secrets_and_retries_are_those_of_every_job(tmp_path: Path) -> None:
    serve = {"run": "train.py", "env": {"MODE": "fast"}, "secrets": {"PW": "warehouse"}}
    made = emitted(tmp_path, batch(serve=serve, retries={"attempts": 2}, timeout="2h"))
    (node,) = made.yml("deployments/nightly.yml")["jobs"].values()
    assert (node["limits"], node["environment_variables"]) == ({"timeout": 7200}, {"MODE": "fast"})
    assert {"--secret=PW=azure-keyvault://acme-ml-kv/warehouse", "--attempts=2"} <= set(launcher(made))
    assert [name for name in made.deployments(ACCESS) if "warehouse" in name], "its role on the secret"


@pytest.mark.parametrize("also", [CALLED, {"governance": {"access": {"invoke": [PERSON]}}}], ids=["called", "invoked"])
def test_who_may_start_runs_finds_an_on_demand_job_in_the_workspace(also: dict[str, Any], tmp_path: Path) -> None:
    made = emitted(tmp_path, {**batch(), **also})
    kept = made.yml("schedules/nightly.yml")
    assert kept["trigger"]["start_time"].startswith("2999")
    assert kept["create_job"] == "../deployments/nightly.yml"
    assert "--url $WORKSPACE/schedules/churn-nightly" in made.files["README.md"].decode()
    assert "schedules/nightly.yml" not in emitted(tmp_path, batch()).files, "nobody else may start it"


def trigger(name: str) -> dict[str, Any]:
    return {"triggers": {name: {"start": "training", "schedule": "0 2 * * 1"}}}


@pytest.mark.parametrize(
    "said",
    [
        {**batch(**CLOCK), **trigger("nightly")},
        {**WHOLE, "deployments": {"exit-handler": {"mode": "batch", "input": "data/new/"}}},
        {**tuned(refit=True), "deployments": {"training-refit": {"mode": "batch", "input": "data/new/"}}},
    ],
    ids=["a trigger", "the exit handler", "a refit"],
)
def test_names_that_would_be_one_in_the_workspace_are_refused(said: dict[str, Any], tmp_path: Path) -> None:
    assert "MG305" in {code for code, _ in refused(tmp_path, said)}


@pytest.mark.parametrize(
    "said",
    [
        {"input": {"uri": "data/new/", "format": "files"}},
        {"serve": {"image": "acme.azurecr.io/server@sha256:" + "0" * 64}},
    ],
)
def test_what_a_deployment_cannot_have_is_refused(said: dict[str, Any], tmp_path: Path) -> None:
    assert "MG302" in {code for code, _ in refused(tmp_path, batch(**said))}


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"schedule": "0 3 1 1 *"}, "MG311"),
        ({"schedule": "0 3 * * *", "timezone": "Antarctica/Troll"}, "MG311"),
        ({"timeout": "30d"}, "MG306"),
        ({"serve": {"run": "train.py", "secrets": {"PW": "gcp-secretmanager://p/x"}}}, "MG312"),
    ],
)
def test_what_azure_cannot_say_is_refused_at_its_place(said: dict[str, Any], code: str, tmp_path: Path) -> None:
    assert code in {found for found, _ in refused(tmp_path, batch(**said))}


def test_the_readme_says_where_predictions_lie_and_how_to_pause(tmp_path: Path) -> None:
    readme = emitted(tmp_path, batch(**CLOCK)).files["README.md"].decode()
    for text in (
        "az ml job create --file deployments/nightly.yml\n",
        "--prefix churn/out/nightly/ ",
        "_SUCCESS",
        "az ml schedule create --file schedules/nightly.yml\n",
        "az ml schedule disable --name churn-nightly`",
        "az ml schedule delete --yes --name churn-nightly\n",
        "[?experiment_name=='churn-nightly']",
        "| `deployments/nightly.yml` |",
    ):
        assert text in readme
    replaced = emitted(tmp_path, batch(output={"write": "overwrite"})).files["README.md"].decode()
    assert "those of the last run alone" in replaced
    assert "`run=<id>/`" not in replaced
