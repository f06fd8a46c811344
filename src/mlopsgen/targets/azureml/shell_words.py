"""Words of a shell command, and the holes that Azure ML fills in them.

Azure ML puts the value of `${{inputs.x}}` into the text of the command and gives the text to a shell. Folders,
numbers and words of a list that we know hold nothing a shell reads; free text stands between single quotes,
and text that holds one is refused.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from mlopsgen.targets.azureml.names import identifier

OPENS = ("${{", "$[[")
"""How an expression of Azure ML begins, wherever it stands in a command."""
_PLAIN = re.compile(r"[A-Za-z0-9_@%+=:,./-]*")


def is_plain(text: str) -> bool:
    """Whether a shell reads the text as it is."""
    return bool(text) and _PLAIN.fullmatch(text) is not None


def word(text: str) -> str:
    """A known word, quoted where a shell would read it otherwise."""
    return text if is_plain(text) else shlex.quote(text)


def flag(name: str, text: str) -> str:
    """`--name=text` with a known text."""
    return f"--{name}={word(text) if text else ''}"


def input_hole(name: str) -> str:
    """What an input of the component is replaced by."""
    return f"${{{{inputs.{identifier(name)}}}}}"


def output_hole(name: str) -> str:
    """What an output of the component is replaced by."""
    return f"${{{{outputs.{identifier(name)}}}}}"


def parent_input(name: str) -> str:
    """An input of the pipeline, as a node is bound to it."""
    return f"${{{{parent.inputs.{identifier(name)}}}}}"


def parent_output(step: str, port: str) -> str:
    """An output of another node, as a node is bound to it."""
    return f"${{{{parent.jobs.{identifier(step)}.outputs.{identifier(port)}}}}}"


def expressions(text: str) -> Iterator[str]:
    """What of a user's text Azure ML would take for an expression of its own."""
    yield from (opening for opening in OPENS if opening in text)
