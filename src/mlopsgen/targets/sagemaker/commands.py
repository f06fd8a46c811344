"""A step's command as SageMaker starts it: words, and the launcher where a word is not enough."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TypeAlias, assert_never

from mlopsgen.diagnostics import SpecPath
from mlopsgen.plan.jobs import recorded
from mlopsgen.plan.steps import AnyJob, Evaluate, FromRegistry, RunParameter, Train, Tune
from mlopsgen.plan.values import (
    AppPath,
    Argument,
    ChampionUri,
    Flag,
    InputDir,
    LiveUri,
    OutputDir,
    Param,
    PortKind,
    Python,
    Setting,
    StateUri,
    Value,
    spelled,
)
from mlopsgen.records import dataclass
from mlopsgen.targets.addresses import under
from mlopsgen.targets.image import APP
from mlopsgen.targets.launcher import LAUNCHER, fetch_values, flag_words, optional_names, plain, secret_values
from mlopsgen.targets.sagemaker import names
from mlopsgen.targets.sagemaker.context import Context
from mlopsgen.targets.sagemaker.expressions import Word, known_length, parameter, text

FETCHED = "/opt/ml/mlopsgen/fetched"
SECRETS = "aws-secretsmanager://"
Words: TypeAlias = tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Folders:
    """Where the service lays out a job's directories."""

    inputs: str
    outputs: str
    model: str | None
    """Where the one model of a training goes."""
    failure: str
    """The file whose text the service shows as the reason of a failure."""

    def input(self, port: str) -> str:
        """The directory of an input."""
        return f"{self.inputs}/{port}"

    def read(self, job: AnyJob, port: str) -> str:
        """The directory that a command reads a port in.

        What the launcher fetches lies apart from what the service lays out, where not everybody may write.
        """
        fetched = any(i.port == port and isinstance(i.source, FromRegistry) for i in job.inputs)
        return f"{FETCHED}/{port}" if fetched else self.input(port)

    def output(self, job: AnyJob, port: str) -> str:
        """The directory of an output."""
        if self.model is not None and port == model_port(job):
            return self.model
        return f"{self.outputs}/{port}"


PROCESSING = Folders("/opt/ml/processing/input", "/opt/ml/processing/output", None, "/opt/ml/output/message")
TRAINING = Folders("/opt/ml/input/data", "/opt/ml/output/data", "/opt/ml/model", "/opt/ml/output/failure")


def folders_of(job: AnyJob) -> Folders:
    """Training jobs and processing jobs have different layouts."""
    return TRAINING if isinstance(job, Train | Tune) else PROCESSING


def model_port(job: AnyJob) -> str | None:
    """The output that the service itself knows as the model."""
    return next((o.port for o in job.outputs if o.kind is PortKind.MODEL), None)


def words(context: Context, job: AnyJob, argv: Sequence[Argument] | None = None) -> Words:
    """Every word of the command; a flag that is known to be null is left out."""
    all_words = (_word(context, job, argument) for argument in (job.argv if argv is None else argv))
    return tuple(word for word in all_words if word is not None)


def _word(context: Context, job: AnyJob, argument: Argument) -> Word | None:
    match argument:
        case str():
            return argument
        case Python():
            return "python"
        case AppPath():
            return f"{APP}/{argument.path}"
        case Flag():
            return flag_word(context, job, argument)
        case _:
            assert_never(argument)


def flag_word(context: Context, job: AnyJob, flag: Flag) -> Word | None:
    """`--name=<value>`, with what only the run knows left to the service."""
    value = flag_value(context, job, flag)
    return None if value is None else text(value, context.facts, f"--{flag.name}=")


def flag_value(context: Context, job: AnyJob, flag: Flag) -> Value:
    """What a flag says, as a value of the plan."""
    folders = folders_of(job)
    match flag.value:
        case InputDir(port=port):
            return folders.read(job, port)
        case OutputDir(port=port):
            return folders.output(job, port)
        case AppPath(path=path):
            return f"{APP}/{path}"
        case Param(name=name):
            return next((p.value for p in job.params if p.name == name), None)
        case Setting(value=value):
            return value
        case ChampionUri(model=model):
            return registry_uri(context, model)
        case StateUri(path=path):
            return f"{context.home.prefix}/state/{path}"
        case LiveUri(uri=uri):
            return under(context.home.prefix, uri)
        case _:
            assert_never(flag.value)


def registry_uri(context: Context, model: str) -> str:
    """A model package group, as the runtime's adapter takes it."""
    return f"sagemaker://{context.home.region}/{model}"


def launcher_flags(context: Context, job: AnyJob, archives: Sequence[tuple[str, str]]) -> Iterator[Word]:
    """What the launcher has to do before (and after) the command; nothing: no launcher.

    `archives` names inputs that arrive packed, and the folder inside that is wanted ("" for all).
    """
    folders = folders_of(job)
    yield from flag_words(
        plain,
        unpack=(folders.input(port) + (f":{inner}" if inner else "") for port, inner in archives),
        fetch=fetch_values(job, partial(folders.read, job), partial(registry_uri, context)),
        secret=secret_values(job, partial(secret_uri, context)),
        optional=optional_names(job),
    )
    yield from words(context, job, tuple(recorded(context.plan, job)))


def secret_uri(context: Context, name: str) -> str:
    """A secret as the launcher finds it; a bare name is one of Secrets Manager here."""
    return name if name.startswith(SECRETS) else f"{SECRETS}{context.home.region}/{name}"


def check_secrets(context: Context, job: AnyJob) -> None:
    """Reports secrets of another platform's store."""
    for secret in job.secrets:
        if "://" in secret.name and not secret.name.startswith(SECRETS):
            message = f"`{secret.name}` is no secret of AWS Secrets Manager"
            context.error("MG312", message, secret.origin, hint=f"its bare name there, or `{SECRETS}<region>/<name>`")


def launched(flags: Sequence[Word], command: Words) -> Words:
    """The command behind the launcher, or alone when there is nothing to prepare."""
    return (*LAUNCHER, *flags, "--", *command) if flags else command


def _shorter(job: AnyJob) -> str:
    """How a command gets fewer words: what gates say stands in that of their evaluation."""
    gated = isinstance(job, Evaluate) and len(job.gates) > 1
    return "fewer gates: each is some words of this command" if gated else "put values into a file in `code.path`"


def check_words(context: Context, job: AnyJob, words: Words) -> None:
    """Reports words that the service would not take."""
    if len(words) - 1 > names.ARGUMENTS:
        context.error(
            "MG306",
            f"the command of `{job.name}` has {len(words) - 1} arguments; SageMaker takes {names.ARGUMENTS}",
            job.origin,
            hint=_shorter(job),
        )
    for word in words:
        _check_word(context, job, word)
        _check_parameters(context, job, word)


def _check_parameters(context: Context, job: AnyJob, word: Word) -> None:
    """Reports a parameter whose default, or another of its values, is more than a word of a command may be."""
    for declared in context.plan.parameters:
        if parameter(declared.name) not in _parts(word):
            continue
        for what, key, value in _known(declared):
            if key == ("default",) and len(value) > names.DEFAULT_LENGTH:
                continue  # said of the parameter itself
            if known_length(word) + len(value) > names.ARGUMENT_LENGTH or names.LINE_BREAK.search(value):
                message = (
                    f"{what} of `{declared.name}` is a part of an argument of `{job.name}`: SageMaker takes one line "
                    f"of {names.ARGUMENT_LENGTH} characters"
                )
                hint = "a shorter one, such as a file's place instead of what it says"
                context.error("MG306", message, (*declared.origin, *key), hint)


def _known(declared: RunParameter) -> Iterator[tuple[str, SpecPath, str]]:
    """What a run may give a parameter, as far as the spec says so, and where it does."""
    if declared.default is not None:
        yield "the default", ("default",), spelled(declared.default)
    for index, value in enumerate(declared.values):
        yield "a value", ("values", index), spelled(value)


def _check_word(context: Context, job: AnyJob, word: Word) -> None:
    shown = "".join(_texts(word))
    if known_length(word) > names.ARGUMENT_LENGTH:
        context.error(
            "MG306",
            f"`{shown[:40]}…` of `{job.name}` is longer than the {names.ARGUMENT_LENGTH} characters "
            "that SageMaker takes for one argument",
            _origin(job, shown),
            hint="put the value into a file in `code.path`",
        )
    if any(names.LINE_BREAK.search(part) for part in _texts(word)):
        context.error(
            "MG306",
            f"`{names.LINE_BREAK.split(shown)[0][:40]}…` of `{job.name}` holds a line break: SageMaker takes none",
            _origin(job, shown),
            hint="put the value into a file in `code.path`",
        )


def _texts(word: Word) -> tuple[str, ...]:
    """The parts of a word that are known now."""
    return tuple(part for part in _parts(word) if isinstance(part, str))


def _parts(word: Word) -> Sequence[Word]:
    """What a word is joined of."""
    if isinstance(word, str) or "Std:Join" not in word:
        return (word,)
    parts: Sequence[Word] = word["Std:Join"]["Values"]
    return parts


def _origin(job: AnyJob, word: str) -> tuple[str | int, ...]:
    name = word.removeprefix("--").partition("=")[0]
    return next((p.origin for p in job.params if p.name == name), job.origin)
