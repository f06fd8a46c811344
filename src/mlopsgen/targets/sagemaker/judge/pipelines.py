"""Rules for a template and the definitions beside it: they are about the same pipeline."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.targets.documents.document import Document
from mlopsgen.targets.documents.jsontext import NotJson, read_json
from mlopsgen.targets.rules import rule
from mlopsgen.targets.sagemaker.judge.folder import DEFINITION
from mlopsgen.targets.sagemaker.judge.frame import NAME
from mlopsgen.targets.sagemaker.judge.template import BODY, LOCATION, Resource, Stack

_GROUP = "AWS::SageMaker::ModelPackageGroup"
_CFN = "CloudFormation template reference, AWS::SageMaker::Pipeline"


@rule("definition-there", _CFN + ", PipelineDefinition")
def definition_there(s: Stack) -> Iterator[Diagnostic]:
    """A pipeline has one definition: embedded, or a file of this folder that is uploaded."""
    for pipeline in s.pipelines:
        body, path = pipeline.get("PipelineDefinition"), pipeline.where("PipelineDefinition")
        if body is None:
            yield s.template.document.finding("MG432", "a pipeline needs `PipelineDefinition`", pipeline.path)
        elif isinstance(body, dict) and (BODY in body) == (LOCATION in body):
            message = f"a pipeline needs one of `{BODY}` and `{LOCATION}`"
            yield s.template.document.finding("MG432", message, path)
        else:
            file = s.location(pipeline)
            known = {d.document.file for d in s.definitions}
            if file and (known or s.folder.ours) and file not in known and not s.folder.has(file):
                message = f"the definition `{file}` is not in this folder"
                yield s.template.document.finding("MG444", message, (*path, LOCATION, "Key"))


@rule("definition-embedded", _CFN + ", PipelineDefinitionBody: the definition as JSON text")
def definition_embedded(s: Stack) -> Iterator[Diagnostic]:
    """An embedded definition is JSON, and the same as the file beside it."""
    for pipeline in s.pipelines:
        body, path = s.body(pipeline), pipeline.where("PipelineDefinition", BODY)
        if not isinstance(body, str):
            continue
        try:
            data = read_json(s.template.document.file, body).data
        except NotJson as error:
            yield s.template.document.finding("MG438", f"the embedded definition is not JSON: {error}", path)
            continue
        files = [d for d in s.folder.definitions if s.folder.ours or (len(s.pipelines) == 1 and d.file == DEFINITION)]
        if files and not any(_same(data, d) for d in files) and "${" not in body:
            message = f"the embedded definition is not that of {' or '.join(d.file for d in files)}"
            yield s.template.document.finding("MG433", message, path)


def _same(data: Any, document: Document) -> bool:
    return bool(data == document.data)


@rule("package-groups", 'developer guide, "Register model step"; names of groups are unique per account and region')
def package_groups(s: Stack) -> Iterator[Diagnostic]:
    """A pipeline that the stack makes registers into a group that the stack makes, if it makes any or is ours."""
    t = s.template
    names = {t.text(g.get("ModelPackageGroupName")) for g in t.of(_GROUP)}
    for pipeline in s.pipelines:
        definition = s.definition_of(t.text({"Ref": pipeline.name}) or "")
        for step in definition.of("RegisterModel") if definition else ():
            group = step.get("ModelPackageGroupName")
            literal = isinstance(group, str) and "${" not in group
            if definition and literal and group not in names and (names or s.folder.ours):
                path = step.where("Arguments", "ModelPackageGroupName")
                yield definition.document.finding("MG434", f"{t.document.file} makes no group `{group}`", path)


@rule("pipeline-names", "CreatePipeline API reference, PipelineName: letters, digits, inner hyphens")
def pipeline_names(s: Stack) -> Iterator[Diagnostic]:
    """A pipeline's name is one that the service takes, and its own."""
    seen: dict[str, Resource] = {}
    for pipeline in s.pipelines:
        name = s.template.text(pipeline.get("PipelineName"))
        if name and "${" not in name and not (NAME.fullmatch(name) and len(name) <= 256):
            message = f"`{name}` may hold letters, digits and hyphens inside, 256 at most"
            yield s.template.document.finding("MG433", message, pipeline.where("PipelineName"))
        if name in seen:
            message = f"`{seen[name].name}` has this name too"
            yield s.template.document.finding("MG436", message, pipeline.where("PipelineName"))
        if name:
            seen[name] = pipeline
