"""What the product's roles may do: exactly what this pipeline needs, on its own things alone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mlopsgen.plan.steps import Register, Train, Tune
from mlopsgen.targets.sagemaker.commands import secret_uri
from mlopsgen.targets.sagemaker.context import Context
from mlopsgen.targets.sagemaker.image import reads_registry
from mlopsgen.targets.sagemaker.names import Home, iam_text
from mlopsgen.targets.sagemaker.resources import MLFLOW, NETWORK, NETWORK_VIEW, Statement
from mlopsgen.targets.sagemaker.storage import read_data, read_runs, write_runs

STATUS = "sagemaker:ModelApprovalStatus"
"""The status that a request gives a version (Service Authorization Reference, condition keys of SageMaker)."""


def pipeline_statements(context: Context) -> tuple[Statement, ...]:
    """The pipeline's role starts jobs, reads the gate, registers."""
    return (
        *_jobs(context),
        _pass_role(context),
        *_registration(context),
        *_experiments(context),
        *read_runs(context),
        *key_statement(context),
    )


def _jobs(context: Context) -> Iterator[Statement]:
    home = context.home
    # The service names jobs of a pipeline `pipelines-…`; names of searches are too short for that.
    for kind in _kinds(context):
        resource = f"{kind.lower()}-job/pipelines-*"
        actions = (f"Create{kind}Job", f"Describe{kind}Job", f"Stop{kind}Job", "AddTags")
        yield Statement(
            sid=f"Run{kind}Jobs", actions=of("sagemaker", actions), resources=(home.arn("sagemaker", resource),)
        )
    if any(isinstance(step, Tune) for step in context.plan.steps):
        searches = tuple(f"{verb}HyperParameterTuningJob" for verb in ("Create", "Describe", "Stop"))
        more = ("ListTrainingJobsForHyperParameterTuningJob", "AddTags")
        yield Statement(
            sid="RunSearches",
            actions=of("sagemaker", (*searches, *more)),
            resources=(home.arn("sagemaker", "hyper-parameter-tuning-job/*"),),
        )
        trials = home.arn("sagemaker", "training-job/*")
        # The service tags trials like the search (Service Authorization Reference, dependent actions).
        see = ("sagemaker:AddTags", "sagemaker:DescribeTrainingJob")
        yield Statement(sid="SeeTrials", actions=see, resources=(trials,))


def _kinds(context: Context) -> Iterator[str]:
    """The kinds of jobs that the pipeline itself starts: the trials of a search are the search's own."""
    jobs = context.jobs.values()
    if any(not isinstance(job, Train | Tune) for job in jobs):
        yield "Processing"
    if any(isinstance(job, Train) or (isinstance(job, Tune) and job.refit) for job in jobs):
        yield "Training"


def _pass_role(context: Context) -> Statement:
    return Statement(
        sid="PassJobsRole",
        actions=("iam:PassRole",),
        resources=(context.job_role,),
        condition={"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
    )


def _registration(context: Context) -> Iterator[Statement]:
    for step in context.plan.steps:
        if isinstance(step, Register):
            group = packages(context.home, step.group)
            see = of("sagemaker", ("DescribeModelPackage", "DescribeModelPackageGroup"))
            yield Statement(sid="SeeVersions", actions=see, resources=group)
            yield Statement(
                sid="RegisterVersions",
                actions=("sagemaker:CreateModelPackage",),
                resources=group,
                # Whoever may change the pipeline must not approve by it where somebody else has to.
                condition={"StringNotEquals": {STATUS: "Approved"}} if step.approval == "manual" else None,
            )
            # A pipeline tags what it makes, versions too.
            yield Statement(sid="TagVersions", actions=("sagemaker:AddTags",), resources=group[1:])
            yield Statement(
                sid="NameTheImage",
                actions=of("ecr", ("BatchGetImage", "DescribeImages")),
                resources=tuple(_repositories(context.home, _images(context))),
            )


def packages(home: Home, group: str) -> tuple[str, str]:
    """A model package group and its versions."""
    versions = f"model-package/{iam_text(group)}/*"
    return home.arn("sagemaker", f"model-package-group/{iam_text(group)}"), home.arn("sagemaker", versions)


def _experiments(context: Context) -> Iterator[Statement]:
    if context.plan.tracking.mlflow is not None:
        return
    things = ("Experiment", "Trial", "TrialComponent")
    actions = [f"{verb}{thing}" for thing in things for verb in ("Create", "Describe", "Update")]
    yield Statement(
        sid="RecordRuns",
        actions=of("sagemaker", (*actions, "AssociateTrialComponent", "DisassociateTrialComponent", "AddTags")),
        resources=tuple(
            context.home.arn("sagemaker", f"{kind}/*")
            for kind in ("experiment", "experiment-trial", "experiment-trial-component")
        ),
    )


def job_statements(context: Context) -> tuple[Statement, ...]:
    """The jobs' role reads data, writes under the run's prefix, pulls the image, logs."""
    return (
        *read_data(context),
        *write_runs(context),
        *image_statements(context, _images(context)),
        *_logs(context),
        *_secrets(context),
        *_registry(context),
        *_mlflow(context),
        # Writing under a key takes Encrypt, too (sagemaker/latest/APIReference, OutputDataConfig, KmsKeyId).
        *key_statement(context, "Encrypt"),
        *_volumes(context),
        *network_statements(context),
    )


def image_statements(context: Context, images: Iterable[str]) -> Iterator[Statement]:
    """What pulls images."""
    # The token is the account's, whatever repository it is used for: IAM knows no narrower resource.
    yield Statement(sid="LogInToTheRegistry", actions=("ecr:GetAuthorizationToken",), resources=("*",))
    yield Statement(
        sid="PullImages",
        actions=of("ecr", ("BatchCheckLayerAvailability", "BatchGetImage", "GetDownloadUrlForLayer")),
        resources=tuple(_repositories(context.home, images)),
    )


def _images(context: Context) -> tuple[str, ...]:
    """The images that jobs run: the product's own, and those that the spec names."""
    return tuple(dict.fromkeys((context.image, *(job.image for job in context.jobs.values() if job.image))))


def _repositories(home: Home, images: Iterable[str]) -> Iterator[str]:
    yield from dict.fromkeys(_repository(home, image) for image in images)


def _repository(home: Home, image: str) -> str:
    host, _, path = image.partition("/")
    parts = host.split(".")
    name = path.partition("@")[0].partition(":")[0]
    if "ecr" not in parts:
        return home.arn("ecr", f"repository/{iam_text(name)}")
    return f"arn:{home.partition}:ecr:{parts[parts.index('ecr') + 1]}:{parts[0]}:repository/{iam_text(name)}"


def _logs(context: Context) -> Iterator[Statement]:
    groups = ("ProcessingJobs", "TrainingJobs")
    arns = [context.home.arn("logs", f"log-group:/aws/sagemaker/{group}") for group in groups]
    actions = ("CreateLogGroup", "CreateLogStream", "DescribeLogStreams", "PutLogEvents")
    resources = tuple(f"{arn}{tail}" for arn in arns for tail in ("", ":log-stream:*"))
    yield Statement(sid="WriteLogs", actions=of("logs", actions), resources=resources)
    namespaces = [f"/aws/sagemaker/{group}" for group in groups]
    yield Statement(
        sid="WriteMetrics",
        actions=("cloudwatch:PutMetricData",),
        resources=("*",),
        condition={"StringEquals": {"cloudwatch:namespace": namespaces}},
    )


def _secrets(context: Context) -> Iterator[Statement]:
    uris = {secret_uri(context, s.name) for job in context.jobs.values() for s in job.secrets}
    if uris:
        arns = tuple(secret_arn(context.home, uri) for uri in sorted(uris))
        yield Statement(sid="ReadSecrets", actions=("secretsmanager:GetSecretValue",), resources=arns)


def secret_arn(home: Home, uri: str) -> str:
    """A secret as a policy names it: Secrets Manager ends each ARN with a hyphen and six characters of its own."""
    region, _, name = uri.removeprefix("aws-secretsmanager://").partition("/")
    if name.startswith("arn:"):
        return iam_text(name)
    return f"arn:{home.partition}:secretsmanager:{region}:{home.account}:secret:{iam_text(name)}-??????"


def _registry(context: Context) -> Iterator[Statement]:
    groups = {model for job in context.jobs.values() for model in reads_registry(job)}
    for number, group in enumerate(sorted(groups), 1):
        yield Statement(
            sid=f"ReadVersions{number}",
            actions=of("sagemaker", ("DescribeModelPackage", "ListModelPackages")),
            resources=packages(context.home, group),
        )


def _mlflow(context: Context) -> Iterator[Statement]:
    uri = context.plan.tracking.mlflow
    if uri is not None and uri.startswith("arn:") and ":sagemaker:" in uri:
        yield Statement(sid="RecordInMlflow", actions=of("sagemaker-mlflow", MLFLOW), resources=(iam_text(uri),))


def key_scope(home: Home, key: str) -> tuple[str, Mapping[str, Any] | None]:
    """A KMS key as a policy names it: IAM takes no alias for a resource, only as a condition."""
    if key.startswith("arn:") and ":alias/" not in key:
        return iam_text(key), None
    if "alias/" in key:
        alias = "alias/" + key.partition("alias/")[2]
        return home.arn("kms", "key/*"), {"ForAnyValue:StringEquals": {"kms:ResourceAliases": alias}}
    return home.arn("kms", f"key/{iam_text(key)}"), None


def key_statement(context: Context, *more: str) -> Iterator[Statement]:
    """What reads and writes under the product's key."""
    key = context.plan.governance.encryption_key
    if key is not None:
        resource, condition = key_scope(context.home, key)
        actions = of("kms", ("Decrypt", "DescribeKey", "GenerateDataKey", *more))
        yield Statement(sid="UseTheKey", actions=actions, resources=(resource,), condition=condition)


def _volumes(context: Context) -> Iterator[Statement]:
    key = context.plan.governance.encryption_key
    if key is not None:
        resource, condition = key_scope(context.home, key)
        only = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
        yield Statement(
            sid="EncryptVolumes",
            actions=("kms:CreateGrant",),
            resources=(resource,),
            condition={**(condition or {}), **only},
        )


def network_statements(context: Context) -> Iterator[Statement]:
    """What joins a container to the VPC."""
    if context.network is None:
        return
    home = context.home
    # Of a shared VPC they are another account's, whose number nobody says here.
    anyones = f"arn:{home.partition}:ec2:{home.region}:*"
    subnets = [f"{anyones}:subnet/{subnet}" for subnet in context.network.subnets]
    groups = [f"{anyones}:security-group/{group}" for group in context.network.security_groups]
    interfaces = home.arn("ec2", "network-interface/*")
    yield Statement(sid="JoinTheNetwork", actions=of("ec2", NETWORK), resources=(interfaces, *subnets, *groups))
    # EC2 has no narrower resource for what only describes.
    yield Statement(sid="SeeTheNetwork", actions=of("ec2", NETWORK_VIEW), resources=("*",))


def of(service: str, actions: tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """Actions of a service, by their whole names."""
    return tuple(f"{service}:{action}" for action in actions)


def policy_size(statements: tuple[Statement, ...]) -> int:
    """How many characters IAM counts of a role's policy: all but blanks."""
    printed = [
        {"Sid": s.sid, "Effect": "Allow", "Action": s.actions, "Resource": s.resources, "Condition": s.condition}
        for s in statements
    ]
    policy = {"Version": "2012-10-17", "Statement": printed}
    return len("".join(json.dumps(policy, ensure_ascii=False).split()))
