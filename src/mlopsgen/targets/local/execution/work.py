"""Runs one command and remembers it: from this run, from an earlier one, or by doing it."""

from __future__ import annotations

import dataclasses
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mlopsgen.records import dataclass
from mlopsgen.targets.local.execution.command import Facts, Filling, folders, reads_what_changes, symbols
from mlopsgen.targets.local.execution.events import Event, Note, Retrying, State, StepStarted, in_words
from mlopsgen.targets.local.execution.folders import Cache, digest_folder, key_of, read_json, replace_links
from mlopsgen.targets.local.execution.interpreter import Python, step_environment
from mlopsgen.targets.local.execution.journal import Done, Run, Unit
from mlopsgen.targets.local.execution.parameters import RunValue
from mlopsgen.targets.local.execution.process import Call, Ended, Stop, Watchdog, run
from mlopsgen.targets.local.execution.registry import Model
from mlopsgen.targets.local.limits import LONGEST_WAIT
from mlopsgen.targets.local.native import Kind, PlanFile, Step


@dataclass(frozen=True, slots=True)
class ReadyFolder:
    """A folder that a step can read, and the digest of what is in it."""

    path: Path
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How a command ended, and what it made."""

    state: State
    seconds: float = 0.0
    attempts: int = 0
    outputs: Mapping[str, ReadyFolder] = dataclasses.field(default_factory=dict)
    reason: str = ""
    limit: tuple[str, ...] = ()
    """The field of the spec whose time limit ended it, below the step's place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """All that the commands of one run have in common."""

    plan: PlanFile
    bundle: Path
    root: Path
    run: Run
    facts: Facts
    python: Python
    cache: Cache
    code: Mapping[str, Any]
    """What every result depends on: digests of the code and of what is installed."""
    threads: Mapping[str, int]
    surroundings: Mapping[str, str]
    slots: threading.Semaphore
    stop: Stop
    watchdog: Watchdog
    tell: Callable[[Event], None]

    @contextmanager
    def slot(self) -> Iterator[bool]:
        """Waits for one of the places that the run may use at once; False when the run ends first."""
        while not self.slots.acquire(timeout=0.05):
            if self.stop.requested:
                yield False
                return
        try:
            yield not self.stop.requested
        finally:
            self.slots.release()

    def model(self, name: str) -> Model:
        """The registered versions of a model."""
        return Model(self.root / self.plan.places.registry / name)

    def filling(self, inputs: Mapping[str, str], outputs: Mapping[str, str], params: Mapping[str, RunValue]) -> Filling:
        """What goes into the holes of a command that is about to start."""
        return Filling(
            python=self.python.path,
            app=str(self.bundle / self.plan.code.app),
            bundle=str(self.bundle),
            registry=(self.root / self.plan.places.registry).as_uri(),
            state=(self.root / self.plan.places.state).as_uri(),
            root=self.root.as_uri(),
            inputs=inputs,
            outputs=outputs,
            params=params,
            facts=self.facts,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One command of a step: its own, or that of one trial."""

    step: Step
    unit: Unit
    inputs: Mapping[str, ReadyFolder]
    params: Mapping[str, RunValue]
    trial: int | None = None
    outcome: str | None = None
    """How the run went, for a step that runs at its end."""
    quiet: bool = False
    """A command of ours inside a step: nobody needs to see it start."""

    @property
    def tries(self) -> str:
        """What this trial has that others have not, in words."""
        return in_words({name: value for name, value in self.params.items() if name not in self.step.params})

    @property
    def may_be_cached(self) -> bool:
        """Whether an earlier run's result stands for this one."""
        step = self.step
        return step.cache and step.register is None and not step.always and not reads_what_changes(step)


def perform(task: Task, shop: Workshop) -> Result:
    """Takes the command's result from where it is, or runs it until it ends well or may not be tried again."""
    key = key_for(task, shop)
    return remembered(task, key, shop) or _registered(task, shop) or _run(task, key, shop)


def _registered(task: Task, shop: Workshop) -> Result | None:
    """A version that this run added before it was cut off, and had no time to say so: never a second one."""
    register = task.step.register
    if register is None or not shop.run.resumed:
        return None
    rolled_out = register.champion == "rollout"
    held = shop.model(register.model).holds(shop.run.id, rolled_out=rolled_out)
    return Result(state="resumed") if held else None


def remembered(task: Task, key: str, shop: Workshop) -> Result | None:
    """The result of the same command in this run before it was cut off, or in an earlier run."""
    done = task.unit.done()
    if done is not None and done.key == key:
        return _result(task, "resumed", done)
    if not task.may_be_cached:
        return None
    outputs = task.unit.attempt() / "outputs"
    digests = shop.cache.take(key, outputs)
    if digests is None:
        return None
    outputs.mkdir(exist_ok=True)
    done = Done(key=key, how="cached", seconds=0.0, attempts=0, outputs=digests)
    task.unit.finish(outputs, done)
    return _result(task, "cached", done)


def keep(task: Task, key: str, outputs: Path, shop: Workshop, *, seconds: float, attempts: int) -> Result:
    """Takes over what a command made, and remembers it."""
    digests = {port: digest_folder(outputs / port) for port in task.step.outputs}
    done = Done(key=key, how="ran", seconds=round(seconds, 3), attempts=attempts, outputs=digests)
    task.unit.finish(outputs, done)
    if task.may_be_cached:
        shop.cache.keep(key, task.unit.outputs, digests)
    return _result(task, "ran", done)


def _result(task: Task, state: State, done: Done) -> Result:
    outputs = {port: ReadyFolder(task.unit.outputs / port, digest) for port, digest in done.outputs.items()}
    return Result(state=state, seconds=done.seconds, attempts=done.attempts, outputs=outputs)


def key_for(task: Task, shop: Workshop) -> str:
    """A name for everything that the command's result depends on."""
    step = task.step
    # A search as a whole has no value yet for what it searches: its axes are in the key by `tune`.
    searched = symbols({axis.name: axis for axis in step.tune.axes}, "searched") if step.tune else {}
    symbolic = Filling(
        python="<python>",
        app="<app>",
        bundle="<bundle>",
        registry="<registry>",
        state="<state>",
        root="<root>",
        inputs=symbols(step.inputs, "input"),
        outputs=symbols(step.outputs, "output"),
        params={**searched, **task.params},
        facts=shop.facts,
    )
    return key_of(
        {
            "argv": symbolic.argv(step),
            "inputs": {port: item.digest for port, item in task.inputs.items()},
            "outputs": dict(step.outputs),
            "env": dict(step.env),
            "tune": None if step.tune is None else dataclasses.asdict(step.tune),
            "params": dict(task.params),
            **shop.code,
        }
    )


def _run(task: Task, key: str, shop: Workshop) -> Result:
    retries = task.step.retries
    allowed = 1 + (retries.attempts if retries else 0)
    began = time.monotonic()
    for attempt in range(1, allowed + 1):
        ended, outputs = _attempt(task, shop)
        if ended.how == "well":
            _tell_notes(task, shop)
            return keep(task, key, outputs, shop, seconds=time.monotonic() - began, attempts=attempt)
        if ended.how == "stopped" or attempt == allowed:
            break
        assert retries is not None
        wait = min(retries.backoff * 2.0 ** (attempt - 1), LONGEST_WAIT)
        shop.tell(Retrying(task.step.name, task.trial, ended.reason, wait, attempt + 1, allowed))
        if shop.stop.wait(wait):
            ended = Ended("stopped", 0.0, "the run was stopped")
            break
    state: State = "stopped" if ended.how == "stopped" else "failed"
    seconds = time.monotonic() - began
    limit = ("timeout",) if ended.how == "timeout" else ()
    return Result(state=state, seconds=seconds, attempts=attempt, reason=ended.reason, limit=limit)


def _tell_notes(task: Task, shop: Workshop) -> None:
    """Shows what a command said that may change how its result is read: rows left out, columns not used."""
    # Trials say it alike; in the first one it is news.
    if not task.quiet and task.trial in (None, 1):
        for text in task.unit.notes():
            shop.tell(Note(f"  {task.step.name}: {text}"))


def _attempt(task: Task, shop: Workshop) -> tuple[Ended, Path]:
    """Runs the command once, in a folder that is thrown away, into outputs that nobody reads yet."""
    with shop.slot() as free:
        folder = task.unit.attempt()
        outputs, scratch = folder / "outputs", folder / "scratch"
        scratch.mkdir()
        outputs.mkdir()
        for port in task.step.outputs:
            (outputs / port).mkdir()
        if not free:
            return Ended("stopped", 0.0, "the run was stopped"), outputs
        if not task.quiet:
            shop.tell(StepStarted(task.step.name, task.trial, task.tries, task.unit.out))
        ended = run(_call(task, shop, outputs, scratch), shop.stop, shop.watchdog)
    if ended.how == "well" and (wrong := replace_links(outputs) or wrong_outputs(task.step, outputs)):
        return Ended("failed", ended.seconds, wrong), outputs
    return ended, outputs


def _call(task: Task, shop: Workshop, outputs: Path, scratch: Path) -> Call:
    inputs = {port: str(m.path) for port, m in task.inputs.items()}
    filling = shop.filling(inputs, folders(outputs, task.step.outputs), task.params)
    return Call(
        argv=filling.argv(task.step),
        env=step_environment(task.step, filling.app, shop.surroundings, shop.threads[task.step.name], task.outcome),
        folder=scratch,
        out=task.unit.out,
        err=task.unit.err,
        timeout=task.step.timeout,
    )


_MAY_BE_EMPTY: tuple[Kind, ...] = ("files", "figure", "report")


def wrong_outputs(step: Step, outputs: Path) -> str:
    """What is wrong with what a command wrote although it ended well; empty when nothing is."""
    for port, kind in step.outputs.items():
        folder = outputs / port
        if kind == "metrics" and not isinstance(_content(folder / "metrics.json"), dict):
            return f'it wrote no metrics.json to --{port}: a flat object of numbers, such as {{"accuracy": 0.9}}'
        if kind == "gate" and not isinstance((read_json(folder / "gate.json") or {}).get("passed"), bool):
            return f"it wrote no gate.json with `passed` to --{port}"
        if kind not in _MAY_BE_EMPTY and not any(path.is_file() for path in folder.rglob("*")):
            return f"it ended well and wrote nothing to --{port}"
    return ""


def _content(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
