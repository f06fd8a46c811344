"""How a target of ours says what it does: a table for each way, and what none of the clouds gets yet."""

from __future__ import annotations

from collections.abc import Mapping

from mlopsgen.targets.api import How, Support

REAL_TIME = (
    *("scale_on", "profiles", "zero", "async", "public", "key", "open", "image"),
    *("canary", "linear", "blue-green", "shadow", "abort_on", "steps"),
)
"""What a real-time deployment may ask for besides."""
_NOT_YET: Mapping[str, Support] = dict.fromkeys(
    (
        "data.feature_store",
        "registry.from",
        "deployment.batch",
        "deployment.batch.schedule",
        "deployment.batch.nodes",
        "deployment.batch.files",
        "deployment.batch.image",
        "deployment.real-time",
        *(f"deployment.real-time.{part}" for part in REAL_TIME),
        "deployment.streaming",
        "deployment.edge",
        "monitoring",
        "triggers.monitors",
        "triggers.after",
        "triggers.message",
        "triggers.deployments",
        "triggers.cooldown",
        "triggers.limit",
        "triggers.approval",
        "ci",
    ),
    Support(How.REFUSED, "not emitted yet"),
)


def support(native: Mapping[str, str], emulated: Mapping[str, str], refused: Mapping[str, str]) -> dict[str, Support]:
    """Feature → how it is done, from the words of each way; what no table speaks of is not emitted yet."""
    tables = ((How.NATIVE, native), (How.EMULATED, emulated), (How.REFUSED, refused))
    answers = {name: Support(how, words) for how, table in tables for name, words in table.items()}
    return {**_NOT_YET, **answers}
