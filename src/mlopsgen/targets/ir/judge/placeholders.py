"""Rules for what is filled in when a task starts: `{{$…}}`, Concat and IfPresent, `$(VAR)`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mlopsgen.diagnostics import Diagnostic, Severity
from mlopsgen.targets.documents import Path, dig, items, maps, walk
from mlopsgen.targets.ir.judge.folder import mapping
from mlopsgen.targets.ir.judge.program import Component, Program
from mlopsgen.targets.ir.judge.references import dangling
from mlopsgen.targets.rules import rule

DSL = "kfp, dsl/placeholders.py and dsl/__init__.py"
FACTS = {
    *("pipeline_job_name", "pipeline_job_resource_name", "pipeline_job_uuid", "pipeline_task_name"),
    *("pipeline_task_uuid", "pipeline_root", "pipeline_job_create_time_utc", "pipeline_job_schedule_time_utc"),
    *("workspace_path",),
}
_PROPERTIES = {"uri", "path", "name", "metadata", "properties", "custom_properties", "value"}
_START = re.compile(r"\{\{\$")
_WHOLE = re.compile(r"\{\{(\$[^{}]*)\}\}")
_PORT = re.compile(r"""\$\.(inputs|outputs)\.(parameters|artifacts)\[(['"])([^'"\]]+)\3\](.*)""", re.DOTALL)
_FACT = re.compile(r"\$\.(\w+)((?:\.json_escape\[\d\])?)")
_REST = re.compile(r"""(?:\.(\w+))?((?:\[(?:'[^']*'|"[^"]*"|\d+)\])*)""")
_STRUCTURE = re.compile(r'\{"(?:Concat|IfPresent|[A-Z]\w*)"\s*:\s*[\[{]')
_KUBERNETES = re.compile(r"(?<!\$)(?:\$\$)*\$\(([-._a-zA-Z][-._a-zA-Z0-9]*)\)")
_SHELLS = {"sh", "bash", "dash", "ash", "zsh"}


@dataclass(frozen=True, slots=True)
class Scope:
    """Where placeholders are read: the document, what they may name, and who they speak for."""

    p: Program
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    whose: str

    @classmethod
    def by(cls, p: Program, component: Component) -> Scope:
        """What the arguments of a component's container may name."""
        ports = ("parameters", "artifacts")
        return cls(
            p,
            {kind: component.inputs(kind) for kind in ports},
            {kind: component.outputs(kind) for kind in ports},
            component.name,
        )


@rule("ir-placeholders", DSL)
def placeholders(p: Program) -> Iterator[Diagnostic]:
    """Arguments of a container name what its component declares."""
    for label, path, container in p.containers():
        runners = list(p.runners(label))
        for key in ("command", "args"):
            for i, text in enumerate(items(container.get(key))):
                if isinstance(text, str) and runners:
                    yield from _argument(Scope.by(p, runners[0]), (*path, key, i), text)


def _argument(scope: Scope, path: Path, text: str) -> Iterator[Diagnostic]:
    yield from texts(scope, path, text)
    if _STRUCTURE.match(text):
        try:
            parsed = json.loads(text)
        except ValueError:
            message = "this argument starts like a Concat or IfPresent, and is no JSON"
            yield scope.p.document.finding("MG439", message, path)
        else:
            yield from _structure(scope, path, parsed)


def _structure(scope: Scope, path: Path, node: Any) -> Iterator[Diagnostic]:
    """Concat is a list, IfPresent has a name and what then; inside each other as often as one likes."""
    if isinstance(node, str):
        return
    parts = items(dig(node, ("Concat",)))
    if isinstance(node, dict) and list(node) == ["Concat"] and parts:
        for part in parts:
            yield from _structure(scope, path, part)
        return
    present = mapping(dig(node, ("IfPresent",)))
    sure = {"InputName", "Then"} <= set(present) <= {"InputName", "Then", "Else"}
    if not (isinstance(node, dict) and list(node) == ["IfPresent"] and sure):
        message = '{"Concat": […]} or {"IfPresent": {"InputName": …, "Then": …, "Else": …}} must stand here'
        yield scope.p.document.finding("MG439", message, path)
        return
    name = present["InputName"]
    known = {**scope.inputs["parameters"], **scope.inputs["artifacts"]}
    if name not in known:
        yield dangling(scope.p, path, f"`{scope.whose}` has no input `{name}`", name, known)
    for branch in ("Then", "Else"):
        branches = present.get(branch, [])
        for part in branches if isinstance(branches, list) else [branches]:
            yield from _structure(scope, path, part)


def texts(scope: Scope, path: Path, text: str) -> Iterator[Diagnostic]:
    """Every placeholder of a text is whole and names something."""
    whole = _WHOLE.findall(text)
    if len(_START.findall(text)) != len(whole):
        yield scope.p.document.finding("MG439", "a placeholder starts with `{{$` here and is not one to its end", path)
    for match in whole:
        yield from _placeholder(scope, path, match)
    if "{{channel:" in text:
        yield scope.p.document.finding("MG434", "a channel of the compiler was left in the text", path)


def _placeholder(scope: Scope, path: Path, text: str) -> Iterator[Diagnostic]:
    if text in ("$", "$.outputs.output_file", "$.outputs.output_metadata_uri") or text.startswith("$.json_escape["):
        return
    port = _PORT.fullmatch(text)
    if port is None:
        fact = _FACT.fullmatch(text)
        if fact is None and text.startswith(("$.inputs", "$.outputs")):
            yield scope.p.document.finding("MG439", f"`{{{{{text}}}}}` is no placeholder", path)
        elif fact is None or fact[1] not in FACTS:
            known = dict.fromkeys(sorted(FACTS))
            name = text.removeprefix("$.")
            yield dangling(scope.p, path, f"`{name}` is no fact of a run", name, known)
        return
    side, kind, name, rest = port[1], port[2], port[4], port[5]
    known = (scope.inputs if side == "inputs" else scope.outputs)[kind]
    if name not in known:
        yield dangling(scope.p, path, f"`{scope.whose}` has no `{name}` among its {side}, {kind}", name, known)
    yield from _property(
        scope, path, text, (side, kind, rest.replace(".json_escape[0]", "").replace(".json_escape[1]", ""))
    )


def _property(scope: Scope, path: Path, text: str, port: tuple[str, str, str]) -> Iterator[Diagnostic]:
    side, kind, rest = port
    match = _REST.fullmatch(rest)
    member = match[1] if match else None
    if kind == "artifacts":
        right = match is not None and (member is None or member in _PROPERTIES)
    elif side == "outputs":
        right = member == "output_file"
    else:
        right = match is not None and member is None
    if not right:
        message = (
            f"`{{{{{text}}}}}`: {side} have no `{rest.lstrip('.')}` there" if rest else f"`{{{{{text}}}}}` has no value"
        )
        yield scope.p.document.finding("MG433", message, path)


@rule("ir-constants", DSL)
def constants(p: Program) -> Iterator[Diagnostic]:
    """Placeholders in a constant name what the task itself is given, or a fact of the run."""
    for task in p.tasks:
        inputs = {kind: task.arguments(kind) for kind in ("parameters", "artifacts")}
        scope = Scope(p, inputs, {"parameters": {}, "artifacts": {}}, task.name)
        for name, source in inputs["parameters"].items():
            place = ("runtimeValue", "constant")
            for inner, text in walk(dig(source, place)):
                if isinstance(text, str):
                    yield from texts(scope, task.where("inputs", "parameters", name, *place, *inner), text)


@rule("ir-importers", "kfp, pipeline_spec.proto, ImporterSpec: runtimeParameter is an input of its component")
def importers(p: Program) -> Iterator[Diagnostic]:
    """An importer's address is an input of its component, or an address."""
    for label, executor in p.executors.items():
        address = mapping(dig(executor, ("importer", "artifactUri")))
        path = ("deploymentSpec", "executors", label, "importer", "artifactUri")
        for component in p.runners(label):
            known = component.inputs("parameters")
            name = address.get("runtimeParameter")
            if isinstance(name, str) and name not in known:
                message = f"`{component.name}` has no parameter `{name}`"
                yield dangling(p, (*path, "runtimeParameter"), message, name, known)
            constant = address.get("constant")
            if isinstance(constant, str) and "://" not in constant and "{{$" not in constant:
                yield p.document.finding("MG433", f"`{constant}` is no address", (*path, "constant"))


@rule("ir-variables", "Kubernetes API, Container: $(VAR) becomes the variable, $$(VAR) stays as it is")
def variables(p: Program) -> Iterator[Diagnostic]:
    """`$(NAME)` in an argument is a variable of the same container; a text that means itself says `$$(NAME)`."""
    for label, path, container in p.containers():
        known = {str(v.get("name")) for _, v in maps(container.get("env"))} | set(map(str, _of_platform(p, label)))
        if not calls_shell(container):
            for key in ("command", "args"):
                for i, text in enumerate(items(container.get(key))):
                    for name in unset(text, known):
                        yield unset_variable(p.document.finding, name, (*path, key, i))


def calls_shell(container: dict[str, Any]) -> bool:
    """Whether `$(…)` may be the shell's."""
    words = [w for w in (*items(container.get("command")), *items(container.get("args"))) if isinstance(w, str)]
    return any(word.rsplit("/", 1)[-1] in _SHELLS for word in words)


def unset(text: Any, known: set[Any]) -> Iterator[str]:
    """The names in `$(…)` that no variable has."""
    for name in _KUBERNETES.findall(text) if isinstance(text, str) else ():
        if name not in known:
            yield name


def unset_variable(new_finding: Any, name: str, path: Path) -> Diagnostic:
    """The finding for one of those; Kubernetes leaves such a text as it is, so it may be meant."""
    hint = f"where the text means itself: `$$({name})`"
    finding: Diagnostic = new_finding("MG434", f"no variable `{name}` is set here", path, hint, Severity.WARNING)
    return finding


def _of_platform(p: Program, label: str) -> Iterator[Any]:
    """Variables that the platform's document sets."""
    properties = (
        dig(p.platform.data, ("platforms", "kubernetes", "deploymentSpec", "executors", label)) if p.platform else {}
    )
    executor = mapping(properties)
    for kind in ("secretAsEnv", "configMapAsEnv"):
        for _, source in maps(executor.get(kind)):
            yield from (entry.get("envVar") for _, entry in maps(source.get("keyToEnv")))
    yield from (field.get("name") for _, field in maps(executor.get("fieldPathAsEnv")))
