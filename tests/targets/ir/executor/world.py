"""A project with nothing in it but one bundle: its object stores, its cache, its runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .document import Document, read
from .machine import Ended, Machine, image_of
from .run import Call, Run, Runner, Values, Walk


@dataclass(slots=True)
class World:
    """What outlives a run. A platform's tests give it what only that platform has."""

    bundle: Path
    root: Path
    file: str = "pipeline.yaml"
    installed: str = "minio://mlpipeline/v2/artifacts"
    """Where artifacts lie when a pipeline does not say: Kubeflow's own store."""
    environment: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, Path] = field(default_factory=dict)
    launchers: Mapping[str, Runner] = field(default_factory=dict)
    """The start of an image's name → what runs it instead of a process: launchers of jobs, images of others."""
    variables: Callable[[Document, str], Mapping[str, str]] = lambda _document, _label: {}
    """What the platform's own document gives an executor: values of secrets."""
    expand: Callable[[str], str] = str
    """What becomes of a word or a variable before placeholders are filled in (Kubernetes: `$$` is one `$`)."""
    cache: dict[str, Values] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)

    @property
    def machine(self) -> Machine:
        return Machine(image_of(self.bundle), self.root, self.environment, self.places)

    def start(self, **given: Any) -> Run:
        """A run of the pipeline."""
        document = read(self.bundle / self.file)
        run = Run(f"run-{len(self.runs) + 1:04}")
        self.runs.append(run)
        root = document.spec.get("defaultPipelineRoot", self.installed)
        walk = Walk(document, self.machine, run, root, self._runner(document), self.cache, self.expand)
        walk.go(document.parameters(given))
        return run

    def put(self, uri: str, path: Path) -> None:
        """A file beside the spec, uploaded."""
        there = self.machine.path(uri)
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_bytes(path.read_bytes())

    def path(self, run: Run, task: str, port: str) -> Path:
        """The folder of an output."""
        return self.machine.path(run.made[task].artifacts[port][0]["uri"])

    def _runner(self, document: Document) -> Runner:
        machine = self.machine

        def start(call: Call) -> Ended:
            special = next((run for image, run in self.launchers.items() if call.image.startswith(image)), None)
            call.env = {**call.env, **self.variables(document, call.label)}
            return special(call) if special else machine.run(call.argv, call.env)

        return start
