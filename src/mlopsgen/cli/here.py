"""A spec that is compiled for this machine and executed: what `run`, `score` and `serve` have in common."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlopsgen.cli import completing
from mlopsgen.cli.options import F, pairs, read_asked
from mlopsgen.cli.report import Report, print_line
from mlopsgen.diagnostics import Diagnostic, SpecError
from mlopsgen.nearest import nearest

if TYPE_CHECKING:
    from mlopsgen.source import Source
    from mlopsgen.targets.api import MissingParameter, Ran, Runnable

LOCAL = "local"


def here_options(work: F) -> F:
    """Where the bundle is written, and with what it is executed: --out, --isolated, --force."""
    options = (
        click.option(
            "-o",
            "--out",
            type=click.Path(path_type=Path, file_okay=False),
            help="The folder that the bundle is written under. Default: build/ beside the spec.",
        ),
        click.option(
            "--isolated", is_flag=True, help="Make an environment with what image/requirements.txt names, and use it."
        ),
        click.option("--force", is_flag=True, help="Write over a bundle that was edited by hand."),
    )
    for option in reversed(options):
        work = option(work)
    return work


params_option = click.option(
    "-p",
    "--param",
    "params",
    multiple=True,
    metavar="NAME=VALUE",
    callback=pairs,
    shell_complete=completing.parameters,
    help="A run parameter.",
)
deployment_option = click.option("-d", "--deployment", metavar="NAME", help="Which one, where the spec has several.")


def print_summary(ran: Ran) -> None:
    """What came of it, for people: what steps said commands no terminal."""
    click.echo()
    for line in ran.summary.splitlines():
        print_line(line)


class Here:
    """A spec that is compiled for this machine, and its bundle, ready to be executed."""

    def __init__(self, report: Report, out: Path | None, spec_options: Mapping[str, Any], *, force: bool) -> None:
        """Compiles and writes; raises SpecError with all that stands in the way."""
        from mlopsgen import compile as compiler

        self.report = report
        self.request = read_asked(report, **spec_options)
        self.compiled = compiler.compile_spec(self.request, LOCAL)
        report.add(self.compiled.findings)
        self.folder = _written(
            self.compiled.bundle, (out or self.request.root / "build"), self.request.env, force=force
        )
        self.target = _target()
        report.show_now()

    def execute(
        self, params: Mapping[str, str], *, parallel: int | None, isolated: bool, deployment: str | None = None
    ) -> Ran:
        """Runs the pipeline, or one deployment; asks for values that nobody gave."""
        run = partial(self.target.run, self.folder, self.request.root, parallel=parallel, isolated=isolated)
        try:
            values = {**params, **_asked_for(self.target.missing_parameters(self.folder, params, deployment))}
            return run(values, show=self.report.progress, tell=self._tell, deployment=deployment)
        except SpecError as stopped:
            raise self.placed(stopped) from stopped

    def placed(self, stopped: SpecError) -> SpecError:
        """What stands in the way, with its places in the spec."""
        return SpecError(_placed(stopped.findings, self.compiled.source))

    def _tell(self, findings: Sequence[Diagnostic]) -> None:
        self.report.add(_placed(findings, self.compiled.source))
        self.report.show_now()


def _written(bundle: Any, out: Path, env: str | None, *, force: bool) -> Path:
    from mlopsgen.bundle import write

    folder = (out / env if env else out) / LOCAL
    write(bundle, folder, force=force)
    return folder


def _target() -> Runnable:
    from mlopsgen import targets
    from mlopsgen.targets.api import Runnable

    target = targets.load(LOCAL)
    assert isinstance(target, Runnable)
    return target


def _asked_for(parameters: Sequence[MissingParameter]) -> dict[str, str]:
    """Values that only a person can give; without a terminal that is wrong usage."""
    if parameters and not sys.stdin.isatty():
        names = ", ".join(f"--param {one.name}=…" for one in parameters)
        raise click.UsageError(f"The run needs a value for each of these: {names}")
    return {one.name: click.prompt(_question(one), value_proc=_answer(one), err=True) for one in parameters}


def _answer(one: MissingParameter) -> Callable[[str], str]:
    """Lets nothing through that is not of the type, so that the question is asked again."""
    words = [str(value) for value in one.values] if one.type != "list" else []
    if one.type == "boolean":
        words = ["true", "false"]
    kinds: dict[str, click.ParamType[Any]] = {"integer": click.INT, "number": click.FLOAT}
    kind = click.Choice(words) if words else kinds.get(one.type, click.STRING)

    def read(text: str) -> str:
        kind.convert(text, None, None)
        return text

    return read


def _question(one: MissingParameter) -> str:
    about = f" ({one.description})" if one.description else ""
    values = f", one of {', '.join(map(str, one.values))}" if one.values else ""
    return f"{one.name}{about}, {one.type}{values}"


def _placed(findings: Sequence[Diagnostic], source: Source) -> tuple[Diagnostic, ...]:
    """Findings about the spec get their place in it; the others stand without one."""
    from mlopsgen.source import with_spans

    return tuple(with_spans([d], source)[0] if d.spec_path else d for d in findings)


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
