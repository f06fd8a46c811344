"""Small bundles written by hand: tiny scripts, and the plan.json that runs them."""

from __future__ import annotations

import dataclasses
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlopsgen.plan.files import Files
from mlopsgen.targets.local.execution.events import Event
from mlopsgen.targets.local.execution.execute import execute
from mlopsgen.targets.local.execution.outcome import Outcome
from mlopsgen.targets.local.native import (
    AppFile,
    Argument,
    Code,
    Flag,
    FromParam,
    FromSource,
    FromStep,
    Input,
    InputFolder,
    Interpreter,
    Kind,
    LocalFiles,
    OutputFolder,
    Parameter,
    Places,
    PlanFile,
    Source,
    Step,
)
from mlopsgen.targets.local.read import adapter

RUNTIME = Path(__file__).resolve().parents[3] / "src" / "mlopsgen" / "runtime"

PRELUDE = """
import json, os, sys, time
flags = dict(word.lstrip("-").split("=", 1) for word in sys.argv[1:])
def mark(text):
    with open(os.environ["MARKS"], "a") as stream:
        stream.write(text + "\\n")
def write(port, name, content):
    with open(os.path.join(flags[port], name), "w") as stream:
        stream.write(content if isinstance(content, str) else json.dumps(content))
def read(port, name):
    return open(os.path.join(flags[port], name)).read()
"""


def a_step(
    name: str,
    *,
    script: str | None = None,
    reads: Mapping[str, str] | None = None,
    writes: Mapping[str, Kind] | None = None,
    params: Mapping[str, Any] | None = None,
    **more: Any,
) -> Step:
    """A step that runs `<name>.py`; `reads` maps a port to `step.output` or `data.source`."""
    inputs = {port: _input(one) for port, one in (reads or {}).items()}
    outputs = dict(writes or {})
    flags = (
        *(Flag(port, InputFolder(port), False) for port in inputs),
        *(Flag(port, OutputFolder(port), False) for port in outputs),
        *(Flag(param, FromParam(param), False) for param in (params or {})),
        *(Flag(axis.name, FromParam(axis.name), False) for axis in (more["tune"].axes if more.get("tune") else ())),
    )
    argv: tuple[Argument, ...] = (Interpreter("python"), AppFile(script or f"{name}.py"), *flags)
    facts: dict[str, Any] = {
        "kind": "run",
        "argv": argv,
        "env": {},
        "secrets": {},
        "retries": None,
        "timeout": None,
        "cache": True,
        "after": (),
        "when": None,
        "always": False,
        "tune": None,
        "gate": None,
        "register": None,
        "place": ("steps", name),
    }
    return Step(name=name, inputs=inputs, outputs=outputs, params=dict(params or {}), **{**facts, **more})


def _input(text: str) -> Input:
    owner, _, port = text.partition(".")
    if owner == "data":
        return Input(kind="source", origin=FromSource(port))
    return Input(kind="files", origin=FromStep(owner, port))


def a_parameter(type_: Any = "string", default: Any = None, **more: Any) -> Parameter:
    """A run parameter; required when it has no default."""
    facts = {"required": default is None, "values": (), "minimum": None, "maximum": None, "description": ""}
    return Parameter(type=type_, default=default, place=("parameters", "x"), **{**facts, **more})


@dataclass(slots=True)
class Project:
    """A spec's folder with a bundle in it, and everything that happened when it was run."""

    root: Path
    events: list[Event] = field(default_factory=list)

    @property
    def bundle(self) -> Path:
        return self.root / "build" / "local"

    @property
    def marks(self) -> list[str]:
        """The lines that scripts wrote with `mark`."""
        path = self.root / "marks.txt"
        return path.read_text().splitlines() if path.exists() else []

    def script(self, name: str, body: str) -> None:
        path = self.bundle / "image" / "app" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(PRELUDE + textwrap.dedent(body))

    def plan(
        self,
        *steps: Step,
        parameters: Mapping[str, Parameter] | None = None,
        sources: Mapping[str, Source] | None = None,
        requirements: Iterable[str] = (),
    ) -> PlanFile:
        """Writes plan.json; every step sees where to leave its marks."""
        plan = PlanFile(
            schema_="plan.schema.json",
            format="mlopsgen/local/v1",
            name="demo",
            description="",
            owner=None,
            tags={},
            experiment="demo",
            code=Code(app="image/app", requirements="image/requirements.txt", python="3.11"),
            places=Places(runs=".mlopsgen/runs", registry=".mlopsgen/registry", state=".mlopsgen/state"),
            parallel=None,
            parameters=dict(parameters or {}),
            sources=dict(sources or {}),
            steps=tuple(self._marked(step) for step in steps),
            deployments={},
        )
        (self.bundle / "image" / "app").mkdir(parents=True, exist_ok=True)
        (self.bundle / "image" / "requirements.txt").write_text("".join(f"{line}\n" for line in requirements))
        self.write(plan)
        return plan

    def write(self, plan: PlanFile) -> None:
        (self.bundle / "plan.json").write_bytes(adapter().dump_json(plan, by_alias=True, indent=2))

    def _marked(self, step: Step) -> Step:
        return dataclasses.replace(step, env={"MARKS": str(self.root / "marks.txt"), **step.env})

    def data(self, name: str, content: str) -> LocalFiles:
        path = self.root / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        digest, files = Files(self.root).digest(f"data/{name}", ())
        return LocalFiles(path=f"data/{name}", digest=digest, files=files, place=("data", "sources"))

    def with_runtime(self) -> None:
        """Puts the runtime beside the scripts, as every bundle has it."""
        there = self.bundle / "image" / "app" / "mlopsgen_runtime"
        there.parent.mkdir(parents=True, exist_ok=True)
        there.symlink_to(RUNTIME)

    def run(self, *, parallel: int | None = 4, **params: str) -> Outcome:
        return self.run_with(params, parallel)

    def run_with(self, params: Mapping[str, str], parallel: int | None = 4) -> Outcome:
        self.events = []
        return execute(self.bundle, self.root, params, on_event=self.events.append, parallel=parallel)

    def states(self, outcome: Outcome) -> dict[str, str]:
        return {step.name: step.state for step in outcome.steps}
