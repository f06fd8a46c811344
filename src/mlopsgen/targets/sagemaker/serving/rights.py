"""Who does what for an endpoint: its containers, whoever rolls versions out, CloudFormation on their behalf, callers.

All roles lie in the product's own stack, not in the endpoint's: what rolls a version out by itself makes no role.
"""

from __future__ import annotations

from collections.abc import Iterator

from mlopsgen.targets.sagemaker.commands import secret_uri
from mlopsgen.targets.sagemaker.context import Context
from mlopsgen.targets.sagemaker.data import prefix_of
from mlopsgen.targets.sagemaker.policies import (
    STATUS,
    image_statements,
    key_statement,
    network_statements,
    of,
    packages,
    secret_arn,
)
from mlopsgen.targets.sagemaker.resources import Statement
from mlopsgen.targets.sagemaker.serving.resources import Live


def endpoint_statements(context: Context, live: Live) -> tuple[Statement, ...]:
    """What the endpoint's containers may do: read the model, pull the image, log; never read the training's data."""
    return (
        *_models(context, live),
        *image_statements(context, (context.image,)),
        *_logs(context, live),
        *_secrets(context, live),
        *_queue(context, live),
        *key_statement(context),
        *network_statements(context),
    )


def _models(context: Context, live: Live) -> Iterator[Statement]:
    """The files of versions: the product's own, or those of the product whose model it serves."""
    home = context.home
    own = any(getattr(step, "group", None) == live.service.model for step in context.plan.steps)
    other = [prefix_of(place) for place in context.options.readable]
    objects = [home.objects(home.bucket, f"{home.product}/models/")] if own else []
    objects += [f"{home.bucket_arn(p.bucket)}/{key}" for p in ([] if own else other) if p for key in p.patterns]
    yield Statement(sid="ReadModels", actions=("s3:GetObject",), resources=tuple(objects))


def _logs(context: Context, live: Live) -> Iterator[Statement]:
    group = context.home.arn("logs", f"log-group:/aws/sagemaker/Endpoints/{live.endpoint.name}")
    actions = ("CreateLogGroup", "CreateLogStream", "DescribeLogStreams", "PutLogEvents")
    yield Statement(sid="WriteLogs", actions=of("logs", actions), resources=(group, f"{group}:log-stream:*"))
    yield Statement(
        sid="WriteMetrics",
        actions=("cloudwatch:PutMetricData",),
        resources=("*",),
        condition={"StringEquals": {"cloudwatch:namespace": ["/aws/sagemaker/Endpoints"]}},
    )


def _secrets(context: Context, live: Live) -> Iterator[Statement]:
    uris = sorted({secret_uri(context, secret.name) for secret in live.service.job.secrets})
    if uris:
        arns = tuple(secret_arn(context.home, uri) for uri in uris)
        yield Statement(sid="ReadSecrets", actions=("secretsmanager:GetSecretValue",), resources=arns)


def _queue(context: Context, live: Live) -> Iterator[Statement]:
    """Queued requests are read from below the product's own prefix, and answered where the spec says."""
    queue = live.endpoint.queue
    if queue is None:
        return
    home, place = context.home, prefix_of(queue.output)
    requests = home.objects(home.bucket, f"{home.product}/requests/{live.name}/")
    yield Statement(sid="ReadRequests", actions=("s3:GetObject",), resources=(requests,))
    if place is not None:
        objects = tuple(f"{home.bucket_arn(place.bucket)}/{key}" for key in place.patterns)
        actions = ("s3:AbortMultipartUpload", "s3:PutObject")
        yield Statement(sid="WriteAnswers", actions=actions, resources=objects)
    if queue.topics:
        yield Statement(sid="Tell", actions=("sns:Publish",), resources=tuple(dict.fromkeys(queue.topics.values())))


def rollout_statements(context: Context, live: Live) -> tuple[Statement, ...]:
    """What rolls a version out: it reads its plan, keeps others away, has CloudFormation work, moves the champion."""
    home = context.home
    logs = home.arn("logs", f"log-group:/aws/codebuild/{live.project}")
    stack = home.arn("cloudformation", f"stack/{live.endpoint.name}/*")
    stacks = ("CreateStack", "DeleteStack", "DescribeStackEvents", "DescribeStacks", "TagResource", "UpdateStack")
    deploy = home.role_arn(f"{context.role_path[1:]}{home.role('deploy')}")
    writes = of("logs", ("CreateLogStream", "PutLogEvents"))
    return (
        Statement(sid="WriteLogs", actions=writes, resources=(logs, f"{logs}:log-stream:*")),
        *image_statements(context, (context.image,)),
        *_plan_and_lock(context, live),
        *key_statement(context),
        *_promotion(context, live),
        Statement(sid="ChangeTheStack", actions=of("cloudformation", stacks), resources=(stack,)),
        _passes("PassDeployRole", deploy, "cloudformation"),
    )


def _plan_and_lock(context: Context, live: Live) -> Iterator[Statement]:
    home = context.home
    plan = home.objects(home.bucket, f"{home.product}/{live.folder}/")
    yield Statement(sid="ReadPlan", actions=("s3:GetObject",), resources=(plan,))
    state = f"{home.product}/state/deployments/{live.name}/"
    objects = home.objects(home.bucket, state)
    yield Statement(sid="KeepState", actions=("s3:GetObject", "s3:PutObject"), resources=(objects,))
    # Who may not list is denied (403) a lock that is not there yet, instead of hearing that it is not.
    yield Statement(
        sid="ListState",
        actions=("s3:ListBucket",),
        resources=(home.bucket_arn(home.bucket),),
        condition={"StringLike": {"s3:prefix": [f"{state}*"]}},
    )


def _promotion(context: Context, live: Live) -> Iterator[Statement]:
    """It says which version is in production, and never that one is approved."""
    group, versions = packages(context.home, live.service.model)
    look = of("sagemaker", ("DescribeModelPackage", "ListModelPackages"))
    yield Statement(sid="SeeVersions", actions=look, resources=(group, versions))
    yield Statement(
        sid="PromoteVersions",
        actions=("sagemaker:UpdateModelPackage",),
        resources=(versions,),
        condition={"Null": {STATUS: "true"}},
    )


def _passes(sid: str, role: str, service: str) -> Statement:
    condition = {"StringEquals": {"iam:PassedToService": f"{service}.amazonaws.com"}}
    return Statement(sid=sid, actions=("iam:PassRole",), resources=(role,), condition=condition)


def deploy_statements(context: Context, lives: tuple[Live, ...]) -> tuple[Statement, ...]:
    """What CloudFormation may do for whoever updates an endpoint's stack: change these endpoints, and nothing else."""
    home = context.home
    endpoints = tuple(home.arn("sagemaker", f"endpoint/{live.endpoint.name.lower()}") for live in lives)
    others = tuple(home.arn("sagemaker", f"{kind}/*") for kind in ("model", "endpoint-config"))
    verbs = ("Create", "Delete", "Describe")
    versions = tuple(dict.fromkeys(packages(home, live.service.model)[1] for live in lives))
    return (
        # The two have names that CloudFormation makes up.
        Statement(
            sid="MakeModels",
            actions=of("sagemaker", tuple(f"{verb}{kind}" for kind in ("Model", "EndpointConfig") for verb in verbs)),
            resources=others,
        ),
        Statement(
            sid="ChangeEndpoints",
            actions=of("sagemaker", ("CreateEndpoint", "DeleteEndpoint", "DescribeEndpoint", "UpdateEndpoint")),
            resources=(*endpoints, others[1]),
        ),
        Statement(
            sid="TagThem",
            actions=of("sagemaker", ("AddTags", "DeleteTags", "ListTags")),
            resources=(*endpoints, *others),
        ),
        Statement(sid="ReadVersions", actions=("sagemaker:DescribeModelPackage",), resources=versions),
        *(_passes(f"Pass{live.id}Role", live.endpoint.role, "sagemaker") for live in lives),
        *_alarm_rights(context, lives),
        *_scaling_rights(context, lives, endpoints),
        *key_statement(context),
        *_grants(context),
    )


def _alarm_rights(context: Context, lives: tuple[Live, ...]) -> Iterator[Statement]:
    alarmed = [live for live in lives if live.endpoint.alarms or live.endpoint.scaling]
    if alarmed:
        alarm = context.home.arn("cloudwatch", "alarm:")
        named = tuple(f"{alarm}{live.endpoint.name}-*" for live in alarmed)
        tracked = tuple(
            f"{alarm}TargetTracking-endpoint/{live.endpoint.name}/*" for live in alarmed if live.endpoint.scaling
        )
        actions = (
            "DeleteAlarms",
            "DescribeAlarms",
            "ListTagsForResource",
            "PutMetricAlarm",
            "TagResource",
            "UntagResource",
        )
        yield Statement(sid="MakeAlarms", actions=of("cloudwatch", actions), resources=(*named, *tracked))
        # A rollout is begun only once its alarms are seen, whose names the service looks up in one list.
        yield Statement(sid="SeeAlarms", actions=("cloudwatch:DescribeAlarms",), resources=(f"{alarm}*",))


def _scaling_rights(context: Context, lives: tuple[Live, ...], endpoints: tuple[str, ...]) -> Iterator[Statement]:
    if not any(live.endpoint.scaling for live in lives):
        return
    things = ("ScalableTarget", "ScalingPolicy", "ScheduledAction")
    verbs = {
        "ScalableTarget": ("Register", "Deregister"),
        "ScalingPolicy": ("Put", "Delete"),
        "ScheduledAction": ("Put", "Delete"),
    }
    changes = tuple(f"{verb}{thing}" for thing in things for verb in verbs[thing])
    service = "application-autoscaling"
    yield Statement(
        sid="Scale",
        actions=of(service, (*changes, "ListTagsForResource", "TagResource", "UntagResource")),
        resources=(context.home.arn(service, "scalable-target/*"),),
    )
    seen = ("DescribeScalableTargets", "DescribeScalingPolicies", "DescribeScheduledActions")
    yield Statement(sid="SeeScaling", actions=of(service, seen), resources=("*",))
    yield Statement(
        sid="ScaleEndpoints",
        actions=of("sagemaker", ("DescribeEndpointConfig", "UpdateEndpointWeightsAndCapacities")),
        resources=(*endpoints, context.home.arn("sagemaker", "endpoint-config/*")),
    )
    scaler = "sagemaker.application-autoscaling.amazonaws.com"
    role = context.home.role_arn(f"aws-service-role/{scaler}/*")
    yield Statement(
        sid="FirstScaling",
        actions=("iam:CreateServiceLinkedRole",),
        resources=(role,),
        condition={"StringLike": {"iam:AWSServiceName": scaler}},
    )


def _grants(context: Context) -> Iterator[Statement]:
    for statement in key_statement(context):
        only = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
        yield Statement(
            sid="EncryptVolumes",
            actions=("kms:CreateGrant",),
            resources=statement.resources,
            condition={**(statement.condition or {}), **only},
        )


def call_statement(context: Context, lives: tuple[Live, ...]) -> Statement:
    """What a caller needs."""
    arns = tuple(context.home.arn("sagemaker", f"endpoint/{live.endpoint.name.lower()}") for live in lives)
    queued = any(live.endpoint.queue for live in lives)
    actions = ("InvokeEndpoint", *(("InvokeEndpointAsync",) if queued else ()))
    return Statement(sid="Call", actions=of("sagemaker", actions), resources=arns)
