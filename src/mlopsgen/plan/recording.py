"""What the launcher is told to record of a step, where the spec asks for an MLflow server."""

from __future__ import annotations

from collections.abc import Iterator

from mlopsgen.plan.steps import AnyJob, Plan, Tune
from mlopsgen.plan.values import Flag, OutputDir, PortKind, Setting
from mlopsgen.spec.values import RunFact

MLFLOW = "mlflow:"
"""The server that the step's environment names (MLFLOW_TRACKING_URI)."""

_PICTURES = (PortKind.FIGURE, PortKind.REPORT)


def recorded(asked: Plan, job: AnyJob) -> Iterator[str | Flag]:
    """Flags of the launcher, with the holes that every command has; none where the platform records by itself.

    A foreign image has no launcher; of several machines each would record the same.
    """
    if asked.tracking.mlflow is None or job.image is not None or job.resources.nodes != 1:
        return
    yield from (f"--track={MLFLOW}", f"--track-as={job.name}")
    searched = tuple(axis.name for axis in job.axes) if isinstance(job, Tune) else ()
    # The run's id would make another command of each run, which no cache would know again.
    if not job.cache and not searched:
        yield Flag("track-run", Setting(RunFact("run.id")))
    for name in dict.fromkeys((*(param.name for param in job.params), *searched)):
        yield f"--track-param={name}"
    for output in job.outputs:
        if output.kind is PortKind.METRICS:
            yield Flag("track-metrics", OutputDir(output.port))
        elif output.kind in _PICTURES:
            yield Flag("track-figure", OutputDir(output.port))
