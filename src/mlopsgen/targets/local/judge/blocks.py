"""Searches, gates and registration: blocks that say again what commands do must say the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from mlopsgen.targets.local.judge.placing import Findings, Wrong
from mlopsgen.targets.local.native import (
    Axis,
    Choice,
    Flag,
    FromParameter,
    FromStep,
    Gate,
    PlanFile,
    Registry,
    Step,
    Tune,
)


def blocks(plan: PlanFile) -> Findings:
    """Findings about `when`, `tune`, `gate` and `register`."""
    gates = {step.name: step.gate for step in plan.steps if step.gate is not None}
    for step in plan.steps:
        yield from (Wrong(w.code, w.message, step.name) for w in _step(plan, step, gates))


def _step(plan: PlanFile, step: Step, gates: Mapping[str, Gate]) -> Findings:
    if step.when is not None and _type(plan, step.when) not in (None, "boolean"):
        yield Wrong("MG433", f"`when` of `{step.name}` is the parameter `{step.when.parameter}`, which is no boolean")
    yield from _kind(step)
    if step.tune is not None:
        yield from _tune(plan, step, step.tune)
    if step.gate is not None:
        yield from _gate(step, step.gate)
    elif "gate" in step.outputs.values():
        yield Wrong("MG433", f"`{step.name}` writes a verdict, and has no `gate` that says what it leads to")
    if step.register is not None:
        yield from _register(step, gates)
    yield from _champion(plan, step)


def _type(plan: PlanFile, value: FromParameter) -> str | None:
    parameter = plan.parameters.get(value.parameter)
    return parameter.type if parameter else None


def _kind(step: Step) -> Findings:
    """A step's kind says which block it has."""
    for kind, block in (("tune", step.tune), ("register", step.register)):
        if (step.kind == kind) != (block is not None):
            has = "has none" if block is None else "is of another kind"
            yield Wrong("MG433", f"`{step.name}`: a step of kind {kind} has a block `{kind}`; this one {has}")
    if step.gate is not None and step.kind != "evaluate":
        yield Wrong("MG433", f"`{step.name}` has a gate, and is no evaluation")
    if step.register is None and "register" in step.argv and "mlopsgen_runtime" in step.argv:
        yield Wrong("MG433", f"`{step.name}` registers a model, and no block `register` says so")


def _tune(plan: PlanFile, step: Step, tune: Tune) -> Findings:
    for name, times in Counter((*step.params, *(axis.name for axis in tune.axes))).items():
        if times > 1:
            yield Wrong("MG436", f"`{step.name}` searches or sets the param `{name}` twice")
    for axis in tune.axes:
        yield from _axis(tune, axis)
    counts: dict[str, int | FromParameter] = {"trials": tune.trials, "parallel": tune.parallel}
    for words, count in counts.items():
        if isinstance(count, FromParameter) and _type(plan, count) not in (None, "integer"):
            yield Wrong("MG433", f"`{words}` of `{step.name}` is `{count.parameter}`, which is no whole number")
    if isinstance(tune.trials, int) and isinstance(tune.parallel, int) and tune.parallel > tune.trials:
        yield Wrong("MG433", f"`{step.name}` runs {tune.parallel} of {tune.trials} trials at once")
    if step.outputs.get("metrics") != "metrics" or step.outputs.get("model") != "model":
        yield Wrong("MG432", f"`{step.name}` searches, and its outputs `model` and `metrics` are not both there")
    if tune.refit is not None:
        yield from _refit(step, tune.refit.into, tune.refit.add)


def _axis(tune: Tune, axis: Axis) -> Findings:
    if isinstance(axis, Choice):
        if len(set(map(repr, axis.choice))) < len(axis.choice):
            yield Wrong("MG436", f"`{axis.name}` has a choice twice")
        return
    if axis.low >= axis.high:
        yield Wrong("MG433", f"`{axis.name}` goes from {axis.low:g} to {axis.high:g}")
    if axis.scale == "log" and axis.low <= 0:
        yield Wrong("MG433", f"`{axis.name}` has a log scale from {axis.low:g}: it needs a number above 0")
    if tune.strategy == "grid" and not axis.integer and axis.points is None:
        yield Wrong("MG433", f"a grid needs `points` of `{axis.name}`")


def _refit(step: Step, into: str, add: str) -> Findings:
    for port in (into, add):
        if port not in step.inputs:
            yield Wrong("MG434", f"`{step.name}` trains again on `{port}`, and does not read it")
    if into == add:
        yield Wrong("MG433", f"`{step.name}` trains again on `{into}` twice")


def _gate(step: Step, gate: Gate) -> Findings:
    if step.outputs.get(gate.output) != "gate":
        yield Wrong("MG434", f"`{step.name}` has its verdict in `{gate.output}`, and writes none there")
    policy = _constants(step).get("on-failure")
    if policy != gate.on_failure:
        yield Wrong("MG433", f"`{step.name}` says {gate.on_failure} after a gate's no, its command {policy}")
    flags = {name for name in _names(step) if "." in name}
    names = {f"{rule}.{field}" for rule, fields in gate.rules.items() for field in fields}
    for name in sorted(names - flags):
        yield Wrong("MG434", f"`{step.name}` has a gate with --{name}, and its command is not told")
    for name in sorted(flags - names):
        yield Wrong("MG434", f"the command of `{step.name}` is told --{name}, which belongs to no gate")
    for rule, fields in sorted(gate.rules.items()):
        for field, count in Counter(fields).items():
            if count > 1:
                yield Wrong("MG436", f"the gate `{rule}` of `{step.name}` has `{field}` {count} times")
    for rule in sorted(rule for rule, fields in gate.rules.items() if not fields):
        yield Wrong("MG434", f"the command of `{step.name}` is told nothing of the gate `{rule}`")


def _names(step: Step) -> set[str]:
    """The flags of a step's command."""
    return {a.flag for a in step.argv if isinstance(a, Flag)} | _constants(step).keys()


def _constants(step: Step) -> dict[str, str]:
    """Flags whose values are known: `--name=value`."""
    words = (a[2:].partition("=") for a in step.argv if isinstance(a, str) and a.startswith("--") and "=" in a)
    return {name: value for name, _, value in words}


def _register(step: Step, gates: Mapping[str, Gate]) -> Findings:
    register = step.register
    assert register is not None
    if _constants(step).get("name") != register.model:
        yield Wrong("MG433", f"`{step.name}` registers `{register.model}`, its command another model")
    read = [port for port, item in step.inputs.items() if item.kind == "gate"]
    if register.gate is None and (read or gates):
        yield Wrong("MG434", f"`{step.name}` registers whatever the gate says")
    if register.gate is None:
        return
    item = step.inputs.get(register.gate)
    gate = gates.get(item.origin.step) if item and isinstance(item.origin, FromStep) else None
    if item is None:
        yield Wrong("MG434", f"`{step.name}` registers behind `{register.gate}`, and does not read it")
    elif item.kind != "gate":
        yield Wrong("MG433", f"`{step.name}` registers behind `{register.gate}`, which holds no verdict")
    elif gate is not None and gate.on_failure != register.on_failure:
        message = f"{gate.on_failure} in its own step and {register.on_failure} in `{step.name}`"
        yield Wrong("MG433", f"a gate's no means two things: {message}")


def _champion(plan: PlanFile, step: Step) -> Findings:
    """A gate compares with the model that this plan registers."""
    registered = {s.register.model for s in plan.steps if s.register is not None}
    holes = [a.value for a in step.argv if isinstance(a, Flag)]
    for model in [hole.registry for hole in holes if isinstance(hole, Registry)]:
        if model is not None and registered and model not in registered:
            yield Wrong("MG433", f"`{step.name}` compares with `{model}`, another model")
