"""Rule: nothing that opens a door is written into a file. The value itself is never shown."""

from __future__ import annotations

from collections.abc import Iterator

from mlopsgen.credentials import find_credential, suspects
from mlopsgen.diagnostics import Diagnostic
from mlopsgen.targets.documents.document import Document, Path, walk
from mlopsgen.targets.sagemaker.judge.folder import Folder
from mlopsgen.targets.sagemaker.judge.rules import rule


@rule("secrets", "developer guide, Pipelines: every field is shown by DescribePipeline")
def secrets(folder: Folder) -> Iterator[Diagnostic]:
    """No key, token or password stands in a definition, template or Dockerfile."""
    for document in (*folder.definitions, *folder.templates, *folder.dockerfiles):
        texts = tuple(_texts(document))
        formats = suspects("\n".join(text for _, text in texts))
        for path, text in texts:
            kind = find_credential(text, formats)
            if kind:
                hint = "name a secret of Secrets Manager; this one is known now, so replace it"
                yield document.finding("MG433", f"this looks like {kind}", path, hint)


def _texts(document: Document) -> Iterator[tuple[Path, str]]:
    for path, value in walk(document.data):
        if isinstance(value, str):
            yield path, value
        if path and isinstance(path[-1], str):
            yield path, path[-1]
