"""JSON and YAML documents out of filled templates, with the user's patches, each read back to prove it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import yaml

from mlopsgen.diagnostics import SpecError
from mlopsgen.render.encode import UnspellableError, json_text, yaml_block, yaml_document, yaml_flow, yaml_under_key
from mlopsgen.render.fill import MARKER, Filled
from mlopsgen.render.job import Patch
from mlopsgen.render.patch import apply_patches
from mlopsgen.render.proof import finding, intended_document, plain_values, same, unparsable

_TRAILING_COMMA = re.compile(r'"(?:[^"\\]|\\.)*"|,(?=\s*[}\]])')


def json_file(filled: Filled, patches: tuple[Patch, ...], *, compact: bool, longest: int | None = None) -> str:
    """The text of a JSON file. Values never meet the template's text: they are put into the parsed tree."""
    document = apply_patches(intended_document(filled, _json_skeleton(filled), plain_values(filled)), patches)
    text = json_text(document, compact=compact)
    if longest is not None and len(text) > longest:
        text = json_text(document, compact=True)
    # As JSON on one line, two documents are the same text when they are the same in content, order and type.
    if json_text(json.loads(text), compact=True) != json_text(document, compact=True):
        raise SpecError([finding("MG404", filled.place_of_line(1), "the document does not read back")])
    return text


def _json_skeleton(filled: Filled) -> Any:
    text = _TRAILING_COMMA.sub(lambda m: "" if m[0] == "," else m[0], filled.text)
    try:
        return json.loads(text, object_pairs_hook=_no_twins, parse_constant=_no_constant)
    except json.JSONDecodeError as problem:
        raise unparsable(filled, problem.lineno, problem.msg) from problem
    except ValueError as problem:
        raise unparsable(filled, 1, str(problem)) from problem


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return out


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")


def yaml_file(filled: Filled, patches: tuple[Patch, ...]) -> str:
    """The text of a YAML file, its comments and layout kept unless it is patched."""
    values = plain_values(filled)
    skeleton = _parsed(filled)
    document = intended_document(filled, skeleton, values)
    if patches:
        return _respelled(filled, _patched(document, patches))
    # A block cannot stand inside brackets that the template opened on an earlier line.
    text = _proved(filled, values, document, pretty=True) or _proved(filled, values, document, pretty=False)
    if text is None:
        raise SpecError([finding("MG404", filled.place_of_line(1), "a value does not read back as it was printed")])
    return text


def _parsed(filled: Filled) -> list[Any]:
    try:
        return _skeleton(filled.text)
    except yaml.MarkedYAMLError as problem:
        line = problem.problem_mark.line + 1 if problem.problem_mark else 1
        raise unparsable(filled, line, problem.problem or "bad YAML") from problem
    except (yaml.YAMLError, ValueError) as problem:
        raise unparsable(filled, 1, str(problem)) from problem


@lru_cache(maxsize=16)
def _skeleton(text: str) -> list[Any]:
    """What a filled template says but for its values: the same for a spec's environments and for specs alike."""
    return read_back(text)


def _patched(documents: list[Any], patches: tuple[Patch, ...]) -> list[Any]:
    """A file of one document is addressed from that document, a file of several from their list."""
    if len(documents) == 1:
        return [apply_patches(documents[0], patches)]
    several = apply_patches(documents, patches)
    return several if isinstance(several, list) else [several]


def _respelled(filled: Filled, documents: list[Any]) -> str:
    text = "---\n".join(map(yaml_document, documents))
    if not same(read_back(text), documents):
        raise SpecError([finding("MG404", filled.place_of_line(1), "the patched document does not read back")])
    return text


def _proved(filled: Filled, values: list[Any], document: list[Any], *, pretty: bool) -> str | None:
    try:
        text = _MARKED.sub(lambda m: _spelled(m, values[int(m[2])], pretty), filled.text)
        return text if same(read_back(text), document) else None
    except UnspellableError as problem:
        raise SpecError([finding("MG402", filled.place_of_line(1), str(problem))]) from problem
    except (yaml.YAMLError, ValueError):
        return None


_MARKED = re.compile(f"( *){MARKER.pattern}(?=([^\n]*))")
_KEY = r"""(?:"[^"\n]*"|'[^'\n]*'|[^\s"'#\[{&*!|>%@`,-][^"'#\[{\n]*):"""
_BEFORE = re.compile(rf"( *(?:- +)*)(?:({_KEY}) *)?")


def _spelled(match: re.Match[str], value: Any, pretty: bool) -> str:
    """The value, as an indented block where it ends a line that holds only its key or dashes."""
    space, rest = match[1], match[3]
    line = match.string[match.string.rfind("\n", 0, match.start()) + 1 : match.start()]
    before = _BEFORE.fullmatch(line + space)
    if not pretty or rest.strip() or before is None:
        return space + yaml_flow(value)
    if before[2]:
        return yaml_under_key(value, len(before[1]))
    return space + yaml_block(value, len(before[1]))


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
    """The value of an unquoted word, when both versions of YAML agree on it."""
    tag: str = _IN_1_1.resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]
    if tag == _TAG + "str" and not _NUMBER_IN_1_2.fullmatch(text):
        return text
    pattern, value = _BOTH.get(tag, (_NOTHING, str))
    if not pattern.fullmatch(text):
        raise ValueError(f"`{text}` is not the same in YAML 1.1 and 1.2: quote it")
    return value(text)


def _error(event: Any, problem: str) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)
