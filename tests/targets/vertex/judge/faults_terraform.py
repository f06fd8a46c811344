"""Faults in Terraform's JSON: references, arguments, rights, what is left open."""

from __future__ import annotations

from typing import Any

from tests.targets.ir.judge.seed import Doc, Faults, Seeded, place

faults = Faults()

faults.renames(
    "tf",
    {
        "/resource": "resources",
        "/variable": "variables",
        "/output": "outputs",
        "/terraform.required_providers": "providers",
        "google_service_account.*.account_id": "account",
        "google_service_account.*.display_name": "title",
        "google_storage_bucket.*.name": "bucket_name",
        "google_storage_bucket.*.location": "region",
        "google_storage_bucket.*.uniform_bucket_level_access": "uniform_access",
        "google_storage_bucket.*.public_access_prevention": "public_access",
        "google_storage_bucket.*.lifecycle_rule": "lifecycle_rules",
        "lifecycle_rule.[].action": "actions",
        "lifecycle_rule.[].condition.age": "days",
        "google_storage_bucket.*.versioning.enabled": "on",
        "google_storage_bucket.*.encryption": "kms",
        "google_storage_bucket_iam_member.*.role": "roles",
        "google_storage_bucket_iam_member.*.member": "members",
        "google_storage_bucket_iam_member.*.bucket": "name",
        "google_artifact_registry_repository.*.repository_id": "name",
        "google_artifact_registry_repository.*.format": "type",
        "google_artifact_registry_repository.*.docker_config": "docker",
        "google_project_iam_member.*.member": "principal",
        "google_project_iam_custom_role.*.permissions": "permission",
        "google_secret_manager_secret.*.replication": "replicas",
        "google_cloud_scheduler_job.*.schedule": "cron",
        "google_cloud_scheduler_job.*.http_target": "target",
        "http_target.uri": "url",
        "http_target.oauth_token": "token",
        "google_kms_crypto_key.*.key_ring": "ring",
        "google_kms_crypto_key.*.rotation_period": "rotation",
        "google_project_service.*.service": "api",
        "google_project_service.*.for_each": "foreach",
        "/variable.*.default": "value",
        "/output.*.value": "content",
        "/resource.google_service_account": "google_service_acount",
        "/resource.google_storage_bucket": "google_bucket",
    },
    *(430, 432, 434),
)
faults.retypes(
    "tf",
    [
        ("/resource", []),
        ("/resource.google_service_account", []),
        ("google_storage_bucket.*.uniform_bucket_level_access", "yes please"),
        ("google_storage_bucket.*.versioning", True),
        ("google_storage_bucket.*.labels", ["a"]),
        ("google_storage_bucket.*.public_access_prevention", "forced"),
        ("lifecycle_rule.[].condition.age", "a year"),
        ("lifecycle_rule.[].action.type", "Remove"),
        ("google_storage_bucket.*.name", "Acme_ML!"),
        ("google_storage_bucket.*.name", "ac"),
        ("google_service_account.*.account_id", "Schedule_Adherence"),
        ("google_service_account.*.account_id", "ml"),
        ("google_service_account.*.account_id", "schedule-adherence-of-the-whole-company"),
        ("google_artifact_registry_repository.*.format", "docker-image"),
        ("google_artifact_registry_repository.*.repository_id", "Images!"),
        ("google_project_iam_custom_role.*.role_id", "schedule-adherence"),
        ("google_project_iam_custom_role.*.permissions", "aiplatform.models.get"),
        ("google_storage_bucket_iam_member.*.role", "storage.objectUser"),
        ("google_storage_bucket_iam_member.*.role", "roles/"),
        ("google_storage_bucket_iam_member.*.member", "runner"),
        ("google_storage_bucket_iam_member.*.member", "serviceaccount:a@b.iam.gserviceaccount.com"),
        ("google_cloud_scheduler_job.*.schedule", "0 25 * * *"),
        ("google_cloud_scheduler_job.*.schedule", "every monday"),
        ("google_cloud_scheduler_job.*.time_zone", "Europe/Pari"),
        ("google_cloud_scheduler_job.*.attempt_deadline", "5 minutes"),
        ("http_target.http_method", "SEND"),
        ("google_kms_crypto_key.*.rotation_period", "90d"),
        ("google_project_service.*.service", "aiplatform"),
        ("/variable.*.type", "text"),
        ("/variable.*.type", 5),
        ("/terraform.required_providers.google.source", "google"),
        ("/terraform.required_providers.google.version", "latest"),
        ("/provider.google", "acme-ml"),
        ("google_storage_bucket.*.depends_on", "google_kms_crypto_key_iam_member.storage"),
    ],
    *(431, 433, 437, 439, 434),
)
faults.deletes(
    "tf",
    *("google_service_account.*.account_id", "google_storage_bucket.*.name", "google_storage_bucket.*.location"),
    *("google_storage_bucket_iam_member.*.bucket", "google_storage_bucket_iam_member.*.role"),
    *("google_storage_bucket_iam_member.*.member", "google_artifact_registry_repository.*.repository_id"),
    *("google_artifact_registry_repository.*.format", "google_project_iam_member.*.project"),
    *("google_project_iam_custom_role.*.permissions", "google_project_iam_custom_role.*.title"),
    *("google_secret_manager_secret.*.replication", "google_secret_manager_secret.*.secret_id"),
    *("google_kms_crypto_key.*.key_ring", "google_cloud_scheduler_job.*.name", "http_target.uri"),
    *("google_project_service.*.service", "google_service_account_iam_member.*.service_account_id"),
    *("/output.*.value", "/terraform.required_providers.google.source", "oauth_token.service_account_email"),
)
faults.deletes(
    "tf",
    *("/terraform.required_providers.google.version", "/terraform.required_providers", "/provider"),
    *("google_storage_bucket.*.uniform_bucket_level_access", "google_storage_bucket.*.public_access_prevention"),
    *("google_cloud_scheduler_job.*.time_zone", "http_target.oauth_token", "lifecycle.prevent_destroy"),
    codes=(432, 442, 433, 445),
)


def _in(path: str, old: str, new: str) -> tuple[str, Any]:
    return path, lambda text: text.replace(old, new)


faults.retypes(
    "tf",
    [
        _in("google_storage_bucket_iam_member.*.bucket", "artifacts", "artefacts"),
        _in("google_storage_bucket_iam_member.*.bucket", ".name", ".nome"),
        _in("google_storage_bucket_iam_member.*.bucket", "google_storage_bucket.", "google_bucket."),
        _in("google_storage_bucket_iam_member.*.member", "runner", "runer"),
        _in("google_storage_bucket_iam_member.*.member", ".email", ".mail"),
        _in("google_storage_bucket_iam_member.*.member", "}", ""),
        _in("google_project_iam_member.*.project", "var.project", "var.projekt"),
        _in("google_project_iam_member.*.role", "custom_role.runner", "custom_role.walker"),
        _in("google_storage_bucket.*.labels", "local.labels", "local.label"),
        _in("google_storage_bucket.*.location", "var.", "vars."),
        _in("google_kms_crypto_key_iam_member.*.member", "data.google_project.this", "data.google_project.that"),
        _in("google_kms_crypto_key_iam_member.*.member", ".number", ".nummer"),
        _in("google_project_service.*.for_each", "toset(", "to_set("),
        _in("google_project_service.*.for_each", "local.services)", "local.services"),
        _in("google_project_service.*.service", "each.value", "each.valu"),
        _in("/output.*.value", "artifacts", "artefacts"),
        ("google_storage_bucket.*.depends_on", ["google_kms_crypto_key_iam_member.storages"]),
        ("google_storage_bucket.*.depends_on", ["${google_kms_crypto_key_iam_member.storage}"]),
        ("google_storage_bucket.*.location", "${each.value}"),
        _in("google_cloud_scheduler_job.*.http_target.body", "pipeline-job.json", "pipeline_job.json"),
        ("/locals.labels", "${google_service_account.nobody.email}"),
    ],
    *(434, 439, 433),
    kind="dangle",
)
faults.retypes(
    "tf",
    [
        ("google_project_iam_member.*.role", "roles/owner"),
        ("google_project_iam_member.*.role", "roles/editor"),
        ("google_project_iam_member.*.role", "roles/viewer"),
        ("google_project_iam_member.*.role", "roles/storage.admin"),
        ("google_project_iam_member.*.role", "roles/aiplatform.admin"),
        ("google_project_iam_member.*.role", "roles/iam.serviceAccountUser"),
        ("google_project_iam_member.*.role", "roles/iam.serviceAccountTokenCreator"),
        ("google_project_iam_member.*.role", "roles/secretmanager.secretAccessor"),
        ("google_project_iam_member.*.role", "roles/storage.objectViewer"),
        ("google_project_iam_member.*.role", "roles/resourcemanager.projectIamAdmin"),
        ("google_project_iam_member.*.role", "roles/aiplatform.serviceAgent"),
        ("google_storage_bucket_iam_member.*.role", "roles/storage.admin"),
        ("google_storage_bucket_iam_member.*.role", "roles/storage.legacyBucketOwner"),
        ("google_storage_bucket_iam_member.*.member", "allUsers"),
        ("google_storage_bucket_iam_member.*.member", "allAuthenticatedUsers"),
        ("google_storage_bucket_iam_member.*.member", "domain:example.com"),
        ("google_project_iam_custom_role.*.permissions", ["aiplatform.*"]),
        ("google_project_iam_custom_role.*.permissions", ["*"]),
        ("google_project_iam_custom_role.*.permissions", ["resourcemanager.projects.setIamPolicy"]),
        ("google_project_iam_custom_role.*.permissions", ["iam.serviceAccounts.actAs"]),
        ("google_storage_bucket.*.uniform_bucket_level_access", False),
        ("google_storage_bucket.*.public_access_prevention", "inherited"),
        ("google_storage_bucket.*.force_destroy", True),
        ("google_project_service.*.disable_on_destroy", True),
        ("http_target.uri", "http://europe-west1-aiplatform.googleapis.com/v1/projects"),
        ("/terraform.required_providers.google.version", ">= 5"),
    ],
    *(442, 433, 445),
    kind="semantics",
)


def _resources(b: Seeded) -> Doc:
    found: Doc = b.one("tf")["resource"]
    return found


@faults("semantics", 442)
def binding_that_replaces_everybody(b: Seeded) -> None:
    _resources(b)["google_project_iam_policy"] = {"all": {"project": "${var.project}", "policy_data": "{}"}}


@faults("semantics", 442)
def key_of_an_account(b: Seeded) -> None:
    name = "${google_service_account.runner.name}"
    _resources(b)["google_service_account_key"] = {"runner": {"service_account_id": name}}


@faults("semantics", 433)
def password_in_a_variable(b: Seeded) -> None:
    b.one("tf")["variable"]["key"] = {"type": "string", "default": "AKIA" + "IOSFODNN7ABCDEFG"}


@faults("semantics", 433)
def secret_with_its_value(b: Seeded) -> None:
    version = {"secret": "${google_secret_manager_secret.tracking.id}", "secret_data": "hunter2hunter2"}
    _resources(b)["google_secret_manager_secret_version"] = {"tracking": version}


@faults("dangle", 435)
def resources_that_wait_for_each_other(b: Seeded) -> None:
    ring = _resources(b)["google_kms_key_ring"]["ml"]
    ring["name"] = "${google_kms_crypto_key.pipelines.name}"


@faults("dangle", 434)
def variable_of_nobody(b: Seeded) -> None:
    b.one("tf")["variable"]["forgotten"] = {"type": "string", "default": "x"}


@faults("dangle", 434)
def value_of_nobody(b: Seeded) -> None:
    place([b.one("tf")], "/locals")[0]["locals"]["forgotten"] = "x"


@faults("semantics", 433)
def resource_with_a_bad_name(b: Seeded) -> None:
    accounts = _resources(b)["google_service_account"]
    accounts["1 starter"] = dict(accounts["starter"], account_id="another-account")


@faults("dangle", 436)
def two_accounts_of_one_name(b: Seeded) -> None:
    accounts = _resources(b)["google_service_account"]
    accounts["twin"] = dict(accounts["starter"])


@faults("dangle", 434)
def list_of_services_without_the_one_that_is_used(b: Seeded) -> None:
    b.one("tf")["locals"]["services"].remove("artifactregistry.googleapis.com")


@faults("dangle", 434)
def list_of_services_without_the_one_that_makes_accounts(b: Seeded) -> None:
    b.one("tf")["locals"]["services"].remove("iam.googleapis.com")


@faults("semantics", 433)
def resource_of_a_provider_that_nobody_requires(b: Seeded) -> None:
    identity = {"provider": "google-beta", "service": "eventarc.googleapis.com"}
    _resources(b)["google_project_service_identity"] = {"eventarc": identity}


@faults("semantics", 433)
def resource_of_another_cloud(b: Seeded) -> None:
    _resources(b)["aws_s3_bucket"] = {"artifacts": {"bucket": "acme-ml"}}
