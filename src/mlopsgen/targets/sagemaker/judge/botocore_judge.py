"""The judge `botocore`: a definition against the service model of SageMaker itself."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path as FilePath
from typing import Any

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.targets.documents.document import Path, items, walk
from mlopsgen.targets.sagemaker.judge.definition import Definition, Step, function, references
from mlopsgen.targets.sagemaker.judge.folder import read_folder
from mlopsgen.targets.sagemaker.judge.operations import OPERATIONS, Answers, NoSuchProperty, Operation
from mlopsgen.targets.sagemaker.judge.shapes import Walk
from mlopsgen.targets.sagemaker.judge.template import definitions_of


@lru_cache(maxsize=1)
def service() -> Any:
    """The service model of SageMaker, from the installed botocore."""
    from botocore.loaders import Loader
    from botocore.model import ServiceModel

    return ServiceModel(Loader().load_service_model("sagemaker", "service-2"))


def judge(bundle: FilePath) -> Iterator[Diagnostic]:
    """Every definition of the folder; files that do not parse are the linter's finding."""
    for definition in definitions_of(read_folder(bundle)):
        yield from judge_definition(definition, service())


def judge_definition(definition: Definition, model: Any) -> Iterator[Diagnostic]:
    """The arguments of every step, and every reference."""
    answers = Answers(definition, model)
    for step in definition.steps:
        yield from _arguments(definition, step, answers)
    yield from _properties(definition, answers)
    yield from _defaults(definition, answers)


def _arguments(definition: Definition, step: Step, answers: Answers) -> Iterator[Diagnostic]:
    operation = _operation(step)
    if operation is None or "Arguments" not in step.data:
        return
    shape = answers.model.operation_model(operation.create).input_shape
    path = step.where("Arguments")
    walk_ = Walk(definition.document, answers.kind, {path: operation.present}, operation.refused)
    yield from walk_.value(shape, step.data["Arguments"], path)


def _operation(step: Step) -> Operation | None:
    if step.type == "AutoML" and "AutoMLProblemTypeConfig" in step.arguments:
        return Operation("CreateAutoMLJobV2", ("DescribeAutoMLJobV2Response",), frozenset({"AutoMLJobName"}))
    return OPERATIONS.get(step.type)


def _properties(definition: Definition, answers: Answers) -> Iterator[Diagnostic]:
    """References to what the Describe call of a step does not give, or gives as more than one value."""
    for reference in references(definition.data, ()):
        step = definition.by_name.get(reference.name)
        if reference.root != "Steps" or step is None or not reference.well_formed:
            continue
        try:
            kind = answers.property(step, reference)
        except NoSuchProperty as error:
            yield definition.document.finding("MG434", f"`{reference.text}`: {error}", reference.path)
        else:
            if kind == "Structure":
                message = f"`{reference.text}` is more than one value: a reference names a single one"
                yield definition.document.finding("MG431", message, reference.path)


def _defaults(definition: Definition, answers: Answers) -> Iterator[Diagnostic]:
    """Defaults and allowed values of a parameter that do not fit where the parameter is used."""
    seen: set[tuple[Path, str]] = set()
    for step in definition.steps:
        operation = _operation(step)
        if operation is None:
            continue
        shape = answers.model.operation_model(operation.create).input_shape
        for where, value in walk(step.own().get("Arguments")):
            name = _parameter(value)
            member = _member(shape, where)
            if name not in definition.parameters or member is None:
                continue
            for path, candidate in _values(definition, name):
                for finding in Walk(definition.document, answers.kind).value(member, candidate, path):
                    if finding.code != "MG431" and (path, finding.message) not in seen:
                        seen.add((path, finding.message))
                        yield finding


def _parameter(value: Any) -> str:
    """The parameter that a value is, and nothing more."""
    if function(value) == "Get" and isinstance(value["Get"], str) and value["Get"].startswith("Parameters."):
        return str(value["Get"]).removeprefix("Parameters.")
    return ""


def _values(definition: Definition, name: str) -> Iterator[tuple[Path, Any]]:
    path, parameter = definition.parameters[name]
    if "DefaultValue" in parameter:
        yield (*path, "DefaultValue"), parameter["DefaultValue"]
    for i, value in enumerate(items(parameter.get("EnumValues"))):
        yield (*path, "EnumValues", i), value


def _member(shape: Any, path: Path) -> Any:
    for part in path:
        if shape.type_name == "structure" and part in shape.members:
            shape = shape.members[part]
        elif shape.type_name == "list":
            shape = shape.member
        elif shape.type_name == "map":
            shape = shape.value
        else:
            return None
    return shape
