"""What of a real-time deployment Azure ML cannot do, or not so much of it."""

from __future__ import annotations

import re

from mlopsgen.diagnostics import On, SpecPath
from mlopsgen.plan.services import Alarm, RealTime
from mlopsgen.plan.steps import Register
from mlopsgen.plan.values import Flag, Setting
from mlopsgen.runtime.platforms.azure_figures import LATENCY
from mlopsgen.targets.azureml.context import WHERE, Context

MOST_INSTANCES = 50
"""Of one deployment (how-to-manage-quotas)."""
LONGEST_REQUEST = 180
"""Seconds (how-to-manage-quotas: request_timeout_ms)."""
MOST_MIRRORED = 0.5
"""Of all requests (how-to-safely-rollout-online-endpoints)."""


def check_live(context: Context, service: RealTime) -> None:
    """Reports all of it."""
    _check_name(context, service)
    _check_image(context, service)
    _check_request(context, service)
    _check_steps(context, service)
    for alarm in service.rollout.abort_on:
        _check_alarm(context, alarm)
    if service.high > MOST_INSTANCES:
        message = f"a deployment of Azure ML has {MOST_INSTANCES} instances at most"
        where: SpecPath = (*service.origin, "replicas", "max")
        context.error("MG306", message, where, hint=f"at most {MOST_INSTANCES}, on larger machines")
    _note_approval(context, service)
    if not service.public:
        message = (
            f"`{service.name}` is private: it answers through the private endpoint of the workspace alone, and "
            "nobody reaches it in a workspace without one"
        )
        context.note(message, (*service.origin, "expose"), hint="`expose: public` needs none", on=On.KEY)


def _note_approval(context: Context, service: RealTime) -> None:
    """Events tell of a registration, not of a tag (azure/event-grid/event-schema-machine-learning)."""
    register = next((one for one in context.plan.steps if isinstance(one, Register)), None)
    if register is None or service.manual or service.version is not None or register.approval != "manual":
        return
    message = (
        f"Azure ML tells nobody that a version has been approved, so whoever approves it starts the rollout of "
        f"`{service.name}`, too: the README has both commands"
    )
    context.note(message, (*register.origin, "approval"), hint="`approval: automatic` lets the run itself roll it out")


def _check_name(context: Context, service: RealTime) -> None:
    name = context.options.names.get(service.name)
    # Letters, digits and dashes, a letter first (reference-yaml-endpoint-online).
    if name is not None and not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{1,30}[A-Za-z0-9]", name):
        message = f"`{name}` is no name of an online endpoint"
        hint = "3 to 32 letters, digits and dashes, a letter first"
        context.error("MG305", message, (*WHERE, "names", service.name), hint=hint)


def _check_image(context: Context, service: RealTime) -> None:
    if context.plan.image.prebuilt is not None:
        message = (
            f"Azure ML starts `{service.name}` with the command that stands in its image, and `code.image` exists "
            "already: nobody knows what it starts"
        )
        hint = "leave `code.image` out, so that the image is built with it"
        context.error("MG301", message, ("code", "image"), hint=hint)


def _check_request(context: Context, service: RealTime) -> None:
    flags = {
        one.name: one.value.value
        for one in service.job.argv
        if isinstance(one, Flag) and isinstance(one.value, Setting)
    }
    timeout = flags.get("timeout")
    if isinstance(timeout, int | float) and timeout > LONGEST_REQUEST:
        message = f"Azure ML waits for an answer for {LONGEST_REQUEST} seconds at most"
        context.error("MG306", message, (*service.origin, "requests", "timeout"), hint=f"`timeout: {LONGEST_REQUEST}s`")


def _check_steps(context: Context, service: RealTime) -> None:
    rollout = service.rollout
    for index, share in enumerate(rollout.steps):
        where = (*rollout.origin, "steps", index)
        if abs(share * 100 - round(share * 100)) > 1e-9 or share < 0.01:
            message = f"Azure ML shares requests in whole percents, and {share:g} is none"
            context.error("MG306", message, where, hint="such as 0.01 or 0.25")
        if rollout.strategy == "shadow" and share > MOST_MIRRORED:
            message = f"Azure ML mirrors half of the requests at most, not {share:g}"
            context.error("MG306", message, where, hint=f"`steps: [{MOST_MIRRORED}]`")


def _check_alarm(context: Context, alarm: Alarm) -> None:
    where: SpecPath = ("monitoring", "monitors", alarm.name)
    if alarm.figure == "latency" and alarm.quantile not in LATENCY:
        message = f"Azure Monitor has no quantile {alarm.quantile:g} of the latency"
        context.error("MG301", message, (*where, "quantile"), hint=f"one of {', '.join(f'{one:g}' for one in LATENCY)}")
