"""Everything that is not a step of a pipeline, as resources of one CloudFormation stack."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from mlopsgen.diagnostics import On
from mlopsgen.plan.steps import OnInvoke, OnNewData, OnSchedule, Plan, Register
from mlopsgen.targets.readme import retention_days
from mlopsgen.targets.sagemaker import names
from mlopsgen.targets.sagemaker.context import WHERE, Context
from mlopsgen.targets.sagemaker.names import logical_id
from mlopsgen.targets.sagemaker.native import Definition
from mlopsgen.targets.sagemaker.policies import STATUS, job_statements, packages, pipeline_statements, policy_size
from mlopsgen.targets.sagemaker.resources import PipelineResource, Policy, Role, Stack, Statement
from mlopsgen.targets.sagemaker.serving.batch import BatchPipeline
from mlopsgen.targets.sagemaker.triggers import (
    check_ids,
    handler_name,
    pipeline_arn,
    rules,
    schedules,
    scoring_name,
    scoring_schedules,
)

RETENTION_DAYS = (
    1,
    3,
    5,
    7,
    14,
    30,
    60,
    90,
    120,
    150,
    180,
    365,
    400,
    545,
    731,
    1096,
    1827,
    2192,
    2557,
    2922,
    3288,
    3653,
)
"""How long a log group may keep (AWSCloudFormation, AWS::Logs::LogGroup, RetentionInDays)."""
DEFAULT_RETENTION = 365


def stack_of(context: Context, exit_handler: Definition | None, scored: Sequence[BatchPipeline]) -> Stack:
    """The stack."""
    plan, home = context.plan, context.home
    check_ids(context)
    registered = next((step for step in plan.steps if isinstance(step, Register)), None)
    return Stack(
        description=f"{plan.name}: the pipeline and what it needs"[: names.DESCRIPTION],
        bucket=home.bucket,
        tags=context.tags,
        pipelines=(*_pipelines(context, exit_handler), *_scoring(context, scored)),
        role_path=context.role_path if context.role_path != "/" else None,
        permissions_boundary=context.options.permissions_boundary,
        role_arn=context.options.role,
        group=registered.group if registered else None,
        group_description=f"Versions of {plan.name}",
        repository=plan.name if plan.image.prebuilt is None and context.options.repository is None else None,
        key=plan.governance.encryption_key,
        roles=tuple(_roles(context, exit_handler, scored)),
        policies=tuple(_policies(context, registered)),
        schedules=(*schedules(context), *scoring_schedules(context, scored)),
        rules=tuple(rules(context, exit_handler)),
        retention_days=_log_days(plan),
    )


def _log_days(plan: Plan) -> int:
    """The shortest time that a log group has and that is long enough."""
    days = retention_days(plan) or DEFAULT_RETENTION
    return next((known for known in RETENTION_DAYS if known >= days), RETENTION_DAYS[-1])


def _pipelines(context: Context, exit_handler: Definition | None) -> Iterator[PipelineResource]:
    plan = context.plan
    yield PipelineResource(
        id="Pipeline",
        name=plan.name,
        description=names.one_line(plan.description or plan.name, names.PIPELINE_DESCRIPTION),
        digest_parameter="DefinitionDigest",
        key=f"{plan.name}/definitions/${{DefinitionDigest}}/pipeline.json",
    )
    if exit_handler is not None:
        yield PipelineResource(
            id="ExitHandler",
            name=handler_name(context),
            description=f"What runs when a run of {plan.name} has ended, however it ended",
            digest_parameter="ExitHandlerDigest",
            key=f"{plan.name}/definitions/${{ExitHandlerDigest}}/exit-handler.json",
        )


def _scoring(context: Context, scored: Sequence[BatchPipeline]) -> Iterator[PipelineResource]:
    for one in scored:
        yield PipelineResource(
            id=one.id,
            name=scoring_name(context, one.name),
            description=f"Scores with {one.service.model}: deployment {one.name} of {context.plan.name}",
            digest_parameter=f"{one.id}Digest",
            key=f"{context.plan.name}/definitions/${{{one.id}Digest}}/{one.file}",
        )


def _roles(context: Context, exit_handler: Definition | None, scored: Sequence[BatchPipeline]) -> Iterator[Role]:
    if context.options.role is None:
        yield _role(context, "PipelineRole", "pipeline", "sagemaker", pipeline_statements(context))
        yield _role(context, "JobsRole", "jobs", "sagemaker", job_statements(context))
    start = "sagemaker:StartPipelineExecution"
    main = pipeline_arn(context, context.plan.name)
    clocked = [main] if any(isinstance(trigger, OnSchedule) for trigger in context.plan.triggers) else []
    clocked += [pipeline_arn(context, scoring_name(context, one.name)) for one in scored if one.service.cron]
    if clocked:
        scheduled = Statement(sid="Start", actions=(start,), resources=tuple(clocked))
        yield _role(context, "SchedulerRole", "schedule", "scheduler", (scheduled,))
    arrives = any(isinstance(trigger, OnNewData) for trigger in context.plan.triggers)
    started = [main] if arrives else []
    started += [pipeline_arn(context, handler_name(context))] if exit_handler else []
    if started:
        statement = Statement(sid="Start", actions=(start,), resources=tuple(started))
        yield _role(context, "EventsRole", "events", "events", (statement,))


_USES: Mapping[str, str] = {
    "pipeline": "Runs the pipeline of {}: starts its jobs, registers its models",
    "jobs": "What the jobs of {} may do: read its data, write its runs, pull its image",
    "schedule": "Lets EventBridge Scheduler start the pipeline of {}",
    "events": "Lets EventBridge start the pipeline of {}",
}


def _role(context: Context, key: str, use: str, service: str, statements: tuple[Statement, ...]) -> Role:
    name = context.home.role(use)
    if len(name) > names.ROLE_NAME:
        context.error(
            "MG305",
            f"the role `{name}` would have {len(name)} characters; IAM takes {names.ROLE_NAME}",
            ("name",),
            hint="a shorter `name`, or a role of your own as `targets.sagemaker.role`",
        )
    if (size := policy_size(statements)) > names.POLICY:
        context.error(
            "MG306",
            f"the policy of the role `{name}` would have {size} characters; IAM takes {names.POLICY}",
            (*WHERE, "readable") if context.options.readable else ("name",),
            hint="fewer and shorter places of S3, such as one folder above them, or a role of your own as "
            "`targets.sagemaker.role`",
            on=On.KEY,
        )
    return Role(
        id=key,
        name=name,
        description=_USES[use].format(context.plan.name),
        service=f"{service}.amazonaws.com",
        account=context.home.account,
        statements=statements,
    )


def _policies(context: Context, registered: Register | None) -> Iterator[Policy]:
    governance = context.plan.governance
    if governance.invoke or any(isinstance(trigger, OnInvoke) for trigger in context.plan.triggers):
        arn = pipeline_arn(context, context.plan.name)
        actions = ("sagemaker:StartPipelineExecution", "sagemaker:DescribePipeline")
        runs = ("sagemaker:DescribePipelineExecution", "sagemaker:ListPipelineExecutionSteps")
        start = Statement(sid="Start", actions=actions, resources=(arn,))
        watch = Statement(sid="Watch", actions=runs, resources=(f"{arn}/execution/*",))
        yield _policy(context, "invoke", governance.invoke, f"Starts runs of {context.plan.name}", (start, watch))
    if governance.deploy and registered is not None:
        group, versions = packages(context.home, registered.group)
        look = ("sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages")
        approve = Statement(
            sid="Approve",
            actions=("sagemaker:UpdateModelPackage",),
            resources=(versions,),
            condition={"StringEquals": {STATUS: ["Approved", "Rejected"]}},
        )
        see = Statement(sid="See", actions=look, resources=(group, versions))
        yield _policy(context, "deploy", governance.deploy, f"Approves versions of {registered.group}", (see, approve))


def _policy(
    context: Context, use: str, roles: tuple[str, ...], description: str, statements: tuple[Statement, ...]
) -> Policy:
    for role in roles:
        if not re.fullmatch(r"[A-Za-z0-9_+=,.@-]{1,64}", role):
            message = f"`{role}` is no name of an IAM role"
            where = ("governance", "access", use, roles.index(role))
            context.error("MG305", message, where, hint="the role's name, without its ARN")
    name = context.home.role(use)
    if len(name) > names.POLICY_NAME:
        message = f"the policy `{name}` would have more than {names.POLICY_NAME} characters"
        context.error("MG305", message, ("name",), "a shorter `name`")
    return Policy(
        id=f"{logical_id(use)}Policy",
        output=f"{logical_id(use)}PolicyArn",
        name=name,
        description=description,
        roles=roles,
        statements=statements,
    )
