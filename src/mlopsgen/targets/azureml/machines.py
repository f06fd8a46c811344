"""Which machine has what a step asks for.

Sizes: the page of each series (learn.microsoft.com/azure/virtual-machines/sizes); series that clusters of
Azure ML take: learn.microsoft.com/azure/machine-learning/concept-compute-target. The order is that of the
pay-as-you-go prices in West Europe, the cheapest of its kind first. The disk is the machine's own temporary
one, which is where a job's container lies.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from mlopsgen.plan.steps import Gpu, Resources
from mlopsgen.records import dataclass

DEFAULT = "Standard_DS3_v2"
"""Where neither `machines` nor `resources` says anything: the size of Azure ML's own examples."""

GIB = 2**30


@dataclass(frozen=True, slots=True)
class Machine:
    """One size of virtual machine."""

    name: str
    cpu: int
    memory_gib: int
    disk_gib: int
    gpu: Gpu | None = None

    def describe(self) -> str:
        """What it has, in a few words."""
        gpu = f", {self.gpu.count} x {self.gpu.kind}" if self.gpu else ""
        return f"{self.name} ({self.cpu} cpu, {self.memory_gib} GiB, disk of {self.disk_gib} GiB{gpu})"


# name, cpu, memory in GiB, disk in GiB
_PLAIN = """
F2s_v2 2 4 16, DS2_v2 2 7 14, D2s_v3 2 8 16, E2s_v3 2 16 32, F4s_v2 4 8 32, D4s_v3 4 16 32, DS3_v2 4 14 28,
E4s_v3 4 32 64, F8s_v2 8 16 64, D8s_v3 8 32 64, DS4_v2 8 28 56, E8s_v3 8 64 128, F16s_v2 16 32 128, D16s_v3 16 64 128,
DS5_v2 16 56 112, E16s_v3 16 128 256, F32s_v2 32 64 256, D32s_v3 32 128 256, E32s_v3 32 256 512, F64s_v2 64 128 512,
F72s_v2 72 144 576, D48s_v3 48 192 384, E48s_v3 48 384 768, D64s_v3 64 256 512, E64s_v3 64 432 864
"""

# name, cpu, memory, disk, how many accelerators
_ACCELERATED = {
    "t4": "NC4as_T4_v3 4 28 176 1, NC8as_T4_v3 8 56 352 1, NC16as_T4_v3 16 110 352 1, NC64as_T4_v3 64 440 2816 4",
    "a10": "NV36ads_A10_v5 36 440 1440 1, NV72ads_A10_v5 72 880 2880 2",
    "a100": """
    NC24ads_A100_v4 24 220 64 1, NC48ads_A100_v4 48 440 128 2, NC96ads_A100_v4 96 880 256 4,
    ND96amsr_A100_v4 96 1900 2900 8""",
    "h100": "NC40ads_H100_v5 40 320 128 1, NC80adis_H100_v5 80 640 256 2, ND96isr_H100_v5 96 1900 1000 8",
}
_SPELLINGS = {"a100-80gb": "a100", "a10g": "a10"}


@cache
def catalogue() -> tuple[Machine, ...]:
    """Every machine that is chosen from, the cheapest of its kind first."""
    return (*_plain(), *_accelerated())


def _plain() -> Iterator[Machine]:
    for entry in _PLAIN.split(","):
        name, cpu, memory, disk = entry.split()
        yield Machine(f"Standard_{name}", int(cpu), int(memory), int(disk))


def _accelerated() -> Iterator[Machine]:
    for kind, entries in _ACCELERATED.items():
        for entry in entries.split(","):
            name, cpu, memory, disk, count = entry.split()
            yield Machine(f"Standard_{name}", int(cpu), int(memory), int(disk), Gpu(kind, int(count)))


def known(name: str) -> Machine | None:
    """What is known of a machine that a spec names; not every size that Azure has is listed here."""
    return next((machine for machine in catalogue() if machine.name.lower() == name.lower()), None)


def choose(asked: Resources) -> Machine | None:
    """The cheapest machine that has everything asked for; None when there is none."""
    if asked.cpu is None and asked.memory is None and asked.gpu is None and asked.disk is None:
        return known(DEFAULT)
    return next((m for m in catalogue() if bool(m.gpu) == bool(asked.gpu) and fits(m, asked)), None)


def nearest(asked: Resources) -> Machine | None:
    """The largest of the machines that have the accelerators, or of all."""
    found = [m for m in catalogue() if _kind(m.gpu) == _kind(asked.gpu)]
    return max(found, key=lambda m: (m.gpu.count if m.gpu else 0, m.cpu, m.memory_gib), default=None)


def gpu_kinds() -> tuple[str, ...]:
    """The accelerators that there are machines with."""
    return tuple(_ACCELERATED)


def fits(machine: Machine, asked: Resources) -> bool:
    """Whether a machine has everything asked for."""
    return (
        machine.cpu >= (asked.cpu or 0)
        and machine.memory_gib * GIB >= (asked.memory or 0)
        and machine.disk_gib * GIB >= (asked.disk or 0)
        and _kind(machine.gpu) == _kind(asked.gpu)
        and (machine.gpu.count if machine.gpu else 0) >= (asked.gpu.count if asked.gpu else 0)
    )


def _kind(gpu: Gpu | None) -> str | None:
    if gpu is None:
        return None
    said = gpu.kind.lower().removeprefix("nvidia-").removeprefix("tesla-")
    return _SPELLINGS.get(said, said)
