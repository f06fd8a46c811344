"""Pasted credentials: told by their form, named by their kind, and never shown.

Each format names a piece that every such secret holds, so that a text without it is passed by at the speed of a
string search; every pattern begins at a token's start, so that no text makes it slow.

formats  what each kind of secret looks like
pasted   those in many files at once
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from mlopsgen.credentials.formats import FORMATS, SecretFormat

__all__ = ["FORMATS", "SecretFormat", "find_credential", "mask", "suspects"]


def suspects(text: str, formats: Iterable[SecretFormat] = FORMATS) -> tuple[SecretFormat, ...]:
    """The kinds of secret that a text may hold, told at the speed of a string search."""
    low = text.lower()
    return tuple(f for f in formats if f.mark in low and (f.mark or re.search(f.pattern, text)))


def find_credential(text: str, formats: Collection[SecretFormat] | None = None) -> str | None:
    """The kind of secret that was pasted into a text, or None; the secret itself is never returned."""
    among = suspects(text) if formats is None else formats
    low = text.lower() if among else ""
    return next((form.kind for form in among if form.mark in low for _ in form.spans(text)), None)


def mask(text: str) -> str:
    """The text with every secret in it struck out, line by line as long as before."""
    for form in suspects(text):
        pieces, last = [], 0
        for start, end in form.spans(text):
            pieces += [text[last:start], re.sub(r"[^\r\n]", "*", text[start:end])]
            last = end
        text = "".join((*pieces, text[last:]))
    return text
