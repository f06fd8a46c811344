"""A search as a Tuning job: SageMaker proposes params, each trial is a training of its own.

A trial is started with the bare word `train` and its params in hyperparameters.json: the service
has no command line for it. So the launcher's whole command travels as `mlopsgen_command`, and
every param as a hyperparameter, which the launcher turns back into a flag.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256

from mlopsgen.diagnostics import On
from mlopsgen.plan.steps import Train, Tune
from mlopsgen.plan.values import Argument, Argv, Flag, InputDir, Param, Setting, Value, spelled
from mlopsgen.records import dataclass
from mlopsgen.spec.values import Ref, RunFact, Text
from mlopsgen.targets.launcher import flag_words, plain
from mlopsgen.targets.sagemaker import names
from mlopsgen.targets.sagemaker.commands import (
    TRAINING,
    Words,
    check_words,
    flag_value,
    launched,
    launcher_flags,
)
from mlopsgen.targets.sagemaker.context import Context
from mlopsgen.targets.sagemaker.data import inputs, refit_name
from mlopsgen.targets.sagemaker.expressions import Number, Word, get, join, parameter, text
from mlopsgen.targets.sagemaker.jobs import facts, policies
from mlopsgen.targets.sagemaker.native import TrainingStep, TuningStep
from mlopsgen.targets.sagemaker.training.searches import check_search, max_resource, ranges_of, type_of, type_of_values
from mlopsgen.targets.sagemaker.training.train import metric_names, own_flags, training_job, training_words

COMMAND = "mlopsgen_command"
ENVIRONMENT = "mlopsgen_environment"
"""A hyperparameter that nobody reads: with another environment, or another version of the data, it is another one."""
FILE = "/opt/ml/input/config/hyperparameters.json"
_STRATEGIES = {"grid": "Grid", "random": "Random", "bayesian": "Bayesian", "hyperband": "Hyperband"}


def tuning_step(context: Context, job: Tune) -> TuningStep:
    """The search itself."""
    check_search(context, job)
    laid, archives = inputs(context, job)
    metrics = tuple(dict.fromkeys((job.metric, *metric_names(context))))
    trial = training_job(context, job, laid, metrics, job.name)
    ranges = ranges_of(job)
    return TuningStep(
        **facts(context, job),
        job=trial,
        strategy=_STRATEGIES[job.strategy],
        objective_type=job.direction.capitalize(),
        objective=job.metric,
        max_jobs=None if job.strategy == "grid" else _number(job.trials),
        max_parallel=_number(job.parallel),
        max_seconds=job.search_timeout,
        max_resource=max_resource(job) if job.strategy == "hyperband" else None,
        categorical=ranges.categorical,
        integer=ranges.integer,
        continuous=ranges.continuous,
        early_stopping="Auto" if job.early_stopping else "Off",
        target=job.stop_at,
        # A grid has nothing to draw.
        seed=None if job.strategy == "grid" else job.seed,
        trial_retries=job.retries.attempts if job.retries else 0,
        static=_static(context, job, archives, trial.environment),
        tags=context.tags,
    )


def _number(value: int | Ref) -> Number:
    return parameter(value.name) if isinstance(value, Ref) else value


@dataclass(frozen=True, slots=True)
class _Held:
    """A flag that travels as a hyperparameter: its type, and its value unless the search proposes it."""

    name: str
    type: str
    value: Value


def _static(
    context: Context, job: Tune, archives: tuple[tuple[str, str], ...], environment: Mapping[str, Word]
) -> Mapping[str, Word]:
    held = tuple(_held(context, job))
    proposed = {axis.name: type_of(axis) for axis in job.axes}
    types = {one.name: one.type for one in held} | proposed
    away = {*types}
    argv = tuple(a for a in job.argv if not (isinstance(a, Flag) and a.name in away and not _is_folder(a)))
    flags = [*launcher_flags(context, job, archives), *own_flags(job)]
    flags += flag_words(plain, params_file=FILE, param=(f"{name}:{kind}" for name, kind in types.items()))
    command = launched(flags, training_words(context, job, argv))
    # The image starts the runtime by itself; what it wants is the runtime's own command.
    static: dict[str, Word] = dict(_pieces(command[3:]))
    static |= {one.name: _as_text(context, one.value) for one in held}
    if environment:
        # Of a search the cache compares these, not its environment, where the versions of its data are
        # (AWS: pipelines-default-keys).
        static[ENVIRONMENT] = _digest(environment)
    _check_static(context, job, static)
    return static


def _is_folder(flag: Flag) -> bool:
    return not isinstance(flag.value, Param | Setting)


def _held(context: Context, job: Tune) -> Iterator[_Held]:
    """Params that are not searched, and whatever else only the run knows."""
    searched = {axis.name for axis in job.axes}
    for argument in job.argv:
        if not isinstance(argument, Flag) or argument.name in searched or _is_folder(argument):
            continue
        value = flag_value(context, job, argument)
        if isinstance(value, Ref | RunFact | Text) or (isinstance(argument.value, Param) and _fits(value)):
            yield _Held(argument.name, _type(context, value), value)


def _fits(value: Value) -> bool:
    """Whether a known value can be a hyperparameter: one line, not too long."""
    if value is None or isinstance(value, Ref | RunFact | Text):
        return False
    shown = spelled(value)
    return not names.LINE_BREAK.search(shown) and len(shown) <= names.HYPERPARAMETER_LENGTH


def _type(context: Context, value: Value) -> str:
    match value:
        case Ref():
            return next(p.type for p in context.plan.parameters if p.name == value.name)
        case tuple():
            return "list"
        case RunFact() | Text():
            return "string"
        case _:
            return type_of_values([value])


def _as_text(context: Context, value: Value) -> Word:
    """Hyperparameters are text, so a lone reference is joined with nothing."""
    as_words = text(value, context.facts)
    return as_words if isinstance(as_words, str) or "Std:Join" in as_words else join(as_words)


def _digest(environment: Mapping[str, Word]) -> str:
    """A short name for exactly these variables."""
    return sha256(json.dumps(environment, sort_keys=True).encode()).hexdigest()


def _pieces(command: Words) -> Iterator[tuple[str, str]]:
    """The command as one JSON list, over as many hyperparameters as it is long."""
    whole = json.dumps([word if isinstance(word, str) else "" for word in command])
    size = names.HYPERPARAMETER_LENGTH
    for number, start in enumerate(range(0, len(whole), size), 1):
        yield COMMAND if number == 1 else f"{COMMAND}_{number}", whole[start : start + size]


def _check_static(context: Context, job: Tune, static: Mapping[str, Word]) -> None:
    if "Get" in static:
        message = f"`{job.name}` has a param `Get`, which SageMaker would read as a reference"
        context.error("MG308", message, (*job.origin, "params", "Get"), hint="rename the param", on=On.KEY)
    if len(static) + len(job.axes) > names.HYPERPARAMETERS:
        message = f"a trial of `{job.name}` would have more than {names.HYPERPARAMETERS} hyperparameters"
        context.error("MG306", message, (*job.origin, "params"), "put values into a file in `code.path`")


def refit_step(context: Context, job: Tune) -> TrainingStep:
    """One more training: all rows, and the params of the best trial."""
    single = Train(
        name=job.name,
        argv=_all_rows(job),
        inputs=job.inputs,
        outputs=job.outputs,
        params=job.params,
        resources=job.resources,
        env=job.env,
        secrets=job.secrets,
        retries=job.retries,
        timeout=job.timeout,
        cache=job.cache,
        runtime=job.runtime,
        origin=job.origin,
        framework=job.framework,
        distributed=job.distributed,
    )
    laid, archives = inputs(context, single)
    flags = [*launcher_flags(context, single, archives), *_merged(job), *own_flags(single, measured=False)]
    command = (*launched(flags, training_words(context, single)), *_best(job))
    check_words(context, single, command)
    common = facts(context, single)
    common["name"] = refit_name(job)
    common["retries"] = policies(single)
    return TrainingStep(
        **common,
        job=training_job(context, single, laid, (), refit_name(job)),
        entrypoint=(str(command[0]),),
        arguments=command[1:],
        tags=context.tags,
    )


ALL_ROWS = "/opt/ml/mlopsgen/train"
"""Where the launcher puts training and validation rows together: channels themselves stay as they are."""


def _all_rows(job: Tune) -> Argv:
    searched = {axis.name for axis in job.axes}
    kept: list[Argument] = []
    for argument in job.argv:
        if isinstance(argument, Flag) and (argument.name in searched or _reads(argument, "validation")):
            continue
        merged = isinstance(argument, Flag) and _reads(argument, "train") and _validated(job)
        kept.append(f"--{argument.name}={ALL_ROWS}" if merged and isinstance(argument, Flag) else argument)
    return tuple(kept)


def _reads(flag: Flag, port: str) -> bool:
    return flag.value == InputDir(port)


def _validated(job: Tune) -> bool:
    return any(i.port == "validation" for i in job.inputs)


def _merged(job: Tune) -> Iterator[str]:
    if _validated(job):
        both = f"{TRAINING.input('train')},{TRAINING.input('validation')}"
        yield from flag_words(plain, merge=[f"{ALL_ROWS}={both}"])


def _best(job: Tune) -> Iterator[Word]:
    for axis in job.axes:
        yield join(f"--{axis.name}=", get("Steps", job.name, f"BestTrainingJob.TunedHyperParameters['{axis.name}']"))
