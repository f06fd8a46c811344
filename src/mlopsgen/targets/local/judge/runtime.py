"""Commands of the runtime: read the way the runtime itself will read them, with something in every hole."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from mlopsgen.runtime import evaluate, explain, gate, register, step, train
from mlopsgen.runtime.commands import COMMANDS
from mlopsgen.runtime.flags import Flags, read_flags
from mlopsgen.runtime.gates import read_gates
from mlopsgen.runtime.problems import Usage
from mlopsgen.runtime.serving import serve
from mlopsgen.runtime.serving.batch import settings
from mlopsgen.targets.local.judge.placing import Findings, Wrong
from mlopsgen.targets.local.native import Argument, Flag, FromSource, Step

RUNTIME = "mlopsgen_runtime"


@dataclass(frozen=True, slots=True)
class Takes:
    """What a command of the runtime is told."""

    needs: tuple[str, ...]
    """What it does not start without."""
    may: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    further: Literal["none", "inputs", "outputs", "params", "gates"] = "none"
    """Whose names are flags beside these."""
    ours: tuple[str, ...] = ()
    """What a bundle always says, though the command would start without it."""


TAKES: Mapping[str, Takes] = {
    "step": Takes((), step.SINGLE, step.REPEATED),
    "validate": Takes(("contract",), ("report",), further="inputs", ours=("contract-digest",)),
    "split": Takes(("contract", "train"), ("test", "validation"), further="inputs"),
    "train": Takes(("contract", "framework", "train", "model", "metrics"), train.SINGLE, further="params"),
    "select": Takes(("trials", "metric", "direction", "model", "metrics"), ("params",), further="outputs"),
    "evaluate": Takes(("contract", "task", "model", "test", "metrics"), evaluate.SINGLE, ("group",)),
    "explain": Takes(
        ("contract", "model", "test", "explanation"), ("explain-method", "explain-sample"), ours=explain.SINGLE
    ),
    "gate": Takes(("metrics", "gate"), gate.SINGLE, further="gates", ours=("on-failure",)),
    # What a model was made from is its lineage; the run's id is how a run knows its own version again.
    "register": Takes(
        ("registry", "name", "model"),
        register.SINGLE,
        ("figure",),
        ours=("approval", "version-of-data", "code-digest", "run"),
    ),
    "score": Takes(
        ("name", "registry", "input", "output", "run-id", "format", "out-format", "write", "on-bad-record"),
        settings.SINGLE,
    ),
    "serve": Takes(("model", "name"), serve.SINGLE),
}
# Each of these means nothing without the others.
_TOGETHER = (("test-budget", "budget-store", "test"), ("explain-method", "explain-sample", "explanation"))
_CHOICES: Mapping[str, Collection[str]] = {
    "approval": ("automatic", "manual"),
    "champion": ("approval", "rollout"),
    "direction": ("maximize", "minimize"),
    "explain-method": ("shap", "permutation"),
    "format": settings.FORMATS,
    "on-bad-record": settings.POLICIES,
    "on-failure": gate.ON_FAILURE,
    "out-format": settings.FORMATS,
    "task": evaluate.TASKS,
}
# Measures of fairlearn that turn on which class is the good one: the contract says that.
_FAVOURABLE = ("demographic_parity", "equalized_odds", "equal_opportunity")
_COUNTS = ("test-budget", "explain-sample")


def runtime(of: Step, words: Sequence[Argument]) -> Findings:
    """Findings about `mlopsgen_runtime COMMAND --flag…`; `words` start with the command."""
    name, flags = words[0] if words else None, words[1:]
    takes = TAKES.get(name) if isinstance(name, str) else None
    if takes is None or not isinstance(name, str):
        message = f"`{name}`" if isinstance(name, str) else "nothing"
        yield Wrong("MG433", f"`{of.name}` asks the runtime for {message}; it knows {', '.join(COMMANDS)}")
        return
    known = (*takes.needs, *takes.may, *takes.ours)
    try:
        parsed = read_flags(
            name, list(_filled(flags)), single=known, repeated=takes.repeated, extra=takes.further != "none"
        )
        if takes.further == "gates":
            read_gates(parsed.extra)
    except Usage as wrong:
        yield Wrong("MG433", f"the command of `{of.name}` will not start: {wrong}")
        return
    yield from _lacking(of, takes, parsed)
    yield from _further(of, takes, parsed)
    yield from _values(of, parsed, {a.flag for a in flags if isinstance(a, Flag)})


# What may stand in a hole of this name; a number is good for all others.
_SAMPLES = {"when": "true", "direction": "maximize", "better_than": "champion"}


def _filled(words: Sequence[Argument]) -> Iterator[str]:
    for word in words:
        if isinstance(word, Flag):
            yield f"--{word.flag}={_SAMPLES.get(word.flag.rpartition('.')[2], '0.5')}"
        else:
            yield word if isinstance(word, str) else "0.5"


def _lacking(of: Step, takes: Takes, flags: Flags) -> Findings:
    there = flags.given.keys()
    # A user's own step may call the runtime as it likes.
    needs = takes.needs if of.kind == "run" else (*takes.needs, *takes.ours)
    for name in needs:
        if name not in there:
            yield Wrong("MG432", f"`{flags.command}` of `{of.name}` is not told --{name}")
    for group in _TOGETHER:
        if group[0] in there or group[1] in there:
            for name in group:
                if name not in there:
                    yield Wrong("MG432", f"`{flags.command}` of `{of.name}` is told --{group[0]} without --{name}")
    if takes.further == "gates":
        yield from _rows_of_gates(of, flags)


def _rows_of_gates(of: Step, flags: Flags) -> Findings:
    """A gate that compares needs somebody to compare with; one that groups or tests needs the rows."""
    for name in ("model", "test", "predictions"):
        if name in (*of.inputs, *of.outputs) and name not in flags.given:
            yield Wrong("MG432", f"the gate of `{of.name}` is not told --{name}, which the step has")
    fields = {name.rpartition(".")[2] for name in flags.extra}
    for name in ("champion", "model"):
        if "better_than" in fields and name not in (*flags.given, *of.inputs):
            yield Wrong("MG432", f"`{of.name}` compares two models and is not told --{name}")
    if "contract" not in flags.given and "test-budget" in flags.given:
        yield Wrong("MG432", f"`{of.name}` counts how often its test rows were used and is not told --contract")
    measures = [value for name, value in flags.extra.items() if name.endswith(".measure")]
    if "contract" not in flags.given and any(one.startswith(_FAVOURABLE) for one in measures):
        yield Wrong("MG432", f"`{of.name}` compares groups by their favourable outcomes and is not told --contract")
    if fields & {"group", "confidence"} and "predictions" not in (*flags.given, *of.outputs):
        yield Wrong("MG432", f"`{of.name}` judges rows and is not told --predictions")


def _further(of: Step, takes: Takes, flags: Flags) -> Findings:
    # The contract knows sources by their own names, whatever the step's ports are called.
    sources = {i.origin.source for i in of.inputs.values() if isinstance(i.origin, FromSource)}
    names: Mapping[str, Collection[str]] = {"inputs": {*of.inputs, *sources}, "outputs": of.outputs}
    known = names.get(takes.further)
    for name in sorted(sources - flags.extra.keys()) if flags.command == "validate" and of.kind != "run" else ():
        yield Wrong("MG434", f"`{of.name}` reads the source `{name}` and does not check it")
    for name in flags.extra:
        if known is not None and name not in known:
            yield Wrong(
                "MG434", f"`{flags.command}` of `{of.name}` is told --{name}, and there are no such {takes.further}"
            )
    if takes.further == "inputs" and not flags.extra:
        yield Wrong("MG432", f"`{flags.command}` of `{of.name}` is told of no source")


def _values(of: Step, flags: Flags, holes: Collection[str]) -> Findings:
    """Values that are known now: words out of a few, and counts."""
    for name, (value, *_) in flags.given.items():
        if name in holes:
            continue
        if name in _CHOICES and value not in _CHOICES[name]:
            yield Wrong("MG433", f"--{name} of `{of.name}` is `{value}`, none of {', '.join(_CHOICES[name])}")
        if name in _COUNTS and not (value.isdecimal() and int(value) >= 1):
            yield Wrong("MG433", f"--{name} of `{of.name}` is `{value}`, no whole number of at least 1")
