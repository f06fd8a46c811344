"""One rollout, from where the platform says that it stands to its end: the new version is live, or still the old one.

A step that saw no request has shown nothing: it is watched three times as long, and then the version is taken back.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ...platforms.api import Fleet, Guarded, Promoting, Reading
from ...problems import Failed, GateSaidNo
from .order import Alarm, Order

PATIENCE = 3
"""So many times its bake a step without a request is watched."""
ENOUGH = 100
"""So many requests say something before an alarm's window is over."""


@dataclass(slots=True)
class Clock:
    """The time, and waiting for it."""

    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    pause: float = 10.0
    """Seconds between two looks."""


@dataclass(slots=True)
class Rollout:
    """The way of one version."""

    order: Order
    version: str
    fleet: Fleet
    clock: Clock = field(default_factory=Clock)

    def run(self) -> None:
        """Brings the version; raises GateSaidNo when it was taken back, and Failed when it never got ready."""
        standing = self.fleet.standing()
        if standing.coming not in (None, self.version):
            self._say(f"version {standing.coming} was on its way and is taken back: {self.version} comes instead")
            self.fleet.withdraw()
            standing = self.fleet.standing()
        if standing.live == self.version and standing.coming is None:
            self._say(f"version {self.version} is live already")
            return
        self._place()
        if standing.live is None:
            self._say("it is the first version, and gets all requests at once")
            self.fleet.route(1.0, 0, self.clock.now())
        else:
            self._steps(standing.step if standing.coming == self.version else -1, standing.since)
        self.fleet.settle()
        self._say(f"version {self.version} is live")

    def _place(self) -> None:
        self._say(f"version {self.version} is started beside what is live")
        try:
            self.fleet.place(self.version)
        except Failed as problem:
            self.fleet.withdraw()
            raise Failed(f"version {self.version} never got ready, and nothing has changed: {problem}") from None

    def _steps(self, begun: int, since: float) -> None:
        for step, share in enumerate(self.order.steps):
            if step < begun:
                continue
            start = since if step == begun else self.clock.now()
            if self.order.mirrored:
                self.fleet.mirror(share, step, start)
            else:
                self.fleet.route(share, step, start)
            self._say(f"step {step + 1} of {len(self.order.steps)}: {share:.0%} of the requests{self._as_copies()}")
            if reason := self._watched(start):
                self.fleet.withdraw()
                raise GateSaidNo(f"version {self.version} is taken back, and the one before answers: {reason}")
        if self.order.mirrored:
            self.fleet.route(1.0, len(self.order.steps), self.clock.now())

    def _as_copies(self) -> str:
        return ", as copies" if self.order.mirrored else ""

    def _watched(self, start: float) -> str | None:
        """What an alarm says within the bake, None when all is well."""
        if not self.order.bake:
            return None
        seen = not self.order.alarms
        while True:
            passed = self.clock.now() - start
            for alarm, reading in self._readings(passed):
                seen = seen or reading.value is not None
                if reading.value is not None and reading.value > alarm.at_most:
                    return alarm.said(reading.value)
            if passed >= self.order.bake and seen:
                return None
            if passed >= PATIENCE * self.order.bake:
                return f"nothing was measured of it in {passed:.0f} seconds, so nothing says that it is good"
            self.clock.sleep(min(self.clock.pause, max(self.order.bake - passed, 1.0)))

    def _readings(self, passed: float) -> Iterator[tuple[Alarm, Reading]]:
        """What is measured of this step alone, once that is enough to say something."""
        for alarm in self.order.alarms:
            window = min(alarm.window, self.order.bake)
            reading = self.fleet.measured(alarm.native, min(window, max(passed, 1.0)))
            if passed >= window or (reading.requests or 0) >= ENOUGH:
                yield alarm, reading

    def _say(self, words: str) -> None:
        print(f"{self.order.deployment}: {words}", flush=True)


def live_version(fleet: Fleet | Guarded) -> str | None:
    """The version that answers now."""
    return fleet.live() if isinstance(fleet, Guarded) else fleet.standing().live


def roll(order: Order, version: str, fleet: Fleet | Guarded, registry: Promoting, clock: Clock | None = None) -> None:
    """Brings an approved version, and makes it the champion once it is live."""
    status = registry.status(version)
    if status != "approved":
        raise Failed(f"version {version} is {status}: only an approved one is rolled out")
    if not isinstance(fleet, Guarded):
        Rollout(order, version, fleet, clock or Clock()).run()
    elif fleet.live() == version:
        print(f"{order.deployment}: version {version} is live already", flush=True)
    else:
        fleet.roll(version)
        print(f"{order.deployment}: version {version} is live", flush=True)
    registry.promote(version)
