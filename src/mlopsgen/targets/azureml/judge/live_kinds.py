"""What an online endpoint, a deployment in it and a single command job may hold, as azure-ai-ml 1.35 takes them."""

from __future__ import annotations

from mlopsgen.targets.azureml.judge.parts import (
    COMMAND_LIMITS,
    COMPUTE_REFERENCE,
    DISPLAY_NAME,
    DISTRIBUTION,
    ENVIRONMENT,
    IDENTITY,
    NAME,
    PIPELINE_INPUTS,
    PIPELINE_OUTPUTS,
    PROPERTIES,
    QUEUE,
    RESOURCES,
    SERVICES,
    TAGS,
)
from mlopsgen.targets.azureml.judge.shapes import Anything, Either, Fields, Flag, Named, Number, Shape, Text

_NAME = Text(form=r"[A-Za-z][A-Za-z0-9-]{1,30}[A-Za-z0-9]", says="3 to 32 letters, digits and dashes, a letter first")
_ABOUT: dict[str, Shape] = {
    "$schema": Text(),
    "name": _NAME,
    "description": Text(),
    "tags": TAGS,
    "properties": PROPERTIES,
}
ONLINE_ENDPOINT = Fields(
    "an online endpoint",
    {
        **_ABOUT,
        "auth_mode": Text(words=("aad_token", "aml_token", "key")),
        "public_network_access": Text(words=("enabled", "disabled")),
        "identity": Anything(),
        "mirror_traffic": Named(Number(whole=True, least=0, most=50)),
        "traffic": Named(Number(whole=True, least=0, most=100)),
        "compute": Text(),
        "defaults": Anything(),
    },
    needs=("name",),
)
_PROBE: dict[str, Shape] = {
    "initial_delay": Number(whole=True, least=0),
    **{key: Number(whole=True, least=1) for key in ("period", "timeout", "success_threshold", "failure_threshold")},
}
ONLINE_DEPLOYMENT = Fields(
    "a deployment of an online endpoint",
    {
        **_ABOUT,
        "endpoint_name": _NAME,
        "type": Text(words=("managed",)),
        "model": Either(Text(), Anything()),
        "model_mount_path": Text(),
        "code_configuration": Anything(),
        "environment": ENVIRONMENT,
        "environment_variables": Named(Either(Anything(), Anything())),
        "instance_type": Text(),
        "instance_count": Number(whole=True, least=1, most=50),
        "app_insights_enabled": Flag(),
        "egress_public_network_access": Text(words=("enabled", "disabled")),
        "scale_settings": Fields("scale_settings", {"type": Text(words=("default",))}, needs=("type",)),
        "request_settings": Fields(
            "request_settings",
            {
                "request_timeout_ms": Number(whole=True, least=1, most=180_000),
                "max_concurrent_requests_per_instance": Number(whole=True, least=1),
                "max_queue_wait_ms": Number(whole=True, least=0),
            },
        ),
        "liveness_probe": Fields("liveness_probe", _PROBE),
        "readiness_probe": Fields("readiness_probe", _PROBE),
        "data_collector": Anything(),
    },
    needs=("name", "endpoint_name"),
)
COMMAND_JOB = Fields(
    "a command job",
    {
        "$schema": Text(),
        "type": Text(words=("command",)),
        "name": NAME,
        "display_name": DISPLAY_NAME,
        "description": Text(most=5000),
        "experiment_name": Text(form=r"[A-Za-z0-9][A-Za-z0-9_-]*", says="letters, digits, _ and -", most=256),
        "tags": TAGS,
        "properties": PROPERTIES,
        "inputs": PIPELINE_INPUTS,
        "outputs": PIPELINE_OUTPUTS,
        "command": Text(),
        "code": Text(),
        "environment": ENVIRONMENT,
        "environment_variables": Named(Either(Anything(), Anything())),
        "compute": COMPUTE_REFERENCE,
        "identity": IDENTITY,
        "resources": RESOURCES,
        "distribution": DISTRIBUTION,
        "limits": COMMAND_LIMITS,
        "services": SERVICES,
        "queue_settings": QUEUE,
    },
    needs=("command", "environment"),
)
