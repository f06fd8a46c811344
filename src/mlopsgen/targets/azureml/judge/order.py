"""Rules for the order of steps: nobody waits for himself; nodes that work together are told how."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlopsgen.diagnostics import Diagnostic, Severity
from mlopsgen.targets.azureml.judge.pipeline import Pipeline, Step, a_map
from mlopsgen.targets.azureml.judge.searches import NEEDED
from mlopsgen.targets.rules import rule


def edges(p: Pipeline) -> Mapping[str, frozenset[str]]:
    """Step → the steps whose outputs it reads."""
    return {
        step.name: frozenset(found.of_step[0] for _, found in p.references(step) if found.of_step is not None)
        for step in p.steps
    }


@rule("cycles", "Azure ML documentation, what are pipelines: steps are a directed acyclic graph")
def cycles(p: Pipeline) -> Iterator[Diagnostic]:
    """No step waits for itself, on whatever way."""
    direct = edges(p)
    for name in direct:
        reached, waiting = set[str](), list(direct[name])
        while waiting:
            step = waiting.pop()
            if step not in reached:
                reached.add(step)
                waiting.extend(direct.get(step, ()))
        if name in reached:
            message = f"step `{name}` waits for itself through {', '.join(sorted(reached & direct.keys()))}"
            yield p.document.finding("MG435", message, ("jobs", name))


@rule("whole-steps", "azure-ai-ml: CommandSchema and SweepSchema, their required keys")
def whole_steps(p: Pipeline) -> Iterator[Diagnostic]:
    """A pipeline has steps, and a step says what it is."""
    if "jobs" not in p.data and "component" not in p.data:
        yield p.document.finding("MG432", "a pipeline job needs `jobs`")
    for step in p.steps:
        if step.kind == "sweep":
            missing = [key for key in NEEDED if key not in step.data]
        elif step.kind == "command" and "component" not in step.data:
            missing = ["component"] if "command" not in step.data or "environment" not in step.data else []
        else:
            missing = []
        for key in missing:
            yield p.document.finding("MG432", f"step `{step.name}` needs `{key}`", step.path)


@rule("together", "Azure ML documentation, distributed training: nodes find each other through `distribution`")
def together(p: Pipeline) -> Iterator[Diagnostic]:
    """Several nodes are told how they work together."""
    for step in p.steps:
        count = a_map(step.data.get("resources")).get("instance_count")
        told = "distribution" in step.data or "distribution" in (step.component or {})
        if isinstance(count, int) and count > 1 and not told and step.kind == "command" and step.component:
            message = f"step `{step.name}` asks for {count} nodes and says no `distribution`: each does the same"
            path = step.where("resources", "instance_count")
            yield p.document.finding("MG433", message, path, severity=Severity.WARNING)


@rule("somewhere", "the cluster of a run is named, or `serverless` is")
def somewhere(p: Pipeline) -> Iterator[Diagnostic]:
    """In a bundle of ours every step says where it runs, or the pipeline does for all."""
    default = a_map(p.data.get("settings")).get("default_compute") or p.data.get("compute")
    for step in p.steps if p.folder.ours and not default else ():
        if "compute" not in step.data and _runs(step):
            yield p.document.finding("MG432", f"nobody says where step `{step.name}` runs", step.path)


def _runs(step: Step) -> bool:
    return step.kind in ("command", "sweep", "parallel", "spark")
