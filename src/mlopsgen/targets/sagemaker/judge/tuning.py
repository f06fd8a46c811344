"""Rules for tuning: what is searched, how, and by which metric."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import prod
from typing import Any

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.targets.documents.document import Path, dig, maps
from mlopsgen.targets.rules import rule
from mlopsgen.targets.sagemaker.judge.definition import Definition, Step, function
from mlopsgen.targets.sagemaker.judge.jobs import trainings

RANGES = ("IntegerParameterRanges", "ContinuousParameterRanges", "CategoricalParameterRanges")
_HOW = 'developer guide, "Define hyperparameter ranges" and "Resource limits for tuning"'
_GRID = 'developer guide, "How hyperparameter tuning works": grid takes categorical ranges, every combination once'
_METRIC = 'developer guide, "Define metrics": the first group of the expression is the value'
_CONFIG = "HyperParameterTuningJobConfig"


def _searched(step: Step) -> Iterator[tuple[Path, dict[str, Any], dict[str, Any] | None]]:
    """Every set of ranges with its path and the job definition that it belongs to."""
    config = step.get(_CONFIG, "ParameterRanges")
    one = step.get("TrainingJobDefinition")
    if isinstance(config, dict):
        yield step.where("Arguments", _CONFIG, "ParameterRanges"), config, one if isinstance(one, dict) else None
    for path, job in _jobs(step):
        ranges = job.get("HyperParameterRanges")
        if isinstance(ranges, dict):
            yield (*path, "HyperParameterRanges"), ranges, job


def _jobs(step: Step) -> Iterator[tuple[Path, dict[str, Any]]]:
    one = step.get("TrainingJobDefinition")
    if isinstance(one, dict):
        yield step.where("Arguments", "TrainingJobDefinition"), one
    for i, job in maps(step.get("TrainingJobDefinitions")):
        yield step.where("Arguments", "TrainingJobDefinitions", i), job


@rule("metric-expressions", _METRIC)
def metric_expressions(d: Definition) -> Iterator[Diagnostic]:
    """The expression of a metric compiles and has a group that holds the value."""
    for _, path, job in trainings(d):
        for i, metric in maps(dig(job, ("AlgorithmSpecification", "MetricDefinitions"))):
            regex, where = metric.get("Regex"), (*path, "AlgorithmSpecification", "MetricDefinitions", i, "Regex")
            if not isinstance(regex, str):
                continue
            try:
                groups = re.compile(regex).groups
            except re.error as error:
                yield d.document.finding("MG439", f"this expression does not compile: {error}", where)
            else:
                if not groups:
                    yield d.document.finding("MG439", "this expression has no group that holds the value", where)


@rule("objective", 'developer guide, "Define metrics": the objective is one of the metrics the job prints')
def objective(d: Definition) -> Iterator[Diagnostic]:
    """Tuning has an objective, and the training job prints it."""
    for step in d.of("Tuning"):
        own = step.get(_CONFIG, "HyperParameterTuningJobObjective")
        path = step.where("Arguments", _CONFIG)
        if not isinstance(step.get(_CONFIG), dict):
            continue
        for job_path, job in _jobs(step):
            chosen = job.get("TuningObjective", own)
            if not isinstance(chosen, dict):
                yield d.document.finding("MG432", "tuning needs `HyperParameterTuningJobObjective`", path)
                continue
            name, metrics = chosen.get("MetricName"), dig(job, ("AlgorithmSpecification", "MetricDefinitions"))
            built_in = dig(job, ("AlgorithmSpecification", "AlgorithmName")) is not None
            if isinstance(name, str) and not built_in and _own_image(job) and name not in _names(metrics):
                message = f"no metric `{name}` is defined: tuning could never read its objective"
                yield d.document.finding("MG434", message, (*job_path, "AlgorithmSpecification"))


def _names(metrics: Any) -> list[Any]:
    return [m.get("Name") for _, m in maps(metrics)]


def _own_image(job: dict[str, Any]) -> bool:
    """Images of Amazon's built-in algorithms define their metrics themselves; one in the role's account is ours."""
    image = str(dig(job, ("AlgorithmSpecification", "TrainingImage")))
    role = re.fullmatch(r"arn:[^:]+:iam::(\d{12}):.*", str(job.get("RoleArn")))
    if role:
        return image.startswith(f"{role[1]}.dkr.ecr.")
    return bool(dig(job, ("AlgorithmSpecification", "MetricDefinitions")))


@rule("ranges", _HOW)
def ranges(d: Definition) -> Iterator[Diagnostic]:
    """Ranges have numbers for bounds, the lower below the upper, and names of their own."""
    for step in d.of("Tuning"):
        axes = list(_searched(step))
        if not any(r.get(kind) for _, r, _ in axes for kind in (*RANGES, "AutoParameters")) and _needs_ranges(step):
            path = step.where("Arguments", _CONFIG)
            yield d.document.finding("MG432", "nothing is searched: no range is given", path)
        for path, axis, job in axes:
            static = job.get("StaticHyperParameters") if job else None
            seen: set[str] = set(static if isinstance(static, dict) else ())
            for kind in RANGES:
                for i, one in maps(axis.get(kind)):
                    name = str(one.get("Name"))
                    if name in seen:
                        yield d.document.finding("MG436", f"`{name}` is given twice", (*path, kind, i, "Name"))
                    seen.add(name)
                    if kind != "CategoricalParameterRanges":
                        yield from _bounds(d, one, kind, (*path, kind, i))


def _needs_ranges(step: Step) -> bool:
    enabled = step.get("Autotune", "Mode") == "Enabled"
    return isinstance(step.get(_CONFIG), dict) and bool(list(_jobs(step))) and not enabled


def _bounds(d: Definition, one: dict[str, Any], kind: str, path: Path) -> Iterator[Diagnostic]:
    numbers: list[float] = []
    for key in ("MinValue", "MaxValue"):
        value = one.get(key)
        if value is None or function(value) or not isinstance(value, str):
            return
        try:
            numbers.append(int(value) if kind.startswith("Integer") else float(value))
        except ValueError:
            what = "whole number" if kind.startswith("Integer") else "number"
            yield d.document.finding("MG433", f"`{value}` is no {what}", (*path, key))
            return
    least, most = numbers
    if not least < most:
        yield d.document.finding("MG433", f"`MinValue` {least} is not below `MaxValue` {most}", path)
    scale = one.get("ScalingType")
    if scale == "Logarithmic" and least <= 0:
        yield d.document.finding("MG433", "a logarithmic scale starts above 0", (*path, "MinValue"))
    if scale == "ReverseLogarithmic" and (kind.startswith("Integer") or least < 0 or most >= 1):
        message = "a reverse logarithmic scale is for numbers from 0 to below 1"
        yield d.document.finding("MG433", message, (*path, "ScalingType"))


@rule("trials", _HOW + "; " + _GRID)
def trials(d: Definition) -> Iterator[Diagnostic]:
    """As many trials as the strategy needs, and no more at once than there are."""
    for step in d.of("Tuning"):
        config, path = step.get(_CONFIG), step.where("Arguments", _CONFIG)
        if not isinstance(config, dict):
            continue
        number, together = (
            dig(config, ("ResourceLimits", k)) for k in ("MaxNumberOfTrainingJobs", "MaxParallelTrainingJobs")
        )
        most, at_once = d.by_default(number), d.by_default(together)
        if isinstance(most, int) and isinstance(at_once, int) and at_once > most:
            message = f"{at_once} trials at once, and only {most} in all"
            yield d.document.finding("MG433", message, (*path, "ResourceLimits", "MaxParallelTrainingJobs"))
        if config.get("Strategy") == "Grid":
            yield from _grid(d, step, most, path)
        elif number is None and not _ends_otherwise(config):
            yield d.document.finding("MG432", "needs `MaxNumberOfTrainingJobs`", (*path, "ResourceLimits"))
        if config.get("Strategy") == "Hyperband" and config.get("TrainingJobEarlyStoppingType") == "Auto":
            message = "Hyperband stops trials by itself: `TrainingJobEarlyStoppingType` must be Off"
            yield d.document.finding("MG433", message, (*path, "TrainingJobEarlyStoppingType"))


def _ends_otherwise(config: dict[str, Any]) -> bool:
    limits = config.get("ResourceLimits")
    timed = not isinstance(limits, dict) or "MaxRuntimeInSeconds" in limits
    return timed or "TuningJobCompletionCriteria" in config


def _grid(d: Definition, step: Step, most: Any, path: Path) -> Iterator[Diagnostic]:
    for where, axis, _ in _searched(step):
        for kind in RANGES[:2]:
            if axis.get(kind):
                yield d.document.finding("MG433", "a grid takes categorical ranges alone", (*where, kind))
        counts = [len(r["Values"]) for _, r in maps(axis.get(RANGES[2])) if isinstance(r.get("Values"), list)]
        if isinstance(most, int) and counts and most != prod(counts):
            message = f"the grid has {prod(counts)} combinations, `MaxNumberOfTrainingJobs` says {most}: leave it out"
            yield d.document.finding("MG433", message, (*path, "ResourceLimits", "MaxNumberOfTrainingJobs"))
