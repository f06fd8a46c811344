"""Rules for pipelines: every expression and every file that is named leads somewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mlopsgen.diagnostics import Diagnostic, Severity
from mlopsgen.nearest import nearest
from mlopsgen.targets.azureml.judge.folder import COMPONENT
from mlopsgen.targets.azureml.judge.pipeline import Binding, Pipeline, Step, bindings, broken
from mlopsgen.targets.documents import Path, walk
from mlopsgen.targets.rules import rule

_EXPRESSIONS = "Azure ML documentation, expression syntax of core YAML: contexts parent, inputs, outputs, search_space"
_PIPELINES = "Azure ML documentation, pipeline job YAML schema"
_RUN = ("name", "output_name", "default_datastore", "root_parent_name")
"""What the path of an output may say of its run."""
_BARE = ("component", "trial", "type")


@rule("braces", _EXPRESSIONS)
def braces(p: Pipeline) -> Iterator[Diagnostic]:
    """Every expression closes, and stands where the service reads one: in a step, as a whole value."""
    for path, value in walk(p.data):
        if not isinstance(value, str) or _in_command(path):
            continue
        wrong = broken(value)
        if wrong is not None:
            yield p.document.finding("MG439", wrong, path)
            continue
        for binding in bindings(value):
            if path[0] != "jobs" or (len(path) > 2 and path[2] in _BARE):
                message = f"`{binding.text}` is not read here: expressions stand in the steps of `jobs`"
                yield p.document.finding("MG439", message, path)
            elif not binding.whole and "inputs" in path[2:3]:
                message = f"`{binding.text}` must be the whole value: nothing is put together around it"
                yield p.document.finding("MG439", message, path)


def _in_command(path: Path) -> bool:
    return path[:1] == ("jobs",) and ("command" in path[2:] or path[2:3] in (("component",), ("trial",)))


@rule("references", _EXPRESSIONS)
def references(p: Pipeline) -> Iterator[Diagnostic]:
    """Every expression names a step, an output, an input that there is."""
    for step in p.steps:
        for path, binding in p.references(step):
            wrong = _own(step, binding) if _is_own(binding, path) else _wrong(p, binding, path)
            if wrong is not None:
                yield p.document.finding("MG434", wrong[0], path, wrong[1])


def _is_own(binding: Binding, path: Path) -> bool:
    """Whether an expression is about the step itself: its arguments, and where its outputs go."""
    if path[2:3] == ("outputs",) and path[-1] == "path":
        return binding.root in _RUN
    return binding.root in ("inputs", "outputs") and path[2:3] != ("inputs",)


def _own(step: Step, binding: Binding) -> tuple[str, str | None] | None:
    if binding.root in _RUN:
        return None
    name = ".".join(binding.parts[1:])
    known = {*(step.inputs() if binding.root == "inputs" else step.outputs()), *(step.declared(binding.root) or ())}
    if name in known:
        return None
    return f"step `{step.name}` has no {binding.root[:-1]} `{name}`", _meant(name, known)


def _wrong(p: Pipeline, binding: Binding, path: Path) -> tuple[str, str | None] | None:
    if binding.of_step is not None:
        return _wrong_step(p, *binding.of_step)
    if binding.of_pipeline is not None:
        section, name = binding.of_pipeline
        if section == "outputs" and path[2:3] != ("outputs",):
            return f"`{binding.text}`: a step cannot read an output of the pipeline", None
        if section == "inputs" and path[2:3] == ("outputs",) and path[-1] != "path":
            return f"`{binding.text}`: an output goes to an output of the pipeline", None
        if name in p.section(section):
            return None
        return f"the pipeline has no {section[:-1]} `{name}`", _meant(name, p.section(section))
    if binding.parts[:2] == ("parent", "jobs") and len(binding.parts) > 3:
        return f"`{binding.text}`: of a step, only its outputs can be read", None
    return f"`{binding.text}` is nothing that a pipeline knows: parent.inputs.NAME, parent.jobs.STEP.outputs.NAME", None


def _wrong_step(p: Pipeline, name: str, output: str) -> tuple[str, str | None] | None:
    step = p.by_name.get(name)
    if step is None:
        return f"there is no step `{name}`", _meant(name, p.by_name)
    declared = step.declared("outputs")
    if declared is None or output in declared:
        return None
    return f"step `{name}` has no output `{output}`", _meant(output, declared)


def _meant(name: str, known: Any) -> str | None:
    near = nearest(name, known)
    return f"did you mean `{near}`?" if near else None


@rule("components", _PIPELINES)
def components(p: Pipeline) -> Iterator[Diagnostic]:
    """A step names a component that lies in the folder, and that is one."""
    for step in p.steps:
        named = step.data.get(step.key)
        if isinstance(named, str) and not named.startswith("azureml:"):
            yield from _file(p, step, named)
        elif isinstance(named, str) and step.component is None:
            yield from _workspace(p, step, named.removeprefix("azureml:"))


def _file(p: Pipeline, step: Step, named: str) -> Iterator[Diagnostic]:
    place = p.folder.lead(p.document, named)
    where = step.where(step.key)
    if place is None:
        yield p.document.finding("MG434", f"`{named}` lies outside of the bundle", where)
    elif not p.folder.has(place):
        files = [document.file for document in p.folder.of(COMPONENT)]
        yield p.document.finding("MG434", f"there is no file {place}", where, _meant(place, files))
    else:
        component = p.folder.named(place)
        if component is not None and component[0] != COMPONENT and step.kind in ("command", "sweep"):
            yield p.document.finding("MG433", f"{place} is no command component", where)


def _workspace(p: Pipeline, step: Step, named: str) -> Iterator[Diagnostic]:
    name = named.partition(":")[0].partition("@")[0]
    known = {str(d.data.get("name")) for d in p.folder.of(COMPONENT) if isinstance(d.data, dict)}
    if name in known:
        yield p.document.finding("MG434", f"`{name}` is made here in another version", step.where(step.key))


@rule("read-inputs", _PIPELINES + ": what nobody reads was meant for somebody")
def read_inputs(p: Pipeline) -> Iterator[Diagnostic]:
    """Every input of the pipeline is read, every output written."""
    names = [binding.of_pipeline for step in p.steps for _, binding in p.references(step)]
    if any(step.kind not in ("command", "sweep", "parallel", "spark", "pipeline") for step in p.steps):
        return
    for section, verb in (("inputs", "reads"), ("outputs", "writes")):
        for name in p.section(section):
            if (section, name) not in names:
                message = f"no step {verb} the {section[:-1]} `{name}`"
                yield p.document.finding("MG434", message, (section, name), severity=Severity.WARNING)
