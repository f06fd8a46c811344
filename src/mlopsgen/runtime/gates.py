"""What a gate asks for, read from `--<gate>.<field>=value`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .flags import number, suggestion, truth
from .metric_names import full_name
from .problems import Usage
from .scores import METRICS

FIELDS = (
    "metric", "direction", "at_least", "at_most", "better_than", "by", "confidence", "group", "group_at_least",
    "group_min_rows", "measure", "when",
)  # fmt: skip
RIVALS = ("champion", "best")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """One gate; without a bound and without a rival it only reports."""

    name: str
    metric: str
    maximize: bool | None = None
    at_least: float | None = None
    at_most: float | None = None
    better_than: str | None = None
    by: float = 0.0
    confidence: float | None = None
    group: str | None = None
    group_at_least: float | None = None
    group_min_rows: float | None = None
    measure: str | None = None
    when: bool = True

    @property
    def shown(self) -> str:
        """What the gate looks at, as reasons call it."""
        if self.group is None:
            return self.metric
        where = self.group if self.group_at_least is None else f"{self.group} ≥ {self.group_at_least:g}"
        return f"{self.measure} by {where}"


def read_gates(given: Mapping[str, str]) -> tuple[Gate, ...]:
    """Every gate of the command line, in the order in which they are named there."""
    fields: dict[str, dict[str, str]] = {}
    for flag, value in given.items():
        name, dot, field = flag.rpartition(".")
        if not dot or not name:
            raise Usage(f"gate knows no --{flag}; a gate is given as --<gate>.<field>=value")
        if field not in FIELDS:
            raise Usage(f"gate `{name}` has no field `{field}`{suggestion(field, FIELDS).replace('--', '')}")
        if not value:
            raise Usage(f"--{flag} is empty, so gate `{name}` cannot be judged")
        fields.setdefault(name, {})[field] = value
    return tuple(_gate(name, values) for name, values in fields.items())


def _gate(name: str, values: Mapping[str, str]) -> Gate:
    def bound(field: str) -> float | None:
        return number(f"{name}.{field}", values[field]) if field in values else None

    gate = Gate(
        name=name,
        metric=values.get("metric", name),
        maximize=_maximize(name, values),
        at_least=bound("at_least"),
        at_most=bound("at_most"),
        better_than=values.get("better_than"),
        by=bound("by") or 0.0,
        confidence=bound("confidence"),
        group=values.get("group"),
        group_at_least=bound("group_at_least"),
        group_min_rows=bound("group_min_rows"),
        measure=values.get("measure"),
        when=truth(f"{name}.when", values.get("when", "true")),
    )
    _check(gate)
    return gate


def _maximize(name: str, values: Mapping[str, str]) -> bool | None:
    direction = values.get("direction")
    if direction is None:
        known = METRICS.get(full_name(values.get("metric", name)))
        return None if known is None else known.maximize
    if direction not in ("maximize", "minimize"):
        raise Usage(f"--{name}.direction must be maximize or minimize, not `{direction}`")
    return direction == "maximize"


def _check(gate: Gate) -> None:
    if gate.better_than is not None and gate.better_than not in RIVALS:
        raise Usage(f"--{gate.name}.better_than must be {' or '.join(RIVALS)}, not `{gate.better_than}`")
    if gate.better_than is not None and gate.maximize is None:
        raise Usage(
            f"gate `{gate.name}` compares `{gate.metric}`, so it needs --{gate.name}.direction=maximize|minimize"
        )
    if gate.confidence is not None and not 0.5 <= gate.confidence < 1:
        raise Usage(f"--{gate.name}.confidence must be at least 0.5 and below 1, not {gate.confidence:g}")
    if (gate.group is None) != (gate.measure is None):
        raise Usage(f"gate `{gate.name}` needs both `group` and `measure`, or neither")
    if gate.group is not None and gate.better_than is not None:
        raise Usage(f"gate `{gate.name}` cannot group and compare at once; make it two gates")


def compared(gates: Sequence[Gate]) -> tuple[str, ...]:
    """The rivals that some gate compares with."""
    return tuple(rival for rival in RIVALS if any(gate.when and gate.better_than == rival for gate in gates))
