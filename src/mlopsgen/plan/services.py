"""Services: what lives on when training has ended. A target matches on the kinds and ends in assert_never.

Data only, as the steps are. What a deployment runs is one container with one command, so it is made of what every job
is made of, and a target lowers it as one: a batch deployment is a job that somebody starts again and again, a
real-time one a server that does not end, and the way in which a new version takes its place.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

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
    overwrite: bool = False
    """Whether its output holds the predictions of the last run alone."""
    origin: SpecPath = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaling:
    """One figure that makes replicas start and stop; of several, the one that asks for most wins."""

    figure: Literal["requests_per_minute", "concurrency", "cpu", "memory", "latency"]
    out: float
    """Above it one more replica starts: per minute, at once, a share, or seconds."""
    back: float | None
    """Below it one stops; None: as the target has it."""
    origin: SpecPath


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """Other bounds on the replicas at certain times."""

    name: str
    days: tuple[str, ...]
    """mon … sun."""
    start: str
    """HH:MM."""
    end: str
    """HH:MM, after midnight where it is not after `start`; 24:00 is the day's end."""
    timezone: str
    low: int
    high: int
    origin: SpecPath


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """A figure of the new version that takes the rollout back."""

    name: str
    """Of the monitor."""
    figure: Literal["errors", "latency", "saturation"]
    at_most: float
    """A share of the requests, seconds, or a share of the resource."""
    window: int
    """Seconds for which it must be above that."""
    quantile: float | None = None
    """Of latency: which share of the answers must be in time."""
    resource: Literal["cpu", "memory", "gpu", "disk"] | None = None
    """Of saturation."""
    origin: SpecPath


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """How a new version takes over the requests."""

    strategy: Literal["all-at-once", "canary", "linear", "blue-green", "shadow"]
    steps: tuple[float, ...]
    """Shares of the requests, growing to 1; of a shadow the share that is mirrored."""
    bake: int
    """Seconds that each step is watched; of blue-green and shadow all of it."""
    abort_on: tuple[Alarm, ...]
    before: str | None
    """A step that runs before the new version gets requests."""
    after: str | None
    origin: SpecPath


@dataclass(frozen=True, slots=True, kw_only=True)
class RealTime:
    """A server that answers requests while they wait."""

    name: str
    job: Run
    """The runtime's `serve`, with the limits of one request, or a server of somebody else's image."""
    model: str
    version: str | None = None
    """None: the version just approved."""
    manual: bool = False
    """A person starts each rollout."""
    low: int = 1
    """The fewest replicas."""
    high: int = 1
    scaling: tuple[Scaling, ...] = ()
    cooldown: int = 60
    """Seconds between two changes."""
    hours: tuple[Hours, ...] = ()
    rollout: Rollout
    public: bool = False
    auth: Literal["iam", "key", "none"] = "iam"
    answers: str | None = None
    """Where answers are written: requests are queued, and nobody waits. None: callers wait."""
    notified: tuple[str | None, str | None] = (None, None)
    """Who hears of a queued request that ended well, and of one that failed."""
    origin: SpecPath = ()


Service: TypeAlias = Batch | RealTime
