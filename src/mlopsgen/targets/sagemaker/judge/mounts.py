"""Rules: a directory that a command names is one that the service fills or collects; a job has a machine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from mlopsgen.diagnostics import Diagnostic, Severity
from mlopsgen.targets.documents.document import Path, dig, items, maps, walk
from mlopsgen.targets.sagemaker.judge.definition import Definition, function
from mlopsgen.targets.sagemaker.judge.jobs import PROCESSING, trainings
from mlopsgen.targets.sagemaker.judge.rules import rule

_LOCAL = re.compile(r"/opt/ml/processing/[^\s\"',;:=]+")
_CHANNEL = re.compile(r"/opt/ml/input/data/([A-Za-z0-9][A-Za-z0-9._-]*)")
_WORDS = ("ContainerEntrypoint", "ContainerArguments")
_SEVERAL = ("InstanceGroups", "InstancePreferences", "InstanceConfigs", "TrainingPlanArn", "InstancePlacementConfig")


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Every written text of a command, those inside joins too."""
    for where, found in walk(value, path):
        if isinstance(found, str) and where[-1] not in ("Get", "On"):
            yield where, found


@rule("named-directories", 'developer guide, "How Amazon SageMaker Processing configures your container"')
def named_directories(d: Definition) -> Iterator[Diagnostic]:
    """A command names no directory under /opt/ml/processing that is neither an input nor an output."""
    for step in d.of(*PROCESSING):
        places = [*items(step.get("ProcessingInputs")), *items(step.get("ProcessingOutputConfig", "Outputs"))]
        locals_ = [PurePosixPath(v) for p, v in walk(places) if p and p[-1] == "LocalPath" and isinstance(v, str)]
        for word in _WORDS:
            where = ("Arguments", "AppSpecification", word)
            for path, text in _texts(step.get(*where[1:]), step.where(*where)):
                for named in map(PurePosixPath, _LOCAL.findall(text)):
                    if not any(named.is_relative_to(here) or here.is_relative_to(named) for here in locals_):
                        message = f"`{named}` is neither an input nor an output of this step"
                        yield d.document.finding("MG434", message, path, severity=Severity.WARNING)


@rule("named-channels", 'developer guide, "How Amazon SageMaker provides training information"')
def named_channels(d: Definition) -> Iterator[Diagnostic]:
    """A training command names no directory under /opt/ml/input/data that is not a channel."""
    for _, path, job in trainings(d):
        channels = {str(c.get("ChannelName")) for _, c in maps(job.get("InputDataConfig"))}
        places = [("AlgorithmSpecification", word) for word in _WORDS] + [
            ("HyperParameters",),
            ("StaticHyperParameters",),
        ]
        for place in places:
            for where, text in _texts(dig(job, place), (*path, *place)):
                for name in _CHANNEL.findall(text):
                    # In pipe mode a channel is read as name_0, name_1, …
                    if name not in channels and re.sub(r"_\d+$", "", name) not in channels:
                        message = f"there is no channel `{name}`"
                        yield d.document.finding("MG434", message, where, severity=Severity.WARNING)


@rule("machines", "CreateProcessingJob and CreateTrainingJob API reference: a type and a number, or a list of choices")
def machines(d: Definition) -> Iterator[Diagnostic]:
    """A job says on what machines it runs, and on how many."""
    found = [(s.where("Arguments"), s.arguments, ("ProcessingResources", "ClusterConfig")) for s in d.of(*PROCESSING)]
    jobs: list[tuple[Path, dict[str, Any], Path]] = [
        *found,
        *((p, job, ("ResourceConfig",)) for _, p, job in trainings(d)),
    ]
    for path, job, place in jobs:
        config = dig(job, place)
        if not isinstance(config, dict) or function(config) or any(key in config for key in _SEVERAL):
            continue
        for key in ("InstanceType", "InstanceCount"):
            if key not in config:
                yield d.document.finding("MG432", f"needs `{key}`", (*path, *place))
