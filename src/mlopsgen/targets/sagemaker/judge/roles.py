"""Rules for roles at work: who assumes them, and whether they may do what their work is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.targets.documents.document import Path, walk
from mlopsgen.targets.rules import rule
from mlopsgen.targets.sagemaker.judge.definition import Definition
from mlopsgen.targets.sagemaker.judge.policies import ROLE, allows, trusted
from mlopsgen.targets.sagemaker.judge.template import Resource, Stack, Template
from mlopsgen.targets.sagemaker.judge.triggers import RULE, SCHEDULE, pipeline_name, starts

_ASSUMED: Mapping[str, tuple[str, str]] = {
    "AWS::SageMaker::Pipeline": ("RoleArn", "sagemaker.amazonaws.com"),
    "AWS::SageMaker::Model": ("ExecutionRoleArn", "sagemaker.amazonaws.com"),
    "AWS::Lambda::Function": ("Role", "lambda.amazonaws.com"),
    "AWS::CodeBuild::Project": ("ServiceRole", "codebuild.amazonaws.com"),
    "AWS::CodePipeline::Pipeline": ("RoleArn", "codepipeline.amazonaws.com"),
}
_CREATES: Mapping[str, str] = {
    "Processing": "sagemaker:CreateProcessingJob",
    "QualityCheck": "sagemaker:CreateProcessingJob",
    "ClarifyCheck": "sagemaker:CreateProcessingJob",
    "Training": "sagemaker:CreateTrainingJob",
    "Tuning": "sagemaker:CreateHyperParameterTuningJob",
    "Transform": "sagemaker:CreateTransformJob",
    "Model": "sagemaker:CreateModel",
    "RegisterModel": "sagemaker:CreateModelPackage",
}


def _uses(t: Template) -> Iterator[tuple[Resource, Path, str]]:
    """Every role of this template at work: the role, where it is named, and the service that assumes it."""
    for kind, (key, service) in _ASSUMED.items():
        for resource in t.of(kind):
            yield from _use(t, resource.get(key), resource.where(key), service)
    for resource, path, target in starts(t):
        service = "scheduler.amazonaws.com" if resource.type == SCHEDULE else "events.amazonaws.com"
        yield from _use(t, target.get("RoleArn"), (*path, "RoleArn"), service)


def _use(t: Template, value: Any, path: Path, service: str) -> Iterator[tuple[Resource, Path, str]]:
    role = role_of(t, value)
    if role is not None:
        yield role, path, service


def role_of(t: Template, value: Any) -> Resource | None:
    """The role of this template that a value names: by reference, or by its own name in an ARN."""
    named = t.target(value)
    if named is not None:
        return named if named.type == ROLE else None
    text = t.text(value) or ""
    last = text.rsplit("/", 1)[-1] if ":role/" in text else None
    return next((r for r in t.of(ROLE) if last and t.text(r.get("RoleName")) == last), None)


@rule("trust", 'IAM user guide, "Roles terms and concepts": trust policy')
def trust(t: Template) -> Iterator[Diagnostic]:
    """A role is trusted to the service that assumes it."""
    for role, path, service in _uses(t):
        services = trusted(t, role)
        if service not in services:
            message = f"{service} may not assume `{role.name}`: it trusts {', '.join(sorted(services)) or 'no service'}"
            yield t.document.finding("MG434", message, path)


@rule("start-permission", "Service Authorization Reference: sagemaker:StartPipelineExecution on the pipeline")
def start_permission(t: Template) -> Iterator[Diagnostic]:
    """The role of a schedule or rule may start the pipeline."""
    for resource, path, target in starts(t):
        name, role = pipeline_name(t, target.get("Arn")), role_of(t, target.get("RoleArn"))
        if name is None or role is None or resource.type not in (SCHEDULE, RULE):
            continue
        if not allows(t, role, "sagemaker:StartPipelineExecution", f"arn:aws:sagemaker:::pipeline/{name}"):
            yield t.document.finding("MG434", f"`{role.name}` may not start the pipeline `{name}`", (*path, "RoleArn"))


@rule(
    "pipeline-permissions", 'developer guide, "IAM access management" of Pipelines: PassRole and Create… of its steps'
)
def pipeline_permissions(s: Stack) -> Iterator[Diagnostic]:
    """The role of the pipeline may start its steps and pass them their roles."""
    t = s.template
    for pipeline in s.pipelines:
        role = role_of(t, pipeline.get("RoleArn"))
        definition = s.definition_of(t.text({"Ref": pipeline.name}) or "")
        if role is None or definition is None:
            continue
        path = pipeline.where("RoleArn")
        for kind in sorted({step.type for step in definition.steps} & _CREATES.keys()):
            if not allows(t, role, _CREATES[kind]):
                message = f"`{role.name}` may not {_CREATES[kind]}: {kind} steps would fail"
                yield t.document.finding("MG434", message, path)
        for passed in sorted(set(_passed(definition))):
            if not allows(t, role, "iam:PassRole", passed):
                message = f"`{role.name}` may not pass `{passed.rsplit('/', 1)[-1]}` to the steps that run as it"
                yield t.document.finding("MG434", message, path)


def _passed(definition: Definition) -> Iterator[str]:
    for step in definition.steps:
        for path, value in walk(step.own().get("Arguments")):
            if path and path[-1] in ("RoleArn", "ExecutionRoleArn") and isinstance(value, str):
                yield value
