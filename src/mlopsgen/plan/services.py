"""Services: what lives on when training has ended. A target matches on the kinds and ends in assert_never.

Data only, as the steps are. A batch deployment is one job that somebody starts again and again, so it is made of
what every job is made of, and a target lowers it as one.
"""

from __future__ import annotations

from typing import TypeAlias

from mlopsgen.diagnostics import SpecPath
from mlopsgen.plan.job import Run
from mlopsgen.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A job that scores what lies in a folder, on demand or by the clock."""

    name: str
    job: Run
    """The runtime's `score`."""
    model: str
    """The registry's name of the model whose champion is asked, or whose `version`."""
    version: str | None = None
    """None: the version that is the champion when the job starts."""
    cron: str | None = None
    """Five fields; None: on demand."""
    timezone: str = "UTC"
    origin: SpecPath = ()


Service: TypeAlias = Batch
