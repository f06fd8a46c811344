"""A platform of a test: it keeps where a deployment stands in a file's place, and can be cut off at any call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mlopsgen.runtime.platforms.api import Reading, Standing
from mlopsgen.runtime.serving.rollout.engine import Clock
from mlopsgen.runtime.serving.rollout.order import Alarm, Order


class Cut(BaseException):
    """The process is gone: nothing in it runs any more."""


@dataclass
class Times:
    """A clock that waiting alone moves."""

    at: float = 1000.0

    def clock(self) -> Clock:
        return Clock(now=lambda: self.at, sleep=self.wait, pause=10)

    def wait(self, seconds: float) -> None:
        self.at += seconds


@dataclass
class Platform:
    """A fleet that remembers what it was told, and by when."""

    times: Times
    live: str | None = None
    coming: str | None = None
    step: int = -1
    since: float = 0.0
    share: float = 0.0
    mirrored: float = 0.0
    running: set[str] = field(default_factory=set)
    told: list[tuple[float, str]] = field(default_factory=list)
    values: dict[str, float | None] = field(default_factory=dict)
    requests: int | None = None
    broken: frozenset[str] = frozenset()
    cut_at: int | None = None
    """The call after whose effect the process is gone."""
    calls: int = 0

    def standing(self) -> Standing:
        return Standing(live=self.live, coming=self.coming, step=self.step, since=self.since)

    def place(self, version: str) -> None:
        from mlopsgen.runtime.problems import Failed

        self.coming = version
        self.running.add(version)
        self._told(f"place {version}")
        if version in self.broken:
            raise Failed("the container exits at once")

    def route(self, share: float, step: int, since: float) -> None:
        assert self.coming in self.running
        self.share, self.mirrored, self.step, self.since = share, 0.0, step, since
        self._told(f"route {share:g}")

    def mirror(self, share: float, step: int, since: float) -> None:
        assert self.coming in self.running
        self.mirrored, self.step, self.since = share, step, since
        self._told(f"mirror {share:g}")

    def measured(self, alarm: Mapping[str, Any], seconds: float) -> Reading:
        return Reading(value=self.values.get(alarm["name"], 0.0), requests=self.requests)

    def settle(self) -> None:
        assert self.share == 1
        self.live, self.coming, self.step, self.share = self.coming or self.live, None, -1, 0.0
        self.running = {str(self.live)}
        self._told(f"settle {self.live}")

    def withdraw(self) -> None:
        self.coming, self.share, self.mirrored, self.step = None, 0.0, 0.0, -1
        self.running &= {str(self.live)}
        self._told("withdraw")

    def _told(self, words: str) -> None:
        self.told.append((self.times.at, words))
        self.calls += 1
        if self.calls == self.cut_at:
            raise Cut


def order(strategy: str = "canary", steps: tuple[float, ...] = (0.1, 0.5, 1.0), **more: Any) -> Order:
    """A rollout that watches errors."""
    usual: dict[str, Any] = {
        "deployment": "live", "registry": "r:", "fleet": "f:", "state": "s:", "bake": 600, "native": {},
        "alarms": (alarm("errors", 0.01),),
    }  # fmt: skip
    return Order(strategy=strategy, steps=steps, **{**usual, **more})


def alarm(name: str, at_most: float, window: float = 300) -> Alarm:
    """An alarm on failed requests."""
    return Alarm(name=name, figure="errors", at_most=at_most, window=window, native={"name": name})
