"""A number, a truth, a list or a text is the same value where a process reads it, wherever a spec may say it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlopsgen.diagnostics import SpecPath
from mlopsgen.plan.values import spelled
from tests.hops import aws, azure, pipelines
from tests.hops.process import Started, recorders
from tests.hops.spec import OPTIONS, compiled, escaped
from tests.wrong import lay

Files: TypeAlias = Mapping[str, bytes]
HOPS: Mapping[str, Callable[[Files, Path], Iterator[tuple[str, Started]]]] = {
    "azureml": lambda files, root: azure.commands(files, recorders(root / "bin")),
    "kubeflow": lambda files, root: pipelines.kubeflow(files, recorders(root / "bin")),
    "sagemaker": aws.jobs,
    "vertex": lambda files, root: pipelines.vertex(files),
}
VALUES: tuple[Any, ...] = (
    "", " ", "x" * 257, "a\nb", "it's", 'say "x"', "null", "true", "(default)", "required", "é 日本 😀", "1e22", "-0",
    0, 1, -7, 2**31, 2**53, 2**53 + 1, 2**60 + 1, -(2**63),
    0.0, -0.0, 1.0, 0.1, 1e22, 1e-7, 5e-324, 1.7976931348623157e308, 1 / 3,
    True, False, [], [""], [1, 2.5, "a b", True], ["it's", 'say "x"'],
)  # fmt: skip
OTHER: Mapping[type, Any] = {str: "other", int: 3, float: 2.5, bool: True, list: ["other"]}
TYPES: Mapping[type, str] = {str: "string", int: "integer", float: "number", bool: "boolean", list: "list"}


def spec_of(target: str, values: Mapping[str, Any], left_out: frozenset[SpecPath]) -> dict[str, Any]:
    """Every value as a fixed param, as the default of a run parameter, as one of its values, and as a choice."""
    said = {name: _said(value) for name, value in values.items()}
    parameters: dict[str, Any] = {}
    for name, value in said.items():
        parameters[f"d{name}"] = {"type": TYPES[type(value)], "default": value}
        if type(value) in (str, int, float):
            listed = [value, OTHER[type(value)]]
            parameters[f"v{name}"] = {"type": TYPES[type(value)], "default": value, "values": listed}
    kept = {name: one for name, one in parameters.items() if ("parameters", name) not in left_out}
    fixed = {f"f{name}": value for name, value in said.items()}
    params = {**fixed, **{f"p{name}": f"${{parameters.{name}}}" for name in kept}}
    choices = {
        f"c{name}": {"choice": [_other(value), value]} for name, value in said.items() if type(value) is not list
    }
    return {
        "apiVersion": "mlopsgen/v1",
        "name": "values",
        "parameters": kept,
        "data": {"source": "data/churn.csv", "label": "churned"},
        "steps": {
            "use": {
                "run": "clean.py",
                "inputs": {"rows": "data.source"},
                "params": _without(params, ("steps", "use", "params"), left_out),
            },
            "last": {"run": "tell.py", "always": True},
        },
        "training": {
            "run": "train.py",
            "tuning": {
                "metric": "accuracy",
                "strategy": "bayesian",
                "trials": 2,
                "parallel": 1,
                "search": _without({"q": {"int": [1, 3]}, **choices}, ("training", "tuning", "search"), left_out),
            },
        },
        "targets": {target: OPTIONS[target]},
    }


def _other(value: Any) -> Any:
    other = OTHER[type(value)]
    return (not value) if isinstance(value, bool) else other if other != value else 4


def _both(value: Any) -> tuple[Any, Any]:
    """What a search may choose: services put numbers in order, and the hop takes the last one."""
    return value, _other(value)


def _said(value: Any) -> Any:
    """As a spec says it."""
    if isinstance(value, list):
        return [_said(one) for one in value]
    return escaped(value) if isinstance(value, str) else value


def _without(entries: Mapping[str, Any], where: SpecPath, left_out: frozenset[SpecPath]) -> dict[str, Any]:
    return {name: value for name, value in entries.items() if (*where, name) not in left_out}


def arrive(target: str, values: Mapping[str, Any], root: Path) -> None:
    """Each value arrives where it is kept; what is refused is refused at its place, and nothing else is."""
    left_out: frozenset[SpecPath] = frozenset()
    for _ in range(8):
        spec = spec_of(target, values, left_out)
        files, found = compiled(root, target, spec)
        if not found:
            break
        assert files == {}
        more = {place for one in found for place in _places(one.spec_path)}
        assert more - left_out, [(one.code, one.message, one.spec_path) for one in found]
        left_out |= more
    assert files, "refused again and again"
    plain = {
        ("steps", "use", "params", f"f{name}") for name, one in values.items() if isinstance(one, bool | int | float)
    }
    assert not plain & left_out, "numbers and truths are fixed params everywhere"
    wrong = list(_wrong(spec, values, dict(HOPS[target](files, root))))
    assert wrong == []


def _places(path: SpecPath) -> Iterator[SpecPath]:
    """The entries of the spec that a finding is about."""
    if path[:1] == ("parameters",):
        yield path[:2]
    elif path[:3] in (("steps", "use", "params"), ("training", "tuning", "search")) and len(path) > 3:
        yield path[:4]
        if str(path[3]).startswith("p"):
            yield ("parameters", str(path[3])[1:])


def _wrong(spec: Mapping[str, Any], values: Mapping[str, Any], processes: Mapping[str, Started]) -> Iterator[Any]:
    flags = dict(word[2:].split("=", 1) for word in processes["use"].argv if word.startswith("--") and "=" in word)
    for name in spec["steps"]["use"]["params"]:
        value = values[name.lstrip("pdvf")]
        if not equal(flags.get(name), value):
            yield name, value, flags.get(name)
    trial = next(one for step, one in processes.items() if step.startswith("training") and _chosen(one))
    flags = _chosen(trial)
    for name in spec["training"]["tuning"]["search"]:
        if name != "q" and not any(equal(flags.get(name), one) for one in _both(values[name[1:]])):
            yield name, values[name[1:]], flags.get(name)


def _chosen(process: Started) -> dict[str, str]:
    flags = dict(word[2:].split("=", 1) for word in process.argv if word.startswith("--") and "=" in word)
    return flags if "q" in flags else {}


def equal(word: str | None, value: Any) -> bool:
    """Whether a script that knows the type of its flag reads the value: numbers may be spelled otherwise."""
    if word is None:
        return False
    if isinstance(value, float):
        return float(word) == value
    if isinstance(value, list):
        return bool(json.loads(word) == value)
    return word == spelled(value)


def numbered(values: tuple[Any, ...] | list[Any]) -> dict[str, Any]:
    return {f"{number:02d}": value for number, value in enumerate(values)}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lay(tmp_path_factory.mktemp("project"))


@pytest.mark.parametrize("target", OPTIONS)
@pytest.mark.parametrize("half", [0, 1])
def test_a_value_is_the_same_on_every_platform_or_refused_at_its_line(target: str, half: int, project: Path) -> None:
    arrive(target, numbered(VALUES[half::2]), project)


ANY = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=300).filter(lambda text: text.isprintable()),
)


@pytest.mark.soak
@pytest.mark.parametrize("target", OPTIONS)
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(values=st.lists(ANY, min_size=8, max_size=8))
def test_any_value_is_the_same_on_every_platform_or_refused(target: str, values: list[Any], project: Path) -> None:
    arrive(target, numbered(values), project)
