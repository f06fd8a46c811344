"""The built-in evaluator: metrics, predictions and pictures of a model on the test rows.

evaluate --contract=FILE --task=classification|regression|ranking|forecasting --model=DIR --test=DIR
         --metrics=DIR --predictions=DIR [--group=COLUMN]… [--query=COLUMN]
         [--confusion=DIR] [--roc=DIR] [--residuals=DIR] [--importance=DIR]
         [--explanation=DIR --explain-method=shap|permutation --explain-sample=N]

--group names a column that a gate groups by; --query names the column that tells which list a row of
a ranking belongs to.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from . import models
from .contract import Contract, read_contract
from .files import spelled
from .flags import Flags, read_flags
from .kinds import times_of
from .measured import Measured, write_measured
from .moments import in_time
from .outcomes import CLASSIFICATION, known_truth, the_positive_class, truth_of, with_label
from .predictions import write_predictions
from .problems import Failed, Usage
from .rankings import ranking_metrics
from .scores import Array, Said, measure
from .tables import Frame, read_table

TASKS = (CLASSIFICATION, "regression", "ranking", "forecasting")
PICTURES = ("confusion", "roc", "residuals", "importance", "explanation")
SINGLE = (
    *("contract", "task", "model", "test", "metrics", "predictions", "query", "explain-method", "explain-sample"),
    *PICTURES,
)


def run(argv: Sequence[str]) -> int:
    """Asks the model about the test rows and writes what it said."""
    flags = read_flags("evaluate", argv, single=SINGLE, repeated=("group",))
    contract, task = read_contract(flags.folder("contract")), flags.choice("task", TASKS)
    model = models.load(flags.folder("model"))
    _check(flags, model, task)
    rows = _rows(flags, contract, model, task)
    said = _said(contract, model, rows, task)
    measured = measure(said)
    metrics = {**measured.values, **_further(flags, said, rows, task)}
    write_measured(flags.folder("metrics"), Measured(metrics, measured.without))
    predictions = flags.maybe_folder("predictions")
    if predictions is not None:
        # A paired test asks which rows are of one moment.
        time = in_time(contract, task)
        columns = dict.fromkeys([*flags.many("group"), *([time] if time else [])])
        groups = {name: _column(rows, name) for name in columns}
        write_predictions(predictions, said, _ids(contract, rows), groups)
    _draw(flags, contract, model, rows, said)
    print(", ".join(f"{name} {spelled(value)}" for name, value in sorted(metrics.items())))
    if measured.without:
        print(f"without a value: {measured.sentence()}")
    return 0


def _check(flags: Flags, model: models.Model, task: str) -> None:
    classes = task == CLASSIFICATION
    if classes != (model.task == CLASSIFICATION):
        raise Failed(f"the model does {model.task}, it cannot be evaluated as {task}")
    for name, wrong in (("confusion", not classes), ("roc", not classes), ("residuals", classes)):
        if wrong and flags.maybe(name):
            raise Usage(f"--{name} makes no sense for {task}")


def _rows(flags: Flags, contract: Contract, model: models.Model, task: str) -> Frame:
    # A column that was learned as text is text here, too, whatever the rows at hand look like.
    texts = {feature.name: "string" for feature in model.features if feature.is_category}
    rows = with_label(contract, read_table(flags.folder("test"), contract, texts)).reset_index(drop=True)
    if task != "forecasting":
        return rows
    in_time = times_of(contract, rows).sort_values(kind="stable").index
    return rows.loc[in_time].reset_index(drop=True)


def _said(contract: Contract, model: models.Model, rows: Frame, task: str) -> Said:
    truth = truth_of(contract, rows, model.task)
    if task == CLASSIFICATION:
        truth = known_truth(truth, model.classes, "test")
        the_positive_class(contract.roles.positive, model.classes, None, "the model")
    return Said(
        truth=truth,
        prediction=model.predict(rows),
        classes=model.classes,
        positive=model.positive,
        chances=model.chances(rows),
    )


def _further(flags: Flags, said: Said, rows: Frame, task: str) -> dict[str, float]:
    """Metrics that need more than single rows: whole lists, or the order in time."""
    if task == "ranking":
        query = flags.maybe("query")
        return ranking_metrics(said, None if query is None else _column(rows, query).to_numpy())
    if task == "forecasting" and len(said.truth) > 1:
        naive = abs(said.truth[1:] - said.truth[:-1]).mean()
        scaled = abs(said.truth - said.prediction).mean() / naive if naive else math.nan
        return {"mean_absolute_scaled_error": float(scaled)} if math.isfinite(scaled) else {}
    return {}


def _column(rows: Frame, name: str) -> Array:
    if name not in rows.columns:
        raise Failed(f"the test rows have no column `{name}`; they have {', '.join(map(str, rows.columns))}")
    return rows[name]


def _ids(contract: Contract, rows: Frame) -> Array:
    name = contract.roles.id
    return rows[name] if name in rows.columns else range(1, len(rows) + 1)


def _draw(flags: Flags, contract: Contract, model: models.Model, rows: Frame, said: Said) -> None:
    wanted = [name for name in PICTURES if flags.maybe(name)]
    if not wanted:
        return
    from . import explain, figures

    for name in wanted:
        folder = flags.folder(name)
        folder.mkdir(parents=True, exist_ok=True)
        match name:
            case "confusion":
                figures.confusion(said, folder / "confusion.png")
            case "roc":
                figures.roc(said, folder / "roc.png")
            case "residuals":
                figures.residuals(said, contract.roles.label or "", folder / "residuals.png")
            case "importance":
                ranks = explain.permutation(model, rows, said)
                figures.bars(ranks, explain.permutation_label(said), "Feature importance", folder / "importance.png")
            case _:
                method = flags.choice("explain-method", explain.METHODS, "shap")
                sample = flags.count("explain-sample", 500)
                explain.explain(model, rows, said, folder, method=method, sample=sample)
