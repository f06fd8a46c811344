"""Metrics: which way scikit-learn's are better, for which task, from what they are computed; findings about all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Literal, TypeAlias

from mlopsgen.diagnostics import Diagnostic, Fix, On, SpecPath
from mlopsgen.nearest import nearest
from mlopsgen.records import dataclass
from mlopsgen.spec.checks_shared import columns_of, warning
from mlopsgen.spec.product import Spec

if TYPE_CHECKING:
    from mlopsgen.spec.evaluation import Gate


Direction: TypeAlias = Literal["maximize", "minimize"]
Task: TypeAlias = Literal["classification", "regression", "ranking", "forecasting", "clustering"]


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric of scikit-learn: what its name alone tells."""

    direction: Direction
    tasks: tuple[Task, ...]
    needs: Literal["label", "score"] = "label"
    """Whether predicted values do, or scores (probabilities) are needed."""
    positive: bool = False
    """Whether it looks at one class: `data.positive` says which."""


_CLASSES: tuple[Task, ...] = ("classification",)
_NUMBERS: tuple[Task, ...] = ("regression", "forecasting")

_BY_CLASS = ("f1", "precision", "recall", "jaccard")
_AVERAGES = ("macro", "micro", "weighted", "samples")
_LABELS_UP = ("accuracy", "balanced_accuracy", "matthews_corrcoef", "cohen_kappa")
_LABELS_DOWN = ("zero_one_loss", "hamming_loss")
_SCORES_UP = (
    "roc_auc_ovr",
    "roc_auc_ovo",
    "roc_auc_ovr_weighted",
    "roc_auc_ovo_weighted",
    "top_k_accuracy",
    "d2_log_loss_score",
)
_SCORES_UP_POSITIVE = ("roc_auc", "average_precision", "d2_brier_score")
_NUMBERS_UP = ("r2", "explained_variance", "d2_absolute_error_score", "d2_pinball_score", "d2_tweedie_score")
_NUMBERS_DOWN = (
    "mean_squared_error",
    "root_mean_squared_error",
    "mean_absolute_error",
    "median_absolute_error",
    "mean_squared_log_error",
    "root_mean_squared_log_error",
    "mean_absolute_percentage_error",
    "max_error",
    "mean_poisson_deviance",
    "mean_gamma_deviance",
    "mean_tweedie_deviance",
    "mean_pinball_loss",
)
_RANKING_UP = ("ndcg", "dcg", "label_ranking_average_precision")
_RANKING_DOWN = ("coverage_error", "label_ranking_loss")
_CLUSTERS_UP = (
    "adjusted_rand_score",
    "rand_score",
    "adjusted_mutual_info_score",
    "mutual_info_score",
    "normalized_mutual_info_score",
    "completeness_score",
    "homogeneity_score",
    "v_measure_score",
    "fowlkes_mallows_score",
)


def _table() -> dict[str, Metric]:
    table: dict[str, Metric] = {}
    for name in _BY_CLASS:
        table[name] = Metric("maximize", _CLASSES, positive=True)
        table |= {f"{name}_{average}": Metric("maximize", _CLASSES) for average in _AVERAGES}
    table |= dict.fromkeys(_LABELS_UP, Metric("maximize", _CLASSES))
    table |= dict.fromkeys(_LABELS_DOWN, Metric("minimize", _CLASSES))
    table |= dict.fromkeys(_SCORES_UP, Metric("maximize", _CLASSES, "score"))
    table |= dict.fromkeys(_SCORES_UP_POSITIVE, Metric("maximize", _CLASSES, "score", positive=True))
    table["log_loss"] = Metric("minimize", _CLASSES, "score")
    table |= dict.fromkeys(("brier_score", "brier_score_loss"), Metric("minimize", _CLASSES, "score", positive=True))
    table |= dict.fromkeys(_NUMBERS_UP, Metric("maximize", _NUMBERS))
    table |= dict.fromkeys(_NUMBERS_DOWN, Metric("minimize", _NUMBERS))
    table |= dict.fromkeys(_RANKING_UP, Metric("maximize", ("ranking",), "score"))
    table |= dict.fromkeys(_RANKING_DOWN, Metric("minimize", ("ranking",), "score"))
    table |= dict.fromkeys(_CLUSTERS_UP, Metric("maximize", ("clustering",)))
    # A scorer is always better when larger: scikit-learn negates what is better when smaller.
    losses = {name: metric for name, metric in table.items() if metric.direction == "minimize"}
    table |= {f"neg_{name}": Metric("maximize", m.tasks, m.needs, m.positive) for name, m in losses.items()}
    return table


METRICS: Mapping[str, Metric] = _table()


def metric(name: str) -> Metric | None:
    """The entry of a metric in scikit-learn's table; `ndcg@10` is an `ndcg`."""
    return METRICS.get(name.split("@", maxsplit=1)[0])


def direction_of(name: str, declared: Mapping[str, Direction]) -> Direction | None:
    """Which way a metric is better: as the spec says, else as scikit-learn does; None when nobody says."""
    if name in declared:
        return declared[name]
    known = metric(name)
    return known.direction if known else None


def other_spelling(name: str) -> str | None:
    """scikit-learn's scorer for the name of one of its functions: `f1_score` → `f1`."""
    short = name.removesuffix("_score")
    return short if short != name and short in METRICS else None


_SHARES = (*_BY_CLASS, "accuracy", "balanced_accuracy", *_SCORES_UP[:5], "roc_auc", "average_precision", "ndcg")
_SHARES_DOWN = ("zero_one_loss", "hamming_loss", "brier_score", "brier_score_loss")


def is_share(name: str) -> bool:
    """Whether a metric lies between 0 and 1, whatever the data."""
    plain = name.split("@", maxsplit=1)[0]
    return plain in _SHARES or plain in _SHARES_DOWN or any(plain == f"{n}_{a}" for n in _BY_CLASS for a in _AVERAGES)


def check_metrics(spec: Spec) -> Iterator[Diagnostic]:
    """Findings about every metric that the spec names."""
    for name, direction in spec.metrics.items():
        known = metric(name)
        if known and known.direction != direction:
            message = f"`{name}` is better when it is {'larger' if known.direction == 'maximize' else 'smaller'}"
            hint = f"write `{known.direction}`, or take it out: scikit-learn's metrics need no direction"
            yield Diagnostic("MG120", message, ("metrics", name), hint, Fix(known.direction))
    if spec.training and (tuning := spec.training.tuning):
        yield from _declared(spec, tuning.metric, ("training", "tuning", "metric"))
    for name, gate in spec.evaluation.gates.items() if spec.evaluation else ():
        yield from _gate(spec, name, gate)
    for name, monitor in spec.monitoring.monitors.items() if spec.monitoring else ():
        if monitor.kind == "model-quality":
            yield from _declared(spec, monitor.metric, ("monitoring", "monitors", name, "metric"))


def _declared(spec: Spec, name: str, spec_path: SpecPath, on: On = On.VALUE) -> Iterator[Diagnostic]:
    if direction_of(name, spec.metrics) is not None:
        return
    meant = other_spelling(name) or nearest(name, (*spec.metrics, *METRICS))
    hint = f"did you mean `{meant}`?" if meant else f"declare it: `metrics: {{{name}: maximize}}`, or minimize"
    fix = Fix(meant, on) if meant else None
    yield Diagnostic(
        "MG120", f"nothing says whether a larger or a smaller `{name}` is better", spec_path, hint, fix, on=on
    )


def _gate(spec: Spec, name: str, gate: Gate) -> Iterator[Diagnostic]:
    spec_path: SpecPath = ("evaluation", "gates", name)
    if gate.measure is not None:
        return
    judged, metric_path, on = gate.metric or name, spec_path, On.KEY
    if gate.metric:
        metric_path, on = (*spec_path, "metric"), On.VALUE
    task = getattr(spec.evaluation, "task", None)
    if task is not None:
        yield from _computed(spec, task, judged, metric_path, on)
    elif gate.better_than is not None:
        yield from _declared(spec, judged, metric_path, on)
    else:
        yield from _misspelt(spec, judged, metric_path, on)
    yield from _against_direction(spec, gate, judged, spec_path)
    yield from _beyond(spec, gate, judged, spec_path)


def _misspelt(spec: Spec, name: str, spec_path: SpecPath, on: On) -> Iterator[Diagnostic]:
    """A metric that the user's own evaluation may well write, and that is one slip away from a known one."""
    if direction_of(name, spec.metrics) is not None:
        return
    near = nearest(name, (*spec.metrics, *METRICS))
    if near is not None:
        hint = f"did you mean `{near}`? One of your own is declared: `metrics: {{{name}: maximize}}`, or minimize"
        yield warning("MG120", f"`{name}` is no metric that is known", spec_path, hint, on)


def _beyond(spec: Spec, gate: Gate, name: str, spec_path: SpecPath) -> Iterator[Diagnostic]:
    """Bounds that a share of 0 to 1 never reaches."""
    if name in spec.metrics or not is_share(name):
        return
    for key in ("at_least", "at_most"):
        bound = getattr(gate, key)
        if isinstance(bound, int | float) and not 0 <= bound <= 1:
            hint = f"did you mean `{bound / 100:g}`?" if 1 < bound <= 100 else "say a share of 1, such as `0.9`"
            message = f"`{name}` lies between 0 and 1, never at {bound:g}"
            yield warning("MG120", message, (*spec_path, key), hint)


def _computed(spec: Spec, task: Task, name: str, spec_path: SpecPath, on: On) -> Iterator[Diagnostic]:
    """The built-in evaluation computes the metrics of its task and no others."""
    known = metric(name)
    if known is None or task not in known.tasks:
        others = [other for other, m in METRICS.items() if task in m.tasks]
        meant = other_spelling(name) or nearest(name, others)
        meant = meant if meant in others else None
        hint = (
            f"did you mean `{meant}`?" if meant else f"it computes {', '.join(others[:8])}…; write `run` for your own"
        )
        message = f"the built-in evaluation of {task} does not compute `{name}`"
        yield Diagnostic("MG121", message, spec_path, hint, Fix(meant, on) if meant else None, on=on)
    elif known.positive and spec.data and spec.data.positive is None and not _boolean(spec):
        message = f"`{name}` looks at one class, and nothing says which"
        yield Diagnostic("MG121", message, spec_path, "add `positive: <value>` to `data`", on=on)


def _boolean(spec: Spec) -> bool:
    """A label that is true or false says itself which class is meant."""
    label = columns_of(spec.data).get(str(spec.data.label)) if spec.data else None
    return label is not None and label.type == "boolean"


def _against_direction(spec: Spec, gate: Gate, name: str, spec_path: SpecPath) -> Iterator[Diagnostic]:
    direction = direction_of(name, spec.metrics)
    wrong = {"maximize": ("at_most", "at_least"), "minimize": ("at_least", "at_most")}.get(direction or "")
    if wrong and getattr(gate, wrong[0]) is not None and getattr(gate, wrong[1]) is None:
        better = "larger" if direction == "maximize" else "smaller"
        message = f"`{wrong[0]}` lets the worse models through: `{name}` is better when it is {better}"
        yield warning("MG120", message, (*spec_path, wrong[0]), f"did you mean `{wrong[1]}`?", On.KEY)
