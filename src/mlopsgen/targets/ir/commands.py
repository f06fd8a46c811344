"""A step's command as a container gets it: words with holes, behind the launcher."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import assert_never

from mlopsgen.diagnostics import SpecPath
from mlopsgen.plan.jobs import recorded
from mlopsgen.plan.steps import AnyJob, FromRegistry, FromSource
from mlopsgen.plan.values import (
    AppPath,
    Argument,
    Argv,
    ChampionUri,
    Flag,
    InputDir,
    LiveUri,
    OutputDir,
    Param,
    Python,
    Setting,
    StateUri,
)
from mlopsgen.spec.values import Ref, RunFact
from mlopsgen.targets import launcher
from mlopsgen.targets.image import APP
from mlopsgen.targets.ir import data
from mlopsgen.targets.ir.api import Lowering
from mlopsgen.targets.ir.context import harmless
from mlopsgen.targets.ir.parameters import NO_NUMBER, SCHEDULED, SCHEDULED_AT, Taken, numeric
from mlopsgen.targets.ir.parts import EXECUTOR_INPUT, Hole, Where, Word, flag
from mlopsgen.targets.launcher import fetch_values, flag_words, optional_names

RUNTIME: tuple[Word, ...] = tuple((word,) for word in launcher.RUNTIME)
LAUNCHER: tuple[Word, ...] = (*RUNTIME, ("step",), ("--executor-input",), (EXECUTOR_INPUT,))
ENTRY = len(RUNTIME)
"""The words of a container's `command`; the others are its `args`."""
FETCHED = "/tmp/mlopsgen"  # noqa: S108 — a folder in a container that runs one step
"""Where the launcher puts what no importer brings: models of the registry."""
PASSED = "passed"
"""The output parameter that says whether the gates held."""


def words(context: Lowering, job: AnyJob, taken: Taken, argv: Argv | None = None) -> tuple[Word, ...]:
    """Every word of the command; a flag that is known to be null is left out."""
    whole = (_word(context, job, taken, argument) for argument in (job.argv if argv is None else argv))
    return tuple(word for word in whole if word is not None)


def _word(context: Lowering, job: AnyJob, taken: Taken, argument: Argument) -> Word | None:
    match argument:
        case str():
            return (harmless(context, argument, (*job.origin, "run")),)
        case Python():
            return ("python",)
        case AppPath():
            return (f"{APP}/{argument.path}",)
        case Flag():
            return _flag(context, job, taken, argument)
        case _:
            assert_never(argument)


def _flag(context: Lowering, job: AnyJob, taken: Taken, argument: Flag) -> Word | None:
    name, value = argument.name, argument.value
    match value:
        case InputDir(port=port):
            return flag(name, *input_folder(context, job, taken, port))
        case OutputDir(port=port):
            return flag(name, Hole(Where.OUTPUT_PATH, port))
        case AppPath(path=path):
            return flag(name, f"{APP}/{path}")
        case Param(name=param):
            match = next((p for p in job.params if p.name == param), None)
            return None if match is None or match.value is None else flag(name, *taken.text(match.value, match.origin))
        case Setting(value=setting):
            return None if setting is None else flag(name, *taken.text(setting, _place(job, name)))
        case ChampionUri(model=model):
            return flag(name, context.platform.registry_uri(context, model))
        case StateUri(path=path):
            return flag(name, context.platform.state_uri(context, path))
        case LiveUri(uri=uri):
            return flag(name, *taken.text(context.platform.live_uri(context, uri), job.origin))
        case _:
            assert_never(value)


def _place(job: AnyJob, name: str) -> SpecPath:
    """Where the spec says an argument of the command itself: a gate, for `--<gate>.<field>`."""
    gate, dot, field = name.partition(".")
    return (*job.origin, "gates", gate, field) if dot else job.origin


def input_folder(context: Lowering, job: AnyJob, taken: Taken, port: str) -> Word:
    """The directory of an input."""
    item = next(i for i in job.inputs if i.port == port)
    if isinstance(item.source, FromRegistry):
        return (fetched(port),)
    if isinstance(item.source, FromSource):
        source = context.sources[item.source.source]
        mounted = data.mounted(context, source)
        if mounted is not None:
            return taken.text(mounted, source.origin)
    return (Hole(Where.INPUT_PATH, port),)


def fetched(port: str) -> str:
    """Where the launcher puts a model of the registry."""
    return f"{FETCHED}/{port}"


def launcher_flags(context: Lowering, job: AnyJob, taken: Taken) -> Iterator[Word]:
    """What the launcher does beside making folders: models of the registry, flags without a value, records."""
    fetch = fetch_values(job, fetched, partial(context.platform.registry_uri, context))
    instead = _instead(job, taken)
    yield from flag_words(hole_flag, fetch=fetch, optional=_optional(context, job), instead=instead)
    yield from words(context, job, taken, tuple(recorded(context.plan, job)))


def _optional(context: Lowering, job: AnyJob) -> Iterator[str]:
    """Flags that may be left out, each with what says so."""
    params = {param.name: param.value for param in job.params}
    for name in optional_names(job):
        value = params.get(name)
        whole = isinstance(value, Ref) and numeric(context.parameters[value.name])
        yield f"{name}={NO_NUMBER}" if whole else name


def _instead(job: AnyJob, taken: Taken) -> Iterator[Word]:
    """Flags with a time that nobody has given say the one that the run is scheduled for."""
    for argument in job.argv:
        if isinstance(argument, Flag) and argument.value == Setting(Ref(SCHEDULED_AT)):
            yield (f"{argument.name}={SCHEDULED}=", taken.hole(RunFact("run.scheduled_at")))


def hole_flag(name: str, value: str | int | Word) -> Word:
    """A flag of the launcher: known words are one text, of others the holes stay."""
    return flag(name, *value) if isinstance(value, tuple) else (f"--{name}={value}",)


def launched(flags: Sequence[Word], command: Sequence[Word]) -> tuple[Word, ...]:
    """The command behind the launcher."""
    return (*LAUNCHER, *flags, ("--",), *command)


def telling(command: Sequence[Word]) -> tuple[Word, ...]:
    """A gate's command that writes its answer to an output parameter as well; another one may stand around it."""
    head = command.index(("gate",)) + 1
    return (*command[:head], flag(PASSED, Hole(Where.OUTPUT_FILE, PASSED)), *command[head:])
