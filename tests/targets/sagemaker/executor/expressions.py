"""What only a run knows: `Get`, `Std:Join` and `Std:JsonGet`, as the service fills them in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .storage import Storage

_PART = re.compile(r"\.?([^.\[\]']+)|\['([^']*)'\]")


class Broken(Exception):
    """A reference that the service could not follow."""


@dataclass(slots=True)
class Facts:
    """What references are looked up in: parameters, the run, and what ended steps say about themselves."""

    storage: Storage
    parameters: Mapping[str, Any]
    execution: Mapping[str, str]
    steps: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    files: dict[tuple[str, str], str] = field(default_factory=dict)
    """(step, property file) → its place in S3."""

    def filled(self, node: Any) -> Any:
        """A part of a definition with every expression replaced by its value."""
        match node:
            case {"Get": str(path), **rest} if not rest:
                return self._got(path)
            case {"Std:Join": {"On": str(on), "Values": list(values)}}:
                return on.join(spelled(self.filled(value)) for value in values)
            case {"Std:JsonGet": {"PropertyFile": {"Get": str(path)}, "Path": str(inner)}}:
                return self._inside(path, inner)
            case dict():
                return {key: self.filled(value) for key, value in node.items()}
            case list():
                return [self.filled(value) for value in node]
            case _:
                return node

    def _got(self, path: str) -> Any:
        root, _, rest = path.partition(".")
        match root:
            case "Parameters":
                return _at(self.parameters, (rest,), path)
            case "Execution":
                return _at(self.execution, (rest,), path)
            case "Steps":
                return _at(self.steps, parts(rest), path)
        raise Broken(path)

    def _inside(self, path: str, inner: str) -> Any:
        _, step, _, name = parts(path)
        content = json.loads(self.storage.path(self.files[step, name]).read_text())
        return _at(content, tuple(inner.split(".")), path)


def parts(path: str) -> tuple[str, ...]:
    """`a.Outputs['x'].S3Uri` as a, Outputs, x, S3Uri."""
    return tuple(plain or quoted for plain, quoted in _PART.findall(path))


def _at(node: Any, keys: tuple[str, ...], path: str) -> Any:
    for key in keys:
        if isinstance(node, list):
            node = {item["OutputName"]: item for item in node}
        if not isinstance(node, Mapping) or key not in node:
            raise Broken(path)
        node = node[key]
    if isinstance(node, dict | list):
        raise Broken(f"{path} is a structure, and the service takes none")
    return node


def spelled(value: Any) -> str:
    """A value inside a join. How booleans read there is written nowhere, so none may get there."""
    if isinstance(value, bool):
        raise Broken("a boolean inside a join")
    return value if isinstance(value, str) else json.dumps(value)


def references(node: Any) -> Iterator[str]:
    """The steps that a part of a definition reads."""
    if isinstance(node, dict):
        if isinstance(node.get("Get"), str) and node["Get"].startswith("Steps."):
            yield parts(node["Get"])[1]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)
