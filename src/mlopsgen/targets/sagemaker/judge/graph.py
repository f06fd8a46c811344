"""Rules for what names what: references, DependsOn, outputs, property files, cycles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlopsgen.diagnostics import Diagnostic, Severity
from mlopsgen.targets.documents.document import Path, maps
from mlopsgen.targets.rules import rule
from mlopsgen.targets.sagemaker.judge.definition import BRANCHES, Definition, Reference, Step, references

FACTS = (
    *("StartDateTime", "CurrentDateTime", "PipelineName", "PipelineArn", "PipelineExecutionId"),
    *("PipelineExecutionArn", "TrainingJobName", "ProcessingJobName"),
)
ROOTS = ("Parameters", "Steps", "Execution", "PipelineExperimentConfig")
_VARIABLES = 'developer guide, "Pipeline parameters" and "Execution properties"; sagemaker-core, execution_variables.py'
_PROPERTIES = 'developer guide, "Pass data between steps"'
_KEYED = {
    ("ProcessingOutputConfig", "Outputs"): "OutputName",
    ("ProcessingInputs",): "InputName",
    ("InputDataConfig",): "ChannelName",
}


@rule("references", _VARIABLES)
def undeclared(d: Definition) -> Iterator[Diagnostic]:
    """Every reference names a declared parameter, a step of the pipeline or a fact of the run."""
    loops = any(s.type == "ForEach" for s in d.steps)
    known_names = {"Parameters": set(d.parameters), "Steps": set(d.by_name), "Execution": set(FACTS)}
    for reference in references(d.data, ()):
        known = known_names.get(reference.root)
        if reference.root not in ROOTS:
            if not loops:
                yield _dangling(d, reference, f"`{reference.text}` starts with none of {', '.join(ROOTS)}")
        elif not reference.well_formed:
            yield _dangling(d, reference, f"`{reference.text}` is not a reference")
        elif known is not None and reference.name not in known:
            what = {"Parameters": "parameter", "Steps": "step", "Execution": "fact of a run"}[reference.root]
            yield _dangling(d, reference, f"`{reference.text}`: there is no {what} `{reference.name}`")


def _dangling(d: Definition, reference: Reference, message: str) -> Diagnostic:
    return d.document.finding("MG434", message, (*reference.path, "Get"))


@rule("depends-on", _PROPERTIES)
def depends_on(d: Definition) -> Iterator[Diagnostic]:
    """DependsOn is a list of steps of this pipeline, each named once."""
    for step in d.steps:
        names = step.data.get("DependsOn", [])
        if not isinstance(names, list):
            yield d.document.finding("MG431", "`DependsOn` must be a list of step names", step.where("DependsOn"))
            continue
        for i, name in enumerate(names):
            if not isinstance(name, str):
                yield d.document.finding("MG431", "`DependsOn` holds step names", step.where("DependsOn", i))
            elif name not in d.by_name:
                yield d.document.finding("MG434", f"there is no step `{name}`", step.where("DependsOn", i))
            elif d.by_name[name].type == "Condition":
                message = f"`{name}` is a condition, which CreatePipeline refuses to wait for: put this step inside"
                yield d.document.finding("MG433", message, step.where("DependsOn", i))
            elif name in names[:i]:
                yield d.document.finding("MG436", f"`{name}` stands twice", step.where("DependsOn", i))


@rule("outputs", _PROPERTIES + ": a list is read by the name of its entry")
def outputs(d: Definition) -> Iterator[Diagnostic]:
    """`Outputs['x']` names an output, input or channel that the step has."""
    for reference in references(d.data, ()):
        step = d.by_name.get(reference.name)
        if reference.root != "Steps" or step is None:
            continue
        for place, key in _KEYED.items():
            rest = reference.parts[2:]
            if rest[: len(place)] != place or len(rest) == len(place):
                continue
            entries = step.get(*place)
            chosen = rest[len(place)]
            names = [e.get(key) for _, e in maps(entries)]
            if isinstance(chosen, str) and chosen not in names:
                yield _dangling(d, reference, f"step `{step.name}` has no `{chosen}` in {'.'.join(place)}")
            elif isinstance(chosen, int) and chosen >= len(names):
                yield _dangling(d, reference, f"step `{step.name}` has {len(names)} entries in {'.'.join(place)}")


@rule("property-files", 'developer guide, "Property files and JsonGet"')
def property_files(d: Definition) -> Iterator[Diagnostic]:
    """A property file has a name of its own, lies in an output of its step, and somebody reads it."""
    read = set(_read_files(d))
    for step in d.of("Processing"):
        names = [o.get("OutputName") for _, o in maps(step.get("ProcessingOutputConfig", "Outputs"))]
        seen: set[str] = set()
        for i, file in maps(step.data.get("PropertyFiles")):
            path, name = step.where("PropertyFiles", i), str(file.get("PropertyFileName"))
            yield from _file_keys(d, file, path)
            if "OutputName" in file and file["OutputName"] not in names:
                message = f"step `{step.name}` has no output `{file['OutputName']}`"
                yield d.document.finding("MG434", message, (*path, "OutputName"))
            if name in seen:
                yield d.document.finding("MG436", f"two property files are called `{name}`", path)
            elif "PropertyFileName" in file and (step.name, name) not in read:
                message = f"nothing reads the property file `{name}`"
                yield d.document.finding("MG434", message, path, severity=Severity.WARNING)
            seen.add(name)


def _file_keys(d: Definition, file: dict[str, Any], path: Path) -> Iterator[Diagnostic]:
    known = ("PropertyFileName", "OutputName", "FilePath")
    for key in known:
        if key not in file:
            yield d.document.finding("MG432", f"a property file needs `{key}`", path)
        elif not isinstance(file[key], str) or not file[key]:
            yield d.document.finding("MG431", f"`{key}` must be text", (*path, key))
    for key in file:
        if key not in known:
            yield d.document.finding("MG430", f"a property file has no `{key}`", (*path, key))


def _read_files(d: Definition) -> Iterator[tuple[str, str]]:
    for reference in references(d.data, ()):
        if reference.root == "Steps" and reference.parts[2:3] == ("PropertyFiles",) and len(reference.parts) == 4:
            yield reference.name, str(reference.parts[3])


@rule("property-file-exists", 'developer guide, "Property files and JsonGet"')
def property_file_exists(d: Definition) -> Iterator[Diagnostic]:
    """`Steps.x.PropertyFiles.y` names a property file that step x declares, inside Std:JsonGet."""
    for reference in references(d.data, ()):
        step = d.by_name.get(reference.name)
        if reference.root != "Steps" or reference.parts[2:3] != ("PropertyFiles",) or step is None:
            continue
        declared = [f.get("PropertyFileName") for _, f in maps(step.data.get("PropertyFiles"))]
        if len(reference.parts) != 4 or reference.parts[3] not in declared:
            yield _dangling(
                d,
                reference,
                f"step `{step.name}` declares no property file `{'.'.join(map(str, reference.parts[3:]))}`",
            )
        if reference.path[-2:] != ("Std:JsonGet", "PropertyFile"):
            yield d.document.finding("MG431", "a property file is read through Std:JsonGet", reference.path)


def edges(d: Definition) -> Mapping[str, frozenset[str]]:
    """Step → the steps it waits for: by reference, by DependsOn, and by the condition around it."""
    predecessors: dict[str, set[str]] = {}
    for step in d.steps:
        waits = predecessors.setdefault(step.name, set())
        waits.update(r.name for r in references(step.own(), ()) if r.root == "Steps")
        names = step.data.get("DependsOn")
        waits.update(n for n in (names if isinstance(names, list) else ()) if isinstance(n, str))
        waits.update(step.around[-1:])
    return {name: frozenset(w for w in waits if w in d.by_name) for name, waits in predecessors.items()}


def before(d: Definition) -> Mapping[str, frozenset[str]]:
    """Step → every step that has ended when it starts."""
    direct, known = edges(d), dict[str, frozenset[str]]()
    for name in direct:
        reached, waiting = set[str](), list(direct[name])
        while waiting:
            step = waiting.pop()
            if step not in reached:
                reached.add(step)
                waiting.extend(direct.get(step, ()))
        known[name] = frozenset(reached)
    return known


@rule("cycles", 'developer guide, "Pipelines overview": a directed acyclic graph')
def cycles(d: Definition) -> Iterator[Diagnostic]:
    """No step waits for itself, on whatever way."""
    reached = before(d)
    for name, step in d.by_name.items():
        if name in reached.get(name, ()):
            ring = sorted(n for n in reached[name] if name in reached.get(n, ()))
            yield d.document.finding("MG435", f"step `{name}` waits for itself through {', '.join(ring)}", step.path)


@rule("branch-reader", 'developer guide, "Condition step": a branch may not run')
def branch_reader(d: Definition) -> Iterator[Diagnostic]:
    """A step outside a branch does not read what only that branch makes, unless it is skipped with it on purpose."""
    for step in d.steps:
        for reference in references(step.own(), step.path):
            source = d.by_name.get(reference.name)
            if reference.root == "Steps" and source is not None and _by_chance(d, source, step):
                message = f"`{source.name}` runs only in a branch of `{source.around[-1]}`, this step runs outside"
                yield d.document.finding("MG434", message, reference.path, severity=Severity.WARNING)


def _by_chance(d: Definition, source: Step, reader: Step) -> bool:
    """Whether a reader outside a branch looks as if nobody had thought of the branch not being taken."""
    if not source.around or reader.type == "Condition" or reader.name in source.around:
        return False
    if reader.around[: len(source.around)] == source.around:
        return False
    condition = d.by_name[source.around[-1]]
    inside = [inner.get("Type") for key in BRANCHES for _, inner in maps(condition.arguments.get(key))]
    if "Fail" in inside and not any(reference.root == "Steps" for reference in references(condition.own(), ())):
        return False  # asked before anything runs: where this branch is not taken, there is no run
    return not any(_skipped_with(d, d.by_name[name], condition) for name in reader.around)


def _skipped_with(d: Definition, condition: Step, other: Step) -> bool:
    """Whether a condition's steps are skipped when another's are: it asks the same, or waits for one of them."""
    conditions = condition.get("Conditions")
    same = isinstance(conditions, list) and all(one in conditions for one in other.get("Conditions") or [None])
    waits = (
        d.by_name.get(reference.name) for reference in references(condition.own(), ()) if reference.root == "Steps"
    )
    return same or any(step is not None and other.name in step.around for step in waits)
