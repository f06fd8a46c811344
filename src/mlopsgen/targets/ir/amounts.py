"""Amounts as Kubernetes writes them, and as the numbers that kfp sets beside them."""

from __future__ import annotations

GIB = 1 << 30
_BYTES: dict[str, int] = {
    **{unit: 1000**power for power, unit in enumerate(("K", "M", "G", "T", "P", "E"), 1)},
    **{f"{unit}i": 1024**power for power, unit in enumerate(("K", "M", "G", "T", "P", "E"), 1)},
}


def cpu_text(cores: float) -> str:
    """A share of cores: `4`, or `500m` for half of one."""
    return str(round(cores)) if float(cores).is_integer() else f"{round(cores * 1000)}m"


def memory_text(size: int) -> str:
    """Bytes: `16Gi` where that says all of it, else `512Mi`, `100Ki` or the bare number."""
    for unit, factor in (("Gi", GIB), ("Mi", 1 << 20), ("Ki", 1 << 10)):
        if size % factor == 0:
            return f"{size // factor}{unit}"
    return str(size)


def cores(amount: str) -> float:
    """`4` and `500m` as a number."""
    return float(amount[:-1]) / 1000 if amount.endswith("m") else float(amount)


def gigabytes(amount: str) -> float:
    """`16Gi` in thousands of millions of bytes, which is what kfp's number means."""
    unit = amount.lstrip("0123456789.")
    return float(amount.removesuffix(unit)) * _BYTES.get(unit, 1) / 1000**3
