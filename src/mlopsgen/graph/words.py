"""A step's work, machine, gates and conditions in a few plain words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import assert_never

from mlopsgen.plan.steps import (
    AnyJob,
    Evaluate,
    FromStep,
    GateRule,
    Input,
    OnInvoke,
    OnNewData,
    OnSchedule,
    Prepare,
    Register,
    Resources,
    Train,
    Trigger,
    Tune,
)
from mlopsgen.plan.values import AppPath, Argument, PortKind, Python
from mlopsgen.spec.values import Ref

MOST_GATES = 8
"""Gates that are shown one by one; a node of a hundred lines says nothing."""
_MOST_AXES = 4
_RUNTIME = {
    "validate": "checks the data contract",
    "split": "splits the rows",
    "evaluate": "built-in evaluation",
    "train": "built-in trainer",
}
_OTHERWISE = {
    "stop": "otherwise the run ends, nothing is registered",
    "fail": "otherwise the run fails",
    "register": "otherwise registered, never approved",
    "report": "otherwise it is said, and the run goes on",
}


def job(step: AnyJob) -> Iterator[str]:
    """The work of a step, how it searches, on what, and under which condition."""
    yield from _work(step)
    if isinstance(step, Tune):
        yield from _search(step)
    if step.image:
        yield f"image {step.image}"
    if machine := _machine(step.resources):
        yield machine
    if limits := _limits(step):
        yield limits
    if step.when:
        yield f"only when {step.when.name}"


def registration(step: Register) -> Iterator[str]:
    """The model's name in the registry, and who approves it."""
    yield f"model {step.group}"
    yield f"approval: {step.approval if isinstance(step.approval, str) else f'parameters.{step.approval.name}'}"
    if step.when:
        yield f"only when {step.when.name}"


def gates(step: Evaluate) -> Iterator[str]:
    """Every gate, and what happens when one does not hold."""
    yield from map(_gate, step.gates[:MOST_GATES])
    if more := len(step.gates) - MOST_GATES:
        yield from [f"and {more} more"] if more > 0 else []
    yield _OTHERWISE[step.on_gate_failure]


def judged(step: Evaluate) -> str:
    """The outputs of an evaluation that its gates read."""
    kinds = (PortKind.METRICS, PortKind.PREDICTIONS)
    return ", ".join(output.port for output in step.outputs if output.kind in kinds) or "metrics"


def flow(items: Sequence[Input]) -> str:
    """The names of what flows along one edge; what a gate says comes first."""
    named = dict.fromkeys(_named(item) for item in items if item.kind is not PortKind.GATE)
    rest = ", ".join(name for name in named if name)
    if not any(item.kind is PortKind.GATE for item in items):
        return rest
    return f"if all hold: {rest}" if rest else "if all hold"


def version(name: str) -> str:
    """Which version of a registered model is meant."""
    return "the champion" if name == "champion" else f"version {name}"


def start(trigger: Trigger) -> str:
    """A trigger in words."""
    match trigger:
        case OnSchedule():
            return f"{trigger.name}: {trigger.cron} ({trigger.timezone})"
        case OnNewData():
            return f"{trigger.name}: new data in {trigger.source}"
        case OnInvoke():
            return f"{trigger.name}: called by another system"
        case _:
            assert_never(trigger)


def _named(item: Input) -> str:
    """A source says its own name already; an output says its port."""
    return item.source.port if isinstance(item.source, FromStep) else ""


def _work(step: AnyJob) -> Iterator[str]:
    parts = [part for part in map(_part, _parts(step.argv)) if part]
    framework = step.framework if isinstance(step, Train | Tune) else None
    if framework:
        parts = [framework if part == _RUNTIME["train"] else part for part in parts]
    yield from parts if isinstance(step, Prepare) else parts[-1:]


def _parts(argv: Iterable[Argument]) -> Iterator[list[Argument]]:
    """A command, and the commands that it stands around."""
    part: list[Argument] = []
    for word in argv:
        if word == "--":
            yield part
            part = []
        else:
            part.append(word)
    yield part


def _part(argv: Sequence[Argument]) -> str:
    match argv:
        case [Python(), "-m", "mlopsgen_runtime", str(word), *_]:
            return _RUNTIME.get(word, "")
        case [Python() | "sh", AppPath(path=path), *_]:
            return path
        case _:
            return " ".join(_word(word) for word in argv if isinstance(word, str | Python))


def _word(word: str | Python) -> str:
    return "python" if isinstance(word, Python) else word


def _search(step: Tune) -> Iterator[str]:
    trials, parallel = _value(step.trials), _value(step.parallel)
    yield f"{step.strategy} search: {trials} trials, {parallel} at a time"
    best = "highest" if step.direction == "maximize" else "lowest"
    yield f"for the {best} {step.metric}"
    names = [axis.name for axis in step.axes]
    more = f" and {len(names) - _MOST_AXES} more" if len(names) > _MOST_AXES else ""
    yield f"over {', '.join(names[:_MOST_AXES])}{more}"


def _machine(resources: Resources) -> str:
    gpu = resources.gpu
    facts = (
        f"{_number(resources.cpu)} CPU" if resources.cpu else "",
        _size(resources.memory),
        f"{gpu.count} × {gpu.kind or 'GPU'}" if gpu else "",
        f"{_size(resources.disk)} disk" if resources.disk else "",
        f"{_value(resources.nodes)} nodes" if resources.nodes != 1 else "",
        "spot" if resources.spot else "",
    )
    return " · ".join(fact for fact in facts if fact)


def _limits(step: AnyJob) -> str:
    again = step.retries.attempts if step.retries else 0
    facts = (
        f"timeout {_duration(step.timeout)}" if step.timeout else "",
        f"{again} {'retry' if again == 1 else 'retries'}" if again else "",
    )
    return " · ".join(fact for fact in facts if fact)


def _gate(rule: GateRule) -> str:
    subject = f"{rule.measure} by {rule.group}" if rule.measure else rule.metric
    if rule.group and not rule.measure:
        subject = f"{subject} for each {rule.group}"
    named = subject if rule.name in (rule.metric, rule.measure) else f"{rule.name}: {subject}"
    bounds = " and ".join(_bounds(rule))
    when = f", when {rule.when.name}" if rule.when else ""
    return f"{named} {bounds}{when}" if bounds else f"{named}, only reported{when}"


def _bounds(rule: GateRule) -> Iterator[str]:
    if rule.at_least is not None:
        yield f"≥ {_value(rule.at_least)}"
    if rule.at_most is not None:
        yield f"≤ {_value(rule.at_most)}"
    if rule.better_than:
        sure = f", {_number(rule.confidence * 100)} % sure" if rule.confidence else ""
        yield f"{_margin(rule.better_than, rule.by)}{sure}"


def _margin(rival: str, by: float | Ref) -> str:
    whose = "the champion" if rival == "champion" else "the best registered"
    if isinstance(by, Ref) or by > 0:
        return f"better than {whose} by {_value(by)}"
    return f"better than {whose}" if by == 0 else f"no worse than {whose} by {_value(-by)}"


def _value(value: float | str | Ref) -> str:
    if isinstance(value, Ref):
        return value.name
    return value if isinstance(value, str) else _number(value)


def _number(value: float) -> str:
    return f"{value:.12g}"


def _size(value: int | None) -> str:
    if not value:
        return ""
    steps = ((2**40, "TiB"), (2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB"))
    unit, name = next(((u, n) for u, n in steps if value >= u), (1, "B"))
    return f"{value / unit:.4g} {name}"


def _duration(seconds: int) -> str:
    steps = ((86400, "d"), (3600, "h"), (60, "m"))
    unit, name = next(((u, n) for u, n in steps if seconds % u == 0), (1, "s"))
    return f"{seconds // unit}{name}"
