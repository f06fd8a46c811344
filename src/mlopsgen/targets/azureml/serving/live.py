"""Real-time deployments: an endpoint, what a rollout makes of a version in it, and the job that rolls versions out.

The endpoint never names the shares of its deployments: the rollout alone writes them. A deployment has no command of
its own, so the image's starts the server, in the words of a variable (runtime: `platforms.azure_start`).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from mlopsgen.plan.services import RealTime
from mlopsgen.plan.steps import Register, Resources
from mlopsgen.plan.values import AppPath, Flag, InputDir, Setting, spelled
from mlopsgen.runtime.platforms.azure_endpoints import deployment_name
from mlopsgen.runtime.platforms.azure_start import COMMAND
from mlopsgen.targets.azureml import machines
from mlopsgen.targets.azureml.commands import check_secrets, secret_uri
from mlopsgen.targets.azureml.compute import DEDICATED, Clusters
from mlopsgen.targets.azureml.context import Context
from mlopsgen.targets.azureml.edges import VERSION
from mlopsgen.targets.azureml.jobs import MANAGED
from mlopsgen.targets.azureml.names import identifier
from mlopsgen.targets.azureml.native import CommandNode, Component, ComponentInput, Compute
from mlopsgen.targets.azureml.serving.autoscale import scaling
from mlopsgen.targets.azureml.serving.endpoint_machines import instance_type
from mlopsgen.targets.azureml.serving.live_checks import check_live
from mlopsgen.targets.azureml.serving.live_native import Deployment, Endpoint, Live, RolloutJob
from mlopsgen.targets.azureml.shell_words import flag, input_hole, parent_output
from mlopsgen.targets.azureml.values import MISSING
from mlopsgen.targets.image import APP
from mlopsgen.targets.launcher import LAUNCHER, RUNTIME, secret_values
from mlopsgen.targets.rollouts import rollout_file

ENDPOINT = 32
"""Characters of an endpoint's name, which all of a region share (reference-yaml-endpoint-online: 3 to 32)."""
CONCURRENT, TIMEOUT = 8, 60.0
"""What the server takes at once, and for how long, where a spec says nothing: Azure ML has to be told the same."""
PORT = 8080
ROLLOUTS = "rollouts"
"""The cluster and the identity that versions are rolled out by."""
LONGEST = 4 * 3600
"""Seconds that Azure may take to make a deployment, and to take one away."""
PATIENCE = 3
"""So many times its bake a step is watched at most (runtime: rollout/engine)."""


def lives(context: Context, clusters: Clusters) -> Iterator[Live]:
    """Every real-time deployment."""
    for service in context.lives:
        check_live(context, service)
        yield _live(context, clusters, service)


def _live(context: Context, clusters: Clusters, service: RealTime) -> Live:
    rules, machine = scaling(context, service), instance_type(context, service)
    native = _native(context, service, rules, machine)
    endpoint = _endpoint(context, service)
    folder = f"deployments/{service.name}"
    plan = rollout_file(
        f"{folder}/rollout.json",
        service,
        registry=context.registry(service.model),
        fleet=f"{context.home.workspace_uri}/onlineEndpoints/{endpoint.name}",
        state=context.state(folder),
        native=native,
    )
    address, compute = f"{context.live}/{plan.path}", _compute(context, clusters, service)
    existing = context.options.compute
    name = compute.name if compute else existing.get(service.name) or existing["default"]
    return Live(
        service=service,
        endpoint=endpoint,
        deployment=_deployment(context, service, endpoint, native),
        job=_job(context, service, address, f"azureml:{name}"),
        rollout=plan,
        address=address,
        compute=compute,
        scaling=rules,
        node=_node(context, service, address, f"azureml:{name}"),
    )


def endpoint_name(context: Context, service: RealTime) -> str:
    """The one that a spec names, or ours with a digest of the workspace: others of the region may have the rest."""
    existing = context.options.names.get(service.name)
    if existing is not None:
        return existing
    digest = hashlib.sha256(f"{context.home.workspace_id}/{context.plan.name}/{service.name}".encode()).hexdigest()[:8]
    plain = re.sub(r"[^a-z0-9]+", "-", f"{context.plan.name}-{service.name}".lower()).strip("-")
    return f"{plain[: ENDPOINT - 9].rstrip('-')}-{digest}"


def endpoint_identity(context: Context, service: RealTime) -> str:
    """The identity of a deployment's servers."""
    return f"{context.plan.name}-{service.name}-endpoint"


def rollouts_identity(context: Context) -> str:
    """The identity of the jobs that roll versions out."""
    return f"{context.plan.name}-{ROLLOUTS}"


def _endpoint(context: Context, service: RealTime) -> Endpoint:
    return Endpoint(
        file=f"deployments/{service.name}/endpoint.yml",
        name=endpoint_name(context, service),
        description=f"Answers with {service.model}: deployment {service.name} of {context.plan.name}",
        auth_mode="key" if service.auth == "key" else "aad_token",
        public_network_access="enabled" if service.public else "disabled",
        identity=context.home.identity_id(endpoint_identity(context, service)),
        tags=context.tags,
    )


def _facts(service: RealTime) -> Mapping[str, Any]:
    """The limits of one request, as the server is told."""
    return {
        one.name: one.value.value
        for one in service.job.argv
        if isinstance(one, Flag) and isinstance(one.value, Setting)
    }


def _native(context: Context, service: RealTime, rules: Mapping[str, Any] | None, machine: str) -> dict[str, Any]:
    """A deployment in the words of the REST API (2024-10-01), without the version."""
    facts = _facts(service)
    properties = {
        "endpointComputeType": "Managed",
        "environmentId": f"{context.home.workspace_id}/environments/{context.plan.name}/versions/{context.version}",
        "environmentVariables": _variables(context, service),
        "instanceType": machine,
        "requestSettings": {
            "requestTimeout": f"PT{float(facts.get('timeout', TIMEOUT)):g}S",
            # Whatever the server takes at once: less is refused before it gets there, more by the server itself.
            "maxConcurrentRequestsPerInstance": facts.get("concurrent", CONCURRENT),
        },
        "scaleSettings": {"scaleType": "Default"},
    }
    return {
        "model": service.model,
        "low": service.low,
        "high": service.high,
        "deployment": {"tags": dict(context.tags), "properties": properties},
        "scaling": rules,
    }


def _variables(context: Context, service: RealTime) -> dict[str, str]:
    check_secrets(context, service.job)
    return {**dict(service.job.env), COMMAND: json.dumps(_words(context, service), ensure_ascii=False)}


def _words(context: Context, service: RealTime) -> list[str]:
    """The server's words behind `python -m mlopsgen_runtime`, and the launcher's before them where it has secrets."""
    server = ["serve", "--host=0.0.0.0", f"--port={PORT}", "--version={version}"]
    server += [f"--{one.name}={_value(one)}" for one in service.job.argv if isinstance(one, Flag)]
    secrets = [f"--secret={value}" for value in secret_values(service.job, partial(secret_uri, context))]
    return ["step", *secrets, "--", *RUNTIME, *server] if secrets else server


def _value(one: Flag) -> str:
    match one.value:
        case InputDir():
            return "{model}"
        case AppPath(path=path):
            return f"{APP}/{path}"
        case Setting(value=value):
            return spelled(value)  # type: ignore[arg-type]
        case _:
            raise AssertionError(one)


def _deployment(context: Context, service: RealTime, endpoint: Endpoint, native: Mapping[str, Any]) -> Deployment:
    """The first version, or the one that the spec names."""
    version, properties = service.version or "1", native["deployment"]["properties"]
    return Deployment(
        file=f"deployments/{service.name}/deployment.yml",
        name=deployment_name(version, native),
        endpoint_name=endpoint.name,
        model=f"azureml:{service.model}:{version}",
        environment=context.environment,
        instance_type=properties["instanceType"],
        instance_count=service.low,
        environment_variables={**properties["environmentVariables"], "MLOPSGEN_VERSION": version},
        request_timeout_ms=round(float(_facts(service).get("timeout", TIMEOUT)) * 1000),
        max_concurrent_requests_per_instance=properties["requestSettings"]["maxConcurrentRequestsPerInstance"],
        tags={**context.tags, "version": version},
    )


def _compute(context: Context, clusters: Clusters, service: RealTime) -> Compute | None:
    """A cluster of its own, since what its jobs may do nobody else's may; None where the options name one."""
    existing = context.options.compute
    if service.name in existing or ("default" in existing and service.name not in context.options.machines):
        return None
    # One machine for each deployment: a second rollout of the same one waits for the first.
    name = context.home.cluster(ROLLOUTS)
    size = machines.catalogue().choose(Resources(cpu=1))
    assert size is not None
    return replace(
        clusters.single(size.name, DEDICATED),
        file=f"compute/{name}.yml",
        name=name,
        max_instances=len(context.lives),
        identity=context.home.identity_id(rollouts_identity(context)),
    )


def _command(address: str, *words: str) -> str:
    return " ".join((*RUNTIME, "rollout", flag("plan", address), *words))


def _job(context: Context, service: RealTime, address: str, compute: str) -> RolloutJob:
    rollout = service.rollout
    return RolloutJob(
        file=f"deployments/{service.name}/rollout.yml",
        display_name=f"{context.plan.name}-{service.name}-rollout",
        description=f"Rolls a version of {service.model} out to the deployment {service.name} of {context.plan.name}",
        experiment_name=f"{context.plan.tracking.experiment}-{service.name}",
        version=service.version or MISSING,
        command=_command(address, f"--version='{input_hole('version')}'", '--run-id="$AZUREML_RUN_ID"'),
        environment=context.environment,
        compute=compute,
        timeout=LONGEST + PATIENCE * rollout.bake * len(rollout.steps),
        tags=context.tags,
    )


def _node(context: Context, service: RealTime, address: str, compute: str) -> CommandNode | None:
    """What rolls a version out at the end of the run that registered it: not where a person decides."""
    register = next((one for one in context.plan.steps if isinstance(one, Register)), None)
    if register is None or service.manual or not rolls_out(service, register) or register.approval == "manual":
        return None
    name = f"rollout_{identifier(service.name)}"
    after = f"after_{identifier(register.name)}"
    words = (f"--registered={input_hole(after)}", '--run-id="$AZUREML_RUN_ID"')
    guarded = " ".join((*LAUNCHER, f"--needs={input_hole(after)}/version.json", "--"))
    return CommandNode(
        name=name,
        component=Component(
            file=f"components/{name}.yml",
            name=context.home.component(name),
            display_name=name,
            description=f"Rolls the version out that has just been registered: deployment {service.name}",
            is_deterministic=False,
            inputs=(ComponentInput(name=after, type="uri_folder"),),
            outputs=(),
            environment=context.environment,
            distribution=None,
            command=f"{guarded} {_command(address, *words)}",
        ),
        inputs={after: parent_output(register.name, VERSION)},
        compute=compute,
        instance_count=1,
        shm_size=None,
        origin=service.origin,
        environment_variables={},
        timeout=None,
        identity=MANAGED,
    )


def rolls_out(service: RealTime, register: Register) -> bool:
    """Whether a deployment takes up the versions that a product registers."""
    return service.version is None and service.model == register.group
