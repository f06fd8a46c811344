"""`mlopsgen approve` from the inside: which versions there are, and what a person decides about one that waits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from mlopsgen.diagnostics import Diagnostic, SpecError
from mlopsgen.targets.api import RegisteredVersion
from mlopsgen.targets.local.execution.folders import write_json
from mlopsgen.targets.local.execution.registry import Model, approvals
from mlopsgen.targets.local.native import PlanFile, Step
from mlopsgen.targets.local.read import read_content

REJECTED = "change the code or the data, and `mlopsgen run` registers a new one"


def versions(plan: bytes, root: Path) -> tuple[RegisteredVersion, ...]:
    """Every version of the plan's models, the oldest of each first."""
    content = read_content(plan)
    return tuple(one for step in _registers(content) for one in _versions(_model(content, step, root), step))


def decide(plan: bytes, root: Path, version: str, *, approved: bool) -> RegisteredVersion:
    """Approves a version, or rejects one that waits; raises SpecError where that cannot be.

    An approved version is the champion at once, or when a server has brought it where the plan has one.
    """
    from mlopsgen.runtime.platforms.local import locked

    content = read_content(plan)
    findings: list[Diagnostic] = []
    name, _, version = version.rpartition(":")
    for step in _registers(content):
        model = _model(content, step, root)
        if name not in ("", model.folder.name):
            there = f"the spec registers {model.folder.name}: `mlopsgen approve {model.folder.name}:{version}`"
            problem = f"version {version} of {name} is not registered here"
            findings.append(Diagnostic("MG609", problem, step.place, hint=there))
            continue
        if not (model.folder / "versions").is_dir():
            findings.append(_unknown(model, version, step))
            continue
        with locked(model.folder):
            refusal = _refusal(model, version, step, approved=approved)
            if refusal is None:
                return _decided(model, version, step, approved=approved)
        findings.append(refusal)
    if not findings:
        findings.append(Diagnostic("MG609", "the spec registers no model", hint="let it have a `training`"))
    raise SpecError(findings)


def _decided(model: Model, version: str, step: Step, *, approved: bool) -> RegisteredVersion:
    """The champion first: cut off in between, the version still waits, and the same can be said again."""
    assert step.register is not None
    if approved and step.register.champion == "approval":
        write_json(model.folder / "champion.json", {"version": int(version)})
    # The one that was approved last is rolled out.
    decided = {"status": "approved", "approved_at": _now()} if approved else {"status": "rejected"}
    write_json(_about(model, version), {**model.about(version), **decided})
    return _version(model, version, step)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _refusal(model: Model, version: str, step: Step, *, approved: bool) -> Diagnostic | None:
    about = model.about(version)
    if not about:
        return _unknown(model, version, step)
    champion = model.champion() == version
    if about.get("status") == "pending":
        if approved or not champion:
            return None
        problem = "is the champion, so it cannot be rejected"
        return _finding(model, version, step, problem, "approve another version first, or this one")
    if about.get("status") == "approved":
        return _approved_before(model, version, step, approved=approved, champion=champion)
    if (about.get("gate") or {}).get("passed", True):
        return _finding(model, version, step, "was rejected before", REJECTED)
    hint = "improve the model or the data, and `mlopsgen run` registers a new one"
    return _finding(model, version, step, "can never be approved: its gates did not hold", hint)


def _approved_before(model: Model, version: str, step: Step, *, approved: bool, champion: bool) -> Diagnostic | None:
    """Approving an older version goes back to it; the one that is in use needs nothing."""
    if not approved:
        problem = "was approved before, so it cannot be rejected"
        return _finding(model, version, step, problem, "approve another version: it takes over")
    rolled_out = step.register is not None and step.register.champion == "rollout"
    last = not rolled_out or max(approvals(model)).version == int(version)
    if champion and last:
        return _finding(model, version, step, "is approved already: it is the champion", "there is nothing to do")
    return None


def _unknown(model: Model, version: str, step: Step) -> Diagnostic:
    numbers = [one.name for one in _versions(model, step)]
    hint = f"there are {', '.join(numbers)}: `mlopsgen approve` says which of them wait" if numbers else ""
    return _finding(model, version, step, "is not registered here", hint or "`mlopsgen run` registers a first one")


def _finding(model: Model, version: str, step: Step, problem: str, hint: str) -> Diagnostic:
    return Diagnostic("MG609", f"version {version} of {model.folder.name} {problem}", step.place, hint=hint)


def _registers(plan: PlanFile) -> Iterator[Step]:
    return (step for step in plan.steps if step.register is not None)


def _model(plan: PlanFile, step: Step, root: Path) -> Model:
    assert step.register is not None
    return Model(root / plan.places.registry / step.register.model)


def _versions(model: Model, step: Step) -> Iterator[RegisteredVersion]:
    return (_version(model, name, step) for name in model.numbers())


def _version(model: Model, name: str, step: Step) -> RegisteredVersion:
    about = model.about(name)
    rolled_out = step.register is not None and step.register.champion == "rollout"
    return RegisteredVersion(
        model=model.folder.name,
        name=name,
        status=str(about.get("status")),
        champion=model.champion() == name,
        metrics=about.get("metrics") or {},
        rolled_out=rolled_out,
        about=about,
    )


def _about(model: Model, version: str) -> Path:
    return model.folder / "versions" / version / "version.json"
