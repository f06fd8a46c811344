"""Run parameters that may be empty, on platforms where only a text can be."""

from __future__ import annotations

from mlopsgen.plan.steps import RunParameter


def unchecked(declared: RunParameter, platform: str) -> str | None:
    """What such a platform does not compare with an optional number; one of a few values is compared as text."""
    optional = not declared.required and declared.default is None
    if not optional or declared.values or declared.type not in ("integer", "number"):
        return None
    bounded = declared.minimum is not None or declared.maximum is not None
    what = "type and the bounds" if bounded else "type"
    return f"nobody checks the {what} of `{declared.name}`: {platform} has it as text, so that it may be empty"
