"""What lies in the folder of a SageMaker bundle: definitions, templates, Dockerfiles, the manifest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.targets.documents.document import Document, Lines, Path
from mlopsgen.targets.documents.jsontext import NotJson, read_json
from mlopsgen.targets.documents.yamltext import NotYaml
from mlopsgen.targets.sagemaker.judge.yamltext import read_yaml

VERSION = "2020-12-01"
DEFINITION, TEMPLATE, MANIFEST = "pipeline.json", "stack.yaml", "manifest.json"


@dataclass(frozen=True, slots=True)
class Folder:
    """The parsed files of a bundle, and what could not be parsed."""

    root: FilePath
    definitions: tuple[Document, ...]
    templates: tuple[Document, ...]
    dockerfiles: tuple[Document, ...]
    manifest: Document | None
    broken: tuple[Diagnostic, ...]

    def has(self, name: str) -> bool:
        """Whether a file of this name lies in the folder."""
        return (self.root / name).is_file()

    @property
    def ours(self) -> bool:
        """Whether mlopsgen wrote this folder: then it must be complete."""
        return self.has(MANIFEST)


def read_folder(root: FilePath) -> Folder:
    """Every file that a judge reads, each parsed once."""
    documents: list[Document] = []
    broken: list[Diagnostic] = []
    for path in sorted(p for p in root.iterdir() if p.suffix in (".json", ".yaml", ".yml") and p.is_file()):
        found = _read(path)
        (documents if isinstance(found, Document) else broken).append(found)  # type: ignore[arg-type]
    manifest = next((d for d in documents if d.file == MANIFEST), None)
    return Folder(
        root=root,
        definitions=tuple(d for d in documents if _is_definition(d)),
        templates=tuple(d for d in documents if _is_template(d)),
        dockerfiles=tuple(_dockerfiles(root)),
        manifest=manifest,
        broken=tuple(broken),
    )


def _read(path: FilePath) -> Document | Diagnostic:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return _no_document(path, "", "not UTF-8", 0)
    try:
        return read_json(path.name, text) if path.suffix == ".json" else read_yaml(path.name, text)
    except (NotJson, NotYaml) as error:
        return _no_document(path, text, str(error), error.offset)


def _no_document(path: FilePath, text: str, why: str, offset: int) -> Diagnostic:
    kind = "JSON" if path.suffix == ".json" else "YAML"
    span = Lines.of(path.name, text).span(offset, offset)
    return Diagnostic("MG438", f"{path.name} is not {kind}: {why}", span=span)


def _is_definition(document: Document) -> bool:
    data = document.data
    if document.file == DEFINITION:
        return True
    return isinstance(data, dict) and (data.get("Version") == VERSION or {"Version", "Steps"} <= data.keys())


def _is_template(document: Document) -> bool:
    data = document.data
    if document.file == TEMPLATE:
        return True
    return isinstance(data, dict) and ("AWSTemplateFormatVersion" in data or _has_resources(data))


def _has_resources(data: dict[str, Any]) -> bool:
    resources = data.get("Resources")
    return isinstance(resources, dict) and any(isinstance(r, dict) and "Type" in r for r in resources.values())


def _dockerfiles(root: FilePath) -> Iterator[Document]:
    """Dockerfiles as a list of lines, so that findings have a place."""
    for path in sorted(root.rglob("Dockerfile*")):
        if not path.is_file() or path.is_symlink():
            continue
        name, text = path.relative_to(root).as_posix(), path.read_text(encoding="utf-8", errors="replace")
        places: dict[Path, tuple[int, int]] = {}
        offset = 0
        for i, line in enumerate(text.split("\n")):
            places[(i,)] = (offset, offset + len(line))
            offset += len(line) + 1
        yield Document(name, text.split("\n"), Lines.of(name, text), places, size=len(text))
