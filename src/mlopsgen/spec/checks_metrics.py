"""Findings about metrics of which nobody knows the better way, or that nothing computes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mlopsgen.diagnostics import Diagnostic, Fix, On, SpecPath
from mlopsgen.nearest import nearest
from mlopsgen.spec.about import columns_of, warning
from mlopsgen.spec.metrics import METRICS, Task, direction_of, metric, other_spelling
from mlopsgen.spec.product import Spec

if TYPE_CHECKING:
    from mlopsgen.spec.evaluation import Gate


def check_metrics(spec: Spec) -> Iterator[Diagnostic]:
    """Findings about every metric that the spec names."""
    for name, direction in spec.metrics.items():
        known = metric(name)
        if known and known.direction != direction:
            said = f"`{name}` is better when it is {'larger' if known.direction == 'maximize' else 'smaller'}"
            hint = f"write `{known.direction}`, or take it out: scikit-learn's metrics need no direction"
            yield Diagnostic("MG120", said, ("metrics", name), hint, Fix(known.direction))
    if spec.training and (tuning := spec.training.tuning):
        yield from _declared(spec, tuning.metric, ("training", "tuning", "metric"))
    for name, gate in spec.evaluation.gates.items() if spec.evaluation else ():
        yield from _gate(spec, name, gate)
    for name, monitor in spec.monitoring.monitors.items() if spec.monitoring else ():
        if monitor.kind == "model-quality":
            yield from _declared(spec, monitor.metric, ("monitoring", "monitors", name, "metric"))


def _declared(spec: Spec, name: str, path: SpecPath, on: On = On.VALUE) -> Iterator[Diagnostic]:
    if direction_of(name, spec.metrics) is not None:
        return
    meant = other_spelling(name) or nearest(name, (*spec.metrics, *METRICS))
    hint = f"did you mean `{meant}`?" if meant else f"declare it: `metrics: {{{name}: maximize}}`, or minimize"
    fix = Fix(meant, on) if meant else None
    yield Diagnostic("MG120", f"nothing says whether a larger or a smaller `{name}` is better", path, hint, fix, on=on)


def _gate(spec: Spec, name: str, gate: Gate) -> Iterator[Diagnostic]:
    path: SpecPath = ("evaluation", "gates", name)
    if gate.measure is not None:
        return
    judged, where, on = gate.metric or name, path, On.KEY
    if gate.metric:
        where, on = (*path, "metric"), On.VALUE
    task = getattr(spec.evaluation, "task", None)
    if task is not None:
        yield from _computed(spec, task, judged, where, on)
    elif gate.better_than is not None:
        yield from _declared(spec, judged, where, on)
    yield from _against_direction(spec, gate, judged, path)


def _computed(spec: Spec, task: Task, name: str, path: SpecPath, on: On) -> Iterator[Diagnostic]:
    """The built-in evaluation computes the metrics of its task and no others."""
    known = metric(name)
    if known is None or task not in known.tasks:
        others = [other for other, m in METRICS.items() if task in m.tasks]
        meant = other_spelling(name) or nearest(name, others)
        meant = meant if meant in others else None
        hint = (
            f"did you mean `{meant}`?" if meant else f"it computes {', '.join(others[:8])}…; write `run` for your own"
        )
        said = f"the built-in evaluation of {task} does not compute `{name}`"
        yield Diagnostic("MG121", said, path, hint, Fix(meant, on) if meant else None, on=on)
    elif known.positive and spec.data and spec.data.positive is None and not _boolean(spec):
        said = f"`{name}` looks at one class, and nothing says which"
        yield Diagnostic("MG121", said, path, "add `positive: <value>` to `data`", on=on)


def _boolean(spec: Spec) -> bool:
    """A label that is true or false says itself which class is meant."""
    label = columns_of(spec.data).get(str(spec.data.label)) if spec.data else None
    return label is not None and label.type == "boolean"


def _against_direction(spec: Spec, gate: Gate, name: str, path: SpecPath) -> Iterator[Diagnostic]:
    direction = direction_of(name, spec.metrics)
    wrong = {"maximize": ("at_most", "at_least"), "minimize": ("at_least", "at_most")}.get(direction or "")
    if wrong and getattr(gate, wrong[0]) is not None and getattr(gate, wrong[1]) is None:
        better = "larger" if direction == "maximize" else "smaller"
        said = f"`{wrong[0]}` lets the worse models through: `{name}` is better when it is {better}"
        yield warning("MG120", said, (*path, wrong[0]), f"did you mean `{wrong[1]}`?", On.KEY)
