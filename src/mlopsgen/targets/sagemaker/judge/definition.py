"""A pipeline definition as steps and references, however broken it may be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mlopsgen.targets.documents.document import Document, Path, dig, maps, walk

BRANCHES = ("IfSteps", "ElseSteps", "Steps")
FUNCTIONS = ("Get", "Std:Join", "Std:JsonGet")


@dataclass(frozen=True, slots=True)
class Step:
    """One step, with its path in the file and the names of the conditions around it."""

    path: Path
    data: dict[str, Any]
    around: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name, or nothing where it has none."""
        name = self.data.get("Name")
        return name if isinstance(name, str) else ""

    @property
    def type(self) -> str:
        """The type, or nothing where it has none."""
        kind = self.data.get("Type")
        return kind if isinstance(kind, str) else ""

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments, or nothing where they are no object."""
        arguments = self.data.get("Arguments")
        return arguments if isinstance(arguments, dict) else {}

    def where(self, *path: str | int) -> Path:
        """The path in the file of something inside this step."""
        return (*self.path, *path)

    def get(self, *path: str | int) -> Any:
        """A value inside the arguments, None where there is none."""
        return dig(self.arguments, path)

    def own(self) -> dict[str, Any]:
        """The step without the steps in its branches."""
        inside = {k: v for k, v in self.arguments.items() if k not in BRANCHES}
        return {**self.data, "Arguments": inside} if "Arguments" in self.data else self.data


@dataclass(frozen=True)
class Definition:
    """A parsed definition."""

    document: Document

    @cached_property
    def data(self) -> dict[str, Any]:
        """The top object, empty where the file holds something else."""
        return self.document.data if isinstance(self.document.data, dict) else {}

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Every step, those in branches after the condition that holds them."""
        return tuple(_steps(self.data.get("Steps"), ("Steps",), ()))

    @cached_property
    def by_name(self) -> dict[str, Step]:
        """The first step of each name."""
        steps: dict[str, Step] = {}
        for step in self.steps:
            steps.setdefault(step.name, step)
        return steps

    @cached_property
    def parameters(self) -> dict[str, tuple[Path, dict[str, Any]]]:
        """The first parameter of each name, with its path."""
        parameters: dict[str, tuple[Path, dict[str, Any]]] = {}
        for i, parameter in maps(self.data.get("Parameters")):
            parameters.setdefault(str(parameter.get("Name")), (("Parameters", i), parameter))
        return parameters

    def of(self, *types: str) -> Iterator[Step]:
        """The steps of these types."""
        return (s for s in self.steps if s.type in types)

    def by_default(self, value: Any) -> Any:
        """A value as a run without parameters has it: that of a parameter is its default."""
        if not (isinstance(value, dict) and str(value.get("Get")).startswith("Parameters.")):
            return value
        _, declared = self.parameters.get(str(value["Get"]).removeprefix("Parameters."), ((), {}))
        return declared.get("DefaultValue")

    def kind(self, parameter: str) -> str:
        """The declared type of a parameter; String is the default of the service."""
        return str(self.parameters.get(parameter, ((), {}))[1].get("Type", "String"))


def _steps(steps: Any, path: Path, around: tuple[str, ...]) -> Iterator[Step]:
    for i, data in maps(steps):
        step = Step((*path, i), data, around)
        yield step
        for branch in BRANCHES:
            yield from _steps(step.arguments.get(branch), step.where("Arguments", branch), (*around, step.name))


@dataclass(frozen=True, slots=True)
class Reference:
    """One `{"Get": "…"}`, cut at its dots and brackets."""

    path: Path
    text: str

    @property
    def parts(self) -> tuple[str | int, ...]:
        """`Steps.a.Outputs['x'][0].S3Uri` as Steps, a, Outputs, x, 0, S3Uri."""
        return tuple(int(n) if n else k or m for m, k, n in _PART.findall(self.text))

    @property
    def root(self) -> str:
        """Parameters, Steps or Execution."""
        return self.text.split(".", 1)[0]

    @property
    def name(self) -> str:
        """The parameter, step or fact that is meant."""
        return str(self.parts[1]) if len(self.parts) > 1 else ""

    @property
    def well_formed(self) -> bool:
        """Whether nothing is left beside members, keys and positions."""
        return _WHOLE.fullmatch(self.text) is not None


_PART = re.compile(r"(?:^|\.)([^.\[\]']+)|\['([^']*)'\]|\[(\d+)\]")
_WHOLE = re.compile(r"[^.\[\]']+(?:\.[^.\[\]']+|\['[^']*'\]|\[\d+\])+")


def references(node: Any, path: Path) -> Iterator[Reference]:
    """Every reference below a node."""
    for where, value in walk(node, path):
        if isinstance(value, dict) and isinstance(value.get("Get"), str) and len(value) == 1:
            yield Reference(where, value["Get"])


def function(value: Any) -> str | None:
    """The name of the function when the value is one: Get, Std:Join or Std:JsonGet."""
    if isinstance(value, dict) and len(value) == 1:
        key = next(iter(value))
        return key if key in FUNCTIONS else None
    return None
