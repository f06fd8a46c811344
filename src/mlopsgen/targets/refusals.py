"""What a target does not do of a plan, and what of that stops the work: codes that are allowed become warnings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from mlopsgen.diagnostics import Diagnostic, On, Severity, SpecError, errors
from mlopsgen.lock.model import unlocked_image
from mlopsgen.plan.steps import Plan, Register
from mlopsgen.spec.options import TargetOptions
from mlopsgen.targets.api import How, Target


def lower(target: Target[Any], plan: Plan, options: TargetOptions) -> tuple[Any, tuple[Diagnostic, ...]]:
    """The plan in the target's own terms, and every finding about the two, unsettled."""
    before = (*_not_yet(plan, target), *_unlocked(plan))
    try:
        native, findings = target.lower(plan, options)
    except SpecError as stopped:
        raise SpecError((*before, *stopped.findings)) from stopped
    return native, (*before, *findings)


def settle(findings: Iterable[Diagnostic], allow: frozenset[str]) -> tuple[Diagnostic, ...]:
    """The findings about a target, with the allowed ones made warnings; raises SpecError when errors are left."""
    settled = tuple(_allowed(d) if d.code in allow and d.code.startswith("MG3") else d for d in findings)
    if errors(settled):
        raise SpecError(settled)
    return settled


def nothing_left(target: Target[Any], plan: Plan) -> Diagnostic:
    """Of a spec without a step everything was left out: an empty pipeline would look like one that works."""
    hint = "add a `training` or `steps`, or wait for a version that makes the rest: `mlopsgen targets` shows what is"
    origin = next((use.origin for use in plan.uses if use.words), ())
    return Diagnostic("MG207", f"{target.title} has nothing to make of this spec", origin, hint, on=On.KEY)


def _allowed(finding: Diagnostic) -> Diagnostic:
    return replace(finding, severity=Severity.WARNING) if finding.severity is Severity.ERROR else finding


def _not_yet(plan: Plan, target: Target[Any]) -> Iterator[Diagnostic]:
    """What the spec has and this target refuses as a whole; refusals of a part are found where it is lowered."""
    for use in plan.uses:
        if not use.words or not _refused(use.feature, target) or _refused(use.feature.rpartition(".")[0], target):
            continue
        hint = f"take it out, or compile without it: `--allow MG302` leaves {use.words} out of the bundle and says so"
        message = f"{target.title} does not get {use.words} from mlopsgen yet"
        yield Diagnostic("MG302", message, use.origin, hint, on=On.KEY)


def _refused(feature: str, target: Target[Any]) -> bool:
    """Whether a target refuses a feature; of what it refuses as a whole, no part is spoken of."""
    answer = target.support.get(feature)
    return answer is not None and answer.how is How.REFUSED


def _unlocked(plan: Plan) -> Iterator[Diagnostic]:
    """Images that the project's lock does not know; of requirements the targets speak, who add their own."""
    image = plan.image
    yield from unlocked_image(image.prebuilt or image.base, ("code", "image" if image.prebuilt else "base"), image.lock)
    for step in plan.steps:
        if not isinstance(step, Register) and step.image:
            yield from unlocked_image(step.image, (*step.origin, "image"), image.lock)
