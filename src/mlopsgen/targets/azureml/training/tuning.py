"""A search: a sweep whose trial is the training, and one more training where the best one is refitted."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from typing import Any, assert_never

from mlopsgen.diagnostics import On
from mlopsgen.plan.steps import Axis, Choice, Interval, Train, Tune
from mlopsgen.plan.values import Argument, Flag, InputDir
from mlopsgen.targets.axes import points_of
from mlopsgen.targets.azureml import names
from mlopsgen.targets.azureml.commands import (
    Around,
    check_secrets,
    command_words,
    in_environment,
    launched,
    launcher_flags,
    recorded_words,
)
from mlopsgen.targets.azureml.compute import Clusters, instance_count, shared_memory
from mlopsgen.targets.azureml.context import Context, fixed_number
from mlopsgen.targets.azureml.edges import FETCHED, outputs, refit_name
from mlopsgen.targets.azureml.jobs import (
    Graph,
    bound_of,
    check_job,
    command_node,
    component_of,
    inputs_of,
    kept_outputs,
    laid,
)
from mlopsgen.targets.azureml.names import identifier
from mlopsgen.targets.azureml.native import CommandNode, ComponentInput, ComponentOutput, SweepLimits, SweepNode
from mlopsgen.targets.azureml.shell_words import input_hole, output_hole, parent_output
from mlopsgen.targets.azureml.values import Values, check_text, no_line_break, not_quotable
from mlopsgen.targets.launcher import flag_words, plain

BEST = "best_params"
"""The output that keeps a trial's params, for the refit."""


def sweep_node(context: Context, graph: Graph, clusters: Clusters, job: Tune) -> SweepNode:
    """A search as a node of type `sweep`."""
    _check(context, job)
    folders = laid(graph, job)
    ports = outputs(job, waited_for=job.name in graph.waited)
    if job.refit:
        ports = (*ports, ComponentOutput(name=BEST, type="uri_folder"))
    values = Values(context, job, folders.taken)
    command = _command(context, graph, job, values, ports)
    inputs = (*inputs_of(folders, values), *map(_axis_input, job.axes))
    component = component_of(context, job, job.name, inputs=inputs, ports=ports, command=command)
    return SweepNode(
        name=identifier(job.name),
        component=component,
        inputs=bound_of(folders, values),
        compute=clusters.of(job),
        instance_count=instance_count(context, job),
        shm_size=shared_memory(job),
        origin=job.origin,
        search_space={identifier(axis.name): _space(context, job, axis) for axis in job.axes},
        sampling_algorithm=_sampling(context, job),
        goal=job.direction,
        primary_metric=job.metric,
        early_termination=_early(context, job),
        limits=_limits(context, job),
    )


def _command(context: Context, graph: Graph, job: Tune, values: Values, ports: tuple[ComponentOutput, ...]) -> str:
    words = command_words(context, job, values)
    extra = tuple(_trial_flags(job))
    around = Around(graph.guards[job.name], graph.waits[job.name], kept_outputs(graph, job, ports), extra)
    flags = tuple(launcher_flags(context, job, values, around))
    check_secrets(context, job)
    return launched(flags, in_environment(context, job, values, recorded_words(context, job, values, words)))


def _trial_flags(job: Tune) -> Iterator[str]:
    """Azure ML gives whole numbers as `3.0`; a refit needs to know what the best trial was given."""
    drawn = (axis.name for axis in job.axes if _is_drawn_integer(job, axis))
    chosen = ",".join(axis.name for axis in job.axes)
    note = [f"{output_hole(BEST)}/params.json={chosen}"] if job.refit else []
    yield from flag_words(plain, integer=drawn, note=note)


def _is_drawn_integer(job: Tune, axis: Axis) -> bool:
    return isinstance(axis, Interval) and axis.integer and job.strategy != "grid"


def _axis_input(axis: Axis) -> ComponentInput:
    match axis:
        case Choice():
            return ComponentInput(name=identifier(axis.name), type=_choice_type(axis))
        case Interval():
            return ComponentInput(name=identifier(axis.name), type="number")
        case _:
            assert_never(axis)


def _choice_type(axis: Choice) -> str:
    if all(isinstance(value, int) and not isinstance(value, bool) for value in axis.values):
        return "integer"
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in axis.values)
    return "number" if numbers else "string"


def _space(context: Context, job: Tune, axis: Axis) -> Mapping[str, Any]:
    """An axis as Azure ML's search space has it."""
    match axis:
        case Choice():
            return {"type": "choice", "values": [_choice(context, axis, value) for value in axis.values]}
        case Interval() if job.strategy == "grid":
            return {"type": "choice", "values": list(points_of(axis))}
        case Interval():
            return _interval(axis)
        case _:
            assert_never(axis)


def _choice(context: Context, axis: Choice, value: bool | int | float | str) -> int | float | str:
    """Booleans as text: Azure ML would spell them `True`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        _check_choice(context, axis, value)
    return value


def _check_choice(context: Context, axis: Choice, value: str) -> None:
    check_text(context, value, axis.origin)
    if "'" in value:
        not_quotable(context, axis.origin)
    if "\n" in value:
        no_line_break(context, axis.origin)


def _interval(axis: Interval) -> Mapping[str, Any]:
    """Bounds of a logarithmic scale are the logarithms of the values."""
    if axis.scale == "log":
        kind = "qloguniform" if axis.integer else "loguniform"
        bounds: dict[str, Any] = {"min_value": math.log(axis.low), "max_value": math.log(axis.high)}
    else:
        kind = "quniform" if axis.integer else "uniform"
        bounds = {"min_value": _whole(axis, axis.low), "max_value": _whole(axis, axis.high)}
    return {"type": kind, **bounds, **({"q": 1} if axis.integer else {})}


def _whole(axis: Interval, value: float) -> int | float:
    return round(value) if axis.integer else value


def _sampling(context: Context, job: Tune) -> Mapping[str, Any]:
    """Only random draws have a seed (reference-yaml-job-sweep)."""
    match job.strategy:
        case "grid":
            return {"type": "grid"}
        case "bayesian":
            if job.seed is not None:
                message = "a bayesian search of Azure ML takes no seed: each search draws other trials"
                context.note(message, (*job.origin, "tuning", "seed"), hint="`strategy: random` takes one")
            return {"type": "bayesian"}
        case _:
            return {"type": "random"} if job.seed is None else {"type": "random", "seed": job.seed}


def _early(context: Context, job: Tune) -> Mapping[str, Any] | None:
    if not job.early_stopping:
        return None
    where = (*job.origin, "tuning", "early_stopping")
    if job.strategy == "bayesian":
        message = "Azure ML stops no trials early in a bayesian search"
        context.error("MG301", message, where, hint="`strategy: random`, or take `early_stopping` away", on=On.KEY)
    message = (
        f"trials are stopped by what they tell on the way: training has to log `{job.metric}` to MLflow as it goes"
    )
    context.note(message, where, hint=f'`mlflow.log_metric("{job.metric}", value, step=epoch)`', on=On.KEY)
    return {"type": "median_stopping", "delay_evaluation": 5, "evaluation_interval": 1}


def _limits(context: Context, job: Tune) -> SweepLimits:
    node = f"jobs.{identifier(job.name)}.limits"
    where = (*job.origin, "tuning")
    trials = fixed_number(context, job.trials, (*where, "trials"), f"{node}.max_total_trials")
    parallel = fixed_number(context, job.parallel, (*where, "parallel"), f"{node}.max_concurrent_trials")
    for label, number, most, key in (
        ("trials", trials, names.TRIALS, "trials"),
        ("trials at the same time", parallel, names.TRIALS, "parallel"),
    ):
        if number > most:
            context.error(
                "MG306", f"there are {number} {label}; Azure ML takes {most}", (*where, key), f"`{key}: {most}`"
            )
    return SweepLimits(
        max_total_trials=trials,
        max_concurrent_trials=min(parallel, trials),
        timeout=job.search_timeout,
        trial_timeout=job.timeout,
    )


def _check(context: Context, job: Tune) -> None:
    check_job(context, job)
    where = (*job.origin, "tuning")
    if job.strategy == "hyperband":
        message = "Azure ML has no hyperband; it draws trials at random or by bayesian sampling"
        context.error("MG301", message, (*where, "strategy"), hint="`strategy: random` with `early_stopping: true`")
    if job.keep > 1:
        context.note("the outputs of every trial stay with its run, those of the best too", (*where, "keep"))
    if job.stop_at is not None:
        message = "a sweep of Azure ML does not end at a goal"
        context.error("MG301", message, (*where, "stop_at"), hint="limit `trials` or `timeout` instead")
    if job.max_failures is not None:
        message = "a sweep of Azure ML does not end after failed trials"
        context.error("MG301", message, (*where, "max_failures"), hint="take it away; a failed trial is never the best")
    if job.strategy == "bayesian" and any(isinstance(a, Interval) and a.scale == "log" for a in job.axes):
        message = "bayesian sampling of Azure ML knows no logarithmic scale"
        context.error("MG301", message, (*where, "search"), hint="`strategy: random`, or the exponent as the axis")
    if job.image is not None:
        message = "the launcher tells Azure ML the metric of a trial, and a foreign image has no launcher"
        context.error("MG301", message, (*job.origin, "image"), hint="leave `image` out")


ALL_ROWS = f"{FETCHED}/train"
"""Where the launcher puts training and validation rows together."""


def refit_node(context: Context, graph: Graph, clusters: Clusters, job: Tune) -> CommandNode:
    """One more training: all rows, and the params of the best trial."""
    both = f"{input_hole('train')},{input_hole('validation')}"
    extra = flag_words(
        plain,
        params_file=f"{input_hole(BEST)}/params.json",
        param=(f"{axis.name}:{_type(axis)}" for axis in job.axes),
        merge=[f"{ALL_ROWS}={both}"] if _validated(job) else [],
    )
    best = (ComponentInput(name=BEST, type="uri_folder"), parent_output(job.name, BEST))
    single = Train(**{one.name: getattr(job, one.name) for one in fields(Train)})
    return command_node(
        context,
        replace(graph, refitted=frozenset()),
        clusters,
        single,
        name=refit_name(job.name),
        argv=_all_rows(job),
        more=(best,),
        extra=tuple(extra),
    )


def _type(axis: Axis) -> str:
    if isinstance(axis, Interval):
        return "integer" if axis.integer else "number"
    if all(isinstance(value, bool) for value in axis.values):
        return "boolean"
    return _choice_type(axis)


def _all_rows(job: Tune) -> tuple[Argument, ...]:
    searched = {axis.name for axis in job.axes}
    kept: list[Argument] = []
    for argument in job.argv:
        if isinstance(argument, Flag) and (argument.name in searched or argument.value == InputDir("validation")):
            continue
        merged = isinstance(argument, Flag) and argument.value == InputDir("train") and _validated(job)
        kept.append(f"--{argument.name}={ALL_ROWS}" if merged and isinstance(argument, Flag) else argument)
    return tuple(kept)


def _validated(job: Tune) -> bool:
    return any(i.port == "validation" for i in job.inputs)
