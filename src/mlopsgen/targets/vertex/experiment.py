"""Runs in their experiment: a task of its own, since nothing in a request can say it."""

from __future__ import annotations

from collections.abc import Sequence

from mlopsgen.targets.ir.commands import ENTRY, RUNTIME
from mlopsgen.targets.ir.parts import Command, Hole, Known, Part, Takes, Where
from mlopsgen.targets.vertex.account import Account

NAME = "record-run"
RUN = "run"
RUN_NAME = "{{$.pipeline_job_name}}"
"""A run's id, which is also the name of its context in ML Metadata."""


def recording(account: Account) -> Sequence[Part]:
    """The task; none where runs are recorded elsewhere."""
    if account.plan.tracking.mlflow is not None:
        return ()
    home = account.home
    uri = f"vertex://{home.region}/{home.project}/{account.plan.tracking.experiment}?run="
    command = Command(
        image=account.image,
        words=(*RUNTIME, ("record",), ("--experiment=" + uri, Hole(Where.PARAMETER, RUN))),
        entry=ENTRY,
    )
    takes = {RUN: Takes(source=Known(RUN_NAME))}
    return (Part(name=NAME, step=NAME, runs=command, parameters=takes, cache=False, origin=("tracking",)),)
