"""Whether results of earlier runs can be taken over: the same inputs have to mean the same result."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from mlopsgen.plan.steps import AnyJob, Evaluate, FromRegistry, FromSource, Source
from mlopsgen.plan.values import Flag, StateUri
from mlopsgen.records import dataclass
from mlopsgen.targets.reporting import Reporting


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why the same inputs may mean another result tomorrow, and what could be done about it."""

    reason: str
    hint: str


def doubt(job: AnyJob, sources: Mapping[str, Source]) -> Doubt | None:
    """Why nothing of an earlier run can be taken over for a step; None where it can."""
    if job.always:
        return Doubt("it runs however the rest ended", _OUT)
    for item in job.inputs:
        if isinstance(item.source, FromRegistry):
            return Doubt(f"`{item.port}` is a registered model, which may be another tomorrow", _OUT)
        if isinstance(item.source, FromSource) and not pinned(sources[item.source.source]):
            name = item.source.source
            hint = f"say which data are meant: `data.sources.{name}.version`"
            return Doubt(f"other files may lie under the address of `{name}` tomorrow", hint)
    if any(isinstance(argument, Flag) and isinstance(argument.value, StateUri) for argument in job.argv):
        return Doubt("it counts how often the test rows were used", _OUT)
    if isinstance(job, Evaluate) and job.reads_champion:
        return Doubt("it compares with the champion, which may be another tomorrow", _OUT)
    return None


_OUT = "take `cache` out"


def pinned(source: Source) -> bool:
    """Whether the same address surely has the same files tomorrow."""
    return source.local is not None or source.version is not None


def report_uncached(context: Reporting, jobs: Collection[AnyJob], sources: Mapping[str, Source]) -> None:
    """Answers each `cache: true` that a step says and does not get."""
    for job in jobs:
        reason = doubt(job, sources) if job.cache_asked else None
        if reason is not None:
            message = f"`{job.name}` runs each time, in spite of its `cache: true`: {reason.reason}"
            context.note(message, (*job.origin, "cache"), reason.hint)
