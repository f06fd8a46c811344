"""What is around the pipeline: requests, Terraform, what accounts and people may do, names and limits."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from mlopsgen.runtime import endpoint
from mlopsgen.runtime.commands import COMMANDS
from mlopsgen.targets.api import FEATURES
from mlopsgen.targets.vertex import target
from mlopsgen.targets.vertex.names import shortened
from mlopsgen.targets.vertex.native import literal

from .specs import Emitted, Node, emit, refused, training, vertex

RUNNER = "serviceAccount:${google_service_account.runner.email}"
KEY = "projects/acme-ml/locations/europe-west1/keyRings/ml/cryptoKeys/models"


def permissions(found: Emitted, use: str = "runner") -> set[str]:
    role = found.resources["google_project_iam_custom_role"][use]
    return {one.removeprefix("aiplatform.") for one in role["permissions"]}


def members(found: Emitted) -> list[tuple[str, str]]:
    """Every role that is given to somebody, and to whom."""
    kinds = (bodies for kind, bodies in found.resources.items() if kind.endswith("_iam_member"))
    return [(body["role"], body["member"]) for bodies in kinds for body in bodies.values()]


def test_every_feature_is_answered_and_no_other() -> None:
    assert set(target.support) == {feature.name for feature in FEATURES}
    assert all(answer.with_what for answer in target.support.values())


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


def test_a_version_says_how_it_is_served_for_it_cannot_be_said_later(tmp_path: Path) -> None:
    """aiplatform v1, ModelContainerSpec: command, args, ports and both routes are immutable."""
    found = emit(tmp_path)
    (said,) = [word for word in found.container("registry")["args"] if word.startswith("--settings=")]
    container = json.loads(said.removeprefix("--settings="))["model"]["containerSpec"]
    assert container == {
        "imageUri": found.container("registry")["image"],
        "args": [endpoint.SERVE],
        "ports": [{"containerPort": endpoint.PORT}],
        "predictRoute": endpoint.PREDICT,
        "healthRoute": endpoint.HEALTH,
        "deploymentTimeout": "1800s",
    }
    text = " ".join(found.files["README.md"].decode().split())
    assert ("does not know that word yet" in text) == (endpoint.SERVE not in COMMANDS)
    assert f"port {endpoint.PORT}, `{endpoint.PREDICT}` and `{endpoint.HEALTH}`" in text


def test_the_push_can_be_repeated_though_a_tag_is_taken_once(tmp_path: Path) -> None:
    found = emit(tmp_path)
    image = found.container("training")["image"]
    lines = found.files["README.md"].decode().splitlines()
    assert found.resources["google_artifact_registry_repository"]["images"]["docker_config"] == {"immutable_tags": True}
    place = lines.index(f"gcloud artifacts docker images describe {image} ||")
    assert lines[place + 2] == f"   docker push {image})"


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
    (wrong,) = refused(tmp_path, asked, {"data": {"source": "gs://acme-${parameters.day}/rows/"}})
    assert (wrong.code, wrong.spec_path) == ("MG301", ("triggers", "fresh", "new_data"))


def test_the_account_may_do_what_this_product_needs_and_no_more(tmp_path: Path) -> None:
    plain = emit(tmp_path)
    registers = {"models.get", "models.list", "models.update", "models.upload", "modelEvaluations.import"}
    records = {"contexts.addContextChildren", "contexts.create", "contexts.get"}
    assert permissions(plain) == {"metadataStores.get", *registers, *records}
    assert members(plain) == [
        ("${google_project_iam_custom_role.runner.name}", RUNNER),
        ("roles/logging.logWriter", RUNNER),
        ("roles/storage.objectUser", RUNNER),
        ("roles/storage.objectViewer", RUNNER),
        ("roles/artifactregistry.reader", RUNNER),
        ("roles/artifactregistry.reader", RUNNER),
    ]
    assert plain.resources["google_storage_bucket_iam_member"]["data_1"]["bucket"] == "acme-data"

    search = {"metric": "accuracy", "strategy": "bayesian", "trials": 9, "search": {"c": {"float": [0.1, 1.0]}}}
    more = emit(tmp_path, training(tuning=search), {"evaluation": {"run": "evaluate.py", "secrets": {"T": "tracking"}}})
    assert {"hyperparameterTuningJobs.create", "hyperparameterTuningJobs.get"} <= permissions(more)
    assert "customJobs.create" not in permissions(more)
    assert ("roles/iam.serviceAccountUser", RUNNER) in members(more)
    secret = more.resources["google_secret_manager_secret_iam_member"]["secret_1"]
    assert (secret["project"], secret["secret_id"]) == ("acme-ml", "tracking")
    assert "--secret=T=gcp-secretmanager://acme-ml/tracking" in more.container("evaluation")["args"]
    assert "customJobs.create" in permissions(emit(tmp_path, training(resources={"spot": True})))


def test_a_run_without_a_champions_gate_may_list_the_versions_before_it_adds_one(tmp_path: Path) -> None:
    assert "models.list" in permissions(emit(tmp_path))


def test_nothing_is_made_or_given_where_it_exists(tmp_path: Path) -> None:
    own = "trainer@acme-ml.iam.gserviceaccount.com"
    found = emit(tmp_path, vertex(service_account=own, bucket_exists=True, repository="images"))
    assert "google_storage_bucket" not in found.resources
    assert "google_service_account" not in found.resources
    assert members(found) == []
    assert set(found.resources["google_artifact_registry_repository"]) == {"templates"}
    assert found.json("requests/pipeline-job.json")["serviceAccount"] == own
    assert found.container("training")["image"].startswith("europe-west1-docker.pkg.dev/acme-ml/images/churn:src-")


def test_the_bucket_is_private_and_forgets_runs(tmp_path: Path) -> None:
    bucket = emit(tmp_path, {"governance": {"retention": "90d"}}).resources["google_storage_bucket"]["artifacts"]
    assert bucket["public_access_prevention"] == "enforced"
    assert bucket["uniform_bucket_level_access"] is True
    runs = bucket["lifecycle_rule"][-1]
    assert runs["condition"] == {"age": 90, "matches_prefix": ["churn/runs/"]}


def test_the_key_locks_everything(tmp_path: Path) -> None:
    found = emit(tmp_path, {"governance": {"encryption": {"key": KEY}}}, training(resources={"spot": True}))
    assert found.json("requests/pipeline-job.json")["encryptionSpec"] == {"kmsKeyName": KEY}
    assert found.payload("training")["encryption_spec"] == {"kms_key_name": KEY}
    assert found.resources["google_storage_bucket"]["artifacts"]["encryption"] == {"default_kms_key_name": KEY}
    repositories = found.resources["google_artifact_registry_repository"].values()
    assert {one["kms_key_name"] for one in repositories} == {KEY}
    assert set(found.resources["google_kms_crypto_key_iam_member"]) == {"storage", "artifactregistry", "aiplatform"}
    (settings,) = [word for word in found.container("registry")["args"] if word.startswith("--settings=")]
    assert json.loads(settings.removeprefix("--settings="))["model"]["encryptionSpec"] == {"kmsKeyName": KEY}


def test_people_get_roles_of_their_own(tmp_path: Path) -> None:
    access = {"deploy": ["group:release@acme.example"], "invoke": ["planning-app"]}
    found = emit(tmp_path, {"governance": {"access": access}})
    assert "models.update" in permissions(found, "deploy")
    assert permissions(found, "invoke") == {f"pipelineJobs.{verb}" for verb in ("cancel", "create", "get", "list")}
    app = "serviceAccount:planning-app@acme-ml.iam.gserviceaccount.com"
    assert {role for role, who in members(found) if who == app} == {
        "${google_project_iam_custom_role.invoke.name}",
        "roles/iam.serviceAccountUser",
        "roles/artifactregistry.reader",
    }
    (wrong,) = refused(tmp_path, {"governance": {"access": {"invoke": ["planning@acme.example"]}}})
    assert (wrong.code, wrong.spec_path) == ("MG305", ("governance", "access", "invoke", 0))


@pytest.mark.parametrize(
    ("change", "code", "where"),
    [
        ({"tags": {"Cost": "1"}}, "MG305", ("tags", "Cost")),
        ({"tags": {"cost": "A B"}}, "MG305", ("tags", "cost")),
        ({"registry": {"model": "9lives"}}, "MG305", ("registry", "model")),
        ({"governance": {"encryption": {"key": "alias/ml"}}}, "MG305", ("governance", "encryption", "key")),
        (
            {"governance": {"encryption": {"key": KEY.replace("west1", "west4")}}},
            "MG301",
            ("governance", "encryption", "key"),
        ),
        ({"governance": {"network": {"private": True}}}, "MG301", ("governance", "network", "private")),
        ({"governance": {"lineage": True}}, "MG302", ("governance", "lineage")),
        ({"data": {"source": "s3://acme/rows/"}}, "MG313", ("data", "sources", "source", "uri")),
        (vertex(machines={"training": "m5.large"}), "MG307", ("targets", "vertex", "machines", "training")),
        (vertex(machines={"trainig": "n2-standard-4"}), "MG309", ("targets", "vertex", "machines", "trainig")),
        (vertex(steps={"trainig": {"retryPolicy": {}}}), "MG309", ("targets", "vertex", "steps", "trainig")),
        (training(secrets={"T": "aws-secretsmanager://eu/x"}), "MG312", ("training", "secrets", "T")),
        (training(env={"A": "$(HOME)"}), "MG308", ("training", "env", "A")),
        (training(env={f"A{n}": "x" for n in range(101)}), "MG306", ("training", "env")),
        (training(params={"a": "{{$.inputs}}"}), "MG308", ("training", "params", "a")),
        (
            {
                "parameters": {"limit": {"type": "integer", "default": None}},
                "training": {"params": {"a": "first-${parameters.limit}"}},
            },
            "MG301",
            ("training", "params", "a"),
        ),
        ({"data": {"residency": ["us"]}}, "MG122", ("targets", "vertex", "region")),
    ],
)
def test_what_the_platform_would_not_take_is_refused_at_its_place(
    tmp_path: Path, change: Any, code: str, where: Any
) -> None:
    found = refused(tmp_path, change)
    assert [(one.code, one.spec_path) for one in found] == [(code, where)]
    assert all(one.hint for one in found)


def test_a_private_network_reaches_runs_and_jobs(tmp_path: Path) -> None:
    network = "projects/123/global/networks/ml"
    private = {"governance": {"network": {"private": True}}}
    found = emit(tmp_path, private, vertex(network=network), training(resources={"spot": True}))
    assert found.json("requests/pipeline-job.json")["network"] == network
    assert found.payload("training")["job_spec"]["network"] == network


def test_runs_join_their_experiment_unless_they_are_recorded_elsewhere(tmp_path: Path) -> None:
    args = emit(tmp_path).container("record-run")["args"]
    assert args == ["record", "--experiment=vertex://europe-west1/acme-ml/churn?run={{$.inputs.parameters['run']}}"]
    found = emit(tmp_path, {"tracking": {"backend": {"mlflow": "https://mlflow.acme.example"}}})
    assert "record-run" not in dict(found.tasks())
    env = {one["name"]: one["value"] for one in found.container("training")["env"]}
    assert env["MLFLOW_TRACKING_URI"] == "https://mlflow.acme.example"


def test_the_image_holds_what_asks_google_only_where_something_does(tmp_path: Path) -> None:
    elsewhere: Node = {"tracking": {"backend": {"mlflow": "https://mlflow.acme.example"}}}
    alone: Node = {"training": None, "evaluation": None, "data": None, "steps": {"only": {"run": "tell.py"}}}
    secret: Node = {"steps": {"only": {"secrets": {"TOKEN": "tracking"}}}}
    for changes, needed in (
        ([], True),
        ([alone], True),
        ([alone, elsewhere], False),
        ([alone, elsewhere, secret], True),
    ):
        text = emit(tmp_path, *changes).files["image/requirements.txt"].decode()
        assert ("google-auth>=" in text) == needed


def test_addresses_that_only_the_run_knows_are_mounted(tmp_path: Path) -> None:
    asked: Node = {
        "parameters": {"day": {"type": "string", "default": "2026-11-21"}},
        "data": {"source": "gs://acme-data/${parameters.day}/rows/", "split": "none"},
        "evaluation": None,
    }
    args = emit(tmp_path, asked).container("training")["args"]
    assert "--source=/gcs/acme-data/{{$.inputs.parameters['day']}}/rows/" in args


def test_native_keys_reach_the_task_and_its_executor(tmp_path: Path) -> None:
    steps = {"training": {"retryPolicy": {"maxRetryCount": 2}, "container": {"env": [{"name": "A", "value": "b"}]}}}
    found = emit(tmp_path, vertex(steps=steps))
    assert dict(found.tasks())["training"]["retryPolicy"] == {"maxRetryCount": 2}
    assert found.container("training")["env"] == [{"name": "A", "value": "b"}]


def test_names_that_are_too_long_or_too_short_stay_apart() -> None:
    assert shortened("churn", 30) == "churn"
    assert re.fullmatch(r"wine-[0-9a-f]{8}", shortened("wine", 30, least=6))
    long = "a" * 20 + "-" * 5 + "b" * 20
    assert len(shortened(long, 30)) <= 30
    assert shortened(long, 30) != shortened(long + "c", 30)


def test_terraform_evaluates_no_text_of_others() -> None:
    assert literal("${var.x} %{if} $x") == "$${var.x} %%{if} $x"
