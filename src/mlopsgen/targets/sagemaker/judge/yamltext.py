"""Reads a CloudFormation template in YAML with the offset of every value; `!Ref` becomes `{"Ref": …}`."""

from __future__ import annotations

from typing import Any, NoReturn

import yaml

from mlopsgen.targets.documents.document import Document, Lines, Path
from mlopsgen.targets.documents.yamltext import DEPTH, NotYaml, Reader, start_of

_AS_THEY_ARE = ("Ref", "Condition")


def read_yaml(file: str, text: str) -> Document:
    """The document, or NotYaml with the offset where it breaks."""
    whole = Document(file, None, Lines.of(file, text), {}, size=len(text))
    for number, document in enumerate(_Template(text).documents(file)):
        if number:
            raise NotYaml("a template is one document", document.places[()][0])
        whole = document
    return whole


class _Template(Reader):
    """Knows the short forms of CloudFormation's functions."""

    def value(self, event: Any, path: Path) -> Any:
        if isinstance(event, yaml.AliasEvent):
            return self.alias(event, path)
        short = event.tag[1:] if event.tag and event.tag.startswith("!") and len(event.tag) > 1 else None
        if short is None:
            return super().value(event, path)
        if len(path) > DEPTH:
            raise NotYaml(f"nested deeper than {DEPTH}", start_of(event))
        key = short if short in _AS_THEY_ARE else f"Fn::{short}"
        value, end = self.untagged(event, (*path, key))
        self.places[path] = self.places[(*path, key)] = (start_of(event), end)
        return {key: value.split(".", 1) if short == "GetAtt" and isinstance(value, str) else value}

    def scalar(self, event: Any) -> Any:
        """A word; what a function is given stays text."""
        return event.value if event.tag and event.tag.startswith("!") else super().scalar(event)

    def alias(self, event: Any, path: Path) -> NoReturn:  # noqa: ARG002 — as the reader of any YAML has it
        """Refused: expanding them could take for ever, and CloudFormation does not read them either."""
        raise NotYaml("CloudFormation knows no aliases", start_of(event))
