"""Finds the estimator a spec names, and sets the parameters that came as text."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from inspect import signature
from typing import Any

from .outcomes import CLASSIFICATION, REGRESSION
from .parameter_names import STOPPING, WHOLE, names_of
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

    @property
    def stops_early(self) -> bool:
        """Whether it looks at further rows while it learns."""
        return not self.name.startswith("sklearn.") and bool(self.estimator.get_params(deep=False).get(STOPPING))

    def fresh(self) -> Framework:
        """The same with an estimator that has learned nothing."""
        from sklearn.base import clone

        return replace(self, estimator=clone(self.estimator))


@dataclass(frozen=True, slots=True)
class Lot:
    """Rows to learn from, prepared: what is known of them, what is true, how much each counts, rows to watch."""

    rows: Any
    target: Any
    weights: Any = None
    watched: tuple[Any, Any] | None = None

    def beside(self, framework: Framework, encode: Any) -> dict[str, Any]:
        """What an estimator is told beside rows and target."""
        more: dict[str, Any] = {} if self.weights is None else {"sample_weight": self.weights}
        if self.watched is None:
            return more
        rows, target = encode.transform(self.watched[0]), self.watched[1]
        if framework.name == "xgboost":
            return {**more, "eval_set": [(rows, target)], "verbose": False}
        # LightGBM 4.6 has other words for it, and warns of the one that 4.5 has.
        if "eval_X" in signature(framework.estimator.fit).parameters:
            return {**more, "eval_X": rows, "eval_y": target}
        return {**more, "eval_set": [(rows, target)]}


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
    values = {param: _value(text, param, known.get(param)) for param, text in _own_names(name, params, known).items()}
    if "random_state" in known and "random_state" not in values:
        values["random_state"] = seed
    return Framework(name, task, fresh.set_params(**{**_quiet(name), **values}))


def _own_names(name: str, params: Mapping[str, str], known: Mapping[str, Any]) -> dict[str, str]:
    """The params by the names that the estimator has for them; others are refused, and one that is given twice."""
    names = {**dict.fromkeys(known), **names_of(name)}
    own: dict[str, str] = {}
    for param, text in params.items():
        if param not in names:
            near = difflib.get_close_matches(param, names, n=1)
            hint = f"did you mean `{near[0]}`?" if near else f"it has {', '.join(sorted(known))}"
            raise Usage(f"{name} has no parameter `{param}`; {hint}")
        word = names[param] or param
        if word in own:
            raise Usage(f"`{param}` is another name of a parameter of {name} that is given, too: `{word}`")
        own[word] = text
    return own


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


def _quiet(name: str) -> Mapping[str, Any]:
    return {"verbosity": -1} if name == "lightgbm" else {}


def _value(text: str, param: str, default: object) -> Any:
    """A parameter as JSON where it is JSON, as text otherwise; 100.0 is 100 where a whole number belongs."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    if isinstance(value, float) and value.is_integer() and (type(default) is int or _counts(param, default)):
        return int(value)
    return tuple(value) if isinstance(value, list) and isinstance(default, tuple) else value


def _counts(param: str, default: object) -> bool:
    """Whether a parameter whose default tells no type counts something."""
    return default is None and param in WHOLE


def fit(framework: Framework, encode: Any, lot: Lot) -> Any:
    """The pipeline of the encoding and of an estimator, both trained."""
    from sklearn.pipeline import Pipeline

    try:
        encoded = encode.fit_transform(lot.rows, lot.target)
    except (ValueError, TypeError) as error:
        raise _cannot(framework, error) from None
    return Pipeline([("encode", encode), ("model", learn(framework, encode, encoded, lot))])


def learn(framework: Framework, encode: Any, encoded: Any, lot: Lot, **more: Any) -> Any:
    """The estimator, trained; what the library objects to is said in one line."""
    beside = lot.beside(framework, encode)
    try:
        return framework.estimator.fit(encoded, lot.target, **beside, **more)
    except (ValueError, TypeError) as error:
        raise _cannot(framework, error) from None


def _cannot(framework: Framework, error: Exception) -> Failed:
    return Failed(f"{framework.name} cannot be trained: {str(error).splitlines()[0]}")
