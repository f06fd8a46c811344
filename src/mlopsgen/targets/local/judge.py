"""The judges of a bundle for this machine: its JSON schema, and rules that a schema cannot say."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from mlopsgen.diagnostics import Diagnostic, Span
from mlopsgen.targets.judging import Judge, importable
from mlopsgen.targets.local.graph import waits_for
from mlopsgen.targets.local.native import (
    AppFile,
    BundleFile,
    Flag,
    FromParam,
    FromParameter,
    FromSource,
    FromStep,
    Hole,
    InputFolder,
    Joined,
    OutputFolder,
    PlanFile,
    Step,
)
from mlopsgen.targets.local.read import NAME, adapter, problems


def judges() -> tuple[Judge, ...]:
    """Who judges, the schema first."""
    install = 'pip install "mlopsgen[verify]"'
    return (
        Judge("jsonschema", install, importable("jsonschema"), by_schema),
        Judge("mlopsgen", "pip install mlopsgen", lambda: True, by_rules),
    )


def by_schema(bundle: Path) -> Iterator[Diagnostic]:
    """plan.json against the schema that lies beside it."""
    from jsonschema import Draft202012Validator

    try:
        schema = json.loads((bundle / "plan.schema.json").read_bytes())
        document = json.loads((bundle / NAME).read_bytes())
    except (OSError, ValueError) as wrong:
        yield _finding("MG438", f"cannot be read: {wrong}")
        return
    for error in Draft202012Validator(schema).iter_errors(document):
        yield _finding("MG441", f"{error.json_path}: {error.message[:200]}")


def by_rules(bundle: Path) -> Iterator[Diagnostic]:
    """Everything a run would stumble over, and a schema does not see."""
    wrong = [d.at(_span()) for d in problems(bundle)]
    yield from wrong
    if wrong:
        return
    plan = adapter().validate_json((bundle / NAME).read_bytes())
    yield from _names(plan)
    for step in plan.steps:
        yield from _edges(plan, step)
        yield from _holes(plan, step)
        yield from _files(bundle, plan, step)
    yield from _cycles(plan)


def _names(plan: PlanFile) -> Iterator[Diagnostic]:
    for name, count in Counter(step.name for step in plan.steps).items():
        if count > 1:
            yield _finding("MG436", f"{count} steps are called `{name}`")


def _edges(plan: PlanFile, step: Step) -> Iterator[Diagnostic]:
    named = {other.name: other for other in plan.steps}
    for port, item in step.inputs.items():
        origin = item.origin
        if isinstance(origin, FromStep):
            maker = named.get(origin.step)
            if maker is None or origin.output not in maker.outputs:
                yield _finding(
                    "MG434", f"`{step.name}` reads `{origin.step}.{origin.output}` as `{port}`, and there is none"
                )
            elif item.kind != maker.outputs[origin.output]:
                yield _finding(
                    "MG433", f"`{step.name}` takes `{port}` for {item.kind}; it is {maker.outputs[origin.output]}"
                )
        elif isinstance(origin, FromSource) and origin.source not in plan.sources:
            yield _finding("MG434", f"`{step.name}` reads source `{origin.source}` as `{port}`, and there is none")
    for name in step.after:
        if name not in named:
            yield _finding("MG434", f"`{step.name}` runs after `{name}`, and there is none")
    yield from _verdicts(step)


def _verdicts(step: Step) -> Iterator[Diagnostic]:
    if step.gate and step.outputs.get(step.gate.output) != "gate":
        yield _finding("MG434", f"`{step.name}` has its verdict in `{step.gate.output}`, and writes none there")
    if step.register and step.register.gate and step.register.gate not in step.inputs:
        yield _finding("MG434", f"`{step.name}` registers behind `{step.register.gate}`, and does not read it")
    if step.tune and "metrics" not in step.outputs.values():
        yield _finding("MG432", f"`{step.name}` searches, and no output holds its metrics")


def _holes(plan: PlanFile, step: Step) -> Iterator[Diagnostic]:
    searched = {axis.name for axis in step.tune.axes} if step.tune else set()
    known = {*step.params, *searched}
    flags = [argument for argument in step.argv if isinstance(argument, Flag)]
    for flag in flags:
        yield from _hole(plan, step, flag.value, known)
    used = {flag.value.param for flag in flags if isinstance(flag.value, FromParam)}
    for name in sorted(known - used):
        yield _finding("MG434", f"`{step.name}` has the param `{name}`, and its command does not")
    given = {flag.value.output for flag in flags if isinstance(flag.value, OutputFolder)}
    for name in sorted(step.outputs.keys() - given):
        yield _finding("MG434", f"`{step.name}` writes `{name}`, and its command is not told where")
    values: list[object] = [*step.params.values(), step.when]
    values += [step.tune.trials, step.tune.parallel] if step.tune else []
    for value in values:
        yield from _parameters(plan, step, value)


def _hole(plan: PlanFile, step: Step, hole: Hole, params: Iterable[str]) -> Iterator[Diagnostic]:
    match hole:
        case InputFolder() if hole.input not in step.inputs:
            yield _finding("MG434", f"the command of `{step.name}` names the input `{hole.input}`, and there is none")
        case OutputFolder() if hole.output not in step.outputs:
            yield _finding("MG434", f"the command of `{step.name}` names the output `{hole.output}`, and there is none")
        case FromParam() if hole.param not in params:
            yield _finding("MG434", f"the command of `{step.name}` names the param `{hole.param}`, and there is none")
        case _:
            yield from _parameters(plan, step, hole)


def _parameters(plan: PlanFile, step: Step, value: object) -> Iterator[Diagnostic]:
    parts = value.text if isinstance(value, Joined) else (value,)
    for part in parts:
        if isinstance(part, FromParameter) and part.parameter not in plan.parameters:
            yield _finding("MG434", f"`{step.name}` reads the run parameter `{part.parameter}`, and there is none")


def _files(bundle: Path, plan: PlanFile, step: Step) -> Iterator[Diagnostic]:
    for argument in step.argv:
        named = argument.value if isinstance(argument, Flag) else argument
        if isinstance(named, AppFile) and not (bundle / plan.code.app / named.app).is_file():
            yield _finding("MG444", f"`{step.name}` runs `{plan.code.app}/{named.app}`, and it is not there")
        if isinstance(named, BundleFile) and not (bundle / named.bundle).exists():
            yield _finding("MG444", f"`{step.name}` reads `{named.bundle}`, and it is not there")


def _cycles(plan: PlanFile) -> Iterator[Diagnostic]:
    left = {step.name: set(waits_for(step)) for step in plan.steps}
    while ready := [name for name, waits in left.items() if not waits & left.keys()]:
        for name in ready:
            del left[name]
    if left:
        yield _finding("MG435", f"these steps wait for each other: {', '.join(f'`{name}`' for name in left)}")


def _finding(code: str, message: str) -> Diagnostic:
    return Diagnostic(code, message, span=_span())


def _span() -> Span:
    return Span(NAME, 1, 1, 1, 2)
