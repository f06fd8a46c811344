"""What each kind of file may hold: the keys of Azure Machine Learning's YAML, as azure-ai-ml 1.35 takes them.

Strictness is ours where the library has none: keys of steps that name a component, for one.
"""

from __future__ import annotations

from collections.abc import Mapping

from mlopsgen.targets.azureml.judge.parts import (
    COMMAND_LIMITS,
    COMPUTE_REFERENCE,
    DISPLAY_NAME,
    DISTRIBUTION,
    ENVIRONMENT,
    IDENTITY,
    IMAGE_KEYS,
    NAME,
    NAMED,
    NODE_OUTPUTS,
    PIPELINE_INPUTS,
    PIPELINE_OUTPUTS,
    PROPERTIES,
    QUEUE,
    RESOURCES,
    SERVICES,
    SETTINGS,
    TAGS,
    VERSION,
    inputs_of,
)
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

_TYPE: dict[str, Shape] = {"type": Text()}
_STRETCH: dict[str, Shape] = {**_TYPE, "min_value": Number(), "max_value": Number()}
_BELL: dict[str, Shape] = {**_TYPE, "mu": Number(), "sigma": Number()}
_GRAIN: dict[str, Shape] = {"q": Number()}
AXIS = Chosen(
    "an axis of the search",
    "type",
    {
        "choice": Fields("choice", {**_TYPE, "values": Listed(Anything(), least=1)}, needs=("values",)),
        **{name: Fields(name, _STRETCH, needs=("min_value", "max_value")) for name in ("uniform", "loguniform")},
        **{
            name: Fields(name, {**_STRETCH, **_GRAIN}, needs=("min_value", "max_value", "q"))
            for name in ("quniform", "qloguniform")
        },
        **{name: Fields(name, _BELL, needs=("mu", "sigma")) for name in ("normal", "lognormal")},
        **{name: Fields(name, {**_BELL, **_GRAIN}, needs=("mu", "sigma", "q")) for name in ("qnormal", "qlognormal")},
        "randint": Fields("randint", {**_TYPE, "upper": Number(whole=True, least=1)}, needs=("upper",)),
    },
)
_ALGORITHMS = ("random", "grid", "bayesian")
_EACH: dict[str, Shape] = {
    **_TYPE,
    "evaluation_interval": Number(whole=True, least=1),
    "delay_evaluation": Number(whole=True, least=0),
}
_SECONDS = Number(whole=True, least=1)

SWEEP: dict[str, Shape] = {
    "trial": Either(
        Text(),
        Fields(
            "the trial of a sweep",
            {"command": Text(), "environment": ENVIRONMENT},
            loose=True,
        ),
    ),
    "search_space": Named(AXIS, least=1),
    "objective": Fields(
        "what a sweep looks for",
        {"goal": Text(words=("minimize", "maximize")), "primary_metric": Text()},
        needs=("goal", "primary_metric"),
    ),
    "sampling_algorithm": Either(
        Text(words=_ALGORITHMS),
        Chosen(
            "an algorithm",
            "type",
            {
                "random": Fields(
                    "random sampling",
                    {
                        **_TYPE,
                        "seed": Number(whole=True),
                        "rule": Text(words=("random", "sobol")),
                        "logbase": Anything(),
                    },
                ),
                "grid": Fields("grid sampling", _TYPE),
                "bayesian": Fields("bayesian sampling", _TYPE),
            },
        ),
    ),
    "early_termination": Chosen(
        "an early termination",
        "type",
        {
            "bandit": Fields(
                "bandit",
                {**_EACH, "slack_factor": Number(least=0), "slack_amount": Number(least=0)},
            ),
            "median_stopping": Fields("median_stopping", _EACH),
            "truncation_selection": Fields(
                "truncation_selection",
                {**_EACH, "truncation_percentage": Number(whole=True, least=1, most=99)},
                needs=("truncation_percentage",),
            ),
        },
    ),
    "limits": Fields(
        "the limits of a sweep",
        {
            "max_total_trials": Number(whole=True, least=1, most=1000),
            "max_concurrent_trials": Number(whole=True, least=1, most=1000),
            "timeout": _SECONDS,
            "trial_timeout": _SECONDS,
        },
        needs=("max_total_trials",),
    ),
}
NEEDED = ("trial", "search_space", "objective", "limits", "sampling_algorithm")


_PORTS = ("uri_file", "uri_folder", "mltable", "mlflow_model", "custom_model", "triton_model", "path")
_INPUT_MODES = ("ro_mount", "download", "direct", "eval_mount", "eval_download", "mount", "upload", "rw_mount", "link")
_MODE = Text(words=_INPUT_MODES, exact=True)
_PORT = Fields(
    "an input",
    {"type": Text(), "description": Text(), "optional": Flag(), "default": Text(), "mode": _MODE},
    needs=("type",),
)
_BOUNDED: dict[str, Shape] = {"type": Text(), "optional": Flag(), "default": Anything(), "description": Text()}
_NUMBER = Fields("a number", {**_BOUNDED, "min": Anything(), "max": Anything()})
_WORD = Fields("a text", {**_BOUNDED, "enum": Listed(Anything(), least=1)})
_INPUT = Chosen(
    "an input",
    "type",
    {
        **dict.fromkeys(_PORTS, _PORT),
        **dict.fromkeys(("number", "integer"), _NUMBER),
        "string": _WORD,
        "boolean": Fields("a yes or no", _BOUNDED),
    },
)
_OUTPUT_KEYS: dict[str, Shape] = {"type": Text(), "description": Text(), "mode": _MODE}
_OUTPUT = Chosen(
    "an output",
    "type",
    dict.fromkeys((*_PORTS, "number", "integer", "string", "boolean"), Fields("an output", _OUTPUT_KEYS)),
)
_IO_NAME = Text(form=r"[A-Za-z_][A-Za-z0-9_]*", says="a Python name: letters, digits and _", most=255)

COMPONENT_NAME = Text(form=r"[a-z][a-z0-9_]*", says="small letters, digits and _, a letter first", most=255)
COMPONENT = Fields(
    "a command component",
    {
        "$schema": Text(),
        "type": Text(words=("command",)),
        "name": COMPONENT_NAME,
        "version": VERSION,
        "display_name": DISPLAY_NAME,
        "description": Text(),
        "tags": TAGS,
        "is_deterministic": Flag(),
        "inputs": Named(_INPUT, key=_IO_NAME),
        "outputs": Named(_OUTPUT, key=_IO_NAME),
        "code": Text(),
        "command": Text(),
        "environment": ENVIRONMENT,
        "resources": RESOURCES,
        "distribution": DISTRIBUTION,
        "queue_settings": QUEUE,
        "properties": PROPERTIES,
        "additional_includes": Listed(Text()),
        "auto_delete_setting": Anything(),
        "id": Text(),
        "creation_context": Anything(),
    },
    needs=("type", "name", "command", "environment"),
)

_STEP: dict[str, Shape] = {
    "type": Text(),
    "name": Text(),
    "display_name": DISPLAY_NAME,
    "description": Text(),
    "tags": TAGS,
    "comment": Text(),
    "properties": PROPERTIES,
    "inputs": inputs_of("a step"),
    "outputs": NODE_OUTPUTS,
    "compute": COMPUTE_REFERENCE,
    "identity": IDENTITY,
    "resources": RESOURCES,
    "queue_settings": QUEUE,
}
_COMMAND = Fields(
    "a command step",
    {
        **_STEP,
        "component": Either(Text(), Anything()),
        "limits": COMMAND_LIMITS,
        "environment": ENVIRONMENT,
        "environment_variables": Named(Either(Anything(), Anything())),
        "distribution": DISTRIBUTION,
        "services": SERVICES,
        "command": Text(),
        "code": Text(),
        "experiment_name": Text(),
        "is_deterministic": Flag(),
    },
)
_OTHER = Fields("a step", {}, loose=True)
_OTHERS = ("parallel", "spark", "automl", "import", "data_transfer", "pipeline", "if_else", "do_while", "parallel_for")
STEP = Chosen(
    "a step",
    "type",
    {"command": _COMMAND, "sweep": Fields("a sweep step", {**_STEP, **SWEEP}), **dict.fromkeys(_OTHERS, _OTHER)},
    unsaid="command",
)
_STEP_NAME = Text(form=r"[a-z_][a-z0-9_]*", says="small letters, digits and _", most=255)

PIPELINE = Fields(
    "a pipeline job",
    {
        "$schema": Text(),
        "type": Text(words=("pipeline",)),
        "name": NAME,
        "display_name": DISPLAY_NAME,
        "description": Text(most=5000),
        "experiment_name": Text(form=r"[A-Za-z0-9][A-Za-z0-9_-]*", says="letters, digits, _ and -", most=256),
        "tags": TAGS,
        "properties": PROPERTIES,
        "inputs": PIPELINE_INPUTS,
        "outputs": PIPELINE_OUTPUTS,
        "jobs": Named(STEP, key=_STEP_NAME, least=1),
        "component": Text(),
        "settings": SETTINGS,
        "compute": COMPUTE_REFERENCE,
        "identity": IDENTITY,
        "services": SERVICES,
        "id": Text(),
        "creation_context": Anything(),
        "status": Text(),
    },
    needs=("type",),
)

_ASSET: dict[str, Shape] = {
    "$schema": Text(),
    "name": NAMED,
    "version": VERSION,
    "description": Text(),
    "tags": TAGS,
    "properties": PROPERTIES,
    "datastore": Text(),
    "auto_delete_setting": Anything(),
    "id": Text(),
    "creation_context": Anything(),
}
ENVIRONMENT_FILE = Fields("an environment", {**_ASSET, **IMAGE_KEYS}, needs=("name",))
DATA = Fields(
    "a data asset",
    {**_ASSET, "type": Text(words=("uri_file", "uri_folder", "mltable")), "path": Text()},
    needs=("name", "path"),
)

STEPS_BY_KIND: Mapping[str, Shape] = STEP.of
