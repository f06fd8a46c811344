"""Rules for what starts a pipeline: schedules, rules, and the parameters they pass on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.nearest import nearest
from mlopsgen.targets.documents.document import Path, maps
from mlopsgen.targets.rules import rule
from mlopsgen.targets.sagemaker.judge.clock import problems
from mlopsgen.targets.sagemaker.judge.definition import Definition
from mlopsgen.targets.sagemaker.judge.template import Resource, Stack, Template, as_list

SCHEDULE, RULE = "AWS::Scheduler::Schedule", "AWS::Events::Rule"
_SOURCE = 'EventBridge Scheduler user guide, "Schedule types"; EventBridge user guide, "Schedule expressions"'
_ARN = re.compile(r"arn:[^:]+:sagemaker:(?P<region>[^:]*):(?P<account>[^:]*):pipeline/(?P<name>[^/]+)")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d|\$\{.*\}")
_CHANGES = (
    *("Training Job State", "HyperParameter Tuning Job State", "Transform Job State", "Processing Job State"),
    *("Endpoint State", "Endpoint Config State", "Endpoint Deployment State", "Model State", "Model Package State"),
    *("Model Card State", "Feature Group State", "Image State", "Image Version State", "Monitoring Schedule State"),
    *("Model Building Pipeline Execution Status", "Model Building Pipeline Execution Step Status"),
)
_EVENTS: Mapping[str, tuple[str, ...]] = {
    "aws.sagemaker": tuple(f"SageMaker {change} Change" for change in _CHANGES),
    "aws.s3": (
        *("Object Created", "Object Deleted", "Object Restore Initiated", "Object Restore Completed"),
        *("Object Restore Expired", "Object Storage Class Changed", "Object Access Tier Changed"),
        *("Object ACL Updated", "Object Tags Added", "Object Tags Deleted"),
    ),
    "aws.cloudwatch": ("CloudWatch Alarm State Change", "CloudWatch Alarm Configuration Change"),
}


@rule("schedules", _SOURCE)
def schedules(t: Template) -> Iterator[Diagnostic]:
    """A schedule expression is one that EventBridge can read."""
    for resource in t.of(SCHEDULE, RULE):
        expression = resource.get("ScheduleExpression")
        if isinstance(expression, str):
            for problem in problems(expression, at=resource.type == SCHEDULE):
                yield t.document.finding("MG439", f"`{expression}`: {problem}", resource.where("ScheduleExpression"))
        if resource.type == RULE and resource.get("EventPattern") is None and expression is None:
            yield t.document.finding("MG432", "a rule needs `EventPattern` or `ScheduleExpression`", resource.path)


@rule("time-zones", "IANA time zone database; EventBridge Scheduler user guide, ScheduleExpressionTimezone")
def time_zones(t: Template) -> Iterator[Diagnostic]:
    """The time zone exists, and a schedule ends after it starts."""
    for resource in t.of(SCHEDULE):
        zone = resource.get("ScheduleExpressionTimezone")
        if isinstance(zone, str) and zone not in _zones():
            path = resource.where("ScheduleExpressionTimezone")
            yield t.document.finding("MG439", f"there is no time zone `{zone}`", path)
        start, end = (_moment(resource.get(key)) for key in ("StartDate", "EndDate"))
        if start and end and not start < end:
            yield t.document.finding("MG433", "`EndDate` is not after `StartDate`", resource.where("EndDate"))


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _moment(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment.replace(tzinfo=None) if moment else None


def starts(t: Template) -> Iterator[tuple[Resource, Path, dict[str, Any]]]:
    """Every target of a schedule or rule, with its place."""
    for resource in t.of(SCHEDULE):
        target = resource.get("Target")
        if isinstance(target, dict):
            yield resource, resource.where("Target"), target
    for resource in t.of(RULE):
        for i, target in maps(resource.get("Targets")):
            yield resource, resource.where("Targets", i), target


def pipeline_name(t: Template, value: Any) -> str | None:
    """The name in the ARN of a pipeline, `${Logical}` when the stack makes it up; None when it is another ARN."""
    named = t.target(value)
    if named is not None and named.type == "AWS::SageMaker::Pipeline":
        return t.text({"Ref": named.name})
    match = _ARN.fullmatch(t.text(value) or "")
    return match["name"] if match else None


@rule("started-pipelines", "EventBridge user guide, targets: SageMaker AI pipeline; CreateSchedule, Target")
def started(s: Stack) -> Iterator[Diagnostic]:
    """What starts a pipeline names one that exists, in this region, with a role to do so."""
    t = s.template
    names = {t.text({"Ref": r.name}) for r in t.of("AWS::SageMaker::Pipeline")}
    for _, path, target in starts(t):
        name = pipeline_name(t, target.get("Arn"))
        if name is None:
            if "SageMakerPipelineParameters" in target and isinstance(target.get("Arn"), str):
                yield t.document.finding("MG434", f"`{target['Arn']}` is no pipeline", (*path, "Arn"))
            continue
        if names and name not in names and "${" not in name:
            yield t.document.finding("MG434", f"the stack makes no pipeline `{name}`", (*path, "Arn"))
        match = _ARN.fullmatch(t.text(target.get("Arn")) or "")
        if match and not _REGION.fullmatch(match["region"]):
            yield t.document.finding("MG434", f"there is no region `{match['region']}`", (*path, "Arn"))
        if "RoleArn" not in target:
            yield t.document.finding("MG432", "a pipeline is started with a role: `RoleArn`", path)


@rule("started-with", "SageMakerPipelineParameters: names are those of the definition, at most 200")
def started_with(s: Stack) -> Iterator[Diagnostic]:
    """The parameters that are passed on exist, fit, and leave nothing open that has no default."""
    t = s.template
    for _, path, target in starts(t):
        name = pipeline_name(t, target.get("Arn"))
        definition = s.definition_of(name) if name else None
        if definition is None:
            continue
        config = target.get("SageMakerPipelineParameters")
        listed = config.get("PipelineParameterList") if isinstance(config, dict) else None
        where = (*path, "SageMakerPipelineParameters", "PipelineParameterList")
        names: set[str] = set()
        for i, one in maps(listed):
            yield from _parameter(t, definition, one, (*where, i), names)
        for parameter, (_, declared) in definition.parameters.items():
            if "DefaultValue" not in declared and parameter not in names:
                yield t.document.finding("MG432", f"`{parameter}` has no default and is not given here", path)


def _parameter(t: Template, d: Definition, one: dict[str, Any], path: Path, names: set[str]) -> Iterator[Diagnostic]:
    name, value = one.get("Name"), one.get("Value")
    if not isinstance(name, str):
        return
    if name in names:
        yield t.document.finding("MG436", f"`{name}` is given twice", (*path, "Name"))
    names.add(name)
    if name not in d.parameters:
        yield t.document.finding("MG434", f"{d.document.file} declares no parameter `{name}`", (*path, "Name"))
        return
    choices = d.parameters[name][1].get("EnumValues")
    if isinstance(value, str) and not value.startswith(("$.", "<")):
        if not _reads_as(d.kind(name), value):
            yield t.document.finding("MG431", f"`{value}` is no {d.kind(name)}", (*path, "Value"))
        elif isinstance(choices, list) and value not in choices:
            yield t.document.finding("MG433", f"`{value}` is none of {choices}", (*path, "Value"))


def _reads_as(kind: str, value: str) -> bool:
    forms = {"Integer": r"-?\d+", "Float": r"-?\d+(\.\d+)?([eE][+-]?\d+)?", "Boolean": r"(?i:true|false)"}
    return kind not in forms or re.fullmatch(forms[kind], value, re.ASCII) is not None


@rule("event-patterns", 'EventBridge user guide, "Event patterns"; S3 user guide, "EventBridge event types"')
def event_patterns(t: Template) -> Iterator[Diagnostic]:
    """A pattern compares with lists, and waits for no event that is misspelt: services add new ones."""
    for resource in t.of(RULE):
        pattern = resource.get("EventPattern")
        if not isinstance(pattern, dict):
            continue
        yield from _pattern(t, pattern, resource.where("EventPattern"))
        known = [e for s in as_list(pattern.get("source")) for e in _EVENTS.get(str(s), ())]
        for i, kind in enumerate(as_list(pattern.get("detail-type"))):
            meant = nearest(str(kind), known) if kind not in known else None
            if meant:
                path = resource.where("EventPattern", "detail-type", i)
                hint = f"did you mean `{meant}`?"
                yield t.document.finding("MG433", f"no such event is sent: `{kind}`", path, hint)


def _pattern(t: Template, node: dict[str, Any], path: Path) -> Iterator[Diagnostic]:
    for key, value in node.items():
        if key.startswith(("$", "Fn::")) or key == "Ref":
            continue
        if isinstance(value, dict):
            yield from _pattern(t, value, (*path, key))
        elif not isinstance(value, list):
            yield t.document.finding("MG433", f"`{key}` takes a list of what it may be", (*path, key))
