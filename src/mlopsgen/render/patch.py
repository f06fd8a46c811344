"""A user's patches to a parsed document: each must name exactly one place."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlopsgen.diagnostics import Diagnostic, SpecError
from mlopsgen.render.encode import UnspellableError, plain
from mlopsgen.render.job import Merge, Patch, Remove, Replace

_SELECTOR = re.compile(r"\[([^=\]]+)=(.*)\]", re.DOTALL)
_POSITION = re.compile(r"0|[1-9][0-9]*")


def apply_patches(document: Any, patches: tuple[Patch, ...]) -> Any:
    """The document with every patch applied in order; the one given stays as it was."""
    if not patches:
        return document
    # A holder, so that a patch may replace the whole document.
    root = [copy.deepcopy(document)]
    findings: list[Diagnostic] = []
    for patch in patches:
        findings.extend(_apply(root, patch))
    if findings:
        raise SpecError(findings)
    return root[0]


def _apply(root: list[Any], patch: Patch) -> Iterator[Diagnostic]:
    if patch.at and not patch.at.startswith("/"):
        yield _finding(
            patch, f"`{patch.at}` does not start with `/`", "an address looks like /Steps/[Name=training]/Arguments"
        )
        return
    parts = [_unescaped(p) for p in patch.at.split("/")[1:]]
    places: list[tuple[Any, Any]] = [(root, 0)]
    for depth, part in enumerate(parts):
        nodes = [holder[key] for holder, key in places]
        places = [place for node in nodes for place in _matching(node, part)]
        if len(places) != 1:
            yield _finding(patch, _missed(patch, parts[: depth + 1], len(places)), _present(nodes))
            return
    yield from _change(*places[0], patch)


def _unescaped(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")


def _matching(node: Any, part: str) -> Iterator[tuple[Any, Any]]:
    """The places that one part of an address names: what holds each, and under which key or position."""
    if isinstance(node, dict):
        yield from [(node, part)] if part in node else []
    elif isinstance(node, list):
        selector = _SELECTOR.fullmatch(part)
        if selector:
            yield from _selected(node, selector[1], selector[2])
        elif _POSITION.fullmatch(part) and int(part) < len(node):
            yield node, int(part)


def _selected(node: list[Any], key: str, value: str) -> list[tuple[Any, Any]]:
    """The entries that say so; else those of the lists inside: a step keeps its address when a branch holds it."""
    here = [(node, n) for n, entry in enumerate(node) if _says(entry, key) == value]
    return here or [place for inner in _lists(node) for place in _selected(inner, key, value)]


def _lists(node: Any) -> Iterator[list[Any]]:
    """The lists inside the entries of a list, the nearest ones alone."""
    for child in node.values() if isinstance(node, dict) else node:
        if isinstance(child, list):
            yield child
        elif isinstance(child, dict):
            yield from _lists(child)


def _says(entry: Any, key: str) -> str | None:
    """The value that an entry holds under a key, or under a dotted path of keys, as text."""
    for part in [key] if isinstance(entry, dict) and key in entry else key.split("."):
        if not isinstance(entry, dict) or part not in entry:
            return None
        entry = entry[part]
    return None if isinstance(entry, dict | list) else str(entry)


def _change(holder: Any, key: Any, patch: Patch) -> Iterator[Diagnostic]:
    try:
        match patch.change:
            case Remove():
                del holder[key]
            case Replace(value=value):
                holder[key] = plain(value)
            case Merge(value=value) if isinstance(holder[key], dict):
                holder[key] = _merged(holder[key], plain(value))
            case Merge():
                yield _finding(patch, f"`{patch.at}` is no mapping to merge into", "use `replace`")
    except UnspellableError as problem:
        yield Diagnostic("MG402", str(problem), spec_path=patch.origin)


def _merged(old: Any, new: Mapping[str, Any]) -> dict[str, Any]:
    """Maps merge, None takes away, everything else replaces: RFC 7386."""
    out = dict(old) if isinstance(old, dict) else {}
    for key, value in new.items():
        if value is None:
            out.pop(key, None)
        else:
            out[key] = _merged(out.get(key), value) if isinstance(value, dict) else value
    return out


def _missed(patch: Patch, parts: list[str], count: int) -> str:
    where = "/" + "/".join(parts)
    how_many = "nothing" if count == 0 else f"{count} places"
    return f"the patch of `{patch.file}` must match one place, but `{where}` matches {how_many}"


def _present(nodes: list[Any]) -> str:
    node = nodes[0] if len(nodes) == 1 else None
    if isinstance(node, dict) and node:
        return "there are: " + ", ".join(sorted(map(str, node))[:20])
    if isinstance(node, list) and node:
        names = [f"[{k}={e[k]}]" for e in node if isinstance(e, dict) for k in ("Name", "name", "Id") if k in e]
        return (
            "there are: " + ", ".join(names[:20]) if names else f"there are {len(node)} entries, 0 to {len(node) - 1}"
        )
    return "compile without the patch, and look at the file"


def _finding(patch: Patch, message: str, hint: str) -> Diagnostic:
    return Diagnostic("MG310", message, spec_path=patch.origin, hint=hint)
