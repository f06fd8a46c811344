"""Reads a CloudFormation template in YAML with the offset of every value; `!Ref` becomes `{"Ref": …}`."""

from __future__ import annotations

from typing import Any

import yaml

from mlopsgen.targets.sagemaker.judge.document import Document, Lines, Path

DEPTH = 100
_CONDITION_TAGS = ("Ref", "Condition")


class NotYaml(Exception):
    """The text stops being YAML, or being a template, at this offset."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


def read_yaml(file: str, text: str) -> Document:
    """The document, or NotYaml with the offset where it breaks."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise NotYaml(error.problem or "not YAML", mark.index if mark else 0) from error
    except yaml.YAMLError as error:
        raise NotYaml(str(error).splitlines()[0], 0) from error
    reader = _Reader()
    data = None if node is None else reader.value(node, ())
    return Document(file, data, Lines.of(file, text), reader.places, tuple(reader.repeated), size=len(text))


class _Reader:
    def __init__(self) -> None:
        self.places: dict[Path, tuple[int, int]] = {}
        self.repeated: list[Path] = []
        self.scalars = yaml.SafeLoader("")

    def value(self, node: yaml.Node, path: Path) -> Any:
        if len(path) > DEPTH:
            raise NotYaml(f"nested deeper than {DEPTH}, or an alias of itself", node.start_mark.index)
        self.places[path] = (node.start_mark.index, node.end_mark.index)
        short = node.tag[1:] if node.tag.startswith("!") else None
        if short is None:
            return self._plain(node, path)
        key = short if short in _CONDITION_TAGS else f"Fn::{short}"
        value = self._plain(node, (*path, key), short)
        self.places[(*path, key)] = self.places[path]
        if short == "GetAtt" and isinstance(value, str):
            value = value.split(".", 1)
        return {key: value}

    def _plain(self, node: yaml.Node, path: Path, short: str | None = None) -> Any:
        if isinstance(node, yaml.MappingNode):
            return self._map(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(child, (*path, i)) for i, child in enumerate(node.value)]
        if short or node.tag.endswith((":timestamp", ":binary", ":value")):
            return node.value
        try:
            return self.scalars.construct_object(node, deep=True)
        except (yaml.YAMLError, ValueError) as error:
            raise NotYaml("this value cannot be read", node.start_mark.index) from error

    def _map(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if key in found:
                self.repeated.append((*path, key))
            found[key] = self.value(value_node, (*path, key))
        return found
