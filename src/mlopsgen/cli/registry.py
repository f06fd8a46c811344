"""`mlopsgen registry`: what is registered here, one version whole, or two side by side."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlopsgen.cli import completing
from mlopsgen.cli.approve import registered, role
from mlopsgen.cli.completing import SPEC
from mlopsgen.cli.options import cli_command, how_asked_options, read_asked, spec_file
from mlopsgen.cli.report import Report, print_line
from mlopsgen.diagnostics import Diagnostic, SpecError

if TYPE_CHECKING:
    from mlopsgen.targets.api import RegisteredVersion


@cli_command(
    "registry",
    examples=(
        "mlopsgen registry                           # every version: status, metrics, when",
        "mlopsgen registry 2                         # one, with its gates, lineage and card",
        "mlopsgen registry 2 3                       # two, side by side",
        "mlopsgen registry --format json",
    ),
)
@click.argument("version", metavar="[VERSION", required=False, shell_complete=completing.registered)
@click.argument("other", metavar="[OTHER]]", required=False, shell_complete=completing.registered)
@click.option(
    "--spec",
    type=click.Path(path_type=Path),
    default=SPEC,
    show_default=True,
    callback=spec_file,
    help="The spec whose runs registered the versions.",
)
@how_asked_options
def command(report: Report, version: str | None, other: str | None, spec: Path, **how_asked: Any) -> None:
    """Show what `mlopsgen run` has registered here: all versions, one of them whole, or two compared.

    `2` and `churn:2` are the same. With `--format json` the answer on stdout is JSON too. Versions in a cloud
    are shown by the platform's own registry.
    """
    known = registered(read_asked(report, spec, **how_asked))
    chosen = [_chosen(known, name) for name in (version, other) if name is not None]
    if report.format == "json":
        click.echo(json.dumps({"versions": [_plain(one) for one in chosen or known]}, indent=2, ensure_ascii=False))
        return
    if not known:
        click.echo("nothing is registered here yet: `mlopsgen run`", err=True)
    lines = _two(*chosen) if len(chosen) == 2 else _whole(chosen[0]) if chosen else _all(known)
    for line in lines:
        print_line(line)


def _chosen(known: Sequence[RegisteredVersion], name: str) -> RegisteredVersion:
    model, _, number = name.rpartition(":")
    for one in known:
        if one.name == number and model in ("", one.model):
            return one
    there = ", ".join(f"{one.model}:{one.name}" for one in known)
    hint = f"there are {there}" if there else "`mlopsgen run` registers a first one"
    raise SpecError([Diagnostic("MG614", f"version {name} is not registered here", hint=hint)])


def _all(known: Sequence[RegisteredVersion]) -> Iterator[str]:
    rows = [(f"{one.model} version {one.name}", role(one), _when(one), _metrics(one.metrics)) for one in known]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        yield "  ".join([*cells, row[3]]).rstrip()


def _whole(one: RegisteredVersion) -> Iterator[str]:
    about = one.about
    lineage, gate = about.get("lineage") or {}, about.get("gate") or {}
    facts = {
        "status": role(one),
        "registered": _when(one),
        "approval": about.get("approval"),
        "approved": about.get("approved_at"),
        "gates": None if "passed" not in gate else "held" if gate["passed"] else "did not hold",
        "": "; ".join(gate.get("reasons") or ()),
        "run": lineage.get("run"),
        "data version": lineage.get("data_version"),
        "data digest": lineage.get("data_digest"),
        "code digest": lineage.get("code_digest"),
        "model digest": about.get("model_digest"),
    }
    yield f"{one.model} version {one.name}"
    yield from _table([(name, str(value)) for name, value in facts.items() if value])
    yield from _section("metrics", {name: f"{value:.6g}" for name, value in one.metrics.items()})
    yield from _section("card", {name: _text(value) for name, value in (about.get("card") or {}).items()})


def _two(one: RegisteredVersion, other: RegisteredVersion) -> Iterator[str]:
    rows = [("", f"{one.model} {one.name}", f"{other.model} {other.name}", "")]
    rows += [(name, mine, theirs, "") for name, mine, theirs in _facts(one, other)]
    for name in dict.fromkeys((*one.metrics, *other.metrics)):
        before, after = one.metrics.get(name), other.metrics.get(name)
        change = "" if before is None or after is None else f"{after - before:+.4g}"
        rows.append((name, _number(before), _number(after), change))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        yield "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]]).rstrip()


def _facts(one: RegisteredVersion, other: RegisteredVersion) -> Iterator[tuple[str, str, str]]:
    yield "status", role(one), role(other)
    yield "registered", _when(one), _when(other)
    for name in ("data_version", "data_digest", "code_digest"):
        values = [str((v.about.get("lineage") or {}).get(name) or "-")[:19] for v in (one, other)]
        yield name.replace("_", " "), values[0], values[1] if values[0] != values[1] else "the same"
    values = [str(v.about.get("model_digest") or "-")[:19] for v in (one, other)]
    yield "model digest", values[0], values[1] if values[0] != values[1] else "the same"


def _section(title: str, facts: Mapping[str, str]) -> Iterator[str]:
    if facts:
        yield ""
        yield title
        yield from _table(list(facts.items()))


def _table(rows: Sequence[tuple[str, str]]) -> Iterator[str]:
    width = max((len(name) for name, _ in rows), default=0)
    return (f"  {name.ljust(width)}  {value}" for name, value in rows)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.6g}"


def _when(one: RegisteredVersion) -> str:
    return str(one.about.get("registered_at") or "")


def _metrics(metrics: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:.4g}" for name, value in metrics.items())


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _plain(one: RegisteredVersion) -> dict[str, Any]:
    return {**one.about, "model": one.model, "version": int(one.name), "champion": one.champion}
