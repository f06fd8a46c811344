"""What starts a run: the clock, new files, and the end of another run.

A cron line has six fields for EventBridge Scheduler (scheduler/latest/UserGuide/schedule-types.html). Two things
differ beside the year: days of the week count from 1 for Sunday, and one of the two day fields has to be `?`.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Any, assert_never

from mlopsgen.diagnostics import On, SpecPath
from mlopsgen.plan.steps import OnInvoke, OnNewData, OnSchedule
from mlopsgen.spec.clock import Field, Span, read_clock, written
from mlopsgen.targets.sagemaker import names
from mlopsgen.targets.sagemaker.context import Context
from mlopsgen.targets.sagemaker.data import read_prefix
from mlopsgen.targets.sagemaker.names import logical_id
from mlopsgen.targets.sagemaker.native import Definition
from mlopsgen.targets.sagemaker.resources import EventRule, Schedule
from mlopsgen.targets.sagemaker.serving.batch import SCHEDULED_AT, BatchPipeline

ENDED = ("Succeeded", "Failed", "Stopped")
RUN_ARN = "run-arn"
"""The exit handler's parameter: a hyphen, so that it is no run parameter of a spec."""


def handler_name(context: Context) -> str:
    """The pipeline that runs when the other one has ended."""
    return f"{context.plan.name}-always"


def scoring_name(context: Context, deployment: str) -> str:
    """The pipeline of a batch deployment."""
    return f"{context.plan.name}-{deployment}"


def pipeline_arn(context: Context, name: str) -> str:
    """The ARN of a pipeline; SageMaker keeps names in small letters there."""
    return context.home.arn("sagemaker", f"pipeline/{name.lower()}")


def check_ids(context: Context) -> None:
    """Two triggers must not become one: a stack's own names have letters and digits alone."""
    seen = {"WhenEnded": "always"}
    named = (*context.plan.triggers, *context.plan.services)
    for one in named:
        key = logical_id(one.name)
        if key in seen:
            message = f"`{one.name}` and `{seen[key]}` would have the same name in the stack"
            context.error("MG305", message, one.origin, hint="rename one of them", on=On.KEY)
        seen[key] = one.name


def schedules(context: Context) -> Iterator[Schedule]:
    """The triggers that are a clock."""
    for trigger in context.plan.triggers:
        if isinstance(trigger, OnSchedule):
            _check_started(context, trigger.name, trigger.origin)
            yield Schedule(
                id=logical_id(trigger.name, "schedule"),
                name=trigger_name(context, trigger.name),
                expression=_expression(context, trigger.cron, trigger.origin),
                timezone=trigger.timezone,
                pipeline_arn=pipeline_arn(context, context.plan.name),
                pipeline_id="Pipeline",
            )


def scoring_schedules(context: Context, scored: Iterable[BatchPipeline]) -> Iterator[Schedule]:
    """The clocks of batch deployments; the universal target is the one that is told the scheduled time."""
    for one in scored:
        service = one.service
        if service.cron is None:
            continue
        _check_started(context, one.name, service.origin, one.read)
        start = {
            "PipelineName": scoring_name(context, one.name),
            "PipelineParameters": [{"Name": SCHEDULED_AT, "Value": "<aws.scheduler.scheduled-time>"}],
        }
        yield Schedule(
            id=logical_id(one.name, "schedule"),
            name=trigger_name(context, one.name, service.origin),
            expression=_expression(context, service.cron, service.origin),
            timezone=service.timezone,
            pipeline_arn=f"arn:{context.home.partition}:scheduler:::aws-sdk:sagemaker:startPipelineExecution",
            pipeline_id=one.id,
            input=json.dumps(start),
        )


def _expression(context: Context, cron: str, origin: SpecPath) -> str:
    try:
        return six_fields(cron)
    except NotSayable as problem:
        message = f"EventBridge has no words for `{cron}`: {problem}"
        hint = f"write two {'triggers' if origin[0] == 'triggers' else 'deployments'}, one for each"
        context.error("MG311", message, (*origin, "schedule"), hint)
        return cron


def rules(context: Context, exit_handler: Definition | None) -> Iterator[EventRule]:
    """The triggers that are events, and the one that starts the exit handler."""
    for trigger in context.plan.triggers:
        match trigger:
            case OnNewData():
                yield from _new_data(context, trigger)
            case OnSchedule() | OnInvoke():
                continue
            case _:
                assert_never(trigger)
    if exit_handler is not None:
        yield _when_ended(context, exit_handler)


def _new_data(context: Context, trigger: OnNewData) -> Iterator[EventRule]:
    source = context.sources[trigger.source]
    prefix = read_prefix(context, source) if source.local is None else None
    if prefix is None:
        context.error(
            "MG301",
            f"nothing tells AWS when `{trigger.source}` changes: it does not lie under a known prefix of S3",
            (*trigger.origin, "new_data"),
            hint="a source such as `s3://bucket/prefix/`",
        )
        return
    _check_started(context, trigger.name, trigger.origin)
    if not isinstance(source.uri, str):
        context.note(
            f"a run that new files start reads `{trigger.source}` where defaults say, wherever the files arrived",
            (*trigger.origin, "new_data"),
            hint="an address without run parameters, such as the folder that all of them arrive in",
        )
    keys = [prefix.key, {"prefix": f"{prefix.key}/"}] if prefix.whole else [{"prefix": prefix.key}]
    detail: Mapping[str, Any] = {"bucket": {"name": [prefix.bucket]}, "object": {"key": keys}}
    yield EventRule(
        id=logical_id(trigger.name, "rule"),
        name=trigger_name(context, trigger.name),
        description=f"Starts {context.plan.name} when new files arrive ({trigger.source})",
        pattern={"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": detail},
        pipeline_id="Pipeline",
        pipeline_arn=pipeline_arn(context, context.plan.name),
    )


def _when_ended(context: Context, exit_handler: Definition) -> EventRule:
    main = pipeline_arn(context, context.plan.name)
    reads_run = any(parameter.name == RUN_ARN for parameter in exit_handler.parameters)
    return EventRule(
        id="WhenEndedRule",
        name=trigger_name(context, "when-ended"),
        description=f"Starts the exit handler when a run of {context.plan.name} has ended",
        pattern={
            "source": ["aws.sagemaker"],
            "detail-type": ["SageMaker Model Building Pipeline Execution Status Change"],
            "detail": {"pipelineArn": [main], "currentPipelineExecutionStatus": list(ENDED)},
        },
        pipeline_id="ExitHandler",
        pipeline_arn=pipeline_arn(context, handler_name(context)),
        parameters=({"Name": RUN_ARN, "Value": "$.detail.pipelineExecutionArn"},) if reads_run else (),
    )


def trigger_name(context: Context, trigger: str, origin: SpecPath | None = None) -> str:
    """The name of a rule or a schedule."""
    name = f"{context.plan.name}-{trigger}"
    if len(name) > names.TRIGGER_NAME:
        context.error(
            "MG305",
            f"`{name}` would have {len(name)} characters; EventBridge takes {names.TRIGGER_NAME}",
            origin or ("triggers", trigger),
            hint="a shorter name",
            on=On.KEY,
        )
    return name


def _check_started(context: Context, trigger: str, where: SpecPath, read: Container[str] | None = None) -> None:
    """Nobody is there to give a value when a clock or a file starts a run."""
    missing = [p.name for p in context.plan.parameters if p.required and (read is None or p.name in read)]
    if missing:
        context.error(
            "MG301",
            f"`{trigger}` cannot start a run: nobody gives `{'`, `'.join(missing)}` a value",
            where,
            hint="give the parameter a `default`",
            on=On.KEY,
        )


_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


class NotSayable(ValueError):
    """A cron line that EventBridge has no words for; the message says why."""


def six_fields(line: str) -> str:
    """The same times as `cron(…)`; raises NotSayable where there is no such expression."""
    clock = read_clock(line)
    if clock.days and clock.weekdays:
        raise NotSayable(
            "it names days of the month and days of the week: EventBridge can be given one of the two alone"
        )
    month = _field(clock.months, 1, 12)
    days = ("?", month, ",".join(_runs(clock.weekdays))) if clock.weekdays else (_field(clock.days, 1, 31), month, "?")
    return f"cron({_field(clock.minutes, 0, 59)} {_field(clock.hours, 0, 23)} {' '.join(days)} *)"


def _field(field: Field, low: int, high: int) -> str:
    """`3/15` goes on to the end of a field there, too; it starts at a number, and never at a star."""
    return ",".join(item for span in field for item in _item(span, low, high)) or "*"


def _item(span: Span, low: int, high: int) -> Iterator[str]:
    if span.step > 1 and span.last == high and span.step <= high - low:
        yield f"{span.first}/{span.step}"
    else:
        yield written((span,), low, high)


def _runs(days: Sequence[int]) -> Iterator[str]:
    """Three days or more in a row as a range."""
    start = 0
    for position in range(1, len(days) + 1):
        if position < len(days) and days[position] == days[position - 1] + 1:
            continue
        run = days[start:position]
        yield from ([f"{_DAYS[run[0]]}-{_DAYS[run[-1]]}"] if len(run) > 2 else (_DAYS[n] for n in run))
        start = position
