"""What a run has to do, written down before it begins, and what was done of it.

    <state>/<name>/lock.json                 who is at it, and when they last gave a sign of life
    <state>/<name>/run=<id>/plan.json        the input as it was listed, its parts, the model's version
    <state>/<name>/run=<id>/part-00000.json  that part is in its place: how many records it had
    <state>/<name>/run=<id>/ending.json      the node that ends the run

A run that was cut off goes on by its plan: with the files and the model with which it began, and without the parts
that are done. Of several nodes the first one's plan counts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote

from ...files import is_data
from ...platforms import open_store, open_tree
from ...platforms.api import Entry, Store, Stored
from ...problems import Failed, Usage
from .parts import Part, cut
from .settings import Settings

FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """The version of the model that a run asks."""

    name: str
    digest: str | None = None
    """Of the model's files, where they came as a folder."""

    def facts(self) -> dict[str, Any]:
        """As JSON."""
        return {"version": self.name, **({"digest": self.digest} if self.digest else {})}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The files, the parts and the version of one run."""

    base: str
    """The address below which the files have their names."""
    files: tuple[Entry, ...]
    parts: tuple[Part, ...]
    version: Version
    at: str | None
    is_new: bool
    """Whether nobody has begun with it yet."""

    def of_node(self, node: int, nodes: int) -> tuple[Part, ...]:
        """The parts of one machine."""
        return tuple(part for part in self.parts if part.number % nodes == node)


class Progress:
    """What is written down of one run."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.uri = f"{settings.state.rstrip('/')}/{settings.name}"
        self.store: Store = open_store(self.uri)
        self.folder = f"run={settings.run}"

    def plan(self) -> Plan | None:
        """The plan that is there; one that was made for other settings is refused."""
        body = self.store.read(f"{self.folder}/plan.json").body
        if body is None:
            return None
        facts = json.loads(body)
        if facts["format_version"] != FORMAT_VERSION:
            raise Failed(f"the plan of run {self.settings.run} is of format {facts['format_version']}, not known here")
        now, then = self.settings.facts(), facts["settings"]
        other = next((name for name in now if now[name] != then.get(name)), None)
        if other is not None:
            raise Usage(
                f"run {self.settings.run} began with --{other}={_text(then.get(other))}, not {_text(now[other])}:"
                " take it up with the same flags, or give another --run-id"
            )
        return Plan(
            base=facts["base"],
            files=tuple(Entry(**one) for one in facts["input"]),
            parts=tuple(Part(**one) for one in facts["parts"]),
            version=Version(name=facts["model"]["version"], digest=facts["model"].get("digest")),
            at=facts["at"],
            is_new=False,
        )

    def begin(self, version: Version, delimiter: str) -> Plan:
        """Writes the plan down, unless another node was faster: then that one's."""
        settings = self.settings
        base, files = listed(settings.input)
        parts = tuple(cut(open_tree(base), files, settings.read, delimiter, settings.part_bytes))
        facts = {
            "format_version": FORMAT_VERSION,
            "run": settings.run,
            "at": settings.at,
            "model": version.facts(),
            "settings": settings.facts(),
            "base": base,
            "input": [lineage(entry) for entry in files],
            "parts": [part.facts() for part in parts],
        }
        if self.note("plan", facts):
            return Plan(base=base, files=tuple(files), parts=parts, version=version, at=settings.at, is_new=True)
        plan = self.plan()
        if plan is None:
            raise Failed(f"the plan of run {settings.run} was written by another node, and is gone")
        return plan

    def note(self, name: str, facts: Mapping[str, Any]) -> bool:
        """Writes something down for good; False where it stands there already."""
        key, body = f"{self.folder}/{name}.json", json.dumps(facts, indent=1, ensure_ascii=False).encode()
        seen = self.store.read(key)
        return seen.body is None and self.store.write(key, body, Stored(None, seen.mark))

    def noted(self, name: str) -> Any:
        """What was written down, None where nothing was."""
        body = self.store.read(f"{self.folder}/{name}.json").body
        return None if body is None else json.loads(body)

    def done(self) -> frozenset[str]:
        """The parts that are in their places, by their stems."""
        names = (entry.name for entry in open_tree(self.uri).entries(f"{self.folder}/part-"))
        return frozenset(name.rpartition("/")[2].removesuffix(".json") for name in names)


def listed(uri: str) -> tuple[str, list[Entry]]:
    """The files of the input by name, and where they have it; hidden ones and notes of writers are none."""
    entries = sorted((entry for entry in open_tree(uri).entries() if is_data(entry.name)), key=lambda entry: entry.name)
    if [entry.name for entry in entries] != [""]:
        return uri, entries
    base, _, name = uri.rstrip("/").rpartition("/")
    return base, [replace(entries[0], name=unquote(name) if uri.startswith("file:") else name)]


def lineage(entry: Entry) -> dict[str, Any]:
    """A file as it was read: name, size, and the mark by which its store tells it from a later one."""
    return {"name": entry.name, "size": entry.size, "mark": entry.mark}


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
