"""What the shell offers after TAB: targets, codes, the spec's environments."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def targets(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The installed targets, and all."""
    from mlopsgen.targets import names

    return _items(("all", *names()), incomplete)


def codes(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The codes of findings, each with its title."""
    from click.shell_completion import CompletionItem

    from mlopsgen.codes import CODES

    start = incomplete.upper()
    return [CompletionItem(code, help=CODES[code].title) for code in CODES if code.startswith(start)]


def allowed(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The codes of findings about a target: no others can be allowed."""
    return [item for item in codes(ctx, param, incomplete) if item.value.startswith("MG3")]


def environments(ctx: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The environments of the spec on the command line; nothing when it cannot be read."""
    from mlopsgen.diagnostics import SpecError
    from mlopsgen.source import plain, read_yaml

    file = Path(ctx.params.get("spec") or "spec.yaml")
    try:
        tree = plain(read_yaml(file.read_bytes(), str(file)).root)
    except (OSError, SpecError):
        return []
    found = tree.get("environments") if isinstance(tree, dict) else None
    return _items(tuple(found) if isinstance(found, dict) else (), incomplete)


def _items(values: tuple[str, ...], incomplete: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    return [CompletionItem(value) for value in values if value.startswith(incomplete)]
