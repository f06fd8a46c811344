"""A rollout as SageMaker's deployment guardrails go through it: all at once, by one canary, or by equal steps.

Developer guide, "Blue/Green Deployments": a canary is at most half of the machines, a linear step 10 to 50 percent of
them, and requests move with whole machines. Bounds of the seconds: botocore, BlueGreenUpdatePolicy.
"""

from __future__ import annotations

from math import ceil

from mlopsgen.diagnostics import Diagnostic, On, Severity
from mlopsgen.plan.services import RealTime, Rollout
from mlopsgen.targets.sagemaker.context import Context
from mlopsgen.targets.sagemaker.serving.resources import Routing

WAIT = 3600
"""Seconds that one step may be watched."""
SHORTEST, LONGEST = 600, 28800
"""Seconds that a whole rollout may be given."""
STARTING = 1800
"""Seconds for new machines to come and load the model."""


def routing(context: Context, service: RealTime) -> Routing:
    """The traffic's way, with findings about what the guardrails cannot do."""
    rollout = service.rollout
    _check_bake(context, rollout)
    if rollout.strategy in ("canary", "linear") and len(rollout.steps) > 1:
        kind = _kind(rollout.steps)
        if kind is None:
            _refuse(context, rollout)
        elif _is_shared(context, service):
            _check_watched(context, rollout)
            return Routing(
                type=kind,
                size_key="CanarySize" if kind == "CANARY" else "LinearStepSize",
                percent=round(rollout.steps[0] * 100),
                wait=rollout.bake,
                termination=rollout.bake,
                longest=_longest(context, rollout, len(rollout.steps)),
            )
    return Routing(type="ALL_AT_ONCE", termination=rollout.bake, longest=_longest(context, rollout, 1))


def _kind(steps: tuple[float, ...]) -> str | None:
    """CANARY, LINEAR, or None where the shares are neither."""
    first = steps[0]
    if len(steps) == 2 and first <= 0.5:
        return "CANARY"
    equal = all(abs(share - min(1.0, first * (i + 1))) < 0.005 for i, share in enumerate(steps))
    whole = len(steps) == ceil(round(1 / first, 3))
    return "LINEAR" if equal and whole and 0.1 <= first <= 0.5 else None


def _refuse(context: Context, rollout: Rollout) -> None:
    message = (
        "SageMaker moves requests in two ways: one share of at most half and then all, or equal steps of 10 to 50 %"
    )
    where = (*rollout.origin, "steps")
    context.error("MG301", message, where, "`[0.1, 1.0]`, or equal steps such as `[0.25, 0.5, 0.75, 1.0]`")


def _check_watched(context: Context, rollout: Rollout) -> None:
    if not rollout.abort_on:
        message = f"a {rollout.strategy} rollout that no alarm watches never goes back, however bad the version is"
        hint = "`abort_on: [errors]`, and a monitor of that kind; or `strategy: all-at-once`"
        context.error("MG301", message, (*rollout.origin, "strategy"), hint)


def _is_shared(context: Context, service: RealTime) -> bool:
    """Whether there are machines to share. Requests move with whole ones, so each share is at least one of them."""
    rollout, count = service.rollout, min((service.low, *(one.low for one in service.hours)))
    where = (*rollout.origin, "strategy")
    if count < 2:
        message = (
            f"one replica cannot be shared, so a {rollout.strategy} rollout is all at once here; the old machine is "
            f"kept for the {rollout.bake} seconds of the bake"
        )
        hint = "at least two replicas, or `strategy: blue-green`, which says so"
        context.findings.append(Diagnostic("MG315", message, where, hint, severity=Severity.WARNING))
        return False
    share = ceil(count * rollout.steps[0]) / count
    if abs(share - rollout.steps[0]) > 0.01:
        message = f"with {count} replicas a step of {rollout.steps[0]:.0%} is {share:.0%} of the requests"
        context.note(message, where, "requests move with whole machines: more of them make smaller shares")
    return True


def _check_bake(context: Context, rollout: Rollout) -> None:
    if rollout.bake > WAIT:
        message = f"SageMaker watches a step for at most {WAIT // 60} minutes"
        context.error("MG306", message, (*rollout.origin, "bake"), "`bake: 1h`")
    elif rollout.abort_on and rollout.bake < 120:
        message = "CloudWatch counts whole minutes: in less than two of them no alarm can say anything"
        context.error("MG301", message, (*rollout.origin, "bake"), "`bake: 5m`")


def _longest(context: Context, rollout: Rollout, steps: int) -> int:
    needed = steps * rollout.bake + STARTING
    if needed > LONGEST and rollout.bake <= WAIT:
        message = f"{steps} steps of {rollout.bake} seconds are more than the {LONGEST // 3600} hours of a rollout"
        context.error("MG306", message, (*rollout.origin, "bake"), "a shorter one, or fewer steps", on=On.VALUE)
    return min(LONGEST, max(SHORTEST, needed))
