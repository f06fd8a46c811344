"""Sees within a second what was approved, and brings it as the spec's `rollout` says."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import TextIO

from mlopsgen.runtime.platforms.local import FileRegistry
from mlopsgen.runtime.problems import Failed, GateSaidNo
from mlopsgen.runtime.serving.rollout.engine import Clock, roll
from mlopsgen.runtime.serving.rollout.order import Order
from mlopsgen.targets.local.execution.registry import Request
from mlopsgen.targets.local.serving.fleet import Fleet
from mlopsgen.targets.local.serving.servers import Stopped
from mlopsgen.targets.local.serving.standing import Place

LOOK = 0.5
"""Seconds between two looks."""


class Superseded(BaseException):
    """Another version was asked for in the middle of a rollout."""


@dataclass(frozen=True, slots=True)
class Registry(FileRegistry):
    """The registry here, whose champion moves when every deployment that shall bring a version has brought it."""

    pinned: bool
    others: tuple[Place, ...]
    say: Callable[[str], None]

    def status(self, version: str) -> str:
        """A version that the spec names needs nobody's approval."""
        return "approved" if self.pinned else FileRegistry.status(self, version)

    def promote(self, version: str) -> None:
        """Moves the champion, or says who is still to bring the version."""
        lacking = [place.file.stem for place in self.others if place.read().live != version]
        if self.pinned:
            return
        if lacking:
            self.say(f"version {version} is the champion once {' and '.join(map(repr, lacking))} serve it, too")
        elif (champion := self.champion()) is None or champion.name != version:
            FileRegistry.promote(self, version)
            self.say(f"version {version} is the champion now")


@dataclass(slots=True)
class Rollouts:
    """Everything that changes while requests are answered."""

    order: Order
    place: Place
    fleet: Fleet
    registry: Registry
    newest: Callable[[], Request | None]
    show: TextIO
    stop: threading.Event
    well: bool = False
    """Whether it was told to end, and nothing else was the matter."""

    def run(self) -> None:
        """Until it is stopped, or no version answers any more."""
        try:
            if live := self.place.read().live:
                self.fleet.answer(live)
                self.say(f"version {live} answers")
            while not self.stop.is_set():
                self._look()
                if self.place.read().live is None:
                    raise Failed("no version answers")
                self.stop.wait(LOOK)
            self.well = True
        except Stopped:
            self.well = True
        except Failed as problem:
            self.say(str(problem))

    def say(self, words: str) -> None:
        """For who looks at the terminal."""
        print(f"{self.order.deployment}: {words}", file=self.show, flush=True)

    def _look(self) -> None:
        self._tend()
        stands, request = self.place.read(), self.newest()
        is_old = request is not None and request <= stands.seen and stands.coming is None
        if request is None or (is_old and stands.live is not None):
            return
        try:
            with redirect_stdout(self.show):
                roll(self.order, str(request.version), self.fleet, self.registry, self._clock())
            self._over(request, f"version {request.version} is live")
        except Superseded:
            return
        except GateSaidNo as no:
            self.say(str(no))
            self._over(request, str(no))
        except Failed as problem:
            self.fleet.withdraw()
            self.say(str(problem))
            self._over(request, str(problem))

    def _over(self, request: Request, words: str) -> None:
        self.place.write(seen=request, last=words)

    def _clock(self) -> Clock:
        """A clock whose waiting sees all that may happen meanwhile."""
        begun = self.newest()

        def sleep(seconds: float) -> None:
            until = time.monotonic() + seconds
            while (left := until - time.monotonic()) > 0:
                if self.stop.wait(min(left, LOOK)):
                    raise Stopped
                self._tend()
                if self.newest() != begun:
                    raise Superseded
                coming = self.place.read().coming
                if how := self.fleet.ended(coming):
                    raise Failed(f"version {coming} is taken back, and the one before answers: {how}")

        return Clock(sleep=sleep, pause=LOOK)

    def _tend(self) -> None:
        """Starts the live server again when it has ended by itself."""
        live = self.place.read().live
        if live and (how := self.fleet.ended(live)):
            self.say(f"version {live} is started again: {how}")
            self.fleet.answer(live)
