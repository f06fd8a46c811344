"""A search by Katib: a step makes an Experiment and waits for it, and one training takes the best trial's params."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from mlopsgen.plan.steps import Axis, Choice, Interval, Tune
from mlopsgen.plan.values import PortKind
from mlopsgen.spec.values import Ref
from mlopsgen.targets.axes import points_of
from mlopsgen.targets.ir.commands import LAUNCHER, hole_flag
from mlopsgen.targets.ir.context import Context, select_name
from mlopsgen.targets.ir.parts import SCHEMAS, Command, Hole, ParameterValue, Part, PartOutput, Takes, Where, Word, flag
from mlopsgen.targets.ir.searches import BEST, TRIAL
from mlopsgen.targets.kubeflow import names
from mlopsgen.targets.kubeflow.facts import Facts
from mlopsgen.targets.kubeflow.pods import OUTPUTS, Object, Search, SearchParameter, moved, sets
from mlopsgen.targets.kubeflow.training.objects import config_map, making, pod_of
from mlopsgen.targets.launcher import flag_words, plain

if TYPE_CHECKING:
    from mlopsgen.spec.options import TargetOptions
    from mlopsgen.targets.kubeflow.options import KubeflowOptions

ALGORITHMS: Mapping[str, str] = {
    "grid": "grid",
    "random": "random",
    "bayesian": "tpe",
}
"""Strategy → the algorithm of Katib (kubeflow.org/docs/components/katib/user-guides/hp-tuning/configure-algorithm).

Not `bayesianoptimization`: it draws every float from a logarithmic scale, whatever is asked, and fails where one may be
0 (katib, pkg/suggestion/v1beta1/skopt/base_service.py). `tpe` keeps to each param's scale (hyperopt/base_service.py).

Not `hyperband`: its service answers with a third of the trials that were asked for, Katib wants as many as it asked
for, and the search hangs behind its first bracket, all trials of which had the least budget
(katib, suggestion/v1beta1/hyperband/service.py, suggestionclient.go, SyncAssignments; kubeflow/katib#1168).
"""
LEARNING = ("bayesian", "hyperband")
ARGS = "/spec/trialTemplate/trialSpec/spec/template/spec/containers/0/args"


def by_katib(job: Tune, options: KubeflowOptions) -> bool:
    """Whether Katib does a search: it learns from trials, it is asked to, or more is asked than a loop can do."""
    return any(_calls_for_katib(job, options).values())


def _calls_for_katib(job: Tune, options: TargetOptions) -> Mapping[str, bool]:
    """What only Katib does, and whether it is asked for."""
    return {
        "`targets.kubeflow.search: katib`": getattr(options, "search", None) == "katib",
        f"`strategy: {job.strategy}`": job.strategy in LEARNING,
        "`stop_at`": job.stop_at is not None,
        "`timeout` of the search": job.search_timeout is not None,
        "`early_stopping`": job.early_stopping,
        "a run's own `parallel`": isinstance(job.parallel, Ref),
    }


def searched(context: Context, facts: Facts, job: Tune, trial: Part) -> tuple[Part, ...]:
    """The step that has Katib search, then the training whose model goes on."""
    _check(context, job)
    experiment = search_object(context, facts, job, trial)
    part = making(context, facts, trial, experiment, tuple(_words(job, trial)))
    searching = replace(
        part,
        name=f"{job.name}-search",
        makes={},
        tells={TRIAL: "STRING"},
        retry=None,
        parameters=dict(_parameters(job, trial)),
    )
    return searching, _best(job, trial, searching.name)


def search_object(context: Context, facts: Facts, job: Tune, trial: Part) -> Object:
    """The Experiment and its file."""
    command = moved(trial, extra=tuple(_scalars(job)))
    searched_flags = (f"--{axis.name}=${{trialParameters.{axis.name}}}" for axis in job.axes)
    # Katib's webhook joins the words with spaces and hands them to `sh -c`
    # (katib, pkg/webhook/v1beta1/pod/utils.go, wrapWorkerContainer): each is written as a shell reads one word.
    args = tuple(map(shlex.quote, (*command.words[3:], *searched_flags)))
    pod = pod_of(context, facts, job, trial, args)
    body = Search(
        name=names.stem(context.plan.name, job.name, names.EXPERIMENT_STEM),
        namespace=facts.options.namespace,
        # Katib gives an Experiment's labels to the pod of its algorithm (katib, controller.v1beta1/util/labels.go,
        # SuggestionLabels), which a network policy that selects this product's pods would cut off from Katib.
        labels={key: value for key, value in pod.labels.items() if key != names.PART_OF},
        annotations=pod.annotations,
        metric=job.metric,
        line=None if _PLAIN_METRIC.fullmatch(job.metric) else rf"({re.escape(job.metric)})\s*=\s*{_NUMBER}",
        direction=job.direction,
        goal=job.stop_at,
        algorithm=ALGORITHMS.get(job.strategy, job.strategy),
        settings=tuple(_settings(job)),
        early_stopping=job.early_stopping,
        trials=_count(context, job.trials),
        parallel=min(_count(context, job.parallel), _count(context, job.trials)),
        failures=None if job.max_failures is None else min(job.max_failures, _count(context, job.trials)),
        parameters=tuple(_parameter(axis, grid=job.strategy == "grid") for axis in job.axes),
        pod=pod,
        deadline=job.timeout,
        retries=job.retries.attempts if job.retries else 0,
    )
    return Object(
        path=f"{job.name}-experiment.json",
        template="experiment.json.j2",
        config_map=config_map(context, "experiment", job.name, body),
        body=body,
        step=job.name,
    )


_NUMBER = r"([+-]?\d*(\.\d+)?([Ee][+-]?\d+)?)"
_PLAIN_METRIC = re.compile(r"[\w|-]+", re.ASCII)
"""What Katib takes for a metric's name in a line (katib, pkg/metricscollector/v1beta1/common/const.go, DefaultFilter):
of `ndcg@10=0.7` it would read that `10` is 0.7."""


def _count(context: Context, count: int | Ref) -> int:
    """A number that the file holds; the step that makes the object puts in what its run says."""
    if isinstance(count, int):
        return count
    default = context.parameters[count.name].default
    return default if isinstance(default, int) else 1


def _scalars(job: Tune) -> Iterator[str]:
    """What Katib's collector reads is what the launcher prints: `name=value`."""
    metrics = next((o.port for o in job.outputs if o.kind is PortKind.METRICS), None)
    if metrics is not None:
        yield from flag_words(plain, scalars="stdout", metrics=f"{OUTPUTS}/{metrics}")


def _words(job: Tune, trial: Part) -> Iterator[Word]:
    yield from sets(moved(trial, extra=tuple(_scalars(job))), ARGS)
    for key, value in (("maxTrialCount", job.trials), ("parallelTrialCount", job.parallel)):
        if isinstance(value, Ref):
            yield flag("set", f"/spec/{key}=", Hole(Where.PARAMETER, value.name))
    if job.search_timeout is not None:
        yield flag("timeout", str(job.search_timeout))
    yield flag("best", Hole(Where.OUTPUT_FILE, TRIAL))


def _parameters(job: Tune, trial: Part) -> Iterator[tuple[str, Takes]]:
    yield from trial.parameters.items()
    for value in (job.trials, job.parallel):
        if isinstance(value, Ref):
            yield value.name, Takes(source=ParameterValue(value.name), type="NUMBER_INTEGER")


def _best(job: Tune, trial: Part, search: str) -> Part:
    """One more container like a trial's, in the pipeline, with the params that Katib found best."""
    assert isinstance(trial.runs, Command)
    refit = (Hole(Where.OUTPUT_PATH, BEST),) if job.refit else None
    own = flag_words(hole_flag, params=(Hole(Where.PARAMETER, TRIAL),), params_to=refit)
    makes = dict(trial.makes)
    if job.refit:
        makes[BEST] = SCHEMAS[PortKind.FILES]
    head = len(LAUNCHER)
    words = (*trial.runs.words[:head], *own, *trial.runs.words[head:])
    return replace(
        trial,
        name=select_name(job.name) if job.refit else job.name,
        runs=replace(trial.runs, words=words),
        parameters={**trial.parameters, TRIAL: Takes(source=PartOutput(search, TRIAL))},
        makes=makes,
    )


def _parameter(axis: Axis, *, grid: bool) -> SearchParameter:
    match axis:
        case Choice(name=name, values=values):
            return SearchParameter(name=name, type="categorical", space={"list": [_text(value) for value in values]})
        case Interval(name=name):
            if grid:
                # From a range with a step Katib counts other points than were asked for, and none of a logarithmic
                # scale (katib, pkg/suggestion/v1beta1/internal/search_space.py): it gets the runtime's own.
                points = {"list": list(map(_text, points_of(axis)))}
                return SearchParameter(name=name, type="discrete", space=points)
            kind = "int" if axis.integer else "double"
            space = {"min": _text(axis.low), "max": _text(axis.high)}
            if axis.integer:
                space["step"] = "1"
            if axis.scale == "log":
                space["distribution"] = "logUniform"
            return SearchParameter(name=name, type=kind, space=space)


def _text(value: bool | int | float | str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else str(value)


def _settings(job: Tune) -> Iterator[Mapping[str, str]]:
    """The algorithm's own settings; a grid has no seed."""
    if job.strategy in ("random", "bayesian") and job.seed is not None:
        yield {"name": "random_state", "value": str(job.seed)}


_UNQUOTED = re.compile(r"""['"\\\x00-\x1f\x7f]""")
"""What ends a text where Katib puts a trial's value, unescaped, into JSON that holds a shell's command
(katib, pkg/controller.v1beta1/experiment/manifest/generator.go, applyParameters)."""


def _check_choices(context: Context, job: Tune) -> None:
    for axis in job.axes:
        for value in axis.values if isinstance(axis, Choice) else ():
            text = _text(value)
            if match := _UNQUOTED.search(text):
                context.error(
                    "MG308",
                    f"Katib puts the choice `{text}` into a trial's command as it is: {match[0]!r} means more there",
                    axis.origin,
                    hint="search a plain name, and let the script know what it stands for",
                )


def _check(context: Context, job: Tune) -> None:
    where = (*job.origin, "tuning")
    _check_choices(context, job)
    if job.strategy == "hyperband":
        context.error(
            "MG301",
            "Katib's hyperband never gets beyond its first bracket: no trial would learn for longer than the shortest",
            (*where, "strategy"),
            hint="`strategy: bayesian`",
        )
    if job.image is not None:
        context.error(
            "MG301",
            f"trials of `{job.name}` run in a foreign image, which has no launcher to bring their data",
            (*job.origin, "image"),
            hint="leave `image` out, and base the product's own image on it: `code.base`",
        )
    if job.resources.nodes != 1:
        calls = [words for words, is_called in _calls_for_katib(job, context.options).items() if is_called]
        context.error(
            "MG301",
            f"a trial of `{job.name}` over several nodes cannot be had in Katib, which {' and '.join(calls)} call for",
            (*job.resources.origin, "nodes"),
            hint="a grid or a random search without them is a loop of the pipeline, whose trials have several nodes",
        )
    if job.early_stopping:
        context.note(
            f"Katib stops a trial early by what it prints on the way; the launcher prints `{job.metric}` at its end",
            (*where, "early_stopping"),
            hint=f"let the script print a line `{job.metric}=0.71` from time to time",
        )
    if job.keep > 1:
        context.note("Katib keeps no trial's files: the best params are trained once more", (*where, "keep"))
    context.note(
        f"`{job.name}` is trained once more with the params that Katib finds best: trials' files go with their pods",
        where,
    )
