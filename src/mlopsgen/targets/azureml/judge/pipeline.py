"""A pipeline job as rules see it: its steps, each with the component that it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mlopsgen.targets.azureml.judge.folder import COMPONENT, PIPELINE, Folder
from mlopsgen.targets.documents import Document, Path, walk

_WHOLE = re.compile(r"\$\{\{\s*(?P<said>[^{}]*?)\s*\}\}")
_OPEN = re.compile(r"\$\{\{|\$\{(?=\s*(?:parent|inputs|outputs|search_space)\b)")
_CLOSED = re.compile(r"\}\}")


@dataclass(frozen=True, slots=True)
class Binding:
    """One reference: its words between the dots, and whether it is all of the text."""

    text: str
    parts: tuple[str, ...]
    whole: bool

    @property
    def root(self) -> str:
        """`parent`, `inputs`, `outputs` or `search_space`."""
        return self.parts[0]

    @property
    def of_step(self) -> tuple[str, str] | None:
        """The step and the output that `parent.jobs.STEP.outputs.OUTPUT` names."""
        if len(self.parts) == 5 and self.parts[:2] == ("parent", "jobs") and self.parts[3] == "outputs":
            return self.parts[2], self.parts[4]
        return None

    @property
    def of_pipeline(self) -> tuple[str, str] | None:
        """`inputs` or `outputs` and the name that `parent.inputs.NAME` says; groups have further words."""
        if len(self.parts) >= 3 and self.parts[0] == "parent" and self.parts[1] in ("inputs", "outputs"):
            return self.parts[1], self.parts[2]
        return None


def bindings(text: str) -> Iterator[Binding]:
    """Every reference in a text, in order."""
    for match in _WHOLE.finditer(text):
        parts = tuple(part.strip() for part in match["said"].split("."))
        yield Binding(match[0], parts, whole=match[0] == text.strip())


def broken(text: str) -> str | None:
    """What is wrong with the braces of a text, None where nothing is."""
    rest = _WHOLE.sub("", text)
    opened = _OPEN.search(rest)
    if opened is not None:
        message = "`${{` has no `}}`" if opened[0] == "${{" else "an expression has two braces: `${{…}}`"
        return f"{message}: `{rest[opened.start() : opened.start() + 40]}`"
    return None


CONTROL = ("if_else", "do_while", "parallel_for")


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of `jobs`."""

    name: str
    data: Mapping[str, Any]
    path: Path
    component: Mapping[str, Any] | None
    """What it is, None where that lies in a workspace or registry."""

    @property
    def kind(self) -> str:
        """The type that it says, `command` where it says none."""
        return str(self.data.get("type", "command")).lower()

    @property
    def key(self) -> str:
        """Where it names its component."""
        return "trial" if self.kind == "sweep" else "component"

    def inputs(self) -> Mapping[str, Any]:
        """What it is given."""
        return a_map(self.data.get("inputs"))

    def outputs(self) -> Mapping[str, Any]:
        """What it says of its outputs."""
        return a_map(self.data.get("outputs"))

    def declared(self, section: str) -> Mapping[str, Any] | None:
        """The inputs or outputs that its component declares, None where nobody here knows them."""
        if self.component is not None:
            return a_map(self.component.get(section))
        inline = "command" in self.data and self.key not in self.data
        return self.outputs() if inline and section == "outputs" else None

    def where(self, *path: str | int) -> Path:
        """A place in the file."""
        return (*self.path, *path)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """One pipeline job of a folder."""

    folder: Folder
    document: Document
    data: Mapping[str, Any]
    steps: tuple[Step, ...]

    @property
    def by_name(self) -> Mapping[str, Step]:
        """Its steps by their names."""
        return {step.name: step for step in self.steps}

    def section(self, name: str) -> Mapping[str, Any]:
        """`inputs` or `outputs`."""
        return a_map(self.data.get(name))

    def references(self, step: Step) -> Iterator[tuple[Path, Binding]]:
        """Every expression of a step, but those of a component that is written out in it."""
        for path, value in walk(step.data, step.path):
            inside = path[len(step.path) : len(step.path) + 1]
            if isinstance(value, str) and inside not in (("component",), ("trial",), ("command",)):
                for binding in bindings(value):
                    yield path, binding


def a_map(value: Any) -> Mapping[str, Any]:
    """A map, empty where there is none."""
    return value if isinstance(value, dict) else {}


def pipelines(folder: Folder) -> tuple[Pipeline, ...]:
    """Every pipeline job of the folder."""
    return tuple(_pipeline(folder, document) for document in folder.of(PIPELINE))


def _pipeline(folder: Folder, document: Document) -> Pipeline:
    data = a_map(document.data)
    steps = [
        Step(name, step, ("jobs", name), component_of(folder, document, step))
        for name, step in a_map(data.get("jobs")).items()
        if isinstance(step, dict)
    ]
    return Pipeline(folder, document, data, tuple(steps))


def component_of(folder: Folder, document: Document, step: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The component that a step names by its file or by the name it has in this folder, or writes out."""
    named = step.get("trial", step.get("component"))
    if isinstance(named, dict):
        return named
    if not isinstance(named, str):
        return None
    if named.startswith("azureml:"):
        return _of_workspace(folder, named.removeprefix("azureml:"))
    place = folder.lead(document, named)
    component = folder.named(place) if place else None
    return a_map(component[1].data) if component and component[0] == COMPONENT else None


def _of_workspace(folder: Folder, named: str) -> Mapping[str, Any] | None:
    for document in folder.of(COMPONENT):
        component = a_map(document.data)
        name, version = str(component.get("name")), str(component.get("version"))
        if named in (name, f"{name}:{version}", f"{name}@latest"):
            return component
    return None
