"""Runs a search: trials side by side, then the best one's outputs become the step's."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path

from mlopsgen.records import dataclass
from mlopsgen.runtime.measured import Measured
from mlopsgen.targets.local.execution.events import Note, TrialEnded, in_words
from mlopsgen.targets.local.execution.folders import (
    digest_folder,
    fresh,
    measured_in,
    read_json,
    share_folder,
    write_json,
)
from mlopsgen.targets.local.execution.journal import Unit
from mlopsgen.targets.local.execution.process import Deadline
from mlopsgen.targets.local.execution.search import Params, Search, Tried, search_for
from mlopsgen.targets.local.execution.work import (
    ReadyFolder,
    Result,
    Task,
    Workshop,
    keep,
    key_for,
    perform,
    remembered,
)
from mlopsgen.targets.local.native import (
    Argument,
    Flag,
    FromStep,
    Input,
    InputFolder,
    Interpreter,
    Kind,
    OutputFolder,
    Step,
    Tune,
)

_ALIKE = 3
"""So many first trials that fail alike end a search without `max_failures`."""

_RUNTIME: tuple[Argument, ...] = (Interpreter("python"), "-m", "mlopsgen_runtime")


def tune(task: Task, shop: Workshop) -> Result:
    """Searches, picks the best trial, and trains it once more where the spec asks for that."""
    key = key_for(task, shop)
    if (before := remembered(task, key, shop)) is not None:
        return before
    began = time.monotonic()
    search = _Search(task, shop)
    problem = search.run()
    if problem is not None:
        return dataclasses.replace(problem, seconds=time.monotonic() - began)
    chosen = perform(_select(task, search), shop)
    if chosen.state not in ("ran", "resumed"):
        return chosen
    outputs = dict(chosen.outputs)
    if search.tune.refit is not None:
        again = _refit(task, search.best_params(), shop)
        if again.state not in ("ran", "resumed", "cached"):
            return again
        # The search's metrics stay: the second training has seen the rows they were measured on.
        outputs |= {port: folder for port, folder in again.outputs.items() if task.step.outputs[port] != "metrics"}
    destination = task.unit.attempt() / "outputs"
    for port, one in outputs.items():
        share_folder(one.path, destination / port)
    return keep(task, key, destination, shop, seconds=time.monotonic() - began, attempts=1)


@dataclass(slots=True)
class _Search:
    """One search while it goes on."""

    task: Task
    shop: Workshop
    tried: dict[int, Tried] = dataclasses.field(default_factory=dict)
    running: dict[int, Params] = dataclasses.field(default_factory=dict)
    failures: int = 0
    alike: int = 0
    """How many trials have failed with one and the same last word, since the last other one."""
    last_reason: str = ""

    @property
    def tune(self) -> Tune:
        """What the spec says about the search."""
        assert self.task.step.tune is not None
        return self.task.step.tune

    @property
    def folder(self) -> Path:
        """Where every trial keeps its files."""
        return self.task.unit.folder / "trials"

    def run(self) -> Result | None:
        """Runs trials until there are enough; a Result says why there is no best one."""
        trials = self.shop.facts.whole(self.tune.trials)
        side_by_side = max(1, self.shop.facts.whole(self.tune.parallel))
        shop = dataclasses.replace(self.shop, stop=Deadline(self.shop.stop, self.tune.timeout))
        search = search_for(self.tune)
        with ThreadPoolExecutor(max_workers=side_by_side) as pool:
            self._until_enough(search, pool, trials, side_by_side, shop)
        if self.shop.stop.requested:
            return Result(state="stopped", reason="the run was stopped")
        if self.tune.max_failures is not None and self.failures > self.tune.max_failures:
            return Result(state="failed", reason=f"{self.failures} trials failed; the last one: {self.last_reason}")
        if self.best() is None:
            return self._without_best(shop)
        return None

    def _without_best(self, shop: Workshop) -> Result:
        if shop.stop.requested:
            reason = f"no trial had ended well within its time limit of {self.tune.timeout:g} s"
            return Result(state="failed", reason=reason, limit=("tuning", "timeout"))
        alike = f": the first {self.alike} failed alike, which ends a search" if self._hopeless() else ""
        return Result(state="failed", reason=f"no trial ended well{alike}; the last one: {self.last_reason}")

    def _until_enough(
        self, search: Search, pool: ThreadPoolExecutor, trials: int, side_by_side: int, shop: Workshop
    ) -> None:
        futures: dict[Future[tuple[Result, float | None]], int] = {}
        number = 0
        more = True
        while futures or more:
            while more and len(futures) < side_by_side and number < trials and not self._is_over(shop):
                params = search.propose(list(self.tried.values()), list(self.running.values()))
                more = params is not None
                if params is not None:
                    number += 1
                    params = self.running[number] = self._before(number) or params
                    futures[pool.submit(self._trial, number, params, shop)] = number
            more = more and number < trials and not self._is_over(shop)
            done, _ = wait(futures, return_when=FIRST_COMPLETED)
            for future in sorted(done, key=futures.__getitem__):
                self._note(futures.pop(future), trials, *future.result())

    def _is_over(self, shop: Workshop) -> bool:
        limit = self.tune.max_failures
        too_many = self._hopeless() or (limit is not None and self.failures > limit)
        best = self.best()
        there = best is not None and self.tune.stop_at is not None and not self._better(self.tune.stop_at, best)
        return too_many or there or shop.stop.requested

    def _hopeless(self) -> bool:
        """Whether the first trials have all failed alike: their params are not what is wrong."""
        return self.tune.max_failures is None and self.alike == self.failures == len(self.tried) >= _ALIKE

    def unit(self, number: int) -> Unit:
        """The folder of one trial."""
        return Unit(self.folder / f"{number:04d}")

    def _before(self, number: int) -> Params | None:
        """The params of a trial that was finished before the run was cut off: it is not done again."""
        unit = self.unit(number)
        return read_json(unit.folder / "params.json") if unit.done() else None

    def _trial(self, number: int, params: Params, shop: Workshop) -> tuple[Result, float | None]:
        step = dataclasses.replace(self.task.step, tune=None)
        unit = self.unit(number)
        write_json(unit.folder / "params.json", dict(params))
        own = Task(
            step=step,
            unit=unit,
            inputs=self.task.inputs,
            params={**self.task.params, **params},
            trial=number,
        )
        result = perform(own, shop)
        return result, self._value(result)

    def _value(self, result: Result) -> float | None:
        port = next(port for port, kind in self.task.step.outputs.items() if kind == "metrics")
        if port not in result.outputs:
            return None
        return measured_in(result.outputs[port].path).values.get(self.tune.metric)

    def _why_none(self, result: Result) -> str:
        """Why a trial that ended well has no value to be compared by."""
        kinds = self.task.step.outputs
        folders = (folder.path for port, folder in result.outputs.items() if kinds[port] == "metrics")
        measured = next((measured_in(folder) for folder in folders), Measured({}))
        if reason := measured.without.get(self.tune.metric):
            return f"its metric `{self.tune.metric}` {reason}"
        there = ", ".join(f"`{name}`" for name in sorted(measured.values)) or "nothing"
        return f"{no_metric(self.tune.metric)}; it holds {there}"

    def _note(self, number: int, trials: int, result: Result, value: float | None) -> None:
        equal = next((other for other, one in self.tried.items() if value is not None and one.value == value), None)
        self.tried[number] = Tried(self.running.pop(number), value)
        reason, failed = result.reason, value is None and result.state != "stopped"
        if failed:
            self.failures += 1
            reason = reason or self._why_none(result)
            self.alike = self.alike + 1 if _last_line(reason) == _last_line(self.last_reason) else 1
            self.last_reason = reason
        ended = TrialEnded(
            self.task.step.name,
            number,
            trials,
            in_words(self.tried[number].params),
            "failed" if failed else result.state,
            result.seconds,
            self.tune.metric,
            value,
            self.best(),
            reason,
            equal,
        )
        self.shop.tell(ended)

    def _better(self, a: float, b: float) -> bool:
        return a > b if self.tune.direction == "maximize" else a < b

    def best(self) -> float | None:
        """The best value so far."""
        values = [one.value for one in self.tried.values() if one.value is not None]
        return (max(values) if self.tune.direction == "maximize" else min(values)) if values else None

    def best_params(self) -> Params:
        """The params of the best trial; the earliest of several."""
        return next(one.params for _, one in sorted(self.tried.items()) if one.value == self.best())


def no_metric(metric: str) -> str:
    """What is said of a trial whose metrics.json lacks the one that trials are compared by."""
    return f"its metrics.json holds no `{metric}`"


def _last_line(reason: str) -> str:
    return reason.rstrip().rpartition("\n")[2]


def _select(task: Task, search: _Search) -> Task:
    """The runtime's own command that hands on the best trial; failed ones are not shown to it."""
    folder = fresh(task.unit.folder / "candidates")
    for number, one in sorted(search.tried.items()):
        if one.value is not None:
            there = folder / f"{number:04d}"
            share_folder(search.unit(number).outputs, there)
            write_json(there / "params.json", dict(one.params))
    words = ("select", f"--metric={search.tune.metric}", f"--direction={search.tune.direction}")
    ports = (Flag(port, OutputFolder(port), False) for port in task.step.outputs)
    step = _plain(task.step, (*_RUNTIME, *words, Flag("trials", InputFolder("trials"), False), *ports))
    step = dataclasses.replace(
        step, inputs={"trials": Input(kind="files", origin=FromStep(step.name, "trials"))}, params={}
    )
    unit = Unit(task.unit.folder / "select")
    unit.folder.mkdir(exist_ok=True)
    return Task(
        step=step, unit=unit, inputs={"trials": ReadyFolder(folder, digest_folder(folder))}, params={}, quiet=True
    )


def _refit(task: Task, params: Params, shop: Workshop) -> Result:
    """Trains with the best params on the rows of two inputs."""
    assert task.step.tune is not None
    refit = task.step.tune.refit
    assert refit is not None
    joined = _join(task, refit.into, refit.add, shop)
    if joined.state not in ("ran", "resumed"):
        return joined
    unit = Unit(task.unit.folder / "refit")
    unit.folder.mkdir(exist_ok=True)
    step = dataclasses.replace(task.step, tune=None)
    inputs = {**task.inputs, refit.into: joined.outputs[refit.into]}
    shop.tell(Note(f"{step.name}: the best params once more, on all rows: {in_words(params)}"))
    again = Task(step=step, unit=unit, inputs=inputs, params={**task.params, **params}, quiet=True)
    return perform(again, shop)


def _join(task: Task, into: str, add: str, shop: Workshop) -> Result:
    unit = Unit(task.unit.folder / "joined")
    unit.folder.mkdir(exist_ok=True)
    # The launcher joins folders by their paths, so this argument holds them and is known only now.
    there = unit.folder / "attempt" / "outputs" / into
    merge = f"--merge={there}={task.inputs[into].path},{task.inputs[add].path}"
    step = _plain(task.step, (*_RUNTIME, "step", merge, "--", "python", "-c", ""), {into: "dataset"})
    return perform(Task(step=step, unit=unit, inputs=task.inputs, params={}, quiet=True), shop)


def _plain(step: Step, argv: tuple[Argument, ...], outputs: Mapping[str, Kind] | None = None) -> Step:
    """A command of ours that runs in a step's place."""
    return dataclasses.replace(
        step,
        argv=argv,
        outputs=step.outputs if outputs is None else outputs,
        tune=None,
        cache=False,
        retries=None,
        timeout=None,
    )
