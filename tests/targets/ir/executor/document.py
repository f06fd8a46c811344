"""An emitted pipeline as its service reads it, and what a run gives its parameters."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import yaml

Node: TypeAlias = dict[str, Any]
KINDS: Mapping[str, tuple[type, ...]] = {
    "STRING": (str,),
    "NUMBER_INTEGER": (int,),
    "NUMBER_DOUBLE": (int, float),
    "BOOLEAN": (bool,),
    "LIST": (list,),
    "STRUCT": (dict,),
}


class Broken(AssertionError):
    """A document that no service could run, or that two of them would run differently."""


class Refused(Exception):
    """The service does not even start such a run."""


@dataclass(frozen=True, slots=True)
class Document:
    """A PipelineSpec, and the platform's own document behind it if there is one."""

    spec: Node
    platform: Node

    @property
    def root(self) -> Node:
        found: Node = self.spec["root"]
        return found

    def component(self, name: str) -> Node:
        found: Node = self.spec["components"][name]
        return found

    def executor(self, label: str) -> Node:
        found: Node = self.spec["deploymentSpec"]["executors"][label]
        return found

    def parameters(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The value of every parameter of a run."""
        declared: Node = self.root.get("inputDefinitions", {}).get("parameters", {})
        if strange := set(given) - set(declared):
            raise Refused(f"no parameter is called {sorted(strange)}")
        found = {}
        for name, said in declared.items():
            value = given.get(name, said.get("defaultValue"))
            if value is None and not said.get("isOptional"):
                raise Refused(f"{name} has no value")
            check(name, value, said["parameterType"])
            found[name] = value
        return found


def check(name: str, value: Any, kind: str) -> None:
    """A value has its declared type; true is no number."""
    if value is not None and (not isinstance(value, KINDS[kind]) or (isinstance(value, bool) and kind != "BOOLEAN")):
        raise Refused(f"{name} is a {kind}, not {value!r}")


def read(path: Path) -> Document:
    """The documents of a file."""
    first, *others = yaml.safe_load_all(path.read_text())
    assert len(others) <= 1
    return Document(first, others[0] if others else {})


def text_of(value: Any) -> str:
    """A value as it stands in an argument: numbers without a useless `.0`, lists as JSON."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        value = float(value)  # google.protobuf.Value knows one kind of number
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def read_back(text: str, kind: str) -> Any:
    """What a file of an output parameter says."""
    match kind:
        case "STRING":
            return text
        case "BOOLEAN":
            return {"true": True, "false": False}[text.strip()]
        case "NUMBER_INTEGER" | "NUMBER_DOUBLE":
            return float(text)
        case _:
            found = json.loads(text)
            assert isinstance(found, KINDS[kind])
            return found
