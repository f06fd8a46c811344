"""One mistake in a document: another value at a place, or none."""

from __future__ import annotations

from typing import Any, TypeAlias

Change: TypeAlias = tuple[str, Any]
"""A path of keys and positions with dots between them, and the value that is there then; `GONE` for none."""
GONE = object()


def changed(document: Any, change: Change) -> Any:
    """The document with the mistake in it."""
    path, value = change
    *way, last = (int(part) if part.isdigit() else part for part in path.split("."))
    node = document
    for part in way:
        node = node[part]
    if value is GONE:
        del node[last]
    else:
        node[last] = value
    return document
