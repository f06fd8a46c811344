"""The commands. Alone here are findings turned into text and exit codes.

group.py     the list of commands; a command's module is imported only when it is called
options.py   what several commands take: the spec, --env, --var, --allow, --format, --debug
report.py    findings on stderr, what was written on stdout, exit codes
lean.py      pydantic's import, without what no command has a use for
completing.py  what the shell offers: targets, codes, environments
One further file for each command.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
import threading

STOPPED = 130
"""What shells say of a program that Ctrl-C ended."""


_SELDOM = 1_000_000
"""After how many new objects Python looks for garbage: what a command makes it keeps, so looking finds nothing."""


def main() -> None:
    """The program `mlopsgen`."""
    gc.set_threshold(_SELDOM)
    try:
        from mlopsgen.cli.group import run
        from mlopsgen.cli.lean import without_plugins

        without_plugins()

        run()
    except KeyboardInterrupt:  # before there was a command that could answer it
        _end(STOPPED)
    except SystemExit as ended:
        if ended.code is None or isinstance(ended.code, int):
            _end(ended.code or 0)
        raise


def _end(code: int) -> None:
    """Ends the process without giving its memory back piece by piece, which takes longer than writing a bundle."""
    if threading.active_count() > 1:
        sys.exit(code)
    atexit._run_exitfuncs()  # noqa: SLF001 — what os._exit leaves out, for libraries that count on it
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:  # closed, since nobody read it any more
                stream.flush()
    except OSError:  # Python says it in its own way
        sys.exit(code)
    os._exit(code)
