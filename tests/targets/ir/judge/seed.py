"""A bundle of Vertex AI or of Kubeflow in memory, and faults as tables: one place, and what is put there instead."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from tests.targets.judging import faults, seeded
from tests.targets.judging.faults import OURS, Absent, Doc, Fault

__all__ = ["Absent", "Doc", "Fault", "Faults", "Seeded", "place", "walk"]


class Seeded(seeded.Seeded):
    """A YAML file is a list of documents; they are known by what stands in them."""

    several = True

    def documents(self) -> Iterator[tuple[str, Doc]]:
        """Every parsed document that is an object, with the name of its file."""
        for name, value in self.files.items():
            for document in value if isinstance(value, list) else [value]:
                if isinstance(document, dict):
                    yield name, document

    def named(self, which: str) -> list[Doc]:
        """`ir`, `platform`, `tf`, a Kubernetes kind, or the keys `a+b` that an object has."""
        return [d for name, d in self.documents() if _is(which, name, d)]

    @property
    def ir(self) -> Doc:
        return self.one("ir")

    def one(self, which: str) -> Doc:
        found = self.named(which)
        if not found:
            raise Absent(which)
        return found[0]

    def tasks(self) -> Iterator[tuple[Doc, str, Doc]]:
        """Every task with the tasks beside it and its name, outermost first."""
        holders = [self.ir.get("root", {}), *self.ir.get("components", {}).values()]
        for holder in holders:
            beside = holder.get("dag", {}).get("tasks", {})
            for name, task in list(beside.items()):
                yield beside, name, task

    def component(self, task: Doc) -> Doc:
        found: Doc = self.ir["components"][task["componentRef"]["name"]]
        return found

    def containers(self) -> list[Doc]:
        executors = self.ir["deploymentSpec"]["executors"].values()
        return [e["container"] for e in executors if "container" in e]


def _is(which: str, name: str, document: Doc) -> bool:
    if which == "ir":
        return "components" in document or "pipelineInfo" in document
    if which == "platform":
        return "platforms" in document
    if which == "tf":
        return name.endswith(".tf.json")
    if which[0].islower():
        return name.endswith(".json") and all(key in document for key in which.split("+"))
    return document.get("kind") == which and "apiVersion" in document


def walk(node: Any) -> Iterator[Any]:
    """Every value, parents first."""
    yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from walk(child)


def place(documents: list[Doc], path: str) -> tuple[Any, Any]:
    """The first holder and key at which `a.b.[].c` can be read; `[]` is the first entry, `*` any key.

    A path that starts with `/` starts at the top of a document.
    """
    keys = path.lstrip("/").split(".")
    for document in documents:
        for start in [document] if path.startswith("/") else walk(document):
            for found in _follow(start, keys):
                return found
    raise Absent(path)


def _follow(node: Any, keys: list[str]) -> Iterator[tuple[Any, Any]]:
    key = keys[0]
    if key == "[]":
        candidates: list[Any] = list(range(len(node))) if isinstance(node, list) else []
    elif key == "*":
        candidates = list(node) if isinstance(node, dict) else []
    else:
        candidates = [key.replace("~", ".")] if isinstance(node, dict) and key.replace("~", ".") in node else []
    for candidate in candidates:
        if len(keys) == 1:
            yield node, candidate
        else:
            yield from _follow(node[candidate], keys[1:])


class Faults(faults.Faults):
    """A list that fills itself from functions and from tables."""

    def renames(self, which: str, table: dict[str, str], *codes: int, by: str = OURS) -> None:
        """`path: other last key`."""
        for path, new in table.items():

            def break_(b: Seeded, path: str = path, new: str = new) -> None:
                holder, key = place(b.named(which), path)
                holder[new] = holder.pop(key)

            self.add(break_, name=_name("rename", which, path), kind="rename", codes=codes or (430, 432), by=by)

    def retypes(
        self, which: str, table: list[tuple[str, Any]], *codes: int, kind: str = "retype", by: str = OURS
    ) -> None:
        """`(path, other value)`; a function makes the other value from the one there."""
        for number, (path, new) in enumerate(table):

            def break_(b: Seeded, path: str = path, new: Any = new) -> None:
                holder, key = place(b.named(which), path)
                holder[key] = new(holder[key]) if callable(new) else deepcopy(new)

            name = _name(f"{kind}-{number}", which, path)
            self.add(break_, name=name, kind=kind, codes=codes or (431, 433), by=by)

    def dangles(self, which: str, *paths: str, code: int = 434, by: str = OURS) -> None:
        """Every text gets a letter more, so that it names nobody."""
        self.retypes(which, [(path, lambda text: text + "x") for path in paths], code, kind="dangle", by=by)

    def deletes(self, which: str, *paths: str, codes: tuple[int, ...] = (432,), by: str = OURS) -> None:
        for path in paths:

            def break_(b: Seeded, path: str = path) -> None:
                holder, key = place(b.named(which), path)
                del holder[key]

            self.add(break_, name=_name("delete", which, path), kind="delete", codes=codes, by=by)


def _name(*parts: str) -> str:
    return "-".join(parts).replace("/", "").replace(".[]", "").replace(".", "-").replace("+", "-")
