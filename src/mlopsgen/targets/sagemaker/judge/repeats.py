"""Rules for RetryPolicies and CacheConfig."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from mlopsgen.diagnostics import Diagnostic, Severity
from mlopsgen.targets.documents.document import Path
from mlopsgen.targets.sagemaker.judge.definition import Definition, function
from mlopsgen.targets.sagemaker.judge.operations import RETRIES
from mlopsgen.targets.sagemaker.judge.rules import rule

_RETRY = 'developer guide, "Retry policy for pipeline steps"'
_CACHE = 'developer guide, "Caching pipeline steps"'
_KEYS = ("ExceptionType", "IntervalSeconds", "BackoffRate", "MaxAttempts", "ExpireAfterMin")
_EXCEPTIONS = (
    *("Step.SERVICE_FAULT", "Step.THROTTLING", "SageMaker.JOB_INTERNAL_ERROR", "SageMaker.CAPACITY_ERROR"),
    *("SageMaker.RESOURCE_LIMIT", "Emr.RESOURCE_LIMIT"),
)
_BOUNDS = {"IntervalSeconds": (0, None), "MaxAttempts": (1, 20), "ExpireAfterMin": (1, 14400), "BackoffRate": (0, None)}
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
        found, path = step.data.get("CacheConfig"), step.where("CacheConfig")
        if found is None:
            continue
        if not isinstance(found, dict):
            yield d.document.finding("MG431", "`CacheConfig` must be an object", path)
            continue
        for key in found:
            if key not in ("Enabled", "ExpireAfter"):
                yield d.document.finding("MG430", f"a cache has no `{key}`", (*path, key))
        if "Enabled" not in found:
            yield d.document.finding("MG432", "a cache needs `Enabled`", path)
        elif not isinstance(found["Enabled"], bool):
            yield d.document.finding("MG431", "`Enabled` must be true or false", (*path, "Enabled"))
        after = found.get("ExpireAfter")
        if after is not None and not (isinstance(after, str) and _DURATION.fullmatch(after.upper())):
            seen_to_work = isinstance(after, str) and re.fullmatch(r"\d+[a-z]", after)
            weight = Severity.WARNING if seen_to_work else Severity.ERROR
            message = f"`{after}` is no duration as documented: P30D, PT12H"
            yield d.document.finding("MG433", message, (*path, "ExpireAfter"), severity=weight)
