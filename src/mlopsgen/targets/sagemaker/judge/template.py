"""A template of CloudFormation, and what it says of the definitions of its folder."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

from mlopsgen.targets.documents.document import Document, Path, dig
from mlopsgen.targets.documents.jsontext import NotJson, read_json
from mlopsgen.targets.sagemaker.judge.definition import Definition
from mlopsgen.targets.sagemaker.judge.folder import DEPLOYMENTS, Folder

_HOLE = re.compile(r"\$\{([^!}][^}]*)\}")


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource with its logical name."""

    name: str
    data: Mapping[str, Any]

    @property
    def path(self) -> Path:
        """Its path in the file."""
        return ("Resources", self.name)

    @property
    def type(self) -> str:
        """Its type, or nothing."""
        return str(self.data.get("Type", ""))

    def get(self, *path: str | int) -> Any:
        """A value inside its properties, None where there is none."""
        return dig(self.data.get("Properties"), path)

    def where(self, *path: str | int) -> Path:
        """The path in the file of something inside its properties."""
        return (*self.path, "Properties", *path)


@dataclass(frozen=True)
class Template:
    """A parsed template."""

    document: Document

    @cached_property
    def resources(self) -> tuple[Resource, ...]:
        """Every resource, in order."""
        members = dig(self.document.data, ("Resources",))
        return (
            tuple(Resource(k, v) for k, v in members.items() if isinstance(v, dict))
            if isinstance(members, dict)
            else ()
        )

    def of(self, *types: str) -> Iterator[Resource]:
        """The resources of these types."""
        return (r for r in self.resources if r.type in types)

    def resource(self, name: str) -> Resource | None:
        """The resource of this logical name."""
        return next((r for r in self.resources if r.name == name), None)

    def target(self, value: Any) -> Resource | None:
        """The resource that `Ref` or `Fn::GetAtt` names."""
        if isinstance(value, dict) and len(value) == 1:
            name = value.get("Ref") or value.get("Fn::GetAtt")
            name = name[0] if isinstance(name, list) and name else name
            return self.resource(str(name).split(".")[0]) if name else None
        return None

    def text(self, value: Any) -> str | None:
        """The text of a value, with `${…}` for what only the account knows; None when it is no text."""
        if isinstance(value, str):
            return value
        if isinstance(value, bool | int | float):
            return str(value)
        if not isinstance(value, dict) or len(value) != 1:
            return None
        key, inner = next(iter(value.items()))
        if key == "Fn::Sub":
            return self._substituted(inner)
        if key == "Fn::Join" and isinstance(inner, list) and len(inner) == 2 and isinstance(inner[1], list):
            parts = [self.text(v) for v in inner[1]]
            return None if None in parts else str(inner[0]).join(p or "" for p in parts)
        if key in ("Ref", "Fn::GetAtt"):
            return self._named(".".join(map(str, inner)) if isinstance(inner, list) else str(inner))
        return None

    def _substituted(self, inner: Any) -> str | None:
        text, own = (inner[0], inner[1]) if isinstance(inner, list) and len(inner) == 2 else (inner, {})
        if not isinstance(text, str) or not isinstance(own, dict):
            return None

        def fill(match: re.Match[str]) -> str:
            return self.text(own[match[1]]) or match[0] if match[1] in own else self._named(match[1])

        return _HOLE.sub(fill, text)

    def _named(self, name: str) -> str:
        """What a name stands for: a parameter's default, a resource's own name, an ARN; else `${name}`.

        A hole holds no colon (`${AWS.Region}`), so that ARNs can be cut at theirs.
        """
        default = dig(self.document.data, ("Parameters", name, "Default"))
        if isinstance(default, str):
            return default
        logical, _, attribute = name.partition(".")
        resource = self.resource(logical)
        own = self._own_name(resource) if resource and attribute in ("", *_NAME_ATTRIBUTES) else None
        if resource and attribute == "Arn" and resource.type == "AWS::IAM::Role":
            return (
                f"arn:${{AWS.Partition}}:iam::${{AWS.AccountId}}:role/{self._own_name(resource) or f'${{{logical}}}'}"
            )
        if resource and not attribute and resource.type in _REF_IS_AN_ARN:
            return f"${{{name}}}"
        return own or f"${{{name.replace('::', '.')}}}"

    def _own_name(self, resource: Resource) -> str | None:
        """The name that a resource gives itself, None when CloudFormation makes one up."""
        key = resource.type.rsplit("::", 1)[-1] + "Name"
        value = resource.get(key)
        return self.text(value) if value is not None else None


_NAME_ATTRIBUTES = ("ModelName", "EndpointName", "EndpointConfigName", "PipelineName", "ModelPackageGroupName")
_REF_IS_AN_ARN = ("AWS::SageMaker::ModelPackageGroup", "AWS::SageMaker::Model", "AWS::SageMaker::EndpointConfig")


def as_list(value: Any) -> list[Any]:
    """IAM and CloudFormation take one thing or a list of it."""
    return value if isinstance(value, list) else [] if value is None else [value]


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
        """The file of a definition that lies in S3; None when it is embedded or unknown."""
        key = self.template.text(pipeline.get("PipelineDefinition", LOCATION, "Key"))
        path = PurePosixPath(key) if key else None
        if path is None:
            return None
        return f"{DEPLOYMENTS}/{path.name}" if path.parent.name == DEPLOYMENTS else path.name

    def body(self, pipeline: Resource) -> Any:
        """The definition as the template embeds it: text, an object, or None."""
        content = pipeline.get("PipelineDefinition", BODY)
        return self.template.text(content) if isinstance(content, str | dict) else None

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
