"""Resources of Terraform's provider for Google Cloud as a table: arguments, and attributes that others may read."""

from __future__ import annotations

import re
from typing import Any

from mlopsgen.targets.ir.judge.shape import Scalar, Table, is_text, matching
from mlopsgen.targets.vertex.judge.messages import PROJECT

_SERVICE = r"[a-z0-9-]+\.googleapis\.com"
_CONSTRAINT = re.compile(r"\s*(?:=|!=|>=|<=|>|<|~>)?\s*\d+(?:\.\d+){0,2}(?:-[\w.]+)?\s*")
SCALARS = {
    "account-id": matching("6 to 30 small letters, digits and `-`", r"[a-z][a-z0-9-]{4,28}[a-z0-9]"),
    "bucket": matching("3 to 63 small letters, digits, `-`, `_` and `.`", r"[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]"),
    "repository": matching("small letters, digits and `-`", r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?"),
    "role-id": matching("3 to 64 letters, digits, `_` and `.`", r"[A-Za-z0-9_.]{3,64}"),
    "role": matching(
        "a role: roles/…, projects/…/roles/… or organizations/…/roles/…",
        r"(?:(?:projects|organizations)/[^/]+/)?roles/[A-Za-z][A-Za-z0-9_.]+",
    ),
    "service": matching("the name of an API such as aiplatform.googleapis.com", _SERVICE),
    "seconds": matching("a number of seconds such as 320s", r"\d+(?:\.\d+)?s"),
    "wait": matching("a time such as 30s, 2m or 1h", r"(?:\d+(?:\.\d+)?(?:ms|s|m|h))+"),
    "label": matching("a label's value: small letters, digits, `-` and `_`", r"[a-z0-9_-]{0,63}"),
    "project": matching("a project's id", PROJECT),
    "type": matching(
        "a type: string, number, bool, list(…), map(…), object(…), any",
        r"(?:string|number|bool|any|(?:list|set|map|object|tuple|optional)\(.+\))",
    ),
    "constraint": Scalar("versions such as ~> 6.12", is_text, lambda v: all(map(_CONSTRAINT.fullmatch, v.split(",")))),
    "source": matching(
        "where a provider is from, such as hashicorp/google", r"(?:[a-z0-9.-]+/)?[A-Za-z0-9-]+/[A-Za-z0-9-]+"
    ),
    "reference": matching(
        "a resource as type.name, without ${}", r"(?:data\.|module\.)?[a-z_][\w-]*(?:\.[A-Za-z_][\w-]*)?"
    ),
}

META = {"count": "int", "for_each": "any", "depends_on": "[reference]", "provider": "text", "lifecycle": "Lifecycle"}
_AT = {"project": "project", "timeouts": "object", **META}
_MEMBER = {"role!": "role", "member!": "text", "condition": "IamCondition", **META}
_BINDING = {"role!": "role", "members!": "[text]", "condition": "IamCondition", **META}
_NAMED = {"name!": "text", **_AT}
RESOURCES: dict[str, dict[str, str]] = {
    "google_project_service": {
        "service!": "service",
        **dict.fromkeys(
            ("disable_on_destroy", "disable_dependent_services", "check_if_service_has_usage_on_destroy"), "bool"
        ),
        **_AT,
    },
    "google_service_account": {
        "account_id!": "account-id",
        **dict.fromkeys(("display_name", "description"), "text"),
        **dict.fromkeys(("disabled", "create_ignore_already_exists"), "bool"),
        **_AT,
    },
    "google_service_account_iam_member": {"service_account_id!": "text", **_MEMBER},
    "google_service_account_iam_binding": {"service_account_id!": "text", **_BINDING},
    "google_project_iam_member": {"project!": "project", **_MEMBER},
    "google_project_iam_binding": {"project!": "project", **_BINDING},
    "google_project_iam_custom_role": {
        "role_id!": "role-id",
        "title!": "text",
        "permissions!": "[text]",
        "description": "text",
        "stage": "=ALPHA BETA GA DEPRECATED DISABLED EAP",
        **_AT,
    },
    "google_storage_bucket": {
        "name!": "bucket",
        "location!": "text",
        **dict.fromkeys(
            ("uniform_bucket_level_access", "force_destroy", "requester_pays", "enable_object_retention"), "bool"
        ),
        "default_event_based_hold": "bool",
        "public_access_prevention": "=enforced inherited",
        "storage_class": "=STANDARD NEARLINE COLDLINE ARCHIVE MULTI_REGIONAL REGIONAL",
        "labels": "{label}",
        "versioning": "Versioning",
        "logging": "Logging",
        "encryption": "BucketKey",
        "lifecycle_rule": "LifecycleRule",
        "soft_delete_policy": "SoftDelete",
        "retention_policy": "Retention",
        "rpo": "text",
        **dict.fromkeys(("autoclass", "website", "cors", "custom_placement_config", "hierarchical_namespace"), "any"),
        **_AT,
    },
    "google_storage_bucket_iam_member": {"bucket!": "text", **_MEMBER},
    "google_storage_bucket_iam_binding": {"bucket!": "text", **_BINDING},
    "google_artifact_registry_repository": {
        "repository_id!": "repository",
        "format!": "=DOCKER MAVEN NPM PYTHON APT YUM KFP GO GENERIC RUBY",
        **dict.fromkeys(("location", "description", "kms_key_name", "mode"), "text"),
        "labels": "{label}",
        "docker_config": "DockerConfig",
        "cleanup_policies": "any",
        "cleanup_policy_dry_run": "bool",
        **dict.fromkeys(("maven_config", "virtual_repository_config", "remote_repository_config"), "any"),
        "vulnerability_scanning_config": "any",
        **_AT,
    },
    "google_artifact_registry_repository_iam_member": {
        "repository!": "text",
        "location": "text",
        "project": "project",
        **_MEMBER,
    },
    "google_secret_manager_secret": {
        "secret_id!": "text",
        "replication!": "Replication",
        "labels": "{label}",
        "annotations": "{text}",
        **dict.fromkeys(("ttl", "expire_time", "version_destroy_ttl"), "text"),
        **dict.fromkeys(("topics", "rotation", "version_aliases", "tags"), "any"),
        "deletion_protection": "bool",
        **_AT,
    },
    "google_secret_manager_secret_iam_member": {"secret_id!": "text", "project": "project", **_MEMBER},
    "google_secret_manager_secret_version": {
        "secret!": "text",
        "secret_data": "text",
        "enabled": "bool",
        "deletion_policy": "text",
        **META,
    },
    "google_kms_key_ring": {"location!": "text", **_NAMED},
    "google_kms_crypto_key": {
        "name!": "text",
        "key_ring!": "text",
        "rotation_period": "seconds",
        "destroy_scheduled_duration": "seconds",
        "purpose": "text",
        "labels": "{label}",
        "version_template": "any",
        **META,
    },
    "google_kms_crypto_key_iam_member": {"crypto_key_id!": "text", **_MEMBER},
    "google_project_service_identity": {"service!": "service", **_AT},
    "time_sleep": {**dict.fromkeys(("create_duration", "destroy_duration"), "wait"), "triggers": "{text}", **META},
    "google_cloud_scheduler_job": {
        "name!": "text",
        **dict.fromkeys(("region", "description"), "text"),
        "schedule!": "text",
        "time_zone": "text",
        "attempt_deadline": "seconds",
        "paused": "bool",
        "http_target": "HttpTarget",
        "pubsub_target": "object",
        "app_engine_http_target": "object",
        "retry_config": "RetryConfig",
        **_AT,
    },
    "google_workflows_workflow": {
        **dict.fromkeys(("name", "region", "description", "service_account", "source_contents"), "text"),
        **dict.fromkeys(("crypto_key_name", "call_log_level", "execution_history_level", "name_prefix"), "text"),
        "labels": "{label}",
        "user_env_vars": "{text}",
        "deletion_protection": "bool",
        **_AT,
    },
    "google_eventarc_trigger": {
        "name!": "text",
        "location!": "text",
        "matching_criteria!": "Criterion",
        "destination!": "Destination",
        "service_account": "text",
        "labels": "{label}",
        **dict.fromkeys(("transport", "channel", "event_data_content_type", "retry_policy"), "any"),
        **_AT,
    },
    "google_pubsub_topic": {
        "labels": "{label}",
        **dict.fromkeys(("kms_key_name", "message_retention_duration"), "text"),
        **dict.fromkeys(("message_storage_policy", "schema_settings"), "any"),
        **_NAMED,
    },
    "google_pubsub_topic_iam_member": {"topic!": "text", "project": "project", **_MEMBER},
    "google_bigquery_dataset": {
        "dataset_id!": "text",
        **dict.fromkeys(("location", "friendly_name", "description"), "text"),
        **dict.fromkeys(("default_table_expiration_ms", "max_time_travel_hours"), "int"),
        "delete_contents_on_destroy": "bool",
        "labels": "{label}",
        **dict.fromkeys(("access", "default_encryption_configuration"), "any"),
        **_AT,
    },
    "google_bigquery_dataset_iam_member": {"dataset_id!": "text", "project": "project", **_MEMBER},
}
DATA: dict[str, dict[str, str]] = {
    "google_project": {"project_id": "text", **META},
    "google_storage_project_service_account": {"project": "project", "user_project": "text", **META},
    "google_client_config": {**META},
    "google_service_account": {"account_id!": "text", "project": "project", **META},
    "google_storage_bucket": {"name!": "text", "project": "project", **META},
}
GIVES = {
    "google_service_account": ("email", "name", "unique_id", "member"),
    "google_project_iam_custom_role": ("name", "deleted"),
    "google_storage_bucket": ("url", "self_link", "project_number"),
    "google_artifact_registry_repository": ("name", "registry_uri", "create_time", "update_time"),
    "google_secret_manager_secret": ("name", "create_time"),
    "google_secret_manager_secret_version": ("name", "version"),
    "google_kms_crypto_key": ("primary",),
    "google_cloud_scheduler_job": ("state",),
    "google_workflows_workflow": ("revision_id", "state", "create_time", "update_time"),
    "google_eventarc_trigger": ("uid", "etag", "create_time", "update_time"),
    "google_bigquery_dataset": ("self_link", "etag", "creation_time"),
    "google_project_service_identity": ("email", "member"),
    "google_project": ("number", "name", "org_id", "folder_id", "labels", "billing_account"),
    "google_storage_project_service_account": ("email_address", "member"),
    "google_client_config": ("access_token", "project", "region", "zone"),
}
_BLOCKS: dict[str, dict[str, str]] = {
    "Lifecycle": {
        **dict.fromkeys(("prevent_destroy", "create_before_destroy"), "bool"),
        **dict.fromkeys(("ignore_changes", "replace_triggered_by", "precondition", "postcondition"), "any"),
    },
    "IamCondition": {"title!": "text", "expression!": "text", "description": "text"},
    "Versioning": {"enabled!": "bool"},
    "Logging": {"log_bucket!": "text", "log_object_prefix": "text"},
    "BucketKey": {"default_kms_key_name": "text"},
    "LifecycleRule": {"action!": "LifecycleAction", "condition!": "LifecycleCondition"},
    "LifecycleAction": {"type!": "=Delete SetStorageClass AbortIncompleteMultipartUpload", "storage_class": "text"},
    "LifecycleCondition": {
        **dict.fromkeys(("age", "num_newer_versions", "days_since_custom_time", "days_since_noncurrent_time"), "int"),
        "with_state": "=LIVE ARCHIVED ANY",
        **dict.fromkeys(("matches_prefix", "matches_suffix", "matches_storage_class"), "[text]"),
        **dict.fromkeys(("created_before", "custom_time_before", "noncurrent_time_before"), "text"),
        **dict.fromkeys(("no_age", "send_age_if_zero"), "bool"),
    },
    "SoftDelete": {"retention_duration_seconds": "int"},
    "Retention": {"retention_period!": "int", "is_locked": "bool"},
    "DockerConfig": {"immutable_tags": "bool"},
    "Replication": {"auto": "any", "user_managed": "UserManaged"},
    "UserManaged": {"replicas!": "Replica"},
    "Replica": {"location!": "text", "customer_managed_encryption": "any"},
    "HttpTarget": {
        "uri!": "text",
        "http_method": "=POST GET HEAD PUT DELETE PATCH OPTIONS",
        "body": "text",
        "headers": "{text}",
        "oauth_token": "Token",
        "oidc_token": "Token",
    },
    "Token": {"service_account_email!": "text", "scope": "text", "audience": "text"},
    "RetryConfig": {
        **dict.fromkeys(("retry_count", "max_doublings"), "int"),
        **dict.fromkeys(("max_retry_duration", "min_backoff_duration", "max_backoff_duration"), "seconds"),
    },
    "Criterion": {"attribute!": "text", "value!": "text", "operator": "text"},
    "Destination": {
        **dict.fromkeys(("workflow", "cloud_function"), "text"),
        **dict.fromkeys(("cloud_run_service", "gke", "http_endpoint", "network_config"), "any"),
    },
    "Provider": {
        **dict.fromkeys(("project", "region", "zone", "alias", "version", "impersonate_service_account"), "text"),
        "default_labels": "{label}",
        **dict.fromkeys(("user_project_override", "add_terraform_attribution_label"), "bool"),
        **dict.fromkeys(("billing_project", "request_timeout", "universe_domain"), "text"),
    },
    "Settings": {
        "required_version": "constraint",
        "required_providers!": "{RequiredProvider}",
        **dict.fromkeys(("backend", "cloud"), "any"),
    },
    "RequiredProvider": {"source!": "source", "version!": "constraint", "configuration_aliases": "any"},
    "Input": {
        "type": "type",
        "default": "any",
        "description": "text",
        **dict.fromkeys(("sensitive", "nullable", "ephemeral"), "bool"),
        "validation": "any",
    },
    "Output": {
        "value!": "any",
        "description": "text",
        **dict.fromkeys(("sensitive", "ephemeral"), "bool"),
        "depends_on": "[reference]",
    },
}


def is_expression(value: Any) -> bool:
    """Whether Terraform finds out what the value is."""
    return isinstance(value, str) and re.search(r"(?<!\$)\$\{", value) is not None


def _messages() -> dict[str, dict[str, str]]:
    blocks = dict(_BLOCKS)
    blocks.update({f"resource {name}": keys for name, keys in RESOURCES.items()})
    blocks.update({f"data {name}": keys for name, keys in DATA.items()})
    return blocks


TABLE = Table(_messages(), {}, SCALARS, is_expression, blocks=True)
