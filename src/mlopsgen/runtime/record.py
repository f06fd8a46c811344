"""Records a run of a pipeline in an experiment of its platform.

record --experiment=URI
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from .flags import read_flags
from .platforms import record_run
from .problems import Failed


def run(argv: Sequence[str]) -> int:
    """Adds the run to the experiment, which is made when there is none; it costs no model where that cannot be."""
    flags = read_flags("record", argv, single=("experiment",))
    try:
        record_run(flags.one("experiment"))
    except Failed as problem:
        print(f"this run is not compared with others: {problem}", file=sys.stderr)
    return 0
