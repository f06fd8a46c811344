"""Fills the holes of a command: folders, files, params, and what only the run knows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import assert_never
from urllib.parse import quote

from mlopsgen.records import dataclass
from mlopsgen.targets.local.execution.parameters import RunValue
from mlopsgen.targets.local.native import (
    AppFile,
    Argument,
    BundleFile,
    Flag,
    FromParam,
    FromParameter,
    FromRun,
    Hole,
    InputFolder,
    Interpreter,
    Joined,
    Live,
    OutputFolder,
    Registry,
    State,
    Step,
    Value,
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a run knows about itself."""

    run: str
    scheduled_at: str
    parameters: Mapping[str, RunValue]

    def value(self, value: Value) -> RunValue:
        """A value with every hole filled."""
        match value:
            case FromParameter():
                return self.parameters[value.parameter]
            case FromRun():
                return self.run if value.run == "id" else self.scheduled_at
            case Joined():
                return "".join(spelled(self._part(part)) or "" for part in value.text)
            case _:
                return value

    def _part(self, part: str | FromParameter | FromRun) -> RunValue:
        return part if isinstance(part, str) else self.value(part)

    def whole(self, value: int | FromParameter) -> int:
        """A count that may be a run parameter."""
        number = self.value(value)
        assert isinstance(number, int), f"{value} is no whole number"
        return number


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """What goes into the holes of one command."""

    python: str
    app: str
    bundle: str
    registry: str
    """URI of the folder that holds the registry of every model."""
    root: str
    """URI of the spec's folder."""
    state: str
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]
    params: Mapping[str, RunValue]
    facts: Facts

    def argv(self, step: Step) -> list[str]:
        """The whole command, ready to start."""
        words = (self._argument(argument) for argument in step.argv)
        return [word for word in words if word is not None]

    def _argument(self, argument: Argument) -> str | None:
        match argument:
            case str():
                return argument
            case Interpreter():
                return self.python
            case AppFile():
                return f"{self.app}/{argument.app}"
            case Flag():
                text = spelled(self._hole(argument.value))
                empty = text is None or (argument.optional and text == "")
                return None if empty else f"--{argument.flag}={text}"
            case _:
                assert_never(argument)

    def _hole(self, hole: Hole) -> RunValue:
        match hole:
            case InputFolder():
                return self.inputs[hole.input]
            case OutputFolder():
                return self.outputs[hole.output]
            case AppFile():
                return f"{self.app}/{hole.app}"
            case BundleFile():
                return f"{self.bundle}/{hole.bundle}"
            case FromParam():
                return self.params[hole.param]
            case FromParameter() | FromRun() | Joined():
                return self.facts.value(hole)
            case Registry():
                return f"{self.registry}/{hole.registry}" if hole.registry else self.registry
            case State():
                return f"{self.state}/{hole.state}"
            case Live():
                return self._live(str(self.facts.value(hole.live)))
            case _:
                assert_never(hole)

    def _live(self, uri: str) -> str:
        """A relative path lies beside the spec."""
        return uri if ":" in uri.split("/", 1)[0] else f"{self.root}/{quote(uri)}"


def spelled(value: RunValue) -> str | None:
    """A value as a command line shows it; None for the one that leaves its flag out."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def symbols(names: Mapping[str, object], kind: str) -> dict[str, str]:
    """Words that stand for folders, so that a command can be compared between runs."""
    return {name: f"<{kind} {name}>" for name in names}


def folders(base: Path, names: Mapping[str, object]) -> dict[str, str]:
    """A folder for each name."""
    return {name: str(base / name) for name in names}


def reads_what_changes(step: Step) -> bool:
    """Whether the command reads a registry or state, which change without any input changing."""
    return any(isinstance(a, Flag) and isinstance(a.value, Registry | State) for a in step.argv)
