"""Every command against what its step says: each input, output and param has its flag, and no hole is open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TypeAlias

from mlopsgen.targets.local.judge.placing import Findings, Wrong
from mlopsgen.targets.local.judge.runtime import RUNTIME, TAKES, runtime
from mlopsgen.targets.local.native import (
    AppFile,
    Argument,
    Flag,
    FromParam,
    FromParameter,
    FromSource,
    Hole,
    InputFolder,
    Interpreter,
    Joined,
    OutputFolder,
    PlanFile,
    Step,
)

# Flags of the runtime that may stand several times.
_REPEATED = frozenset(
    {
        "secret",
        "param",
        "unpack",
        "merge",
        "optional",
        "figure",
        "make",
        "fetch",
        "group",
        "track-param",
        "track-figure",
    }
)
Command: TypeAlias = Sequence[Argument]


def commands(plan: PlanFile) -> Findings:
    """Findings about the commands of all steps, and of what is deployed."""
    for step in (*plan.steps, *(one.step for one in plan.deployments.values())):
        parts = list(_parts(step.argv))
        for part in parts:
            yield from (Wrong(w.code, w.message, step.name) for w in _command(step, part))
        yield from _handover(step, parts)
        yield from _holes(plan, step)


def _parts(argv: Command) -> Iterator[Command]:
    """The commands that wrap each other, between the words `--`."""
    part: list[Argument] = []
    for argument in argv:
        if argument == "--":
            yield part
            part = []
        else:
            part.append(argument)
    yield part


def _command(step: Step, command: Command) -> Findings:
    name = step.name
    if not command or not (isinstance(command[0], Interpreter) or _is_program(command[0])):
        yield Wrong("MG433", f"`{name}` has a command that starts with nothing to run")
        return
    if Interpreter("python") in command[1:]:
        yield Wrong("MG433", f"`{name}` has two commands that no `--` separates")
    for one, following in pairwise(command):
        if isinstance(one, AppFile) and one == following:
            yield Wrong("MG436", f"`{name}` names {one.app} twice")
    if isinstance(command[0], Interpreter):
        yield from _python(step, command[1:])
    for flag, count in Counter(_flags(command)).items():
        if count > 1 and flag not in _REPEATED:
            yield Wrong("MG436", f"`{name}` gives --{flag} {count} times")
    for argument, count in Counter(command).items():
        if count > 1 and any(flag in _REPEATED for flag in _flags([argument])):
            yield Wrong("MG436", f"`{name}` is told the same {count} times")


def _is_program(argument: Argument) -> bool:
    if isinstance(argument, AppFile):
        return not argument.app.endswith(".py")
    return isinstance(argument, str) and bool(argument) and not argument.startswith("-")


# Options of Python itself that may stand before what it runs; those of the second line have a value.
_OPTIONS = frozenset({"-B", "-E", "-I", "-O", "-OO", "-P", "-q", "-s", "-S", "-u", "-v", "-x"})
_WITH_VALUE = frozenset({"-W", "-X"})


def _python(step: Step, words: Command) -> Findings:
    """`python script.py …`, `python -m module …` or `python -c code`."""
    while words and isinstance(words[0], str) and words[0] in _OPTIONS | _WITH_VALUE:
        words = words[2 if words[0] in _WITH_VALUE else 1 :]
    first = words[0] if words else None
    if isinstance(first, AppFile):
        return
    if not isinstance(first, str):
        yield Wrong("MG433", f"`{step.name}` starts Python with nothing to run")
    elif first == "-m":
        yield from _module(step, words[1:])
    elif first != "-c" and not first.startswith("/"):
        # A step starts in an empty folder, so that a bare name leads nowhere.
        yield Wrong("MG433", f"`{step.name}` starts Python with `{first}`, which is no file of the application folder")


def _module(step: Step, words: Command) -> Findings:
    first = words[0] if words else None
    if not isinstance(first, str) or not _is_program(first):
        yield Wrong("MG433", f"`{step.name}` starts no module")
    elif first == RUNTIME:
        yield from runtime(step, words[1:])
    elif first.startswith("mlopsgen_") or first in TAKES:
        yield Wrong("MG433", f"`{step.name}` starts the module `{first}`; the runtime is called {RUNTIME}")


def _flags(command: Command) -> Iterator[str]:
    for argument in command:
        if isinstance(argument, Flag):
            yield argument.flag
        elif isinstance(argument, str) and argument.startswith("--") and "=" in argument:
            yield argument[2:].partition("=")[0]


def _handover(step: Step, parts: Sequence[Command]) -> Findings:
    """The command is told of everything that the step reads and writes, and by its own name."""
    holes = [(a.flag, a.value) for part in parts for a in part if isinstance(a, Flag)]
    yield from _named(step, [hole for _, hole in holes], own=True)
    # What a gate or a check wraps does the step's work: it is told of all but the verdict and the explanation.
    if len(parts) > 1 and "split" not in parts[-1]:
        yield from _named(step, [a.value for a in parts[-1] if isinstance(a, Flag)], own=False, around=_around(parts))
    for flag, hole in holes:
        name = _own_name(hole)
        origin = step.inputs[hole.input].origin if isinstance(hole, InputFolder) and hole.input in step.inputs else None
        if isinstance(origin, FromSource) and origin.source == flag:
            continue
        if name is not None and name != flag and not (step.register is not None and flag in _REPEATED):
            yield Wrong("MG433", f"`{step.name}` hands over `{name}` as --{flag}", step.name)


def _around(parts: Sequence[Command]) -> frozenset[str]:
    """What is written around the command that does the work, and is not told to it."""
    return frozenset({"explanation"} if any("explain" in part for part in parts[:-1]) else ())


def _named(step: Step, holes: Sequence[Hole], *, own: bool, around: Collection[str] = ()) -> Findings:
    inputs = {hole.input for hole in holes if isinstance(hole, InputFolder)}
    outputs = {hole.output for hole in holes if isinstance(hole, OutputFolder)}
    params = {hole.param for hole in holes if isinstance(hole, FromParam)}
    ports = step.outputs.keys() if own else {port for port, kind in step.outputs.items() if kind != "gate"} - {*around}
    message = "its command is not told" if own else "the command that does its work is not told"
    for words, known, named in (
        ("reads", step.inputs.keys(), inputs),
        ("writes", ports, outputs),
        ("has the param", _params(step), params),
    ):
        for name in sorted(known - named):
            yield Wrong("MG434", f"`{step.name}` {words} `{name}`, and {message}", step.name)


def _params(step: Step) -> set[str]:
    return {*step.params, *(axis.name for axis in step.tune.axes)} if step.tune else set(step.params)


def _own_name(hole: Hole) -> str | None:
    match hole:
        case InputFolder():
            return hole.input
        case OutputFolder():
            return hole.output
        case FromParam():
            return hole.param
        case _:
            return None


def _holes(plan: PlanFile, step: Step) -> Findings:
    known: Mapping[str, set[str]] = {
        "input": set(step.inputs),
        "output": set(step.outputs),
        "param": _params(step),
    }
    for argument in step.argv:
        if isinstance(argument, Flag):
            yield from _hole(plan, step, argument.value, known)
    counts: list[object] = [step.tune.trials, step.tune.parallel] if step.tune else []
    for value in (*step.params.values(), step.when, *counts):
        yield from _parameters(plan, step, value)


def _hole(plan: PlanFile, step: Step, hole: Hole, known: Mapping[str, set[str]]) -> Findings:
    kind = {InputFolder: "input", OutputFolder: "output", FromParam: "param"}.get(type(hole))
    if kind is None:
        yield from _parameters(plan, step, hole)
    elif (name := _own_name(hole)) not in known[kind]:
        yield Wrong("MG434", f"the command of `{step.name}` names the {kind} `{name}`, and there is none", step.name)


def _parameters(plan: PlanFile, step: Step, value: object) -> Findings:
    for part in value.text if isinstance(value, Joined) else (value,):
        if isinstance(part, FromParameter) and part.parameter not in plan.parameters:
            message = f"`{step.name}` reads the run parameter `{part.parameter}`, and there is none"
            yield Wrong("MG434", message, step.name)
