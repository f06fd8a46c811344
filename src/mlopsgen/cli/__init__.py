"""The commands. Alone here are findings turned into text and exit codes.

group.py     the list of commands; a command's module is imported only when it is called
options.py   what several commands take: the spec, --env, --var, --allow, --format, --debug
report.py    findings on stderr, what was written on stdout, exit codes
completing.py  what the shell offers: targets, codes, environments
One further file for each command.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
import threading
from types import ModuleType

STOPPED = 130
"""What shells say of a program that Ctrl-C ended."""


_SELDOM = 1_000_000
"""After how many new objects Python looks for garbage: what a command makes it keeps, so looking finds nothing."""


def main() -> None:
    """The program `mlopsgen`."""
    gc.set_threshold(_SELDOM)
    _without_plugins()
    try:
        from mlopsgen.cli.group import run

        run()
    except KeyboardInterrupt:  # before there was a command that could answer it
        _end(STOPPED)
    except SystemExit as ended:
        if ended.code is None or isinstance(ended.code, int):
            _end(ended.code or 0)
        raise


def _without_plugins() -> None:
    """Spares pydantic the search for plug-ins of its own, which reads about every installed package.

    pydantic does the same for who sets PYDANTIC_DISABLE_PLUGINS, but imports what it would search with all the same.
    """
    loader = ModuleType("pydantic.plugin._loader")
    loader.get_plugins = tuple  # type: ignore[attr-defined]
    sys.modules.setdefault(loader.__name__, loader)


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
