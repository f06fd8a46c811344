"""Every command against what its step says: each input, output and param has its flag, and no hole is open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from mlopsgen.runtime.commands import COMMANDS
from mlopsgen.targets.local.judge.placing import Findings, Wrong
from mlopsgen.targets.local.native import (
    AppFile,
    Argument,
    Flag,
    FromParam,
    FromParameter,
    Hole,
    InputFolder,
    Interpreter,
    Joined,
    OutputFolder,
    PlanFile,
    Step,
)

# Flags of the runtime that may stand several times.
_REPEATED = frozenset({"secret", "param", "unpack", "merge", "optional", "figure"})
Command: TypeAlias = Sequence[Argument]


def commands(plan: PlanFile) -> Findings:
    """Findings about the commands of all steps."""
    for step in plan.steps:
        parts = list(_parts(step.argv))
        for part in parts:
            yield from (Wrong(w.code, w.message, step.name) for w in _command(step.name, part))
        yield from _told(step, parts)
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


def _command(name: str, command: Command) -> Findings:
    if not command or not (isinstance(command[0], Interpreter) or _is_program(command[0])):
        yield Wrong("MG433", f"`{name}` has a command that starts with nothing to run")
        return
    if Interpreter("python") in command[1:]:
        yield Wrong("MG433", f"`{name}` has two commands that no `--` separates")
    if isinstance(command[0], Interpreter):
        yield from _python(name, command[1:])
    for flag, count in Counter(_flags(command)).items():
        if count > 1 and flag not in _REPEATED:
            yield Wrong("MG436", f"`{name}` gives --{flag} {count} times")


def _is_program(argument: Argument) -> bool:
    return isinstance(argument, str) and bool(argument) and not argument.startswith("-")


def _python(name: str, words: Command) -> Findings:
    """`python script.py …`, or `python -m module …`."""
    if words and isinstance(words[0], AppFile):
        return
    if not words or isinstance(words[0], Flag | Interpreter):
        yield Wrong("MG433", f"`{name}` starts Python with nothing to run")
    elif words[0] == "-m":
        yield from _module(name, words[1:])
    elif words[0] != "-c" and not _is_program(words[0]):
        yield Wrong("MG433", f"`{name}` starts Python with `{words[0]}`, which is no script")
    elif words[0] == "mlopsgen_runtime":
        yield Wrong("MG433", f"`{name}` starts the runtime without `-m`")


def _module(name: str, words: Command) -> Findings:
    if not words or not _is_program(words[0]):
        yield Wrong("MG433", f"`{name}` starts no module")
    elif words[0] == "mlopsgen_runtime" and (len(words) < 2 or words[1] not in COMMANDS):
        said = words[1] if len(words) > 1 else "nothing"
        yield Wrong("MG433", f"`{name}` asks the runtime for `{said}`; it knows {', '.join(COMMANDS)}")


def _flags(command: Command) -> Iterator[str]:
    for argument in command:
        if isinstance(argument, Flag):
            yield argument.flag
        elif isinstance(argument, str) and argument.startswith("--") and "=" in argument:
            yield argument[2:].partition("=")[0]


def _told(step: Step, parts: Sequence[Command]) -> Findings:
    """The command is told of everything that the step reads and writes, and by its own name."""
    holes = [(a.flag, a.value) for part in parts for a in part if isinstance(a, Flag)]
    inputs = {hole.input for _, hole in holes if isinstance(hole, InputFolder)}
    outputs = {hole.output for _, hole in holes if isinstance(hole, OutputFolder)}
    params = {hole.param for _, hole in holes if isinstance(hole, FromParam)}
    for words, known, told in (
        ("reads", step.inputs.keys(), inputs),
        ("writes", step.outputs.keys(), outputs),
        ("has the param", _params(step), params),
    ):
        for name in sorted(known - told):
            yield Wrong("MG434", f"`{step.name}` {words} `{name}`, and its command is not told", step.name)
    for flag, hole in holes:
        said = _own_name(hole)
        if said is not None and said != flag and not (step.register is not None and flag in _REPEATED):
            yield Wrong("MG433", f"`{step.name}` hands over `{said}` as --{flag}", step.name)


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
