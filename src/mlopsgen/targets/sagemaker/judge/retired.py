"""Rules: services that have ended, or that a new account cannot use any more."""

from __future__ import annotations

from collections.abc import Iterator

from mlopsgen.diagnostics import Diagnostic, Severity
from mlopsgen.targets.rules import rule
from mlopsgen.targets.sagemaker.judge.definition import Definition
from mlopsgen.targets.sagemaker.judge.jobs import trainings
from mlopsgen.targets.sagemaker.judge.template import Template

_DEBUGGER = ("DebugHookConfig", "DebugRuleConfigurations", "ProfilerRuleConfigurations")
_ENDED = {
    "AWS::SageMaker::DeviceFleet": "Edge Manager ended on 2024-04-26: Greengrass V2 carries models to devices",
    "AWS::SageMaker::Device": "Edge Manager ended on 2024-04-26: Greengrass V2 carries models to devices",
    "AWS::Greengrass::": "Greengrass V1 ended on 2026-10-07: use AWS::GreengrassV2",
}
_CLOSED = {
    "AWS::SageMaker::MonitoringSchedule": "Model Monitor",
    "AWS::SageMaker::DataQualityJobDefinition": "Model Monitor",
    "AWS::SageMaker::ModelQualityJobDefinition": "Model Monitor",
    "AWS::SageMaker::ModelBiasJobDefinition": "Model Monitor",
    "AWS::SageMaker::ModelExplainabilityJobDefinition": "Model Monitor",
}
_CLOSED_STEPS = {"QualityCheck": "Model Monitor"}


@rule("debugger", 'developer guide, "Debugger availability change": closed to new customers from 2026-07-30')
def debugger(d: Definition) -> Iterator[Diagnostic]:
    """Debugger is closed to new customers. `ProfilerConfig` stays: it also switches the profiler off."""
    for _, path, job in trainings(d):
        for key in _DEBUGGER:
            if job.get(key):
                message = f"`{key}` is Debugger's, which is closed to new customers"
                yield d.document.finding("MG443", message, (*path, key), severity=Severity.WARNING)


@rule("closed-steps", 'developer guide, "Model Monitor availability change": closed to new customers')
def closed_steps(d: Definition) -> Iterator[Diagnostic]:
    """Steps of a service that takes no new customers."""
    for step in d.of(*_CLOSED_STEPS):
        message = f"a {step.type} step runs {_CLOSED_STEPS[step.type]}, which is closed to new customers"
        yield d.document.finding("MG443", message, step.where("Type"), severity=Severity.WARNING)


@rule("ended", 'developer guide, "Edge Manager end of life"; Greengrass V1 maintenance policy')
def ended(t: Template) -> Iterator[Diagnostic]:
    """Resources of a service that has ended, or that takes no new customers."""
    for resource in t.resources:
        for prefix, message in _ENDED.items():
            if resource.type == prefix or (prefix.endswith("::") and resource.type.startswith(prefix)):
                yield t.document.finding("MG443", message, (*resource.path, "Type"))
        if resource.type in _CLOSED:
            message = f"{_CLOSED[resource.type]} is closed to new customers"
            yield t.document.finding("MG443", message, (*resource.path, "Type"), severity=Severity.WARNING)
