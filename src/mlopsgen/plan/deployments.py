"""Deployments of the spec → services of the plan, as far as there is a kind for them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from mlopsgen.diagnostics import SpecPath
from mlopsgen.plan.jobs import CONTRACT, resources, runtime, setting
from mlopsgen.plan.services import Alarm, Batch, Hours, RealTime, Rollout, Scaling, Service
from mlopsgen.plan.steps import FromRegistry, Input, Retries, Run, Secret
from mlopsgen.plan.values import (
    AppPath,
    Argument,
    Argv,
    ChampionUri,
    Flag,
    InputDir,
    LiveUri,
    PortKind,
    Setting,
    StateUri,
    Value,
)
from mlopsgen.records import dataclass
from mlopsgen.spec import deployments as spec_kinds
from mlopsgen.spec.monitors import Errors, Latency, Saturation
from mlopsgen.spec.product import Spec
from mlopsgen.spec.serving import DeploymentParts, MiniBatch, Profile, ScaleOn, Serve
from mlopsgen.spec.units import bytes_of, milliseconds, seconds
from mlopsgen.spec.values import RunFact

OUT = "out"
"""The folder that predictions are written to where nothing else is said, one below it for each deployment."""


def services(spec: Spec) -> Iterator[Service]:
    """What lives on when training has ended."""
    for name, deployment in spec.deployments.items():
        match deployment:
            case spec_kinds.Batch():
                yield _batch(spec, name, deployment)
            case spec_kinds.RealTime():
                yield _real_time(spec, name, deployment)
            case _:
                continue  # uses.py names it


def _batch(spec: Spec, name: str, batch: spec_kinds.Batch) -> Batch:
    origin: SpecPath = ("deployments", name)
    model = pinned(spec, batch.model)
    job = replace(
        _job(name, batch, runtime("score", *_score(spec, name, batch, model))),
        retries=Retries(batch.retries.attempts, seconds(batch.retries.backoff)) if batch.retries else None,
        timeout=seconds(batch.timeout) if batch.timeout else None,
    )
    job = replace(job, resources=replace(job.resources, nodes=batch.nodes))
    return Batch(
        name=name,
        job=job,
        model=model.group,
        version=model.version,
        cron=batch.schedule,
        timezone=batch.timezone,
        overwrite=batch.output.write == "overwrite",
        origin=origin,
    )


def _job(name: str, deployment: DeploymentParts, argv: Argv) -> Run:
    """What every deployment says of its container."""
    origin: SpecPath = ("deployments", name)
    serve = deployment.serve or Serve()
    return Run(
        name=name,
        argv=argv,
        resources=resources(deployment.resources, (*origin, "resources")),
        env=tuple(serve.env.items()),
        secrets=tuple(Secret(v, s, (*origin, "serve", "secrets", v)) for v, s in serve.secrets.items()),
        image=serve.image,
        cache=False,
        runtime=True,
        origin=origin,
    )


def _real_time(spec: Spec, name: str, live: spec_kinds.RealTime) -> RealTime:
    origin: SpecPath = ("deployments", name)
    model = pinned(spec, live.model)
    source = FromRegistry(model.group, model.version or "champion")
    folder = Input(port=MODEL, kind=PortKind.MODEL, source=source, origin=(*origin, "model"))
    queued = live.async_
    return RealTime(
        name=name,
        job=replace(_job(name, live, runtime("serve", *_serve(spec, name, live))), inputs=(folder,)),
        model=model.group,
        version=model.version,
        manual=live.start == "manual",
        low=live.replicas.min,
        high=live.replicas.max,
        scaling=tuple(_scaling(live.scale_on, (*origin, "scale_on"))) if live.scale_on else (),
        cooldown=seconds(live.scale_on.cooldown) if live.scale_on else 60,
        hours=tuple(_hours(name, one, (*origin, "profiles", name)) for name, one in live.profiles.items()),
        rollout=_rollout(spec, live.rollout, (*origin, "rollout")),
        public=live.expose == "public",
        auth=live.auth,
        answers=str(queued.output) if queued else None,
        notified=(queued.notify.success, queued.notify.error) if queued else (None, None),
        origin=origin,
    )


_STEPS: Mapping[str, tuple[float, ...]] = {
    "all-at-once": (1.0,),
    "canary": (0.1, 1.0),
    "linear": (0.25, 0.5, 0.75, 1.0),
    "blue-green": (1.0,),
    "shadow": (0.1,),
}
"""The shares of each strategy where a spec says none."""
_BAKE = 600
"""Seconds that a step is watched where a spec says nothing; what comes all at once is watched only where it says so."""


def _rollout(spec: Spec, rollout: spec_kinds.Rollout, origin: SpecPath) -> Rollout:
    watched = rollout.strategy != "all-at-once" or rollout.abort_on
    return Rollout(
        strategy=rollout.strategy,
        steps=rollout.steps or _STEPS[rollout.strategy],
        bake=seconds(rollout.bake) if rollout.bake else _BAKE if watched else 0,
        abort_on=tuple(_alarms(spec, rollout.abort_on, (*origin, "abort_on"))),
        before=rollout.before,
        after=rollout.after,
        origin=origin,
    )


def _alarms(spec: Spec, names: tuple[str, ...], origin: SpecPath) -> Iterator[Alarm]:
    monitors = spec.monitoring.monitors if spec.monitoring else {}
    for index, name in enumerate(names):
        match monitors[name]:
            case Errors() as one:
                parts: dict[str, Any] = {"figure": "errors", "at_most": one.at_most}
            case Latency() as one:
                parts = {"figure": "latency", "at_most": milliseconds(one.at_most) / 1000, "quantile": one.quantile}
            case Saturation() as one:
                parts = {"figure": "saturation", "at_most": one.at_most, "resource": one.resource}
            case _:
                continue  # uses.py names it
        yield Alarm(name=name, window=seconds(one.for_), origin=(*origin, index), **parts)


MODEL = "model"
"""The port in which a server finds its model."""


def _serve(spec: Spec, name: str, live: spec_kinds.RealTime) -> Iterator[Argument]:
    yield setting("name", name)
    yield Flag(MODEL, InputDir(MODEL))
    if spec.data is not None:
        yield Flag("contract", CONTRACT)
    if live.serve and live.serve.run:
        yield Flag("predict", AppPath(live.serve.run))
    requests = live.requests
    facts: dict[str, Value] = {
        "timeout": milliseconds(requests.timeout) / 1000 if requests.timeout else None,
        "max-bytes": bytes_of(requests.max_bytes) if requests.max_bytes else None,
        "concurrent": requests.concurrent,
    }
    yield from (setting(flag, value) for flag, value in facts.items() if value is not None)


def _scaling(scale: ScaleOn, origin: SpecPath) -> Iterator[Scaling]:
    for figure in ("requests_per_minute", "concurrency", "cpu", "memory", "latency"):
        band = getattr(scale, figure)
        if band is not None:
            out, back = (_figure(value) for value in (band.out, band.in_))
            assert out is not None
            yield Scaling(figure=figure, out=out, back=back, origin=(*origin, figure))


def _figure(value: float | str | None) -> float | None:
    return milliseconds(value) / 1000 if isinstance(value, str) else value


def _hours(name: str, profile: Profile, origin: SpecPath) -> Hours:
    start, _, end = profile.hours.partition("-")
    return Hours(
        name=name,
        days=profile.days,
        start=start,
        end=end,
        timezone=profile.timezone,
        low=profile.min,
        high=profile.max,
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
    yield Flag("registry", ChampionUri(model.group))
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
    if "date" in (batch.input.partition, batch.output.partition) and batch.timezone != "UTC":
        yield setting("timezone", batch.timezone)


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
    if not isinstance(written.uri, str | None):
        # Where the output is another one each time, what keeps two runs apart has to lie elsewhere.
        yield Flag("state", StateUri(f"deployments/{name}"))


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
