"""Addresses that a run may change, as they are when a run says nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias, TypeVar

from mlopsgen.plan.steps import AnyJob, Plan
from mlopsgen.plan.values import Flag, LiveUri
from mlopsgen.spec.values import Ref, RunFact, Text

Live: TypeAlias = str | Ref | RunFact | Text
U = TypeVar("U", bound=Live)


def under(prefix: str, uri: Live) -> Live:
    """A folder that a deployment reads or writes: a relative one lies under the product's own prefix."""
    parts = uri.parts if isinstance(uri, Text) else (uri,)
    if isinstance(parts[0], str) and ":" not in parts[0].split("/", 1)[0]:
        parts = (f"{prefix}/{parts[0]}", *parts[1:])
    return parts[0] if len(parts) == 1 else Text(parts)


def live_places(job: AnyJob) -> Iterator[tuple[str, Live]]:
    """Flag → the folder that the job reads or writes each time anew."""
    for argument in job.argv:
        if isinstance(argument, Flag) and isinstance(argument.value, LiveUri):
            yield argument.name, argument.value.uri


def by_default(plan: Plan, uri: U) -> U | str | Ref | Text:
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
