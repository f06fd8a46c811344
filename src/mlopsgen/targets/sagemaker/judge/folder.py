"""What lies in the folder of a SageMaker bundle: definitions, templates, Dockerfiles, and the region they are for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any, NoReturn

import yaml

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.targets.documents.dockerfiles import dockerfiles
from mlopsgen.targets.documents.document import Document, Lines, Path, walk
from mlopsgen.targets.documents.jsontext import NotJson, read_json
from mlopsgen.targets.documents.yamltext import DEPTH, NotYaml, Reader, start_of

_AS_THEY_ARE = ("Ref", "Condition")


def read_yaml(file: str, text: str) -> Document:
    """The document, or NotYaml with the offset where it breaks."""
    whole = Document(file, None, Lines.of(file, text), {}, size=len(text))
    for number, document in enumerate(_Template(text).documents(file)):
        if number:
            raise NotYaml("a template is one document", document.places[()][0])
        whole = document
    return whole


class _Template(Reader):
    """Knows the short forms of CloudFormation's functions."""

    def value(self, event: Any, path: Path) -> Any:
        if isinstance(event, yaml.AliasEvent):
            return self.alias(event, path)
        short = event.tag[1:] if event.tag and event.tag.startswith("!") and len(event.tag) > 1 else None
        if short is None:
            return super().value(event, path)
        if len(path) > DEPTH:
            raise NotYaml(f"nested deeper than {DEPTH}", start_of(event))
        key = short if short in _AS_THEY_ARE else f"Fn::{short}"
        value, end = self.untagged(event, (*path, key))
        self.places[path] = self.places[(*path, key)] = (start_of(event), end)
        return {key: value.split(".", 1) if short == "GetAtt" and isinstance(value, str) else value}

    def scalar(self, event: Any) -> Any:
        """A word; what a function is given stays text."""
        return event.value if event.tag and event.tag.startswith("!") else super().scalar(event)

    def alias(self, event: Any, path: Path) -> NoReturn:  # noqa: ARG002 — as the reader of any YAML has it
        """Refused: expanding them could take for ever, and CloudFormation does not read them either."""
        raise NotYaml("CloudFormation knows no aliases", start_of(event))


VERSION = "2020-12-01"
DEFINITION, TEMPLATE, MANIFEST = "pipeline.json", "stack.yaml", "manifest.json"
DEPLOYMENTS = "deployments"
"""The folder of definitions that score."""


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
    read = (*root.iterdir(), *(root / DEPLOYMENTS).glob("*"))
    for path in sorted(p for p in read if p.suffix in (".json", ".yaml", ".yml") and p.is_file()):
        content = read_file(path, path.relative_to(root).as_posix())
        (documents if isinstance(content, Document) else broken).append(content)  # type: ignore[arg-type]
    manifest = next((d for d in documents if d.file == MANIFEST), None)
    return Folder(
        root=root,
        definitions=tuple(d for d in documents if _is_definition(d)),
        templates=tuple(d for d in documents if _is_template(d)),
        dockerfiles=tuple(dockerfiles(root)),
        manifest=manifest,
        broken=tuple(broken),
    )


def read_file(path: FilePath, name: str) -> Document | Diagnostic:
    """What a file holds, or why it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return _no_document(name, "", "not UTF-8", 0)
    try:
        return read_json(name, text) if name.endswith(".json") else read_yaml(name, text)
    except (NotJson, NotYaml) as error:
        return _no_document(name, text, str(error), error.offset)


def _no_document(name: str, text: str, why: str, offset: int) -> Diagnostic:
    kind = "JSON" if name.endswith(".json") else "YAML"
    span = Lines.of(name, text).span(offset, offset)
    return Diagnostic("MG438", f"{name} is not {kind}: {why}", span=span)


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


_IN_NAMES = re.compile(
    r"\d{12}\.dkr\.ecr(?:-fips)?\.([a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com"
    r"|arn:aws[a-z-]*:(?:kms|sagemaker|lambda|ecr|logs|sns|sqs|secretsmanager):([a-z]{2}(?:-[a-z]+)+-\d):"
)


def regions(document: Document) -> Iterator[tuple[Path, str]]:
    """Every region that a text of this file names, with its place."""
    for path, value in walk(document.data):
        if isinstance(value, str):
            for match in _IN_NAMES.finditer(value):
                yield path, match[1] or match[2]


def region_of(folder: Folder) -> str | None:
    """The region named most often in the folder, None when none is."""
    named = Counter(r for d in (*folder.definitions, *folder.templates) for _, r in regions(d))
    return named.most_common(1)[0][0] if named else None
