"""The pipeline's role starts the kinds of jobs that the pipeline has, and no others."""

from __future__ import annotations

import pytest

from mlopsgen.plan.steps import Plan
from tests.targets.sagemaker.emit.plans import inputs, plan, prepare, train, tune
from tests.targets.sagemaker.emit.test_stack import allowed, resources


@pytest.mark.parametrize(
    ("given", "started"),
    [
        (plan(), {"Processing", "Training"}),
        (plan(prepare(), tune()), {"Processing", "HyperParameterTuning"}),
        (plan(prepare(), tune(refit=True)), {"Processing", "Training", "HyperParameterTuning"}),
        (plan(train(inputs=inputs(train="data.source"))), {"Training"}),
    ],
    ids=["training", "search", "refit", "no processing"],
)
def test_the_pipeline_may_start_the_kinds_of_jobs_that_it_has(given: Plan, started: set[str]) -> None:
    kinds = ("Processing", "Training", "HyperParameterTuning", "Transform")
    found = resources(given)
    assert {kind for kind in kinds if allowed(found, "PipelineRole", f"sagemaker:Create{kind}Job")} == started
