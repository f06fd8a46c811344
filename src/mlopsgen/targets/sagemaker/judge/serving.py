"""Rules for endpoints: scaling, guardrails, alarms, serverless; and for logs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.targets.documents.document import Path, dig, maps
from mlopsgen.targets.rules import rule
from mlopsgen.targets.sagemaker.judge.template import Resource, Stack, Template, as_list

ENDPOINT, CONFIG, MODEL = "AWS::SageMaker::Endpoint", "AWS::SageMaker::EndpointConfig", "AWS::SageMaker::Model"
_SCALABLE = "AWS::ApplicationAutoScaling::ScalableTarget"
_GUARD = 'developer guide, "Deployment guardrails": canary and linear blue/green deployments'
_ROUTING = ("DeploymentConfig", "BlueGreenUpdatePolicy", "TrafficRoutingConfiguration")
_ID = re.compile(r"endpoint/(?P<endpoint>.+)/variant/(?P<variant>[^/]+)|inference-component/.+")
_SIZES: Mapping[str, str] = {"CANARY": "CanarySize", "LINEAR": "LinearStepSize"}


def _scaled(t: Template) -> Iterator[Resource]:
    """The scalable targets that belong to SageMaker."""
    return (r for r in t.of(_SCALABLE) if r.get("ServiceNamespace") == "sagemaker")


@rule("capacities", "RegisterScalableTarget API reference, MinCapacity and MaxCapacity")
def capacities(t: Template) -> Iterator[Diagnostic]:
    """The fewest replicas are not more than the most."""
    for resource in t.of(_SCALABLE):
        least, most = resource.get("MinCapacity"), resource.get("MaxCapacity")
        if isinstance(least, int) and isinstance(most, int) and least > most:
            path = resource.where("MinCapacity")
            yield t.document.finding("MG433", f"`MinCapacity` {least} is above `MaxCapacity` {most}", path)


@rule("scaled-variants", "RegisterScalableTarget API reference, ResourceId: endpoint/NAME/variant/NAME")
def scaled_variants(t: Template) -> Iterator[Diagnostic]:
    """What is scaled is a variant of an endpoint, one that this stack makes if it makes any."""
    endpoints = {t.text(e.get("EndpointName")) or f"${{{e.name}.EndpointName}}": e for e in t.of(ENDPOINT)}
    for resource in _scaled(t):
        text, path = t.text(resource.get("ResourceId")), resource.where("ResourceId")
        if text is None:
            continue
        match = _ID.fullmatch(text)
        if match is None:
            yield t.document.finding("MG433", f"`{text}` is not endpoint/NAME/variant/NAME", path)
        elif match["endpoint"] and endpoints and "${" not in text:
            endpoint = endpoints.get(match["endpoint"])
            if endpoint is None:
                yield t.document.finding("MG434", f"the stack makes no endpoint `{match['endpoint']}`", path)
            elif match["variant"] not in (_variants(t, endpoint) or (match["variant"],)):
                yield t.document.finding("MG434", f"the endpoint has no variant `{match['variant']}`", path)


def _variants(t: Template, endpoint: Resource) -> list[Any]:
    config = t.target(endpoint.get("EndpointConfigName"))
    return [t.text(v.get("VariantName")) for _, v in maps(config.get("ProductionVariants"))] if config else []


@rule("canary", _GUARD + ": at most half of the capacity, with an alarm that rolls back")
def canary(t: Template) -> Iterator[Diagnostic]:
    """A step-wise rollout says how large its steps are, at most half, and by which alarm it rolls back."""
    for endpoint in t.of(ENDPOINT):
        routing = endpoint.get(*_ROUTING)
        if not isinstance(routing, dict):
            continue
        path = endpoint.where(*_ROUTING)
        size_key = _SIZES.get(str(routing.get("Type")))
        if size_key is not None:
            yield from _size(t, routing, size_key, path)
            alarms = endpoint.get("DeploymentConfig", "AutoRollbackConfiguration", "Alarms")
            if not alarms:
                message = "a rollout in steps without an alarm never rolls back: `AutoRollbackConfiguration`"
                yield t.document.finding("MG432", message, endpoint.where("DeploymentConfig"))
        for kind, key in _SIZES.items():
            if key in routing and routing.get("Type") != kind:
                yield t.document.finding("MG433", f"`{key}` is for {kind}", (*path, key))


def _size(t: Template, routing: dict[str, Any], key: str, path: Path) -> Iterator[Diagnostic]:
    size = routing.get(key)
    if size is None:
        yield t.document.finding("MG432", f"{routing['Type']} needs `{key}`", path)
    elif isinstance(size, dict) and size.get("Type") == "CAPACITY_PERCENT":
        value = size.get("Value")
        least = 10 if key == "LinearStepSize" else 1
        if isinstance(value, int) and not least <= value <= 50:
            yield t.document.finding(
                "MG433", f"`{key}` takes {least} to 50 percent, not {value}", (*path, key, "Value")
            )


@rule("rollback-alarms", _GUARD + ": alarms are named and must exist")
def rollback_alarms(s: Stack) -> Iterator[Diagnostic]:
    """An alarm that rolls back is made by this folder, if the folder makes any alarm or is ours."""
    templates = [Template(d) for d in s.folder.templates]
    alarms = [a for t in templates for a in t.of("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")]
    names = {Template(d).text(a.get("AlarmName")) for d in s.folder.templates for a in alarms}
    for endpoint in s.template.of(ENDPOINT):
        for i, alarm in maps(endpoint.get("DeploymentConfig", "AutoRollbackConfiguration", "Alarms")):
            name = s.template.text(alarm.get("AlarmName"))
            known = s.template.target(alarm.get("AlarmName")) or name is None or "${" in name
            if not known and name not in names and (names or s.folder.ours):
                path = endpoint.where("DeploymentConfig", "AutoRollbackConfiguration", "Alarms", i, "AlarmName")
                yield s.template.document.finding("MG434", f"nothing makes an alarm `{name}`", path)


@rule("serverless", 'developer guide, "Serverless Inference": 1 to 6 GiB, 200 at once, no network, no capture')
def serverless(t: Template) -> Iterator[Diagnostic]:
    """A serverless variant keeps to what serverless can do."""
    for config in t.of(CONFIG):
        for i, variant in maps(config.get("ProductionVariants")):
            settings = variant.get("ServerlessConfig")
            if isinstance(settings, dict):
                yield from _serverless(t, config, variant, settings, config.where("ProductionVariants", i))


def _serverless(
    t: Template, config: Resource, variant: dict[str, Any], settings: dict[str, Any], path: Path
) -> Iterator[Diagnostic]:
    memory, at_once = settings.get("MemorySizeInMB"), settings.get("MaxConcurrency")
    if isinstance(memory, int) and memory not in range(1024, 6145, 1024):
        yield t.document.finding("MG433", "memory is 1024 to 6144 in steps of 1024", (*path, "ServerlessConfig"))
    if isinstance(at_once, int) and not 1 <= at_once <= 200:
        yield t.document.finding("MG433", "serverless answers 1 to 200 at once", (*path, "ServerlessConfig"))
    for key in ("InstanceType", "InitialInstanceCount"):
        if key in variant:
            yield t.document.finding("MG433", f"a serverless variant has no `{key}`", (*path, key))
    for key in ("DataCaptureConfig", "AsyncInferenceConfig"):
        if config.get(key) is not None:
            yield t.document.finding("MG433", f"serverless does not go with `{key}`", config.where(key))
    model = t.target(variant.get("ModelName"))
    if model is None or model.type != MODEL:
        return
    if model.get("VpcConfig") is not None:
        yield t.document.finding("MG433", "serverless does not go with a private network", model.where("VpcConfig"))
    if model.get("EnableNetworkIsolation") is True:
        path = model.where("EnableNetworkIsolation")
        yield t.document.finding("MG433", "serverless does not go with network isolation", path)


@rule("log-retention", "CloudWatch Logs user guide: without retention a group is kept for ever")
def log_retention(t: Template) -> Iterator[Diagnostic]:
    """A log group says how long it is kept."""
    for group in t.of("AWS::Logs::LogGroup"):
        if group.get("RetentionInDays") is None:
            yield t.document.finding("MG432", "logs are kept for ever: `RetentionInDays`", group.path)


@rule("public-buckets", "S3 user guide, Block Public Access")
def public_buckets(t: Template) -> Iterator[Diagnostic]:
    """A bucket that the stack makes is closed to the public."""
    for bucket in t.of("AWS::S3::Bucket"):
        if str(bucket.get("AccessControl")).startswith("Public"):
            yield t.document.finding("MG442", "everybody may read this bucket", bucket.where("AccessControl"))
        block = bucket.get("PublicAccessBlockConfiguration")
        for key in as_list(list(block)) if isinstance(block, dict) else ():
            if dig(block, (key,)) is False:
                path = bucket.where("PublicAccessBlockConfiguration", key)
                yield t.document.finding("MG442", "this opens the bucket to the public", path)
