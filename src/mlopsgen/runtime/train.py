"""The built-in trainer: no script, one estimator of scikit-learn, xgboost or lightgbm.

train --contract=FILE --framework=NAME --train=DIR [--validation=DIR] [--previous=DIR] [--task=TASK]
      --model=DIR --metrics=DIR --<parameter>=value…

NAME is sklearn.<Estimator>, xgboost or lightgbm. Metrics are those on the validation rows, or the
means of a five-fold cross-validation where there are none. Numbers are imputed (and scaled where it
helps), categories one-hot. With --previous the training goes on from that model, in each part of a
cross-validation as well. What is saved is read back, and has to say what the trained model said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from . import models
from .contract import Contract, read_contract
from .estimators import Framework, Lot, build, fit, is_classifier
from .features import Feature, encoder, features_of, prepare
from .files import spelled, table_digest
from .flags import Flags, read_flags
from .keys import row_keys
from .kinds import declared_type, times_of
from .measured import Measured, write_measured
from .moments import in_time
from .outcomes import (
    CLASSIFICATION,
    REGRESSION,
    classes_of,
    known_truth,
    task_for,
    the_positive_class,
    truth_of,
    with_label,
)
from .parameter_names import STOPPING, TRAINERS_OWN
from .problems import Failed, Usage
from .resume import check_earlier, check_saved, continue_from, earlier_model
from .scores import Array, Said, measure
from .tables import Frame, read_table

SINGLE = TRAINERS_OWN
FOLDS = 5
FORECASTING = "forecasting"
TASKS = (CLASSIFICATION, REGRESSION, FORECASTING)


@dataclass(frozen=True, slots=True)
class Lesson:
    """Everything a model learns from."""

    contract: Contract
    task: str
    features: tuple[Feature, ...]
    classes: tuple[str, ...]
    positive: str | None
    rows: Frame
    time: str | None = None
    """The column in whose order the rows are, where they are."""

    @property
    def texts(self) -> dict[str, str]:
        """The columns that are read as text in further rows, too, whatever those look like."""
        return {feature.name: "string" for feature in self.features if feature.is_category}

    def target(self, rows: Frame) -> Array:
        """The label as estimators want it: class numbers, or numbers."""
        import numpy as np

        truth = truth_of(self.contract, rows, self.task)
        if self.task != CLASSIFICATION:
            return truth
        code = {name: number for number, name in enumerate(self.classes)}
        return np.array([code[name] for name in truth])

    def weights(self, rows: Frame) -> Array | None:
        """The column that the contract calls the weight."""
        name = self.contract.roles.weight
        return None if name is None else rows[name].astype("float64").to_numpy()


def run(argv: Sequence[str]) -> int:
    """Trains one model, writes it and its metrics."""
    flags = read_flags("train", argv, single=SINGLE, extra=True)
    contract = read_contract(flags.folder("contract"))
    lesson = _lesson(flags, contract)
    seed = contract.split.seed if contract.split else 42
    framework = build(flags.one("framework"), lesson.task, flags.extra, seed)
    out, metrics_folder = flags.folder("model"), flags.folder("metrics")
    validation = flags.maybe_folder("validation")
    earlier = earlier_model(flags.maybe_folder("previous"))
    if validation is None:
        measured = _cross_validate(lesson, framework, seed, earlier)
        held_out = None
    else:
        held_out = with_label(contract, read_table(validation, contract, lesson.texts))
    pipeline = _fit(lesson, framework, lesson.rows, earlier, held_out)
    model = replace(_model(lesson, framework, pipeline), data_digest=table_digest(flags.folder("train")))
    if held_out is not None:
        measured = _judge(lesson, model, held_out)
    models.save(model, out)
    check_saved(model, out, lesson.rows if held_out is None else held_out)
    write_measured(metrics_folder, measured)
    print(", ".join(f"{name} {spelled(value)}" for name, value in sorted(measured.values.items())))
    if measured.without:
        print(f"without a value: {measured.sentence()}")
    return 0


def _lesson(flags: Flags, contract: Contract) -> Lesson:
    rows = with_label(contract, read_table(flags.folder("train"), contract))
    task = _task(flags, contract, rows)
    classes = classes_of(truth_of(contract, rows, task)) if task == CLASSIFICATION else ()
    if task == CLASSIFICATION and len(classes) < 2:
        raise Failed(f"every row has the label `{classes[0]}`, so there is nothing to learn")
    positive = None
    if task == CLASSIFICATION:
        kind = declared_type(contract.source.columns, str(contract.roles.label))
        positive = the_positive_class(contract.roles.positive, classes, kind, "the training rows")
    time = in_time(contract, flags.maybe("task"))
    return Lesson(contract, task, features_of(contract, rows), classes, positive, rows, time)


def _task(flags: Flags, contract: Contract, rows: Frame) -> str:
    """What the flag says, what the estimator can do, what the label looks like: in this order."""
    asked = flags.maybe("task")
    if asked not in (None, *TASKS):
        raise Usage(f"--task of train must be {', '.join(TASKS[:-1])} or {TASKS[-1]}, not `{asked}`")
    # A forecast is a number; that the rows are in the order of time, the folds of a cross-validation have to know.
    asked = REGRESSION if asked == FORECASTING else asked
    classifies = is_classifier(flags.one("framework"))
    if classifies is None:
        return asked or task_for(contract, rows)
    can = CLASSIFICATION if classifies else REGRESSION
    if asked not in (None, can):
        raise Usage(f"{flags.one('framework')} does {can}, not {asked}")
    return can


def _fit(
    lesson: Lesson,
    framework: Framework,
    rows: Frame,
    earlier: models.Model | None = None,
    held_out: Frame | None = None,
) -> Any:
    """The trained pipeline; boosters may look at the rows that are held out to know when to stop."""
    fresh = framework.fresh()
    watched = None
    if framework.stops_early:
        if held_out is None:
            raise Failed(f"{STOPPING} needs validation rows; keep a share: `split: {{validation: 0.1}}`")
        known = held_out[known_rows(lesson, held_out)]
        watched = prepare(known, lesson.features), lesson.target(known)
    lot = Lot(prepare(rows, lesson.features), lesson.target(rows), lesson.weights(rows), watched)
    if earlier is not None:
        check_earlier(earlier, fresh, lesson.features, lesson.classes)
        return continue_from(earlier, fresh, lot)
    return fit(fresh, encoder(lesson.features, scale=framework.wants_scaling), lot)


def known_rows(lesson: Lesson, rows: Frame) -> Array:
    """Which rows are of a class that was learned."""
    import numpy as np

    if lesson.task != CLASSIFICATION:
        return np.ones(len(rows), dtype=bool)
    return np.isin(truth_of(lesson.contract, rows, lesson.task), lesson.classes)


def _model(lesson: Lesson, framework: Framework, pipeline: Any) -> models.Model:
    return models.Model(
        task=lesson.task,
        framework=framework.name,
        label=str(lesson.contract.roles.label),
        classes=lesson.classes,
        positive=lesson.positive,
        features=lesson.features,
        params=framework.estimator.get_params(deep=False),
        pipeline=pipeline,
    )


def _judge(lesson: Lesson, model: models.Model, rows: Frame) -> Measured:
    truth = truth_of(lesson.contract, rows, model.task)
    said = Said(
        truth=known_truth(truth, model.classes, "validation") if model.task == CLASSIFICATION else truth,
        prediction=model.predict(rows),
        classes=model.classes,
        positive=model.positive,
        chances=model.chances(rows),
    )
    return measure(said)


def _cross_validate(lesson: Lesson, framework: Framework, seed: int, earlier: models.Model | None) -> Measured:
    """The mean of each metric over the folds; one that some fold lacks has no value."""
    folds = []
    for learned, held_out in _folds(lesson, seed):
        pipeline = _fit(lesson, framework, lesson.rows.iloc[learned], earlier)
        folds.append(_judge(lesson, _model(lesson, framework, pipeline), lesson.rows.iloc[held_out]))
    shared = set.intersection(*(set(fold.values) for fold in folds))
    means = {name: sum(fold.values[name] for fold in folds) / len(folds) for name in sorted(shared)}
    without = {
        name: f"{reason} (part {number} of {len(folds)} of the cross-validation)"
        for number, fold in enumerate(folds, 1)
        for name, reason in fold.without.items()
    }
    return Measured(means, without)


def _folds(lesson: Lesson, seed: int) -> list[tuple[Array, Array]]:
    import numpy as np
    from sklearn.model_selection import KFold, StratifiedKFold

    split, count = lesson.contract.split, len(lesson.rows)
    if count < 2 * FOLDS:
        raise Failed(f"{count} rows are too few to cross-validate; give a validation share")
    if lesson.time is not None:
        return _folds_in_time(lesson, lesson.time)
    if split is not None and split.group:
        return _folds_of_groups(lesson, split.group, seed)
    if lesson.task != CLASSIFICATION:
        return list(KFold(FOLDS, shuffle=True, random_state=seed).split(lesson.rows))
    target = lesson.target(lesson.rows)
    smallest = int(np.bincount(target).min())
    if smallest < 2:
        raise Failed(
            f"class `{lesson.classes[int(np.bincount(target).argmin())]}` has one row, too few to cross-validate"
        )
    folds = StratifiedKFold(min(FOLDS, smallest), shuffle=True, random_state=seed)
    return list(folds.split(lesson.rows, target))


def _folds_in_time(lesson: Lesson, time: str) -> list[tuple[Array, Array]]:
    """Each fold is judged on later moments than it learns from: of all series alike, and no moment is cut in two."""
    import numpy as np
    import pandas as pd
    from sklearn.model_selection import TimeSeriesSplit

    moments = pd.factorize(times_of(lesson.contract, lesson.rows), sort=True)[0]
    count = int(moments.max()) + 1
    if count <= FOLDS:
        few = f"the rows are of {count} moments of `{time}`, and a cross-validation in time needs {FOLDS + 1}"
        raise Failed(f"{few}; give a validation share")
    parts = TimeSeriesSplit(FOLDS).split(np.arange(count))
    order = np.argsort(moments, kind="stable")
    return [(order[np.isin(moments[order], a)], order[np.isin(moments[order], b)]) for a, b in parts]


def _folds_of_groups(lesson: Lesson, group: str, seed: int) -> list[tuple[Array, Array]]:
    """Folds that cut no group in two."""
    from sklearn.model_selection import GroupKFold, StratifiedGroupKFold

    groups = row_keys(lesson.rows, group)
    count = min(FOLDS, len(set(groups)))
    if count < 2:
        raise Failed(f"all rows are of one `{group}`, too few to cross-validate; give a validation share")
    if lesson.task != CLASSIFICATION:
        return list(GroupKFold(count).split(lesson.rows, groups=groups))
    folds = StratifiedGroupKFold(count, shuffle=True, random_state=seed)
    return list(folds.split(lesson.rows, lesson.target(lesson.rows), groups))
