"""Shapes of what stands beside a pipeline: clusters and schedules."""

from __future__ import annotations

from mlopsgen.targets.azureml.judge.parts import (
    COMPUTE_REFERENCE,
    DISPLAY_NAME,
    IDENTITY,
    NAMED,
    PIPELINE_INPUTS,
    PIPELINE_OUTPUTS,
    PROPERTIES,
    SETTINGS,
    TAGS,
)
from mlopsgen.targets.azureml.judge.shapes import Anything, Chosen, Either, Fields, Flag, Listed, Number, Shape, Text

_CLUSTER_NAME = Text(
    form=r"[A-Za-z][A-Za-z0-9-]{1,30}[A-Za-z0-9]", says="3 to 32 letters, digits and hyphens, a letter first"
)
_COMPUTE: dict[str, Shape] = {
    "$schema": Text(),
    "name": _CLUSTER_NAME,
    "type": Text(),
    "location": Text(),
    "description": Text(),
    "tags": TAGS,
    "resource_id": Text(),
    "id": Text(),
}
_USER_ASSIGNED = Fields(
    "an identity",
    {"resource_id": Text(), "principal_id": Text(), "client_id": Text(), "tenant_id": Text()},
    needs=("resource_id",),
)
_CLUSTER: dict[str, Shape] = {
    **_COMPUTE,
    "size": Text(),
    "tier": Text(words=("dedicated", "low_priority", "lowpriority")),
    "min_instances": Number(whole=True, least=0),
    "max_instances": Number(whole=True, least=0),
    "idle_time_before_scale_down": Number(whole=True, least=60),
    "ssh_public_access_enabled": Flag(),
    "ssh_settings": Fields(
        "the settings of ssh",
        {"admin_username": Text(), "admin_password": Text(), "ssh_key_value": Text()},
    ),
    "network_settings": Fields(
        "the network of a cluster",
        {"vnet_name": Text(), "subnet": Text(), "public_ip_address": Text(), "private_ip_address": Text()},
    ),
    "identity": Fields(
        "an identity",
        {
            "type": Text(words=("system_assigned", "user_assigned", "none", "system_assigned,user_assigned")),
            "user_assigned_identities": Listed(_USER_ASSIGNED),
            "principal_id": Text(),
            "tenant_id": Text(),
        },
        needs=("type",),
    ),
    "enable_node_public_ip": Flag(),
}
_OTHER = Fields("a compute", {}, loose=True)
COMPUTE = Chosen(
    "a compute",
    "type",
    {
        "amlcompute": Fields("a cluster", _CLUSTER, needs=("name", "size")),
        **dict.fromkeys(("computeinstance", "virtualmachine", "kubernetes", "synapsespark"), _OTHER),
    },
)

_WHEN: dict[str, Shape] = {"type": Text(), "start_time": Text(), "end_time": Text(), "time_zone": Text()}
_HOURS, _MINUTES = Number(whole=True, least=0, most=23), Number(whole=True, least=0, most=59)
_MONTH_DAYS = Number(whole=True, least=-1, most=31)
_WEEK_DAYS = Text(words=("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"))
_PATTERN = Fields(
    "the pattern of a recurrence",
    {
        "hours": Either(_HOURS, Listed(_HOURS)),
        "minutes": Either(_MINUTES, Listed(_MINUTES)),
        "week_days": Either(_WEEK_DAYS, Listed(_WEEK_DAYS)),
        "month_days": Either(_MONTH_DAYS, Listed(_MONTH_DAYS)),
    },
    needs=("hours", "minutes"),
)
TRIGGER = Chosen(
    "a trigger",
    "type",
    {
        "cron": Fields("a cron trigger", {**_WHEN, "expression": Text()}, needs=("expression",)),
        "recurrence": Fields(
            "a recurrence",
            {
                **_WHEN,
                "frequency": Text(words=("minute", "hour", "day", "week", "month")),
                "interval": Number(whole=True, least=1, most=1000),
                "schedule": _PATTERN,
            },
            needs=("frequency", "interval"),
        ),
    },
)
_JOB: dict[str, Shape] = {
    "type": Text(),
    "job": Text(),
    "inputs": PIPELINE_INPUTS,
    "outputs": PIPELINE_OUTPUTS,
    "settings": SETTINGS,
    "compute": COMPUTE_REFERENCE,
    "identity": IDENTITY,
    "display_name": DISPLAY_NAME,
    "experiment_name": Text(),
    "description": Text(),
    "name": Text(),
    "tags": TAGS,
    "properties": PROPERTIES,
    "services": Anything(),
}
_CREATED = Chosen(
    "what a schedule creates",
    "type",
    {
        "pipeline": Fields("a scheduled pipeline", _JOB, needs=("job",)),
        "command": Fields("a scheduled command", _JOB, needs=("job",), loose=True),
        "spark": Fields("a scheduled spark job", _JOB, needs=("job",), loose=True),
    },
)
_SCHEDULE: dict[str, Shape] = {
    "$schema": Text(),
    "name": NAMED,
    "display_name": DISPLAY_NAME,
    "description": Text(),
    "tags": TAGS,
    "properties": PROPERTIES,
    "trigger": TRIGGER,
    "id": Text(),
    "version": Anything(),
}
JOB_SCHEDULE = Fields(
    "a schedule",
    {**_SCHEDULE, "create_job": Either(Text(), _CREATED)},
    needs=("name", "trigger", "create_job"),
)
OTHER_SCHEDULE = Fields("a schedule", {**_SCHEDULE}, needs=("name", "trigger"), loose=True)
"""One that imports data or watches a model: what it creates is none of a training pipeline's."""
