"""Request bodies of Vertex AI: files that are sent, and payloads of the launchers inside a pipeline."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mlopsgen.targets.documents import Document, Path, dig, items, maps
from mlopsgen.targets.ir.judge.folder import Folder, mapping
from mlopsgen.targets.ir.judge.program import Program, programs
from mlopsgen.targets.vertex.judge.messages import (
    BODIES,
    MESSAGES,
)

_HOLE = re.compile(r"\{\{\$[^{}]*\}\}")
_QUOTE = re.compile(r'(?<!\\)(?:\\\\)*"')
_SNAKE = re.compile(r"_([a-z0-9])")
FREE = {"labels", "parameterValues", "env"}


@dataclass(frozen=True, slots=True)
class Body:
    """One request, as a document whose places are those of the file that it stands in."""

    document: Document
    kind: str
    sent: bool = True
    """Whether it is a file that is sent; else it is an argument of a launcher."""

    @property
    def data(self) -> dict[str, Any]:
        """The top object, empty where the file holds something else."""
        return mapping(self.document.data)


@dataclass(frozen=True)
class Requests:
    """All requests of a bundle, with its pipelines."""

    folder: Folder

    @cached_property
    def programs(self) -> tuple[Program, ...]:
        """The pipelines."""
        return tuple(programs(self.folder.pipelines, self.folder.platforms))

    @cached_property
    def files(self) -> tuple[Body, ...]:
        """Requests that are files."""
        kinds_of = ((document, kind_of(document.data)) for document in self.folder.rest)
        return tuple(Body(document, kind) for document, kind in kinds_of if kind)

    @cached_property
    def all(self) -> tuple[Body, ...]:
        """Those, and what launchers are told to send."""
        return (*self.files, *(body for program in self.programs for body in payloads(program)))

    def jobs(self) -> Iterator[tuple[Document, Path, dict[str, Any]]]:
        """Every run that a file starts, itself or by a schedule."""
        for body in self.files:
            inner: Path = ("createPipelineJobRequest", "pipelineJob")
            if body.kind == "PipelineJob":
                yield body.document, (), body.data
            elif body.kind == "Schedule" and isinstance(dig(body.data, inner), dict):
                yield body.document, inner, dig(body.data, inner)

    def workers(self) -> Iterator[tuple[Document, Path, dict[str, Any]]]:
        """Every pool of machines."""
        for body in self.all:
            for key in ("jobSpec", "trialJobSpec"):
                for i, pool in maps(dig(body.data, (key, "workerPoolSpecs"))):
                    yield body.document, (key, "workerPoolSpecs", i), pool


def kind_of(data: Any) -> str:
    """Which request an object is: the one that most of its keys belong to; nothing where few do."""
    keys = set(mapping(data))
    scored = ((len(keys & {k.removesuffix("!") for k in MESSAGES[kind]}), kind) for kind in BODIES)
    # What all have says nothing about any.
    own = keys - {"displayName", "labels"}
    score, kind = max(scored, key=lambda pair: pair[0])
    return kind if own and score * 2 >= len(keys) else ""


def payloads(p: Program) -> Iterator[Body]:
    """What the launchers of google-cloud-pipeline-components are told to send; its holes stay open."""
    for _, path, container in p.containers():
        words = items(container.get("args"))
        positions = {
            word: i + 1 for i, word in enumerate(words) if word in ("--type", "--payload") and i + 1 < len(words)
        }
        kind = words[positions["--type"]] if "--type" in positions else None
        text = words[positions["--payload"]] if "--payload" in positions else None
        if kind in BODIES and isinstance(text, str):
            where = (*path, "args", positions["--payload"])
            yield Body(_inside(p.document, where, text), str(kind), sent=False)


def _inside(outer: Document, where: Path, text: str) -> Document:
    """A document in an argument: all its places are the argument's."""
    try:
        data = _camel(json.loads(_filled(text)))
    except ValueError:
        data = None
    return Document(outer.file, data, outer.lines, {(): outer.places.get(where, (0, 0))}, size=len(text))


def _filled(text: str) -> str:
    """The text as JSON: a hole inside quotes stays as it is, any other one becomes a number."""
    json_text, at = "", 0
    for hole in _HOLE.finditer(text):
        json_text += text[at : hole.start()]
        quoted = len(_QUOTE.findall(json_text)) % 2
        json_text += hole[0] if quoted else "1"
        at = hole.end()
    return json_text + text[at:]


def _camel(node: Any, key: str = "") -> Any:
    if isinstance(node, dict):
        free = key in FREE
        return {k if free else _SNAKE.sub(lambda m: m[1].upper(), k): _camel(v, _camel_key(k)) for k, v in node.items()}
    return [_camel(item) for item in node] if isinstance(node, list) else node


def _camel_key(key: str) -> str:
    return _SNAKE.sub(lambda m: m[1].upper(), key)
