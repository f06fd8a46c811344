"""Walks the nodes of a pipeline job as the service does: each when what it reads is there; a failure ends it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .bundle import Broken, Emitted
from .machine import JobFailed, Machine
from .sweep import Draws, best_trial

PARENT = re.compile(r"\$\{\{parent\.(inputs|jobs)\.([A-Za-z_]\w*)(?:\.outputs\.([A-Za-z_]\w*))?\}\}")
HOLE = re.compile(r"\$\{\{(inputs|outputs)\.([A-Za-z_]\w*)\}\}")
FOLDERS = ("uri_folder", "custom_model")
SECONDS = 600


class Refused(Exception):
    """The service does not even start such a run."""


@dataclass(slots=True)
class Run:
    """What the studio shows of a run."""

    name: str
    status: str = "Running"
    reason: str = ""
    steps: dict[str, str] = field(default_factory=dict)
    """Node → Completed, Failed or Reused; nodes that were never started are absent."""
    outputs: dict[tuple[str, str], Path] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    given: dict[str, object] = field(default_factory=dict)
    """The inputs of the whole run, as it was submitted."""


@dataclass(frozen=True, slots=True)
class Walk:
    """One run of one pipeline job."""

    run: Run
    bundle: Emitted
    file: str
    inputs: Mapping[str, Any]
    """Values, and folders for data."""
    machine: Machine
    place: Path
    reused: dict[str, dict[str, Path]]
    draws: Draws

    def go(self, jobs: Mapping[str, Any]) -> None:
        """All nodes."""
        waiting = dict(jobs)
        unknown = {name for job in jobs.values() for name in _reads(job)} - set(jobs)
        if unknown:
            raise Broken(f"nobody is called {unknown}")
        for name, job in jobs.items():
            self._checked(name, job)
        try:
            while waiting:
                ready = [name for name, job in waiting.items() if _reads(job) <= set(self.run.steps)]
                if not ready:
                    raise Broken(f"nothing of {list(waiting)} can ever start")
                # Nodes that nothing holds back start together: the last one is as good as the first.
                self._node(ready[-1], waiting.pop(ready[-1]))
            self.run.status = "Completed"
        except JobFailed as problem:
            self.run.status, self.run.reason = "Failed", str(problem)

    def _checked(self, name: str, job: Mapping[str, Any]) -> None:
        """Values are looked at before anything starts."""
        component = self.bundle.read(job["trial" if job["type"] == "sweep" else "component"], self.file)
        for port, said in job.get("inputs", {}).items():
            declared = component.get("inputs", {}).get(port, {})
            found = PARENT.fullmatch(said) if isinstance(said, str) else None
            if declared.get("type") not in FOLDERS and (found is None or found[1] == "inputs"):
                self._bound(name, said, declared)

    def _node(self, name: str, job: Mapping[str, Any]) -> None:
        sweeps = job["type"] == "sweep"
        component = self.bundle.read(job["trial" if sweeps else "component"], self.file)
        searched = tuple(job.get("search_space", ()))
        given = self._given(name, job, component, searched)
        key = _key(component, job, given) if component.get("is_deterministic", True) else None
        if key and key in self.reused:
            self.run.steps[name] = "Reused"
            self._made(name, self.reused[key])
            return
        made = self._sweep(name, job, component, given) if sweeps else self._command(name, job, component, given)
        self.run.steps[name] = "Completed"
        self._made(name, made)
        if key:
            self.reused[key] = made

    def _made(self, name: str, made: Mapping[str, Path]) -> None:
        self.run.outputs |= {(name, port): folder for port, folder in made.items()}

    def _command(
        self, name: str, job: Mapping[str, Any], component: Mapping[str, Any], given: Mapping[str, Any]
    ) -> dict[str, Path]:
        made = self._folders(name, component)
        run_id = f"{self.run.name}-{name}"
        env = job.get("environment_variables", {})
        seconds = job.get("limits", {}).get("timeout", SECONDS)
        try:
            said = self.machine.run(run_id, self.run.name, filled(component["command"], given, made), env, seconds)
        except JobFailed:
            self.run.steps[name] = "Failed"
            raise
        self.run.said[name] = said
        return made

    def _sweep(
        self, name: str, job: Mapping[str, Any], component: Mapping[str, Any], given: Mapping[str, Any]
    ) -> dict[str, Path]:
        def trial(number: int, values: Mapping[str, str]) -> tuple[dict[str, float], dict[str, Path]]:
            made = self._folders(f"{name}/{number}", component)
            run_id = f"{self.run.name}-{name}-{number}"
            command = filled(component["command"], {**given, **values}, made)
            self.machine.run(run_id, self.run.name, command, {}, job["limits"].get("trial_timeout", SECONDS))
            return self.machine.metrics(run_id), made

        return best_trial(job, self.draws, trial)

    def _folders(self, name: str, component: Mapping[str, Any]) -> dict[str, Path]:
        made = {port: self.place / name / port for port in component.get("outputs", {})}
        for folder in made.values():
            folder.mkdir(parents=True)
        return made

    def _given(
        self, name: str, job: Mapping[str, Any], component: Mapping[str, Any], searched: tuple[str, ...]
    ) -> dict[str, Any]:
        declared = component.get("inputs", {})
        strange = {*job.get("inputs", {}), *searched} - set(declared)
        missing = set(declared) - {*job.get("inputs", {}), *searched}
        if strange or missing:
            raise Broken(f"{name}: no input is called {strange}, nobody gives {missing}")
        return {port: self._bound(name, said, declared[port]) for port, said in job.get("inputs", {}).items()}

    def _bound(self, name: str, said: Any, declared: Mapping[str, Any]) -> Any:
        found = PARENT.fullmatch(said) if isinstance(said, str) else None
        if found is None:
            value = said
        elif found[1] == "inputs":
            if found[2] not in self.inputs:
                raise Broken(f"{name}: the pipeline has no input {found[2]}")
            value = self.inputs[found[2]]
        else:
            value = self.run.outputs[found[2], found[3]]
        if declared["type"] in FOLDERS:
            return _mounted(name, value)
        return _typed(name, value, declared)


def _mounted(name: str, value: Any) -> str:
    """A folder with nothing in it is no folder of blob storage."""
    if not isinstance(value, Path):
        raise Broken(f"{name}: {value!r} is no folder")
    if not any(p.is_file() for p in value.rglob("*")):
        raise JobFailed(f"{name}: {value} holds nothing, so it cannot be mounted")
    return str(value)


def _typed(name: str, value: Any, declared: Mapping[str, Any]) -> str:
    """A literal as text, refused where its type, its bounds or its values say so."""
    if isinstance(value, bool | Path):
        raise Broken(f"{name}: {value!r} is not what the shell should read")
    text = str(value)
    kind = declared["type"]
    try:
        number = {"integer": int, "number": float}[kind](text) if kind != "string" else None
    except ValueError:
        raise Refused(f"{name}: {text} is no {kind}") from None
    if number is not None and not declared.get("min", number) <= number <= declared.get("max", number):
        raise Refused(f"{name}: {text} is out of bounds")
    if text not in declared.get("enum", [text]):
        raise Refused(f"{name}: {text} is none of {declared['enum']}")
    return text


def filled(command: str, given: Mapping[str, Any], made: Mapping[str, Path]) -> str:
    """The text of a command with every hole filled, as plain text."""

    def value(match: re.Match[str]) -> str:
        table: Mapping[str, Any] = given if match[1] == "inputs" else made
        if match[2] not in table:
            raise Broken(f"the command reads {match[0]}, which the component has not")
        return str(table[match[2]])

    text = HOLE.sub(value, command)
    if "${{" in text or "$[[" in text:
        raise Broken(f"an expression that nobody knows: {text}")
    return text


def _reads(job: Mapping[str, Any]) -> set[str]:
    return set(_jobs_in(job.get("inputs", {}).values()))


def _jobs_in(values: Any) -> Iterator[str]:
    for value in values:
        found = PARENT.fullmatch(value) if isinstance(value, str) else None
        if found and found[1] == "jobs":
            yield found[2]


def _key(component: Mapping[str, Any], job: Mapping[str, Any], given: Mapping[str, Any]) -> str:
    own = {name: job.get(name) for name in ("search_space", "limits", "environment_variables")}
    said = json.dumps([component, own, dict(given)], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()
