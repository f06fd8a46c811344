"""The built-in evaluator: metrics, predictions and pictures of a model on the test rows.

evaluate --contract=FILE --task=classification|regression|ranking|forecasting --model=DIR --test=DIR
         --metrics=DIR --predictions=DIR [--group=COLUMN]… [--train=DIR]
         [--confusion=DIR] [--roc=DIR] [--residuals=DIR] [--importance=DIR]
         [--explanation=DIR --explain-method=shap|permutation --explain-sample=N]

--group names a column that a gate groups by; --train are the rows that the model learned from, by which the
errors of a forecast are scaled. The contract's role `query` says which list a row of a ranking belongs to, its
role `series` which series a row of a forecast. The model is one of the built-in trainer, or of a script (loaders).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .answers import Answers
from .contract import Contract, read_contract
from .files import spelled
from .flags import Flags, read_flags
from .forecasts import ONE_SERIES, scaled_error
from .kinds import times_of
from .loaders import load
from .measured import Measured, write_measured
from .moments import in_time
from .outcomes import CLASSIFICATION, known_truth, the_positive_class, truth_of, with_label
from .predictions import write_predictions
from .problems import Failed, Usage
from .rankings import NAMES, ranking_metrics
from .scores import Array, Said, measure
from .spelling import text_of
from .tables import Frame, read_table

TASKS = (CLASSIFICATION, "regression", "ranking", "forecasting")
PICTURES = ("confusion", "roc", "residuals", "importance", "explanation")
SINGLE = (
    *("contract", "task", "model", "test", "metrics", "predictions", "train", "explain-method", "explain-sample"),
    *PICTURES,
)


def run(argv: Sequence[str]) -> int:
    """Asks the model about the test rows and writes what it said."""
    flags = read_flags("evaluate", argv, single=SINGLE, repeated=("group",))
    contract, task = read_contract(flags.folder("contract")), flags.choice("task", TASKS)
    model = load(flags.folder("model"), contract, task)
    _check(flags, model, task)
    rows = _rows(flags, contract, model, task)
    said = said_of(contract, model, rows)
    measured = _measured(flags, contract, model, rows, said)
    metrics = measured.values
    write_measured(flags.folder("metrics"), measured)
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


def _check(flags: Flags, model: Answers, task: str) -> None:
    classes = task == CLASSIFICATION
    if classes != (model.task == CLASSIFICATION):
        raise Failed(f"the model does {model.task}, it cannot be evaluated as {task}")
    for name, wrong in (("confusion", not classes), ("roc", not classes), ("residuals", classes)):
        if wrong and flags.maybe(name):
            raise Usage(f"--{name} makes no sense for {task}")


def _rows(flags: Flags, contract: Contract, model: Answers, task: str) -> Frame:
    rows = labelled_rows(flags.folder("test"), contract, model)
    return _in_time(contract, rows) if task == "forecasting" else rows


def labelled_rows(folder: Path, contract: Contract, model: Answers) -> Frame:
    """The rows of a folder whose label is known, as the model is asked about them."""
    # A column that was learned as text is text here, too, whatever the rows at hand look like.
    texts = {feature.name: "string" for feature in model.features if feature.is_category}
    return with_label(contract, read_table(folder, contract, texts)).reset_index(drop=True)


def _in_time(contract: Contract, rows: Frame) -> Frame:
    return rows.loc[times_of(contract, rows).sort_values(kind="stable").index].reset_index(drop=True)


def said_of(contract: Contract, model: Answers, rows: Frame) -> Said:
    """What the model says of some rows, beside what is true."""
    truth = truth_of(contract, rows, model.task)
    if model.task == CLASSIFICATION:
        truth = known_truth(truth, model.classes, "test")
        the_positive_class(contract.roles.positive, model.classes, None, "the model")
    return Said(
        truth=truth,
        prediction=model.predict(rows),
        classes=model.classes,
        positive=model.positive,
        chances=model.chances(rows),
    )


def _measured(flags: Flags, contract: Contract, model: Answers, rows: Frame, said: Said) -> Measured:
    """Metrics of single rows, and those that need more: whole lists, or what the series did before."""
    measured, task, roles = measure(said), flags.one("task"), contract.roles
    train = flags.maybe_folder("train")
    if task == "ranking":
        found = ranking_metrics(said, None if roles.query is None else _parts(rows, roles.query))
        none = {} if found else dict.fromkeys(NAMES, "has no value: no list has two rows and a relevant one among them")
        return Measured({**measured.values, **found}, {**measured.without, **none})
    if task != "forecasting" or train is None:
        return measured
    before = _in_time(contract, labelled_rows(train, contract, model))
    series, earlier = (_parts(table, roles.series) for table in (rows, before))
    scaled = scaled_error(said.truth - said.prediction, series, truth_of(contract, before, task), earlier)
    name = "mean_absolute_scaled_error"
    if scaled is None:
        none = {name: "has no scale: no series has two different training rows"}
        return Measured(measured.values, {**measured.without, **none})
    return Measured({**measured.values, name: scaled}, measured.without)


def _parts(rows: Frame, name: str | None) -> Array:
    """Which list or series each row belongs to, as text: one for all rows where no column says it."""
    import numpy as np

    if name is None:
        return np.full(len(rows), ONE_SERIES)
    column = _column(rows, name)
    if column.isna().any():
        raise Failed(f"column `{name}` has no value in {int(column.isna().sum())} rows, which belong to nothing then")
    return np.array([text_of(value) for value in column])


def _column(rows: Frame, name: str) -> Array:
    if name not in rows.columns:
        raise Failed(f"the test rows have no column `{name}`; they have {', '.join(map(str, rows.columns))}")
    return rows[name]


def _ids(contract: Contract, rows: Frame) -> Array:
    name = contract.roles.id
    return rows[name] if name in rows.columns else range(1, len(rows) + 1)


def _draw(flags: Flags, contract: Contract, model: Answers, rows: Frame, said: Said) -> None:
    wanted = [name for name in PICTURES if flags.maybe(name)]
    if not wanted:
        return
    from . import figures, importance

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
                ranks = importance.permutation(model, rows, said)
                label = importance.permutation_label(said)
                figures.bars(ranks, label, "Feature importance", folder / "importance.png")
            case _:
                method = flags.choice("explain-method", importance.METHODS, "shap")
                sample = flags.count("explain-sample", 500)
                importance.explain(model, rows, said, folder, method=method, sample=sample)
