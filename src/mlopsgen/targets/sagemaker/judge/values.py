"""Rules for parameters and for functions in place of values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from mlopsgen.diagnostics import Diagnostic, Severity
from mlopsgen.targets.documents.document import Path, maps, walk
from mlopsgen.targets.rules import rule
from mlopsgen.targets.sagemaker.judge.definition import Definition, function, references
from mlopsgen.targets.sagemaker.judge.frame import MODEL, SCHEMA

MOST_PARAMETERS = 200
_NAME = re.compile(r"[A-Za-z0-9\-_]{1,256}")
_KEYS = ("Name", "Type", "DefaultValue", "Description", "EnumValues")
_TYPES: dict[str, tuple[type, ...]] = {"String": (str,), "Integer": (int,), "Float": (int, float), "Boolean": (bool,)}
_JOINED = (str, int, float, bool)


@rule("parameters", SCHEMA + "; " + MODEL + ", PipelineParameterName and ParameterList")
def parameters(d: Definition) -> Iterator[Diagnostic]:
    """Parameters have a unique name, a known type and a default that fits both type and choices."""
    listed = d.data.get("Parameters")
    if isinstance(listed, list) and len(listed) > MOST_PARAMETERS:
        yield d.document.finding(
            "MG437", f"at most {MOST_PARAMETERS} parameters, these are {len(listed)}", ("Parameters",)
        )
    seen: set[str] = set()
    for i, parameter in enumerate(listed if isinstance(listed, list) else ()):
        path: Path = ("Parameters", i)
        if not isinstance(parameter, dict):
            yield d.document.finding("MG431", "a parameter is an object", path)
            continue
        yield from _parameter(d, parameter, path)
        name = parameter.get("Name")
        if isinstance(name, str) and name in seen:
            yield d.document.finding("MG436", f"two parameters are called `{name}`", (*path, "Name"))
        seen.add(str(name))


def _parameter(d: Definition, parameter: dict[str, Any], path: Path) -> Iterator[Diagnostic]:
    name, kind = parameter.get("Name"), parameter.get("Type", "String")
    if "Name" not in parameter:
        yield d.document.finding("MG432", "a parameter needs `Name`", path)
    elif not isinstance(name, str) or not _NAME.fullmatch(name):
        yield d.document.finding("MG433", f"the name `{name}` may hold letters, digits, - and _", (*path, "Name"))
    for key in parameter:
        if key not in _KEYS:
            yield d.document.finding("MG430", f"a parameter has no `{key}`", (*path, key))
    if not isinstance(kind, str) or kind not in _TYPES:
        yield d.document.finding("MG433", f"`{kind}` is none of {', '.join(_TYPES)}", (*path, "Type"))
        return
    choices = parameter.get("EnumValues")
    values: list[tuple[Path, Any]] = (
        [(("DefaultValue",), parameter["DefaultValue"])] if "DefaultValue" in parameter else []
    )
    values += [(("EnumValues", i), v) for i, v in enumerate(choices if isinstance(choices, list) else ())]
    for where, value in values:
        if not _is(kind, value):
            yield d.document.finding("MG431", f"this is no {kind}", (*path, *where))
    if isinstance(choices, list) and "DefaultValue" in parameter and parameter["DefaultValue"] not in choices:
        yield d.document.finding("MG433", f"the default is none of {choices}", (*path, "DefaultValue"))
    if choices is not None and (not isinstance(choices, list) or kind != "String"):
        yield d.document.finding("MG431", "`EnumValues` is a list of texts, for a String", (*path, "EnumValues"))


def _is(kind: str, value: Any) -> bool:
    return isinstance(value, _TYPES[kind]) and (kind == "Boolean" or not isinstance(value, bool))


@rule("unused-parameters", "a run would ask for, or promise, what has no effect")
def unused(d: Definition) -> Iterator[Diagnostic]:
    """Every parameter is read somewhere."""
    read = {reference.name for reference in references(d.data, ()) if reference.root == "Parameters"}
    for name, (path, parameter) in d.parameters.items():
        if name not in read and "Name" in parameter:
            yield d.document.finding("MG434", f"nothing reads the parameter `{name}`", path, severity=Severity.WARNING)


@rule("functions", 'developer guide, "Pass data between steps"; sagemaker-core, workflow/functions.py')
def functions(d: Definition) -> Iterator[Diagnostic]:
    """Get, Std:Join and Std:JsonGet stand alone in their object and are well formed."""
    for path, value in walk(d.data):
        if not isinstance(value, dict):
            continue
        for key in value:
            if key.startswith("Std:") and key not in ("Std:Join", "Std:JsonGet"):
                yield d.document.finding("MG430", f"there is no function `{key}`", (*path, key))
            elif key.startswith("Std:") and len(value) > 1:
                yield d.document.finding("MG430", f"`{key}` stands alone in its object", path)
        name = function(value)
        if name == "Get" and not isinstance(value["Get"], str):
            yield d.document.finding("MG431", "`Get` takes the path of one value as text", (*path, "Get"))
        elif name == "Std:Join":
            yield from _join(d, value[name], (*path, name))
        elif name == "Std:JsonGet":
            yield from _json_get(d, value[name], (*path, name))


def _join(d: Definition, join: Any, path: Path) -> Iterator[Diagnostic]:
    if not isinstance(join, dict):
        yield d.document.finding("MG431", "`Std:Join` takes an object", path)
        return
    yield from _unknown(d, join, ("On", "Values"), path)
    if "Values" not in join:
        yield d.document.finding("MG432", "`Std:Join` needs `Values`", path)
        return
    if not isinstance(join.get("On", ""), str):
        yield d.document.finding("MG431", "`On` must be text", (*path, "On"))
    if not isinstance(join["Values"], list):
        yield d.document.finding("MG431", "`Values` must be a list", (*path, "Values"))
        return
    for i, value in enumerate(join["Values"]):
        if not isinstance(value, _JOINED) and not function(value):
            yield d.document.finding("MG431", "only single values can be joined", (*path, "Values", i))


def _json_get(d: Definition, call: Any, path: Path) -> Iterator[Diagnostic]:
    if not isinstance(call, dict):
        yield d.document.finding("MG431", "`Std:JsonGet` takes an object", path)
        return
    yield from _unknown(d, call, ("PropertyFile", "S3Uri", "Path"), path)
    if ("PropertyFile" in call) == ("S3Uri" in call):
        yield d.document.finding("MG432", "`Std:JsonGet` needs one of `PropertyFile` and `S3Uri`", path)
    if "Path" not in call:
        yield d.document.finding("MG432", "`Std:JsonGet` needs `Path`", path)
    elif not isinstance(call["Path"], str) or not call["Path"]:
        yield d.document.finding("MG431", "`Path` must be text", (*path, "Path"))
    if "PropertyFile" in call and function(call["PropertyFile"]) != "Get":
        yield d.document.finding("MG431", "`PropertyFile` is a reference", (*path, "PropertyFile"))


def _unknown(d: Definition, members: dict[str, Any], known: tuple[str, ...], path: Path) -> Iterator[Diagnostic]:
    for key in members:
        if key not in known:
            yield d.document.finding("MG430", f"`{path[-1]}` has no `{key}`", (*path, key))


@rule("loops", "SageMaker quotas: ForEach takes 100 items and runs 50 at once")
def loops(d: Definition) -> Iterator[Diagnostic]:
    """A ForEach step stays within its limits."""
    for step in d.of("ForEach"):
        for key, value in step.arguments.items():
            if key.endswith("Items") and isinstance(value, list) and not 1 <= len(value) <= 100:
                yield d.document.finding("MG437", "a loop takes 1 to 100 items", step.where("Arguments", key))
            whole = isinstance(value, int) and not isinstance(value, bool)
            if "Concurren" in key and whole and not 1 <= value <= 50:
                yield d.document.finding("MG437", "a loop runs 1 to 50 at once", step.where("Arguments", key))


@rule("fail-message", MODEL + ", FailStepMetadata: at most 3072 characters")
def fail_message(d: Definition) -> Iterator[Diagnostic]:
    """A Fail step says why, as text."""
    for step in d.of("Fail"):
        path = step.where("Arguments", "ErrorMessage")
        message = step.arguments.get("ErrorMessage")
        if "Arguments" in step.data and "ErrorMessage" not in step.arguments:
            yield d.document.finding("MG432", "a Fail step needs `ErrorMessage`", step.path)
        elif message is not None and not isinstance(message, str) and not function(message):
            yield d.document.finding("MG431", "`ErrorMessage` must be text", path)
        elif isinstance(message, str) and not 1 <= len(message) <= 3072:
            yield d.document.finding("MG437", "`ErrorMessage` takes 1 to 3072 characters", path)
        for key in step.arguments:
            if key != "ErrorMessage":
                yield d.document.finding("MG430", f"a Fail step has no `{key}`", step.where("Arguments", key))


@rule("output-parameters", 'developer guide, "Lambda step" and "Callback step"; sagemaker-mlops, lambda_step.py')
def output_parameters(d: Definition) -> Iterator[Diagnostic]:
    """Outputs of Lambda and Callback steps have unique names and known types."""
    for step in d.of("Lambda", "Callback"):
        seen: set[str] = set()
        for i, output in maps(step.data.get("OutputParameters")):
            path = step.where("OutputParameters", i)
            if "OutputName" not in output:
                yield d.document.finding("MG432", "an output needs `OutputName`", path)
            if str(output.get("OutputType", "String")) not in _TYPES:
                yield d.document.finding("MG433", f"`OutputType` is none of {', '.join(_TYPES)}", path)
            name = str(output.get("OutputName"))
            if name in seen:
                yield d.document.finding("MG436", f"two outputs are called `{name}`", path)
            seen.add(name)
