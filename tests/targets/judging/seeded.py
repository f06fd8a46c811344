"""A bundle in memory: its files parsed, so that a fault can break one thing in them."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Self

import yaml

from mlopsgen.bundle import Bundle, manifest_of
from tests.targets.judging.faults import Absent, Doc

MANIFEST = "manifest.json"
YAML = (".yaml", ".yml")


class Loader(yaml.CSafeLoader):
    """Dates stay the text that they are."""


Loader.add_constructor(
    "tag:yaml.org,2002:timestamp",
    lambda loader, node: loader.construct_scalar(node) if isinstance(node, yaml.ScalarNode) else None,
)


@dataclass
class Seeded:
    """Files by name: JSON and YAML as data, others as text."""

    files: dict[str, Any] = field(default_factory=dict)
    loader: ClassVar[type[yaml.CSafeLoader]] = Loader
    several: ClassVar[bool] = False
    """Whether a YAML file is a list of documents."""

    @classmethod
    def read(cls, folder: Path) -> Self:
        paths = sorted(p for p in folder.rglob("*") if p.is_file())
        return cls({path.relative_to(folder).as_posix(): cls._parse(path) for path in paths})

    def copy(self) -> Self:
        return type(self)(deepcopy(self.files))

    def write(self, folder: Path) -> None:
        for name, value in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self._spell(name, value))

    def write_mutant(self, folder: Path, *, good: Self, bundle: Path) -> None:
        """Only what differs from the good bundle is spelled anew, and a digest does not give the fault away.

        The manifest that is written misses what was taken away, and nothing else.
        """
        changed = {name: value for name, value in self.files.items() if good.files.get(name) != value}
        for name in self.files.keys() - changed.keys():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes((bundle / name).read_bytes())
        type(self)(changed).write(folder)
        manifest = self.files.get(MANIFEST)
        names = {*good.files, *self.files, *(manifest["files"] if isinstance(manifest, dict) else ())} - {MANIFEST}
        content = {n: (folder / n).read_bytes() if (folder / n).is_file() else b"" for n in names}
        (folder / MANIFEST).write_bytes(manifest_of(Bundle("any", content)).text())

    @classmethod
    def _parse(cls, path: Path) -> Any:
        text = path.read_text()
        if path.suffix == ".json":
            return json.loads(text)
        if path.suffix not in YAML:
            return text
        return list(yaml.load_all(text, cls.loader)) if cls.several else yaml.load(text, cls.loader)

    def _spell(self, name: str, value: Any) -> str:
        if isinstance(value, str):
            return value
        if name.endswith(".json"):
            return json.dumps(value, indent=2)
        documents = value if self.several else [value]
        return str(yaml.dump_all(documents, Dumper=yaml.CSafeDumper, sort_keys=False, width=200))


def a_map(node: Any) -> Doc:
    """What is an object, or Absent."""
    if not isinstance(node, dict):
        raise Absent
    return node
