"""`mlopsgen rollout` from the inside: a person names the version that a deployment here shall bring."""

from __future__ import annotations

import time
from pathlib import Path

from mlopsgen.diagnostics import Diagnostic, SpecError
from mlopsgen.targets.local.execution.folders import write_json
from mlopsgen.targets.local.execution.registry import CHAMPION, Model
from mlopsgen.targets.local.read import read_content
from mlopsgen.targets.local.serving.standing import Place


def servers(plan: bytes) -> tuple[str, ...]:
    """The real-time deployments of a plan."""
    return tuple(name for name, one in read_content(plan).deployments.items() if one.mode == "real-time")


def ask(plan: bytes, root: Path, deployment: str, version: str) -> str:
    """Asks for an approved version, and says what happens next; raises SpecError where that cannot be."""
    content = read_content(plan)
    one = content.deployments[deployment]
    place = Place(Model(root / content.places.registry / one.model.model), deployment)
    name, _, number = version.rpartition(":")
    refusal = _refusal(place.model, number, name or one.model.model)
    if one.model.version != CHAMPION:
        pinned = f"`{deployment}` answers with version {one.model.version}, which the spec names"
        refusal = (pinned, "name another there: `model`, and `mlopsgen serve` rolls it out")
    if refusal is not None:
        raise SpecError([Diagnostic("MG613", refusal[0], (*one.step.place, "model"), hint=refusal[1])])
    write_json(place.request, {"version": int(number), "at": time.time()})
    if place.is_held():
        return f"{deployment} brings version {number} of {one.model.model} now: `mlopsgen serve` says how it goes"
    return f"{deployment} shall bring version {number} of {one.model.model}: the next `mlopsgen serve` brings it"


def _refusal(model: Model, version: str, name: str) -> tuple[str, str] | None:
    about = model.about(version) if name == model.folder.name else {}
    if not about:
        numbers = ", ".join(model.numbers())
        hint = f"there are {numbers}" if numbers else "`mlopsgen run` registers a first one"
        return f"version {version} of {name} is not registered here", hint
    status = about.get("status")
    if status == "approved":
        return None
    hint = f"`mlopsgen approve {version}`" if status == "pending" else "`mlopsgen approve` lists those that are"
    return f"version {version} of {name} is {status}: only an approved one is rolled out", hint
