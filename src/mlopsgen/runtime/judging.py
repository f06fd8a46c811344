"""Judges one gate and says why, in words a tired engineer understands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from .agreement import check_agreement
from .bias import GroupMeasure, measure_bias
from .compare import judge_pair
from .files import spelled
from .gates import Gate
from .measured import Measured
from .metric_names import full_name
from .predictions import Label
from .problems import Failed
from .rivals import Rival
from .scores import Array
from .tables import Frame

ROUNDING = 1e-12
"""How far, for its size, a sum of decimal fractions may lie off what it is on paper."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a gate said."""

    name: str
    passed: bool
    reason: str
    value: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Everything a gate may look at."""

    gates: tuple[Gate, ...]
    measured: Measured
    predictions: Frame | None
    rivals: Mapping[str, Rival | None]
    label: Label
    moments: Array | None = None
    """The number of each row's moment, where rows follow one another in time."""


def judge(gate: Gate, case: Case) -> Judgement:
    """One gate: its bounds, then its rival."""
    if not gate.when:
        return Judgement(gate.name, True, f"gate `{gate.name}` was left out: its `when` is false")
    if gate.group is not None:
        assert case.predictions is not None
        return _of_groups(gate, measure_bias(gate, case.predictions, case.label.positive, case.label.classes))
    value = _metric(gate, case.measured, "the evaluation wrote")
    return _against_bounds(gate, value) or _against_rival(gate, value, case) or _held(gate, value)


def _of_groups(gate: Gate, measured: GroupMeasure) -> Judgement:
    """A measure over groups: what has no value does not hold, unless the gate has no bound."""
    left_out = f"; too small to count: {measured.left_out}" if measured.left_out else ""
    if measured.value is None:
        hint = "" if gate.group_min_rows else "; `min_rows` of the gate's group leaves small groups out"
        bounded = gate.at_least is not None or gate.at_most is not None
        reason = f"{gate.shown} has no value: {measured.lacks}{hint} (gate `{gate.name}`){left_out}"
        return Judgement(gate.name, not bounded, reason)
    judgement = _against_bounds(gate, measured.value) or _held(gate, measured.value)
    return replace(judgement, reason=judgement.reason + left_out)


def _metric(gate: Gate, measured: Measured, whose: str) -> float:
    if (reason := measured.without.get(gate.metric)) is not None:
        raise Failed(f"gate `{gate.name}` cannot be judged: {whose} that `{gate.metric}` {reason}")
    if gate.metric not in measured.values:
        there = ", ".join(sorted(measured.values)) or "none"
        raise Failed(f"gate `{gate.name}` needs the metric `{gate.metric}`; {whose} {there}")
    return measured.values[gate.metric]


def _against_bounds(gate: Gate, value: float) -> Judgement | None:
    """What is wrong with the value by itself, if anything."""
    for bound, broken, sign in (
        (gate.at_least, gate.at_least is not None and _more(gate.at_least, value), "≥"),
        (gate.at_most, gate.at_most is not None and _more(value, gate.at_most), "≤"),
    ):
        if bound is not None and broken:
            reason = f"{gate.shown} {_apart(value, bound)} is not {sign} {bound:g} (gate `{gate.name}`)"
            return Judgement(gate.name, False, reason, value)
    return None


def _more(one: float, other: float) -> bool:
    """Whether one is larger by more than rounding: the mean of 0.7, 0.8 and 0.9 is not below 0.8."""
    return one - other > ROUNDING * max(abs(one), abs(other))


def _apart(value: float, bound: float) -> str:
    """A value in three digits, or in as many as it takes to see that it is not the bound."""
    for digits in (3, 4, 6, 9):
        if float(f"{value:.{digits}g}") != bound:
            return f"{value:.{digits}g}"
    return repr(value)


def _held(gate: Gate, value: float) -> Judgement:
    if gate.at_least is None and gate.at_most is None:
        return Judgement(gate.name, True, f"{gate.shown} is {value:.3g} (gate `{gate.name}` has no bound)", value)
    kept = [f"≥ {gate.at_least:g}"] if gate.at_least is not None else []
    kept += [f"≤ {gate.at_most:g}"] if gate.at_most is not None else []
    reason = f"{gate.shown} {spelled(value)} {' and '.join(kept)} (gate `{gate.name}`)"
    return Judgement(gate.name, True, reason, value)


def _against_rival(gate: Gate, value: float, case: Case) -> Judgement | None:
    if gate.better_than is None:
        return None
    rival = case.rivals[gate.better_than]
    if rival is None:
        # What the test will need is asked for from the first run on, not only when there is somebody to beat.
        if gate.confidence is not None and case.predictions is not None:
            check_agreement(gate, case.predictions, value, case.label.positive, "predictions.csv")
        nobody = "champion" if gate.better_than == "champion" else f"registered version with `{gate.metric}`"
        return Judgement(gate.name, True, f"no {nobody} yet, so gate `{gate.name}` holds", value)
    old = _metric(gate, rival.measured, f"version {rival.version} has")
    wins, how = _wins(gate, value, old, rival, case)
    source = "" if rival.evaluated_now else ", as stored when it was registered"
    than = f"the {gate.better_than}'s {old:.4g} (version {rival.version}{source})"
    verb = "is better than" if wins else "is not better than"
    reason = f"{gate.metric} {value:.4g} {verb} {than}{_margin(gate)}{how} (gate `{gate.name}`)"
    return Judgement(gate.name, wins, reason, value)


def _margin(gate: Gate) -> str:
    if gate.by > 0:
        return f" by more than {gate.by:g}"
    return f", a loss below {-gate.by:g} being allowed" if gate.by < 0 else ""


def _wins(gate: Gate, value: float, old: float, rival: Rival, case: Case) -> tuple[bool, str]:
    if gate.confidence is None:
        better, worse = (value, old) if gate.maximize else (old, value)
        return _more(better, worse + gate.by), ""
    if case.predictions is None or rival.predictions is None:
        raise Failed(
            f"gate `{gate.name}` asks for confidence, so the {gate.better_than} must be evaluated on the same rows;"
            " there is no evaluation to run"
        )
    # A script may call a metric `rmse`: what is computed again is the metric by its whole name.
    gate = replace(gate, metric=full_name(gate.metric))
    check_agreement(gate, case.predictions, value, case.label.positive, "predictions.csv")
    whose = f"predictions.csv of version {rival.version}"
    check_agreement(gate, rival.predictions, old, case.label.positive, whose)
    verdict = judge_pair(gate, case.predictions, rival.predictions, case.label.positive, case.moments)
    return verdict.wins, f": {verdict.how}"
