"""What the shell offers after TAB: targets, codes, the spec's environments."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

SPEC = "spec.yaml"
"""The spec's name when none is given."""

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


def explained(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Codes, and fields as far as their next dot."""
    from mlopsgen.cli.report import Report
    from mlopsgen.cli.schema import installed_options
    from mlopsgen.spec.reference import paths
    from mlopsgen.spec.schema import schema

    depth = incomplete.count(".") + 1
    fields = (path for path in paths(schema(installed_options(Report("text", debug=False)))) if len(path) == depth)
    return [*codes(ctx, param, incomplete), *_items(tuple(dict.fromkeys(map(".".join, fields))), incomplete)]


def allowed(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The codes of findings about a target: no others can be allowed."""
    return [item for item in codes(ctx, param, incomplete) if item.value.startswith("MG3")]


def environments(ctx: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The environments of the spec on the command line; nothing when it cannot be read."""
    return _items(_declared(ctx, "environments"), incomplete)


def parameters(ctx: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The run parameters of the spec, as far as their `=`."""
    return _items(tuple(f"{name}=" for name in _declared(ctx, "parameters")), incomplete)


def variables(ctx: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The variables of the spec, as far as their `=`."""
    return _items(tuple(f"{name}=" for name in _declared(ctx, "variables")), incomplete)


def registered(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Every version that is registered here; nothing when the spec cannot be read."""
    return _versions(ctx, incomplete, bool)


def versions(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The versions that wait for approval; nothing when the spec cannot be read."""
    return _versions(ctx, incomplete, lambda status: status == "pending")


def approved(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The versions that can be rolled out; nothing when the spec cannot be read."""
    return _versions(ctx, incomplete, lambda status: status == "approved")


def _versions(ctx: click.Context, incomplete: str, holds: Callable[[str], bool]) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    from mlopsgen.cli.approve import known_versions
    from mlopsgen.diagnostics import SpecError

    try:
        known = known_versions(Path(ctx.params.get("spec") or SPEC), ctx.params.get("env"))
    except (OSError, SpecError):
        return []
    numbers = [one for one in known if holds(one.status) and one.name.startswith(incomplete)]
    return [CompletionItem(one.name, help=one.model) for one in numbers]


def _declared(ctx: click.Context, section: str) -> tuple[str, ...]:
    """The keys of a section of the first spec on the command line, or of the one here."""
    from mlopsgen.diagnostics import SpecError
    from mlopsgen.source import plain, read_yaml

    # An option whose value is still to be written ends the parsing: what stood before it is left in `args`.
    candidates = (*ctx.args, ctx.params.get("spec"), *(ctx.params.get("specs") or ()))
    file = Path(next(filter(None, candidates), SPEC))
    try:
        file = file / SPEC if file.is_dir() else file
        # A pipe is not waited for: nobody would see what the shell waits for.
        tree = plain(read_yaml(file.read_bytes(), str(file)).root) if file.is_file() else None
    except (OSError, SpecError):
        return ()
    entries = tree.get(section) if isinstance(tree, dict) else None
    return tuple(entries) if isinstance(entries, dict) else ()


def _items(values: tuple[str, ...], incomplete: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    return [CompletionItem(value) for value in values if value.startswith(incomplete)]
