"""`mlopsgen approve` from the inside: which versions there are, and what a person decides about one that waits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mlopsgen.diagnostics import Diagnostic, SpecError
from mlopsgen.targets.api import RegisteredVersion
from mlopsgen.targets.local.execution.folders import read_json, write_json
from mlopsgen.targets.local.execution.registry import Model
from mlopsgen.targets.local.native import PlanFile, Step
from mlopsgen.targets.local.read import read_content


def versions(plan: bytes, root: Path) -> tuple[RegisteredVersion, ...]:
    """Every version of the plan's models, the oldest of each first."""
    content = read_content(plan)
    return tuple(one for step in _registers(content) for one in _versions(_model(content, step, root)))


def decide(plan: bytes, root: Path, version: str, *, approved: bool) -> RegisteredVersion:
    """Approves a version that waits, which makes it the champion, or rejects it; raises SpecError where none waits."""
    from mlopsgen.runtime.platforms.local import locked

    content = read_content(plan)
    findings: list[Diagnostic] = []
    for step in _registers(content):
        model = _model(content, step, root)
        if not (model.folder / "versions").is_dir():
            findings.append(_unknown(model, version, step))
            continue
        with locked(model.folder):
            refusal = _refusal(model, version, step, approved=approved)
            if refusal is None:
                return _decided(model, version, approved=approved)
        findings.append(refusal)
    if not findings:
        findings.append(Diagnostic("MG609", "the spec registers no model", hint="let it have a `training`"))
    raise SpecError(findings)


def _decided(model: Model, version: str, *, approved: bool) -> RegisteredVersion:
    """The champion first: cut off in between, the version still waits, and the same can be said again."""
    if approved:
        write_json(model.folder / "champion.json", {"version": int(version)})
    file = _about(model, version)
    status = "approved" if approved else "rejected"
    write_json(file, {**(read_json(file) or {}), "status": status})
    return _version(model, version)


def _refusal(model: Model, version: str, step: Step, *, approved: bool) -> Diagnostic | None:
    about = read_json(_about(model, version))
    if about is None:
        return _unknown(model, version, step)
    champion = model.champion() == version
    if about.get("status") == "pending":
        if approved or not champion:
            return None
        problem = "is the champion, so it cannot be rejected"
        return _finding(model, version, step, problem, "approve another version first, or this one")
    if champion:
        return _finding(model, version, step, "is approved already: it is the champion", "there is nothing to do")
    if about.get("status") == "approved":
        file = model.folder / "champion.json"
        hint = f'to go back to it, write `{{"version": {version}}}` into {file}'
        return _finding(model, version, step, "was approved before, and another is the champion now", hint)
    if (about.get("gate") or {}).get("passed", True):
        return _finding(model, version, step, "was rejected before", "`mlopsgen run` registers a new one")
    hint = "improve the model or the data, and `mlopsgen run` registers a new one"
    return _finding(model, version, step, "can never be approved: its gates did not hold", hint)


def _unknown(model: Model, version: str, step: Step) -> Diagnostic:
    numbers = [one.name for one in _versions(model)]
    hint = f"there are {', '.join(numbers)}: `mlopsgen approve` says which of them wait" if numbers else ""
    return _finding(model, version, step, "is not registered here", hint or "`mlopsgen run` registers a first one")


def _finding(model: Model, version: str, step: Step, problem: str, hint: str) -> Diagnostic:
    return Diagnostic("MG609", f"version {version} of {model.folder.name} {problem}", step.place, hint=hint)


def _registers(plan: PlanFile) -> Iterator[Step]:
    return (step for step in plan.steps if step.register is not None)


def _model(plan: PlanFile, step: Step, root: Path) -> Model:
    assert step.register is not None
    return Model(root / plan.places.registry / step.register.model)


def _versions(model: Model) -> Iterator[RegisteredVersion]:
    names = sorted((p.name for p in model.folder.glob("versions/*") if p.name.isdecimal()), key=int)
    return (_version(model, name) for name in names)


def _version(model: Model, name: str) -> RegisteredVersion:
    about = read_json(_about(model, name)) or {}
    champion = model.champion() == name
    return RegisteredVersion(model.folder.name, name, str(about.get("status")), champion, about.get("metrics") or {})


def _about(model: Model, version: str) -> Path:
    # A version is a number: nothing that leads out of the folder is one.
    return model.folder / "versions" / (version if version.isdecimal() else "-") / "version.json"
