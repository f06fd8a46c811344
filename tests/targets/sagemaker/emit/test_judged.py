"""What is emitted is judged by the service's own model, by cfn-lint and by our linter."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mlopsgen.plan.steps import Choice, Governance, Gpu, Interval, Plan, Resources, RunParameter, Secret
from mlopsgen.plan.values import AppPath, Flag, Param, Python
from mlopsgen.render.parseback import render
from mlopsgen.spec.values import Ref, RunFact, Text
from mlopsgen.targets.judging import judge_bundle
from mlopsgen.targets.sagemaker import target
from mlopsgen.targets.sagemaker.judge import judges
from tests.targets.sagemaker.emit.plans import (
    PARAMETERS,
    REMOTE,
    bundle,
    evaluate,
    findings,
    inputs,
    lowered,
    outputs,
    plan,
    prepare,
    register,
    run,
    step,
    train,
    tune,
    values,
)
from tests.targets.sagemaker.emit.test_stack import FULL, KEY, NETWORK

GRID = (Choice("classifier", ("a", "b"), ()), Interval("c", 0.1, 10.0, False, "log", 3, ()))
GO = RunParameter(name="go", type="boolean", required=False, default=True)
TELL = run(
    "tell",
    argv=(Python(), AppPath("t.py"), Flag("run", Param("run"))),
    params=values(run=RunFact("run.id")),
    always=True,
)
PLANS: dict[str, tuple[Plan, dict[str, Any]]] = {
    "the whole chain": (plan(), {}),
    "everything asked of governance": (FULL, NETWORK),
    "a key, and a machine whose own disk takes none": (
        plan(prepare(), tune(), evaluate(), register(), governance=Governance(encryption_key=KEY)),
        {"machines": {"training": "ml.g5.xlarge"}},
    ),
    "a random search": (plan(prepare(), tune(), evaluate(), register()), {}),
    "a grid, refitted": (
        plan(
            prepare(),
            tune(strategy="grid", trials=6, axes=GRID, refit=True),
            evaluate(on_gate_failure="fail"),
            register(),
        ),
        {},
    ),
    "numbers of trials from the run": (
        plan(prepare(), tune(trials=Ref("folds"), parallel=Ref("folds")), evaluate(), register()),
        {},
    ),
    "spot on two machines with accelerators": (
        plan(
            prepare(),
            train(
                resources=Resources(nodes=2, spot=True, gpu=Gpu("t4", 1)),
                distributed="torchrun",
                secrets=(Secret("DB", "prod/db", ()),),
            ),
            evaluate(on_gate_failure="register"),
            register(),
        ),
        {},
    ),
    "branches and an exit handler": (
        plan(
            prepare(),
            train(when=Ref("go")),
            evaluate(),
            register(),
            run("report", inputs(m="evaluation.metrics"), outputs("page"), after=("registry",)),
            TELL,
            parameters=(*PARAMETERS, GO),
        ),
        {},
    ),
    "passed through": (
        plan(),
        {
            "steps": {"training": {"EnableNetworkIsolation": True}, "registry": {"SkipModelValidation": "All"}},
        },
    ),
    "a role and a repository of one's own": (
        plan(),
        {"role": "arn:aws:iam::123456789012:role/ml", "repository": "ml/churn"},
    ),
    "a source that the run names": (
        plan(sources=(replace(REMOTE, uri=Text(("s3://lake/", Ref("folds"), "/"))),)),
        {},
    ),
}


def written(folder: Path, given: Plan, more: dict[str, Any]) -> Path:
    """The bundle without its image, which has tests of its own."""
    jobs = [j for j in target.layout(lowered(given, **more)[0]) if not j.path.startswith("image/")]
    for path, text in render(jobs, target.templates).items():
        (folder / path).write_bytes(text)
    (folder / "image").mkdir()
    (folder / "image" / "Dockerfile").write_text(f"FROM python@sha256:{'1' * 64}\nUSER 10001\n")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("name", PLANS)
def test_no_judge_finds_anything(name: str, tmp_path: Path) -> None:
    found = [str(d) for d in judge_bundle(judges(), written(tmp_path, *PLANS[name]))]
    assert found == []


def test_the_judges_do_see_these_bundles(tmp_path: Path) -> None:
    folder = written(tmp_path, plan(), {"steps": {"training": {"RoleARN": "x"}}})
    assert any(d.code == "MG430" for d in judge_bundle(judges(), folder))


def test_the_same_plan_gives_the_same_bytes() -> None:
    for given, more in PLANS.values():
        assert bundle(given, **more) == bundle(given, **more)


def test_a_passed_key_lands_in_its_step_wherever_it_lies() -> None:
    document = json.loads(bundle(*PLANS["passed through"][:1], **PLANS["passed through"][1])["pipeline.json"])
    assert step(document, "registry")["Arguments"]["SkipModelValidation"] == "All"
    assert step(document, "training")["Arguments"]["EnableNetworkIsolation"] is True


def test_a_passed_key_of_no_step_is_named() -> None:
    (found,) = findings(plan(), steps={"trainng": {"A": 1}})
    assert (found.code, found.spec_path) == ("MG309", ("targets", "sagemaker", "steps", "trainng"))
    assert "`training`" in (found.hint or "")
