"""Commands and values of the plan, as plan.json spells them: plain words, and holes that a run fills."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import pairwise
from pathlib import PurePosixPath
from typing import assert_never

from mlopsgen.plan import steps as plan
from mlopsgen.plan import values as parts
from mlopsgen.spec.values import Ref, RunFact, Text
from mlopsgen.targets.local import native


def argv(job: plan.AnyJob, code: Collection[str]) -> Iterator[native.Argument]:
    """The command; what is known now is a plain word, and only what a run fills in is a hole.

    `code` holds the paths of the user's code: a command that names one of them means that file.
    """
    launched = isinstance(job, plan.Train | plan.Tune) and job.distributed == "torchrun"
    for argument, following in pairwise((*job.argv, "")):
        match argument:
            case str():
                yield _word(argument, code)
            case parts.Python():
                yield native.Interpreter("python")
                if launched and _is_script(following, code):
                    yield from _torchrun(job.resources.nodes)
            case parts.AppPath():
                yield native.AppFile(argument.path)
            case parts.Flag():
                yield from flag(argument)
            case _:
                assert_never(argument)


def _word(word: str, code: Collection[str]) -> str | native.AppFile:
    """A container starts commands where the code lies; here they start in a folder that is thrown away."""
    path = PurePosixPath(word)
    # A word without dot or slash may be anybody's: `dvc pull` means no file that is called `pull`.
    return native.AppFile(str(path)) if word != path.stem and str(path) in code else word


def _is_script(argument: parts.Argument, code: Collection[str]) -> bool:
    return isinstance(argument, parts.AppPath) or (
        isinstance(argument, str) and isinstance(_word(argument, code), native.AppFile)
    )


def _torchrun(nodes: int | Ref) -> Iterator[native.Argument]:
    """The nodes of a training are processes of this machine."""
    yield from ("-m", "torch.distributed.run", "--standalone")
    yield from flag(parts.Flag("nproc-per-node", parts.Setting(nodes)))


def flag(argument: parts.Flag) -> Iterator[str | native.Flag]:
    """One argument: whole when its value is known now; none when there is no value."""
    if not isinstance(argument.value, parts.Setting):
        yield native.Flag(argument.name, _hole(argument.value), argument.optional)
        return
    setting = value(argument.value.value)
    if isinstance(setting, native.FromParameter | native.FromRun | native.Joined):
        yield native.Flag(argument.name, setting, argument.optional)
    elif setting is not None and not (argument.optional and setting == ""):
        yield f"--{argument.name}={parts.spelled(setting)}"


def _hole(
    hole: parts.InputDir
    | parts.OutputDir
    | parts.AppPath
    | parts.Param
    | parts.ChampionUri
    | parts.StateUri
    | parts.LiveUri,
) -> native.Hole:
    match hole:
        case parts.InputDir():
            return native.InputFolder(hole.port)
        case parts.OutputDir():
            return native.OutputFolder(hole.port)
        case parts.AppPath():
            return native.AppFile(hole.path)
        case parts.Param():
            return native.FromParam(hole.name)
        case parts.ChampionUri():
            return native.Registry(hole.model)
        case parts.StateUri():
            return native.State(hole.path)
        case parts.LiveUri():
            uri = value(hole.uri)
            assert isinstance(uri, str | native.FromParameter | native.FromRun | native.Joined)
            return native.Live(uri)
        case _:
            assert_never(hole)


def value(written: parts.Value) -> native.Value:
    """A value of the plan, with its holes as plan.json spells them."""
    match written:
        case Ref():
            return native.FromParameter(written.name)
        case RunFact():
            return _fact(written)
        case Text():
            return native.Joined(tuple(_part(part) for part in written.parts))
        case _:
            return written


def _part(part: str | Ref | RunFact) -> str | native.FromParameter | native.FromRun:
    match part:
        case Ref():
            return native.FromParameter(part.name)
        case RunFact():
            return _fact(part)
        case _:
            return part


def _fact(fact: RunFact) -> native.FromRun:
    return native.FromRun("id" if fact.name == "run.id" else "scheduled_at")
