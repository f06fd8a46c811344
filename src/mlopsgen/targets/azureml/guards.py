"""What may keep a step from running: run parameters, and a registration that did not happen.

Azure ML has no node that another one can skip: every step starts, and the launcher ends it at once where one
of its guards does not hold. A step inherits the guards of all that it reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field

from mlopsgen.plan.graph import reads_from
from mlopsgen.plan.steps import Register, Step
from mlopsgen.records import dataclass


@dataclass(frozen=True, slots=True)
class Guards:
    """The boolean run parameters that have to be true, and the registrations that must have made a version."""

    when: tuple[str, ...] = ()
    registered: tuple[str, ...] = ()


@dataclass(slots=True)
class _Found:
    when: list[str] = field(default_factory=list)
    registered: list[str] = field(default_factory=list)

    def add(self, other: Guards) -> None:
        self.when += [name for name in other.when if name not in self.when]
        self.registered += [name for name in other.registered if name not in self.registered]


def guards(steps: Iterable[Step]) -> Mapping[str, Guards]:
    """Every step's guards; `steps` come in an order they could run in."""
    given = tuple(steps)
    registers = {step.name for step in given if isinstance(step, Register)}
    found: dict[str, Guards] = {}
    for step in given:
        own = _Found()
        for name in reads_from(step):
            own.add(found.get(name, Guards()))
        for name in step.after:
            own.add(Guards(registered=(name,)) if name in registers else Guards())
            own.add(found.get(name, Guards()) if name in registers else Guards())
        if step.when is not None:
            own.add(Guards(when=(step.when.name,)))
        found[step.name] = Guards(tuple(own.when), tuple(own.registered))
    return found
