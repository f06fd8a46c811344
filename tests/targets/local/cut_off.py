"""Runs a bundle in a process of its own, so that it can be killed: `python cut_off.py BUNDLE ROOT`."""

from __future__ import annotations

import sys
from pathlib import Path

from mlopsgen.targets.local.execution.execute import execute


def _quiet(_: object) -> None:
    """Nobody watches."""


if __name__ == "__main__":
    sys.exit(execute(Path(sys.argv[1]), Path(sys.argv[2]), {}, on_event=_quiet, parallel=4).exit_code)
