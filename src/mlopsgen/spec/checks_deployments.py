"""Deployments: replicas, rollouts, schedules, places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mlopsgen.diagnostics import Diagnostic, On, SpecPath
from mlopsgen.spec.checks_shared import conflict, unknown
from mlopsgen.spec.deployments import Batch, Deployment, Edge, RealTime, Rollout, Streaming
from mlopsgen.spec.product import Spec
from mlopsgen.spec.serving import Band, DurationBand, Replicas, ScaleOn, Serve, ShareBand
from mlopsgen.spec.units import milliseconds
from mlopsgen.spec.values import Placeholder

_FIGURES: Mapping[str, tuple[str, ...]] = {
    "replicas": ("cpu", "memory", "requests_per_minute", "concurrency", "latency"),
    "workers": ("lag", "cpu", "memory"),
}
_LIVE = ("errors", "latency", "saturation")
"""Kinds of monitors that tell of a new version while it takes over."""
_ALL_FIGURES = (*_FIGURES["replicas"], "lag")


def check_deployments(spec: Spec) -> Iterator[Diagnostic]:
    """Findings about every deployment."""
    for name, deployment in spec.deployments.items():
        spec_path = ("deployments", name)
        if deployment.serve is not None:
            yield from _serve(deployment.serve, (*spec_path, "serve"))
        yield from _by_mode(spec, deployment, spec_path)


def _by_mode(spec: Spec, deployment: Deployment, spec_path: SpecPath) -> Iterator[Diagnostic]:
    match deployment:
        case Batch():
            yield from _batch(deployment, spec_path)
        case RealTime():
            yield from _real_time(spec, deployment, spec_path)
        case Streaming():
            yield from _streaming(deployment, spec_path)
        case Edge():
            yield from _steps(deployment.rollout.steps, (*spec_path, "rollout", "steps"))
            yield from _alarms(spec, deployment.rollout.abort_on, (*spec_path, "rollout", "abort_on"))


def _serve(serve: Serve, spec_path: SpecPath) -> Iterator[Diagnostic]:
    if serve.run is None and serve.image is None:
        message = "`serve` needs `run` (your own predict) or `image` (your own server)"
        yield Diagnostic(
            "MG105", message, spec_path, "left out whole, the runtime loads the formats it knows", on=On.KEY
        )
    if serve.run is not None and serve.image is not None:
        message = "`run` works in the product's image, and `image` brings a server of its own"
        yield conflict(message, (*spec_path, "image"), "keep one of the two", on=On.KEY)
    for name in serve.env.keys() & serve.secrets.keys():
        yield conflict(f"`{name}` is set by `env` and by `secrets`", (*spec_path, "env", name), on=On.KEY)


def _batch(batch: Batch, spec_path: SpecPath) -> Iterator[Diagnostic]:
    if batch.schedule is None and batch.timezone != "UTC":
        message = "`timezone` belongs to a schedule, and there is none"
        yield conflict(message, (*spec_path, "timezone"), 'add `schedule: "0 3 * * *"`', on=On.KEY, code="MG127")
    if batch.on_bad_record == "fail" and batch.max_bad is not None:
        message = "the first bad record fails the job, so `max_bad` has no effect"
        yield conflict(message, (*spec_path, "max_bad"), "add `on_bad_record: skip` or `dead-letter`", on=On.KEY)
    read, written = batch.input.uri, batch.output.uri
    if read == written and not isinstance(read, Placeholder):
        message = "predictions would be written among the records to score"
        yield conflict(message, (*spec_path, "output", "uri"), "write them to another folder")
    if batch.output.write == "overwrite" and batch.output.partition == "date":
        message = "a folder for each day is never overwritten by the next"
        yield conflict(message, (*spec_path, "output", "write"), "take one of the two out")


def _real_time(spec: Spec, live: RealTime, spec_path: SpecPath) -> Iterator[Diagnostic]:
    yield from _replicas(live.replicas, (*spec_path, "replicas"))
    for name, profile in live.profiles.items():
        if profile.min > profile.max:
            message = f"at least {profile.min} and at most {profile.max} replicas"
            yield conflict(message, (*spec_path, "profiles", name, "min"), "write the smaller number first")
    yield from _scaling(live.scale_on, live.replicas, "replicas", spec_path)
    yield from _rollout(spec, live.rollout, (*spec_path, "rollout"))
    if live.auth == "none" and live.expose == "public":
        message = "everybody on the internet could call it"
        yield conflict(message, (*spec_path, "auth"), "use `auth: iam` or `key`, or `expose: private`")


def _streaming(stream: Streaming, spec_path: SpecPath) -> Iterator[Diagnostic]:
    yield from _replicas(stream.workers, (*spec_path, "workers"))
    yield from _scaling(stream.scale_on, stream.workers, "workers", spec_path)
    for key in ("sink", "dead_letter"):
        if getattr(stream, key) == stream.source:
            message = f"`{key}` is the stream that is read: it would feed itself for ever"
            yield conflict(message, (*spec_path, key), "name another topic", on=On.KEY)


def _replicas(replicas: Replicas, spec_path: SpecPath) -> Iterator[Diagnostic]:
    if replicas.min > replicas.max:
        message = f"at least {replicas.min} and at most {replicas.max} replicas"
        yield conflict(message, (*spec_path, "min"), "write the smaller number first")


def _scaling(scale: ScaleOn | None, replicas: Replicas, what: str, spec_path: SpecPath) -> Iterator[Diagnostic]:
    figures = _FIGURES[what]
    if scale is None:
        if replicas.min < replicas.max:
            message = f"between {replicas.min} and {replicas.max} {what}, and nothing says when there are more"
            yield conflict(message, (*spec_path, what), f"add `scale_on: {{{figures[0]}: …}}`", on=On.KEY)
        return
    said_figures = {key: value for key in _ALL_FIGURES if (value := getattr(scale, key)) is not None}
    if not said_figures:
        yield conflict("`scale_on` names no figure", (*spec_path, "scale_on"), "add one such as `cpu: 0.7`", on=On.KEY)
    if replicas.min >= replicas.max:
        message = f"there is nothing to scale: the least and the most {what} are the same"
        yield conflict(
            message, (*spec_path, "scale_on"), f"let them differ: `{{min: 1, max: {replicas.max + 3}}}`", on=On.KEY
        )
    for key, band in said_figures.items():
        if key not in figures:
            message = f"a deployment of this mode has no `{key}`"
            yield conflict(message, (*spec_path, "scale_on", key), f"there is {', '.join(figures)}", on=On.KEY)
        if _backwards(band):
            message = f"`in` {band.in_} is not below `out` {band.out}: replicas would come and go"
            yield conflict(message, (*spec_path, "scale_on", key, "in"))


def _backwards(band: Band | ShareBand | DurationBand) -> bool:
    if band.in_ is None:
        return False
    low, high = (_figure(value) for value in (band.in_, band.out))
    return low >= high


def _figure(value: Any) -> float:
    return milliseconds(value) if isinstance(value, str) else float(value)


def _rollout(spec: Spec, rollout: Rollout, spec_path: SpecPath) -> Iterator[Diagnostic]:
    steps = rollout.steps
    match rollout.strategy:
        case "all-at-once" | "blue-green" if steps:
            message = f"`{rollout.strategy}` has no steps in between"
            yield conflict(message, (*spec_path, "steps"), "use `strategy: canary`, or take `steps` out", on=On.KEY)
        case "shadow" if len(steps) > 1:
            yield conflict("a shadow mirrors one share of the requests", (*spec_path, "steps"), "write one share")
        case "canary" | "linear" if steps:
            yield from _steps(steps, (*spec_path, "steps"))
    yield from _alarms(spec, rollout.abort_on, (*spec_path, "abort_on"))
    for index, name in enumerate(rollout.abort_on):
        monitor = spec.monitoring.monitors.get(name) if spec.monitoring else None
        if monitor is not None and monitor.kind not in _LIVE:
            message = f"`{name}` looks at records in its own time, and a rollout is watched as it goes"
            yield conflict(message, (*spec_path, "abort_on", index), f"name monitors of {', '.join(_LIVE)}")
    for key in ("before", "after"):
        step = getattr(rollout, key)
        if step is not None and step not in spec.steps:
            yield unknown("MG117", "step", step, spec.steps, (*spec_path, key))


def _steps(steps: tuple[float, ...], spec_path: SpecPath) -> Iterator[Diagnostic]:
    """Shares of a rollout grow, up to all."""
    for index in range(1, len(steps)):
        if steps[index] <= steps[index - 1]:
            yield conflict(f"{steps[index]:g} is not more than the step before", (*spec_path, index), "shares grow")
    if steps[-1] != 1:
        message = f"the rollout ends at {steps[-1]:g}: the rest would never get the new version"
        yield conflict(message, (*spec_path, len(steps) - 1), "end with 1.0")
    if steps[0] == 0:
        yield conflict("a step of 0 does nothing", (*spec_path, 0))


def _alarms(spec: Spec, names: Iterable[str], spec_path: SpecPath) -> Iterator[Diagnostic]:
    monitors = spec.monitoring.monitors if spec.monitoring else {}
    for index, name in enumerate(names):
        if name not in monitors:
            yield unknown("MG117", "monitor", name, monitors, (*spec_path, index))
