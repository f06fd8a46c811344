"""User text that the platform would evaluate: refused, or escaped by the platform."""

from __future__ import annotations

from mlopsgen.diagnostics import SpecPath
from mlopsgen.targets.ir.context import Context

PLACEHOLDER = "{{$"


def inert(context: Context, text: str, where: SpecPath) -> str:
    """The same text as it has to be written in an argument, a variable or an address."""
    if PLACEHOLDER in text:
        said = f"{context.platform.title} would read `{PLACEHOLDER}` as a placeholder of its own"
        context.error("MG308", said, where, hint="put the value into a file in `code.path`, which nobody evaluates")
    for needle, why in context.platform.forbidden().items():
        if needle in text:
            said = f"{context.platform.title} would evaluate `{needle}`: {why}"
            context.error("MG308", said, where, hint="put the value into a file in `code.path`, which nobody evaluates")
    return context.platform.text(text)
