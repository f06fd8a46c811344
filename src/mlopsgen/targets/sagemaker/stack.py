"""Everything that is not a step of a pipeline, as resources of one CloudFormation stack."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from mlopsgen.diagnostics import On
from mlopsgen.plan.steps import OnInvoke, OnNewData, OnSchedule, Plan, Register
from mlopsgen.targets.readme import retention_days
from mlopsgen.targets.sagemaker import names
from mlopsgen.targets.sagemaker.context import WHERE, Context
from mlopsgen.targets.sagemaker.names import logical_id
from mlopsgen.targets.sagemaker.native import Definition
from mlopsgen.targets.sagemaker.policies import STATUS, job_statements, packages, pipeline_statements, policy_size
from mlopsgen.targets.sagemaker.resources import PipelineResource, Policy, Role, RolloutProject, Stack, Statement
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

if TYPE_CHECKING:
    from mlopsgen.targets.sagemaker.serving.resources import Live

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


def stack_of(
    context: Context, exit_handler: Definition | None, scored: Sequence[BatchPipeline], lives: Sequence[Live] = ()
) -> Stack:
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
        roles=(*_roles(context, exit_handler, scored, lives), *_live_roles(context, lives)),
        policies=tuple(_policies(context, registered, lives)),
        schedules=(*schedules(context), *scoring_schedules(context, scored)),
        rules=tuple(rules(context, exit_handler)),
        rollouts=_rollouts(context, lives),
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


def _rollouts(context: Context, lives: Sequence[Live]) -> tuple[RolloutProject, ...]:
    if not lives:
        return ()
    from mlopsgen.targets.sagemaker.serving.rollout import project

    return tuple(project(context, live) for live in lives)


def _live_roles(context: Context, lives: Sequence[Live]) -> Iterator[Role]:
    """The roles of endpoints, of what rolls versions out, and of CloudFormation on its behalf."""
    if not lives:
        return
    from mlopsgen.targets.sagemaker.serving import rights

    for live in lives:
        allowed = rights.endpoint_statements(context, live)
        yield _role(context, f"{live.id}EndpointRole", f"{live.name}-endpoint", "sagemaker", allowed)
        allowed = rights.rollout_statements(context, live)
        yield _role(context, f"{live.id}RolloutRole", f"{live.name}-rollout", "codebuild", allowed)
    yield _role(context, "DeployRole", "deploy", "cloudformation", rights.deploy_statements(context, tuple(lives)))


def _roles(
    context: Context, exit_handler: Definition | None, scored: Sequence[BatchPipeline], lives: Sequence[Live]
) -> Iterator[Role]:
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
    builds = [context.home.arn("codebuild", f"project/{live.project}") for live in lives if starts_itself(live)]
    rights = (("Start", start, tuple(started)), ("RollOut", "codebuild:StartBuild", tuple(builds)))
    statements = tuple(Statement(sid=sid, actions=(one,), resources=arns) for sid, one, arns in rights if arns)
    if statements:
        yield _role(context, "EventsRole", "events", "events", statements)


def starts_itself(live: Live) -> bool:
    """Whether an approval rolls a version out: a pinned one is there already, and a person starts what is manual."""
    return not live.service.manual and live.service.version is None


_USES: Mapping[str, str] = {
    "pipeline": "Runs the pipeline of {}: starts its jobs, registers its models",
    "jobs": "What the jobs of {} may do: read its data, write its runs, pull its image",
    "schedule": "Lets EventBridge Scheduler start the pipeline of {}",
    "events": "Lets EventBridge start the pipeline of {}",
    "endpoint": "What an endpoint of {} may do: read the model, pull the image, log",
    "rollout": "Rolls versions of {} out: has CloudFormation update an endpoint, and moves the champion",
    "deploy": "What CloudFormation may change when a version of {} is rolled out: its endpoints",
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
    about = _USES.get(use) or _USES[use.rpartition("-")[2]]
    return Role(
        id=key,
        name=name,
        description=about.format(context.plan.name),
        service=f"{service}.amazonaws.com",
        account=context.home.account if service != "cloudformation" else None,
        statements=statements,
    )


def _policies(context: Context, registered: Register | None, lives: Sequence[Live]) -> Iterator[Policy]:
    governance = context.plan.governance
    if lives:
        from mlopsgen.targets.sagemaker.serving.rights import call_statement

        call = call_statement(context, tuple(lives))
        yield _policy(context, "call", governance.invoke, f"Calls the endpoints of {context.plan.name}", (call,))
    called = any(isinstance(trigger, OnInvoke) for trigger in context.plan.triggers)
    if called or (governance.invoke and not lives):
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
        statements = (see, approve, *_started_by_hand(context, lives))
        yield _policy(context, "deploy", governance.deploy, f"Approves versions of {registered.group}", statements)


def _started_by_hand(context: Context, lives: Sequence[Live]) -> Iterator[Statement]:
    """Whoever deploys starts rollouts, and sees how they go."""
    projects = tuple(context.home.arn("codebuild", f"project/{live.project}") for live in lives)
    if projects:
        actions = ("codebuild:BatchGetBuilds", "codebuild:ListBuildsForProject", "codebuild:StartBuild")
        yield Statement(sid="RollOut", actions=actions, resources=projects)


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
