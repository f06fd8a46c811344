"""Rules: private network and encryption hold for every step of a pipeline, or for none."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from mlopsgen.diagnostics import Diagnostic, Severity
from mlopsgen.targets.documents.document import Path, dig
from mlopsgen.targets.sagemaker.judge.definition import Definition
from mlopsgen.targets.sagemaker.judge.jobs import PROCESSING, trainings
from mlopsgen.targets.sagemaker.judge.rules import rule


def _jobs(d: Definition) -> Iterator[tuple[Path, dict[str, Any], Path, Path, Path]]:
    """Every job with the places of its network, its output key and its disk key."""
    for step in d.of(*PROCESSING):
        disk = ("ProcessingResources", "ClusterConfig", "VolumeKmsKeyId")
        where = step.where("Arguments")
        yield where, step.arguments, ("NetworkConfig", "VpcConfig"), ("ProcessingOutputConfig", "KmsKeyId"), disk
    for _, path, job in trainings(d):
        yield path, job, ("VpcConfig",), ("OutputDataConfig", "KmsKeyId"), ("ResourceConfig", "VolumeKmsKeyId")


@rule("whole-network", "a network that one step leaves protects nothing")
def whole_network(d: Definition) -> Iterator[Diagnostic]:
    """All jobs are in the same private network, or none is."""
    found = [(path, dig(job, vpc)) for path, job, vpc, _, _ in _jobs(d)]
    yield from _uneven(d, found, "the private network", "VpcConfig")


@rule("whole-encryption", "a key that one output does without protects nothing")
def whole_encryption(d: Definition) -> Iterator[Diagnostic]:
    """All outputs are encrypted with a key of the customer, or none is."""
    written = [(p, job, out) for p, job, _, out, _ in _jobs(d) if isinstance(dig(job, out[:1]), dict)]
    outputs = [(path, dig(job, out)) for path, job, out in written if _writes(job, out)]
    yield from _uneven(d, outputs, "the key of the outputs", "KmsKeyId")
    disks = [(path, dig(job, disk)) for path, job, _, _, disk in _jobs(d)]
    yield from _uneven(d, disks, "the key of the disks", "VolumeKmsKeyId")


def _writes(job: dict[str, Any], out: Path) -> bool:
    return out[0] != "ProcessingOutputConfig" or bool(dig(job, ("ProcessingOutputConfig", "Outputs")))


def _uneven(d: Definition, found: list[tuple[Path, Any]], what: str, key: str) -> Iterator[Diagnostic]:
    given = Counter(json.dumps(value, sort_keys=True) for _, value in found if value)
    usual = given.most_common(1)[0][0] if given else None
    for path, value in found:
        if usual is not None and json.dumps(value, sort_keys=True) != usual:
            does = "has another of" if value else "does without"
            message = f"this job {does} {what} that the others have (`{key}`)"
            yield d.document.finding("MG433", message, path, severity=Severity.WARNING)


@rule("network-parts", "CreateTrainingJob API reference, EnableInterContainerTrafficEncryption")
def network_parts(d: Definition) -> Iterator[Diagnostic]:
    """A network has subnets and security groups of the right form."""
    for path, job, vpc, _, _ in _jobs(d):
        found = dig(job, vpc)
        for key, prefix in (("Subnets", "subnet-"), ("SecurityGroupIds", "sg-")):
            values = found.get(key) if isinstance(found, dict) else None
            for i, value in enumerate(values if isinstance(values, list) else ()):
                if isinstance(value, str) and not value.startswith(prefix):
                    yield d.document.finding("MG433", f"`{value}` is none: `{prefix}…`", (*path, *vpc, key, i))
            if values == []:
                yield d.document.finding("MG433", f"`{key}` is empty", (*path, *vpc, key))
