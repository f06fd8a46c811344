"""A template beside the definitions of its folder: what one says of the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

from mlopsgen.targets.documents.document import Document, Path
from mlopsgen.targets.documents.jsontext import NotJson, read_json
from mlopsgen.targets.sagemaker.judge.definition import Definition
from mlopsgen.targets.sagemaker.judge.folder import Folder
from mlopsgen.targets.sagemaker.judge.template import Resource, Template

PIPELINE = "AWS::SageMaker::Pipeline"
BODY, LOCATION = "PipelineDefinitionBody", "PipelineDefinitionS3Location"


@dataclass(frozen=True)
class Stack:
    """One template with the folder around it."""

    template: Template
    folder: Folder
    definitions: tuple[Definition, ...]

    @cached_property
    def pipelines(self) -> tuple[Resource, ...]:
        """The pipelines that the template makes."""
        return tuple(self.template.of(PIPELINE))

    def location(self, pipeline: Resource) -> str | None:
        """The file name of a definition that lies in S3; None when it is embedded or unknown."""
        key = self.template.text(pipeline.get("PipelineDefinition", LOCATION, "Key"))
        return PurePosixPath(key).name if key else None

    def body(self, pipeline: Resource) -> Any:
        """The definition as the template embeds it: text, an object, or None."""
        found = pipeline.get("PipelineDefinition", BODY)
        return self.template.text(found) if isinstance(found, str | dict) else None

    def embedded(self, pipeline: Resource) -> Document | None:
        """The embedded definition, parsed; None when there is none or it is no JSON."""
        text = self.body(pipeline)
        if not isinstance(text, str):
            return None
        try:
            read = read_json(self.template.document.file, text)
        except NotJson:
            return None
        place: Path = pipeline.where("PipelineDefinition", BODY)
        document = self.template.document
        span = document.places.get(place, (0, 0))
        return Document(document.file, read.data, document.lines, {(): span}, read.repeated, size=read.size, holes=True)

    def definition_of(self, name: str) -> Definition | None:
        """The definition of a pipeline that the stack makes, found through its location or its body."""
        for pipeline in self.pipelines:
            if self.template.text({"Ref": pipeline.name}) != name:
                continue
            document = self.embedded(pipeline)
            if document is not None:
                return Definition(document)
            file = self.location(pipeline)
            return next((d for d in self.definitions if d.document.file == file), None)
        return None


def definitions_of(folder: Folder) -> tuple[Definition, ...]:
    """Every definition of the folder: files, and bodies inside templates that no file holds too."""
    files = tuple(Definition(d) for d in folder.definitions)
    inside: list[Definition] = []
    for stack in stacks(folder, files):
        embedded = (stack.embedded(p) for p in stack.pipelines)
        inside += [Definition(d) for d in embedded if d is not None and all(d.data != f.document.data for f in files)]
    return (*files, *inside)


def stacks(folder: Folder, definitions: tuple[Definition, ...]) -> Iterator[Stack]:
    """Every template of the folder."""
    for document in folder.templates:
        yield Stack(Template(document), folder, definitions)
