"""A search as a tuning job of Vertex AI, which proposes params and appends them to the command of each trial.

Every trial is the same command, so `trial` of the runtime gives each its own folder, by the number that the
service puts into CLOUD_ML_TRIAL_ID, and reports its metric in the file that CLOUD_ML_HP_METRIC_FILE names
(cloud.google.com/vertex-ai/docs/training/code-requirements, using-hyperparameter-tuning).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from mlopsgen.plan.steps import Axis, Choice, Interval, Tune
from mlopsgen.plan.values import PortKind, Scalar, spelled
from mlopsgen.runtime import trials as grids
from mlopsgen.spec.values import Ref
from mlopsgen.targets.axes import runtime_axis
from mlopsgen.targets.ir.commands import ENTRY, LAUNCHER, RUNTIME, hole_flag, launched
from mlopsgen.targets.ir.context import Context, select_name
from mlopsgen.targets.ir.jobs import lasting
from mlopsgen.targets.ir.parts import (
    SCHEMAS,
    Command,
    Hole,
    ParameterValue,
    Part,
    PartArtifact,
    Reads,
    Takes,
    Where,
    Word,
    flag,
)
from mlopsgen.targets.ir.searches import BEST, TRIALS, types_of
from mlopsgen.targets.launcher import flag_words
from mlopsgen.targets.vertex import names
from mlopsgen.targets.vertex.account import Account
from mlopsgen.targets.vertex.training.custom import (
    encrypted,
    job_spec,
    launched_by,
    trying_again,
    wants_custom_job,
)
from mlopsgen.targets.vertex.training.launchers import TUNING_JOB, Counted, HoledText, launch, payload

SMALL = 12
"""Trials that the pipeline itself loops over: each then has a task of its own in the console."""
NUMBER = "CLOUD_ML_TRIAL_ID"
REPORT = "CLOUD_ML_HP_METRIC_FILE"
_ALGORITHMS = {"grid": "GRID_SEARCH", "random": "RANDOM_SEARCH"}
"""None: Bayesian optimization, the service's own (StudySpec.Algorithm)."""
_SCALES = {"linear": "UNIT_LINEAR_SCALE", "log": "UNIT_LOG_SCALE"}


def searched_by_service(context: Context, account: Account, job: Tune) -> bool:
    """Small grids and small random searches are loops of the pipeline, all others tuning jobs."""
    if job.strategy == "hyperband":
        context.error(
            "MG301",
            "Vertex AI knows no hyperband search",
            (*job.origin, "tuning", "strategy"),
            hint="`strategy: bayesian` with `early_stopping: true`",
        )
    if job.stop_at is not None:
        message = "a search of Vertex AI does not end at a goal"
        context.error("MG301", message, (*job.origin, "tuning", "stop_at"), hint="leave it out, or fewer `trials`")
    asks = job.search_timeout is not None or job.early_stopping or isinstance(job.parallel, Ref)
    listed = isinstance(job.trials, int) and job.trials <= SMALL and job.strategy in ("grid", "random")
    return not listed or asks or wants_custom_job(account, job)


def tuning_job(context: Context, account: Account, job: Tune, trial: Part) -> Iterator[Part]:
    """The search, and the step that hands on the best trial."""
    _check(context, job)
    searching = _searching(context, account, job, trial)
    yield searching
    yield _selecting(context, job, searching.name)


def _searching(context: Context, account: Account, job: Tune, trial: Part) -> Part:
    assert isinstance(trial.runs, Command)
    command = trying_again(context, job, trial.runs)
    command = replace(command, words=_one_trial(job, command.words))
    spec = job_spec(context, account, job, command)
    spec["base_output_directory"] = {"output_uri_prefix": HoledText((Hole(Where.OUTPUT_URI, TRIALS),))}
    request = {
        "display_name": f"{account.plan.name}-{job.name}"[: names.DISPLAY_NAME],
        "study_spec": dict(_study(job)),
        "max_trial_count": _count(job.trials),
        "parallel_trial_count": _count(job.parallel),
        "max_failed_trial_count": _failures(job),
        "trial_job_spec": spec,
        "labels": dict(account.labels),
        **encrypted(account),
    }
    refs = (value for value in (job.trials, job.parallel) if isinstance(value, Ref))
    taken = {ref.name: Takes(source=ParameterValue(ref.name), type="NUMBER_INTEGER") for ref in refs}
    part = replace(
        trial,
        name=f"{job.name}-search",
        parameters={**trial.parameters, **taken},
        makes={TRIALS: SCHEMAS[PortKind.FILES]},
    )
    return launched_by(part, launch(TUNING_JOB, payload(request), account.home.project, account.home.region))


def _failures(job: Tune) -> int | Counted:
    """How many failed trials end the search: the spec says how many it bears, the service counts one more.

    Nothing said bears all but one; 0 would leave it to the service (aiplatform v1, max_failed_trial_count).
    """
    return _count(job.trials) if job.max_failures is None else job.max_failures + 1


def _count(value: int | Ref) -> int | Counted:
    return Counted(Hole(Where.PARAMETER, value.name)) if isinstance(value, Ref) else value


def _one_trial(job: Tune, words: tuple[Word, ...]) -> tuple[Word, ...]:
    """The trial's command in folders of its own; what the service appends goes to the script."""
    folder = Hole(Where.OUTPUT_PATH, TRIALS)
    outside = {output.port for output in job.outputs}
    moved = tuple(_moved(word, folder, outside) for word in words)
    head, rest = moved[: len(LAUNCHER)], moved[len(LAUNCHER) :]
    makes = flag_words(hole_flag, make=[(folder, f"/{port}") for port in sorted(outside)])
    own: tuple[Word, ...] = (
        *RUNTIME,
        ("trial",),
        flag("under", folder),
        flag("number", NUMBER),
        flag("metric", job.metric),
        flag("report", REPORT),
        *((f"--param={name}:{kind}",) for name, kind in types_of(job)),
        ("--",),
    )
    return (*own, *head, *makes, *rest)


def _moved(word: Word, folder: Hole, outside: set[str]) -> Word:
    """A folder of the task's own outputs becomes one below that of the trials."""
    words: list[str | Hole] = []
    for part in word:
        if isinstance(part, Hole) and part.where is Where.OUTPUT_PATH and part.name in outside:
            words += [folder, f"/{part.name}"]
        else:
            words.append(part)
    return tuple(words)


def _study(job: Tune) -> Iterator[tuple[str, Any]]:
    yield "metrics", [{"metric_id": job.metric, "goal": job.direction.upper()}]
    yield "parameters", [_parameter(axis, listed=job.strategy == "grid") for axis in job.axes]
    if job.strategy in _ALGORITHMS:
        yield "algorithm", _ALGORITHMS[job.strategy]
    yield "measurement_selection_type", "BEST_MEASUREMENT"
    if job.early_stopping:
        # Only true is more than nothing: the launcher takes empty messages out.
        yield "median_automated_stopping_spec", {"use_elapsed_duration": True}
    if job.search_timeout:
        limit = {"max_duration": f"{job.search_timeout}s"}
        yield "study_stopping_config", {"maximum_runtime_constraint": limit}


def _parameter(axis: Axis, *, listed: bool) -> dict[str, Any]:
    if isinstance(axis, Choice):
        return {"parameter_id": axis.name, **_choice(axis.values)}
    return {"parameter_id": axis.name, **_range(axis, listed), "scale_type": _SCALES[axis.scale]}


def _choice(values: Sequence[Scalar]) -> dict[str, Any]:
    """Numbers have an order, which the service learns from; `trial` gives the script whole ones as whole."""
    numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    exact = len(numbers) == len(values) and all(float(value) == value for value in numbers)
    if exact and len({type(value) for value in numbers}) == 1:
        return {"discrete_value_spec": {"values": sorted({float(value) for value in numbers})}}
    # As texts they reach the script exactly as the spec wrote them.
    return {"categorical_value_spec": {"values": [spelled(value) for value in values]}}


def _range(axis: Interval, listed: bool) -> dict[str, Any]:
    if listed and (axis.points is not None or not axis.integer):
        return {"discrete_value_spec": {"values": _points(axis)}}
    if axis.integer:
        return {"integer_value_spec": {"min_value": round(axis.low), "max_value": round(axis.high)}}
    return {"double_value_spec": {"min_value": float(axis.low), "max_value": float(axis.high)}}


def _points(axis: Interval) -> list[float]:
    """The values that a grid takes, the smallest first, as the service wants them."""
    points = grids.listed([runtime_axis(axis)], "grid", axis.points or 0, 0)
    return sorted({float(one[axis.name]) for one in points})


def _selecting(context: Context, job: Tune, search: str) -> Part:
    schemas = {output.port: SCHEMAS[output.kind] for output in job.outputs}
    command: list[Word] = [
        ("select",),
        flag("trials", Hole(Where.INPUT_PATH, TRIALS)),
        flag("metric", job.metric),
        flag("direction", job.direction),
        *(flag(port, Hole(Where.OUTPUT_PATH, port)) for port in schemas),
    ]
    if job.refit:
        schemas[BEST] = SCHEMAS[PortKind.FILES]
        command.append(flag("params", Hole(Where.OUTPUT_PATH, BEST)))
    return Part(
        name=select_name(job.name) if job.refit else job.name,
        step=job.name,
        runs=Command(image=context.image, words=launched([], command), entry=ENTRY),
        artifacts={TRIALS: Reads(source=PartArtifact(search, TRIALS), schema=SCHEMAS[PortKind.FILES])},
        makes=schemas,
        cache=lasting(context, job),
        origin=job.origin,
    )


def _check(context: Context, job: Tune) -> None:
    where = (*job.origin, "tuning")
    for key, value, most in (
        ("trials", job.trials, names.TRIALS),
        ("parallel", job.parallel, names.PARALLEL_TRIALS),
    ):
        if isinstance(value, int) and value > most:
            message = f"{value} is more than the {most} that a search of Vertex AI takes"
            context.error("MG306", message, (*where, key), hint=f"`{key}: {most}`")
    if job.image is not None:
        context.error(
            "MG301",
            "a search that runs a foreign image has no launcher, which the trials' folders and metrics need",
            (*job.origin, "image"),
            hint="leave `image` out, and base the product's own image on it: `code.base`",
        )
    if job.early_stopping:
        context.note(
            "a trial is stopped early by what its script reports while it runs (cloudml-hypertune)",
            (*where, "early_stopping"),
        )
    if job.keep > 1:
        context.note("the files of every trial stay under the run's root, those of the best too", (*where, "keep"))
    if job.seed is not None and job.strategy != "grid":
        context.note("a HyperparameterTuningJob takes no seed: each search draws other trials", (*where, "seed"))
