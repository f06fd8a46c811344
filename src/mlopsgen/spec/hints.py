"""What was meant by a value of another shape: a number for a gate, a list for a range, `16GB` for `16Gi`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlopsgen.diagnostics import Fix, SpecPath, quoted
from mlopsgen.records import dataclass
from mlopsgen.spec.metrics import direction_of
from mlopsgen.spec.model import fields
from mlopsgen.spec.shape import OneOf, Record, Shape, enter

_BOUND = re.compile(r"(>=|>|<=|<|==?)?\s*([0-9]+(?:\.[0-9]+)?)\s*(%?)")
_SIZE = re.compile(r"([1-9][0-9]*)\s*([KMGTkmgt])i?[Bb]?")
_DURATION = re.compile(
    r"([1-9][0-9]*)\s*(ms|milliseconds?|s(?:ec(?:ond)?s?)?|m(?:in(?:ute)?s?)?|h(?:(?:ou)?rs?)?|d(?:ays?)?|w(?:eeks?)?)"
)
_TARGETS = "`targets: {<target>: {…}}`: `mlopsgen targets` lists them"


@dataclass(frozen=True, slots=True)
class Meant:
    """What to write instead, and the edit where nothing else can be meant."""

    hint: str
    fix: Fix | None = None


def meant(root: Shape, data: Any, spec_path: SpecPath, value: Any, prefix: SpecPath = ()) -> Meant | None:
    """What was meant by a value where a map or a list belongs."""
    match (*prefix, *spec_path):
        case ("evaluation", "gates", str(name)):
            return _gate(name, value)
        case ("training", "tuning", "search", str(name)) if isinstance(value, list):
            return _axis(name, value)
        case ("targets",):
            return Meant(_TARGETS)
    example = _example(root, data, spec_path)
    return Meant(f"such as `{example}`") if example else None


def _gate(name: str, value: Any) -> Meant | None:
    """`recall: 0.9` and `recall: ">= 0.9"`."""
    bound = _BOUND.fullmatch(str(value).strip()) if isinstance(value, str | int | float) else None
    if bound is None or isinstance(value, bool):
        return Meant("a gate is a map, such as `{at_least: 0.9}`")
    number = _number(bound[2], bound[3])
    direction = {">": "at_least", "<": "at_most"}.get((bound[1] or "")[:1])
    by_metric = {"maximize": "at_least", "minimize": "at_most"}.get(direction_of(name, {}) or "")
    key = direction or by_metric
    text = f"{{{key or 'at_least'}: {number}}}"
    return Meant(f"write `{name}: {text}`", Fix(text) if key else None)


def _axis(name: str, values: list[Any]) -> Meant:
    """`max_depth: [2, 12]` and `kind: [linear, tree]`."""
    numbers = [v for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
    choice = f"{{choice: {flow(values)}}}"
    if len(values) == len(numbers) == 2 and values[0] < values[1]:
        kind = "int" if all(isinstance(v, int) for v in values) else "float"
        return Meant(f"write `{name}: {{{kind}: {flow(values)}}}` for all between them, or `{choice}` for these two")
    return Meant(f"write `{name}: {choice}`", Fix(choice))


def _number(digits: str, percent: str) -> str:
    return f"{float(digits) / 100:g}" if percent else digits


def percentage(text: str) -> str | None:
    """`90%` as the share that it is."""
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)\s*%", text)
    return _number(match[1], "%") if match else None


def respelled(text: str) -> Iterator[str]:
    """Other spellings of a word: one of them may be what the language has."""
    yield re.sub(r"^[a-z][a-z0-9+.-]*://", "", text).rstrip("/")
    if size := _SIZE.fullmatch(text):
        yield f"{size[1]}{size[2].upper()}i"
    if time := _DURATION.fullmatch(text):
        yield _duration(int(time[1]), time[2])
    yield from (text.strip(), text.lower(), re.sub("[_ ]", "-", text.lower()), re.sub("[- ]", "_", text.lower()))


def _duration(count: int, unit: str) -> str:
    if unit.startswith("w"):
        return f"{count * 7}d"
    return f"{count}ms" if unit.startswith(("ms", "milli")) else f"{count}{unit[0]}"


def _example(shape: Shape, data: Any, spec_path: SpecPath) -> str | None:
    """The nearest example on the way to a place, as its section would be written."""
    example = None
    for part in spec_path:
        model = shape.model if isinstance(shape, Record) else None
        if isinstance(shape, OneOf) and isinstance(data, Mapping):
            model = shape.choose(data)
        info = fields(model).get(str(part)) if model else None
        examples = [one for one in (info.examples or ()) if isinstance(one, dict)] if info else []
        if examples:
            example = f"{part}: {flow(examples[0])}"
        shape = enter(shape, part, data)
        data = data[part] if isinstance(data, Mapping) and part in data else None
    return example


def flow(value: Any) -> str:
    """A value as YAML in one line."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {flow(item)}' for key, item in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(flow, value))}]"
    return quoted(value) if isinstance(value, str) else json.dumps(value)
