"""An account with nothing in it but one bundle: its buckets, its registry, its runs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .bundle import Emitted
from .container import Container
from .expressions import Facts
from .jobs import Machine
from .pipeline import Cache, Run, Walk, parameters
from .registry import Registry
from .search import Proposals, proposals
from .service import answering
from .storage import Storage

STARTED = "2026-11-21T08:00:00Z"


@dataclass(slots=True)
class World:
    """What outlives a run."""

    bundle: Emitted
    machine: Machine
    registry: Registry
    cache: Cache = field(default_factory=dict)
    runs: int = 0

    @property
    def storage(self) -> Storage:
        return self.machine.storage

    def start(self, **given: Any) -> Run:
        """A run of the pipeline, and whatever the stack starts when it has ended."""
        run = self._run("pipeline.json", given)
        for name, told in self._told(run):
            other = self._run(self._file(name), told)
            assert other.status == "Succeeded", other.reason
            run.steps |= other.steps
        return run

    def clock(self, deployment: str, time: str) -> Run:
        """What the stack's schedule of a batch deployment starts, for this time."""
        schedule = next(s for s in self._resources("AWS::Scheduler::Schedule") if s["Name"].endswith(f"-{deployment}"))
        told = json.loads(schedule["Target"]["Input"].replace("<aws.scheduler.scheduled-time>", time))
        given = {one["Name"]: one["Value"] for one in told["PipelineParameters"]}
        return self._run(self._file(told["PipelineName"]), given)

    def _run(self, file: str, given: Mapping[str, Any]) -> Run:
        definition = self.bundle.definition(file)
        self.runs += 1
        number = f"{self.runs:012}"
        run = Run(number)
        execution = {
            "PipelineExecutionId": number,
            "PipelineExecutionArn": f"{self._arn('Pipeline')}/execution/{number}",
            "StartDateTime": STARTED,
        }
        facts = Facts(self.storage, parameters(definition, given), execution)
        Walk(run, facts, self.machine, self.registry, self.cache).go(definition["Steps"])
        return run

    def _told(self, run: Run) -> Iterator[tuple[str, dict[str, Any]]]:
        """The pipelines that a rule of the stack starts now: their names, and the parameters they get."""
        event = {
            "source": "aws.sagemaker",
            "detail-type": "SageMaker Model Building Pipeline Execution Status Change",
            "detail": {
                "pipelineArn": self._arn("Pipeline"),
                "pipelineExecutionArn": f"{self._arn('Pipeline')}/execution/{run.number}",
                "currentPipelineExecutionStatus": run.status,
            },
        }
        for rule in self._resources("AWS::Events::Rule"):
            if matches(rule["EventPattern"], event):
                for target in rule["Targets"]:
                    listed = target.get("SageMakerPipelineParameters", {}).get("PipelineParameterList", [])
                    told = {p["Name"]: looked_up(p["Value"], event) for p in listed}
                    yield target["Arn"].rpartition("/")[2], told

    def _file(self, pipeline: str) -> str:
        """The definition that the stack gives a pipeline of this name."""
        found = next(p for p in self._resources("AWS::SageMaker::Pipeline") if p["PipelineName"] == pipeline)
        key: str = found["PipelineDefinition"]["PipelineDefinitionS3Location"]["Key"]["Fn::Sub"]
        return key.partition("}/")[2]

    def _arn(self, name: str) -> str:
        properties = self.bundle.stack["Resources"][name]["Properties"]
        return f"arn:aws:sagemaker:eu-west-1:123456789012:pipeline/{properties['PipelineName']}"

    def _resources(self, kind: str) -> list[dict[str, Any]]:
        return [r["Properties"] for r in self.bundle.stack["Resources"].values() if r["Type"] == kind]


def matches(pattern: Any, event: Any) -> bool:
    """Whether an event is one that a rule waits for; of patterns only lists of values are known here."""
    if isinstance(pattern, dict):
        return all(key in event and matches(inner, event[key]) for key, inner in pattern.items())
    return event in pattern


def looked_up(value: str, event: Mapping[str, Any]) -> Any:
    """A value of a rule's parameter: `$.…` is a path into the event."""
    found: Any = event
    if not value.startswith("$."):
        return value
    for key in value.removeprefix("$.").split("."):
        found = found[key]
    return found


@contextmanager
def submitted(bundle: Emitted, root: Path, container: Container, drawn: Proposals = proposals) -> Iterator[World]:
    """The bundle in an empty account: data uploaded, stack made, image built."""
    storage, registry = Storage(root / "s3"), Registry(root / "registry")
    for uri, path in bundle.uploads.items():
        storage.put(path, uri)
    for resource in bundle.stack["Resources"].values():
        if resource["Type"] == "AWS::SageMaker::ModelPackageGroup":
            (registry.root / resource["Properties"]["ModelPackageGroupName"]).mkdir(parents=True)
    with answering(storage, registry) as url:
        aws = {
            "AWS_ENDPOINT_URL": url,
            "AWS_ACCESS_KEY_ID": "nobody",
            "AWS_SECRET_ACCESS_KEY": "nothing",
            "NO_PROXY": "127.0.0.1",
        }
        machine = Machine(storage, bundle.image, container, root / "rooms", aws, drawn)
        yield World(bundle, machine, registry)
