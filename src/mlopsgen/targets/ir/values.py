"""Values that only the run knows, as parameters of a container and holes in its arguments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from typing import assert_never

from mlopsgen.diagnostics import SpecPath
from mlopsgen.plan.values import Value, spelled
from mlopsgen.records import dataclass
from mlopsgen.spec.values import Ref, RunFact, Text
from mlopsgen.targets.ir.context import Context
from mlopsgen.targets.ir.inert import inert
from mlopsgen.targets.ir.parameters import type_of
from mlopsgen.targets.ir.parts import Given, Hole, Takes, Where, Word

FACTS = {"run.id": "{{$.pipeline_job_uuid}}", "run.scheduled_at": "{{$.pipeline_job_schedule_time_utc}}"}
"""What a platform puts in the place of these, as whole values of a task's parameters alone."""


@dataclass(frozen=True, slots=True)
class Taken:
    """The parameters of one container while its arguments are written."""

    context: Context
    ports: frozenset[str] = frozenset()
    """Names that artifacts of the same component have."""
    parameters: dict[str, Takes] = field(default_factory=dict)

    def hole(self, value: Ref | RunFact) -> Hole:
        """A hole for this value, and the parameter that fills it."""
        if isinstance(value, Ref):
            name = f"{value.name}-value" if value.name in self.ports else value.name
            self.parameters[name] = Takes(source=Given(value.name), type=type_of(self.context.parameters[value.name]))
        else:
            # A hyphen: no run parameter has one in its name.
            name = value.name.replace(".", "-").replace("_", "-")
            self.parameters[name] = Takes(source=value)
        return Hole(Where.PARAMETER, name)

    def text(self, value: Value, where: SpecPath) -> Word:
        """A value as text with holes."""
        return tuple(self._parts(value, where))

    def _parts(self, value: Value, where: SpecPath) -> Iterator[str | Hole]:
        match value:
            case Ref() | RunFact():
                yield self.hole(value)
            case Text():
                for part in value.parts:
                    yield from self._parts(part, where)
            case None | bool() | int() | float() | str() | tuple():
                yield inert(self.context, spelled(value), where)
            case _:
                assert_never(value)
