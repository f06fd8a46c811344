"""Which machine has what a step asks for.

Which machine types custom training takes, and their accelerators: cloud.google.com/vertex-ai/docs/training/
configure-compute. Sizes: the page of each family (cloud.google.com/compute/docs: general-purpose-machines,
accelerator-optimized-machines, gpus). The order is that of on-demand prices in us-central1
(cloud.google.com/compute/vm-instance-pricing), the cheapest first; not every region has every family.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from mlopsgen.plan.steps import Gpu
from mlopsgen.targets.machines import Catalogue, Machine, rows

MACHINE_TYPES = Path(__file__).parent / "machine_types.txt"
"""All that a spec may name; those below are chosen from."""
DEFAULT = "e2-standard-4"
"""Where neither `machines` nor `resources` says anything: what Vertex AI Pipelines itself takes."""
MOST_CPU = 96
MOST_MEMORY = 624 * 10**9
"""What the container of a step can ask for at most (cloud.google.com/vertex-ai/docs/pipelines/machine-types)."""

# family, GiB of memory for each cpu, sizes
_PLAIN = """
e2-highcpu 1 16 32, e2-standard 4 4 8 16 32, e2-highmem 8 2 4 8 16,
n2-highcpu 1 16 32 48 64 80, n2-standard 4 4 8 16 32 48 64 80, n2-highmem 8 2 4 8 16 32 48 64 80,
c2-standard 4 4 8 16 30 60, n1-highcpu 0.9 16 32 64 96, n1-standard 3.75 4 8 16 32 64 96,
n1-highmem 6.5 2 4 8 16 32 64 96, m1-megamem 14.93 96, m1-ultramem 24.025 40 80 160
"""

# kind of accelerator → machine, cpu, memory in GiB, how many accelerators
_BUILT_IN: Mapping[str, str] = {
    "l4": """g2-standard-4 4 16 1, g2-standard-8 8 32 1, g2-standard-12 12 48 1, g2-standard-16 16 64 1,
    g2-standard-32 32 128 1, g2-standard-24 24 96 2, g2-standard-48 48 192 4, g2-standard-96 96 384 8""",
    "a100": """a2-highgpu-1g 12 85 1, a2-highgpu-2g 24 170 2, a2-highgpu-4g 48 340 4, a2-highgpu-8g 96 680 8,
    a2-megagpu-16g 96 1360 16""",
    "a100-80gb": "a2-ultragpu-1g 12 170 1, a2-ultragpu-2g 24 340 2, a2-ultragpu-4g 48 680 4, a2-ultragpu-8g 96 1360 8",
    "h100": "a3-highgpu-1g 26 234 1, a3-highgpu-2g 52 468 2, a3-highgpu-4g 104 936 4, a3-highgpu-8g 208 1872 8",
    "h100-mega": "a3-megagpu-8g 208 1872 8",
    "h200": "a3-ultragpu-8g 224 2952 8",
    "b200": "a4-highgpu-8g 224 3968 8",
}

# kind of accelerator → how many, and the most cpu and GiB that a machine of the family n1 may have with them
_ATTACHED: Mapping[str, str] = {
    "t4": "1 48 312, 2 48 312, 4 96 624",
    "p4": "1 24 156, 2 48 312, 4 96 624",
    "v100": "1 12 78, 2 24 156, 4 48 312, 8 96 624",
    "p100": "1 16 104, 2 32 208, 4 96 624",
}
ACCELERATORS: Mapping[str, str] = {
    "t4": "NVIDIA_TESLA_T4",
    "p4": "NVIDIA_TESLA_P4",
    "v100": "NVIDIA_TESLA_V100",
    "p100": "NVIDIA_TESLA_P100",
    "l4": "NVIDIA_L4",
    "a100": "NVIDIA_TESLA_A100",
    "a100-80gb": "NVIDIA_A100_80GB",
    "h100": "NVIDIA_H100_80GB",
    "h100-mega": "NVIDIA_H100_MEGA_80GB",
    "h200": "NVIDIA_H200_141GB",
    "b200": "NVIDIA_B200",
}
"""The API's own names (AcceleratorType)."""
IN_CONTAINERS = frozenset({"t4", "p4", "v100", "p100", "l4", "a100", "a100-80gb", "h100"})
"""Accelerators that the container of a step may ask for; the others need a machine by its name."""
_SPELLINGS = {"a100-40gb": "a100", "h100-80gb": "h100", "h200-141gb": "h200", "h100-mega-80gb": "h100-mega"}


@cache
def catalogue() -> Catalogue:
    """Every machine that is chosen from."""
    return Catalogue(
        target="vertex",
        title="machine of Vertex AI",
        machines=(*_plain(), *_attached(), *_built_in()),
        default=DEFAULT,
        kinds=tuple(ACCELERATORS),
        spellings=_SPELLINGS,
    )


def _plain() -> Iterator[Machine]:
    machines: list[Machine] = []
    for family, each, *sizes in rows(_PLAIN):
        machines += [Machine(f"{family}-{size}", int(size), int(size) * float(each)) for size in sizes]
    # One price list for all: a cpu costs about what seven GiB cost; the oldest family comes last of the plain ones.
    yield from sorted(machines, key=lambda m: (_factor(m.name) * (7 * m.cpu + m.memory_gib), m.name))


def _factor(name: str) -> float:
    return {"e2": 1.0, "n2": 1.45, "c2": 1.5, "n1": 1.6, "m1": 2.5}[name[:2]]


def _attached() -> Iterator[Machine]:
    bare = [m for m in _plain() if m.name.startswith("n1-")]
    for kind, table in _ATTACHED.items():
        for count, cpu, memory in (map(int, row) for row in rows(table)):
            yield from (
                Machine(m.name, m.cpu, m.memory_gib, Gpu(kind, count), attached=True)
                for m in bare
                # Fewer than four cpus starve an accelerator.
                if 4 * count <= m.cpu <= cpu and m.memory_gib <= memory
            )


def _built_in() -> Iterator[Machine]:
    for kind, table in _BUILT_IN.items():
        for name, cpu, memory, count in rows(table):
            yield Machine(name, int(cpu), int(memory), Gpu(kind, int(count)))
