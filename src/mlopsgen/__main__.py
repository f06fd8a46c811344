"""`python -m mlopsgen`: the same program as `mlopsgen`, for a Python whose scripts are not on PATH."""

from __future__ import annotations

from mlopsgen.cli import main

if __name__ == "__main__":
    main()
