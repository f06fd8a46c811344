"""Findings about gates that nothing the evaluation writes could judge."""

from __future__ import annotations

from collections.abc import Iterator

from mlopsgen.diagnostics import Diagnostic, On, SpecPath
from mlopsgen.runtime.metric_names import OF_LISTS, OF_TIME, full_name
from mlopsgen.spec.checks_shared import columns_of, conflict, warning
from mlopsgen.spec.data import Data, Split
from mlopsgen.spec.evaluation import Evaluation, Gate, GatesOnly, ScriptEvaluation, TaskEvaluation
from mlopsgen.spec.product import Spec
from mlopsgen.spec.values import Ref

_PATH: SpecPath = ("evaluation", "gates")


def check_evaluation(spec: Spec, evaluation: Evaluation) -> Iterator[Diagnostic]:
    """Findings about `evaluation` and its gates, beside those about their metrics."""
    if spec.training is None and spec.registration.from_ is None:
        message = "there is no model to evaluate: nothing trains one and none is named"
        yield Diagnostic("MG121", message, ("evaluation",), "add `training`, or `registry: {from: …}`", on=On.KEY)
    if isinstance(evaluation, TaskEvaluation):
        yield from _task(spec, evaluation)
    elif isinstance(evaluation, ScriptEvaluation) and evaluation.explain:
        yield from _explanation(spec, evaluation)
    foreign = getattr(evaluation, "image", None)
    if foreign is not None and evaluation.gates:
        message = "gates are judged in the evaluation's own container, and a foreign image has no launcher"
        yield Diagnostic("MG121", message, ("evaluation", "image"), "leave `image` out", on=On.KEY)
    if spec.registry == "none":
        yield from _without_versions(evaluation)
    for name, gate in evaluation.gates.items():
        yield from _fields(gate, (*_PATH, name))
        yield from _judge(spec, evaluation, gate, (*_PATH, name))


def _without_versions(evaluation: Evaluation) -> Iterator[Diagnostic]:
    """What needs versions of the model, of which none is made."""
    hint = "take `registry: none` out, or this"
    for name, gate in evaluation.gates.items():
        if gate.better_than is not None:
            message = f"there will be no {gate.better_than} to compare with: `registry: none` makes no version"
            yield Diagnostic("MG121", message, (*_PATH, name, "better_than"), hint)
    if evaluation.on_gate_failure == "register":
        message = "nothing is registered, whatever the gates say: `registry: none` makes no version"
        yield conflict(message, ("evaluation", "on_gate_failure"), hint)


def _task(spec: Spec, evaluation: TaskEvaluation) -> Iterator[Diagnostic]:
    spec_path: SpecPath = ("evaluation", "task")
    if spec.data is None or spec.data.label is None:
        message = "the built-in evaluation compares with the label, and `data` has no `label`"
        yield Diagnostic("MG126", message, spec_path, "add `label: <column>` to `data`")
        return
    label = columns_of(spec.data).get(spec.data.label)
    if label and evaluation.task != "classification" and label.type not in ("integer", "number"):
        message = f"{evaluation.task} predicts a number, and the label is of type {label.type}"
        yield Diagnostic("MG126", message, spec_path, "did you mean `task: classification`?")
    if evaluation.task == "ranking":
        yield from _ranking(spec.data, spec_path)
    elif evaluation.task == "forecasting":
        yield from _forecasting(spec.data, spec_path)
    yield from _idle(spec.data, evaluation)


def _explanation(spec: Spec, evaluation: ScriptEvaluation) -> Iterator[Diagnostic]:
    """What the runtime needs to explain the model that a script has judged."""
    spec_path: SpecPath = ("evaluation", "explain")
    if spec.data is None or spec.data.label is None:
        message = "a model is explained by rows that it was judged with, and `data` has no `label`"
        yield Diagnostic("MG126", message, spec_path, "add `label: <column>` to `data`", on=On.KEY)
    if evaluation.image is not None:
        message = "the model is explained in the evaluation's own container, and a foreign image has no launcher"
        hint = "leave `image` out, or `explain`"
        yield Diagnostic("MG121", message, ("evaluation", "image"), hint, on=On.KEY)
    if "explanation" in evaluation.outputs:
        message = "`explanation` is what `explain` has the runtime write after your script"
        hint = "take it out here, or call what your script writes otherwise"
        yield conflict(message, ("evaluation", "outputs", "explanation"), hint, on=On.KEY)


def _ranking(data: Data, spec_path: SpecPath) -> Iterator[Diagnostic]:
    if data.query is None:
        message = "nothing says which list a row belongs to, so all test rows are judged as one list"
        yield warning("MG126", message, spec_path, "add `query: <column>` to `data`")


def _forecasting(data: Data, spec_path: SpecPath) -> Iterator[Diagnostic]:
    if data.time is None:
        message = "a forecast is judged in the order of time, and `data` has no `time`"
        yield Diagnostic("MG126", message, spec_path, "add `time: <column>` to `data`")
    split = data.split
    if data.prepare is None and isinstance(split, Split) and not split.by_time:
        message = "the test rows of a forecast are drawn at random, so the model learns from what came after them"
        yield warning("MG126", message, spec_path, "write `split: {by_time: true}` in `data`")


def _idle(data: Data, evaluation: TaskEvaluation) -> Iterator[Diagnostic]:
    """Columns that tell how another task is judged."""
    for role, task in (("query", "ranking"), ("series", "forecasting")):
        if getattr(data, role) is not None and evaluation.task != task:
            message = f"`{role}` is how {task} is judged, and the evaluation is one of {evaluation.task}"
            yield warning("MG126", message, ("data", role), f"did you mean `task: {task}`?", On.KEY)


def _fields(gate: Gate, spec_path: SpecPath) -> Iterator[Diagnostic]:
    """Fields of one gate that need each other, or exclude each other."""
    if gate.better_than is None:
        for key in ("by", "confidence"):
            if getattr(gate, key) != Gate.model_fields[key].default:
                yield conflict(
                    f"`{key}` needs `better_than`", (*spec_path, key), "add `better_than: champion`", on=On.KEY
                )
    if gate.group is None and gate.measure is not None:
        yield conflict("`measure` compares groups, and there is no `group`", (*spec_path, "measure"), on=On.KEY)
    if gate.group is not None and gate.measure is None:
        message = "`group` needs a `measure` to compare groups by"
        yield conflict(message, (*spec_path, "group"), "add `measure: demographic_parity_difference`", on=On.KEY)
    if gate.group is not None and gate.better_than is not None:
        message = "a gate compares groups, or with another model: not both"
        yield conflict(message, (*spec_path, "better_than"), "write two gates", on=On.KEY)
    low, high = gate.at_least, gate.at_most
    if isinstance(low, int | float) and isinstance(high, int | float) and low > high:
        yield conflict(f"nothing is at least {low:g} and at most {high:g}", (*spec_path, "at_least"))


def _judge(spec: Spec, evaluation: Evaluation, gate: Gate, spec_path: SpecPath) -> Iterator[Diagnostic]:
    """What a gate needs to be judged at all."""
    if isinstance(evaluation, GatesOnly):
        yield from _without_evaluator(gate, spec_path)
        return
    if gate.better_than == "best" and gate.confidence is not None:
        message = "`best` is known by its stored metrics alone: there are no predictions for a paired test"
        yield Diagnostic("MG121", message, (*spec_path, "confidence"), "use `better_than: champion`", on=On.KEY)
    if isinstance(evaluation, TaskEvaluation):
        yield from _of_whole_lists(gate, spec_path)
    if isinstance(evaluation, ScriptEvaluation) and "predictions" not in evaluation.outputs:
        for key in ("confidence", "group"):
            if getattr(gate, key) is not None and gate.better_than != "best":
                message = f"`{key}` is judged from predictions, which the evaluation does not write"
                hint = "list them: `outputs: {predictions: predictions}`, and write `predictions.csv` there"
                yield Diagnostic("MG121", message, (*spec_path, key), hint, on=On.KEY)
    if gate.group is not None and (spec.data is None or spec.data.positive is None):
        message = "groups are compared by their favourable outcomes, and nothing says which outcome is favourable"
        yield Diagnostic("MG121", message, (*spec_path, "group"), "add `positive: <value>` to `data`", on=On.KEY)
    if gate.better_than == "champion" and spec.training is None and isinstance(spec.registration.from_, Ref | None):
        message = "there is nothing to compare with the champion"
        yield Diagnostic("MG121", message, (*spec_path, "better_than"))


def _of_whole_lists(gate: Gate, spec_path: SpecPath) -> Iterator[Diagnostic]:
    """A paired test draws rows, and these metrics are means over lists or series."""
    metric = gate.metric or str(spec_path[-1])
    if gate.confidence is not None and gate.measure is None and full_name(metric) in (*OF_LISTS, *OF_TIME):
        parts = "lists" if full_name(metric) in OF_LISTS else "series"
        message = f"`confidence` is judged by a paired test over rows, and `{metric}` is a mean over {parts}"
        hint = "leave `confidence` out, or test an error of rows: `metric: mean_absolute_error`"
        yield Diagnostic("MG121", message, (*spec_path, "confidence"), hint, on=On.KEY)


def _without_evaluator(gate: Gate, spec_path: SpecPath) -> Iterator[Diagnostic]:
    """Only training's metrics are there: no predictions, and nothing that could run on another model."""
    needs = {"confidence": "predictions", "group": "predictions", "measure": "predictions"}
    for key, what in needs.items():
        if getattr(gate, key) is not None and not (key == "measure" and gate.group is not None):
            message = f"`{key}` is judged from {what}, and there is no evaluation that writes them"
            hint = "add `task: classification` or `run: evaluate.py`"
            yield Diagnostic("MG121", message, (*spec_path, key), hint, on=On.KEY)
    if gate.better_than == "champion":
        message = "the champion is evaluated on the same rows, and there is no evaluation that could do it"
        hint = "add `task: …` or `run: evaluate.py`; `better_than: best` compares stored metrics"
        yield Diagnostic("MG121", message, (*spec_path, "better_than"), hint, on=On.KEY)
