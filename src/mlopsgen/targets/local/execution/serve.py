"""`mlopsgen serve` from the inside: one server of a real-time deployment, with the model of the registry here."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TextIO

from mlopsgen.diagnostics import Diagnostic, SpecError
from mlopsgen.targets.local.execution.command import Facts, Filling
from mlopsgen.targets.local.execution.interpreter import isolated as own_environment
from mlopsgen.targets.local.execution.interpreter import step_environment
from mlopsgen.targets.local.execution.preflight import Ready, preflight
from mlopsgen.targets.local.execution.registry import CHAMPION, Model

HOST = "127.0.0.1"


def serve(bundle: Path, root: Path, deployment: str, port: int, *, isolated: bool, show: TextIO) -> int:
    """Starts the server and waits for its end; Ctrl-C lets it answer what it has begun."""
    bundle, root = bundle.resolve(), root.resolve()
    if isolated:
        print("making the environment (minutes, the first time)", file=show, flush=True)
    python = own_environment(bundle, root) if isolated else sys.executable
    ready = preflight(bundle, root, {}, python, dict(os.environ), deployment=deployment)
    _refuse_taken(port)
    (step,) = ready.plan.steps
    argv, version = _command(ready, deployment, port)
    print(f"{deployment} answers with {version} at http://{HOST}:{port}/ (its pages: /docs)", file=show, flush=True)
    app = str(bundle / ready.plan.code.app)
    env = step_environment(step, app, ready.surroundings, os.cpu_count() or 1, None)
    with tempfile.TemporaryDirectory(prefix="mlopsgen-serve-") as folder:
        return _until_it_ends(argv, env, folder)


def _command(ready: Ready, deployment: str, port: int) -> tuple[list[str], str]:
    """The whole command, and the version that it answers with, in words."""
    plan, (step,) = ready.plan, ready.plan.steps
    origin = plan.deployments[deployment].model
    model = Model(ready.root / plan.places.registry / origin.model)
    number = model.champion() if origin.version == CHAMPION else origin.version
    files = model.files(origin.version)
    assert files is not None, "the preflight looked"
    filling = Filling(
        python=ready.python.path,
        app=str(ready.bundle / plan.code.app),
        bundle=str(ready.bundle),
        registry=(ready.root / plan.places.registry).as_uri(),
        state=(ready.root / plan.places.state).as_uri(),
        root=ready.root.as_uri(),
        inputs=dict.fromkeys(step.inputs, str(files)),
        outputs={},
        params={},
        facts=Facts("", "", {}),
    )
    argv = [*filling.argv(step), f"--version={number}", f"--host={HOST}", f"--port={port}"]
    return argv, f"version {number} of {origin.model}"


def _refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as taken:
            problem = f"port {port} of this machine cannot be had: {taken.strerror or taken}"
            raise SpecError([Diagnostic("MG611", problem, hint="say another one: `--port 8081`")]) from taken


def _until_it_ends(argv: list[str], env: dict[str, str], folder: str) -> int:
    """The server's exit code; a signal is handed on, and its orderly end by one is none."""
    stopped = False
    with subprocess.Popen(argv, env=env, cwd=folder) as server:

        def hand_on(number: int, _: object) -> None:
            nonlocal stopped
            stopped = True
            server.send_signal(signal.SIGTERM if number == signal.SIGTERM else number)

        before = {one: signal.signal(one, hand_on) for one in (signal.SIGINT, signal.SIGTERM)}
        try:
            code = server.wait()
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)
    return 0 if stopped and code in (0, 130, -signal.SIGINT, -signal.SIGTERM) else code
