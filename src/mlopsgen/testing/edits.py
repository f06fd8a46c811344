"""Plain data with one place changed or taken out, and whether a finding is about that place."""

from __future__ import annotations

import copy
from typing import Any

from mlopsgen.diagnostics import SpecPath


def at(data: Any, path: SpecPath) -> Any:
    """The value at a path."""
    for part in path:
        data = data[part]
    return data


def changed(data: Any, path: SpecPath, value: Any) -> Any:
    """A copy with another value at a path."""
    data = copy.deepcopy(data)
    at(data, path[:-1])[path[-1]] = value
    return data


def removed(data: Any, path: SpecPath) -> Any:
    """A copy without what stands at a path."""
    data = copy.deepcopy(data)
    del at(data, path[:-1])[path[-1]]
    return data


def stands(data: Any, path: SpecPath) -> bool:
    """Whether something stands at a path."""
    try:
        at(data, path)
    except (KeyError, IndexError, TypeError):
        return False
    return True


def about(where: SpecPath, path: SpecPath) -> bool:
    """Whether a finding is about this field: about itself, something in it, or the map that it stands in."""
    return where[: len(path)] == path or (len(where) > 1 and path[: len(where)] == where)
