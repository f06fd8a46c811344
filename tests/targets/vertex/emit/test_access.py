"""What Terraform makes and lets others do: accounts, roles, the bucket, keys, the network."""

from __future__ import annotations

import json
from pathlib import Path

from .specs import Emitted, Node, emit, permissions, refused, training, vertex

RUNNER = "serviceAccount:${google_service_account.runner.email}"
KEY = "projects/acme-ml/locations/europe-west1/keyRings/ml/cryptoKeys/models"


def members(found: Emitted) -> list[tuple[str, str]]:
    """Every role that is given to somebody, and to whom."""
    kinds = (bodies for kind, bodies in found.resources.items() if kind.endswith("_iam_member"))
    return [(body["role"], body["member"]) for bodies in kinds for body in bodies.values()]


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


def test_a_private_network_reaches_runs_and_jobs(tmp_path: Path) -> None:
    network = "projects/123/global/networks/ml"
    private = {"governance": {"network": {"private": True}}}
    found = emit(tmp_path, private, vertex(network=network), training(resources={"spot": True}))
    assert found.json("requests/pipeline-job.json")["network"] == network
    assert found.payload("training")["job_spec"]["network"] == network


FOREIGN = "runner@other-proj.iam.gserviceaccount.com"


def test_who_starts_runs_acts_as_an_account_of_another_project(tmp_path: Path) -> None:
    """IAM, projects.serviceAccounts: an account is found in its own project alone."""
    starts: Node = {
        "triggers": {"fresh": {"start": "training", "new_data": "data.source"}},
        "governance": {"access": {"invoke": ["app-one"]}},
    }
    found = emit(tmp_path, starts, vertex(service_account=FOREIGN)).resources["google_service_account_iam_member"]
    assert {body["service_account_id"] for body in found.values()} == {f"projects/other-proj/serviceAccounts/{FOREIGN}"}
    own = emit(tmp_path, starts).resources["google_service_account_iam_member"]
    assert {body["service_account_id"] for body in own.values()} == {"${google_service_account.runner.name}"}


def test_the_readme_says_what_an_account_that_exists_has_to_be_allowed(tmp_path: Path) -> None:
    """Terraform makes the repository of templates, so nobody can have let the account read it before."""
    changes = training(secrets={"T": "tracking"}, resources={"spot": True})
    given = emit(tmp_path, changes)
    readme = emit(tmp_path, changes, vertex(service_account=FOREIGN)).files["README.md"].decode()
    for permission in permissions(given):
        assert f"`aiplatform.{permission}`" in readme
    assert {f"`{role}`" for role, _ in members(given) if role.startswith("roles/")} <= set(readme.split())
    for place in ("bucket acme-models", "bucket acme-data", "repository churn-pipelines", "secret acme-ml/tracking"):
        assert f"on the {place}" in readme
    assert "disableCrossProjectServiceAccountUsage" in readme
    near = emit(tmp_path, vertex(service_account="runner@acme-ml.iam.gserviceaccount.com")).files["README.md"]
    assert b"disableCross" not in near
    assert "Let the account" not in given.files["README.md"].decode()


def test_a_private_network_that_still_reaches_the_internet_says_so(tmp_path: Path) -> None:
    """cloud.google.com/vertex-ai/docs/general/vpc-service-controls: the peering has a default route until then."""
    private = {"governance": {"network": {"private": True}}}
    found = emit(tmp_path, private, vertex(network="projects/123/global/networks/ml"))
    (said,) = [one for one in found.found if one.spec_path == ("governance", "network", "private")]
    command = "gcloud services vpc-peerings enable-vpc-service-controls"
    assert f"{command} --network=ml --project=123" in (said.hint or "")
    assert f"{command} --network=ml --project=123" in " ".join(found.files["README.md"].decode().split())
