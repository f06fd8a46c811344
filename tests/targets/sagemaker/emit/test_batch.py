"""Batch deployments: a pipeline of one job, what starts it, and what its role may do."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from mlopsgen.plan.services import Batch
from mlopsgen.plan.steps import Plan, Run, RunParameter
from mlopsgen.plan.values import ChampionUri, Flag, LiveUri, Setting
from mlopsgen.spec.values import Ref, RunFact, Text
from tests.targets.sagemaker.emit.plans import (
    RUNTIME,
    bundle,
    codes,
    evaluate,
    findings,
    plan,
    prepare,
    register,
    stack,
    train,
)
from tests.targets.sagemaker.emit.test_stack import allowed


def nightly(source: Any = "data/new/", cron: str | None = "0 3 * * *", name: str = "nightly") -> Batch:
    origin = ("deployments", name)
    argv = (
        *RUNTIME,
        "score",
        Flag("registry", ChampionUri("churn")),
        Flag("input", LiveUri(source)),
        Flag("output", LiveUri("out/nightly/")),
        Flag("run-id", Setting(RunFact("run.id"))),
        Flag("at", Setting(RunFact("run.scheduled_at")), optional=True),
    )
    job = Run(name=name, argv=argv, cache=False, runtime=True, origin=origin)
    return Batch(name=name, job=job, model="churn", cron=cron, timezone="Europe/Paris", origin=origin)


def scored(*services: Batch, **more: Any) -> Plan:
    return plan(
        prepare(), train(), evaluate(), register(), services=services or (nightly(),), deployments=("nightly",), **more
    )


def definition(given: Plan) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(bundle(given)["deployments/nightly.json"])
    return read


def test_a_run_is_told_the_time_it_was_meant_for_and_not_when_it_got_a_machine() -> None:
    """Scheduler's context attributes stand in the input of a universal target (scheduler/latest/UserGuide)."""
    schedule = stack(scored())["Resources"]["NightlySchedule"]
    target = schedule["Properties"]["Target"]
    assert target["Arn"] == "arn:aws:scheduler:::aws-sdk:sagemaker:startPipelineExecution"
    assert json.loads(target["Input"]) == {
        "PipelineName": "churn-nightly",
        "PipelineParameters": [{"Name": "scheduled-at", "Value": "<aws.scheduler.scheduled-time>"}],
    }
    assert schedule["Properties"]["ScheduleExpressionTimezone"] == "Europe/Paris"
    words = definition(scored())["Steps"][0]["Arguments"]["AppSpecification"]["ContainerArguments"]
    assert {"Std:Join": {"On": "", "Values": ["--at=", {"Get": "Parameters.scheduled-at"}]}} in words


def test_who_starts_it_by_hand_need_say_no_time() -> None:
    read = definition(scored(nightly(cron=None)))
    assert read["Parameters"] == [{"Name": "scheduled-at", "Type": "String", "DefaultValue": ""}]
    assert "--optional=at" in read["Steps"][0]["Arguments"]["AppSpecification"]["ContainerArguments"]
    assert "NightlySchedule" not in stack(scored(nightly(cron=None)))["Resources"]


def test_the_scheduler_may_start_it() -> None:
    (start,) = allowed(stack(scored())["Resources"], "SchedulerRole", "sagemaker:StartPipelineExecution")
    assert start["Resource"] == ["arn:aws:sagemaker:eu-west-1:123456789012:pipeline/churn-nightly"]


def test_the_job_may_read_its_records_and_the_champion_and_write_and_tidy_its_predictions() -> None:
    found = stack(scored())["Resources"]
    put = [r for s in allowed(found, "JobsRole", "s3:DeleteObject") for r in s["Resource"]]
    assert put == ["arn:aws:s3:::acme-ml/churn/out/nightly/*"]
    read = [r for s in allowed(found, "JobsRole", "s3:GetObject") for r in s["Resource"]]
    assert "arn:aws:s3:::acme-ml/churn/data/new/*" in read
    listed = allowed(found, "JobsRole", "s3:ListBucket")[0]["Condition"]["StringLike"]["s3:prefix"]
    assert {"churn/data/new/*", "churn/out/nightly/*"} <= set(listed)
    assert allowed(found, "JobsRole", "sagemaker:ListModelPackages")
    assert allowed(found, "PipelineRole", "sagemaker:CreateProcessingJob")


def test_records_somewhere_else_than_in_s3_are_said_at_their_place() -> None:
    (wrong,) = [f for f in findings(scored(nightly(source="gs://acme/new/"))) if f.code == "MG313"]
    assert wrong.spec_path == ("deployments", "nightly", "input", "uri")


def test_a_clock_gives_no_parameter_a_value() -> None:
    day = RunParameter(name="day", type="string", required=True, origin=("parameters", "day"))
    place = Text(("s3://acme/new/", Ref("day"), "/"))
    assert "MG301" in codes(scored(nightly(place), parameters=(day,)))
    assert "MG301" not in codes(scored(nightly(place, cron=None), parameters=(day,)))
    assert [p["Name"] for p in definition(scored(nightly(place, cron=None), parameters=(day,)))["Parameters"]] == [
        "scheduled-at",
        "day",
    ]


def test_two_deployments_that_the_stack_could_not_tell_apart_are_refused() -> None:
    assert "MG305" in codes(scored(nightly(name="night-ly"), nightly(name="night--ly")))


def test_files_of_another_products_model_are_readable_when_the_spec_says_where_they_lie() -> None:
    other = replace(nightly(), model="zones")
    (wrong,) = [f for f in findings(scored(other)) if f.code == "MG301"]
    assert wrong.spec_path == ("deployments", "nightly", "model")
    assert "MG301" not in codes(scored(other), readable=["s3://acme-ml/zones/models/"])
