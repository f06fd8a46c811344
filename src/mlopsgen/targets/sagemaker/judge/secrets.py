"""Rule: nothing that opens a door is written into a file."""

from __future__ import annotations

from collections.abc import Iterator

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.targets.documents.secrets import judge_secrets
from mlopsgen.targets.rules import rule
from mlopsgen.targets.sagemaker.judge.folder import Folder


@rule("secrets", "developer guide, Pipelines: every field is shown by DescribePipeline")
def secrets(folder: Folder) -> Iterator[Diagnostic]:
    """No key, token or password stands in a definition, template or Dockerfile."""
    yield from judge_secrets((*folder.definitions, *folder.templates, *folder.dockerfiles), kept_in="Secrets Manager")
