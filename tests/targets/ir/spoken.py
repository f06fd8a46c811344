"""Small specs, lowered for the plain platform, and what is found in the pipelines that come of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.render import FileJob, patched, render
from mlopsgen.resources import TEMPLATES
from mlopsgen.spec.options import TargetOptions
from mlopsgen.targets.ir.lower import lower
from mlopsgen.targets.ir.template_values import pipeline_values

from .conftest import plan_of
from .plain import PLAIN

BASE: dict[str, Any] = {
    "apiVersion": "mlopsgen/v1",
    "name": "churn",
    "data": {"source": "s3://lake/churn", "label": "churned", "columns": {"age": "integer", "churned": "boolean"}},
    "training": {"run": "train.py"},
    "evaluation": {"task": "classification", "gates": {"accuracy": {"at_least": 0.8}}},
    "registry": {"model": "churn"},
}
SEARCH = {"metric": "accuracy", "trials": 4, "parallel": 2, "search": {"depth": {"int": [2, 9]}}}
EXTRA = {"run": "extra.py", "outputs": ["page"]}
VERSIONED = {"uri": "s3://lake/churn", "version": "7", "columns": BASE["data"]["columns"]}
MOVING = {"uri": "s3://lake/${parameters.day}", "columns": BASE["data"]["columns"]}
DAY = {"parameters": {"day": {"type": "string", "default": "monday"}}}
GO = {"parameters": {"go": {"type": "boolean", "default": True}}}
MAYBE = {"parameters": {"depth": {"type": "integer", "default": None}}}
AT = {"parameters": {"at": {"type": "string", "default": "s3://lake/monday"}}}
COUNT = {"parameters": {"n": {"type": "integer", "default": 3}}}
Said = tuple[dict[str, Any], str, Any]


def lowered(tmp_path: Path, more: dict[str, Any], **options: Any) -> tuple[dict[str, Any], tuple[Diagnostic, ...]]:
    """The pipeline of the base spec with these sections merged in, and what there is to say about it."""
    for script in ("train.py", "extra.py"):
        (tmp_path / script).write_text("")
    spec = tmp_path / "spec.yaml"
    spec.write_text(json.dumps(merged(BASE, more)))
    low = lower(plan_of(spec), TargetOptions.model_validate(options), PLAIN)
    job = FileJob("pipeline.yaml", "_shared/ir/pipeline.yaml.j2", {"pipeline": pipeline_values(low.pipeline)})
    files = render(patched([job], low.patches), TEMPLATES / "local")
    return yaml.safe_load(files["pipeline.yaml"]), tuple(low.context.findings)


def merged(old: Any, new: Any) -> Any:
    if not isinstance(old, dict) or not isinstance(new, dict):
        return new
    both = {key: merged(old.get(key), new[key]) if key in new else old[key] for key in {**old, **new}}
    return {key: value for key, value in both.items() if value is not None}


def named(pipeline: dict[str, Any]) -> dict[str, Any]:
    """Every task with its component and its executor, in whatever dag it lies."""
    found: dict[str, Any] = {"pipeline": {k: v for k, v in pipeline.items() if k != "components"}}
    for component in (pipeline["root"], *pipeline["components"].values()):
        for name, task in component.get("dag", {}).get("tasks", {}).items():
            own = pipeline["components"][task["componentRef"]["name"]]
            executor = pipeline["deploymentSpec"]["executors"].get(own.get("executorLabel"), {})
            found[name] = {"task": task, "component": own, "executor": executor}
    titles = {said["task"]["taskInfo"]["name"]: said for name, said in found.items() if name != "pipeline"}
    return {**titles, **found}


def has(node: Any, part: Any) -> bool:
    """Whether a part stands anywhere: a text in a text, an object whose keys are all there (none: an empty one)."""
    if isinstance(part, str) and isinstance(node, str):
        return part in node
    if type(node) is type(part) and node == part:
        return True
    if part and isinstance(part, dict) and isinstance(node, dict) and _holds(node, part):
        return True
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return any(has(child, part) for child in inner)


def _holds(node: dict[str, Any], part: dict[str, Any]) -> bool:
    return all(k in node and (has(node[k], v) if v != {} else node[k] == {}) for k, v in part.items())


def training(**more: Any) -> dict[str, Any]:
    return {"training": {"run": "train.py", **more}}


def tuning(**more: Any) -> dict[str, Any]:
    return training(tuning={**SEARCH, **more})


def extra(**more: Any) -> dict[str, Any]:
    return {"steps": {"extra": {**EXTRA, **more}}}
