"""Rules for what names what: components, executors, tasks, inputs and outputs; and for cycles."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.nearest import nearest
from mlopsgen.targets.documents import Path, dig, items
from mlopsgen.targets.ir.judge.folder import mapping
from mlopsgen.targets.ir.judge.program import PORTS, Component, Program, Task
from mlopsgen.targets.rules import rule

IR = "kfp, pipeline_spec.proto: a name means what the same document declares"
_SIZES = {f"{what}_{bound}" for what in ("cpu", "memory") for bound in ("limit", "request")}
_SIZES |= {"accelerator_type", "accelerator_limit"}
"""Inputs by which kfp hands a task's resources over when a parameter says them."""
_IN_TEXT = re.compile(r"\{\{\$\.inputs\.parameters\['([^']+)'\]")


def dangling(p: Program, path: Path, message: str, name: object, known: Mapping[str, Any]) -> Diagnostic:
    """A name that nobody has, with the name that was meant."""
    near = nearest(name, known) if isinstance(name, str) else None
    return p.document.finding("MG434", message, path, f"did you mean `{near}`?" if near else None)


@rule("ir-components", IR)
def components(p: Program) -> Iterator[Diagnostic]:
    """A task runs a component that is there, a component an executor that is there."""
    for task in p.tasks:
        name = dig(task.data, ("componentRef", "name"))
        if isinstance(name, str) and task.runs is None:
            path = task.where("componentRef", "name")
            yield dangling(p, path, f"there is no component `{name}`", name, p.components)
    for component in p.components.values():
        label = component.executor
        if label is not None and label not in p.executors:
            path = (*component.path, "executorLabel")
            yield dangling(p, path, f"there is no executor `{label}`", label, p.executors)


@rule("ir-dependencies", IR + "; kfp's compiler lists every task that is read among dependentTasks")
def dependencies(p: Program) -> Iterator[Diagnostic]:
    """A task waits for tasks beside it, once each, and for all that it reads."""
    for task in p.tasks:
        beside = task.around.tasks
        for i, name in enumerate(items(task.data.get("dependentTasks"))):
            path = task.where("dependentTasks", i)
            if name in task.waits[:i]:
                yield p.document.finding("MG436", f"`{name}` stands twice", path)
            elif isinstance(name, str) and name not in beside:
                yield dangling(p, path, f"there is no task `{name}` beside `{task.name}`", name, beside)
        for _, producer, path in task.producers():
            if producer not in beside:
                message = f"there is no task `{producer}` beside `{task.name}`"
                yield dangling(p, path, message, producer, beside)
            elif producer not in task.waits and producer != task.name:
                message = f"`{task.name}` reads from `{producer}` and does not wait for it: name it in dependentTasks"
                yield p.document.finding("MG432", message, path)


@rule("ir-outputs-read", IR)
def outputs_read(p: Program) -> Iterator[Diagnostic]:
    """What a task reads of another one is an output of that one's component."""
    for task in p.tasks:
        for kind, key, output in (
            ("artifacts", "taskOutputArtifact", "outputArtifactKey"),
            ("parameters", "taskOutputParameter", "outputParameterKey"),
        ):
            for name, value in task.arguments(kind).items():
                source = mapping(dig(value, (key,)))
                producer = _component(p, task.around, source.get("producerTask"))
                port = source.get(output)
                if producer and isinstance(port, str) and port not in producer.outputs(kind):
                    path = task.where("inputs", kind, name, key, output)
                    message = f"`{producer.name}` makes no `{port}` among its {kind}"
                    yield dangling(p, path, message, port, producer.outputs(kind))


def _component(p: Program, dag: Component, task: object) -> Component | None:
    """The component that a task of this dag runs."""
    name = dig(dag.tasks, (task, "componentRef", "name")) if isinstance(task, str) else None
    return p.components.get(name) if isinstance(name, str) else None


@rule("ir-inputs-passed", IR)
def inputs_passed(p: Program) -> Iterator[Diagnostic]:
    """What is passed on is an input of the component around the task."""
    for task in p.tasks:
        for kind, key in (("artifacts", "componentInputArtifact"), ("parameters", "componentInputParameter")):
            for name, value in task.arguments(kind).items():
                source = mapping(value).get(key)
                if isinstance(source, str) and source not in task.around.inputs(kind):
                    path = task.where("inputs", kind, name, key)
                    message = f"`{task.around.name}` has no `{source}` among its {kind}"
                    yield dangling(p, path, message, source, task.around.inputs(kind))


@rule("ir-inputs-given", IR)
def inputs_given(p: Program) -> Iterator[Diagnostic]:
    """A task gives what its component needs, and nothing that it does not have."""
    for task in p.tasks:
        if task.runs is None:
            continue
        for kind in PORTS:
            yield from _surplus(p, task, task.runs, kind)
            for name, declared in task.runs.inputs(kind).items():
                spec = mapping(declared)
                optional = bool(spec.get("isOptional")) or "defaultValue" in spec
                if not optional and name not in {*task.arguments(kind), *_by_iterator(task, task.runs)}:
                    message = f"`{task.name}` does not give `{name}`, which `{task.runs.name}` needs"
                    yield p.document.finding("MG432", message, task.path)


def _surplus(p: Program, task: Task, runs: Component, kind: str) -> Iterator[Diagnostic]:
    # kfp gives the pieces of a text as inputs of their own, which the component does not declare.
    pieces = set(_IN_TEXT.findall(str(task.arguments("parameters"))))
    looped = {dig(task.iterator, ("items", key)) for key in ("inputParameter", "inputArtifact")}
    for name in task.arguments(kind):
        if name not in {*runs.inputs(kind), *pieces, *looped, *_SIZES}:
            path = task.where("inputs", kind, name)
            yield dangling(p, path, f"`{runs.name}` has no `{name}` among its {kind}", name, runs.inputs(kind))


def _by_iterator(task: Task, runs: Component) -> Iterator[str]:
    """The input that holds the item of each round."""
    item = task.iterator.get("itemInput")
    if isinstance(item, str) and any(item in runs.inputs(kind) for kind in PORTS):
        yield item


@rule("ir-dag-outputs", IR)
def dag_outputs(p: Program) -> Iterator[Diagnostic]:
    """What a dag gives out is declared, and made by one of its tasks."""
    for dag in p.dags:
        for kind in PORTS:
            outputs = mapping(dig(dag.data, ("dag", "outputs", kind)))
            path = (*dag.path, "dag", "outputs", kind)
            for name, selectors in outputs.items():
                if name not in dag.outputs(kind):
                    message = f"`{dag.name}` declares no output `{name}`"
                    yield dangling(p, (*path, name), message, name, dag.outputs(kind))
                for where, selector in chosen(selectors):
                    yield from _selected(p, dag, kind, (*path, name, *where), selector)
            for name in dag.outputs(kind) if "dag" in dag.data else ():
                if name not in outputs:
                    message = f"no task of `{dag.name}` makes its output `{name}`"
                    yield p.document.finding("MG432", message, (*dag.path, "outputDefinitions", kind, name))


def chosen(output: Any) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every selector of an output of a dag."""
    for path in (("artifactSelectors",), ("valueFromOneof", "parameterSelectors")):
        for i, selector in enumerate(items(dig(output, path))):
            yield (*path, i), mapping(selector)
    one = mapping(output).get("valueFromParameter")
    if isinstance(one, dict):
        yield ("valueFromParameter",), one


def _selected(p: Program, dag: Component, kind: str, path: Path, selector: dict[str, Any]) -> Iterator[Diagnostic]:
    task, key = selector.get("producerSubtask"), "outputArtifactKey" if kind == "artifacts" else "outputParameterKey"
    source = selector.get(key)
    if isinstance(task, str) and task not in dag.tasks:
        yield dangling(p, (*path, "producerSubtask"), f"`{dag.name}` has no task `{task}`", task, dag.tasks)
        return
    producer = _component(p, dag, task)
    if producer and isinstance(source, str) and source not in producer.outputs(kind):
        message = f"`{producer.name}` makes no `{source}` among its {kind}"
        yield dangling(p, (*path, key), message, source, producer.outputs(kind))


@rule("ir-cycles", "a pipeline is a directed acyclic graph, and its components are a tree")
def cycles(p: Program) -> Iterator[Diagnostic]:
    """No task waits for itself, and no component holds itself."""
    for dag in p.dags:
        waits = {task.name: {*task.waits, *(name for _, name, _ in task.producers())} for task in p.inside(dag)}
        for name in sorted(waits):
            if name in reached(waits, name):
                message = f"task `{name}` waits for itself"
                yield p.document.finding("MG435", message, (*dag.path, "dag", "tasks", name))
    holds = {dag.name: {task.runs.name for task in p.inside(dag) if task.runs} for dag in p.dags}
    for name in sorted(holds):
        if name in reached(holds, name):
            yield p.document.finding("MG435", f"component `{name}` holds itself", p.components[name].path)


def reached(edges: Mapping[str, set[str]], start: str) -> set[str]:
    """All that can be reached from here in one step or more."""
    names, waiting = set[str](), list(edges.get(start, ()))
    while waiting:
        name = waiting.pop()
        if name not in names:
            names.add(name)
            waiting.extend(edges.get(name, ()))
    return names
