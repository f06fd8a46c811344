"""Records what a step was told and what came of it, wherever the product's runs are recorded.

A model that was trained is worth more than the record of its training: when nothing can be recorded,
the step says so once and goes on.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from .flags import Flags
from .measured import read_metrics
from .platforms import open_tracker
from .platforms.api import Tracker

SINGLE = ("track", "track-as", "track-run", "track-metrics")
REPEATED = ("track-param", "track-figure")


class Record:
    """The record of one step; without --track=URI it is empty, and nothing is asked."""

    def __init__(self, flags: Flags) -> None:
        self.flags = flags
        self.tracker: Tracker | None = None
        self.complained = False

    def start(self, command: Sequence[str], secrets: Mapping[str, str]) -> Mapping[str, str]:
        """Begins with the params that stand on the command line; gives variables for the command.

        Whoever records may need a secret of the step too, such as MLFLOW_TRACKING_TOKEN.
        """
        variables: dict[str, str] = {}
        with self._without_harm():
            uri = self.flags.maybe("track")
            if uri is not None:
                os.environ.update(secrets)
                tracker = open_tracker(uri, self.flags.maybe("track-as") or "step", self.flags.maybe("track-run"))
                variables.update(tracker.start())
                self.tracker = tracker
                tracker.params(_said(command, self.flags.many("track-param")))
        return variables

    def end(self, *, good: bool) -> None:
        """Adds the numbers and pictures that the step wrote."""
        if self.tracker is None:
            return
        if good:
            with self._without_harm():
                self._results(self.tracker)
        with self._without_harm():
            self.tracker.end(good=good)

    def _results(self, tracker: Tracker) -> None:
        metrics = self.flags.maybe_folder("track-metrics")
        if metrics is not None:
            tracker.metrics(read_metrics(metrics))
        for folder in map(Path, self.flags.many("track-figure")):
            if folder.is_dir() and any(folder.iterdir()):
                tracker.files(folder, folder.name)

    @contextmanager
    def _without_harm(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # noqa: BLE001 - whatever a platform's library raises must not cost a model
            if not self.complained:
                print(f"mlopsgen: this run is not recorded, or not all of it: {error}", file=sys.stderr, flush=True)
            self.complained = True


def _said(command: Sequence[str], names: Sequence[str]) -> dict[str, str]:
    """The values of these flags on a command line."""
    words = (word.partition("=") for word in command if word.startswith("--"))
    found = {flag[2:]: value for flag, equals, value in words if equals}
    return {name: found[name] for name in names if name in found}
