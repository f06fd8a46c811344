"""`mlopsgen serve` from the inside: the router, the servers behind it, and who brings new versions."""

from __future__ import annotations

import os
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TextIO

from mlopsgen.diagnostics import Diagnostic, SpecError
from mlopsgen.runtime.serving.rollout.order import Alarm, Order
from mlopsgen.targets.local.execution.command import Facts, Filling
from mlopsgen.targets.local.execution.interpreter import isolated as own_environment
from mlopsgen.targets.local.execution.interpreter import step_environment
from mlopsgen.targets.local.execution.preflight import Ready, preflight
from mlopsgen.targets.local.execution.process import Watchdog
from mlopsgen.targets.local.execution.registry import CHAMPION, Model, Request
from mlopsgen.targets.local.native import Deployment, PlanFile
from mlopsgen.targets.local.read import read_plan
from mlopsgen.targets.local.serving.servers import GRACE, Child, Command
from mlopsgen.targets.local.serving.standing import Place, newest

HOST = "127.0.0.1"


def serve(bundle: Path, root: Path, deployment: str, port: int, *, isolated: bool, show: TextIO) -> int:
    """Answers until Ctrl-C or SIGTERM comes, which lets it answer what it has begun; 4 when nothing answers."""
    bundle, root = bundle.resolve(), root.resolve()
    _refuse_lacking()
    if isolated:
        print("making the environment (minutes, the first time)", file=show, flush=True)
    python = own_environment(bundle, root) if isolated else sys.executable
    ready = preflight(bundle, root, {}, python, dict(os.environ), deployment=deployment)
    about = Served(ready, read_plan(bundle), deployment, show)
    address = f"http://{HOST}:{port}/"
    with (
        about.place.held(address),
        _listening(port) as listening,
        Watchdog() as watchdog,
        tempfile.TemporaryDirectory(prefix="mlopsgen-serve-") as folder,
    ):
        print(f"{deployment} answers at {address} (its pages: /docs)", file=show, flush=True)
        return _answer(about, listening, watchdog, Path(folder))


@dataclass(slots=True)
class Served:
    """A deployment, and all that is known of it before anything starts."""

    ready: Ready
    plan: PlanFile
    name: str
    show: TextIO
    stop: threading.Event = field(default_factory=threading.Event)
    begun: float = field(default_factory=time.time)

    @property
    def deployment(self) -> Deployment:
        """As plan.json has it."""
        return self.plan.deployments[self.name]

    @property
    def model(self) -> Model:
        """The model that it asks."""
        return Model(self.ready.root / self.plan.places.registry / self.deployment.model.model)

    @property
    def place(self) -> Place:
        """Where it stands."""
        return Place(self.model, self.name)

    @property
    def pinned(self) -> bool:
        """Whether the spec names the version."""
        return self.deployment.model.version != CHAMPION

    @property
    def by_hand(self) -> bool:
        """Whether a person starts each rollout."""
        return self.deployment.rollout is not None and self.deployment.rollout.start == "manual"

    def newest(self) -> Request | None:
        """The version that shall be live."""
        if not self.pinned:
            return newest(self.place, by_hand=self.by_hand)
        # A pin that was changed is asked for once, by each process that serves it.
        version = self.deployment.model.version
        return Request(self.begun, int(version)) if self.place.read().live != version else None

    def others(self) -> tuple[Place, ...]:
        """The other deployments that bring what is approved, by themselves if any does."""
        mine = self.deployment.model
        of_model = {name: one for name, one in self.plan.deployments.items() if one.rollout and one.model == mine}
        itself = {name for name, one in of_model.items() if one.rollout and one.rollout.start == "approved"}
        return tuple(Place(self.model, name) for name in (itself or of_model) if name != self.name)

    def child(self, watchdog: Watchdog, folder: Path) -> Callable[[str], Child]:
        """Makes the server of a version."""
        (step,) = self.ready.plan.steps
        app = str(self.ready.bundle / self.plan.code.app)
        env = step_environment(step, app, self.ready.surroundings, os.cpu_count() or 1, None)

        def child(version: str) -> Child:
            command = Command(argv=self._argv(version), env=env, folder=folder)
            return Child(version, command, watchdog, self.show, self.stop)

        return child

    def order(self) -> Order:
        """The rollout, as the runtime reads it."""
        rollout = self.deployment.rollout
        assert rollout is not None, "plan.json has one for each server"
        alarms = tuple(
            Alarm(name=one.name, figure=one.figure, at_most=one.at_most, window=one.window, native=_facts(one))
            for one in rollout.alarms
        )
        return Order(
            deployment=self.name, registry=self.model.folder.as_uri(), fleet="", state="", strategy=rollout.strategy,
            steps=rollout.steps, bake=rollout.bake, alarms=alarms, native={},
        )  # fmt: skip

    def _argv(self, version: str) -> list[str]:
        (step,) = self.ready.plan.steps
        filling = Filling(
            python=self.ready.python.path,
            app=str(self.ready.bundle / self.plan.code.app),
            bundle=str(self.ready.bundle),
            registry=(self.ready.root / self.plan.places.registry).as_uri(),
            state=(self.ready.root / self.plan.places.state).as_uri(),
            root=self.ready.root.as_uri(),
            inputs=dict.fromkeys(step.inputs, str(self.model.folder / "versions" / version / "model")),
            outputs={},
            params={},
            facts=Facts("", "", {}),
        )
        return [*filling.argv(step), f"--version={version}", f"--host={HOST}", "--port=0"]


def _facts(alarm: object) -> Mapping[str, object]:
    return {name: getattr(alarm, name) for name in ("name", "figure", "at_most", "window", "quantile")}


def _answer(about: Served, listening: socket.socket, watchdog: Watchdog, folder: Path) -> int:
    # Here: `--help` and every refusal need none of the libraries.
    import uvicorn

    from mlopsgen.runtime.serving.server import PatientProtocol
    from mlopsgen.targets.local.serving.fleet import Fleet
    from mlopsgen.targets.local.serving.rollouts import Registry, Rollouts
    from mlopsgen.targets.local.serving.router import Router

    router = Router()
    fleet = Fleet(about.place, router, about.child(watchdog, folder))
    config = uvicorn.Config(
        router, http=PatientProtocol, ws="none", lifespan="off", access_log=False, log_level="critical",
        server_header=False, date_header=False, timeout_graceful_shutdown=int(GRACE),
    )  # fmt: skip
    server = uvicorn.Server(config)

    def say(words: str) -> None:
        print(f"{about.name}: {words}", file=about.show, flush=True)

    registry = Registry(about.model.folder, about.pinned, about.others(), say)
    rollouts = Rollouts(about.order(), about.place, fleet, registry, about.newest, about.show, about.stop)

    def attend() -> None:
        try:
            rollouts.run()
        finally:
            server.should_exit = True

    def end(*_: object) -> None:
        server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        # uvicorn heeds them while it runs, and raises them once more when it has ended well.
        signal.signal(number, end)
    try:
        _until_it_ends(lambda: server.run([listening]), attend, about.stop)
    finally:
        fleet.end()
    return 0 if rollouts.well else 4


def _until_it_ends(answer: Callable[[], None], attend: Callable[[], None], stop: threading.Event) -> None:
    """Answers in this thread, which signals reach; another one sees what is approved meanwhile."""
    thread = threading.Thread(target=attend)
    thread.start()
    try:
        answer()
    finally:
        stop.set()
        thread.join()


def _listening(port: int) -> socket.socket:
    try:
        listening = socket.create_server((HOST, port))
        # As the runtime's own server does: what is small is sent at once.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listening
    except OSError as taken:
        problem = f"port {port} of this machine cannot be had: {taken.strerror or taken}"
        raise SpecError([Diagnostic("MG611", problem, hint="say another one: `--port 8081`")]) from taken


def _refuse_lacking() -> None:
    if find_spec("uvicorn") is None:
        message = "requests are shared out by `uvicorn`, which is not installed beside mlopsgen"
        raise SpecError([Diagnostic("MG604", message, hint='`pip install "mlopsgen[runtime]"`')])
