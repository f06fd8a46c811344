"""Has a warehouse write a table of its own into files, which the steps behind read.

extract --table=URI --to=URI --billed=PROJECT [--at=TIME]

The files are FOLDER/data-*.parquet: as many as the warehouse makes of the table.
"""

from __future__ import annotations

from collections.abc import Sequence

from .flags import read_flags
from .platforms import extract_table
from .platforms.api import Extract


def run(argv: Sequence[str]) -> int:
    """Starts the warehouse's own job and waits for its end."""
    flags = read_flags("extract", argv, single=("table", "to", "billed", "at"))
    extract_table(flags.one("table"), Extract(to=flags.one("to"), billed=flags.one("billed"), at=flags.maybe("at")))
    return 0
