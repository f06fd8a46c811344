"""What a bundle's README takes from a spec."""

from __future__ import annotations

import unicodedata


def readable(text: str) -> str:
    """Text for a page: characters that hide or reorder what stands beside them are left out."""
    return "".join(c if unicodedata.category(c)[0] != "C" and c not in "\u2028\u2029" else " " for c in text).strip()
