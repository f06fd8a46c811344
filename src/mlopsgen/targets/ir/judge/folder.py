"""What lies in the folder of a bundle, sorted by what it says of itself, not by the names of its files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path as FilePath
from typing import Any

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.targets.documents import Document, Unread, read_file
from mlopsgen.targets.documents.dockerfiles import dockerfiles

MANIFEST = "manifest.json"
IMAGE = "image"
"""What goes into the image is the user's own: of it, judges read the Dockerfile alone."""


@dataclass(frozen=True)
class Folder:
    """The parsed files of a bundle, and what could not be parsed."""

    root: FilePath
    documents: tuple[Document, ...]
    dockerfiles: tuple[Document, ...]
    texts: dict[str, str]
    """Markdown, by name."""
    broken: tuple[Diagnostic, ...]

    @property
    def ours(self) -> bool:
        """Whether mlopsgen wrote this folder: then it must be complete."""
        return (self.root / MANIFEST).is_file()

    @cached_property
    def pipelines(self) -> tuple[Document, ...]:
        """IR documents."""
        return tuple(d for d in self.documents if _keys(d) & {"pipelineInfo", "deploymentSpec", "root", "components"})

    @cached_property
    def platforms(self) -> tuple[Document, ...]:
        """Documents that stand beside an IR document and say what a platform does for it."""
        return tuple(d for d in self.documents if d not in self.pipelines and self._beside_pipeline(d))

    def _beside_pipeline(self, document: Document) -> bool:
        return "platforms" in _keys(document) or any(document.file == p.file for p in self.pipelines)

    @cached_property
    def objects(self) -> tuple[Document, ...]:
        """Objects of Kubernetes: all that says a kind or an API, or stands beside one that does."""
        manifests = [d for d in self.documents if _keys(d) & {"apiVersion", "kind"} and d not in self.pipelines]
        files = {d.file for d in manifests}
        return tuple(d for d in self.documents if d.file in files and d not in self.pipelines)

    @cached_property
    def terraform(self) -> tuple[Document, ...]:
        """Terraform's JSON."""
        return tuple(d for d in self.documents if d.file.endswith(".tf.json"))

    @cached_property
    def rest(self) -> tuple[Document, ...]:
        """JSON that is none of these: request bodies."""
        taken = (*self.pipelines, *self.platforms, *self.objects, *self.terraform)
        return tuple(d for d in self.documents if d.file.endswith(".json") and d not in taken)


def _keys(document: Document) -> set[str]:
    return set(document.data) if isinstance(document.data, dict) else set()


def read_folder(root: FilePath) -> Folder:
    """Every file that a judge reads, each parsed once."""
    documents: list[Document] = []
    broken: list[Diagnostic] = []
    for name in _names(root, (".json", ".yaml", ".yml")):
        if name == MANIFEST:
            continue
        try:
            documents += read_file(root / name, name)
        except Unread as wrong:
            broken.append(Diagnostic("MG438", str(wrong), span=wrong.span))
    texts = {name: (root / name).read_text(encoding="utf-8", errors="replace") for name in _names(root, (".md",))}
    return Folder(root, tuple(documents), tuple(dockerfiles(root)), texts, tuple(broken))


def _names(root: FilePath, suffixes: Iterable[str]) -> Iterator[str]:
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root)
        if path.suffix in suffixes and path.is_file() and not path.is_symlink() and name.parts[0] != IMAGE:
            yield name.as_posix()


def repeated(document: Document) -> Iterator[Diagnostic]:
    """Keys that stand twice in one object: readers take the last one and say nothing."""
    for path in document.repeated:
        yield document.finding("MG436", f"`{path[-1]}` stands twice in one object", path)


def mapping(value: Any) -> dict[str, Any]:
    """A value as an object, empty where it is something else."""
    return value if isinstance(value, dict) else {}


def words(value: Any) -> list[str]:
    """The texts of a list; nothing of what is no list."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
