"""A workspace with nothing in it but one bundle: its data, its models, its runs, and what events start."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .bundle import Broken, Emitted
from .machine import Machine, machine
from .pipeline import Refused, Run, Walk
from .sweep import Draws, no_draws

STORE = "azureml://datastores/workspaceblobstore/paths/"


@dataclass(slots=True)
class World:
    """What outlives a run."""

    bundle: Emitted
    machine: Machine
    place: Path
    data: dict[str, Path]
    """`azureml:<name>:<version>` → its folder."""
    draws: Draws = no_draws
    reused: dict[str, dict[str, Path]] = field(default_factory=dict)
    runs: dict[str, Run] = field(default_factory=dict)

    def start(self, settings: Mapping[str, Any] | None = None, **given: Any) -> Run:
        """`az ml job create --file pipeline.yml --set …`, and what its end starts."""
        run = self._run("pipeline.yml", {**(settings or {}), **{f"inputs.{name}": v for name, v in given.items()}})
        for file, told in self._told(run):
            other = self._run(file, told)
            assert other.status == "Completed", other.reason
            run.steps |= other.steps
            run.outputs |= other.outputs
        return run

    def submit(self, file: str, **given: Any) -> Run:
        """`az ml job create --file <file> --set …`: of a job that nothing waits for."""
        return self._run(file, {f"inputs.{name}": value for name, value in given.items()})

    def versions(self, model: str) -> list[dict[str, Any]]:
        folder = self.machine.azure / "models" / model / "versions"
        found = sorted(folder.glob("*/version.json"), key=lambda p: int(p.parent.name))
        return [json.loads(path.read_text()) for path in found]

    def champion(self, model: str) -> int | None:
        path = self.machine.azure / "models" / model / "champion.json"
        return int(json.loads(path.read_text())["version"]) if path.exists() else None

    def _run(self, file: str, settings: Mapping[str, Any]) -> Run:
        job = deepcopy(self.bundle.read(file))
        for address, value in settings.items():
            _set(job, address, value)
        name = f"run_{len(self.runs) + 1}"
        run = self.runs[name] = Run(name, tags=job.get("tags", {}), given=job.get("inputs", {}))
        inputs = {key: self._input(value) for key, value in job.get("inputs", {}).items()}
        Walk(run, self.bundle, file, inputs, self.machine, self.place / name, self.reused, self.draws).go(job["jobs"])
        return run

    def _input(self, said: Any) -> Any:
        if not isinstance(said, dict):
            return said
        if said["path"] not in self.data:
            raise Broken(f"the workspace has no {said['path']}")
        return self.data[said["path"]]

    def _told(self, run: Run) -> Iterator[tuple[str, dict[str, Any]]]:
        """The jobs that Event Grid and a Logic App start now: their files, and the inputs they get."""
        job = self.bundle.read("pipeline.yml")
        resources = self.bundle.template("events.json")["resources"]
        flows = {one["name"]: one for one in resources if one["type"] == "Microsoft.Logic/workflows"}
        event = {"Completed": "RunCompleted", "Failed": "RunStatusChanged"}[run.status]
        facts = {"data.experimentName": job["experiment_name"], "data.runType": "azureml.PipelineRun"}
        for one in resources:
            asked = one["properties"].get("filter", {}) if one["type"].endswith("/eventSubscriptions") else {}
            if f"Microsoft.MachineLearningServices.{event}" not in asked.get("includedEventTypes", ()):
                continue
            if all(facts[f["key"]] in f["values"] for f in asked["advancedFilters"]):
                (called,) = re.findall(
                    r"'([^']+)', 'event'", one["properties"]["destination"]["properties"]["endpointUrl"]
                )
                yield from self._started(flows[called], run)

    def _started(self, flow: Mapping[str, Any], run: Run) -> Iterator[tuple[str, dict[str, Any]]]:
        asked = flow["properties"]["definition"]["actions"]["start"]["actions"]["ours"]["expression"]
        ((tag, product),) = re.findall(r"\['tags'\]\?\['([^']+)'\], '([^']+)'", asked)
        if run.tags.get(tag) != product:
            return
        text = json.dumps(flow["properties"]["definition"])
        (name,) = re.findall(r"/schedules/([A-Za-z0-9-]+)\?", text)
        file, schedule = next((f, s) for f, s in self.bundle.all("schedules").items() if s["name"] == name)
        assert schedule["trigger"]["start_time"].startswith("2999"), "it would fire by itself"
        job = (self.bundle.folder / file).parent / schedule["create_job"]
        told: dict[str, Any] = {}
        for name, value in re.findall(r"'(\w+)', (addProperty|coalesce)\(", text):
            if value == "addProperty":
                told[f"inputs.{name}"] = run.name
            elif name in run.given:
                told[f"inputs.{name}"] = run.given[name]
        yield str(job.resolve().relative_to(self.bundle.folder.resolve())), told


def _set(job: dict[str, Any], address: str, value: Any) -> None:
    *way, last = address.split(".")
    at = job
    for key in way:
        at = at.get(key, {})
    if last not in at:
        raise Refused(f"there is no {address}")
    at[last] = value


def submitted(bundle: Emitted, place: Path, draws: Draws = no_draws) -> World:
    """The workspace after the commands of the README."""
    store = place / "store"
    for uri, path in bundle.uploads.items():
        assert uri.startswith(STORE), uri
        target = store / uri.removeprefix(STORE)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    data = {
        f"azureml:{one['name']}:{one['version']}": store / one["path"].removeprefix(STORE).rstrip("/")
        for one in bundle.all("data").values()
    }
    return World(bundle, machine(bundle, place), place / "runs", data, draws)
