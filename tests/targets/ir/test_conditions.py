"""Every condition of an emitted pipeline, asked of the engine of Kubeflow's driver: it lets through and refuses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice, product
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.hops.spec import OPTIONS, compiled
from tests.hops.texts import TEXTS
from tests.judges.conditions import evaluated
from tests.targets.kubeflow.plane.manifests import bundles
from tests.wrong import lay

pytestmark = pytest.mark.slow
GATE, REFUSED = "-gate", "-gate-not-passed"
MOST = 4000
"""Combinations of values that one condition is asked with."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A condition, whose it is, and what its task is told: parameters and their types."""

    where: str
    title: str
    condition: str
    types: Mapping[str, str]

    def __str__(self) -> str:
        return f"{self.where}: {self.title}: {self.condition}"

    def values(self) -> list[dict[str, Any]]:
        """Values of every parameter that it reads: those that it compares with, and others."""
        read = [name for name in self.types if f"'{name}'" in self.condition]
        axes = [[(name, value) for value in self._candidates(name)] for name in read]
        return [dict(one) for one in islice(product(*axes), MOST)]

    def _candidates(self, name: str) -> list[Any]:
        if self.types[name] == "BOOLEAN":
            return [True, False]
        compared = re.sub(r"\['[^']*'\]", "", self.condition)
        texts = [one or other for one, other in re.findall(r"""'([^']*)'|"((?:[^"\\]|\\.)*)\"""", compared)]
        if not self.types[name].startswith("NUMBER"):
            return [*dict.fromkeys(texts), "something else"]
        numbers = {float(one) for one in re.findall(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?", compared)}
        return sorted({value + more for value in numbers for more in (-0.25, 0, 0.25)})


@cache
def conditions() -> tuple[Asked, ...]:
    found: dict[str, Asked] = {}
    for name, files in bundles():
        spec, *_ = yaml.safe_load_all(files["pipeline.yaml"])
        for asked in _of(name, spec):
            found.setdefault(asked.condition, asked)
    return tuple(found.values())


def _of(where: str, spec: Mapping[str, Any]) -> Iterator[Asked]:
    for component in (spec["root"], *spec["components"].values()):
        for task in component.get("dag", {}).get("tasks", {}).values():
            if condition := task.get("triggerPolicy", {}).get("condition"):
                inner = spec["components"][task["componentRef"]["name"]]
                declared = inner.get("inputDefinitions", {}).get("parameters", {})
                told = task.get("inputs", {}).get("parameters", {})
                types = {name: declared[name]["parameterType"] for name in told}
                yield Asked(where, task["taskInfo"]["name"], condition, types)


@cache
def answers() -> Mapping[str, list[tuple[dict[str, Any], bool | str]]]:
    """What the driver says to each condition, with every combination of values."""
    asked = [(one, values) for one in conditions() for values in one.values()]
    said = evaluated((one.condition, values) for one, values in asked)
    table: dict[str, list[tuple[dict[str, Any], bool | str]]] = {}
    for (one, values), answer in zip(asked, said, strict=True):
        table.setdefault(str(one), []).append((values, answer))
    return table


def test_every_condition_lets_through_and_refuses_and_breaks_off_at_nothing() -> None:
    assert len(answers()) == len(conditions()) > 15
    broken = {name: [a for _, a in said if isinstance(a, str)][:1] for name, said in answers().items()}
    assert not {name: why for name, why in broken.items() if why}
    one_sided = [name for name, said in answers().items() if {a for _, a in said} != {True, False}]
    assert not one_sided


def test_a_gate_that_passes_goes_on_and_one_that_refuses_does_not() -> None:
    gates = [one for one in conditions() if one.title.endswith((GATE, REFUSED))]
    assert {one.title.endswith(GATE) for one in gates} == {True, False}
    for one in gates:
        for values, goes_on in answers()[str(one)]:
            (passed,) = values.values()
            assert goes_on is (passed if one.title.endswith(GATE) else not passed), one


@pytest.mark.parametrize("target", ["kubeflow", "vertex"])
def test_a_parameter_may_be_any_of_its_values_and_nothing_else(target: str, tmp_path: Path) -> None:
    """CEL reads no surrogates (cel-go, parser/unescape.go): a face among the values ended every run."""
    evaluated_elsewhere = ("$(", "$$", "{{", "${trial")
    values = [text for text in TEXTS if not any(part in text for part in evaluated_elsewhere)]
    spec = {
        "apiVersion": "mlopsgen/v1",
        "name": "words",
        "parameters": {
            "kind": {"type": "string", "values": [v.replace("${", "$${") for v in values], "default": "plain"}
        },
        "data": {"source": "data/churn.csv", "label": "churned"},
        "training": {"run": "train.py", "params": {"kind": "${parameters.kind}"}},
        "targets": {target: OPTIONS[target]},
    }
    files, found = compiled(lay(tmp_path), target, spec)
    assert not found
    spec, *_ = yaml.safe_load_all(files["pipeline.yaml"])
    for one in _of("words", spec):
        (name,) = one.types
        said = evaluated((one.condition, {name: value}) for value in (*values, "something else"))
        inside = one.title == "parameter-bounds"
        assert said == [*[inside] * len(values), not inside], one
