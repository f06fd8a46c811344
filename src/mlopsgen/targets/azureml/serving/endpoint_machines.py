"""Which machine answers requests: managed online endpoints take other sizes than clusters.

Sizes: reference-managed-online-endpoints-vm-sku-list, in the order of their pay-as-you-go prices in West Europe. DSv2
and FSv2 stand there, too, and are known by name: they end in 2028, and new subscriptions have no quota for them.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from mlopsgen.plan.services import RealTime
from mlopsgen.spec.values import Ref
from mlopsgen.targets.azureml import machines
from mlopsgen.targets.azureml.context import WHERE, Context
from mlopsgen.targets.machines import Catalogue, Machine, rows

DEFAULT = "Standard_D4as_v4"
# name, cpu, memory in GiB, disk in GiB
_PLAIN = """
D2as_v4 2 8 16, E2s_v3 2 16 32, D4as_v4 4 16 32, E4s_v3 4 32 64, D8as_v4 8 32 64, E8s_v3 8 64 128, D16as_v4 16 64 128,
E16s_v3 16 128 256, D32as_v4 32 128 256, E32s_v3 32 256 512, D48as_v4 48 192 384, E48s_v3 48 384 768,
D64as_v4 64 256 512, E64s_v3 64 432 864, D96as_v4 96 384 768
"""
_OLD = """
F2s_v2 2 4 16, DS2_v2 2 7 14, F4s_v2 4 8 32, DS3_v2 4 14 28, F8s_v2 8 16 64, DS4_v2 8 28 56, F16s_v2 16 32 128,
DS5_v2 16 56 112, F32s_v2 32 64 256, F48s_v2 48 96 384, F64s_v2 64 128 512, F72s_v2 72 144 576
"""


@cache
def catalogue() -> Catalogue:
    """Every machine that is chosen from."""
    clusters = machines.catalogue()
    return Catalogue(
        target="azureml",
        title="machine of a managed online endpoint",
        machines=(*_plain(), *(one for one in clusters.machines if one.gpu)),
        default=DEFAULT,
        kinds=clusters.kinds,
        spellings=clusters.spellings,
    )


def _plain() -> Iterator[Machine]:
    for name, cpu, memory, disk in (*rows(_PLAIN), *rows(_OLD)):
        yield Machine(f"Standard_{name}", int(cpu), int(memory), disk_gib=int(disk))


def instance_type(context: Context, service: RealTime) -> str:
    """The machine of a deployment: the one named for it, the common one if endpoints take it, or the cheapest."""
    known, sizes, resources = catalogue(), context.options.machines, service.job.resources
    own = sizes.get(service.name)
    if isinstance(own, Ref):
        message = "a deployment has one size of machine, which no run parameter can say"
        context.error("MG301", message, (*WHERE, "machines", service.name), hint=f"`{service.name}: {DEFAULT}`")
        return DEFAULT
    if own is not None:
        return own
    if resources.spot:
        message = f"`{service.name}` answers requests, and managed endpoints have no spot capacity"
        context.error("MG301", message, (*resources.origin, "spot"), hint="take `spot` out")
    common = sizes.get("default")
    machine = known.known(common)
    if machine is not None and known.fits(machine, resources):
        return machine.name
    chosen = known.choose(resources)
    if chosen is None:
        known.report_none(context, service.name, resources)
    return chosen.name if chosen else DEFAULT
