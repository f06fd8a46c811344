"""Findings about monitors that cannot be judged, fit nothing that is deployed, or look at no time or two."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mlopsgen.diagnostics import Diagnostic, On, SpecPath
from mlopsgen.spec.checks_shared import conflict, not_a_column, unknown, warning, whole_steps
from mlopsgen.spec.deployments import Batch
from mlopsgen.spec.monitoring import Monitoring
from mlopsgen.spec.monitors import (
    Bias,
    DataDrift,
    Latency,
    ModelQuality,
    Monitor,
    PredictionDrift,
    Saturation,
)
from mlopsgen.spec.monitors import Errors as ErrorRate
from mlopsgen.spec.product import Spec

_P_VALUES = ("ks", "chi2")


def check_monitoring(spec: Spec, monitoring: Monitoring) -> Iterator[Diagnostic]:
    """Findings about `monitoring` and each monitor."""
    spec_path: SpecPath = ("monitoring",)
    yield from _times(spec, monitoring, spec_path)
    yield from _baseline(spec, monitoring.baseline, (*spec_path, "baseline"))
    for name, monitor in monitoring.monitors.items():
        monitor_path: SpecPath = (*spec_path, "monitors", name)
        yield from _times(spec, monitor, monitor_path)
        if monitor.baseline is not None:
            yield from _baseline(spec, monitor.baseline, (*monitor_path, "baseline"))
        yield from _deployment(spec, monitor, monitor_path)
        yield from _violations(monitor, monitor_path)
        yield from _judged(spec, monitoring, monitor, monitor_path)
    for column_path, column in _columns(monitoring):
        yield from not_a_column(column, spec.data, column_path)


def _times(spec: Spec, monitor: Monitoring | Monitor, spec_path: SpecPath) -> Iterator[Diagnostic]:
    if monitor.every is not None and monitor.schedule is not None:
        message = "`every` and `schedule` both say when"
        yield conflict(message, (*spec_path, "every"), "keep one of the two", on=On.KEY, code="MG127")
    if monitor.timezone != "UTC" and monitor.schedule is None:
        message = "`timezone` belongs to a schedule, and there is none"
        yield conflict(message, (*spec_path, "timezone"), "add `schedule`, or take it out", on=On.KEY, code="MG127")
    if monitor.every == "batch" and not any(isinstance(d, Batch) for d in spec.deployments.values()):
        message = "`every: batch` looks at each batch run, and there is no batch deployment"
        yield conflict(message, (*spec_path, "every"), "say how often, such as `1h`", code="MG127")


def _baseline(spec: Spec, baseline: str, spec_path: SpecPath) -> Iterator[Diagnostic]:
    if baseline in ("training", "previous") or "://" in baseline:
        return
    known = ["training", "previous", *(f"data.{name}" for name in (spec.data.sources if spec.data else ()))]
    for step_path, step in whole_steps(spec):
        known += [f"{step_path[-1]}.{port}" for port in getattr(step, "outputs", {})]
    if spec.data and spec.data.prepare is None:
        known += ["prepare.train", "prepare.test", "prepare.validation"]
    if baseline not in known:
        yield unknown("MG117", "baseline", baseline, known, spec_path)


def _deployment(spec: Spec, monitor: Monitor, spec_path: SpecPath) -> Iterator[Diagnostic]:
    needs_requests = isinstance(monitor, Latency | ErrorRate | Saturation)
    if monitor.deployment is not None and monitor.deployment not in spec.deployments:
        yield unknown("MG117", "deployment", monitor.deployment, spec.deployments, (*spec_path, "deployment"))
        return
    watched = [monitor.deployment] if monitor.deployment else list(spec.deployments)
    modes = [spec.deployments[name].mode for name in watched]
    if needs_requests and modes and not any(mode in ("real-time", "streaming") for mode in modes):
        message = f"a {monitor.kind} monitor watches requests or messages, and no deployment here has any"
        yield conflict(message, (*spec_path, "kind"), "it fits `mode: real-time` and `mode: streaming`")


def _violations(monitor: Monitor, spec_path: SpecPath) -> Iterator[Diagnostic]:
    if monitor.of is not None and monitor.violations > monitor.of:
        message = f"{monitor.violations} bad looks of {monitor.of} never happen"
        yield conflict(message, (*spec_path, "violations"), f"at most {monitor.of}")


def _judged(spec: Spec, monitoring: Monitoring, monitor: Monitor, spec_path: SpecPath) -> Iterator[Diagnostic]:
    if isinstance(monitor, DataDrift | PredictionDrift):
        yield from _drift(monitor, spec_path)
    if isinstance(monitor, DataDrift):
        yield from _features(monitor, spec_path)
    if isinstance(monitor, ModelQuality) and monitoring.truth is None:
        message = "model quality compares with true outcomes, and nothing says where they arrive"
        hint = "add `truth: {source: …, key: …, column: …}` to `monitoring`"
        yield conflict(message, spec_path, hint, on=On.KEY)
    if isinstance(monitor, Bias) and (spec.data is None or spec.data.positive is None):
        message = "groups are compared by their favourable outcomes, and nothing says which outcome is favourable"
        yield conflict(message, spec_path, "add `positive: <value>` to `data`", on=On.KEY)
    if isinstance(monitor, Bias) and monitor.measure.startswith("equal") and monitoring.truth is None:
        message = f"`{monitor.measure}` compares with true outcomes, and nothing says where they arrive"
        yield conflict(
            message, (*spec_path, "measure"), "add `truth` to `monitoring`, or use demographic_parity_difference"
        )
    yield from _bounds(monitor, spec_path)


def _drift(monitor: DataDrift | PredictionDrift, spec_path: SpecPath) -> Iterator[Diagnostic]:
    if monitor.at_least_p is not None and monitor.method not in _P_VALUES:
        message = f"`{monitor.method}` is a distance and has no p-value"
        yield conflict(message, (*spec_path, "at_least_p"), "use `at_most`, or `method: ks`", on=On.KEY)
    if monitor.at_least_p is not None and monitor.at_most is not None:
        message = "a drift is bounded by its distance or by its p-value, not by both"
        yield conflict(message, (*spec_path, "at_most"), "keep one of the two", on=On.KEY)


def _features(monitor: DataDrift, spec_path: SpecPath) -> Iterator[Diagnostic]:
    chosen = monitor.features if isinstance(monitor.features, str) else getattr(monitor.features, "of", None)
    unfit = {"ks": "category", "chi2": "numeric"}.get(monitor.method)
    if unfit and chosen == unfit:
        message = f"`{monitor.method}` does not compare {unfit} features"
        yield conflict(
            message, (*spec_path, "method"), f"use {'chi2' if unfit == 'category' else 'ks'}, or psi or js for all"
        )


def _bounds(monitor: Any, spec_path: SpecPath) -> Iterator[Diagnostic]:
    """A monitor without a bound never fires, and one whose bounds exclude each other always does."""
    bounds = [key for key in ("at_least", "at_most", "at_least_p") if key in type(monitor).model_fields]
    bounded = [key for key in bounds if getattr(monitor, key) is not None]
    if bounds and not bounded:
        shown = " or ".join(f"`{key}`" for key in bounds)
        yield warning("MG117", "a monitor without a bound reports and never fires", spec_path, f"add {shown}", On.KEY)
    low, high = getattr(monitor, "at_least", None), getattr(monitor, "at_most", None)
    if isinstance(low, int | float) and isinstance(high, int | float) and low > high:
        yield conflict(f"nothing is at least {low:g} and at most {high:g}", (*spec_path, "at_least"))


def _columns(monitoring: Monitoring) -> Iterator[tuple[SpecPath, str]]:
    """Columns that monitors and the capture name."""
    for name, monitor in monitoring.monitors.items():
        spec_path: SpecPath = ("monitoring", "monitors", name)
        if isinstance(monitor, Bias):
            yield (*spec_path, "group", "column"), monitor.group.column
        if isinstance(monitor, DataDrift) and isinstance(monitor.features, tuple):
            yield from (((*spec_path, "features", index), column) for index, column in enumerate(monitor.features))
    if capture := monitoring.capture:
        for key in ("drop", "hash"):
            for index, column in enumerate(getattr(capture, key)):
                yield ("monitoring", "capture", key, index), column
