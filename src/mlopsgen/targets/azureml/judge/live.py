"""Rules for what answers requests: rollouts alone share them out, send what Azure takes, and replicas stop again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.nearest import nearest
from mlopsgen.targets.azureml.judge.folder import ENDPOINT, OTHER, Folder
from mlopsgen.targets.azureml.judge.pipeline import a_map
from mlopsgen.targets.documents import Document, maps
from mlopsgen.targets.rules import rule

ROLLOUT = "mlopsgen/rollout/v1"
_REST = "Azure Machine Learning REST API 2024-10-01: ManagedOnlineDeployment, OnlineRequestSettings"
PROPERTIES = (
    *("appInsightsEnabled", "codeConfiguration", "dataCollector", "description", "egressPublicNetworkAccess"),
    *("endpointComputeType", "environmentId", "environmentVariables", "instanceType", "livenessProbe", "model"),
    *("modelMountPath", "properties", "readinessProbe", "requestSettings", "scaleSettings"),
)
_WHERE = ("native", "deployment", "properties")
_LONGEST = 180


@rule("endpoint-shares", "Azure ML documentation, safe rollout: an update with a file replaces the traffic")
def shares(folder: Folder) -> Iterator[Diagnostic]:
    """A file that names shares sets back what a rollout has moved, whenever it is applied."""
    for document in folder.of(ENDPOINT) if folder.ours else ():
        for key in ("traffic", "mirror_traffic"):
            if key in a_map(document.data):
                message = f"`{key}` in a file sets back what a rollout has moved"
                yield document.finding("MG442", message, (key,), "leave it out: rollouts alone move requests")


@rule("rollout-body", _REST)
def sent(folder: Folder) -> Iterator[Diagnostic]:
    """What a rollout sends has the keys of the REST API, and waits no longer than Azure does."""
    for document in _rollouts(folder):
        properties = _inside(document.data, *_WHERE)
        for key in properties:
            if key not in PROPERTIES:
                near = nearest(str(key), PROPERTIES)
                hint = f"did you mean `{near}`?" if near else "keys are those of the REST API: `instanceType`"
                yield document.finding("MG430", f"a deployment has no `{key}`", (*_WHERE, key), hint)
        timeout = _inside(properties, "requestSettings").get("requestTimeout")
        seconds = re.fullmatch(r"PT(?:([0-9.]+)M)?(?:([0-9.]+)S)?", str(timeout))
        if timeout is not None and (seconds is None or _seconds(seconds) > _LONGEST):
            message = f"Azure ML takes a time of at most {_LONGEST} seconds, not `{timeout}`"
            path = (*_WHERE, "requestSettings", "requestTimeout")
            yield document.finding("MG433", message, path, f"`PT{_LONGEST}S`")


def _seconds(match: re.Match[str]) -> float:
    return 60 * float(match[1] or 0) + float(match[2] or 0)


@rule("scales-both-ways", "Azure documentation, autoscale best practices: rules to scale out and to scale in")
def both_ways(folder: Folder) -> Iterator[Diagnostic]:
    """What makes instances start makes them stop again."""
    for document in _rollouts(folder):
        scaling = _inside(document.data, "native", "scaling")
        for number, profile in maps(scaling.get("profiles")):
            rules = [one for _, one in maps(profile.get("rules"))]
            ways = {str(_inside(one, "scaleAction").get("direction")) for one in rules}
            if rules and ways != {"Increase", "Decrease"}:
                path = ("native", "scaling", "profiles", number, "rules")
                yield document.finding("MG442", "instances start and never stop, or the other way round", path)


def _rollouts(folder: Folder) -> Iterator[Document]:
    return (one for one in folder.of(OTHER) if a_map(one.data).get("format") == ROLLOUT)


def _inside(data: Any, *keys: str) -> Mapping[str, Any]:
    for key in keys:
        data = a_map(data).get(key)
    return a_map(data)
