"""A product that is served, its versions, and `mlopsgen serve` in a process of its own."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.cli.calling import PROGRAM
from tests.cli.product import SPEC, lay
from tests.cli.test_approve import versions

MONITORS = """
monitoring:
  monitors:
    errors: {kind: errors, at_most: 0.05, for: 1s}
    slow: {kind: latency, at_most: 300ms, quantile: 0.5, for: 1s}
"""
PREDICT = """
import time
from pathlib import Path


def load(folder):
    does = Path(folder, "does").read_text()
    if does == "breaks":
        raise RuntimeError("the weights are of another library")
    return does


def predict(model, records):
    if model == "fails" and (records["spent"] != 0).any():
        raise RuntimeError("the lookup is gone")
    if model == "dawdles":
        time.sleep(0.4)
    return [model for _ in records["spent"]]
"""


def spec(rollout: str, more: str = "", watched: bool = True) -> str:
    """A spec whose deployment `live` rolls out so."""
    live = f"  live: {{mode: real-time, serve: {{run: predict.py}}, rollout: {{{rollout}}}}}\n"
    return f"{SPEC}deployments:\n{live}{more}{MONITORS if watched else ''}"


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Product:
    """A product whose versions a test makes."""

    folder: Path
    port: int = field(default_factory=_free)
    said: list[str] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)

    @property
    def model(self) -> Path:
        return self.folder / ".mlopsgen/registry/churn"

    def version(self, number: int, does: str = "well", status: str = "approved") -> None:
        """Registers a version, as a run does: whole at once."""
        draft = self.folder / f"draft-{number}"
        made = versions(draft, {str(number): status}) / "versions" / str(number)
        (made / "model").mkdir()
        (made / "model/does").write_text(does)
        (self.model / "versions").mkdir(parents=True, exist_ok=True)
        made.rename(self.model / "versions" / str(number))

    def champion(self) -> int | None:
        path = self.model / "champion.json"
        return int(json.loads(path.read_text())["version"]) if path.exists() else None

    def stands(self) -> dict[str, Any]:
        path = self.model / "deployments/live.json"
        return dict(json.loads(path.read_text())) if path.exists() else {}

    def ask(self) -> str:
        """Which version answers; the status where it failed."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/invocations",
            json.dumps([{"customer": "007", "spent": 1}]).encode(),
            {"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return str(answer.headers["X-Model-Version"])
        except urllib.error.HTTPError as refused:
            return f"{refused.code}"
        except OSError:
            return "nobody"

    @contextmanager
    def served(self, *argv: str) -> Iterator[subprocess.Popen[str]]:
        """`mlopsgen serve`; at the end it is told to stop, and ends well."""
        words = [*PROGRAM, "serve", "--port", str(self.port), *argv]
        process = subprocess.Popen(words, cwd=self.folder, stderr=subprocess.PIPE, text=True)
        reader = threading.Thread(target=self._listen, args=(process,), daemon=True)
        reader.start()
        try:
            yield process
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                assert process.wait(60) == 0, self.said
        finally:
            process.kill()
            reader.join(10)

    @contextmanager
    def asked(self) -> Iterator[None]:
        """Requests all the time, whose answers are counted."""
        over = threading.Event()

        def go_on() -> None:
            while not over.is_set():
                self.answers[self.ask()] += 1
                time.sleep(0.005)

        callers = [threading.Thread(target=go_on) for _ in range(3)]
        for one in callers:
            one.start()
        try:
            yield
        finally:
            over.set()
            for one in callers:
                one.join()

    def wait(self, so: Callable[[], object], seconds: float = 40) -> None:
        """Until something is so."""
        until = time.monotonic() + seconds
        while not so():
            assert time.monotonic() < until, (self.said, self.stands())
            time.sleep(0.05)

    def heard(self, words: str) -> bool:
        return any(words in line for line in self.said)

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stderr is not None
        with process.stderr as stream:
            for line in stream:
                self.said.append(line.rstrip())


def product(folder: Path, text: str) -> Product:
    lay(folder, spec=text)
    (folder / "src/predict.py").write_text(PREDICT)
    return Product(folder)
