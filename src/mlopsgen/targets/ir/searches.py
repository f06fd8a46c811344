"""A search as a loop over trials that are known beforehand, and the step that picks the best of them.

A trial is one container; its params travel as one JSON text, since a STRUCT turns every whole number into 5.0.
A trial that fails says so and ends well: the loop, and the run with it, would end with the first one that did not.
So no trial is cached: the next run would take a failure over as it takes a result.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from mlopsgen.plan.steps import Choice, Train, Tune
from mlopsgen.plan.values import Argument, Argv, Flag, InputDir, PortKind, spelled
from mlopsgen.runtime import trials
from mlopsgen.spec.values import Ref
from mlopsgen.targets.axes import runtime_axis
from mlopsgen.targets.ir import data
from mlopsgen.targets.ir.api import Lowering
from mlopsgen.targets.ir.commands import ENTRY, FETCHED, LAUNCHER, RUNTIME, hole_flag, launched
from mlopsgen.targets.ir.context import Context, harmless, select_name
from mlopsgen.targets.ir.jobs import container, lasting
from mlopsgen.targets.ir.parameters import Taken
from mlopsgen.targets.ir.parts import (
    SCHEMAS,
    Command,
    Hole,
    Item,
    Loop,
    Part,
    PartArtifact,
    PartOutput,
    Reads,
    Takes,
    Where,
    Word,
    flag,
)
from mlopsgen.targets.launcher import flag_words

TRIAL = "trial-params"
"""The parameter that holds one trial's params, and the artifact that keeps them. A hyphen: no port has one."""
BEST = "best-params"
TRIALS = "trials"
_PARAMS = SCHEMAS[PortKind.FILES]
_FOLDER = f"{FETCHED}/{TRIALS}"


def search(context: Lowering, job: Tune) -> Iterator[Part]:
    """The parts of a search; the last one is called as the step is."""
    _check_values(context, job)
    single = trial(context, job)
    if context.platform.searches(context, job):
        parts = tuple(context.platform.search(context, job, single))
        yield from parts
    else:
        check(context, job)
        yield from _listed(context, job, single)
    if job.refit:
        yield from _replaced(context, _again(job), refit(context, job))


def trial(context: Lowering, job: Tune) -> Part:
    """One trial without the flags that are searched: those come from its params."""
    return container(context, job, f"{job.name}-trial", argv=_unsearched(job))


def _unsearched(job: Tune) -> Argv:
    searched = {axis.name for axis in job.axes}
    return tuple(a for a in job.argv if not (isinstance(a, Flag) and a.name in searched))


def _listed(context: Lowering, job: Tune, single: Part) -> Iterator[Part]:
    items: tuple[str, ...] | PartOutput
    if isinstance(job.trials, Ref):
        proposing = _proposing(context, job, job.trials)
        yield proposing
        items = PartOutput(proposing.name, TRIALS)
    else:
        items = tuple(map(_item, trials.listed(axes(job), job.strategy, job.trials, job.seed or 0)))
    parallel = job.parallel if isinstance(job.parallel, int) else None
    yield from (
        replace(part, loop=Loop(title=f"{job.name}-trials", items=items, parallel=parallel))
        for part in _replaced(context, job, _trying(job, single))
    )
    yield _selecting(context, job)


def _replaced(context: Lowering, job: Train | Tune, part: Part) -> Iterator[Part]:
    yield from context.platform.replace(context, job, part)


def _item(params: Mapping[str, Any]) -> str:
    return json.dumps(params, ensure_ascii=False)


def _check_values(context: Context, job: Tune) -> None:
    for axis in job.axes:
        for value in axis.values if isinstance(axis, Choice) else ():
            harmless(context, spelled(value), axis.origin)


def axes(job: Tune) -> list[dict[str, Any]]:
    """The axes as the runtime takes them."""
    return [runtime_axis(axis) for axis in job.axes]


def _proposing(context: Context, job: Tune, count: Ref) -> Part:
    """Lists the trials of a run: how many there are, only the run knows."""
    taken = Taken(context)
    words: tuple[Word, ...] = (
        *RUNTIME,
        ("propose",),
        flag("axes", json.dumps(axes(job), ensure_ascii=False)),
        flag("strategy", job.strategy),
        flag("trials", *taken.text(count, (*job.origin, "tuning", "trials"))),
        flag("seed", str(job.seed or 0)),
        flag("to", Hole(Where.OUTPUT_FILE, TRIALS)),
    )
    return Part(
        name=f"{job.name}-propose",
        step=job.name,
        runs=Command(image=context.image, words=words, entry=ENTRY),
        parameters=taken.parameters,
        tells={TRIALS: "LIST"},
        cache=lasting(context, job),
        origin=job.origin,
    )


def _trying(job: Tune, single: Part) -> Part:
    """A trial that takes its params from the loop, and keeps them beside what it makes."""
    assert isinstance(single.runs, Command)
    retries = job.retries
    own = flag_words(
        hole_flag,
        params=(Hole(Where.PARAMETER, TRIAL),),
        params_to=(Hole(Where.OUTPUT_PATH, TRIAL),),
        may_fail="true",
        attempts=retries.attempts if retries else None,
        backoff=retries.backoff if retries else None,
    )
    head = len(LAUNCHER)
    words = (*single.runs.words[:head], *own, *single.runs.words[head:])
    return replace(
        single,
        runs=replace(single.runs, words=words),
        parameters={**data.without_facts(single.parameters), TRIAL: Takes(source=Item())},
        makes={**single.makes, TRIAL: _PARAMS},
        cache=False,
    )


def _selecting(context: Context, job: Tune) -> Part:
    """Picks the best trial out of what all of them made."""
    name = f"{job.name}-trial"
    kinds = {**{output.port: SCHEMAS[output.kind] for output in job.outputs}, TRIAL: _PARAMS}
    ports = {port: schema for port, schema in kinds.items() if port != TRIAL}
    command: list[Word] = [
        ("select",),
        flag("trials", _FOLDER),
        flag("metric", job.metric),
        flag("direction", job.direction),
        *(flag(port, Hole(Where.OUTPUT_PATH, port)) for port in ports),
    ]
    if job.max_failures is not None:
        command.append(flag("max-failures", str(job.max_failures)))
    if job.refit:
        ports[BEST] = _PARAMS
        command.append(flag("params", Hole(Where.OUTPUT_PATH, BEST)))
    return Part(
        name=select_name(job.name) if job.refit else job.name,
        step=job.name,
        runs=Command(
            image=context.image,
            words=launched(tuple(flag_words(hole_flag, collect=(_FOLDER,))), command),
            entry=ENTRY,
        ),
        artifacts={
            port: Reads(source=PartArtifact(name, port), schema=schema, is_list=True) for port, schema in kinds.items()
        },
        makes=ports,
        cache=lasting(context, job),
        origin=job.origin,
    )


ALL_ROWS = f"{FETCHED}/train"
"""Where the launcher puts training and validation rows together."""


def refit(context: Lowering, job: Tune) -> Part:
    """One more training: all rows, and the params of the best trial."""
    best = Hole(Where.INPUT_PATH, BEST)
    both = (f"{ALL_ROWS}=", Hole(Where.INPUT_PATH, "train"), ",", Hole(Where.INPUT_PATH, "validation"))
    flags = flag_words(
        hole_flag,
        params_file=(best, "/params.json"),
        param=(f"{name}:{kind}" for name, kind in types_of(job)),
        merge=[both] if _validated(job) else [],
    )
    part = container(context, _again(job), job.name, argv=_all_rows(job), flags=tuple(flags))
    best_params = Reads(source=PartArtifact(select_name(job.name), BEST), schema=_PARAMS)
    return replace(part, artifacts={**part.artifacts, BEST: best_params})


def _again(job: Tune) -> Train:
    return Train(
        name=job.name,
        argv=job.argv,
        inputs=job.inputs,
        outputs=job.outputs,
        params=job.params,
        resources=job.resources,
        env=job.env,
        secrets=job.secrets,
        image=job.image,
        retries=job.retries,
        timeout=job.timeout,
        cache=job.cache,
        runtime=job.runtime,
        origin=job.origin,
        framework=job.framework,
        distributed=job.distributed,
    )


def types_of(job: Tune) -> Iterator[tuple[str, str]]:
    """The searched params and their types, as the launcher takes them."""
    for axis in job.axes:
        if isinstance(axis, Choice):
            yield axis.name, _type_of(axis)
        else:
            yield axis.name, "integer" if axis.integer else "number"


def _type_of(axis: Choice) -> str:
    kinds = {type(value) for value in axis.values}
    if kinds == {bool}:
        return "boolean"
    if kinds == {int}:
        return "integer"
    return "number" if kinds <= {int, float} else "string"


def _all_rows(job: Tune) -> Argv:
    kept: list[Argument] = []
    for argument in _unsearched(job):
        if isinstance(argument, Flag) and _validated(job) and argument.value == InputDir("validation"):
            continue
        merged = isinstance(argument, Flag) and _validated(job) and argument.value == InputDir("train")
        kept.append(f"--{argument.name}={ALL_ROWS}" if merged and isinstance(argument, Flag) else argument)
    return tuple(kept)


def _validated(job: Tune) -> bool:
    return {"train", "validation"} <= {item.port for item in job.inputs}


def check(context: Context, job: Tune) -> None:
    """Reports what a loop over listed trials cannot do."""
    where = (*job.origin, "tuning")
    title = context.dialect.title
    for key, present, message, hint in (
        (
            "parallel",
            isinstance(job.parallel, Ref),
            "how many trials run side by side is fixed when it is compiled",
            "write the number",
        ),
        ("stop_at", job.stop_at is not None, "a loop ends when all its trials have", "leave it out"),
        (
            "timeout",
            job.search_timeout is not None,
            "a loop has no time limit of its own",
            "`training.timeout`, which each trial has",
        ),
    ):
        if present:
            context.error("MG301", f"`{key}` of this search cannot be had on {title}: {message}", (*where, key), hint)
    if job.image is not None:
        refusal = f"`{job.name}` runs a foreign image, whose trials have no launcher that hands them their params"
        hint = "leave `image` out, and base the product's own image on it: `code.base`"
        context.error("MG301", refusal, (*job.origin, "image"), hint)
    if job.early_stopping:
        context.note("no trial is stopped early here: every one runs to its end", (*where, "early_stopping"))
    if job.keep > 1:
        context.note("the files of every trial stay under the run's root, those of the best too", (*where, "keep"))
