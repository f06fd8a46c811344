"""Reads emitted YAML back, and refuses what readers of YAML 1.1 and 1.2 would not read alike."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import yaml

_TAG = "tag:yaml.org,2002:"

# How YAML 1.2 (its core schema) spells what 1.1 takes for something else than text.
_BOTH: Mapping[str, tuple[re.Pattern[str], Callable[[str], Any]]] = {
    _TAG + "null": (re.compile(r"|~|null|Null|NULL"), lambda _: None),
    _TAG + "bool": (re.compile(r"true|True|TRUE|false|False|FALSE"), lambda text: text.lower() == "true"),
    _TAG + "int": (re.compile(r"[-+]?(?:0|[1-9][0-9]*)"), int),
    _TAG + "float": (re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+][0-9]+)?"), float),
}
_NUMBER_IN_1_2 = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|0o[0-7]+|0x[0-9a-fA-F]+")
_NOTHING = re.compile(r"(?!)")
_IN_1_1 = yaml.SafeLoader("")


def read_back(text: str) -> list[Any]:
    """Every document of a text; YAMLError or ValueError when it is not YAML that all read alike."""
    events: Iterator[Any] = yaml.parse(text, Loader=yaml.CSafeLoader)
    try:
        return [_node(next(events), events) for event in events if type(event) is yaml.DocumentStartEvent]
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


# From events, because PyYAML's own way through nodes takes three times as long.
def _node(event: Any, events: Iterator[Any]) -> Any:
    if type(event) is yaml.AliasEvent or event.tag is not None or event.anchor is not None:
        raise _error(event, "tags, anchors and aliases are not for everybody")
    if type(event) is yaml.ScalarEvent:
        return _scalar(event)
    if type(event) is yaml.MappingStartEvent:
        return _mapping(events)
    return list(_entries(events))


def _entries(events: Iterator[Any]) -> Iterator[Any]:
    while type(event := next(events)) is not yaml.SequenceEndEvent:
        yield _node(event, events)


def _mapping(events: Iterator[Any]) -> dict[Any, Any]:
    out: dict[Any, Any] = {}
    while type(event := next(events)) is not yaml.MappingEndEvent:
        if type(event) is not yaml.ScalarEvent:
            raise _error(event, "a key must be a scalar")
        key = _node(event, events)
        if key in out:
            raise _error(event, "a key stands twice")
        out[key] = _node(next(events), events)
    return out


def _scalar(event: Any) -> Any:
    if not event.implicit[0]:
        return event.value
    try:
        return _plain_scalar(event.value)
    except ValueError as problem:
        raise _error(event, str(problem)) from None


@lru_cache(maxsize=4096)
def _plain_scalar(text: str) -> Any:
    """What an unquoted word means, when both versions of YAML agree on it."""
    tag: str = _IN_1_1.resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]
    if tag == _TAG + "str" and not _NUMBER_IN_1_2.fullmatch(text):
        return text
    pattern, value = _BOTH.get(tag, (_NOTHING, str))
    if not pattern.fullmatch(text):
        raise ValueError(f"`{text}` is not the same in YAML 1.1 and 1.2: quote it")
    return value(text)


def _error(event: Any, problem: str) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)
