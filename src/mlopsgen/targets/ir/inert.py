"""User text that the platform would evaluate: refused, or escaped by the platform."""

from __future__ import annotations

from mlopsgen.diagnostics import SpecPath
from mlopsgen.targets.ir.context import Context

PLACEHOLDER = "{{$"


def inert(context: Context, text: str, where: SpecPath) -> str:
    """The same text as it has to be written in a container's argument or variable."""
    return context.dialect.text(harmless(context, text, where))


def harmless(context: Context, text: str, where: SpecPath) -> str:
    """The same text, after a finding where it holds what the platform would evaluate anywhere."""
    refused = {PLACEHOLDER: "it starts a placeholder", **context.dialect.forbidden()}
    for needle, why in refused.items():
        if needle in text:
            said = f"{context.dialect.title} would evaluate `{needle}`: {why}"
            context.error("MG308", said, where, hint="put the value into a file in `code.path`, which nobody evaluates")
    return text
