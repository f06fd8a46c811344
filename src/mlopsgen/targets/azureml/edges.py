"""What goes from step to step: where an input comes from, edges without data, and guards.

A guard is what may keep a step from running: run parameters, and a registration that did not happen. Azure ML has no
node that another one can skip: every step starts, and the launcher ends it at once where one of its guards does not
hold. A step inherits the guards of all that it reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from typing import assert_never

from mlopsgen.plan.graph import reads_from
from mlopsgen.plan.steps import AnyJob, FromRegistry, FromSource, FromStep, Input, Plan, Register, Step, Tune
from mlopsgen.plan.values import PortKind
from mlopsgen.records import dataclass
from mlopsgen.targets.azureml import shell_words
from mlopsgen.targets.azureml.names import identifier
from mlopsgen.targets.azureml.native import ComponentInput, ComponentOutput

DONE = "done"
"""The output of a step that writes nothing and that others wait for."""
VERSION = "version"
"""The output of a registration: version.json, where there is a new version."""
FETCHED = "/tmp/mlopsgen"  # noqa: S108 - inside a container of one step
"""Where the launcher puts what no platform mounts."""


def type_of(kind: PortKind) -> str:
    """What Azure ML calls a folder of this kind."""
    return "custom_model" if kind is PortKind.MODEL else "uri_folder"


def source_input(name: str) -> str:
    """The pipeline's input for a source."""
    return shell_words.parent_input(name)


def folder_inputs(inputs: Iterable[Input], refitted: frozenset[str]) -> Iterator[tuple[ComponentInput, str]]:
    """Every folder that is mounted, and what it is bound to; `refitted` are searches that train once more."""
    for item in inputs:
        bound = _bound(item, refitted)
        if bound is not None:
            yield ComponentInput(name=identifier(item.port), type=type_of(item.kind)), bound


def _bound(item: Input, refitted: frozenset[str]) -> str | None:
    match item.source:
        case FromStep(step=step, port=port):
            return shell_words.parent_output(made_by(step, item.kind, refitted), port)
        case FromSource(source=source):
            return source_input(source)
        case FromRegistry():
            return None  # the launcher fetches it: only the registry knows which version is the champion
        case _:
            assert_never(item.source)


def made_by(step: str, kind: PortKind, refitted: frozenset[str]) -> str:
    """The node whose output it is: after a refit, all but the metrics is the refit's."""
    return refit_name(step) if step in refitted and kind is not PortKind.METRICS else step


def refit_name(step: str) -> str:
    """The node that trains once more with the best trial's params."""
    return f"{step}-refit"


def refitted(plan: Plan) -> frozenset[str]:
    """The searches that train once more."""
    return frozenset(step.name for step in plan.steps if isinstance(step, Tune) and step.refit)


def waits(steps: Iterable[Step]) -> Mapping[str, tuple[str, ...]]:
    """Step → the steps that it waits for without reading from them."""
    return {step.name: tuple(n for n in step.after if n not in reads_from(step)) for step in steps}


def last_output(step: Step) -> str:
    """The output that stands for the end of a step: its first, or one made for that alone."""
    if isinstance(step, Register):
        return VERSION
    return step.outputs[0].port if step.outputs else DONE


def outputs(job: AnyJob, *, waited_for: bool) -> tuple[ComponentOutput, ...]:
    """The folders that a job writes."""
    ports = tuple(ComponentOutput(name=identifier(o.port), type=type_of(o.kind)) for o in job.outputs)
    return ports or ((ComponentOutput(name=DONE, type="uri_folder"),) if waited_for else ())


@dataclass(frozen=True, slots=True)
class Guards:
    """The boolean run parameters that have to be true, and the registrations that must have made a version."""

    when: tuple[str, ...] = ()
    registered: tuple[str, ...] = ()


@dataclass(slots=True)
class _Edges:
    when: list[str] = field(default_factory=list)
    registered: list[str] = field(default_factory=list)

    def add(self, other: Guards) -> None:
        self.when += [name for name in other.when if name not in self.when]
        self.registered += [name for name in other.registered if name not in self.registered]


def guards(steps: Iterable[Step]) -> Mapping[str, Guards]:
    """Every step's guards; `steps` come in an order they could run in."""
    members = tuple(steps)
    registers = {step.name for step in members if isinstance(step, Register)}
    guards_of: dict[str, Guards] = {}
    for step in members:
        own = _Edges()
        for name in reads_from(step):
            own.add(guards_of.get(name, Guards()))
        for name in step.after:
            own.add(Guards(registered=(name,)) if name in registers else Guards())
            own.add(guards_of.get(name, Guards()) if name in registers else Guards())
        if step.when is not None:
            own.add(Guards(when=(step.when.name,)))
        guards_of[step.name] = Guards(tuple(own.when), tuple(own.registered))
    return guards_of
