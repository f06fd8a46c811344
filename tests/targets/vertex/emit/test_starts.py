"""What starts a run: requests, schedules, new data."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from .specs import Node, emit, permissions, refused, training, vertex


def test_a_run_is_one_request(tmp_path: Path) -> None:
    found = emit(tmp_path, {"tags": {"cost-center": "4711"}})
    job = found.json("requests/pipeline-job.json")
    assert job["labels"] == {"mlopsgen-product": "churn", "cost-center": "4711"}
    assert job["runtimeConfig"]["gcsOutputDirectory"] == "gs://acme-models/churn/runs"
    assert job["runtimeConfig"]["parameterValues"] == {}
    tag = job["templateUri"].rpartition("/")[2]
    assert job["templateUri"] == f"https://europe-west1-kfp.pkg.dev/acme-ml/churn-pipelines/churn/{tag}"
    assert f"-F tags={tag} -F content=@pipeline.yaml" in found.files["README.md"].decode()
    assert "encryptionSpec" not in job


def test_a_run_that_has_failed_begins_nothing_new_unless_a_step_always_follows(tmp_path: Path) -> None:
    """FAIL_FAST "will stop scheduling any new tasks", and an exit handler's is one (PipelineFailurePolicy)."""
    weekly: Node = {"triggers": {"weekly": {"start": "training", "schedule": "0 2 * * 1", "timezone": "Europe/Paris"}}}
    found = emit(tmp_path, weekly)
    policy = "PIPELINE_FAILURE_POLICY_FAIL_FAST"
    assert found.json("requests/pipeline-job.json")["runtimeConfig"]["failurePolicy"] == policy
    always = emit(tmp_path, {"steps": {"tell": {"run": "tell.py", "always": True}}})
    assert "failurePolicy" not in always.json("requests/pipeline-job.json")["runtimeConfig"]


def test_another_pipeline_has_another_tag(tmp_path: Path) -> None:
    tags = {
        emit(tmp_path, *changes).json("requests/pipeline-job.json")["templateUri"].rpartition(":")[2]
        for changes in (
            [],
            [training(params={"folds": 6})],
            [vertex(steps={"training": {"retryPolicy": {"maxRetryCount": 2}}})],
        )
    }
    assert len(tags) == 3


def test_a_clock_is_a_schedule_with_its_time_zone(tmp_path: Path) -> None:
    weekly = {"start": "training", "schedule": "0 2 * * 1", "timezone": "Europe/Paris"}
    found = emit(tmp_path, {"triggers": {"weekly": weekly}})
    schedule = found.json("requests/schedule-weekly.json")
    assert schedule["cron"] == "TZ=Europe/Paris 0 2 * * 1"
    assert schedule["maxConcurrentRunCount"] == "1"
    request = schedule["createPipelineJobRequest"]
    assert request["parent"] == "projects/acme-ml/locations/europe-west1"
    assert request["pipelineJob"] == found.json("requests/pipeline-job.json")


def test_new_data_starts_a_workflow_that_looks_at_the_prefix(tmp_path: Path) -> None:
    found = emit(tmp_path, {"triggers": {"fresh": {"start": "training", "new_data": "data.source"}}})
    main = found.yaml("infra/fresh.yaml")["main"]
    assert main["steps"][0]["place"]["assign"] == [{"prefix": "churn/rows/"}, {"name": "${event.data.name}"}]
    body = main["steps"][3]["start"]["try"]["args"]["body"]
    job = found.json("requests/pipeline-job.json")
    assert {**body, "runtimeConfig": {**body["runtimeConfig"], "parameterValues": {}}} == job
    trigger = found.resources["google_eventarc_trigger"]["fresh"]
    assert {"attribute": "bucket", "value": "acme-data"} in trigger["matching_criteria"]
    source = found.resources["google_workflows_workflow"]["fresh"]["source_contents"]
    assert source == '${file("${path.module}/fresh.yaml")}'
    assert permissions(found, "events") == {"pipelineJobs.create", "pipelineJobs.get"}


def test_what_eventarc_tells_twice_starts_one_run(tmp_path: Path) -> None:
    """cloud.google.com/eventarc/docs: at least once. CreatePipelineJob answers 409 for an id that there is."""
    found = emit(tmp_path, {"triggers": {"fresh": {"start": "training", "new_data": "data.source"}}})
    steps = {name: step for one in found.yaml("infra/fresh.yaml")["main"]["steps"] for name, step in one.items()}
    assert "event.data.generation" in steps["identity"]["assign"][2]["id"]
    assert steps["identity"]["assign"][0] == {"watch": "churn-fresh"}
    assert steps["start"]["try"]["args"]["query"] == {"pipelineJobId": "${id}"}
    known, raised = steps["start"]["except"]["steps"]
    assert known["told_before"]["switch"] == [{"condition": '${map.get(problem, "code") == 409}', "return": "${id}"}]
    assert raised == {"not_started": {"raise": "${problem}"}}


WEEKLY: Node = {"triggers": {"weekly": {"start": "training", "schedule": "0 2 * * 1", "timezone": "Europe/Paris"}}}
CURL = """#!/bin/sh
echo "$@" >> asked
case "$*" in *"-sG"*) echo '{"schedules": [{"displayName": "churn-weekly", "name": "NAMED"}]}';; esac
"""


@pytest.mark.parametrize(
    ("there", "asked"),
    [
        ("projects/123/locations/europe-west1/schedules/42", ("PATCH", "/42?updateMask=cron,createPipelineJobRequest")),
        ("", ("POST", "")),
    ],
)
def test_the_readme_makes_no_second_schedule_of_one_name(tmp_path: Path, there: str, asked: tuple[str, str]) -> None:
    """The block as it stands, in a shell whose curl answers as ListSchedules does.

    Terraform cannot do it: version 8.0.0 of the google provider has removed google_vertex_ai_schedule.
    """
    text = emit(tmp_path, WEEKLY).files["README.md"].decode()
    (block,) = re.findall(r"### Make the schedules.*?```sh\n(.*?)```", text, re.DOTALL)
    for name, script in (("curl", CURL.replace("NAMED", there)), ("gcloud", "#!/bin/sh\necho token\n")):
        (tmp_path / name).write_text(script)
        (tmp_path / name).chmod(0o755)
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    subprocess.run(["sh", "-eu", "-c", block], cwd=tmp_path, env=environment, check=True)
    listed, made = (tmp_path / "asked").read_text().splitlines()
    assert 'filter=display_name="churn-weekly"' in listed
    at = "https://europe-west1-aiplatform.googleapis.com/v1/projects/acme-ml/locations/europe-west1/schedules"
    assert f"-X {asked[0]} --upload-file requests/schedule-weekly.json {at}{asked[1]}" in made


def test_new_data_needs_a_known_prefix(tmp_path: Path) -> None:
    asked: Node = {
        "parameters": {"day": {"type": "string", "default": "today"}},
        "triggers": {"fresh": {"start": "training", "new_data": "data.source"}},
    }
    known = emit(tmp_path, asked, {"data": {"source": "gs://acme-data/rows-${parameters.day}/"}})
    assert known.yaml("infra/fresh.yaml")["main"]["steps"][0]["place"]["assign"][0] == {"prefix": "rows-"}
    (wrong,) = refused(tmp_path, asked, {"data": {"source": "gs://acme-data/$${x}/"}})
    assert wrong.code == "MG308"
    said = refused(tmp_path, asked, {"data": {"source": "gs://acme-${parameters.day}/rows/"}})
    wrong, told = sorted(said, key=lambda one: one.code)
    assert (wrong.code, wrong.spec_path) == ("MG301", ("triggers", "fresh", "new_data"))
    assert "denied other buckets than those of the product and of the default (`acme-today`)" in told.message


def test_the_readme_says_what_becomes_of_a_schedule_that_the_spec_has_no_longer(tmp_path: Path) -> None:
    """Terraform does not know schedules. Without a trigger left, the command that deletes them has to be there too."""
    text = emit(tmp_path).files["README.md"].decode()
    assert "A schedule whose trigger the spec has no longer goes on" in " ".join(text.split())
    assert "schedules/ID" in text


def test_the_readme_says_where_the_bucket_of_new_data_has_to_be(tmp_path: Path) -> None:
    """Cloud Storage's and Eventarc's own accounts get their roles in this project alone."""
    text = emit(tmp_path, {"triggers": {"fresh": {"start": "training", "new_data": "data.source"}}}).files["README.md"]
    assert "in europe-west1 and to be one of the project acme-ml" in " ".join(text.decode().split())
