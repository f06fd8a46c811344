"""What Terraform reads: references of our own, and texts of others that must not be taken for one."""

from __future__ import annotations

import re


def literal(text: str) -> str:
    """Text as it is: Terraform evaluates `${…}` and `%{…}` in every string of a file."""
    return re.sub(r"([$%])\{", r"\1\1{", text)


def reference(path: str) -> str:
    """A value that Terraform finds out."""
    return f"${{{path}}}"
