"""The program's front door: which commands there are, and what happens when one fails."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from mlopsgen import __version__
from mlopsgen.cli import STOPPED

COMMANDS = {
    "init": "Write a first spec with its script, data and test",
    "check": "Say what is wrong with a spec, all at once",
    "run": "Run it here, really: train, evaluate, judge, register",
    "serve": "Answer requests here, and roll out what is approved",
    "score": "Score a folder of records here, once, with the champion",
    "approve": "Approve a registered version, reject one, or go back to an older one",
    "rollout": "Have a real-time deployment here roll out a version, by name",
    "registry": "Show what is registered here: all versions, one whole, or two compared",
    "compile": "Write the native files of one target, several or all",
    "verify": "Judge a written bundle with the target's own judges",
    "lock": "Fix digests of images, requirements and data in mlopsgen.lock",
    "graph": "Show the steps and what flows between them",
    "targets": "What each target does natively, emulates or refuses",
    "explain": "What a finding's code means, or what a field of a spec is for",
    "schema": "The JSON schema that editors complete and check with",
}
"""Name → its line in `mlopsgen --help`, in the order in which people meet them.

Kept here and not in the commands, so that listing them imports none.
"""

FLOW = """\b
A first product, from nothing to a trained and registered model:

\b
  mlopsgen init churn && cd churn
  mlopsgen check                      what is wrong, and how to mend it
  mlopsgen run                        trains here, with this Python
  mlopsgen compile --target all       writes build/<target>/ for every cloud

\b
Shell completion, for bash (zsh and fish alike):
  eval "$(_MLOPSGEN_COMPLETE=bash_source mlopsgen)"
"""


class Commands(click.Group):
    """A group that knows its commands by name and imports one only to call it."""

    def list_commands(self, _: click.Context) -> list[str]:
        """Every command, in the order of COMMANDS."""
        return list(COMMANDS)

    def get_command(self, _: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"mlopsgen.cli.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the arguments begin with; an unknown one earns its nearest neighbours."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            ctx.fail(_unknown(name))
        return super().resolve_command(ctx, args)

    def format_commands(self, _: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in `--help`, from COMMANDS alone."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[click.shell_completion.CompletionItem]:
        """What the shell offers for the first word."""
        from click.shell_completion import CompletionItem

        items = [CompletionItem(name, help=line) for name, line in COMMANDS.items() if name.startswith(incomplete)]
        return [*items, *click.Command.shell_complete(self, ctx, incomplete)]


def _harmless(message: str) -> str:
    """A message line by line: what was typed in it, or a file was called, commands no terminal and no CI."""
    from mlopsgen.findings.safe_text import inert

    return "\n".join(map(inert, message.split("\n")))


def _unknown(name: str) -> str:
    from mlopsgen.nearest import nearest

    close = nearest(name, COMMANDS)
    hint = f"Did you mean `{close}`?" if close else "`mlopsgen --help` lists them."
    return f"No command `{name}`. {hint}"


@click.group(
    cls=Commands,
    invoke_without_command=True,
    epilog=FLOW,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, "-V", "--version", message="%(prog)s %(version)s")
@click.pass_context
def program(ctx: click.Context) -> None:
    """One YAML spec for a model's whole life, compiled into each cloud's own files."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def run() -> None:
    """Parse the command line, call the command, leave with its exit code."""
    try:
        code = program.main(prog_name="mlopsgen", standalone_mode=False)
    except click.Abort:
        click.echo("stopped", err=True)
        code = STOPPED
    except click.ClickException as wrong:
        wrong.message = _harmless(wrong.message)  # type: ignore[misc]  # nobody else has it
        wrong.show()
        code = wrong.exit_code
    sys.exit(code)
