"""Rules for what steps give each other, and in which order they run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlopsgen.diagnostics import Diagnostic, Severity
from mlopsgen.nearest import nearest
from mlopsgen.targets.azureml.judge.kinds import NEEDED
from mlopsgen.targets.azureml.judge.pipeline import Binding, Pipeline, Step, a_map, bindings
from mlopsgen.targets.azureml.judge.shapes import SIMPLE, fits, kind_of, outside
from mlopsgen.targets.azureml.values import MISSING
from mlopsgen.targets.documents import Path
from mlopsgen.targets.rules import rule

_COMPONENTS = "Azure ML documentation, command component YAML schema: inputs and outputs"
_MODELS = ("custom_model", "mlflow_model", "triton_model")
_FOLDERS = (*_MODELS, "uri_folder", "mltable")


@rule("given-inputs", _COMPONENTS)
def given_inputs(p: Pipeline) -> Iterator[Diagnostic]:
    """A step is given what its component needs, and nothing that it does not know."""
    for step in p.steps:
        declared = step.declared("inputs")
        if declared is None:
            continue
        for name in step.inputs():
            if name not in declared:
                yield _unknown(p, step, "inputs", name, declared)
        inputs = {*step.inputs(), *a_map(step.data.get("search_space"))}
        for name, entry in declared.items():
            needed = isinstance(entry, dict) and "default" not in entry and entry.get("optional") not in (True, "true")
            if needed and name not in inputs:
                yield p.document.finding("MG432", f"step `{step.name}` is not given `{name}`", step.path)


def _unknown(p: Pipeline, step: Step, section: str, name: str, declared: Mapping[str, Any]) -> Diagnostic:
    near = nearest(name, declared)
    hint = f"did you mean `{near}`?" if near else None
    message = f"the component of step `{step.name}` has no {section[:-1]} `{name}`"
    return p.document.finding("MG434", message, step.where(section, name), hint)


@rule("given-outputs", _COMPONENTS)
def given_outputs(p: Pipeline) -> Iterator[Diagnostic]:
    """A step says something only of outputs that its component has."""
    for step in p.steps:
        declared = step.declared("outputs")
        for name in step.outputs() if declared is not None else ():
            if name not in (declared or {}):
                yield _unknown(p, step, "outputs", name, declared or {})


@rule("kinds", _COMPONENTS)
def kinds(p: Pipeline) -> Iterator[Diagnostic]:
    """What a step is given is of the kind that its component takes."""
    for step in p.steps:
        for name, value in step.inputs().items():
            entry = a_map((step.declared("inputs") or {}).get(name))
            kind = entry.get("type")
            if isinstance(kind, str):
                yield from _input(p, entry, kind, value, step.where("inputs", name))


def _input(p: Pipeline, entry: Mapping[str, Any], kind: str, value: Any, path: Path) -> Iterator[Diagnostic]:
    text = value.get("path") if isinstance(value, dict) and "path" in value else value
    binding = next((b for b in bindings(text) if b.whole), None) if isinstance(text, str) else None
    if binding is None:
        yield from _literal(p, entry, kind, value, path)
        return
    source = _source(p, binding)
    if isinstance(source, str) and not _joins(source, kind):
        message = f"`{path[-1]}` takes {kind}, and `{binding.text}` is {source}"
        yield p.document.finding("MG431", message, path)
    elif isinstance(source, tuple) and source[0] != MISSING:  # a run gives it its value
        yield from _literal(p, entry, kind, source[0], path)


def _source(p: Pipeline, binding: Binding) -> str | tuple[Any] | None:
    """The kind that a reference gives, or the plain value of an input of the pipeline; None where nobody knows."""
    if binding.of_step is not None and binding.of_step[0] in p.by_name:
        declared = a_map((p.by_name[binding.of_step[0]].declared("outputs") or {}).get(binding.of_step[1]))
        return str(declared["type"]) if "type" in declared else None
    if binding.of_pipeline is not None and binding.of_pipeline[0] == "inputs" and len(binding.parts) == 3:
        section = p.section("inputs")
        return kind_of(section[binding.of_pipeline[1]]) if binding.of_pipeline[1] in section else None
    return None


def _literal(p: Pipeline, entry: Mapping[str, Any], kind: str, value: Any, path: Path) -> Iterator[Diagnostic]:
    if isinstance(value, list) or (isinstance(value, dict) and kind in SIMPLE and "value" not in value):
        yield p.document.finding("MG431", f"`{path[-1]}` takes {kind}", path)
        return
    plain = value.get("value") if isinstance(value, dict) and "value" in value else value
    if kind in SIMPLE:
        code = fits(kind, plain)
        if code is not None:
            yield p.document.finding(code, f"`{path[-1]}` takes {kind}, is `{plain}`", path)
        else:
            for wrong in outside(entry, kind, plain):
                yield p.document.finding("MG433", f"`{path[-1]}` {wrong}", path)
    elif isinstance(plain, bool | int | float) or (isinstance(plain, str) and not re.search(r"[/:\\]", plain)):
        yield p.document.finding("MG431", f"`{path[-1]}` takes {kind}, is `{plain}`", path)


def _joins(source: str, kind: str) -> bool:
    """Whether an output may be read as an input of this kind: folders as models, and a text as anything plain."""
    if source in SIMPLE or kind in SIMPLE:
        same = source == kind or (source, kind) == ("integer", "number")
        return same or (kind == "string" and source in SIMPLE)
    if source in _MODELS and kind in _MODELS:
        return source == kind
    if (source in _MODELS) != (kind in _MODELS):
        return False
    return source == kind or (source in _FOLDERS) == (kind in _FOLDERS)


def edges(p: Pipeline) -> Mapping[str, frozenset[str]]:
    """Step → the steps whose outputs it reads."""
    return {
        step.name: frozenset(binding.of_step[0] for _, binding in p.references(step) if binding.of_step is not None)
        for step in p.steps
    }


@rule("cycles", "Azure ML documentation, what are pipelines: steps are a directed acyclic graph")
def cycles(p: Pipeline) -> Iterator[Diagnostic]:
    """No step waits for itself, on whatever way."""
    direct = edges(p)
    for name in direct:
        reached, waiting = set[str](), list(direct[name])
        while waiting:
            step = waiting.pop()
            if step not in reached:
                reached.add(step)
                waiting.extend(direct.get(step, ()))
        if name in reached:
            message = f"step `{name}` waits for itself through {', '.join(sorted(reached & direct.keys()))}"
            yield p.document.finding("MG435", message, ("jobs", name))


@rule("whole-steps", "azure-ai-ml: CommandSchema and SweepSchema, their required keys")
def whole_steps(p: Pipeline) -> Iterator[Diagnostic]:
    """A pipeline has steps, and a step says what it is."""
    if "jobs" not in p.data and "component" not in p.data:
        yield p.document.finding("MG432", "a pipeline job needs `jobs`")
    for step in p.steps:
        if step.kind == "sweep":
            missing = [key for key in NEEDED if key not in step.data]
        elif step.kind == "command" and "component" not in step.data:
            missing = ["component"] if "command" not in step.data or "environment" not in step.data else []
        else:
            missing = []
        for key in missing:
            yield p.document.finding("MG432", f"step `{step.name}` needs `{key}`", step.path)


@rule("together", "Azure ML documentation, distributed training: nodes find each other through `distribution`")
def together(p: Pipeline) -> Iterator[Diagnostic]:
    """Several nodes are told how they work together."""
    for step in p.steps:
        count = a_map(step.data.get("resources")).get("instance_count")
        has_distribution = "distribution" in step.data or "distribution" in (step.component or {})
        if isinstance(count, int) and count > 1 and not has_distribution and step.kind == "command" and step.component:
            message = f"step `{step.name}` asks for {count} nodes and says no `distribution`: each does the same"
            path = step.where("resources", "instance_count")
            yield p.document.finding("MG433", message, path, severity=Severity.WARNING)
