"""Which machine has what a step asks for: a target has the table, here it is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlopsgen.plan.steps import AnyJob, Evaluate, Gpu, Prepare, Resources
from mlopsgen.records import dataclass
from mlopsgen.targets.reporting import Reporting

GIB = 2**30


@dataclass(frozen=True, slots=True)
class Machine:
    """One type of machine."""

    name: str
    cpu: int
    memory_gib: float
    gpu: Gpu | None = None
    disk_gib: int | None = None
    """The disk that is part of the machine; None where a step's disk is made for it."""
    attached: bool = False
    """Whether its accelerators are attached to it, and no part of it."""

    def describe(self) -> str:
        """What it has, in a few words."""
        disk = f", disk of {self.disk_gib} GiB" if self.disk_gib else ""
        gpu = f", {self.gpu.count} x {self.gpu.kind}" if self.gpu else ""
        return f"{self.name} ({self.cpu} cpu, {self.memory_gib:g} GiB{disk}{gpu})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """The machines of one platform, the cheapest of its kind first."""

    target: str
    title: str
    """What one of them is called: `machine of Azure ML`."""
    machines: tuple[Machine, ...]
    default: str
    """The machine where neither `machines` nor `resources` says anything."""
    kinds: tuple[str, ...]
    """The accelerators that there are machines with."""
    spellings: Mapping[str, str]
    """Another name of an accelerator → ours."""

    def known(self, name: object) -> Machine | None:
        """What is known of a machine that a spec names; not every type that a platform has is listed here."""
        key = name.lower() if isinstance(name, str) else None
        return next((m for m in self.machines if m.name.lower() == key and not m.attached), None)

    def named(self, names: Mapping[str, Any], step: str, resources: Resources) -> Any:
        """The machine that a spec names for a step; the one for all steps only where it has what this one asks for."""
        own = names.get(step)
        if own is not None:
            return own
        common = names.get("default")
        machine = self.known(common)
        return None if machine and not self.fits(machine, resources) else common

    def choose(self, resources: Resources) -> Machine | None:
        """The cheapest machine that has everything asked for; None when there is none."""
        common = self.known(self.default)
        disk = None if common is None or common.disk_gib is None else resources.disk
        if resources.cpu is None and resources.memory is None and resources.gpu is None and disk is None:
            return common
        return next((m for m in self._alike(resources) if self.fits(m, resources)), None)

    def nearest(self, resources: Resources) -> Machine | None:
        """The largest of the machines that have the accelerators, or of all."""
        of_kind = [m for m in self._alike(resources) if self.kind_of(m.gpu) == self.kind_of(resources.gpu)]
        return max(of_kind, key=lambda m: (m.gpu.count if m.gpu else 0, m.cpu, m.memory_gib), default=None)

    def fits(self, machine: Machine, resources: Resources) -> bool:
        """Whether a machine has everything asked for."""
        return (
            machine.cpu >= (resources.cpu or 0)
            and machine.memory_gib * GIB >= (resources.memory or 0)
            and self.kind_of(machine.gpu) == self.kind_of(resources.gpu)
            and (machine.gpu.count if machine.gpu else 0) >= (resources.gpu.count if resources.gpu else 0)
            and (machine.disk_gib is None or machine.disk_gib * GIB >= (resources.disk or 0))
        )

    def kind_of(self, gpu: Gpu | None) -> str | None:
        """An accelerator under our own name; where any will do, the first that a machine has so many of."""
        if gpu is None:
            return None
        if gpu.kind is None:
            enough = (m.gpu.kind for m in self.machines if m.gpu and m.gpu.kind and m.gpu.count >= gpu.count)
            return next(enough, self.kinds[0])
        kind = gpu.kind.lower().replace("_", "-").removeprefix("nvidia-").removeprefix("tesla-")
        return self.spellings.get(kind, kind)

    def report_none(self, report: Reporting, step: str, resources: Resources) -> None:
        """Reports that no machine has what a step asks for, with the nearest one."""
        near = self.nearest(resources)
        if near is None:
            kind = self.kind_of(resources.gpu) or ""
            hint = f"accelerators here: {', '.join(self.kinds)}"
            report.error("MG307", f"no {self.title} has a `{kind}`", (*resources.origin, "gpu"), hint)
            return
        hint = f"the largest is {near.describe()}; or name one under `targets.{self.target}.machines.{step}`"
        report.error("MG307", f"no {self.title} has all that `{step}` asks for", resources.origin, hint)

    def _alike(self, resources: Resources) -> Iterator[Machine]:
        return (machine for machine in self.machines if bool(machine.gpu) == bool(resources.gpu))


def report_nodes(context: Reporting, job: AnyJob) -> None:
    """Reports a step over several machines with a command of the runtime in it, which works on one."""
    if not job.runtime or job.resources.nodes == 1:
        return
    what = f"`{job.name}` runs a built-in command, which works on one machine"
    hint = "`nodes: 1`"
    if "--" in job.argv and isinstance(job, Prepare):
        what = f"before `{job.name}` the data is checked against its `columns` and `checks`, on one machine"
        hint = "`nodes: 1`, or take `columns` and `checks` out of `data` and check in the script"
    elif isinstance(job, Evaluate) and "--" in job.argv and not job.gates:
        what = f"the model is explained where `{job.name}` has run, on one machine"
        hint = "`nodes: 1`, or take `explain` out; let a step of its own under `steps` do the work of several"
    elif "--" in job.argv:
        what = f"the gates are judged where `{job.name}` has run, on one machine"
        hint = "`nodes: 1`; let a step of its own under `steps` do the work of several, and read what it writes"
    context.error("MG301", what, (*job.resources.origin, "nodes"), hint)


def rows(table: str) -> Iterator[list[str]]:
    """The words of each row of a table whose rows end with commas."""
    return (row.split() for row in table.split(","))
