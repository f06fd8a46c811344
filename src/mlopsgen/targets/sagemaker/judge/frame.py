"""Rules for the frame of a definition: its version, size, keys, step names and types."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from mlopsgen.diagnostics import Diagnostic, Severity
from mlopsgen.targets.documents.document import Path
from mlopsgen.targets.rules import rule
from mlopsgen.targets.sagemaker.judge.definition import BRANCHES, Definition, Step, function
from mlopsgen.targets.sagemaker.judge.folder import VERSION
from mlopsgen.targets.sagemaker.judge.operations import CACHED, RETRIES, TYPES

SCHEMA = "the published JSON schema of pipeline definitions"
MODEL = "botocore's service model of SageMaker"

MOST_CHARACTERS = 1_048_576
NAME = re.compile(r"[A-Za-z0-9](-*[A-Za-z0-9])*")
_TOP = ("Version", "Metadata", "Parameters", "PipelineExperimentConfig", "MlflowConfig", "Steps")
_ANY_STEP = {"Name", "Type", "Arguments", "DependsOn", "DisplayName", "Description"}
_CHECKS = {
    *("CheckType", "ModelPackageGroupName", "SkipCheck", "FailOnViolation", "RegisterNewBaseline"),
    *("SuppliedBaselineConstraints", "SuppliedBaselineStatistics", "ModelName"),
}
_OF_TYPE = {
    "Processing": {"PropertyFiles"},
    "Lambda": {"FunctionArn", "OutputParameters"},
    "Callback": {"SqsQueueUrl", "OutputParameters"},
    "QualityCheck": _CHECKS,
    "ClarifyCheck": _CHECKS,
}
_NEEDED = {
    "Lambda": ("FunctionArn",),
    "Callback": ("SqsQueueUrl",),
    "QualityCheck": ("CheckType", "Arguments"),
    "ClarifyCheck": ("CheckType", "Arguments"),
}
_MAY_BE_NULL = {"PipelineExperimentConfig", "MlflowConfig"}


@rule("version", SCHEMA)
def version(d: Definition) -> Iterator[Diagnostic]:
    """The version is the only one there is."""
    if "Version" not in d.data:
        yield d.document.finding("MG432", f'`Version` is missing: "{VERSION}"')
    elif d.data["Version"] != VERSION:
        yield d.document.finding("MG433", f'`Version` must be "{VERSION}"', ("Version",))


@rule("size", "CreatePipeline API reference, PipelineDefinition")
def size(d: Definition) -> Iterator[Diagnostic]:
    """The whole definition stays below the limit of the service."""
    if d.document.size > MOST_CHARACTERS:
        message = f"{d.document.size} characters, {MOST_CHARACTERS} are allowed"
        yield d.document.finding("MG437", message)


@rule("top-keys", SCHEMA + "; sagemaker-mlops, workflow/pipeline.py")
def top_keys(d: Definition) -> Iterator[Diagnostic]:
    """The top object holds what the service knows, of the right type."""
    if not isinstance(d.document.data, dict):
        yield d.document.finding("MG431", "a definition is an object")
        return
    for key in d.data:
        if key not in _TOP:
            yield d.document.finding("MG430", f"a definition has no `{key}`", (key,))
    for key, kind in (("Steps", list), ("Parameters", list), ("Metadata", dict), ("PipelineExperimentConfig", dict)):
        value = d.data.get(key)
        empty = value is None and key in _MAY_BE_NULL
        if key in d.data and not isinstance(value, kind) and not empty:
            yield d.document.finding("MG431", f"`{key}` must be {'a list' if kind is list else 'an object'}", (key,))
    if "Steps" not in d.data:
        yield d.document.finding("MG432", "`Steps` is missing")
    elif d.data["Steps"] == []:
        yield d.document.finding("MG432", "a pipeline needs at least one step", ("Steps",))


@rule("experiment", "sagemaker-mlops, workflow/pipeline_experiment_config.py")
def experiment(d: Definition) -> Iterator[Diagnostic]:
    """An experiment has a name and a trial, and nothing else."""
    config = d.data.get("PipelineExperimentConfig")
    for key, value in config.items() if isinstance(config, dict) else ():
        path = ("PipelineExperimentConfig", key)
        if key not in ("ExperimentName", "TrialName"):
            yield d.document.finding("MG430", f"PipelineExperimentConfig has no `{key}`", path)
        elif not isinstance(value, str) and not function(value):
            yield d.document.finding("MG431", f"`{key}` must be text", path)


@rule("repeated-keys", "RFC 8259, section 4: names should be unique; the last one would win in silence")
def repeated_keys(d: Definition) -> Iterator[Diagnostic]:
    """No object says a key twice."""
    for path in d.document.repeated:
        yield d.document.finding("MG436", f"`{path[-1]}` stands twice in one object", path)


@rule("step-shape", SCHEMA)
def step_shape(d: Definition) -> Iterator[Diagnostic]:
    """Every step is an object with a name, a type and what its type needs."""
    for path, entries in _lists_of_steps(d):
        for i, step in enumerate(entries):
            if not isinstance(step, dict):
                yield d.document.finding("MG431", "a step is an object", (*path, i))
    for step in d.steps:
        needed = (
            "Name",
            "Type",
            *_NEEDED.get(step.type, () if step.type in ("Lambda", "Callback") else ("Arguments",)),
        )
        for key in needed:
            if key not in step.data:
                yield d.document.finding("MG432", f"a step needs `{key}`", step.path)
        if "Arguments" in step.data and not isinstance(step.data["Arguments"], dict):
            yield d.document.finding("MG431", "`Arguments` must be an object", step.where("Arguments"))


def _lists_of_steps(d: Definition) -> Iterator[tuple[Path, list[Any]]]:
    if isinstance(d.data.get("Steps"), list):
        yield ("Steps",), d.data["Steps"]
    for step in d.steps:
        for branch in BRANCHES:
            if isinstance(step.arguments.get(branch), list):
                yield step.where("Arguments", branch), step.arguments[branch]


@rule("step-types", MODEL + ", PipelineExecutionStepMetadata")
def step_types(d: Definition) -> Iterator[Diagnostic]:
    """The type is one that the service runs."""
    for step in d.steps:
        if "Type" in step.data and step.type not in TYPES:
            yield d.document.finding("MG433", f"there is no step type `{step.data['Type']}`", step.where("Type"))


@rule("step-keys", SCHEMA + '; developer guide, "Retry policy" and "Caching pipeline steps"')
def step_keys(d: Definition) -> Iterator[Diagnostic]:
    """A step holds only the keys of its type."""
    for step in d.steps:
        if step.type in TYPES:
            for key in step.data.keys() - _known_keys(step):
                yield d.document.finding("MG430", f"a {step.type} step has no `{key}`", step.where(key))


def _known_keys(step: Step) -> set[str]:
    known = _ANY_STEP | _OF_TYPE.get(step.type, set())
    known |= {"RetryPolicies"} if step.type in RETRIES else set()
    return known | ({"CacheConfig"} if step.type in CACHED else set())


@rule("step-names", "CreatePipeline refuses other names; botocore StepName has at most 64 characters")
def step_names(d: Definition) -> Iterator[Diagnostic]:
    """Names are unique over the whole pipeline, branches too, and of letters, digits and inner hyphens."""
    seen: set[str] = set()
    for step in d.steps:
        name = step.data.get("Name")
        if "Name" in step.data and not isinstance(name, str):
            yield d.document.finding("MG431", "`Name` must be text", step.where("Name"))
        if not isinstance(name, str):
            continue
        if len(name) > 64:
            yield d.document.finding(
                "MG437", f"a step name has at most 64 characters, this has {len(name)}", step.where("Name")
            )
        if not NAME.fullmatch(name):
            message = f"the step name `{name}` may hold letters, digits and hyphens inside"
            yield d.document.finding("MG433", message, step.where("Name"))
        if name in seen:
            yield d.document.finding("MG436", f"two steps are called `{name}`", step.where("Name"))
        seen.add(name)


@rule("texts", MODEL + ", StepDescription, StepDisplayName, FailStepMetadata")
def texts(d: Definition) -> Iterator[Diagnostic]:
    """Descriptions, display names and error messages keep to their lengths."""
    for step in d.steps:
        for key, most in (("Description", 3072), ("DisplayName", 256)):
            value = step.data.get(key)
            if value is not None and not isinstance(value, str):
                yield d.document.finding("MG431", f"`{key}` must be text", step.where(key))
            elif value is not None and len(value) > most:
                yield d.document.finding("MG437", f"`{key}` takes {most} characters, has {len(value)}", step.where(key))


_RETRY = 'developer guide, "Retry policy for pipeline steps"'
_CACHE = 'developer guide, "Caching pipeline steps"'
_KEYS = ("ExceptionType", "IntervalSeconds", "BackoffRate", "MaxAttempts", "ExpireAfterMin")
_EXCEPTIONS = (
    *("Step.SERVICE_FAULT", "Step.THROTTLING", "SageMaker.JOB_INTERNAL_ERROR", "SageMaker.CAPACITY_ERROR"),
    *("SageMaker.RESOURCE_LIMIT", "Emr.RESOURCE_LIMIT"),
)
_BOUNDS = {
    "IntervalSeconds": (0, 43200),
    "MaxAttempts": (1, 20),
    "ExpireAfterMin": (1, 14400),
    "BackoffRate": (0, None),
}
_DURATION = re.compile(
    r"P(?=.)(?:\d+W|(?:\d+Y)?(?:\d+M)?(?:\d+W)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?)", re.ASCII
)


@rule("retries", _RETRY)
def retries(d: Definition) -> Iterator[Diagnostic]:
    """A retry policy names known errors, ends in one way, and keeps to its bounds."""
    for step in d.of(*RETRIES):
        policies = step.data.get("RetryPolicies", [])
        if not isinstance(policies, list):
            yield d.document.finding("MG431", "`RetryPolicies` must be a list", step.where("RetryPolicies"))
            continue
        seen: set[str] = set()
        for i, policy in enumerate(policies):
            path = step.where("RetryPolicies", i)
            if not isinstance(policy, dict):
                yield d.document.finding("MG431", "a retry policy is an object", path)
                continue
            yield from _policy(d, policy, path)
            named = policy.get("ExceptionType")
            for name in named if isinstance(named, list) else ():
                if isinstance(name, str) and name in seen:
                    yield d.document.finding("MG436", f"`{name}` already has a policy", (*path, "ExceptionType"))
                seen.add(str(name))


def _policy(d: Definition, policy: dict[str, Any], path: Path) -> Iterator[Diagnostic]:
    for key in policy:
        if key not in _KEYS:
            yield d.document.finding("MG430", f"a retry policy has no `{key}`", (*path, key))
    names = policy.get("ExceptionType")
    if names is None:
        yield d.document.finding("MG432", "a retry policy needs `ExceptionType`", path)
    elif not isinstance(names, list):
        yield d.document.finding("MG431", "`ExceptionType` must be a list", (*path, "ExceptionType"))
    for i, name in enumerate(names if isinstance(names, list) else ()):
        if name not in _EXCEPTIONS:
            message = f"`{name}` is none of {', '.join(_EXCEPTIONS)}"
            yield d.document.finding("MG433", message, (*path, "ExceptionType", i))
    ends = [key for key in ("MaxAttempts", "ExpireAfterMin") if key in policy]
    if not ends:
        yield d.document.finding("MG432", "a retry policy needs `MaxAttempts` or `ExpireAfterMin`", path)
    elif len(ends) == 2:
        yield d.document.finding("MG433", "only one of `MaxAttempts` and `ExpireAfterMin` may stand", path)
    yield from _numbers(d, policy, path)


def _numbers(d: Definition, policy: dict[str, Any], path: Path) -> Iterator[Diagnostic]:
    for key, (least, most) in _BOUNDS.items():
        value = policy.get(key)
        if value is None or function(value):
            continue
        whole = isinstance(value, int) or (key == "BackoffRate" and isinstance(value, float))
        if not whole or isinstance(value, bool):
            yield d.document.finding("MG431", f"`{key}` must be a number", (*path, key))
        elif value < least or (most is not None and value > most):
            bounds = f"at least {least}" if most is None else f"{least} to {most}"
            yield d.document.finding("MG437", f"`{key}` must be {bounds}", (*path, key))


@rule("cache", _CACHE + ": ExpireAfter is a duration as ISO 8601 spells it")
def cache(d: Definition) -> Iterator[Diagnostic]:
    """A cache says whether it is on and for how long."""
    for step in d.steps:
        config, path = step.data.get("CacheConfig"), step.where("CacheConfig")
        if config is None:
            continue
        if not isinstance(config, dict):
            yield d.document.finding("MG431", "`CacheConfig` must be an object", path)
            continue
        for key in config:
            if key not in ("Enabled", "ExpireAfter"):
                yield d.document.finding("MG430", f"a cache has no `{key}`", (*path, key))
        if "Enabled" not in config:
            yield d.document.finding("MG432", "a cache needs `Enabled`", path)
        elif not isinstance(config["Enabled"], bool):
            yield d.document.finding("MG431", "`Enabled` must be true or false", (*path, "Enabled"))
        after = config.get("ExpireAfter")
        if after is not None and not (isinstance(after, str) and _DURATION.fullmatch(after.upper())):
            seen_to_work = isinstance(after, str) and re.fullmatch(r"\d+[a-z]", after)
            weight = Severity.WARNING if seen_to_work else Severity.ERROR
            message = f"`{after}` is no duration as documented: P30D, PT12H"
            yield d.document.finding("MG433", message, (*path, "ExpireAfter"), severity=weight)
