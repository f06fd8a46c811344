"""Shapes that several kinds of file share: names, inputs and outputs of jobs, resources, identities."""

from __future__ import annotations

from mlopsgen.targets.azureml.judge.shapes import (
    Anything,
    Chosen,
    Either,
    Fields,
    Flag,
    Listed,
    Named,
    Number,
    Shape,
    Text,
)

_FORM = r"[A-Za-z0-9][A-Za-z0-9_.-]*"
_SAYS = "letters, digits, _, - and ."
NAME = Text(form=_FORM, says=_SAYS, most=256)
NAMED = Text(form=_FORM, says=_SAYS, most=255)
VERSION = Either(Anything(), Anything())
DISPLAY_NAME = Text(most=256)
TAGS = Named(Text(most=1000), key=Text(most=100), most=50)
PROPERTIES = Named(Anything())
_COUNT = Number(whole=True, least=1)

_ID = r"azureml:(?://)?\S+"
COMPUTE_REFERENCE = Text(
    form=rf"{_ID}|local|serverless|\$\{{\{{.*\}}\}}", says="`azureml:` and the name of a cluster, or `serverless`"
)
DATASTORE_REFERENCE = Text(form=_ID, says="`azureml:` and the name of a datastore")

_MACHINE: dict[str, Shape] = {"instance_type": Text(), "properties": PROPERTIES, "locations": Listed(Text())}
RESOURCES = Fields(
    "what a job runs on",
    {
        **_MACHINE,
        "instance_count": _COUNT,
        "max_instance_count": _COUNT,
        "shm_size": Text(form=r"[1-9]\d*[bkmgBKMG]?", says="a number and b, k, m or g"),
        "docker_args": Anything(),
    },
)
_PROCESSES: dict[str, Shape] = {"type": Text(), "process_count_per_instance": _COUNT}
DISTRIBUTION = Chosen(
    "a distribution",
    "type",
    {
        "pytorch": Fields("pytorch", _PROCESSES),
        "mpi": Fields("mpi", _PROCESSES),
        "tensorflow": Fields(
            "tensorflow",
            {"type": Text(), "parameter_server_count": Number(whole=True, least=0), "worker_count": _COUNT},
        ),
        "ray": Fields("ray", {"type": Text()}, loose=True),
    },
)
_MANAGED = Fields(
    "a managed identity", {"type": Text(), "client_id": Text(), "object_id": Text(), "msi_resource_id": Text()}
)
_PLAIN_IDENTITY = Fields("this identity", {"type": Text()})
IDENTITY = Chosen(
    "an identity",
    "type",
    {
        **dict.fromkeys(("managed", "managed_identity"), _MANAGED),
        **dict.fromkeys(("aml_token", "user_identity"), _PLAIN_IDENTITY),
    },
)
SERVICES = Named(Fields("a service", {}, loose=True))
QUEUE = Fields(
    "a queue",
    {
        "job_tier": Text(words=("null", "spot", "basic", "standard", "premium")),
        "priority": Text(words=("low", "medium", "high")),
    },
)
COMMAND_LIMITS = Fields(
    "the limits of a step", {"timeout": Number(whole=True, least=1, most=21 * 24 * 3600)}, needs=("timeout",)
)
"""A job lives 21 days at most."""

SETTINGS = Fields(
    "the settings of a pipeline",
    {
        "default_datastore": DATASTORE_REFERENCE,
        "default_compute": COMPUTE_REFERENCE,
        "continue_on_step_failure": Flag(),
        "continue_run_on_failed_optional_input": Flag(),
        "force_rerun": Flag(),
        "on_init": Text(),
        "on_finalize": Text(),
    },
)

_DATA_MODES = ("ro_mount", "download", "direct", "eval_mount", "eval_download")
_ASSET_TYPES = ("uri_file", "uri_folder", "mltable", "mlflow_model", "custom_model", "triton_model")
_OUTPUT_MODES = ("rw_mount", "mount", "upload", "direct")


def inputs_of(what: str) -> Named:
    """The inputs of a job: plain values, or maps that say where something lies."""
    written = Fields(
        f"an input of {what}",
        {
            "type": Text(words=(*_ASSET_TYPES, "string", "number", "integer", "boolean")),
            "path": Text(),
            "mode": Text(words=_DATA_MODES),
            "path_on_compute": Text(),
            "datastore": Text(),
            "value": Anything(),
        },
    )
    return Named(Either(Anything(), written))


_OUTPUT = Fields(
    "an output",
    {
        "type": Text(words=_ASSET_TYPES),
        "mode": Text(words=_OUTPUT_MODES),
        "path": Text(),
        "name": NAMED,
        "version": Anything(),
    },
)
_IO_NAME = Text(form=r"[A-Za-z_][A-Za-z0-9_]*", says="a Python name: letters, digits and _", most=255)
NODE_OUTPUTS = Named(Either(Text(), _OUTPUT))
PIPELINE_INPUTS = Named(inputs_of("a pipeline").of, key=_IO_NAME)
PIPELINE_OUTPUTS = Named(Either(Anything(), _OUTPUT), key=_IO_NAME)

_ROUTE = Fields("a route", {"port": Number(whole=True), "path": Text()}, needs=("port", "path"))
IMAGE_KEYS: dict[str, Shape] = {
    "image": Text(),
    "build": Fields("a build", {"path": Text(), "dockerfile_path": Text()}),
    "conda_file": Anything(),
    "os_type": Text(words=("linux", "windows")),
    "inference_config": Fields("routes", dict.fromkeys(("liveness_route", "readiness_route", "scoring_route"), _ROUTE)),
}
ENVIRONMENT = Either(
    Text(form=rf"{_ID}|file:\S+|\$\{{\{{.*\}}\}}", says="`azureml:` and name:version, or `file:` and a path"),
    Fields(
        "an environment",
        {**IMAGE_KEYS, "name": NAMED, "version": Anything(), "description": Text(), "tags": TAGS, "$schema": Text()},
    ),
)
