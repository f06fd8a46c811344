"""Nobody is told to mend a bundle that we wrote: our linters are silent about whatever is compiled."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

import pytest
from hypothesis import HealthCheck, Phase, given, reject, settings
from hypothesis import strategies as st

from mlopsgen.compile import CompileRequest, compile_spec
from mlopsgen.diagnostics import SpecError
from tests.hops.spec import LAKE, OPTIONS, merged
from tests.wrong import lay

Node: TypeAlias = dict[str, Any]
_ROWS = {"rows": "data.source"}
_TUNING = {"metric": "accuracy", "strategy": "random", "trials": 4}
_GATES = {"accuracy": {"at_least": 0.8}}
PARTS: Mapping[str, tuple[Node | None, ...]] = {
    "steps": (
        {},
        {"tell": {"run": "tell.py", "always": True}},
        {"tell": {"run": "tell.py", "always": True, "params": {"run": "${run.id}", "n": "${parameters.n}"}}},
        {"clean": {"run": "clean.py", "inputs": _ROWS, "outputs": {"page": "report"}, "when": "${parameters.go}"}},
        {"clean": {"run": "clean.py", "inputs": _ROWS, "retries": {"attempts": 3, "backoff": "30m"}}},
        {"bare": {"run": ["tool", "a b"], "secrets": {"TOKEN": "tracking"}}},
    ),
    "training": (
        None,
        {"run": "train.py", "params": {"n": "${parameters.n}", "text": ""}},
        {"run": "train.py", "timeout": "2h", "retries": 2, "cache": False},
        {"run": "train.py", "tuning": {**_TUNING, "search": {"kind": {"choice": ["a", "b c"]}}}},
        {"run": "train.py", "tuning": {**_TUNING, "refit": True, "search": {"rate": {"float": [0.1, 1]}}}},
        {"run": "train.py", "tuning": {**_TUNING, "strategy": "bayesian", "search": {"depth": {"int": [1, 9]}}}},
        {"run": "train.py", "distributed": "torchrun", "resources": {"nodes": 2}},
    ),
    "resources": (
        {},
        {"cpu": 8, "memory": "16Gi"},
        {"gpu": {"kind": "t4", "count": 1}},
        {"gpu": {"kind": "a10g", "count": 1}},
        {"cpu": 4, "spot": True},
        {"gpu": "a100", "disk": "500Gi"},
    ),
    "evaluation": (
        None,
        {"run": "evaluate.py"},
        {"run": "evaluate.py", "gates": _GATES, "on_gate_failure": "fail"},
        {"run": "evaluate.py", "gates": _GATES, "on_gate_failure": "register"},
    ),
    "registry": (None, {"model": "words"}, {"model": "words", "approval": "manual", "card": {"limits": "none"}}),
    "governance": (
        None,
        {"retention": "30d"},
        {"encryption": {"key": "KEY"}},
        {"encryption": {"key": "KEY"}, "audit": True},
    ),
    "triggers": (
        None,
        {"weekly": {"start": "training", "schedule": "0 2 * * 1", "timezone": "UTC"}},
        {"called": {"start": "training", "invoke": True}},
        {"fresh": {"start": "training", "new_data": "data.lake"}},
    ),
    "split": (None, {"test": 0.2}, {"test": 0.2, "validation": 0.1, "stratify": True}),
    "tags": (None, {"note": "a b: c"}),
}
KEYS = {
    "sagemaker": "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555",
    "vertex": "projects/acme-ml/locations/europe-west1/keyRings/ml/cryptoKeys/models",
}
LINTERS: Mapping[str, str] = {target: f"mlopsgen.targets.{target}.judge.linter" for target in OPTIONS}
MOST = frozenset({"MG301", "MG302", "MG313", "MG315"})
"""What a generated spec may ask of a platform in vain: it is compiled without."""


def spec_of(target: str, picked: Mapping[str, Node | None]) -> Node:
    """A spec of the parts that were picked; what needs a training goes with it."""
    trains = picked["training"] is not None
    steps = {**(picked["steps"] or {})} or (
        {} if trains else {"clean": {"run": "clean.py", "inputs": {"rows": "data.source"}}}
    )
    spec: Node = {
        "apiVersion": "mlopsgen/v1",
        "name": "words",
        "parameters": {
            "n": {"type": "integer", "default": 3, "minimum": 1, "maximum": 9},
            "go": {"type": "boolean", "default": True},
        },
        "data": {
            "sources": {"source": "data/churn.csv", "lake": f"{LAKE[target]}new/"},
            "main": "source",
            "label": "churned",
        },
        "steps": steps,
        "training": picked["training"] and merged(picked["training"], {"resources": picked["resources"]}),
        "evaluation": picked["evaluation"] if trains else None,
        "registry": picked["registry"] if trains else None,
        "triggers": picked["triggers"] if trains else None,
        "governance": _keyed(target, picked["governance"]),
        "tags": picked["tags"],
        "targets": {target: OPTIONS[target]},
    }
    if picked["split"]:
        spec["data"]["split"] = picked["split"]
    return {key: value for key, value in spec.items() if value is not None}


def _keyed(target: str, asked: Node | None) -> Node | None:
    text = json.dumps(asked).replace("KEY", KEYS.get(target, "KEY"))
    found: Node = json.loads(text)
    if found and target not in KEYS:
        found.pop("encryption", None)
    return found or None


def complaints(target: str, spec: Node, project: Path) -> Iterator[str]:
    """What our linter says of the bundle of a spec; nothing where the spec is refused."""
    path = project / "spec.yaml"
    path.write_text(json.dumps(spec), encoding="utf-8")
    try:
        files = compile_spec(CompileRequest(path, path.read_bytes(), allow=MOST), target).bundle.files
    except SpecError:
        reject()  # where most are refused, hypothesis says that it filters too much
    judge: Callable[[Path], Any] = importlib.import_module(LINTERS[target]).judge
    with TemporaryDirectory() as place:
        for name, content in files.items():
            (Path(place) / name).parent.mkdir(parents=True, exist_ok=True)
            (Path(place) / name).write_bytes(content)
        yield from (f"{one.code} {one.span}: {one.message}" for one in judge(Path(place)))


# celpy raises the limit of recursion when it is imported.
pytestmark = pytest.mark.filterwarnings("ignore:The recursion limit will not be reset")
PICKED = st.fixed_dictionaries({name: st.sampled_from(parts) for name, parts in PARTS.items()})
QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lay(tmp_path_factory.mktemp("project"))


@pytest.mark.parametrize("target", OPTIONS)
@settings(
    max_examples=8, phases=[Phase.generate], deadline=None, derandomize=True, database=None, suppress_health_check=QUIET
)
@given(picked=PICKED)
def test_our_linter_is_silent_about_what_we_wrote(target: str, picked: dict[str, Node | None], project: Path) -> None:
    assert list(complaints(target, spec_of(target, picked), project)) == []


@pytest.mark.soak
@pytest.mark.parametrize("target", OPTIONS)
@settings(max_examples=300, deadline=None, suppress_health_check=QUIET)
@given(picked=PICKED)
def test_our_linter_is_silent_about_much_that_we_wrote(
    target: str, picked: dict[str, Node | None], project: Path
) -> None:
    assert list(complaints(target, spec_of(target, picked), project)) == []
