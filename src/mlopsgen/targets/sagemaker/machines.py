"""Which machine has what a step asks for.

Sizes: EC2's page of each family (docs.aws.amazon.com/ec2/latest/instancetypes), which SageMaker's
`ml.` types share. Which types exist for which job: botocore, ProcessingInstanceType and
TrainingInstanceType. The order is that of the on-demand prices in us-east-1
(aws.amazon.com/sagemaker/ai/pricing), the cheapest first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

from mlopsgen.plan.steps import Gpu
from mlopsgen.targets.machines import Catalogue, Machine, rows

MACHINE_TYPES = Path(__file__).parent / "machine_types.txt"
"""All that a spec may name; those below are chosen from."""
DEFAULT = "ml.m5.xlarge"
"""Where neither `machines` nor `resources` says anything: the size of AWS's own examples."""

# name, cpu, memory in GiB
_PLAIN = """
ml.m5.large 2 8, ml.r5.large 2 16, ml.c5.xlarge 4 8, ml.m5.xlarge 4 16, ml.r5.xlarge 4 32, ml.c5.2xlarge 8 16,
ml.m5.2xlarge 8 32, ml.r5.2xlarge 8 64, ml.c5.4xlarge 16 32, ml.m5.4xlarge 16 64, ml.r5.4xlarge 16 128,
ml.c5.9xlarge 36 72, ml.r5.8xlarge 32 256, ml.m5.12xlarge 48 192, ml.r5.12xlarge 48 384, ml.c5.18xlarge 72 144,
ml.r5.16xlarge 64 512, ml.m5.24xlarge 96 384, ml.r5.24xlarge 96 768
"""

# name, cpu, memory, local disk in GiB (0: a volume), how many accelerators
_ACCELERATED = {
    "t4": """
    ml.g4dn.xlarge 4 16 116 1, ml.g4dn.2xlarge 8 32 209 1, ml.g4dn.4xlarge 16 64 209 1, ml.g4dn.8xlarge 32 128 838 1,
    ml.g4dn.12xlarge 48 192 838 4, ml.g4dn.16xlarge 64 256 838 1""",
    "l4": """
    ml.g6.xlarge 4 16 232 1, ml.g6.2xlarge 8 32 419 1, ml.g6.4xlarge 16 64 558 1, ml.g6.8xlarge 32 128 838 1,
    ml.g6.16xlarge 64 256 1750 1, ml.g6.12xlarge 48 192 3501 4, ml.g6.24xlarge 96 384 3501 4,
    ml.g6.48xlarge 192 768 7003 8""",
    "a10g": """
    ml.g5.xlarge 4 16 232 1, ml.g5.2xlarge 8 32 419 1, ml.g5.4xlarge 16 64 558 1, ml.g5.8xlarge 32 128 838 1,
    ml.g5.16xlarge 64 256 1769 1, ml.g5.12xlarge 48 192 3539 4, ml.g5.24xlarge 96 384 3539 4,
    ml.g5.48xlarge 192 768 7078 8""",
    "l40s": """
    ml.g6e.xlarge 4 32 232 1, ml.g6e.2xlarge 8 64 419 1, ml.g6e.4xlarge 16 128 558 1, ml.g6e.8xlarge 32 256 838 1,
    ml.g6e.16xlarge 64 512 1769 1, ml.g6e.12xlarge 48 384 3539 4, ml.g6e.24xlarge 96 768 3539 4,
    ml.g6e.48xlarge 192 1536 7078 8""",
    "v100": "ml.p3.2xlarge 8 61 0 1, ml.p3.8xlarge 32 244 0 4, ml.p3.16xlarge 64 488 0 8",
    "a100": "ml.p4d.24xlarge 96 1152 7450 8",
    "h100": "ml.p5.4xlarge 16 256 3539 1, ml.p5.48xlarge 192 2048 28312 8",
    "h200": "ml.p5en.48xlarge 192 2048 28312 8",
}
_TRAINING_ONLY = ("ml.p4d.24xlarge", "ml.p5.48xlarge", "ml.p5en.48xlarge")
_NO_ENDPOINT = ("ml.r5.8xlarge", "ml.r5.16xlarge")
_SPELLINGS = {"a10": "a10g", "a100-40gb": "a100"}


_OWN_DISK = re.compile(r"ml\.(?:g(?:4dn|5|6e?|7e?)|p3dn|p[4-6][a-z]*(?:-[a-z0-9]+)?|[cmr][0-9][a-z]*d|trn[0-9]n?)\.")


def has_own_disk(machine: object) -> bool:
    """Whether the disk is the machine's own, as some Nitro-based ones have it: those take no `VolumeKmsKeyId` (API)."""
    return isinstance(machine, str) and _OWN_DISK.match(machine) is not None


@cache
def serving_catalogue() -> Catalogue:
    """Every machine that is chosen from for an endpoint (botocore, ProductionVariantInstanceType)."""
    every = catalogue(training=True)
    return replace(every, machines=tuple(m for m in every.machines if m.name not in _NO_ENDPOINT))


@cache
def catalogue(*, training: bool) -> Catalogue:
    """Every machine that is chosen from for a training, or for any other job."""
    return Catalogue(
        target="sagemaker",
        title="SageMaker machine",
        machines=tuple(m for m in (*_plain(), *_accelerated()) if training or m.name not in _TRAINING_ONLY),
        default=DEFAULT,
        kinds=tuple(_ACCELERATED),
        spellings=_SPELLINGS,
    )


def _plain() -> Iterator[Machine]:
    for name, cpu, memory in rows(_PLAIN):
        yield Machine(name, int(cpu), int(memory))


def _accelerated() -> Iterator[Machine]:
    for kind, table in _ACCELERATED.items():
        for name, cpu, memory, disk, count in rows(table):
            yield Machine(name, int(cpu), int(memory), Gpu(kind, int(count)), int(disk) or None)
