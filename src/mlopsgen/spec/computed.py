"""Which metrics the built-in trainer and the built-in evaluation will write, as far as a spec can tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mlopsgen.diagnostics import Diagnostic, Fix, On, SpecPath
from mlopsgen.nearest import nearest
from mlopsgen.records import dataclass
from mlopsgen.runtime import metric_names
from mlopsgen.runtime.metric_names import WRITTEN, full_name, trained_as
from mlopsgen.spec.checks_shared import columns_of
from mlopsgen.spec.evaluation import TaskEvaluation
from mlopsgen.spec.frameworks import estimator
from mlopsgen.spec.product import Spec
from mlopsgen.spec.training import FrameworkTraining

_NEED_A_POSITIVE = frozenset(
    (*metric_names.OF_ONE_CLASS, *metric_names.OF_A_SCORE, *metric_names.OF_A_PROBABILITY),
)
_NEED_PROBABILITIES = frozenset(
    (*metric_names.OF_PROBABILITIES, *metric_names.OF_A_PROBABILITY, *metric_names.OF_MANY_CLASSES)
)


def check_tuning_metric(spec: Spec, name: str, spec_path: SpecPath) -> Iterator[Diagnostic]:
    """A finding when the built-in trainer will not write the metric of a search."""
    yield from _written(spec, _trainer(spec, "MG123"), name, spec_path, On.VALUE)


def check_gate_metric(spec: Spec, name: str, spec_path: SpecPath, on: On) -> Iterator[Diagnostic]:
    """A finding when the built-in evaluation, or the built-in trainer whose metrics are judged, will not write it."""
    author = _trainer(spec, "MG121")
    if isinstance(spec.evaluation, TaskEvaluation):
        task = spec.evaluation.task
        author = Author(f"the built-in evaluation of {task}", WRITTEN[task], "MG121")
    yield from _written(spec, author, name, spec_path, on)


@dataclass(frozen=True, slots=True)
class Author:
    """Who is to write a metric, which it may write, and the code of what it does not."""

    who: str
    written: tuple[str, ...]
    code: str


def _trainer(spec: Spec, code: str) -> Author:
    task = _trained(spec)
    written = WRITTEN[task] if task else (*WRITTEN["classification"], *WRITTEN["regression"])
    return Author("the built-in trainer", written, code)


def _written(spec: Spec, author: Author, name: str, spec_path: SpecPath, on: On) -> Iterator[Diagnostic]:
    full = full_name(name)
    if full not in author.written:
        meant = _meant(name, author.written)
        listed = f"it computes {', '.join(author.written[:9])}…; write `run` for your own"
        hint = f"did you mean `{meant}`?" if meant else listed
        message = f"{author.who} does not compute `{name}`"
        yield Diagnostic(author.code, message, spec_path, hint, Fix(meant, on) if meant else None, on=on)
        return
    because = _impossible(spec, full, judged=author.code == "MG121")
    if because is not None:
        message, hint = because
        yield Diagnostic(author.code, message.format(name=name), spec_path, hint, on=on)


def _meant(name: str, written: Iterable[str]) -> str | None:
    """The nearest name that is written, also behind a short one, and without the `neg_` of a scorer."""
    among = {other: other for other in written}
    among |= {short: full for short, full in metric_names.SHORT.items() if full in among}
    plain = name.removeprefix("neg_").removesuffix("_score")
    near = plain if plain in among else nearest(plain, among)
    return among[near] if near else None


def _impossible(spec: Spec, name: str, *, judged: bool) -> tuple[str, str] | None:
    """Why a metric of the right task is not written all the same, and what to do."""
    count, positive = _class_count(spec), spec.data is not None and spec.data.positive is not None
    if name in _NEED_A_POSITIVE and not positive and count != "boolean":
        if isinstance(count, int) and count > 2:
            other = {"roc_auc": "roc_auc_ovr", "average_precision": "roc_auc_ovr", "brier_score_loss": "log_loss"}
            instead = other.get(name, f"{name}_macro")
            return (
                "`{name}` looks at one class of " + str(count) + ", and nothing says which",
                f"use `{instead}`, or add `positive: <value>` to `data`",
            )
        if judged:
            return "`{name}` looks at one class, and nothing says which", "add `positive: <value>` to `data`"
    if name in metric_names.OF_MANY_CLASSES and (count in (2, "boolean")):
        return "`{name}` is for three classes and more, and the label has two", "use `roc_auc`"
    return _without_scores(spec, name)


def _without_scores(spec: Spec, name: str) -> tuple[str, str] | None:
    training = spec.training
    if not isinstance(training, FrameworkTraining):
        return None
    facts = estimator(training.framework)
    if facts is None or facts.task != "classification" or facts.scores not in ("values", "none"):
        return None
    if name in _NEED_PROBABILITIES:
        two = facts.scores == "values" and _class_count(spec) in (2, "boolean")
        hint = f"use `{'roc_auc' if two else 'f1_macro'}`, or another estimator"
        return f"`{{name}}` needs probabilities, and `{training.framework}` gives none", hint
    if facts.scores == "none" and name in metric_names.OF_A_SCORE:
        return f"`{{name}}` needs scores, and `{training.framework}` gives none", "use `f1_macro`, or another estimator"
    return None


def _class_count(spec: Spec) -> int | str | None:
    """How many classes the label has, `boolean` where it is true or false; None where nobody says."""
    if spec.data is None or spec.data.label is None:
        return None
    if spec.data.positive is not None and spec.data.positive.at_least is not None:
        return 2
    label = columns_of(spec.data).get(spec.data.label)
    if label is None:
        return None
    if label.type == "boolean":
        return "boolean"
    return len(label.values) if label.values else None


def _trained(spec: Spec) -> str | None:
    """What the built-in trainer does: as the estimator, the evaluation or the label says; None where none does."""
    training = spec.training
    facts = estimator(training.framework) if isinstance(training, FrameworkTraining) else None
    if facts is None or facts.task is not None:
        return facts.task if facts else None
    if isinstance(spec.evaluation, TaskEvaluation):
        return trained_as(spec.evaluation.task)
    if spec.data is None or spec.data.label is None:
        return None
    label = columns_of(spec.data).get(spec.data.label)
    classes = spec.data.positive is not None or (label is not None and label.type not in ("integer", "number"))
    return "classification" if classes else None
