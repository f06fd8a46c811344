"""Deployments of the spec → services of the plan, as far as there is a kind for them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

from mlopsgen.diagnostics import SpecPath
from mlopsgen.plan.jobs import CONTRACT, resources, runtime, setting
from mlopsgen.plan.services import Batch, Service
from mlopsgen.plan.steps import Retries, Run, Secret
from mlopsgen.plan.values import AppPath, Argument, ChampionUri, Flag, LiveUri, Setting, Value
from mlopsgen.records import dataclass
from mlopsgen.spec import deployments as spec_kinds
from mlopsgen.spec.product import Spec
from mlopsgen.spec.serving import MiniBatch, Serve
from mlopsgen.spec.units import bytes_of, milliseconds, seconds
from mlopsgen.spec.values import RunFact

OUT = "out"
"""The folder that predictions are written to where nothing else is said, one below it for each deployment."""


def services(spec: Spec) -> Iterator[Service]:
    """What lives on when training has ended."""
    for name, deployment in spec.deployments.items():
        if isinstance(deployment, spec_kinds.Batch):
            yield _batch(spec, name, deployment)


def _batch(spec: Spec, name: str, batch: spec_kinds.Batch) -> Batch:
    origin: SpecPath = ("deployments", name)
    model = pinned(spec, batch.model)
    serve = batch.serve or Serve()
    machine = resources(batch.resources, (*origin, "resources"))
    job = Run(
        name=name,
        argv=runtime("score", *_score(spec, name, batch, model)),
        resources=replace(machine, nodes=batch.nodes),
        env=tuple(serve.env.items()),
        secrets=tuple(Secret(v, s, (*origin, "serve", "secrets", v)) for v, s in serve.secrets.items()),
        image=serve.image,
        retries=Retries(batch.retries.attempts, seconds(batch.retries.backoff)) if batch.retries else None,
        timeout=seconds(batch.timeout) if batch.timeout else None,
        cache=False,
        runtime=True,
        origin=origin,
    )
    return Batch(
        name=name,
        job=job,
        model=model.group,
        version=model.version,
        cron=batch.schedule,
        timezone=batch.timezone,
        origin=origin,
    )


@dataclass(frozen=True, slots=True)
class Pinned:
    """A model of the registry, and which version of it: None is the champion."""

    group: str
    version: str | None


def pinned(spec: Spec, written: str | None) -> Pinned:
    """The version that a deployment says: `name:version`, `name@champion`, or the product's own champion."""
    own = spec.registration.model or spec.name
    if written is None or written == "champion":
        return Pinned(own, None)
    if written.endswith("@champion"):
        return Pinned(written.removesuffix("@champion"), None)
    group, _, version = written.partition(":")
    return Pinned(group, version)


def _score(spec: Spec, name: str, batch: spec_kinds.Batch, model: Pinned) -> Iterator[Argument]:
    yield setting("name", name)
    yield Flag("champion", ChampionUri(model.group))
    if model.version is not None:
        yield setting("version", model.version)
    if spec.data is not None:
        yield Flag("contract", CONTRACT)
    if batch.serve and batch.serve.run:
        yield Flag("predict", AppPath(batch.serve.run))
    yield from _places(name, batch)
    yield from _calls(batch.mini_batch)
    facts: dict[str, Value] = {
        "workers": batch.workers if batch.workers > 1 else None,
        "on-bad-record": batch.on_bad_record,
        "max-bad": batch.max_bad,
        "run-id": RunFact("run.id"),
    }
    yield from (setting(flag, value) for flag, value in facts.items() if value is not None)
    # Left out where a person starts it and says no time: it is the one at which the job starts.
    yield Flag("at", Setting(RunFact("run.scheduled_at")), optional=True)


def _places(name: str, batch: spec_kinds.Batch) -> Iterator[Flag]:
    """Where records lie and predictions go, and in which form."""
    read, written = batch.input, batch.output
    yield Flag("input", LiveUri(read.uri))
    yield Flag("output", LiveUri(written.uri if written.uri is not None else f"{OUT}/{name}/"))
    for prefix, side in (("", read), ("out-", written)):
        yield setting(f"{prefix}format", side.format)
        if side.format == "csv" and not side.header:
            yield setting(f"{prefix}header", False)
        if side.columns:
            yield Flag(f"{prefix}columns", Setting(json.dumps(list(side.columns), ensure_ascii=False)))
        if side.partition != "none":
            yield setting(f"{prefix}partition", side.partition)
    yield setting("write", written.write)


def _calls(mini_batch: MiniBatch) -> Iterator[Flag]:
    size = mini_batch.size
    if isinstance(size, int) or size.isdecimal():
        yield setting("mini-batch", int(size))
    else:
        yield setting("mini-batch-bytes", bytes_of(size))
    if mini_batch.timeout is not None:
        yield setting("call-timeout", milliseconds(mini_batch.timeout) / 1000)
    if mini_batch.retries:
        yield setting("call-retries", mini_batch.retries)
