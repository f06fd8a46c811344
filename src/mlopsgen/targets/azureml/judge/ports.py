"""Rules for what flows between steps: every input is given, of the kind that the component takes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.nearest import nearest
from mlopsgen.targets.azureml.judge.bindings import Binding, bindings
from mlopsgen.targets.azureml.judge.literals import SIMPLE, fits, kind_of, outside
from mlopsgen.targets.azureml.judge.pipeline import Pipeline, Step, a_map
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
        given = {*step.inputs(), *a_map(step.data.get("search_space"))}
        for name, entry in declared.items():
            needed = isinstance(entry, dict) and "default" not in entry and entry.get("optional") not in (True, "true")
            if needed and name not in given:
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
            wanted = entry.get("type")
            if isinstance(wanted, str):
                yield from _given(p, entry, wanted, value, step.where("inputs", name))


def _given(p: Pipeline, entry: Mapping[str, Any], wanted: str, value: Any, path: Path) -> Iterator[Diagnostic]:
    text = value.get("path") if isinstance(value, dict) and "path" in value else value
    found = next((b for b in bindings(text) if b.whole), None) if isinstance(text, str) else None
    if found is None:
        yield from _literal(p, entry, wanted, value, path)
        return
    source = _source(p, found)
    if isinstance(source, str) and not _joins(source, wanted):
        message = f"`{path[-1]}` takes {wanted}, and `{found.text}` is {source}"
        yield p.document.finding("MG431", message, path)
    elif isinstance(source, tuple):
        yield from _literal(p, entry, wanted, source[0], path)


def _source(p: Pipeline, found: Binding) -> str | tuple[Any] | None:
    """The kind that a reference gives, or the plain value of an input of the pipeline; None where nobody knows."""
    if found.of_step is not None and found.of_step[0] in p.by_name:
        declared = a_map((p.by_name[found.of_step[0]].declared("outputs") or {}).get(found.of_step[1]))
        return str(declared["type"]) if "type" in declared else None
    if found.of_pipeline is not None and found.of_pipeline[0] == "inputs" and len(found.parts) == 3:
        section = p.section("inputs")
        return kind_of(section[found.of_pipeline[1]]) if found.of_pipeline[1] in section else None
    return None


def _literal(p: Pipeline, entry: Mapping[str, Any], wanted: str, value: Any, path: Path) -> Iterator[Diagnostic]:
    if isinstance(value, list) or (isinstance(value, dict) and wanted in SIMPLE and "value" not in value):
        yield p.document.finding("MG431", f"`{path[-1]}` takes {wanted}", path)
        return
    plain = value.get("value") if isinstance(value, dict) and "value" in value else value
    if wanted in SIMPLE:
        code = fits(wanted, plain)
        if code is not None:
            yield p.document.finding(code, f"`{path[-1]}` takes {wanted}, is `{plain}`", path)
        else:
            for wrong in outside(entry, wanted, plain):
                yield p.document.finding("MG433", f"`{path[-1]}` {wrong}", path)
    elif isinstance(plain, bool | int | float) or (isinstance(plain, str) and not re.search(r"[/:\\]", plain)):
        yield p.document.finding("MG431", f"`{path[-1]}` takes {wanted}, is `{plain}`", path)


def _joins(source: str, wanted: str) -> bool:
    """Whether an output may be read as an input of this kind: folders as models, and a text as anything plain."""
    if source in SIMPLE or wanted in SIMPLE:
        same = source == wanted or (source, wanted) == ("integer", "number")
        return same or (wanted == "string" and source in SIMPLE)
    if source in _MODELS and wanted in _MODELS:
        return source == wanted
    if (source in _MODELS) != (wanted in _MODELS):
        return False
    return source == wanted or (source in _FOLDERS) == (wanted in _FOLDERS)
