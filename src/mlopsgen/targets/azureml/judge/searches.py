"""The shape of a sweep: axes, algorithm, what is looked for, when to stop."""

from __future__ import annotations

from mlopsgen.targets.azureml.judge.parts import ENVIRONMENT
from mlopsgen.targets.azureml.judge.shapes import Anything, Chosen, Either, Fields, Listed, Named, Number, Shape, Text

_TYPE: dict[str, Shape] = {"type": Text()}
_STRETCH: dict[str, Shape] = {**_TYPE, "min_value": Number(), "max_value": Number()}
_BELL: dict[str, Shape] = {**_TYPE, "mu": Number(), "sigma": Number()}
_STEP: dict[str, Shape] = {"q": Number()}
AXIS = Chosen(
    "an axis of the search",
    "type",
    {
        "choice": Fields("choice", {**_TYPE, "values": Listed(Anything(), least=1)}, needs=("values",)),
        **{name: Fields(name, _STRETCH, needs=("min_value", "max_value")) for name in ("uniform", "loguniform")},
        **{
            name: Fields(name, {**_STRETCH, **_STEP}, needs=("min_value", "max_value", "q"))
            for name in ("quniform", "qloguniform")
        },
        **{name: Fields(name, _BELL, needs=("mu", "sigma")) for name in ("normal", "lognormal")},
        **{name: Fields(name, {**_BELL, **_STEP}, needs=("mu", "sigma", "q")) for name in ("qnormal", "qlognormal")},
        "randint": Fields("randint", {**_TYPE, "upper": Number(whole=True, least=1)}, needs=("upper",)),
    },
)
_ALGORITHMS = ("random", "grid", "bayesian")
_EACH: dict[str, Shape] = {
    **_TYPE,
    "evaluation_interval": Number(whole=True, least=1),
    "delay_evaluation": Number(whole=True, least=0),
}
_SECONDS = Number(whole=True, least=1)

SWEEP: dict[str, Shape] = {
    "trial": Either(
        Text(),
        Fields(
            "the trial of a sweep",
            {"command": Text(), "environment": ENVIRONMENT},
            loose=True,
        ),
    ),
    "search_space": Named(AXIS, least=1),
    "objective": Fields(
        "what a sweep looks for",
        {"goal": Text(words=("minimize", "maximize")), "primary_metric": Text()},
        needs=("goal", "primary_metric"),
    ),
    "sampling_algorithm": Either(
        Text(words=_ALGORITHMS),
        Chosen(
            "an algorithm",
            "type",
            {
                "random": Fields(
                    "random sampling",
                    {
                        **_TYPE,
                        "seed": Number(whole=True),
                        "rule": Text(words=("random", "sobol")),
                        "logbase": Anything(),
                    },
                ),
                "grid": Fields("grid sampling", _TYPE),
                "bayesian": Fields("bayesian sampling", _TYPE),
            },
        ),
    ),
    "early_termination": Chosen(
        "an early termination",
        "type",
        {
            "bandit": Fields(
                "bandit",
                {**_EACH, "slack_factor": Number(least=0), "slack_amount": Number(least=0)},
            ),
            "median_stopping": Fields("median_stopping", _EACH),
            "truncation_selection": Fields(
                "truncation_selection",
                {**_EACH, "truncation_percentage": Number(whole=True, least=1, most=99)},
                needs=("truncation_percentage",),
            ),
        },
    ),
    "limits": Fields(
        "the limits of a sweep",
        {
            "max_total_trials": Number(whole=True, least=1, most=1000),
            "max_concurrent_trials": Number(whole=True, least=1, most=1000),
            "timeout": _SECONDS,
            "trial_timeout": _SECONDS,
        },
        needs=("max_total_trials",),
    ),
}
NEEDED = ("trial", "search_space", "objective", "limits", "sampling_algorithm")
