"""Regions and types of machines by name, as a cloud had them when its list was written."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from mlopsgen.diagnostics import Fix, SpecPath
from mlopsgen.nearest import nearest
from mlopsgen.plan.steps import RunParameter
from mlopsgen.spec.values import Ref
from mlopsgen.targets.reporting import Reporting

AWS_REGIONS = Path(__file__).parent / "aws_regions.txt"
"""S3 has the same ones wherever a pipeline runs."""


def check_listed(report: Reporting, title: str, name: str, where: SpecPath, names: Collection[str]) -> None:
    """Reports a name that a list does not have: a slip of the hand, or newer than this version."""
    if name in names:
        return
    # `m5.xlarge` is meant for `ml.m5.xlarge`: more than slips of a hand.
    near = nearest(name, names) or next((one for one in names if one.endswith(name)), None)
    meant = f"did you mean `{near}`? " if near else ""
    hint = f"{meant}`--allow MG319` takes one that is newer than this version"
    report.error("MG319", f"`{name}` is no {title} that is known here", where, hint, fix=Fix(near) if near else None)


def machine_names(
    machines: Mapping[str, Any], parameters: Iterable[RunParameter], where: SpecPath
) -> Iterator[tuple[str, SpecPath]]:
    """Types of machines that a spec names, and those that a run parameter in their place may have."""
    declared = {parameter.name: parameter for parameter in parameters}
    for step, machine in machines.items():
        if not isinstance(machine, Ref):
            yield machine, (*where, step)
            continue
        parameter = declared[machine.name]
        if isinstance(parameter.default, str):
            yield parameter.default, (*parameter.origin, "default")
        yield from ((str(value), (*parameter.origin, "values", i)) for i, value in enumerate(parameter.values))


@cache
def listed(file: Path) -> tuple[str, ...]:
    """The names of a list; it is read when something of its cloud is compiled, and not before."""
    return tuple(_names(file.read_text(encoding="utf-8")))


def _names(text: str) -> Iterator[str]:
    """`start: a b` is starta and startb; lines that begin with `#` say where the list is from."""
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        start, _, ends = line.rpartition(":")
        yield from (f"{start}{end}" for end in ends.split())
