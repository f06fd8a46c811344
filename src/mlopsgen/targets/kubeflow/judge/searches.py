"""Rules for Katib experiments and for training jobs of many nodes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.nearest import nearest
from mlopsgen.targets.documents import Path, dig, items, maps, walk
from mlopsgen.targets.ir.judge.folder import mapping
from mlopsgen.targets.ir.judge.shape import is_whole
from mlopsgen.targets.kubeflow.judge.cluster import Cluster, Object
from mlopsgen.targets.kubeflow.judge.tables import TABLE
from mlopsgen.targets.rules import rule

KATIB = "Katib, pkg/webhook/v1beta1/experiment/validator"
SETTINGS = {
    "random": {"random_state"},
    "grid": {"random_state"},
    "sobol": {"random_state"},
    "bayesianoptimization": {"base_estimator", "n_initial_points", "acq_func", "acq_optimizer", "random_state"},
    "tpe": {"n_startup_trials", "n_ei_candidates", "random_state"},
    "multivariate-tpe": {"n_startup_trials", "n_ei_candidates", "random_state"},
    "cmaes": {"random_state", "sigma", "restart_strategy"},
    "hyperband": {"r_l", "resource_name", "eta"},
    "pbt": {"suggestion_trial_dir", "n_population", "resample_probability", "truncation_threshold"},
}
_STOPPING = {"min_trials_required", "start_step"}
_PARAMETER = re.compile(r"\$\{trialParameters\.([^}]*)\}")
_OF_TRIAL = re.compile(r"\$\{trialSpec\.(?:Name|Namespace|Kind|APIVersion|(?:Annotations|Labels)\[[^\]]+\])\}")
_JOBS = {"Job": "batch/v1", "TrainJob": "trainer.kubeflow.org/v1alpha1"}
_KUBEFLOW_JOBS = ("PyTorchJob", "TFJob", "MPIJob", "XGBoostJob", "PaddleJob", "JAXJob")


@rule("katib-objective", KATIB)
def objective(c: Cluster) -> Iterator[Diagnostic]:
    """The objective is one metric, others are beside it."""
    for item in c.of("Experiment"):
        metric = item.get("spec", "objective", "objectiveMetricName")
        others = items(item.get("spec", "objective", "additionalMetricNames"))
        if metric in others:
            path: Path = ("spec", "objective", "additionalMetricNames", others.index(metric))
            yield item.document.finding("MG433", f"`{metric}` is the objective already", path)
        for i, strategy in maps(item.get("spec", "objective", "metricStrategies")):
            name = strategy.get("name")
            if isinstance(name, str) and name not in (metric, *others):
                path = ("spec", "objective", "metricStrategies", i, "name")
                yield item.document.finding("MG434", f"`{name}` is no metric of this experiment", path)


@rule("katib-counts", KATIB)
def counts(c: Cluster) -> Iterator[Diagnostic]:
    """Not more trials at once, nor failed ones, than there are."""
    for item in c.of("Experiment"):
        most = item.get("spec", "maxTrialCount")
        for key in ("parallelTrialCount", "maxFailedTrialCount"):
            count = item.get("spec", key)
            if is_whole(most) and is_whole(count) and count > most:
                yield item.document.finding("MG433", f"`{key}` {count} of {most} trials in all", ("spec", key))


@rule("katib-algorithm", "Katib, pkg/suggestion/v1beta1: the settings that each algorithm reads")
def algorithm(c: Cluster) -> Iterator[Diagnostic]:
    """An algorithm reads the settings that it is given, and can search this space."""
    for item in c.of("Experiment"):
        name = item.get("spec", "algorithm", "algorithmName")
        yield from _settings(item, "algorithm", SETTINGS.get(str(name)), str(name))
        yield from _settings(item, "earlyStopping", _STOPPING, "medianstop")
        for i, parameter in maps(item.get("spec", "parameters")):
            needs = name == "grid" and parameter.get("parameterType") == "double"
            if needs and not mapping(parameter.get("feasibleSpace")).get("step"):
                path = ("spec", "parameters", i, "feasibleSpace")
                yield item.document.finding("MG432", "a grid needs `step` in a space of real numbers", path)


def _settings(item: Object, key: str, known: set[str] | None, name: str) -> Iterator[Diagnostic]:
    for i, setting in maps(item.get("spec", key, "algorithmSettings")):
        setting_name = setting.get("name")
        if known is not None and isinstance(setting_name, str) and setting_name not in known:
            near = nearest(setting_name, sorted(known))
            hint = f"did you mean `{near}`?" if near else None
            path = ("spec", key, "algorithmSettings", i, "name")
            yield item.document.finding("MG433", f"`{name}` has no setting `{setting_name}`", path, hint)


@rule("katib-space", KATIB + "; numbers are text")
def space(c: Cluster) -> Iterator[Diagnostic]:
    """Every parameter has a space of its kind."""
    for item in c.of("Experiment"):
        seen: set[str] = set()
        for i, parameter in maps(item.get("spec", "parameters")):
            path: Path = ("spec", "parameters", i)
            if str(parameter.get("name")) in seen:
                message = f"there is a parameter `{parameter['name']}` already"
                yield item.document.finding("MG436", message, (*path, "name"))
            seen.add(str(parameter.get("name")))
            if isinstance(parameter.get("feasibleSpace"), dict):
                feasible = parameter["feasibleSpace"]
                yield from _feasible(item, (*path, "feasibleSpace"), str(parameter.get("parameterType")), feasible)
        if item.get("spec", "parameters") == []:
            yield item.document.finding("MG432", "nothing to search", ("spec", "parameters"))


def _feasible(item: Object, path: Path, kind: str, feasible: dict[str, Any]) -> Iterator[Diagnostic]:
    ranged = kind in ("double", "int")
    for key in ("min", "max") if ranged else ("list",):
        if key not in feasible:
            yield item.document.finding("MG432", f"a {kind} parameter needs `{key}`", path)
    for key in ("list",) if ranged else ("min", "max", "step"):
        if key in feasible:
            yield item.document.finding("MG433", f"a {kind} parameter has no `{key}`", (*path, key))
    if feasible.get("list") == []:
        yield item.document.finding("MG433", "nothing to choose from", (*path, "list"))
    for i, value in enumerate(items(feasible.get("list"))):
        if kind == "discrete" and _number(value) is None:
            yield item.document.finding("MG433", f"`{value}` is no number", (*path, "list", i))
    yield from _bounds(item, path, kind, feasible)


def _bounds(item: Object, path: Path, kind: str, feasible: dict[str, Any]) -> Iterator[Diagnostic]:
    least, most, step = (_number(feasible.get(key)) for key in ("min", "max", "step"))
    if least is not None and most is not None and least > most:
        yield item.document.finding("MG433", f"`min` {least} is above `max` {most}", (*path, "min"))
    if str(feasible.get("distribution")).startswith("log") and least is not None and least <= 0:
        yield item.document.finding("MG433", "a logarithm begins above 0", (*path, "min"))
    for key, value in (("min", least), ("max", most), ("step", step)):
        if kind == "int" and value is not None and value != int(value):
            yield item.document.finding("MG433", f"`{key}` of an int parameter is a whole number", (*path, key))
    if step is not None and step <= 0:
        yield item.document.finding("MG433", "`step` is above 0", (*path, "step"))


def _number(value: Any) -> float | None:
    try:
        return float(value) if isinstance(value, str) else None
    except ValueError:
        return None


@rule("katib-trials", KATIB + ": every trialParameter is referred to, and refers to a parameter")
def trials(c: Cluster) -> Iterator[Diagnostic]:
    """Parameters reach the trial: declared, handed on, read."""
    for item in c.of("Experiment"):
        path: Path = ("spec", "trialTemplate", "trialParameters")
        declared = [p.get("name") for _, p in maps(item.get("spec", "parameters"))]
        handed = {str(p.get("name")): (i, p) for i, p in maps(item.get(*path))}
        trial = item.get("spec", "trialTemplate", "trialSpec")
        read = set(_PARAMETER.findall(json.dumps(trial, ensure_ascii=False)))
        for name, (i, parameter) in handed.items():
            reference = parameter.get("reference")
            known = reference in declared or _OF_TRIAL.fullmatch(str(reference))
            if isinstance(reference, str) and not known:
                near = nearest(reference, [str(d) for d in declared])
                hint = f"did you mean `{near}`?" if near else None
                message = f"`{reference}` is no parameter of this experiment"
                yield item.document.finding("MG434", message, (*path, i, "reference"), hint)
            if name not in read and trial is not None:
                message = f"the trial does not read ${{trialParameters.{name}}}"
                yield item.document.finding("MG434", message, (*path, i))
        references = {str(p.get("reference")) for _, p in handed.values()}
        for i, parameter in maps(item.get("spec", "parameters")):
            if isinstance(parameter.get("name"), str) and parameter["name"] not in references:
                message = f"no trial gets `{parameter['name']}`: hand it on in trialParameters"
                yield item.document.finding("MG434", message, ("spec", "parameters", i))
        yield from _unknown(item, trial, set(handed))


def _unknown(item: Object, trial: Any, known: set[str]) -> Iterator[Diagnostic]:
    for inner, text in walk(trial):
        for name in _PARAMETER.findall(text) if isinstance(text, str) else ():
            if name not in known:
                path = ("spec", "trialTemplate", "trialSpec", *inner)
                message = f"`{name}` is none of trialParameters"
                near = nearest(name, known)
                yield item.document.finding("MG434", message, path, f"did you mean `{near}`?" if near else None)


@rule("katib-trial-jobs", KATIB)
def trial_jobs(c: Cluster) -> Iterator[Diagnostic]:
    """A trial is a job that Katib can name, follow and read."""
    for item in c.of("Experiment"):
        path: Path = ("spec", "trialTemplate", "trialSpec")
        trial = mapping(item.get(*path))
        kind, version = str(trial.get("kind", "")), trial.get("apiVersion")
        if kind in _JOBS and version != _JOBS[kind]:
            message = f"`{kind}` is of `{_JOBS[kind]}`, not of `{version}`"
            yield item.document.finding("MG433", message, (*path, "apiVersion"))
        elif kind and kind not in _JOBS and kind not in _KUBEFLOW_JOBS:
            yield item.document.finding("MG433", f"a trial is a job, not a {kind}", (*path, "kind"))
        if kind == "Job":
            yield from TABLE.check(item.document, "TrialJob", trial, path)
            yield from _primary(item, trial)
        for key in ("name", "namespace"):
            if dig(trial, ("metadata", key)) is not None:
                message = f"Katib gives every trial its {key}: leave it out"
                yield item.document.finding("MG433", message, (*path, "metadata", key))


def _primary(item: Object, trial: dict[str, Any]) -> Iterator[Diagnostic]:
    """The container that is followed is there, and prints metrics when they are read from its output."""
    primary = item.get("spec", "trialTemplate", "primaryContainerName")
    containers = [one for _, one in maps(dig(trial, ("spec", "template", "spec", "containers")))]
    followed = next((one for one in containers if one.get("name") == primary), None)
    if isinstance(primary, str) and containers and followed is None:
        path = ("spec", "trialTemplate", "primaryContainerName")
        yield item.document.finding("MG434", f"the trial has no container `{primary}`", path)
    collector = item.get("spec", "metricsCollectorSpec", "collector", "kind") or "StdOut"
    words = [*items((followed or {}).get("command")), *items((followed or {}).get("args"))]
    if collector == "StdOut" and "mlopsgen_runtime" in words and "--scalars=stdout" not in words:
        path = ("spec", "trialTemplate", "trialSpec")
        message = "metrics are read from what the trial prints, and the launcher is not told to: --scalars=stdout"
        yield item.document.finding("MG433", message, path)
