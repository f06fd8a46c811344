"""Conditions of a pipeline, as the driver of Kubeflow Pipelines answers them: cel-go over its message ExecutorInput.

The judge is its backend/src/v2/expression over the messages of the kfp that judges bundles.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mlopsgen.targets.ir.judge import kfp_itself
from tests.judges import answers
from tests.targets.judging.outside import of_judge

_DESCRIPTORS = """
import sys
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from kfp.pipeline_spec import pipeline_spec_pb2
files = FileDescriptorSet()
def add(file):
    for other in file.dependencies:
        add(other)
    if file.name not in [one.name for one in files.file]:
        file.CopyToProto(files.file.add())
add(pipeline_spec_pb2.DESCRIPTOR)
sys.stdout.buffer.write(files.SerializeToString())
"""


@cache
def descriptors() -> bytes:
    """The messages of a pipeline, out of the judge's kfp."""
    kfp = of_judge(kfp_itself())
    missing = kfp.prepare(lambda _: None)
    assert missing is None, missing.message
    return subprocess.run([str(kfp.python), "-I", "-c", _DESCRIPTORS], capture_output=True, check=True).stdout


def evaluated(questions: Iterable[tuple[str, Mapping[str, Any]]]) -> list[bool | str]:
    """What each condition says of the values of its params; a text where the driver would break off, and why."""
    asked = [{"condition": text, "inputs": {"parameterValues": values}} for text, values in questions]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "descriptors"
        path.write_bytes(descriptors())
        said = answers("cel", asked, str(path))
    return [answer["error"] if "error" in answer else answer["value"] for answer in said]
