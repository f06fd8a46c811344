"""Finds the estimator a spec names, and sets the parameters that came as text."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .outcomes import CLASSIFICATION, REGRESSION
from .problems import Failed, Usage


@dataclass(frozen=True, slots=True)
class Framework:
    """A library's estimator that can be trained without a script."""

    name: str
    task: str
    estimator: Any

    @property
    def wants_scaling(self) -> bool:
        """Trees and counts do not care how large a number is; distances and gradients do."""
        module = type(self.estimator).__module__
        careless = ("sklearn.tree", "sklearn.ensemble", "sklearn.naive_bayes", "sklearn.dummy", "xgboost", "lightgbm")
        return not module.startswith(careless)


def is_classifier(name: str) -> bool | None:
    """Whether `sklearn.<Estimator>` classifies; None where the library does both."""
    if not name.startswith("sklearn."):
        return None
    return _sklearn_class(name)[1] == CLASSIFICATION


def build(name: str, task: str, params: Mapping[str, str], seed: int) -> Framework:
    """The estimator with its parameters set; what nobody set is fixed by the seed, so that runs repeat."""
    kind = _class(name, task)
    try:
        fresh = kind()
    except TypeError as error:
        raise Usage(f"{name} cannot be built without a script: {error}") from None
    known = fresh.get_params(deep=False)
    unknown = [param for param in params if param not in known and param not in _loose(name)]
    if unknown:
        near = difflib.get_close_matches(unknown[0], known, n=1)
        hint = f"did you mean `{near[0]}`?" if near else f"it has {', '.join(sorted(known))}"
        raise Usage(f"{name} has no parameter `{unknown[0]}`; {hint}")
    values = {param: _value(text, known.get(param)) for param, text in params.items()}
    if "random_state" in known and "random_state" not in values:
        values["random_state"] = seed
    return Framework(name, task, fresh.set_params(**{**_quiet(name), **values}))


def _class(name: str, task: str) -> Any:
    if name.startswith("sklearn."):
        return _sklearn_class(name)[0]
    match name:
        case "xgboost":
            import xgboost

            return xgboost.XGBClassifier if task == CLASSIFICATION else xgboost.XGBRegressor
        case "lightgbm":
            import lightgbm

            return lightgbm.LGBMClassifier if task == CLASSIFICATION else lightgbm.LGBMRegressor
        case _:
            raise Usage(f"there is no framework `{name}`; known: sklearn.<Estimator>, xgboost, lightgbm")


def _sklearn_class(name: str) -> tuple[Any, str]:
    from sklearn.utils import all_estimators

    wanted = name.removeprefix("sklearn.")
    classifiers, regressors = dict(all_estimators("classifier")), dict(all_estimators("regressor"))
    if wanted in classifiers:
        return classifiers[wanted], CLASSIFICATION
    if wanted in regressors:
        return regressors[wanted], REGRESSION
    near = difflib.get_close_matches(wanted, [*classifiers, *regressors], n=1)
    hint = f"; did you mean sklearn.{near[0]}?" if near else ""
    raise Usage(f"scikit-learn has no classifier or regressor `{wanted}`{hint}")


def _loose(name: str) -> frozenset[str]:
    """LightGBM takes many more names than its estimator lists; these are the ones people use."""
    if name != "lightgbm":
        return frozenset()
    return frozenset(("bagging_fraction", "bagging_freq", "feature_fraction", "lambda_l1", "lambda_l2", "max_bin"))


def _quiet(name: str) -> Mapping[str, Any]:
    return {"verbosity": -1} if name == "lightgbm" else {}


def _value(text: str, default: object) -> Any:
    """A parameter as JSON where it is JSON, as text otherwise; 100.0 is 100 where the default is a whole number."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    if isinstance(value, float) and value.is_integer() and type(default) is int:
        return int(value)
    return tuple(value) if isinstance(value, list) and isinstance(default, tuple) else value


def fit(framework: Framework, steps: Any, rows: Any, target: Any, weights: Any) -> Any:
    """Fits a pipeline; what the library objects to is said in one line."""
    last = steps.steps[-1][0]
    try:
        return steps.fit(rows, target, **({} if weights is None else {f"{last}__sample_weight": weights}))
    except (ValueError, TypeError) as error:
        raise Failed(f"{framework.name} cannot be trained: {str(error).splitlines()[0]}") from None
