"""A step's command as Azure ML starts it: one shell command, and the launcher for what Azure ML has not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import assert_never

from mlopsgen.diagnostics import SpecPath
from mlopsgen.plan.jobs import recorded
from mlopsgen.plan.steps import AnyJob, Axis, Choice, FromRegistry, Train, Tune
from mlopsgen.plan.values import (
    AppPath,
    Argument,
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
from mlopsgen.records import dataclass
from mlopsgen.spec.values import RunFact
from mlopsgen.targets.azureml import shell_words as words
from mlopsgen.targets.azureml.addresses import live
from mlopsgen.targets.azureml.context import Context
from mlopsgen.targets.azureml.edges import FETCHED, Guards
from mlopsgen.targets.azureml.image import metrics_port, tells_metrics
from mlopsgen.targets.azureml.values import NOTHING, Values
from mlopsgen.targets.image import APP
from mlopsgen.targets.launcher import LAUNCHER, fetch_values, flag_words, plain, secret_values

ONCE = f"{FETCHED}/.once"
"""Where the processes of a machine agree on who prepares its folders; no port has such a name."""
VAULT = "azure-keyvault://"


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around a step's own command."""

    guards: Guards = Guards()
    """Why it may not run at all."""
    waits: tuple[str, ...] = ()
    """Steps that it waits for without reading from them."""
    kept: tuple[str, ...] = ()
    """Outputs that others wait for or read, which must not be left empty: Azure ML mounts no empty folder."""
    extra: tuple[str, ...] = ()
    """Further flags of the launcher."""


def command_words(
    context: Context, job: AnyJob, values: Values, argv: Sequence[Argument] | None = None
) -> tuple[str, ...]:
    """Every word of the step's own command; a flag that is known to be null is left out."""
    words = (_word(context, job, values, argument) for argument in (job.argv if argv is None else argv))
    return tuple(word for word in words if word is not None)


def _word(context: Context, job: AnyJob, values: Values, argument: Argument) -> str | None:
    match argument:
        case str():
            values.check(argument, job.origin)
            return words.word(argument)
        case Python():
            return "python"
        case AppPath(path=path):
            return words.word(f"{APP}/{path}")
        case Flag():
            return flag_word(context, job, values, argument)
        case _:
            assert_never(argument)


def flag_word(context: Context, job: AnyJob, values: Values, flag: Flag) -> str | None:
    """`--name=<value>`, with what only the run knows left to Azure ML."""
    match flag.value:
        case InputDir(port=port):
            return f"--{flag.name}={input_folder(job, port)}"
        case OutputDir(port=port):
            return f"--{flag.name}={words.output_hole(port)}"
        case AppPath(path=path):
            return words.flag(flag.name, f"{APP}/{path}")
        case Param(name=name):
            return _param(job, values, flag.name, name)
        case Setting(value=value):
            if flag.optional and isinstance(value, RunFact):
                values.optional.append(flag.name)
            return values.flag(flag.name, value, job.origin)
        case ChampionUri(model=model):
            return words.flag(flag.name, context.registry(model))
        case StateUri(path=path):
            return words.flag(flag.name, context.state(path))
        case LiveUri(uri=uri):
            return values.flag(flag.name, live(context, uri), job.origin)
        case _:
            assert_never(flag.value)


def _param(job: AnyJob, values: Values, flag: str, name: str) -> str | None:
    axis = next((axis for axis in job.axes if axis.name == name), None) if isinstance(job, Tune) else None
    if axis is not None:
        return f"--{flag}={_drawn(axis)}"
    param = next((p for p in job.params if p.name == name), None)
    return None if param is None else values.flag(flag, param.value, param.origin, own=True)


def _drawn(axis: Axis) -> str:
    """The hole for a value that a sweep draws: texts stand between quotes, since a shell reads the command."""
    texts = [value for value in axis.values if isinstance(value, str)] if isinstance(axis, Choice) else []
    hole = words.input_hole(axis.name)
    return hole if all(map(words.is_plain, texts)) else f"'{hole}'"


def fetched(port: str) -> str:
    """Where the launcher puts a model of the registry."""
    return f"{FETCHED}/{port}"


def input_folder(job: AnyJob, port: str) -> str:
    """Where an input lies: where Azure ML mounts it, or where the launcher puts it."""
    registered = any(i.port == port and isinstance(i.source, FromRegistry) for i in job.inputs)
    return fetched(port) if registered else words.input_hole(port)


def processes(job: AnyJob) -> int:
    """How often a machine starts the whole command: how-to-train-distributed-gpu, once for each process."""
    if not isinstance(job, Train | Tune) or job.distributed in (None, "tensorflow"):
        return 1
    return job.resources.gpu.count if job.resources.gpu else 1


def launcher_flags(context: Context, job: AnyJob, values: Values, around: Around) -> Iterator[str]:
    """What the launcher has to do around the command; nothing: no launcher."""
    yield from guard_flags(values, around.guards, around.waits)
    brought = (*flag_words(words.flag, fetch=fetch_values(job, fetched, context.registry)), *around.extra)
    if processes(job) > 1 and any(word.startswith(("--fetch=", "--merge=")) for word in brought):
        yield from flag_words(plain, once=ONCE)
    yield from brought
    yield from flag_words(words.flag, secret=secret_values(job, partial(secret_uri, context)))
    yield from flag_words(
        plain,
        optional=(f"{name}={NOTHING}" for name in values.optional),
        required=values.required,
    )
    yield from flag_words(words.flag, instead=values.instead)
    yield from _retries(job)
    if tells_metrics(context.plan, job):
        yield from flag_words(plain, metrics=words.output_hole(metrics_port(job) or ""), scalars="mlflow")
    yield from flag_words(plain, keep=map(words.output_hole, around.kept))


def guard_flags(values: Values, guards: Guards, waits: Sequence[str]) -> Iterator[str]:
    """What has to hold for the step to run; what it only waits for is there, since Azure ML has mounted it."""
    versions = [f"{words.input_hole(f'after_{step}')}/version.json" for step in guards.registered]
    others = [words.input_hole(f"after_{step}") for step in waits if step not in guards.registered]
    yield from flag_words(plain, when=map(values.when_hole, guards.when), needs=[*versions, *others])


def _retries(job: AnyJob) -> Iterator[str]:
    if job.retries is not None and job.retries.attempts:
        yield from flag_words(
            plain,
            attempts=job.retries.attempts,
            backoff=job.retries.backoff or None,
            fresh=(words.output_hole(output.port) for output in job.outputs),
        )


def secret_uri(context: Context, name: str) -> str:
    """A secret as the launcher finds it; a bare name is one of the vault of the options."""
    vault = (context.options.key_vault or "").rpartition("/")[2]
    return name if name.startswith(VAULT) else f"{VAULT}{vault}/{name}"


# resource-name-rules: vaults have 3 to 24 letters, digits and single hyphens, secrets 1 to 127 of them.
_VAULT_AND_SECRET = re.compile(r"(?!.*--.*/)[A-Za-z][A-Za-z0-9-]{1,22}[A-Za-z0-9]/[A-Za-z0-9-]{1,127}")


def check_secrets(context: Context, job: AnyJob) -> None:
    """Reports secrets of another platform's store, and bare names without a vault."""
    for secret in job.secrets:
        if "://" in secret.name and not secret.name.startswith(VAULT):
            message = f"`{secret.name}` is no secret of Azure Key Vault"
            context.error("MG312", message, secret.origin, hint=f"its bare name there, or `{VAULT}<vault>/<name>`")
        elif "://" not in secret.name and context.options.key_vault is None:
            message = f"`{secret.name}` is the bare name of a secret, and no key vault is named"
            hint = f"`targets.azureml.key_vault: <vault>`, or `{VAULT}<vault>/{secret.name}`"
            context.error("MG312", message, secret.origin, hint=hint)
        elif not _VAULT_AND_SECRET.fullmatch(secret_uri(context, secret.name).removeprefix(VAULT)):
            message = f"`{secret.name}` is no name of a secret in Azure Key Vault"
            hint = "at most 127 letters, digits and hyphens; of a vault at most 24, without two hyphens in a row"
            context.error("MG312", message, secret.origin, hint=hint)


def environment(context: Context, job: AnyJob) -> Mapping[str, str]:
    """The step's own variables, and where MLflow is when it is not the workspace's."""
    variables = dict(job.env)
    if context.plan.tracking.mlflow and job.image is None:
        tracking = context.plan.tracking
        variables = {
            "MLFLOW_TRACKING_URI": context.plan.tracking.mlflow,
            "MLFLOW_EXPERIMENT_NAME": tracking.experiment,
        } | variables
    return variables


def recorded_words(context: Context, job: AnyJob, values: Values, command: Sequence[str]) -> tuple[str, ...]:
    """The command where the spec names an MLflow server: without the run that Azure ML has opened in its own."""
    if context.plan.tracking.mlflow is None or job.image is not None:
        return tuple(command)
    flags = command_words(context, job, values, tuple(recorded(context.plan, job)))
    return (*WITHOUT_RUN, *LAUNCHER, *flags, "--", *command) if flags else (*WITHOUT_RUN, *command)


WITHOUT_RUN = ("env", "-u", "MLFLOW_RUN_ID", "-u", "MLFLOW_EXPERIMENT_ID")


def in_environment(context: Context, job: AnyJob, values: Values, command: Sequence[str]) -> tuple[str, ...]:
    """A trial's command behind `env`: a sweep has no environment variables of its own."""
    variables = environment(context, job)
    for name, value in variables.items():
        values.check(value, (*job.origin, "env", name))
    assigned = tuple(words.word(f"{name}={value}") for name, value in variables.items())
    if tuple(command[: len(WITHOUT_RUN)]) == WITHOUT_RUN:
        return (*WITHOUT_RUN, *assigned, *command[len(WITHOUT_RUN) :])
    return ("env", *assigned, *command) if variables else tuple(command)


def launched(flags: Sequence[str], command: Sequence[str]) -> str:
    """The whole command, behind the launcher when there is something to prepare."""
    whole = (*LAUNCHER, *flags, "--", *command) if flags else tuple(command)
    return " ".join(whole)


def check_foreign(context: Context, job: AnyJob, flags: Sequence[str]) -> None:
    """Reports what a foreign image would need the launcher for, which it does not hold."""
    if job.image is None or not flags:
        return
    needed: dict[str, SpecPath] = {}
    if job.secrets:
        needed["secrets"] = job.secrets[0].origin
    if job.when is not None:
        needed["`when`"] = (*job.origin, "when")
    if job.retries is not None and job.retries.attempts:
        needed["retries"] = (*job.origin, "retries")
    for what, where in (needed or {"optional parameters": (*job.origin, "image")}).items():
        message = f"`{job.name}` runs in a foreign image, which has no launcher, so it can have no {what}"
        context.error("MG301", message, where, hint="leave `image` out, or take this away")
