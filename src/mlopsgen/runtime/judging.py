"""Judges one gate and says why, in words a tired engineer understands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .agreement import check_agreement
from .bias import measure_bias
from .compare import judge_pair
from .files import spelled
from .gates import Gate
from .measured import Measured
from .predictions import Label
from .problems import Failed
from .rivals import Rival
from .tables import Frame


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


def judge(gate: Gate, case: Case) -> Judgement:
    """One gate: its bounds, then its rival."""
    if not gate.when:
        return Judgement(gate.name, True, f"gate `{gate.name}` was left out: its `when` is false")
    value = _value(gate, case)
    return _against_bounds(gate, value) or _against_rival(gate, value, case) or _held(gate, value)


def _value(gate: Gate, case: Case) -> float:
    if gate.group is not None:
        assert case.predictions is not None
        return measure_bias(gate, case.predictions, case.label.positive, case.label.classes)
    return _metric(gate, case.measured, "the evaluation wrote")


def _metric(gate: Gate, measured: Measured, whose: str) -> float:
    if (reason := measured.without.get(gate.metric)) is not None:
        raise Failed(f"gate `{gate.name}` cannot be judged: {whose} that `{gate.metric}` {reason}")
    if gate.metric not in measured.values:
        there = ", ".join(sorted(measured.values)) or "none"
        raise Failed(f"gate `{gate.name}` needs the metric `{gate.metric}`; {whose} {there}")
    return measured.values[gate.metric]


def _against_bounds(gate: Gate, value: float) -> Judgement | None:
    """What is wrong with the value by itself, if anything."""
    for bound, broken, word in (
        (gate.at_least, gate.at_least is not None and value < gate.at_least, "below"),
        (gate.at_most, gate.at_most is not None and value > gate.at_most, "above"),
    ):
        if bound is not None and broken:
            shown = _apart(value, bound)
            return Judgement(gate.name, False, f"{gate.shown} {shown} is {word} {bound:g} (gate `{gate.name}`)", value)
    return None


def _apart(value: float, bound: float) -> str:
    """A value in three digits, or in as many as it takes to see that it is not the bound."""
    for digits in (3, 4, 6, 9):
        if float(f"{value:.{digits}g}") != bound:
            return f"{value:.{digits}g}"
    return repr(value)


def _held(gate: Gate, value: float) -> Judgement:
    if gate.at_least is None and gate.at_most is None:
        return Judgement(gate.name, True, f"{gate.shown} is {value:.3g} (gate `{gate.name}` has no bound)", value)
    kept = [f"not below {gate.at_least:g}"] if gate.at_least is not None else []
    kept += [f"not above {gate.at_most:g}"] if gate.at_most is not None else []
    return Judgement(
        gate.name, True, f"{gate.shown} {spelled(value)} is {' and '.join(kept)} (gate `{gate.name}`)", value
    )


def _against_rival(gate: Gate, value: float, case: Case) -> Judgement | None:
    if gate.better_than is None:
        return None
    rival = case.rivals[gate.better_than]
    if rival is None:
        nobody = "there is no champion yet" if gate.better_than == "champion" else "no version is registered yet"
        return Judgement(gate.name, True, f"{nobody}, so gate `{gate.name}` holds", value)
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
        gain = value - old if gate.maximize else old - value
        return gain > gate.by, ""
    if case.predictions is None or rival.predictions is None:
        raise Failed(
            f"gate `{gate.name}` asks for confidence, so the {gate.better_than} must be evaluated on the same rows;"
            " there is no evaluation to run"
        )
    check_agreement(gate, case.predictions, value, case.label.positive, "predictions.csv")
    whose = f"predictions.csv of version {rival.version}"
    check_agreement(gate, rival.predictions, old, case.label.positive, whose)
    verdict = judge_pair(gate, case.predictions, rival.predictions, case.label.positive)
    return verdict.wins, f": {verdict.how}"
