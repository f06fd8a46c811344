"""A small product of plain scripts runs as a pipeline: retries, trials that fail, refits, addresses, champions."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from mlopsgen.spec.options import TargetOptions
from mlopsgen.targets.ir.lower import lower

from .conftest import emit, plan_of, world_of
from .executor.document import Refused
from .executor.run import CACHED, FAILED, NEVER, SUCCEEDED
from .executor.world import World
from .plain import PLAIN

pytestmark = pytest.mark.slow

Start: TypeAlias = Callable[..., World]

SCRIPTS: Mapping[str, str] = {
    "prepare.py": """
        for port in ("train", "validation", "test"):
            write(port, "data.csv", "age,churned\\n" + port + "," + read("source") + "\\n")
    """,
    "train.py": """
        depth = int(given.get("depth", 0))
        if depth == 13:
            sys.exit("thirteen brings no luck")
        write("model", "model.txt", json.dumps([depth, sorted(read("train").split())]))
        write("metrics", "metrics.json", json.dumps({"accuracy": depth / 10}))
    """,
    "evaluate.py": """
        depth, _ = json.loads(read("model"))
        write("metrics", "metrics.json", json.dumps({"accuracy": depth / 10}))
    """,
    "flaky.py": """
        seen = pathlib.Path(os.environ["COUNTER"])
        tries = int(seen.read_text()) + 1 if seen.exists() else 1
        seen.write_text(str(tries))
        if tries < int(given["until"]):
            sys.exit("not yet")
        write("page", "page.html", str(tries) + given.get("maybe", "nothing"))
    """,
    "join.py": """
        write("page", "page.html", read("a") + read("b"))
    """,
    "rows.py": """
        write("page", "page.html", read("rows"))
    """,
    "slow.py": """
        time.sleep(60)
    """,
    "last.py": """
        write("note", "note.html", given["run"] + " " + given["at"])
    """,
}
HEAD = """
import json, os, pathlib, sys, time
given = dict(word[2:].split("=", 1) for word in sys.argv[1:])
def read(port):
    return "".join(path.read_text() for path in sorted(pathlib.Path(given[port]).rglob("*.*")))
def write(port, name, text):
    (pathlib.Path(given[port]) / name).write_text(text)
"""
BASE: dict[str, Any] = {
    "apiVersion": "mlopsgen/v1",
    "name": "churn",
    "parameters": {
        "day": {"type": "string", "default": "monday"},
        "least": {"type": "number", "default": 0.3, "minimum": 0, "maximum": 1},
        "maybe": {"type": "string", "default": None},
    },
    "data": {
        "sources": {"source": {"uri": "s3://lake/${parameters.day}/rows.csv", "format": "csv"}},
        "label": "churned",
        "prepare": {"run": "prepare.py", "outputs": ["train", "validation", "test"]},
    },
    "training": {
        "run": "train.py",
        "tuning": {
            "metric": "accuracy",
            "strategy": "grid",
            "parallel": 2,
            "refit": True,
            "search": {"depth": {"choice": [3, 13, 7]}},
        },
    },
    "evaluation": {
        "run": "evaluate.py",
        "gates": {
            "accuracy": {"at_least": "${parameters.least}"},
            "better": {"metric": "accuracy", "better_than": "champion", "by": -0.5},
        },
    },
    "steps": {
        "last": {
            "run": "last.py",
            "params": {"run": "${run.id}", "at": "${run.scheduled_at}"},
            "outputs": {"note": "report"},
            "always": True,
        }
    },
}


@pytest.fixture
def product(tmp_path: Path) -> Start:
    """A world with this product in it; sections of its spec can be changed."""

    def made(**more: Any) -> World:
        project = tmp_path / "churn"
        project.mkdir()
        for name, script in SCRIPTS.items():
            body = "\n".join(line.removeprefix("        ") for line in script.splitlines())
            (project / name).write_text(HEAD + body)
        spec = project / "spec.yaml"
        spec.write_text(json.dumps({**BASE, **more}))
        world = world_of(spec, tmp_path)
        for day in ("monday", "tuesday"):
            rows = tmp_path / f"{day}.csv"
            rows.write_text(day)
            world.put(f"s3://lake/{day}/rows.csv", rows)
        world.environment = {"COUNTER": str(tmp_path / "counter")}
        return world

    return made


def step(**more: Any) -> dict[str, Any]:
    return {**BASE["steps"], "flaky": {"run": "flaky.py", "outputs": {"page": "report"}, "cache": False, **more}}


def test_a_search_skips_what_fails_and_trains_the_best_once_more_on_all_rows(product: Start) -> None:
    world = product()
    run = world.start(day="tuesday")
    assert run.status == SUCCEEDED, run.said
    assert [run.tasks[f"training-trial[{n}]"] for n in range(3)] == [SUCCEEDED] * 3
    assert "thirteen brings no luck" in run.said["training-trial[1]"]
    assert "0002: failed" in run.said["training-select"]
    depth, rows = json.loads((world.path(run, "training", "model") / "model.txt").read_text())
    assert depth == 7
    assert rows == ["age,churned", "train,tuesday", "validation,tuesday"]
    assert run.made["evaluation"].artifacts["metrics"][0]["metadata"] == {"accuracy": 0.7}
    assert run.tasks["registry"] == SUCCEEDED


def test_a_run_with_other_data_is_no_run_from_the_cache(product: Start) -> None:
    world = product()
    world.start(day="monday")
    second = world.start(day="tuesday")
    assert CACHED not in {second.tasks[name] for name in ("prepare", "training", "evaluation")}
    _, rows = json.loads((world.path(second, "training", "model") / "model.txt").read_text())
    assert "train,tuesday" in rows


@pytest.mark.parametrize(("version", "state"), [("1", CACHED), ("2", SUCCEEDED)])
def test_a_new_version_of_the_data_is_no_result_of_the_old_one(product: Start, version: str, state: str) -> None:
    def data(version: str) -> dict[str, Any]:
        return {**BASE["data"], "sources": {"source": {"uri": "s3://lake/monday/rows.csv", "version": version}}}

    steps = {"rows": {"run": "rows.py", "inputs": {"rows": "data.source"}, "outputs": {"page": "report"}}}
    world = product(data=data("1"), steps=steps)
    assert world.start().tasks["rows"] == SUCCEEDED
    spec = world.bundle.parents[1] / "spec.yaml"
    spec.write_text(json.dumps({**BASE, "data": data(version), "steps": steps}))
    emit(lower(plan_of(spec), TargetOptions(), PLAIN), world.bundle)
    assert world.start().tasks["rows"] == state


def test_gates_keep_a_version_back_and_know_the_champion(product: Start) -> None:
    world = product()
    assert world.start(least=0.9).tasks.get("registry") is None
    assert world.start().tasks["registry"] == SUCCEEDED
    third = world.start()
    gate = json.loads((world.path(third, "evaluation", "gate") / "gate.json").read_text())
    assert "champion" in gate["gates"]["better"]["reason"]
    versions = world.machine.root / "store/churn/registry/churn/versions"
    assert sorted(path.name for path in versions.iterdir()) == ["1", "2"]


def test_a_failed_step_is_tried_again_and_the_exit_handler_always_runs(product: Start) -> None:
    world = product(steps=step(params={"until": 3, "maybe": "${parameters.maybe}"}, retries={"attempts": 2}))
    run = world.start()
    assert run.status == SUCCEEDED, run.said
    assert run.tries["flaky"] == 3
    assert (world.path(run, "flaky", "page") / "page.html").read_text() == "3nothing"
    assert (world.path(run, "last", "note") / "note.html").read_text() == f"{run.number} {run.scheduled}"

    told = world.start(maybe="something")
    assert (world.path(told, "flaky", "page") / "page.html").read_text() == "4something"


def test_what_a_parameter_skips_takes_its_readers_with_it_and_nobody_else(product: Start) -> None:
    page = {"run": "flaky.py", "params": {"until": 1}, "outputs": {"page": "report"}, "cache": False}
    steps = {
        **BASE["steps"],
        "one": {**page, "when": "${parameters.go}"},
        "two": {**page, "when": "${parameters.stay}"},
        "both": {**page, "run": "join.py", "params": {}, "inputs": {"a": "one.page", "b": "two.page"}},
        "later": {**page, "after": ["one"]},
    }
    switches = {name: {"type": "boolean", "default": True} for name in ("go", "stay")}
    world = product(steps=steps, parameters={**BASE["parameters"], **switches})
    run = world.start()
    assert run.tasks["both"] == run.tasks["later"] == SUCCEEDED, run.said
    less = world.start(stay=False)
    assert less.status == SUCCEEDED, less.said
    assert "skipped: `when` is false" in less.said["two"]
    assert "both" not in less.tasks
    assert less.tasks["later"] == SUCCEEDED


def test_an_exit_handler_reads_the_data_that_the_rest_reads_too(product: Start) -> None:
    handler = {"run": "rows.py", "inputs": {"rows": "data.source"}, "outputs": {"page": "report"}, "always": True}
    world = product(steps={"rows": handler, "broken": {"run": "slow.py", "timeout": "1s"}})
    run = world.start(day="tuesday")
    assert run.status == FAILED
    assert run.tasks["broken"] == FAILED
    assert (world.path(run, "rows", "page") / "page.html").read_text() == "tuesday"
    assert run.tasks["evaluation"] == SUCCEEDED


def test_what_waits_for_a_failed_step_never_starts(product: Start) -> None:
    flaky = step(params={"until": 99}, inputs={"rows": "prepare.train"})
    after = {**flaky, "after": {"run": "last.py", "params": {"run": "x", "at": "y"}, "outputs": ["note"]}}
    after["after"]["after"] = ["flaky"]
    run = product(steps=after).start()
    assert run.status == FAILED
    assert run.tasks["after"] == NEVER
    assert run.tasks["last"] == SUCCEEDED


def test_a_step_that_takes_too_long_has_failed(product: Start) -> None:
    run = product(steps=step(run="slow.py", timeout="1s")).start()
    assert run.tasks["flaky"] == FAILED
    assert "it took longer than its time limit of 1 s" in run.said["flaky"]


def test_a_run_starts_with_values_of_the_declared_types_alone(product: Start) -> None:
    world = product()
    with pytest.raises(Refused):
        world.start(least="much")
    out = world.start(least=2.0)
    assert out.status == FAILED
    assert "least is at least 0 and at most 1" in out.said["parameters-out-of-bounds"]
    assert set(out.said) == {"parameters-out-of-bounds", "last"}
