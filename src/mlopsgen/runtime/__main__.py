"""Runs one command: `python -m mlopsgen_runtime COMMAND --flag=value …`."""

from __future__ import annotations

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
