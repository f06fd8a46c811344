"""Addresses that a run may change, as they are when a run says nothing."""

from __future__ import annotations

from mlopsgen.plan.steps import Plan
from mlopsgen.spec.values import Ref, Text


def by_default(plan: Plan, uri: str | Text | Ref) -> str | Text | Ref:
    """An address with the defaults of run parameters in their places; holes without a default stay."""
    defaults = {p.name: p.default for p in plan.parameters if isinstance(p.default, str) and p.default}
    parts = uri.parts if isinstance(uri, Text) else (uri,)
    filled: list[str | Ref] = []
    for part in parts:
        known = defaults.get(part.name, part) if isinstance(part, Ref) else part
        if isinstance(known, str) and filled and isinstance(filled[-1], str):
            filled[-1] += known
        else:
            filled.append(known)  # type: ignore[arg-type]
    if len(filled) == 1:
        return filled[0]
    return Text(tuple(filled))
