"""`mlopsgen lock`: fixes what a spec names but does not fix."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from mlopsgen.cli.options import asked_options, cli_command, read_asked
from mlopsgen.cli.report import Exit, Report, print_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlopsgen.compile import CompileRequest
    from mlopsgen.lock import Lock

_PUSHED = re.compile(r"(?P<name>[^@\s]+):(?P<tag>src-[0-9a-f]{16})@(?P<digest>sha256:[0-9a-f]{64})")


def _pushed(ctx: click.Context, param: click.Parameter, pairs: Sequence[str]) -> dict[str, str]:
    images = {}
    for image in pairs:
        match = _PUSHED.fullmatch(image)
        if match is None:
            raise click.BadParameter(f"`{image}` is not NAME:TAG@sha256:… with the tag that compile gave", ctx, param)
        images[f"{match['name']}:{match['tag']}"] = f"{match['name']}@{match['digest']}"
    return images


@cli_command(
    "lock",
    examples=(
        "mlopsgen lock                               # asks registries, the package index and stores",
        "mlopsgen lock --check                       # offline: does the lock hold all that the spec names?",
        "mlopsgen lock --env production              # renews what this environment names, keeps the rest",
        "mlopsgen lock --pushed 123456789012.dkr.ecr.eu-west-1.amazonaws.com/churn:src-…@sha256:…",
    ),
)
@asked_options
@click.option("--check", "checked", is_flag=True, help="Ask nobody and write nothing: say what the lock lacks.")
@click.option(
    "--pushed",
    multiple=True,
    metavar="IMAGE",
    callback=_pushed,
    help="An image built from a bundle and pushed, as NAME:TAG@sha256:…; asks nobody. Bundles then name its digest.",
)
def command(report: Report, *, pushed: dict[str, str], checked: bool, **spec_options: Any) -> None:
    """Write mlopsgen.lock beside SPEC: digests of images, packages with hashes, versions of data.

    Covers every environment of the spec and every target it has a block for. Commit the file:
    compile reads it, and asks nobody. Exit code 3 when a registry, index or store does not answer;
    the lock is then as it was.
    """
    if checked and pushed:
        raise click.UsageError("--check writes nothing, --pushed adds to the lock: say one of them.")
    from mlopsgen import compile as compiler

    request = read_asked(report, **spec_options)
    old = compiler.locked(request.root)
    if checked:
        _check(report, request, old)
    elif pushed:
        _write(request, old, replace(old, pushed={**old.pushed, **pushed}))
    else:
        _renew(report, request, old)


def _check(report: Report, request: CompileRequest, old: Lock) -> None:
    from mlopsgen.cli.checking import see_all, together
    from mlopsgen.diagnostics import Diagnostic, SpecError, errors
    from mlopsgen.lock import NAME, Lock

    file = request.file.parent / NAME
    if old == Lock():
        raise SpecError([Diagnostic("MG316", f"there is no {file}", hint="`mlopsgen lock` writes it")])
    report.add(together(see_all(request, ("all",))))
    if not errors(report.findings):
        print_line(f"{file}: holds all that {request.file} names")


def _renew(report: Report, request: CompileRequest, old: Lock) -> None:
    from mlopsgen.cli.locking import asking, still_named
    from mlopsgen.diagnostics import SpecError
    from mlopsgen.lock.renew import renew, the_world
    from mlopsgen.lock.web import Unreachable

    what = asking(request)
    report.add(what.findings)
    try:
        new, findings = renew(what.needs, the_world(), _tell)
    except Unreachable as away:
        report.add(away.findings)
        raise click.exceptions.Exit(Exit.REMOTE) from away
    except SpecError as wrong:
        raise SpecError(what.placed(wrong.findings)) from wrong
    report.add(what.placed(findings))
    whole = _joined(old, new) if request.env else replace(new, pushed=still_named(old.pushed, request, new))
    _write(request, old, whole)


def _tell(words: str) -> None:
    """Answers can take a minute: whoever sits before a terminal sees what is waited for."""
    if sys.stderr.isatty():
        print_line(f"· {words}", err=True)


def _joined(old: Lock, new: Lock) -> Lock:
    """What one environment names is renewed; what the others name stays."""
    return replace(
        old,
        images={**old.images, **new.images},
        requirements={**old.requirements, **new.requirements},
        data={**old.data, **new.data},
    )


def _write(request: CompileRequest, old: Lock, new: Lock) -> None:
    """The file, when anything in it is another; then what that is."""
    from mlopsgen.lock import NAME, write_lock
    from mlopsgen.lock.model import replace_file
    from mlopsgen.lock.renew import changes

    file = request.file.parent / NAME
    content = write_lock(new)
    if file.is_file() and file.read_bytes() == content:
        print_line(f"{file}: nothing has changed")
        return
    replace_file(file, content)
    for line in changes(old, new):
        print_line(line)
    print_line(file)
