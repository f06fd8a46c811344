"""What lies in the folder of an Azure Machine Learning bundle, each file parsed once and known by its kind."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.targets.documents import Document, Lines, Unread, read_file
from mlopsgen.targets.documents.dockerfiles import dockerfiles

MANIFEST = "manifest.json"
PIPELINE, COMPONENT, ENVIRONMENT, DATA = "pipelineJob", "commandComponent", "environment", "data"
COMPUTE, SCHEDULE, TEMPLATE, OTHER = "amlCompute", "schedule", "deploymentTemplate", "other"
ENDPOINT, DEPLOYMENT, JOB = "managedOnlineEndpoint", "managedOnlineDeployment", "commandJob"
SCHEMAS = (PIPELINE, COMPONENT, ENVIRONMENT, DATA, COMPUTE, SCHEDULE, ENDPOINT, DEPLOYMENT, JOB)
_SCHEMA = re.compile(r"https?://[^\s]+/(?P<name>\w+)(?:\.schema)?\.json#?")
_COMPUTES = ("amlcompute", "computeinstance", "kubernetes", "virtualmachine", "synapsespark")
_KNOWN = {"computeInstance": COMPUTE, "kubernetesCompute": COMPUTE, "vmCompute": COMPUTE}


@dataclass(frozen=True, slots=True)
class Folder:
    """The parsed files of a bundle by kind, and what could not be parsed."""

    root: FilePath
    documents: tuple[tuple[str, Document], ...]
    dockerfiles: tuple[Document, ...]
    broken: tuple[Diagnostic, ...]

    def of(self, kind: str) -> tuple[Document, ...]:
        """Every file of a kind, in order."""
        return tuple(document for known, document in self.documents if known == kind)

    def has(self, name: str) -> bool:
        """Whether a file or folder of this name lies in the bundle."""
        try:
            return (self.root / name).exists()
        except OSError:  # longer than a name of a file can be
            return False

    def named(self, name: str) -> tuple[str, Document] | None:
        """The kind and the document of a file."""
        return next((entry for entry in self.documents if entry[1].file == name), None)

    def lead(self, document: Document, text: str) -> str | None:
        """The file of the bundle that a relative path in a document leads to; None outside of it."""
        here = posixpath.dirname(document.file)
        path = posixpath.normpath(posixpath.join(here, text.removeprefix("file:")))
        return None if path.startswith(("..", "/")) else path

    @property
    def ours(self) -> bool:
        """Whether mlopsgen wrote this folder: then it must be complete, and nothing may lie idle."""
        return self.has(MANIFEST)


def read_folder(root: FilePath) -> Folder:
    """Every file that a judge reads. What is copied into an image is its user's own and stays unread."""
    documents: list[tuple[str, Document]] = []
    broken: list[Diagnostic] = []
    images = [path.parent for path in root.rglob("Dockerfile*") if path.is_file()]
    for path in sorted(p for p in root.rglob("*") if p.suffix in (".json", ".yaml", ".yml") and p.is_file()):
        name = path.relative_to(root).as_posix()
        if name == MANIFEST or any(folder in path.parents for folder in images):
            continue
        document = _read(path, name)
        if isinstance(document, Diagnostic):
            broken.append(document)
        else:
            documents.append((_kind(document), document))
    return Folder(root, tuple(documents), tuple(dockerfiles(root)), tuple(broken))


def _read(path: FilePath, name: str) -> Document | Diagnostic:
    try:
        content = read_file(path, name)
    except Unread as wrong:
        return Diagnostic("MG438", str(wrong), span=wrong.span)
    if len(content) == 1 and content[0].data is not None:
        return content[0]
    message = f"{name} holds {'nothing' if len(content) < 2 else 'several documents'}, and must be one document"
    return Diagnostic("MG438", message, span=Lines.of(name, "").span(0, 0))


def schema_of(data: Any) -> str | None:
    """The last word of what a file says it is: `pipelineJob`."""
    schema = data.get("$schema") if isinstance(data, dict) else None
    match = _SCHEMA.fullmatch(schema) if isinstance(schema, str) else None
    return match["name"] if match else None


def _kind(document: Document) -> str:
    data = document.data
    schema = schema_of(data)
    if schema in SCHEMAS or schema == TEMPLATE:
        return schema
    if schema in _KNOWN:
        return _KNOWN[schema]
    return _guess(data) if isinstance(data, dict) else _in_folder(document.file)


def _guess(data: dict[str, Any]) -> str:
    """What a file without a schema is, by the keys that only one kind has."""
    kind = str(data.get("type", "")).lower()
    if isinstance(data.get("resources"), list) or "contentVersion" in data:
        return TEMPLATE
    if "trigger" in data:
        return SCHEDULE
    if "jobs" in data and kind in ("pipeline", "") and "on" not in data:
        return PIPELINE
    if kind in _COMPUTES:
        return COMPUTE
    if "command" in data and "environment" in data and "name" in data and "compute" not in data:
        return COMPONENT
    if kind in ("uri_file", "uri_folder", "mltable") and "path" in data:
        return DATA
    return ENVIRONMENT if "name" in data and ("image" in data or "build" in data) else OTHER


def _in_folder(name: str) -> str:
    """What a file that holds no map was meant to be."""
    folders = {"components": COMPONENT, "schedules": SCHEDULE, "compute": COMPUTE, "data": DATA}
    return folders.get(name.split("/", maxsplit=1)[0], OTHER)
