"""Runs a bundle here: reads plan.json and image/, and of the project only its local data.

preflight   all that is wrong is said before anything starts
journal     the folder of the run; one that was cut off goes on
schedule    which step may start    work     one command, remembered     tuning   a search
process     child processes         cache    results of earlier runs     sources  local data
outcome     what came of it         events   what happens meanwhile      summary, progress: for people
"""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from mlopsgen.targets.local.execution.command import Facts
from mlopsgen.targets.local.execution.events import Event, LeftAlone, RunEnded, RunStarted
from mlopsgen.targets.local.execution.folders import Cache, digest_folder
from mlopsgen.targets.local.execution.interpreter import needed_packages
from mlopsgen.targets.local.execution.journal import Run, left_alone, open_run
from mlopsgen.targets.local.execution.outcome import Outcome
from mlopsgen.targets.local.execution.preflight import Ready, preflight
from mlopsgen.targets.local.execution.process import Stop, Watchdog
from mlopsgen.targets.local.execution.report import outcome_of
from mlopsgen.targets.local.execution.schedule import Message, Schedule
from mlopsgen.targets.local.execution.sources import stage
from mlopsgen.targets.local.execution.work import ReadyFolder, Workshop
from mlopsgen.targets.local.read import NAME, threads_for

HOME = ".mlopsgen"


def execute(
    bundle: Path,
    root: Path,
    params: Mapping[str, str],
    *,
    on_event: Callable[[Event], None],
    parallel: int | None = None,
    python: str = sys.executable,
    deployment: str | None = None,
) -> Outcome:
    """Runs the bundle's pipeline on this machine, or goes on with a run of it that was cut off.

    `root` is the spec's folder; with `deployment` the command of that one runs instead. Raises SpecError with every
    finding before anything has started.
    """
    bundle, root = bundle.resolve(), root.resolve()
    ready = preflight(bundle, root, params, python, dict(os.environ), deployment=deployment)
    identity = _identity(ready, deployment)
    runs = root / ready.plan.places.runs
    if others := left_alone(runs, identity):
        on_event(LeftAlone(others))
    with open_run(runs, (bundle / NAME).read_bytes(), identity) as run, Watchdog() as watchdog:
        inbox: queue.Queue[Message] = queue.Queue()
        shop = _workshop(ready, run, watchdog, parallel or ready.plan.parallel or _processors(), inbox)
        return _run(ready, shop, inbox, on_event)


def _processors() -> int:
    return os.cpu_count() or 1


def _identity(ready: Ready, deployment: str | None) -> dict[str, Any]:
    """What must be the same for a run that was cut off to go on."""
    plan = sha256((ready.bundle / NAME).read_bytes()).hexdigest()
    image = digest_folder(ready.bundle / ready.plan.code.app)
    parameters = {k: list(v) if isinstance(v, tuple) else v for k, v in ready.parameters.items()}
    data = {name: source.digest for name, source in ready.sources.items()}
    known = {"plan": plan, "code": image, "parameters": parameters, "data": data, "python": ready.python.version}
    return known if deployment is None else {**known, "deployment": deployment}


def _run(ready: Ready, shop: Workshop, inbox: queue.Queue[Message], on_event: Callable[[Event], None]) -> Outcome:
    began = time.monotonic()
    run = shop.run
    on_event(RunStarted(run.id, run.folder, tuple(s.name for s in ready.plan.steps), run.resumed))
    sources = {name: ReadyFolder(path, path.name) for name, path in stage(ready.sources, ready.root / HOME / "data")}
    schedule = Schedule(shop, sources, inbox, on_event)
    with _stopped_by_signals(shop.stop):
        schedule.run()
    status, seconds = schedule.status(), time.monotonic() - began
    outcome = outcome_of(shop, schedule, status, seconds)
    run.say(status=status, seconds=round(seconds, 3), gate=[one.reason for one in schedule.refusals])
    on_event(RunEnded(status, seconds))
    return outcome


def _workshop(ready: Ready, run: Run, watchdog: Watchdog, at_once: int, inbox: queue.Queue[Message]) -> Workshop:
    plan, facts = ready.plan, Facts(run.id, run.started, ready.parameters)
    searches = {s.name: facts.whole(s.tune.parallel) for s in plan.steps if s.tune is not None}
    return Workshop(
        plan=plan,
        bundle=ready.bundle,
        root=ready.root,
        run=run,
        facts=facts,
        python=ready.python,
        cache=Cache(ready.root, ready.root / HOME / "cache"),
        code={
            "code": digest_folder(ready.bundle / plan.code.app),
            "python": ready.python.minor,
            "packages": needed_packages(ready.bundle, plan, ready.python),
        },
        threads=threads_for(plan, searches, at_once, _processors()),
        surroundings=ready.surroundings,
        slots=threading.Semaphore(at_once),
        stop=Stop(),
        watchdog=watchdog,
        tell=inbox.put,
    )


@contextmanager
def _stopped_by_signals(stop: Stop) -> Iterator[None]:
    """Ctrl-C and SIGTERM end the run in order; a second one ends it at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, lambda *_: stop.ask()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
