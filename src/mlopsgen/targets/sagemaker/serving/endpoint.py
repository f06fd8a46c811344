"""Real-time deployments: each is a stack of its own, with one endpoint, whose one parameter is the version.

A new version is an update of that stack: the model and the configuration have no names of their own, so CloudFormation
makes new ones beside the old, and SageMaker's guardrails move the requests. What may never be made anew has a literal
name: the endpoint, its variant, its alarms.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from mlopsgen.diagnostics import On
from mlopsgen.plan.graph import real_times
from mlopsgen.plan.services import RealTime
from mlopsgen.plan.steps import FromStep, Register
from mlopsgen.spec.values import Ref
from mlopsgen.targets.machines import GIB, Machine
from mlopsgen.targets.sagemaker import names
from mlopsgen.targets.sagemaker.commands import check_secrets
from mlopsgen.targets.sagemaker.context import Context
from mlopsgen.targets.sagemaker.data import made_by
from mlopsgen.targets.sagemaker.jobs import volume_key
from mlopsgen.targets.sagemaker.machines import DEFAULT, serving_catalogue
from mlopsgen.targets.sagemaker.names import logical_id
from mlopsgen.targets.sagemaker.server import VARIABLE, serve_words
from mlopsgen.targets.sagemaker.serving.alarms import alarms
from mlopsgen.targets.sagemaker.serving.guardrails import routing
from mlopsgen.targets.sagemaker.serving.requests import check_requests, queue
from mlopsgen.targets.sagemaker.serving.resources import EndpointResources, Live
from mlopsgen.targets.sagemaker.serving.scaling import scaling

VALUE = 1024
"""Characters of a model's environment variable (botocore, EnvironmentValue)."""
ENDPOINT_NAME = 63
"""Characters of an endpoint (botocore, EndpointName)."""


def endpoints(context: Context) -> Iterator[Live]:
    """The stack of every real-time deployment."""
    for service in real_times(context.plan):
        check_secrets(context, service.job)
        check_requests(context, service)
        _check_model(context, service)
        endpoint = _endpoint(context, service)
        yield Live(
            id=logical_id(service.name),
            service=service,
            endpoint=endpoint,
            role=context.home.role(f"{service.name}-endpoint"),
            project=f"{context.plan.name}-{service.name}-rollout",
            minutes=endpoint.routing.longest // 60 + 60,
        )


def endpoint_name(context: Context, service: RealTime) -> str:
    """The name by which callers know it."""
    name = f"{context.plan.name}-{service.name}"
    if len(name) > ENDPOINT_NAME or not names.ENTITY.fullmatch(name):
        message = f"`{name}` is no name of an endpoint: letters, digits and hyphens, {ENDPOINT_NAME} at most"
        context.error("MG305", message, service.origin, "a shorter name", on=On.KEY)
    return name


def _endpoint(context: Context, service: RealTime) -> EndpointResources:
    name, (machine, known) = endpoint_name(context, service), _machine(context, service)
    watched = alarms(context, service, name, known)
    disk = service.job.resources.disk
    scaled = scaling(context, service, name, known)
    return EndpointResources(
        name=name,
        variant=service.name,
        description=names.one_line(f"{context.plan.name}: the endpoint of the deployment {service.name}", 1024),
        version_pattern=f"{version_prefix(context, service.model)}[0-9]+",
        role=context.home.role_arn(f"{context.role_path[1:]}{context.home.role(f'{service.name}-endpoint')}"),
        environment=_environment(context, service),
        network=context.network,
        machine=machine,
        count=max(service.low, 1),
        disk=-(-disk // GIB) if disk and not (known and known.disk_gib) else None,
        key=volume_key(context, machine),
        queue=queue(context, service),
        routing=routing(context, service),
        alarms=watched,
        scaling=scaled,
        waits_for=tuple(alarm.id for alarm in watched),
        tags=context.tags,
    )


def version_prefix(context: Context, group: str) -> str:
    """What the ARN of every version of a model starts with."""
    return context.home.arn("sagemaker", f"model-package/{group}/")


def _environment(context: Context, service: RealTime) -> Mapping[str, Any]:
    """The user's own variables, and the server's words with the version's number in them."""
    version = {"Fn::Select": [2, {"Fn::Split": ["/", {"Ref": "ModelPackageArn"}]}]}
    text = json.dumps(serve_words(context, service), ensure_ascii=False)
    literal = text.replace("${", "${!")
    served = {"Fn::Sub": [f'{literal[:-1]}, "--version=${{Version}}"]', {"Version": version}]}
    own = dict(service.job.env)
    for name, value in (*own.items(), (VARIABLE, text)):
        if len(value) > VALUE - (30 if name == VARIABLE else 0):
            message = f"`{name}` of `{service.name}` is longer than the {VALUE} characters that SageMaker takes"
            where = (*service.origin, "serve", "env", name) if name in own else service.origin
            context.error("MG306", message, where, "put the value into a file in `code.path`")
        if "{{resolve:" in value:
            message = "CloudFormation would read `{{resolve:` as a reference to a secret or a parameter"
            context.error("MG308", message, (*service.origin, "serve", "env", name), "write it without the braces")
    return {**own, VARIABLE: served}


def _machine(context: Context, service: RealTime) -> tuple[str, Machine | None]:
    """The machine's type, and what is known of it."""
    catalogue, resources = serving_catalogue(), service.job.resources
    named = catalogue.named(context.options.machines, service.name, resources)
    if isinstance(named, Ref):
        message = f"no run gives `{service.name}` a machine: an endpoint is there before and after"
        where = ("targets", "sagemaker", "machines", service.name)
        if service.name in context.options.machines:
            context.error("MG301", message, where, "a type such as `ml.m5.xlarge`")
        named = None
    if named is not None:
        return str(named), catalogue.known(named)
    chosen = catalogue.choose(resources)
    if chosen is None:
        catalogue.report_none(context, service.name, resources)
        return DEFAULT, None
    return chosen.name, chosen


def _check_model(context: Context, service: RealTime) -> None:
    """What a version names must be an archive that SageMaker can unpack, in a place that the endpoint may read."""
    own = next((s for s in context.plan.steps if isinstance(s, Register) and s.group == service.model), None)
    if own is None:
        if not context.options.readable:
            message = f"`{service.name}` serves `{service.model}`, of another product, and may not read its files"
            hint = "name their place: `targets.sagemaker.readable: [s3://<bucket>/<product>/models/]`"
            context.error("MG301", message, (*service.origin, "model"), hint)
    elif isinstance(own.model.source, FromStep) and made_by(context, own.model.source).inner is None:
        message = (
            f"`{own.model.source.step}` leaves its model as a folder, and an endpoint takes the archive of a training"
        )
        context.error("MG301", message, service.origin, "let `training` write the model", on=On.KEY)
