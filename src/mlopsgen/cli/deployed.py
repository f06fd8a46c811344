"""Which deployment of a spec a command is about."""

from __future__ import annotations

from collections.abc import Sequence

import click

from mlopsgen.nearest import nearest


def chosen(known: Sequence[str], name: str | None, mode: str, example: str) -> str:
    """The deployment that is meant; wrong usage where that is not clear."""
    listed = ", ".join(f"`{name}`" for name in known)
    if not known:
        raise click.UsageError(f"The spec has no {mode} deployment: add `deployment: {{mode: {mode}, {example}}}`.")
    if name is None and len(known) == 1:
        return known[0]
    if name is None:
        raise click.UsageError(f"Which one? Say `--deployment NAME`: {listed}.")
    if name not in known:
        near = nearest(name, known)
        hint = f"did you mean `{near}`?" if near else f"there is {listed}"
        raise click.UsageError(f"No {mode} deployment is called `{name}`: {hint}")
    return name
