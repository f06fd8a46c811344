"""Terraform's JSON as blocks that name each other: all `*.tf.json` of one folder are one module."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

from mlopsgen.targets.documents import Document, Path, walk
from mlopsgen.targets.ir.judge.folder import Folder, mapping

_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_NAMES = re.compile(r"(?<![\w.\]-])([A-Za-z_][\w-]*)((?:\.[A-Za-z_*][\w-]*|\[[^\[\]]*\])*)(\s*\(|\s*=>|\s*=(?!=))?")


@dataclass(frozen=True, slots=True)
class Block:
    """One resource or one source of data."""

    document: Document
    kind: str
    """`resource` or `data`."""
    type: str
    name: str
    body: dict[str, Any]

    @property
    def path(self) -> Path:
        """Its place in the file."""
        return (self.kind, self.type, self.name)

    @property
    def address(self) -> str:
        """How others name it."""
        return f"{'data.' if self.kind == 'data' else ''}{self.type}.{self.name}"


@dataclass(frozen=True, slots=True)
class Name:
    """A name in an expression, `google_storage_bucket.artifacts.url`, and whether it is called."""

    root: str
    parts: tuple[str, ...]
    called: bool


@dataclass(frozen=True)
class Module:
    """The files of one folder."""

    folder: Folder
    documents: tuple[Document, ...]

    @classmethod
    def all(cls, folder: Folder) -> Iterator[Module]:
        """Every module of a bundle."""
        places = {str(PurePosixPath(d.file).parent) for d in folder.terraform}
        for place in sorted(places):
            yield cls(folder, tuple(d for d in folder.terraform if str(PurePosixPath(d.file).parent) == place))

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """Every resource and source of data."""
        return tuple(
            Block(document, kind, type_, name, mapping(body))
            for document in self.documents
            for kind in ("resource", "data")
            for type_, named in mapping(mapping(document.data).get(kind)).items()
            for name, body in mapping(named).items()
        )

    @cached_property
    def addresses(self) -> dict[str, Block]:
        """Blocks by how others name them."""
        return {block.address: block for block in self.blocks}

    def of(self, *types: str) -> Iterator[Block]:
        """The resources of these types."""
        return (block for block in self.blocks if block.kind == "resource" and block.type in types)

    def section(self, name: str) -> Iterator[tuple[Document, str, Any]]:
        """The entries of `variable`, `locals` or `output`."""
        for document in self.documents:
            for key, value in mapping(mapping(document.data).get(name)).items():
                yield document, key, value

    @cached_property
    def variables(self) -> dict[str, Any]:
        """Variables by name."""
        return {name: value for _, name, value in self.section("variable")}

    @cached_property
    def values(self) -> dict[str, Any]:
        """Local values by name."""
        return {name: value for _, name, value in self.section("locals")}

    @cached_property
    def text(self) -> str:
        """All that stands in its files."""
        return "\n".join(json.dumps(document.data, ensure_ascii=False) for document in self.documents)

    def resolved(self, value: Any, depth: int = 0) -> Any:
        """A value without variables and local values, their defaults in their place; None where it is not known."""
        if not isinstance(value, str):
            return value
        whole = re.fullmatch(r"\$\{(var|local)\.([\w-]+)\}", value)
        if whole and depth < 5:
            parts = (
                self.values.get(whole[2])
                if whole[1] == "local"
                else mapping(self.variables.get(whole[2])).get("default")
            )
            return self.resolved(parts, depth + 1)
        filled = re.sub(r"\$\{((?:var|local)\.[\w-]+)\}", lambda m: str(self.resolved(m[0], depth + 1)), value)
        return None if "${" in filled else filled

    def texts(self) -> Iterator[tuple[Document, Path, str]]:
        """Every text that Terraform evaluates, with its place."""
        for document in self.documents:
            for path, value in walk(document.data):
                evaluated = path and path[0] not in ("terraform", "variable", "//") and "depends_on" not in path
                if isinstance(value, str) and evaluated:
                    yield document, path, value


class Unbalanced(Exception):
    """A `${` that nothing closes."""


def expressions(text: str) -> Iterator[str]:
    """What stands in each `${…}` and `%{…}` of a text; raises Unbalanced."""
    at = 0
    while (match := re.compile(r"(?<![$%])(?:\$\$|%%)*([$%]\{)").search(text, at)) is not None:
        end = _closing(text, match.end())
        yield text[match.end() : end]
        at = end + 1


def _closing(text: str, at: int) -> int:
    """Where the bracket that is open ends; quotes hold brackets of their own."""
    depth, quoted = 1, False
    while at < len(text):
        sign = text[at]
        if sign == "\\":
            at += 1
        elif sign == '"':
            quoted = not quoted
        elif sign == "{" and (not quoted or text[at - 1] in "$%"):
            depth += 1
        elif sign == "}" and (not quoted or depth > 1):
            depth -= 1
            if depth == 0:
                return at
        at += 1
    raise Unbalanced


def names(expression: str) -> Iterator[Name]:
    """Every name in an expression, those in texts inside it too; raises Unbalanced."""
    for quoted in _QUOTED.findall(expression):
        for inner in expressions(quoted):
            yield from names(inner)
    plain = _QUOTED.sub('""', expression)
    if any(plain.count(a) != plain.count(b) for a, b in ("()", "[]", "{}")):
        raise Unbalanced
    for root, rest, after in _NAMES.findall(plain):
        if "=" in after:
            continue
        parts = tuple(re.findall(r"\.([A-Za-z_*][\w-]*)", rest))
        yield Name(root, parts, after.strip() == "(")


def unquoted(expression: str) -> str:
    """An expression without what stands in quotes."""
    return _QUOTED.sub('""', expression)
