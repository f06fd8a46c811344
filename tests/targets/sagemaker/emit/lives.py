"""Small real-time deployments."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import yaml

from mlopsgen.plan.services import Alarm, Hours, RealTime, Rollout, Scaling
from mlopsgen.plan.steps import FromRegistry, Input, Plan, Run
from mlopsgen.plan.values import Argument, Flag, InputDir, PortKind, Setting
from tests.targets.sagemaker.emit.plans import CONTRACT, RUNTIME, bundle, evaluate, plan, prepare, register, train

ORIGIN = ("deployments", "live")
ERRORS = Alarm(name="errors", figure="errors", at_most=0.01, window=300, origin=(*ORIGIN, "rollout", "abort_on", 0))
SLOW = replace(ERRORS, name="slow", figure="latency", at_most=0.2, quantile=0.95)
BUSY = replace(ERRORS, name="busy", figure="saturation", at_most=0.8, resource="cpu")
ALL_AT_ONCE = Rollout(
    strategy="all-at-once", steps=(1.0,), bake=0, abort_on=(), before=None, after=None, origin=(*ORIGIN, "rollout")
)
CANARY = replace(ALL_AT_ONCE, strategy="canary", steps=(0.5, 1.0), bake=600, abort_on=(ERRORS,))

WATCHED = replace(CANARY, abort_on=(ERRORS, SLOW, BUSY))
SCALED: dict[str, Any] = {
    "low": 2,
    "high": 4,
    "scaling": (
        Scaling(figure="requests_per_minute", out=750, back=None, origin=(*ORIGIN, "scale_on", "requests_per_minute")),
        Scaling(figure="cpu", out=0.7, back=None, origin=(*ORIGIN, "scale_on", "cpu")),
    ),
}
QUEUED: dict[str, Any] = {
    "low": 0,
    "high": 3,
    "answers": "s3://acme/answers/",
    "notified": ("arn:aws:sns:eu-west-1:123456789012:done", None),
    "scaling": (Scaling(figure="concurrency", out=5, back=None, origin=(*ORIGIN, "scale_on", "concurrency")),),
}
WEEKEND = Hours(
    name="weekend",
    days=("sat", "sun"),
    start="00:00",
    end="24:00",
    timezone="Europe/Paris",
    low=2,
    high=2,
    origin=(*ORIGIN, "profiles", "weekend"),
)


def live(*limits: Flag, rollout: Rollout = ALL_AT_ONCE, name: str = "live", **more: Any) -> RealTime:
    source = FromRegistry("churn", "champion")
    flags = (Flag("name", Setting(name)), Flag("model", InputDir("model")))
    argv: tuple[Argument, ...] = (*RUNTIME, "serve", *flags, CONTRACT, *limits)
    folder = Input(port="model", kind=PortKind.MODEL, source=source, origin=(*ORIGIN, "model"))
    job = Run(name=name, argv=argv, inputs=(folder,), cache=False, runtime=True, origin=("deployments", name))
    facts: dict[str, Any] = {"name": name, "job": job, "model": "churn", "rollout": rollout, "origin": ORIGIN}
    return RealTime(**facts | more)


def served(*services: RealTime, **more: Any) -> Plan:
    given = services or (live(),)
    steps = more.pop("steps", (prepare(), train(), evaluate(), register()))
    return plan(*steps, services=given, deployments=tuple(one.name for one in given), **more)


def serving(given: Plan, **more: Any) -> dict[str, Any]:
    """The resources of the endpoint's stack."""
    found: dict[str, Any] = yaml.safe_load(bundle(given, **more)["deployments/live/serving.yaml"])["Resources"]
    return found
