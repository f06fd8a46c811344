"""Walks the steps of a definition as the service does: in the order of what they read, through conditions."""

from __future__ import annotations

import hashlib
import json
import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from .expressions import Broken, Facts, references
from .jobs import JobFailed, Machine, processing, training, tuning
from .registry import Registry

Step: TypeAlias = dict[str, Any]
Cache: TypeAlias = dict[str, Mapping[str, Any]]

COMPARED: Mapping[str, tuple[str, ...]] = {
    "Processing": ("AppSpecification", "Environment", "ProcessingInputs"),
    "Training": ("AlgorithmSpecification", "Environment", "InputDataConfig"),
    "Tuning": ("HyperParameterTuningJobConfig", "TrainingJobDefinition"),
}
"""The arguments that decide whether a step is taken from an earlier run (pipelines-default-keys.html)."""
NOT_COMPARED = frozenset({"OutputDataConfig", "ResourceConfig", "StoppingCondition", "RoleArn"})
COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "Equals": operator.eq,
    "GreaterThanOrEqualTo": operator.ge,
    "LessThanOrEqualTo": operator.le,
}
BRANCHES = ("IfSteps", "ElseSteps")
JOBS = {"Processing": processing, "Training": training, "Tuning": tuning}
TYPES: Mapping[str, tuple[type, ...]] = {"String": (str,), "Integer": (int,), "Float": (int, float), "Boolean": (bool,)}


class Refused(Exception):
    """The service does not even start such a run."""


class Ended(Exception):
    """A Fail step was reached."""


@dataclass(slots=True)
class Run:
    """What DescribePipelineExecution and ListPipelineExecutionSteps would say."""

    number: str
    status: str = "Executing"
    reason: str = ""
    steps: dict[str, str] = field(default_factory=dict)
    """Step → Succeeded, Failed, Cached; steps that were never reached are absent."""


@dataclass(frozen=True, slots=True)
class Walk:
    """One run of one definition."""

    run: Run
    facts: Facts
    machine: Machine
    registry: Registry
    cache: Cache
    skipped: set[str] = field(default_factory=set)
    """Steps of branches that were not taken, and whatever waits for one of them."""

    def go(self, steps: list[Step]) -> None:
        """All steps; the first one that fails ends the run."""
        try:
            self._all(steps)
            self.run.status = "Succeeded"
        except (JobFailed, Ended) as problem:
            self.run.status, self.run.reason = "Failed", str(problem)

    def _all(self, steps: list[Step]) -> None:
        waiting = list(steps)
        while waiting := [step for step in waiting if not self._skips(step)]:
            # Steps that nothing holds back start together: the last ones are as good as the first.
            ready = [step for step in waiting if self._free(step, waiting)]
            if not ready:
                raise Broken(f"nothing of {[step['Name'] for step in waiting]} can ever start")
            waiting.remove(ready[-1])
            waiting += self._done(ready[-1])

    def _skips(self, step: Step) -> bool:
        """Whether a step waits for one that is never run: then neither is this one, nor its branches."""
        skips = not self.skipped.isdisjoint(_before(step))
        if skips:
            self.skipped.update((step["Name"], *_inside(step)))
        return skips

    def _free(self, step: Step, waiting: list[Step]) -> bool:
        before = _before(step)
        unknown = before - {*self.run.steps, *(name for other in waiting for name in (other["Name"], *_inside(other)))}
        if unknown:
            raise Broken(f"{step['Name']} waits for {sorted(unknown)}, which this run never reaches")
        return before <= set(self.run.steps)

    def _done(self, step: Step) -> list[Step]:
        """What may start because this step is over: the branch that a condition takes."""
        name, kind = step["Name"], step["Type"]
        if kind == "Condition":
            held = all(self._holds(condition) for condition in step["Arguments"]["Conditions"])
            self.run.steps[name] = "Succeeded"
            taken, left = ("IfSteps", "ElseSteps") if held else ("ElseSteps", "IfSteps")
            self.skipped.update(inner["Name"] for inner in step["Arguments"][left])
            branch: list[Step] = step["Arguments"][taken]
            return branch
        asked = self.facts.filled(step["Arguments"])
        if kind == "Fail":
            self.run.steps[name] = "Failed"
            raise Ended(asked["ErrorMessage"])
        if kind == "RegisterModel":
            self._register(name, asked)
            return []
        self._job(step, asked)
        return []

    def _holds(self, condition: dict[str, Any]) -> bool:
        if condition["Type"] == "In":
            return self.facts.filled(condition["QueryValue"]) in condition["Values"]
        left, right = self.facts.filled(condition["LeftValue"]), condition["RightValue"]
        # The service compares what is of one type: true is no text, and no number either.
        if isinstance(left, bool) is not isinstance(right, bool) or isinstance(left, str) is not isinstance(right, str):
            raise Broken(f"{left!r} and {right!r} cannot be compared")
        return COMPARISONS[condition["Type"]](left, right)

    def _register(self, name: str, asked: dict[str, Any]) -> None:
        storage = self.machine.storage
        for container in asked["InferenceSpecification"]["Containers"]:
            assert storage.path(container["ModelDataUrl"]).is_file(), "a version without a model"
        for uri in _uris(asked.get("ModelMetrics", {})):
            assert storage.path(uri).exists(), f"a version with metrics that are not there: {uri}"
        self.facts.steps[name] = self.registry.register(asked)
        self.run.steps[name] = "Succeeded"

    def _job(self, step: Step, asked: dict[str, Any]) -> None:
        name, kind = step["Name"], step["Type"]
        key = _key(kind, name, asked) if step.get("CacheConfig", {}).get("Enabled") else None
        known = self.cache.get(key) if key else None
        try:
            made = known or JOBS[kind](self.machine, f"pipelines-{self.run.number}-{name}", asked)
        except JobFailed:
            self.run.steps[name] = "Failed"
            raise
        self.run.steps[name] = "Cached" if known else "Succeeded"
        if key:
            self.cache[key] = made
        self.facts.steps[name] = made
        for file in step.get("PropertyFiles", ()):
            places = {o["OutputName"]: o["S3Output"]["S3Uri"] for o in made["ProcessingOutputConfig"]["Outputs"]}
            self.facts.files[name, file["PropertyFileName"]] = f"{places[file['OutputName']]}/{file['FilePath']}"


def parameters(definition: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The value of every parameter of a run: what is given, of the declared type and among its values."""
    declared = {p["Name"]: p for p in definition.get("Parameters", ())}
    if strange := set(given) - set(declared):
        raise Refused(f"no parameter is called {sorted(strange)}")
    found = {name: given.get(name, p.get("DefaultValue")) for name, p in declared.items()}
    for name, value in found.items():
        asked = declared[name]
        if not isinstance(value, TYPES[asked["Type"]]) or (isinstance(value, bool) and asked["Type"] != "Boolean"):
            raise Refused(f"{name} is a {asked['Type']}, not {value!r}")
        if "EnumValues" in asked and value not in asked["EnumValues"]:
            raise Refused(f"{name} is one of {asked['EnumValues']}, not {value!r}")
    return found


def _before(step: Step) -> set[str]:
    """What a step waits for; a condition waits for what it asks, not for what its branches read."""
    own = {k: v for k, v in step["Arguments"].items() if k not in BRANCHES}
    return {*step.get("DependsOn", ()), *references(own)}


def _inside(step: Step) -> Iterator[str]:
    """The steps in the branches of a condition: none of them is a condition itself."""
    for branch in BRANCHES:
        yield from (inner["Name"] for inner in step["Arguments"].get(branch, ()))


def _uris(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("S3Uri"), str):
            yield node["S3Uri"]
        for value in node.values():
            yield from _uris(value)


def _key(kind: str, name: str, asked: Mapping[str, Any]) -> str:
    compared = {k: _kept(asked[k]) for k in COMPARED[kind] if k in asked}
    return hashlib.sha256(json.dumps([kind, name, compared], sort_keys=True).encode()).hexdigest()


def _kept(part: Any) -> Any:
    return {k: v for k, v in part.items() if k not in NOT_COMPARED} if isinstance(part, dict) else part
