"""Records a run of a pipeline in an experiment of its platform.

record --experiment=URI
"""

from __future__ import annotations

from collections.abc import Sequence

from .flags import read_flags
from .platforms import record_run


def run(argv: Sequence[str]) -> int:
    """Adds the run to the experiment, which is made when there is none."""
    flags = read_flags("record", argv, single=("experiment",))
    record_run(flags.one("experiment"))
    return 0
