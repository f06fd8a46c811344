"""`mlopsgen approve`: a person decides about a version that a run registered here."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlopsgen.cli import completing
from mlopsgen.cli.completing import SPEC
from mlopsgen.cli.options import cli_command, how_asked_options, read_asked, spec_file
from mlopsgen.cli.report import Report, print_line

if TYPE_CHECKING:
    from mlopsgen.compile import Compiled, CompileRequest
    from mlopsgen.targets.api import Approvable, RegisteredVersion

LOCAL = "local"


@cli_command(
    "approve",
    examples=(
        "mlopsgen approve                            # every version, and which of them wait",
        "mlopsgen approve 2                          # the champion, or what `mlopsgen serve` rolls out",
        "mlopsgen approve churn:2                    # the same; one that was approved before comes back",
        "mlopsgen approve 3 --reject",
        "mlopsgen approve 2 --spec churn/spec.yaml --env production",
    ),
)
@click.argument("version", metavar="[VERSION]", required=False, shell_complete=completing.versions)
@click.option("--reject", is_flag=True, help="It never becomes the champion.")
@click.option(
    "--spec",
    type=click.Path(path_type=Path),
    default=SPEC,
    show_default=True,
    callback=spec_file,
    help="The spec whose run registered the version.",
)
@how_asked_options
def command(report: Report, version: str | None, spec: Path, *, reject: bool, **how_asked: Any) -> None:
    """Approve VERSION, which `mlopsgen run` registered here and `approval: manual` left waiting.

    It becomes the champion, which later runs are compared with: at once, or, where the spec has a real-time
    deployment, when `mlopsgen serve` has rolled it out. An older version that was approved before may be approved
    again: that goes back to it. `churn:2` is understood, too. Without VERSION all are listed.
    Versions in a cloud are approved there, in the platform's own way: the README of its bundle says how.
    """
    if reject and version is None:
        raise click.UsageError("`--reject` needs a version: `mlopsgen approve` lists those that wait.")
    request = read_asked(report, spec, **how_asked)
    compiled = _compiled(request)
    if version is None:
        _list(registered(request), spec, request.env)
        return
    decided = _decided(compiled, request.root, version, approved=not reject)
    print_line(f"{decided.model} version {decided.name} {_became(decided)}")


def _became(version: RegisteredVersion) -> str:
    if version.status == "rejected":
        return "is rejected"
    if not version.rolled_out:
        return "is approved, and the champion now"
    if version.champion:
        return "is approved again: `mlopsgen serve` stays with it, or goes back to it"
    return "is approved: `mlopsgen serve` rolls it out, and then it is the champion"


def call_for(version: str, spec: Path, env: str | None) -> str:
    """The command that approves a version."""
    where = [] if spec == Path(SPEC) else ["--spec", str(spec)]
    return shlex.join(["mlopsgen", "approve", version, *where, *(["--env", env] if env else [])])


def registered(request: CompileRequest) -> tuple[RegisteredVersion, ...]:
    """What the registry here has of a spec's models."""
    return _registry().versions(_compiled(request).bundle.files, request.root)


def known_versions(spec: Path, env: str | None) -> tuple[RegisteredVersion, ...]:
    """What the registry here has of a spec's models."""
    request = read_asked(Report("text", debug=False), spec / SPEC if spec.is_dir() else spec, env, {}, ())
    return registered(request)


def _compiled(request: CompileRequest) -> Compiled:
    """What `mlopsgen run` would execute: it says which models there are, and where their versions lie."""
    from mlopsgen import compile as compiler

    return compiler.compile_spec(request, LOCAL)


def _decided(compiled: Compiled, root: Path, version: str, *, approved: bool) -> RegisteredVersion:
    from mlopsgen import compile as compiler

    with compiler.placed(compiled.source):
        return _registry().decide(compiled.bundle.files, root, version, approved=approved)


def _registry() -> Approvable:
    from mlopsgen import targets
    from mlopsgen.targets.api import Approvable

    target = targets.load(LOCAL)
    assert isinstance(target, Approvable)
    return target


def _list(known: Sequence[RegisteredVersion], spec: Path, env: str | None) -> None:
    for one in known:
        metrics = ", ".join(f"{name} {value:.4g}" for name, value in one.metrics.items())
        print_line(f"{one.model} version {one.name}  {role(one)}  {metrics}".rstrip())
    if not known:
        click.echo("nothing is registered here yet: `mlopsgen run`", err=True)
    for one in known:
        if one.status == "pending":
            print_line(f"approve it: {call_for(one.name, spec, env)}", err=True)


def role(version: RegisteredVersion) -> str:
    """The champion, or what has been decided about a version."""
    return "champion" if version.champion else version.status
