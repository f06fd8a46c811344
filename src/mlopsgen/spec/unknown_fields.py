"""Keys that a map does not have: what was meant, where the key belongs, and what the language leaves out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from mlopsgen.diagnostics import Diagnostic, Fix, On, SpecPath
from mlopsgen.nearest import nearest
from mlopsgen.spec.model import Model, fields, keys_of
from mlopsgen.spec.product import Spec
from mlopsgen.spec.shape import OneOf, Record, Shape, innermost, models_of, reachable, under

_INSTEAD = "run it as a step of your own: `steps: {<name>: {run: <script>}}`"
LEFT_OUT: Mapping[str, tuple[str, str]] = {
    "automl": ("AutoML", "say the search: `training: {framework: sklearn.<Estimator>, tuning: {…}}`"),
    "auto_ml": ("AutoML", "say the search: `training: {framework: sklearn.<Estimator>, tuning: {…}}`"),
    "autopilot": ("AutoML", "say the search: `training: {framework: sklearn.<Estimator>, tuning: {…}}`"),
    "notebook": ("notebooks as steps", "export it to a script (`jupyter nbconvert --to script`) and `run` that"),
    "notebooks": ("notebooks as steps", "export it to a script (`jupyter nbconvert --to script`) and `run` that"),
    "sql": ("SQL steps", f"{_INSTEAD}, or read the finished table as a source"),
    "query": ("SQL steps", f"{_INSTEAD}, or read the finished table as a source"),
    "graph": ("chains of model servers", "call one model from the other in `serve: {run: predict.py}`"),
    "chain": ("chains of model servers", "call one model from the other in `serve: {run: predict.py}`"),
    "ensemble": ("chains of model servers", "put both models in one, written by one training"),
    "ab_test": ("A/B tests routed by header", "use `rollout: {strategy: canary}` or `shadow`"),
    "experiment_routing": ("A/B tests routed by header", "use `rollout: {strategy: canary}` or `shadow`"),
    "routes": ("API gateways", "put your gateway in front of the deployment's endpoint"),
    "gateway": ("API gateways", "put your gateway in front of the deployment's endpoint"),
    "api_gateway": ("API gateways", "put your gateway in front of the deployment's endpoint"),
}


SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "min": ("at_least", "minimum"), "minimum": ("at_least",), "above": ("at_least",), "gte": ("at_least",),
    "greater_than": ("at_least",), "threshold": ("at_least",), "lower_bound": ("at_least", "minimum"),
    "max": ("at_most", "maximum"), "maximum": ("at_most",), "below": ("at_most",), "lte": ("at_most",),
    "less_than": ("at_most",), "upper_bound": ("at_most", "maximum"),
    "monitors": ("any_of",), "monitor": ("any_of",), "cron": ("schedule",),
    "batch_size": ("mini_batch", "batch"), "command": ("run",), "script": ("run",), "depends_on": ("after",),
    "needs": ("after",), "environment": ("env",), "target": ("label",), "instances": ("replicas", "nodes"),
    "hyperparameters": ("params", "search"), "arguments": ("params",), "retry": ("retries",),
}  # fmt: skip
"""A key of another language → the keys of this one that mean the same."""


def synonym(key: str, known: Iterable[str]) -> str | None:
    """The known key that another one means."""
    others = SYNONYMS.get(key, ())
    return next((other for other in others if other in known), None)


def left_out(what: str, spec_path: SpecPath, on: On = On.KEY) -> Diagnostic | None:
    """The finding for something that the language leaves out on purpose."""
    if what not in LEFT_OUT:
        return None
    words, instead = LEFT_OUT[what]
    return Diagnostic("MG128", f"mlopsgen has no {words}, on purpose", spec_path, instead, on=on)


def unknown_field(key: str, spec_path: SpecPath, shape: Shape, value: Mapping[str, Any]) -> Diagnostic:
    """The finding for one unknown key; `shape` and `value` are the map it stands in."""
    model = _model_of(shape, value)
    if (finding := left_out(key, spec_path)) and model:
        return finding
    words = model.words if model and model.words else "this map"
    known = _known(shape, model)
    free = [name for name in known if name not in value]
    near = synonym(key, free) or nearest(key, free) or nearest(key, known)
    hint = f"did you mean `{near}`?" if near else _elsewhere(key, shape, model)
    fix = Fix(near, On.KEY) if near and near not in value else None
    return Diagnostic("MG104", f"unknown field `{key}` in {words}", spec_path, hint, fix, on=On.KEY)


def _model_of(shape: Shape, value: Any) -> type[Model] | None:
    if isinstance(shape, Record):
        return shape.model
    if isinstance(shape, OneOf) and isinstance(value, Mapping):
        return shape.choose(value)
    return None


def _known(shape: Shape, model: type[Model] | None) -> tuple[str, ...]:
    """Keys worth suggesting: those of the map, and those that would make it another kind."""
    deciding = shape.chooser.keys if isinstance(shape, OneOf) else ()
    resolved = ("environments",) if model is Spec else ()
    return (*(keys_of(model) if model else ()), *deciding, *resolved)


def _elsewhere(key: str, shape: Shape, model: type[Model] | None) -> str:
    """The hint that says where the language has this key, or one like it."""
    others = [other for other in models_of(shape) if other is not model]
    near = nearest(key, [known for other in others for known in keys_of(other)])
    if near:
        having = _listed(other.words for other in others if near in keys_of(other))
        proposal = "it" if near == key else f"`{near}`"
        start = "" if near == key else f"did you mean {proposal}? "
        return f"{start}{model.words if model else 'this map'} has no `{near}`; {having} does"
    if places := _places().get(key):
        return f"`{key}` belongs in {_listed(places)}"
    if model:
        known = keys_of(model)
        return f"{model.words} has {', '.join(f'`{name}`' for name in known[:12])}{'…' if len(known) > 12 else ''}"
    return "see SPEC for the fields of this section"


def _listed(words: Any) -> str:
    several = list(dict.fromkeys(words))
    return several[0] if len(several) == 1 else f"{', '.join(several[:-1])} or {several[-1]}"


@cache
def _places() -> Mapping[str, list[str]]:
    """Key → the words of every map that has it."""
    places: dict[str, list[str]] = {}
    for words, keys in _holders():
        for key in keys:
            if words and words not in places.setdefault(key, []):
                places[key].append(words)
    return {key: words for key, words in places.items() if len(words) <= 3}


def _holders() -> Iterator[tuple[str, Iterable[str]]]:
    """Every kind of map with its keys; what all kinds of a union have is said of the union."""
    for model in reachable(Spec):
        for shape in (innermost(under(model, key)) for key in fields(model)):
            if isinstance(shape, Record):
                yield shape.model.words, keys_of(shape.model)
            elif isinstance(shape, OneOf):
                kinds = [set(keys_of(kind)) for kind in models_of(shape)]
                common = set.intersection(*kinds)
                yield shape.chooser.words, sorted(common)
                for kind in models_of(shape):
                    yield kind.words, [key for key in keys_of(kind) if key not in common]
