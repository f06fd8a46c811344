"""Values that the service fills in when a run starts: references and joins of them.

A string of a spec is always a JSON string here, and the service looks for references in objects
alone: nothing a user writes can become one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias, assert_never

from mlopsgen.plan.values import Value, spelled
from mlopsgen.records import dataclass
from mlopsgen.spec.values import Ref, RunFact, Text

Expression: TypeAlias = Mapping[str, Any]
"""`{"Get": …}`, `{"Std:Join": …}` or `{"Std:JsonGet": …}`."""
Word: TypeAlias = str | Expression
Number: TypeAlias = int | float | Expression


def get(*path: str) -> Expression:
    """A reference: a parameter, a fact of the run, a property of a step."""
    return {"Get": ".".join(path)}


def parameter(name: str) -> Expression:
    """The value that a run gives a parameter."""
    return get("Parameters", name)


def execution_id() -> Expression:
    """The id of the run."""
    return get("Execution", "PipelineExecutionId")


def join(*values: Word, on: str = "") -> Expression:
    """One string out of several, with `on` between them."""
    return {"Std:Join": {"On": on, "Values": list(values)}}


def json_get(step: str, file: str, path: str) -> Expression:
    """A value inside a JSON file that a step wrote."""
    return {"Std:JsonGet": {"PropertyFile": get("Steps", step, "PropertyFiles", file), "Path": path}}


@dataclass(frozen=True, slots=True)
class Facts:
    """What `run.id` and `run.scheduled_at` are here; the exit handler is a run of its own."""

    run_id: Expression
    scheduled_at: Expression


MAIN = Facts(execution_id(), get("Execution", "StartDateTime"))


def text(value: Value, facts: Facts, prefix: str = "") -> Word:
    """A value as text, after a text that is known already."""
    words = list(_merged([prefix, *_words(value, facts)]))
    if len(words) == 1 and (isinstance(words[0], str) or not _is_number(value)):
        return words[0]
    return join(*words)


def _is_number(value: Value) -> bool:
    """A lone parameter keeps its type: only a join makes text of it."""
    return isinstance(value, Ref)


def _words(value: Value, facts: Facts) -> Iterator[Word]:
    match value:
        case Ref():
            yield parameter(value.name)
        case RunFact():
            yield facts.run_id if value.name == "run.id" else facts.scheduled_at
        case Text():
            for part in value.parts:
                yield from _words(part, facts)
        case None | bool() | int() | float() | str() | tuple():
            yield spelled(value)
        case _:
            assert_never(value)


def _merged(words: list[Word]) -> Iterator[Word]:
    """Neighbouring strings as one, empty ones left out unless there is nothing else."""
    held = ""
    for word in words:
        if isinstance(word, str):
            held += word
            continue
        if held:
            yield held
        held = ""
        yield word
    if held or all(isinstance(word, str) for word in words):
        yield held


def known_length(word: Word) -> int:
    """How many characters a word has at least, whatever a run fills in."""
    if isinstance(word, str):
        return len(word)
    if "Std:Join" not in word:
        return 0
    joined = word["Std:Join"]
    values = joined["Values"]
    return sum(map(known_length, values)) + len(joined["On"]) * (len(values) - 1)


def references(node: Any) -> Iterator[str]:
    """Every path that is read anywhere in a document."""
    if isinstance(node, Mapping):
        if isinstance(node.get("Get"), str):
            yield node["Get"]
        for child in node.values():
            yield from references(child)
    elif isinstance(node, list | tuple):
        for child in node:
            yield from references(child)
