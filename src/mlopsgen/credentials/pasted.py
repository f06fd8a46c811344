"""Credentials in many files at once, each with its line."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate

from mlopsgen.credentials import suspects
from mlopsgen.credentials.formats import PHRASES, TOKENS, SecretFormat
from mlopsgen.records import dataclass

LARGEST = 2**20
"""Bytes of the largest text that is looked through: what is longer is data."""

PRAGMA = b"pragma: allowlist secret"
"""What ends a line whose text is no secret, as other scanners have it."""

_WORDS = re.compile(rb"[A-Za-z0-9+/=_.~%:@?&-]{15,}")
_BEFORE, _BEHIND = 120, 400
_OF_SEVERAL_LINES = (b"-----begin", b"auths", b"putty-user-key-file")


@dataclass(frozen=True, slots=True)
class Pasted:
    """What looks like a secret: its kind and its place, never itself."""

    file: str
    line: int
    column: int
    end_column: int
    kind: str
    sure: bool


def pasted(files: Iterable[tuple[str, bytes]]) -> tuple[Pasted, ...]:
    """Every secret in the texts among these files, in their order; one place has one kind."""
    texts = [(name, content) for name, content in files if len(content) <= LARGEST and b"\0" not in content]
    whole = b"".join(b"\n" + content + b"\n" for _, content in texts)
    starts = [0, *accumulate(len(content) + 2 for _, content in texts)]
    places: dict[tuple[int, int], Pasted] = {}
    for start, end, form in (*_tokens(whole), *_phrases(whole, starts)):
        file = bisect_right(starts, start) - 1
        line_start = whole.rfind(b"\n", 0, start) + 1
        line_end = whole.find(b"\n", start)
        line = whole[line_start:line_end]
        if PRAGMA in line or b"EXAMPLE" in whole[start:end]:
            continue
        number = whole.count(b"\n", starts[file] + 1, start) + 1
        column = len(whole[line_start:start].decode("utf-8", "replace")) + 1
        width = len(whole[start : min(end, line_end)].decode("utf-8", "replace"))
        known = places.get((file, number))
        if known is None or (form.sure and not known.sure):
            places[file, number] = Pasted(texts[file][0], number, column, column + width, form.kind, form.sure)
    return tuple(places[place] for place in sorted(places))


def _tokens(whole: bytes) -> Iterator[tuple[int, int, SecretFormat]]:
    """Secrets of one word: only long words are looked at, each once however often it stands there."""
    words = set(_WORDS.findall(whole))
    text = b"\n".join(sorted(words)).decode("latin-1")
    for form in suspects(text, TOKENS):
        for secret in {text[start:end].encode("latin-1") for start, end in form.spans(text)}:
            at = whole.find(secret)
            while at >= 0:
                yield at, at + len(secret), form
                at = whole.find(secret, at + len(secret))


def _phrases(whole: bytes, starts: list[int]) -> Iterator[tuple[int, int, SecretFormat]]:
    """Secrets that stand beside a word: what is around the word is looked at, inside one file."""
    low = whole.lower()
    for form in PHRASES:
        mark, reached = form.mark.encode(), 0
        at = low.find(mark)
        while at >= 0:
            file = bisect_right(starts, at) - 1
            first = max(starts[file], at - _BEFORE, low.rfind(b"\n", 0, at), reached)
            end_of_line = low.find(b"\n", at) + 1
            last = min(starts[file + 1], at + _BEHIND, *(() if mark in _OF_SEVERAL_LINES else (end_of_line,)))
            for start, end in form.spans(whole[first:last].decode("latin-1")):
                yield first + start, first + end, form
                reached = first + end
            at = low.find(mark, max(at + len(mark), reached))
