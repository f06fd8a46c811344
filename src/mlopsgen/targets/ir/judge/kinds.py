"""Rules for types: what is passed has the type that is declared, along the whole way."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.targets.documents import Path, dig, items
from mlopsgen.targets.ir.judge.folder import mapping
from mlopsgen.targets.ir.judge.messages import TYPES
from mlopsgen.targets.ir.judge.program import PORTS, Component, Program, Task
from mlopsgen.targets.ir.judge.references import chosen
from mlopsgen.targets.ir.judge.shape import is_number
from mlopsgen.targets.rules import rule

TYPING = "kfp, dsl/types/type_utils.py"
STATUS = "TASK_FINAL_STATUS"
_STATUS_TYPES = {STATUS, "STRUCT", "STRING"}
_PLACEHOLDER = re.compile(r"\{\{\$.*\}\}", re.DOTALL)
ANY_ARTIFACT = "system.Artifact"


def fits(kind: object, value: Any) -> bool:
    """Whether a value is one of this type; a placeholder may become anything but a list of parts."""
    if isinstance(value, str) and _PLACEHOLDER.search(value):
        return True
    match kind:
        case "STRING":
            return isinstance(value, str)
        case "BOOLEAN":
            return isinstance(value, bool)
        case "NUMBER_DOUBLE":
            return is_number(value)
        case "NUMBER_INTEGER":
            return is_number(value) and value == int(value)
        case "LIST":
            return isinstance(value, list)
        case "STRUCT":
            return isinstance(value, dict)
        case _:
            return True


@rule("ir-defaults", TYPING)
def defaults(p: Program) -> Iterator[Diagnostic]:
    """A default has the type of its parameter."""
    for component in (p.root, *p.components.values()):
        for name, spec in component.inputs("parameters").items():
            declared = mapping(spec)
            if "defaultValue" in declared and not fits(declared.get("parameterType"), declared["defaultValue"]):
                path = (*component.path, "inputDefinitions", "parameters", name, "defaultValue")
                message = f"`{name}` is {declared['parameterType']}, which its default is not"
                yield p.document.finding("MG431", message, path)


@rule("ir-constant-types", TYPING)
def constants(p: Program) -> Iterator[Diagnostic]:
    """A constant has the type of the parameter that it is given to."""
    for task in p.tasks:
        for name, argument in task.arguments("parameters").items():
            kind = _declared(task.runs, "parameters", name)
            value = mapping(dig(argument, ("runtimeValue",)))
            if "constant" in value and kind is not None and not fits(kind, value["constant"]):
                path = task.where("inputs", "parameters", name, "runtimeValue", "constant")
                yield p.document.finding("MG431", f"`{name}` is {kind}, which this constant is not", path)


def _declared(component: Component | None, kind: str, name: object) -> Any:
    """The type of an input: a word of TYPES, or the whole declaration of an artifact."""
    if component is None or not isinstance(name, str):
        return None
    spec = component.inputs(kind).get(name)
    return _kind_of(kind, spec)


def _output_type(component: Component | None, kind: str, name: object) -> Any:
    if component is None or not isinstance(name, str):
        return None
    return _kind_of(kind, component.outputs(kind).get(name))


def _kind_of(kind: str, spec: Any) -> Any:
    if not isinstance(spec, dict):
        return None
    if kind == "artifacts":
        title = dig(spec, ("artifactType", "schemaTitle"))
        return title if isinstance(title, str) else None, bool(spec.get("isArtifactList"))
    type_name = spec.get("parameterType")
    return type_name if isinstance(type_name, str) and type_name in TYPES else None


@rule("ir-types", TYPING + ": types are equal, system.Artifact takes and gives any")
def types(p: Program) -> Iterator[Diagnostic]:
    """What a task is given has the type that its component declares."""
    for task in p.tasks:
        for kind in PORTS:
            for name, value in task.arguments(kind).items():
                input_type = _input_type(task, kind, name)
                source, path = _source(p, task, kind, mapping(value))
                if "parameterExpressionSelector" in mapping(value) or not source or not input_type:
                    continue
                if not _alike(source, input_type):
                    message = f"`{name}` is {_description(input_type)}, here comes {_description(source)}"
                    yield p.document.finding("MG431", message, task.where("inputs", kind, name, *path))


def _input_type(task: Task, kind: str, name: str) -> Any:
    return _declared(task.runs, kind, name)


def _source(p: Program, task: Task, kind: str, value: dict[str, Any]) -> tuple[Any, Path]:
    """The type of what is given, and the place that says so."""
    if kind == "artifacts":
        passed, read, output = "componentInputArtifact", "taskOutputArtifact", "outputArtifactKey"
    else:
        passed, read, output = "componentInputParameter", "taskOutputParameter", "outputParameterKey"
    if "taskFinalStatus" in value:
        return STATUS, ("taskFinalStatus",)
    if passed in value:
        return _declared(task.around, kind, value[passed]), (passed,)
    source = mapping(value.get(read))
    producer = dig(task.around.tasks, (str(source.get("producerTask")), "componentRef", "name"))
    component = p.components.get(producer) if isinstance(producer, str) else None
    return _output_type(component, kind, source.get(output)), (read,)


def _alike(source: Any, kind: Any) -> bool:
    if isinstance(source, tuple) and isinstance(kind, tuple):
        titles = {source[0], kind[0]}
        return source[1] == kind[1] and (len(titles) == 1 or ANY_ARTIFACT in titles or None in titles)
    if STATUS in (source, kind):
        return {source, kind} <= _STATUS_TYPES and source == STATUS
    return bool(source == kind)


def _description(kind: Any) -> str:
    if isinstance(kind, tuple):
        return f"a list of {kind[0]}" if kind[1] else f"one {kind[0]}"
    return str(kind)


@rule("ir-dag-types", TYPING)
def dag_types(p: Program) -> Iterator[Diagnostic]:
    """What a dag gives out has the type of what its task makes; a loop gives lists."""
    looped = {task.runs.name for task in p.tasks if task.runs and task.iterator}
    for dag in p.dags:
        for kind in PORTS:
            for name, selectors in mapping(dig(dag.data, ("dag", "outputs", kind))).items():
                declared = _output_type(dag, kind, name)
                for where, selector in chosen(selectors):
                    kinds_of = _selected(p, dag, kind, selector)
                    right = _listed(kinds_of) if dag.name in looped else kinds_of
                    if kinds_of and declared and not _alike(right, declared):
                        path = (*dag.path, "dag", "outputs", kind, name, *where)
                        message = f"`{name}` is {_description(declared)}, here comes {_description(right)}"
                        yield p.document.finding("MG431", message, path)


def _selected(p: Program, dag: Component, kind: str, selector: dict[str, Any]) -> Any:
    name = dig(dag.tasks, (str(selector.get("producerSubtask")), "componentRef", "name"))
    key = "outputArtifactKey" if kind == "artifacts" else "outputParameterKey"
    return _output_type(p.components.get(name) if isinstance(name, str) else None, kind, selector.get(key))


def _listed(kind: Any) -> Any:
    """What a loop makes of the outputs of its rounds."""
    return (kind[0], True) if isinstance(kind, tuple) else "LIST"


@rule("ir-loops", "kfp, pipeline_spec.proto, ParameterIteratorSpec: raw is a JSON list")
def loops(p: Program) -> Iterator[Diagnostic]:
    """A loop goes over a list, and its component takes what the list holds."""
    for task in p.tasks:
        if not task.iterator or task.runs is None:
            continue
        for key, kind in (("parameterIterator", "parameters"), ("artifactIterator", "artifacts")):
            if key in task.data:
                yield from _item(p, task, task.runs, key, kind)
                yield from _items(p, task, key, kind)


def _item(p: Program, task: Task, runs: Component, key: str, kind: str) -> Iterator[Diagnostic]:
    item = task.iterator.get("itemInput")
    if isinstance(item, str) and item not in runs.inputs(kind):
        message = f"`{runs.name}` has no `{item}` among its {kind}: nobody would see an item"
        yield p.document.finding("MG434", message, task.where(key, "itemInput"))


def _items(p: Program, task: Task, key: str, kind: str) -> Iterator[Diagnostic]:
    items = mapping(task.iterator.get("items"))
    name = items.get("inputParameter" if kind == "parameters" else "inputArtifact")
    place = task.where(key, "items")
    if isinstance(name, str):
        if name not in task.arguments(kind):
            message = f"`{task.name}` is not given `{name}`, whose items it would go over"
            yield p.document.finding("MG434", message, place)
        source, _ = _source(p, task, kind, mapping(task.arguments(kind).get(name)))
        listed = source[1] if isinstance(source, tuple) else source in (None, "LIST", "STRING")
        if source and not listed:
            yield p.document.finding("MG431", f"`{name}` is {_description(source)}: a loop goes over a list", place)
    raw = items.get("raw")
    if isinstance(raw, str):
        yield from _raw(p, task, raw, (*place, "raw"))


def _raw(p: Program, task: Task, raw: str, path: Path) -> Iterator[Diagnostic]:
    try:
        values = json.loads(raw)
    except ValueError as wrong:
        yield p.document.finding("MG433", f"the items are no JSON: {wrong}", path)
        return
    if not isinstance(values, list):
        yield p.document.finding("MG431", "the items are no list", path)
        return
    if not values:
        yield p.document.finding("MG433", "a loop over nothing", path)
    kind = _declared(task.runs, "parameters", task.iterator.get("itemInput"))
    for value in items(values):
        if kind and not fits(kind, value):
            item = json.dumps(value)[:60]
            yield p.document.finding("MG431", f"an item is {kind}, which {item} is not", path)
