"""What the runtime's rollout asks of a platform, done with processes of this machine."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from mlopsgen.runtime.platforms.api import Reading, Standing
from mlopsgen.runtime.problems import Failed
from mlopsgen.targets.local.serving.lines import Lines
from mlopsgen.targets.local.serving.router import Behind, Router, Table
from mlopsgen.targets.local.serving.servers import GRACE, Child
from mlopsgen.targets.local.serving.standing import Place


@dataclass(slots=True)
class Fleet:
    """The versions that answer here, or are about to."""

    place_: Place
    router: Router
    child: Callable[[str], Child]
    """Makes the server of a version, which is not started yet."""
    children: dict[str, Child] = field(default_factory=dict)
    _behind: dict[str, Behind] = field(default_factory=dict)
    _here: bool = False
    """Whether this process has begun the step that it is in."""

    def standing(self) -> Standing:
        """What the file says; a step that another process has begun is watched anew, for what it measured is gone."""
        at = self.place_.read()
        since = at.since if self._here else time.time()
        return Standing(live=at.live, coming=at.coming, step=at.step, since=since)

    def answer(self, version: str) -> None:
        """Has the live version answer: at the start, and when its server has ended by itself."""
        behind = self._started(version)
        self.router.set(Table(behind, *((t := self.router.table).coming, t.share, t.copied)))

    def place(self, version: str) -> None:
        """Starts a version beside the live one."""
        self.place_.write(coming=version)
        self._started(version)

    def route(self, share: float, step: int, since: float) -> None:
        """Gives the coming version this share of the requests."""
        self._set(step, since, share=share)

    def mirror(self, share: float, step: int, since: float) -> None:
        """Sends the coming version copies of this share of the requests."""
        self._set(step, since, copied=share)

    def measured(self, alarm: Mapping[str, Any], seconds: float) -> Reading:
        """What the router measured of the coming version."""
        coming = self.router.table.coming
        return coming.figures.reading(alarm, seconds) if coming else Reading(value=None, requests=0)

    def settle(self) -> None:
        """The coming version is the live one; the one before ends when it has answered what is in work."""
        coming = self.place_.read().coming
        if coming is not None:
            self.place_.write(live=coming, coming=None, step=-1)
            self.router.set(Table(self._started(coming)))
        self._end_others()

    def withdraw(self) -> None:
        """The live version has all requests again."""
        self.place_.write(coming=None, step=-1)
        self.router.set(Table(self.router.table.live))
        self._end_others()

    def ended(self, version: str | None) -> str | None:
        """How the server of a version ended by itself, None while it runs."""
        child = self.children.get(version or "")
        return child.ended if child else None

    def end(self) -> None:
        """Ends every server; where the deployment stands is kept."""
        self.router.set(Table())
        self._end_others()

    def _set(self, step: int, since: float, *, share: float = 0.0, copied: float = 0.0) -> None:
        at = self.place_.read()
        assert at.coming is not None, "a version is placed before it gets requests"
        coming = self._started(at.coming)
        coming.figures.forget()
        self._here = True
        self.place_.write(step=step, since=since)
        self.router.set(Table(self.router.table.live, coming, share, copied))

    def _started(self, version: str) -> Behind:
        child = self.children.get(version)
        if child is None or child.ended:
            if child is not None:
                child.end()
            child = self.child(version)
            child.start()
            self.children[version] = child
            self._behind[version] = Behind(version, Lines(child.port))
        return self._behind[version]

    def _end_others(self) -> None:
        """Ends what the table does not name: nobody asks it any more, and what it has begun it answers."""
        self._here = False
        table = self.router.table
        kept = {one.version for one in (table.live, table.coming) if one is not None}
        for version in [one for one in self.children if one not in kept]:
            behind, until = self._behind.pop(version, None), time.monotonic() + GRACE
            while behind is not None and behind.working and time.monotonic() < until:
                time.sleep(0.02)
            child = self.children.pop(version)
            with suppress(Failed):
                child.end()
