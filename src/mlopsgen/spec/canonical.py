"""One order of keys for every spec that says the same, so that it compiles to the same bytes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

from mlopsgen.source import Node, Source, plain


def canonical(source: Source) -> Source:
    """The same spec with the keys of every map sorted; `columns` alone keep theirs, the order of a file's fields."""
    return replace(source, root=_sorted(source.root))


def _sorted(node: Node, key: str = "") -> Node:
    value = node.value
    if isinstance(value, list):
        return replace(node, value=[_sorted(item) for item in value])
    if not isinstance(value, dict):
        return node
    items = value.items() if key == "columns" else sorted(value.items())
    return replace(node, value={name: _sorted(child, name) for name, child in items})


def digest(source: Source) -> str:
    """sha256 over what a spec says, whatever its layout, comments and order of keys."""
    text = json.dumps(plain(canonical(source).root), ensure_ascii=False, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"
