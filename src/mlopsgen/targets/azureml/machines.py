"""Which machine has what a step asks for.

Sizes: the page of each series (learn.microsoft.com/azure/virtual-machines/sizes); series that clusters of
Azure ML take: learn.microsoft.com/azure/machine-learning/concept-compute-target. The order is that of the
pay-as-you-go prices in West Europe, the cheapest of its kind first. The disk is the machine's own temporary
one, which is where a job's container lies.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from mlopsgen.plan.steps import Gpu
from mlopsgen.targets.machines import Catalogue, Machine, rows

DEFAULT = "Standard_D4ds_v4"
"""Where neither `machines` nor `resources` says anything. Of the series that concept-compute-target lists for clusters,
DSv2 and FSv2 end in 2028 (virtual-machines/sizes/retirement/retired-sizes-list), and new subscriptions have no quota
for them; those of version 5 it does not list."""

# name, cpu, memory in GiB, disk in GiB
_PLAIN = """
D2ds_v4 2 8 75, E2s_v3 2 16 32, D4ds_v4 4 16 150, E4s_v3 4 32 64, D8ds_v4 8 32 300, E8s_v3 8 64 128,
D16ds_v4 16 64 600, E16s_v3 16 128 256, D32ds_v4 32 128 1200, E32s_v3 32 256 512, D48ds_v4 48 192 1800,
E48s_v3 48 384 768, D64ds_v4 64 256 2400, E64s_v3 64 432 864
"""

# Known by name, and never chosen: whatever one of them has, a size above has it, too.
_OLD = """
F2s_v2 2 4 16, DS2_v2 2 7 14, D2s_v3 2 8 16, F4s_v2 4 8 32, DS3_v2 4 14 28, D4s_v3 4 16 32, F8s_v2 8 16 64,
DS4_v2 8 28 56, D8s_v3 8 32 64, F16s_v2 16 32 128, DS5_v2 16 56 112, D16s_v3 16 64 128, F32s_v2 32 64 256,
D32s_v3 32 128 256, D48s_v3 48 192 384, F64s_v2 64 128 512, D64s_v3 64 256 512
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
def catalogue() -> Catalogue:
    """Every machine that is chosen from."""
    return Catalogue(
        target="azureml",
        title="machine of Azure ML",
        machines=(*_plain(), *_accelerated()),
        default=DEFAULT,
        kinds=tuple(_ACCELERATED),
        spellings=_SPELLINGS,
    )


def _plain() -> Iterator[Machine]:
    for name, cpu, memory, disk in (*rows(_PLAIN), *rows(_OLD)):
        yield Machine(f"Standard_{name}", int(cpu), int(memory), disk_gib=int(disk))


def _accelerated() -> Iterator[Machine]:
    for kind, table in _ACCELERATED.items():
        for name, cpu, memory, disk, count in rows(table):
            yield Machine(f"Standard_{name}", int(cpu), int(memory), Gpu(kind, int(count)), int(disk))
