"""Rules for sweeps: axes that the trial takes, values that fit, algorithms that can, trials that are enough."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlopsgen.diagnostics import Diagnostic, Severity
from mlopsgen.nearest import nearest
from mlopsgen.targets.azureml.judge.pipeline import Pipeline, Step, a_map
from mlopsgen.targets.azureml.judge.shapes import SIMPLE, as_number, fits, outside
from mlopsgen.targets.documents import items
from mlopsgen.targets.rules import rule

_SWEEPS = "Azure ML documentation, hyperparameter tuning: search space, sampling, limits, early termination"
_COMMANDS = "Azure ML documentation, core YAML syntax: expressions in `command` are put into its text, which bash reads"
_WORD = re.compile(r"[\w@%+=:,./-]+")
_WHOLE = ("quniform", "qloguniform", "qnormal", "qlognormal", "randint")
_TAKES = {"grid": ("choice", "quniform", "qloguniform", "randint"), "bayesian": ("choice", "uniform", "quniform")}


def sweeps(p: Pipeline) -> Iterator[tuple[Step, Mapping[str, Any]]]:
    """Every sweep with its axes."""
    for step in p.steps:
        if step.kind == "sweep":
            yield step, a_map(step.data.get("search_space"))


@rule("axes", _SWEEPS)
def axes(p: Pipeline) -> Iterator[Diagnostic]:
    """Every axis is an input of the trial that is given nowhere else, from less to more."""
    for step, space in sweeps(p):
        declared = step.declared("inputs")
        for name, axis in space.items():
            path = step.where("search_space", name)
            if declared is not None and name not in declared:
                near = nearest(name, declared)
                hint = f"did you mean `{near}`?" if near else None
                yield p.document.finding("MG434", f"the trial has no input `{name}`", path, hint)
            if name in step.inputs():
                yield p.document.finding("MG433", f"`{name}` is searched and given", step.where("inputs", name))
            low, high = as_number(a_map(axis).get("min_value")), as_number(a_map(axis).get("max_value"))
            if low is not None and high is not None and low >= high:
                message = f"`{name}` goes from {low:g} to {high:g}: the first must be smaller"
                yield p.document.finding("MG433", message, (*path, "min_value"))


@rule("axis-values", _SWEEPS)
def axis_values(p: Pipeline) -> Iterator[Diagnostic]:
    """What an axis can give is what the trial takes."""
    for step, space in sweeps(p):
        for name, axis in space.items():
            entry = a_map((step.declared("inputs") or {}).get(name))
            input_type, path = entry.get("type"), step.where("search_space", name)
            values = items(a_map(axis).get("values"))
            for i, value in enumerate(values):
                code = fits(str(input_type), value) if input_type in SIMPLE else None
                if code is not None:
                    yield p.document.finding(code, f"`{name}` takes {input_type}, not `{value}`", (*path, "values", i))
                for wrong in outside(entry, str(input_type), value) if code is None else ():
                    yield p.document.finding("MG433", f"`{name}` {wrong}", (*path, "values", i))
                if value in values[:i]:
                    yield p.document.finding("MG433", f"`{value}` stands twice", (*path, "values", i))
            kind = a_map(axis).get("type")
            if input_type == "integer" and kind != "choice" and kind not in _WHOLE:
                message = f"`{name}` is a whole number, and {kind} gives fractions: quniform does not"
                yield p.document.finding("MG431", message, path)


@rule("axis-words", _COMMANDS)
def axis_words(p: Pipeline) -> Iterator[Diagnostic]:
    """A drawn text that a shell would read otherwise stands between single quotes in the trial's command."""
    for step, space in sweeps(p):
        command = str(a_map(step.component).get("command", ""))
        for name, axis in space.items():
            bare = re.search(rf"(?<!')\$\{{\{{\s*inputs\.{re.escape(name)}\s*\}}\}}", command)
            for i, value in enumerate(items(a_map(axis).get("values"))):
                if isinstance(value, str) and ("'" in value or (bare and not _WORD.fullmatch(value))):
                    path = step.where("search_space", name, "values", i)
                    message = f"a shell reads `{value}` as something else in the trial's command"
                    yield p.document.finding(
                        "MG439", message, path, f"`'${{{{inputs.{name}}}}}'`, and no `'` in values"
                    )


@rule("algorithm", _SWEEPS)
def algorithm(p: Pipeline) -> Iterator[Diagnostic]:
    """The algorithm can walk along every axis."""
    for step, space in sweeps(p):
        sampling = step.data.get("sampling_algorithm")
        name = str(a_map(sampling).get("type", "") if isinstance(sampling, dict) else sampling).lower()
        for axis_name, axis in space.items():
            kind = a_map(axis).get("type")
            if name in _TAKES and isinstance(kind, str) and kind not in _TAKES[name]:
                message = f"{name} cannot search {kind}: it takes {', '.join(_TAKES[name])}"
                yield p.document.finding("MG433", message, step.where("search_space", axis_name))
        if name == "bayesian" and "early_termination" in step.data:
            message = "bayesian sampling learns from whole trials: it knows no early termination"
            path = step.where("early_termination")
            yield p.document.finding("MG433", message, path, severity=Severity.WARNING)


@rule("trials", _SWEEPS)
def trials(p: Pipeline) -> Iterator[Diagnostic]:
    """No more trials at once than at all; none longer than all; a bandit is told how far it may fall behind."""
    for step, _ in sweeps(p):
        limits = a_map(step.data.get("limits"))
        path = step.where("limits")
        for less, more, what in (
            ("max_concurrent_trials", "max_total_trials", "trials at once than at all"),
            ("trial_timeout", "timeout", "time for one trial than for all"),
        ):
            one, most = as_number(limits.get(less)), as_number(limits.get(more))
            if one is not None and most is not None and one > most:
                yield p.document.finding("MG433", f"more {what}: {one:g} and {most:g}", (*path, less))
        policy = a_map(step.data.get("early_termination"))
        if policy.get("type") == "bandit" and not {"slack_factor", "slack_amount"} & policy.keys():
            message = "bandit needs `slack_factor` or `slack_amount`"
            yield p.document.finding("MG432", message, step.where("early_termination"))
