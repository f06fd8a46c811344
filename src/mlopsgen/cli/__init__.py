"""The commands. Alone here are findings turned into text and exit codes.

group.py     the list of commands; a command's module is imported only when it is called
options.py   what several commands take: the spec, --env, --var, --allow, --format, --debug
report.py    findings on stderr, what was written on stdout, exit codes
completing.py  what the shell offers: targets, codes, environments
One further file for each command.
"""

from __future__ import annotations

import gc
import sys

STOPPED = 130
"""What shells say of a program that Ctrl-C ended."""

_SELDOM = 1_000_000
"""After how many new objects Python looks for garbage: what a command makes it keeps, so looking finds nothing."""


def main() -> None:
    """The program `mlopsgen`."""
    gc.set_threshold(_SELDOM)
    try:
        from mlopsgen.cli.group import run

        run()
    except KeyboardInterrupt:  # before there was a command that could answer it
        sys.exit(STOPPED)
    finally:
        gc.freeze()  # else Python looks for garbage once more while it ends, in all that was made
