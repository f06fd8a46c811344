"""Processing, training and tuning jobs: what the service lays out, starts, and takes away again."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .bundle import Image
from .container import ML, Container, Ended
from .search import Proposals
from .storage import Storage

REGION = "eu-west-1"


class JobFailed(Exception):
    """A container ended with an error; the text is what the service shows as the reason."""


@dataclass(frozen=True, slots=True)
class Machine:
    """Where jobs run: the buckets, the image, a folder for each container."""

    storage: Storage
    image: Image
    container: Container
    rooms: Path
    environment: Mapping[str, str]
    drawn: Proposals

    def room(self, job: str) -> Path:
        """A new /opt/ml."""
        made = self.rooms / job
        made.mkdir(parents=True)
        return made

    def start(self, ml: Path, argv: Sequence[str], own: Mapping[str, str], limits: Mapping[str, int]) -> Ended:
        known = {**self.environment, "AWS_REGION": REGION}
        return self.container.run(self.image, ml, argv, {**known, **own}, limits["MaxRuntimeInSeconds"])


def processing(machine: Machine, name: str, asked: dict[str, Any]) -> dict[str, Any]:
    """A Processing job; what it returns is what DescribeProcessingJob would."""
    ml = machine.room(name)
    for given in asked.get("ProcessingInputs", ()):
        machine.storage.download(given["S3Input"]["S3Uri"], inside(ml, given["S3Input"]["LocalPath"]))
    outputs = asked.get("ProcessingOutputConfig", {}).get("Outputs", [])
    for output in outputs:
        inside(ml, output["S3Output"]["LocalPath"]).mkdir(parents=True)
    (ml / "output").mkdir()
    config(ml / "config", "processingjobconfig", asked)
    config(ml / "config", "resourceconfig", {"current_host": "algo-1", "hosts": ["algo-1"]})
    app = asked["AppSpecification"]
    argv = [*app["ContainerEntrypoint"], *app.get("ContainerArguments", ())]
    ended = machine.start(ml, argv, asked.get("Environment", {}), asked["StoppingCondition"])
    check(ended, ml / "output/message")
    for output in outputs:
        machine.storage.upload(inside(ml, output["S3Output"]["LocalPath"]), output["S3Output"]["S3Uri"])
    return {**asked, "ProcessingJobName": name}


def training(machine: Machine, name: str, asked: dict[str, Any]) -> dict[str, Any]:
    """A Training job, and each trial of a search."""
    ml = machine.room(name)
    for channel in asked.get("InputDataConfig", ()):
        uri = channel["DataSource"]["S3DataSource"]["S3Uri"]
        machine.storage.download(uri, ml / "input/data" / channel["ChannelName"])
    for folder in ("model", "output"):
        (ml / folder).mkdir()
    config(ml / "input/config", "hyperparameters", asked.get("HyperParameters", {}))
    config(ml / "input/config", "inputdataconfig", {c["ChannelName"]: {} for c in asked.get("InputDataConfig", ())})
    config(ml / "input/config", "resourceconfig", {"current_host": "algo-1", "hosts": ["algo-1"]})
    algorithm = asked["AlgorithmSpecification"]
    # Without a command of its own, a training image is started with the one word `train`.
    own = (*algorithm.get("ContainerEntrypoint", ()), *algorithm.get("ContainerArguments", ()))
    argv = own or (*machine.image.entrypoint, "train")
    ended = machine.start(ml, argv, asked.get("Environment", {}), asked["StoppingCondition"])
    check(ended, ml / "output/failure")
    place = f"{asked['OutputDataConfig']['S3OutputPath']}/{name}/output"
    machine.storage.pack(ml / "model", f"{place}/model.tar.gz")
    if (ml / "output/data").is_dir():
        machine.storage.pack(ml / "output/data", f"{place}/output.tar.gz")
    return {
        **asked,
        "TrainingJobName": name,
        "ModelArtifacts": {"S3ModelArtifacts": f"{place}/model.tar.gz"},
        "FinalMetricDataList": measured(algorithm.get("MetricDefinitions", ()), ended.stdout),
    }


def tuning(machine: Machine, name: str, asked: dict[str, Any]) -> dict[str, Any]:
    """A search: every trial is a training; the best by the objective wins, failed ones are left out."""
    config_, job = asked["HyperParameterTuningJobConfig"], asked["TrainingJobDefinition"]
    objective = config_["HyperParameterTuningJobObjective"]
    trials = []
    for number, proposed in enumerate(machine.drawn(config_), 1):
        told = {"_tuning_objective_metric": objective["MetricName"]}
        hyperparameters = {**job["StaticHyperParameters"], **proposed, **told}
        trial = {k: v for k, v in job.items() if k != "StaticHyperParameters"} | {"HyperParameters": hyperparameters}
        try:
            made = training(machine, f"{name}-{number:03}", trial)
        except JobFailed:
            continue
        trials.append((made["FinalMetricDataList"].get(objective["MetricName"]), made, proposed))
    scored = [(value, made, proposed) for value, made, proposed in trials if value is not None]
    if not scored:
        raise JobFailed("no trial printed the objective")
    pick = max if objective["Type"] == "Maximize" else min
    _, best, tuned = pick(scored, key=lambda trial: trial[0])
    found = {"TrainingJobName": best["TrainingJobName"], "TunedHyperParameters": tuned}
    return {**asked, "BestTrainingJob": found, "Trials": len(trials)}


def inside(ml: Path, path: str) -> Path:
    """The place of a container's path on this machine."""
    assert path.startswith(f"{ML}/"), f"{path} would be lost with the container"
    return ml / path.removeprefix(f"{ML}/")


def config(folder: Path, name: str, content: Any) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(content))


def check(ended: Ended, reason: Path) -> None:
    if ended.code:
        said = reason.read_text() if reason.is_file() else f"exit code {ended.code}"
        raise JobFailed(said if said.strip() else ended.stderr[-500:])


def measured(definitions: Sequence[Mapping[str, str]], printed: str) -> dict[str, float]:
    """The last value that each expression finds in what a job printed, line by line."""
    found = {}
    for metric in definitions:
        values = [m[1] for line in printed.splitlines() for m in re.finditer(metric["Regex"], line)]
        if values:
            found[metric["Name"]] = float(values[-1])
    return found
