"""Starts each step as soon as what it waits for is there, and decides which ones do not run."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from pathlib import Path
from typing import Any, TypeAlias

from mlopsgen.records import dataclass
from mlopsgen.targets.local.execution.events import Event, State, StepEnded, Tick
from mlopsgen.targets.local.execution.folders import digest_folder, read_json
from mlopsgen.targets.local.execution.outcome import Refusal, Status
from mlopsgen.targets.local.execution.tuning import tune
from mlopsgen.targets.local.execution.work import ReadyFolder, Result, Task, Workshop, perform
from mlopsgen.targets.local.native import FromRegistry, FromSource, FromStep, Gate, Step
from mlopsgen.targets.local.read import reads_from, waits_for

WELL: tuple[State, ...] = ("ran", "cached", "resumed")
_TICK = 0.2


@dataclass(frozen=True, slots=True)
class _Over:
    """A step's thread has ended: with a result, or because our own code broke."""

    step: str
    result: Result | BaseException


Message: TypeAlias = Event | _Over


@dataclass(slots=True)
class Schedule:
    """One run of a plan's steps."""

    shop: Workshop
    sources: Mapping[str, ReadyFolder]
    inbox: queue.Queue[Message]
    """What the steps' threads say; `run` alone reads it."""
    on_event: Callable[[Event], None]
    results: dict[str, Result] = field(default_factory=dict)
    started: set[str] = field(default_factory=set)
    refusals: list[Refusal] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    """The gates that said yes."""
    refused: bool = False
    """A gate said no, and that is no success."""
    gate_fails: bool = False
    """A gate said no, and nothing else may start."""

    def run(self) -> Mapping[str, Result]:
        """Runs everything that can run; the result of every step of the plan."""
        steps = {step.name: step for step in self.shop.plan.steps}
        while len(self.results) < len(steps):
            for step in steps.values():
                if step.name not in self.results and step.name not in self.started and self._is_ready(step):
                    self._begin(step)
            if self.started - self.results.keys():
                self._listen()
        return self.results

    def status(self) -> Status:
        """How the run stands now."""
        if self.shop.stop.requested:
            return "stopped"
        if any(result.state == "failed" for result in self.results.values()):
            return "failed"
        return "refused" if self.refused else "succeeded"

    def _is_ready(self, step: Step) -> bool:
        if step.always:
            before = {s.name for s in self.shop.plan.steps if not s.always} | set(waits_for(step))
            return before <= self.results.keys()
        return all(name in self.results for name in waits_for(step))

    def _begin(self, step: Step) -> None:
        verdict = self._why_not(step)
        if verdict is not None:
            self._end(step, verdict)
            return
        self.started.add(step.name)
        threading.Thread(target=self._work, args=(step, self._task(step)), name=step.name).start()

    def _work(self, step: Step, task: Task) -> None:
        try:
            result = tune(task, self.shop) if step.tune else perform(task, self.shop)
        except BaseException as broken:  # noqa: BLE001 — handed to the main thread, which raises it
            self.inbox.put(_Over(step.name, broken))
        else:
            self.inbox.put(_Over(step.name, result))

    def _listen(self) -> None:
        try:
            message = self.inbox.get(timeout=_TICK)
        except queue.Empty:
            self.on_event(Tick())
            return
        if not isinstance(message, _Over):
            self.on_event(message)
            return
        if isinstance(message.result, BaseException):
            self.shop.stop.ask()
            raise message.result
        step = next(s for s in self.shop.plan.steps if s.name == message.step)
        self._hear_gate(step, message.result)
        self._end(step, message.result)

    def _end(self, step: Step, result: Result) -> None:
        self.results[step.name] = result
        self.on_event(StepEnded(step.name, result.state, result.seconds, result.reason))

    def _task(self, step: Step) -> Task:
        params = {name: self.shop.facts.value(value) for name, value in step.params.items()}
        unit = self.shop.run.step(step.name)
        inputs = {port: self._input(step, port) for port in step.inputs}
        return Task(step=step, unit=unit, inputs=inputs, params=params, outcome=self.status() if step.always else None)

    def _input(self, step: Step, port: str) -> ReadyFolder:
        origin = step.inputs[port].origin
        if isinstance(origin, FromSource):
            return self.sources[origin.source]
        if isinstance(origin, FromRegistry):
            return self._registered(step, port, origin)
        output = self.results[origin.step].outputs.get(origin.output)
        # Only a step that runs whatever happened gets here without its input: an empty folder says so.
        return output or _nothing(self.shop, step, port)

    def _registered(self, step: Step, port: str, origin: FromRegistry) -> ReadyFolder:
        """The files of a registered model; a version that is not there is an empty folder, as on the first run."""
        folder = self.shop.model(origin.model).files(origin.version)
        return _nothing(self.shop, step, port) if folder is None else ReadyFolder(folder, digest_folder(folder))

    def _why_not(self, step: Step) -> Result | None:
        """Why a step does not run; None when it does."""
        if self.shop.stop.requested:
            return Result(state="not started", reason="the run was stopped")
        if step.when is not None and self.shop.facts.value(step.when) is not True:
            return Result(state="skipped", reason=f"`when`: parameter `{step.when.parameter}` is false")
        if step.always:
            return None
        if self.gate_fails or any(result.state == "failed" for result in self.results.values()):
            return Result(state="not started", reason="the run had failed before")
        return self._left_out(step) or self._refused(step)

    def _left_out(self, step: Step) -> Result | None:
        """Left out with what it reads from; `after` a step that `when` skipped it still runs."""
        for name in waits_for(step):
            state = self.results[name].state
            if state not in WELL and (name in reads_from(step) or state != "skipped"):
                own: State = state if state in ("skipped", "refused") else "not started"
                return Result(state=own, reason=f"`{name}` did not run")
        return None

    def _refused(self, step: Step) -> Result | None:
        if step.register is None or step.register.gate is None or step.register.on_failure not in ("stop", "fail"):
            return None
        origin = step.inputs[step.register.gate].origin
        assert isinstance(origin, FromStep)
        verdict = read_json(self.results[origin.step].outputs[origin.output].path / "gate.json") or {}
        return None if verdict.get("passed") is True else Result(state="refused", reason="the gate said no")

    def _hear_gate(self, step: Step, result: Result) -> None:
        if step.gate is None or result.state not in WELL:
            return
        verdict = result.outputs[step.gate.output].path / "gate.json"
        parsed = read_json(verdict) or {}
        self.refusals.extend(_refusals(step, step.gate, verdict, parsed))
        self.held.extend(name for name, gate in (parsed.get("gates") or {}).items() if gate.get("passed") is True)
        if parsed.get("passed") is not True:
            self.refused = self.refused or step.gate.on_failure in ("stop", "fail")
            self.gate_fails = self.gate_fails or step.gate.on_failure == "fail"


def _refusals(step: Step, gate: Gate, verdict: Path, content: Mapping[str, Any]) -> Iterator[Refusal]:
    """The gates that said no, also where the run goes on all the same (`on_gate_failure: report`)."""
    reasons = {
        name: str(one.get("reason")) for name, one in (content.get("gates") or {}).items() if one.get("passed") is False
    }
    if not reasons and content.get("passed") is not True:
        reasons = {"": "; ".join(map(str, content.get("reasons") or ("it gave no reason",)))}
    for name, reason in reasons.items():
        where = (*step.place, "gates", name) if name in gate.rules else step.place
        yield Refusal(gate=name, reason=reason, verdict=verdict, on_failure=gate.on_failure, place=where)


def _nothing(shop: Workshop, step: Step, port: str) -> ReadyFolder:
    folder = shop.run.step(step.name).folder / "missing" / port
    folder.mkdir(parents=True, exist_ok=True)
    return ReadyFolder(folder, "")
