"""Real-time deployments: the endpoint's stack, what rolls versions out, and who may do what."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mlopsgen.plan.services import Hours, RealTime
from mlopsgen.plan.steps import Governance, Resources, Secret
from mlopsgen.plan.values import Flag, Setting
from mlopsgen.runtime.platforms.sagemaker import command_from_environment
from mlopsgen.targets.judging import judge_bundle
from mlopsgen.targets.sagemaker.judge import judges
from tests.targets.sagemaker.emit.lives import ORIGIN, QUEUED, SCALED, WATCHED, WEEKEND, live, served, serving
from tests.targets.sagemaker.emit.plans import bundle, codes, definition, findings, inputs, plan, register, stack, step
from tests.targets.sagemaker.emit.plans import outputs as ports
from tests.targets.sagemaker.emit.plans import run as own_step
from tests.targets.sagemaker.emit.test_judged import written
from tests.targets.sagemaker.emit.test_stack import KEY, NETWORK, allowed

LIVES: dict[str, tuple[RealTime, dict[str, Any]]] = {
    "plain": (live(), {}),
    "watched, scaled, by the hour": (live(rollout=WATCHED, hours=(WEEKEND,), **SCALED), {}),
    "queued, down to none": (live(**QUEUED), {}),
    "in a network, under a key, with a secret": (
        replace(live(), job=replace(live().job, secrets=(Secret("TOKEN", "prod/token", ()),))),
        NETWORK,
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", LIVES)
def test_no_judge_finds_anything(name: str, tmp_path: Path) -> None:
    service, more = LIVES[name]
    governance = Governance(encryption_key=KEY, private_network=True, invoke=("app",)) if more else Governance()
    (tmp_path / "deployments/live").mkdir(parents=True)
    folder = written(tmp_path, served(service, governance=governance), more)
    assert [str(d) for d in judge_bundle(judges(), folder)] == []


def test_a_second_version_finds_no_name_taken() -> None:
    """Every property of a model and a configuration is create-only (CloudFormation): a fixed name fails the update."""
    found = serving(served())
    assert "ModelName" not in found["Model"]["Properties"]
    assert "EndpointConfigName" not in found["EndpointConfig"]["Properties"]
    assert found["Endpoint"]["Properties"]["EndpointName"] == "churn-live"
    (variant,) = found["EndpointConfig"]["Properties"]["ProductionVariants"]
    assert variant["VariantName"] == "live"


def test_the_image_hears_how_to_serve_when_it_is_called_with_one_word(monkeypatch: pytest.MonkeyPatch) -> None:
    environment = serving(served(live(Flag("timeout", Setting(5.0)))))["Model"]["Properties"]["PrimaryContainer"]
    text, names = environment["Environment"]["MLOPSGEN_SERVE"]["Fn::Sub"]
    assert names["Version"]["Fn::Select"][0] == 2
    monkeypatch.setenv("MLOPSGEN_SERVE", text.replace("${Version}", "7"))
    words = command_from_environment()
    assert words[0] == "serve"
    assert {"--model=/opt/ml/model", "--host=0.0.0.0", "--port=8080", "--timeout=5.0", "--version=7"} <= set(words)


def test_a_version_says_for_ever_how_it_is_served_and_is_no_champion_yet() -> None:
    registered = step(definition(served()), "registry")["Arguments"]
    (container,) = registered["InferenceSpecification"]["Containers"]
    assert json.loads(container["Environment"]["MLOPSGEN_SERVE"])[0] == "serve"
    assert registered["ModelLifeCycle"]["Stage"] == "Staging"
    assert "no server" not in registered["ModelPackageDescription"]
    pinned = step(definition(served(live(version="3"))), "registry")["Arguments"]
    assert pinned["ModelLifeCycle"]["Stage"] == "Production"


def test_an_approval_rolls_out_and_the_rollouts_own_changes_do_not() -> None:
    found = stack(served())["Resources"]
    rule = found["LiveApproved"]["Properties"]
    assert rule["EventPattern"]["detail"] == {
        "ModelPackageGroupName": ["churn"],
        "ModelApprovalStatus": ["Approved"],
        "UpdatedModelPackageFields": [{"exists": False}, {"anything-but": ["ModelLifeCycle"]}],
    }
    (target,) = rule["Targets"]
    told = json.loads(target["InputTransformer"]["InputTemplate"])["environmentVariablesOverride"]
    assert {one["name"]: one["value"] for one in told} == {"VERSION": "<version>", "ONLY": "newer"}
    (start,) = allowed(found, "EventsRole", "codebuild:StartBuild")
    assert start["Resource"] == ["arn:aws:codebuild:eu-west-1:123456789012:project/churn-live-rollout"]
    assert found["LiveRollout"]["Properties"]["ConcurrentBuildLimit"] == 1


@pytest.mark.parametrize("more", [{"manual": True}, {"version": "3"}], ids=["manual", "pinned"])
def test_nothing_rolls_out_by_itself_what_a_person_starts(more: dict[str, Any]) -> None:
    found = stack(served(live(**more)))["Resources"]
    assert "LiveApproved" not in found
    assert "EventsRole" not in found
    assert "LiveRollout" in found


def test_words_of_an_event_reach_no_shell_unquoted() -> None:
    project = stack(served())["Resources"]["LiveRollout"]["Properties"]
    (command,) = json.loads(project["Source"]["BuildSpec"])["phases"]["build"]["commands"]
    assert '"--version=$VERSION"' in command
    assert command.count("$") == command.count("=$") == 4


def test_a_rollout_keeps_the_machines_that_scaling_has_made_and_takes_a_new_number_else() -> None:
    assert serving(served(live(**SCALED)))["Endpoint"]["Properties"]["RetainAllVariantProperties"] is True
    assert "RetainAllVariantProperties" not in serving(served(live(low=2, high=2)))["Endpoint"]["Properties"]


def test_scaling_counts_cores_as_cloudwatch_does() -> None:
    found = serving(served(live(**SCALED)))
    cpu = found["CpuScaling"]["Properties"]["TargetTrackingScalingPolicyConfiguration"]
    assert cpu["TargetValue"] == 280
    asked = found["RequestsPerMinuteScaling"]["Properties"]["TargetTrackingScalingPolicyConfiguration"]
    assert asked["TargetValue"] == 750
    assert found["Replicas"]["Properties"]["ResourceId"] == "endpoint/churn-live/variant/live"
    assert found["Replicas"]["DependsOn"] == "Endpoint"


def test_hours_begin_and_end_in_their_own_time_zone_also_past_midnight() -> None:
    night = replace(WEEKEND, days=("fri",), start="22:00", end="06:00", low=1, high=1)
    actions = serving(served(live(hours=(night,), **SCALED)))["Replicas"]["Properties"]["ScheduledActions"]
    assert [(one["Schedule"], one["ScalableTargetAction"]["MinCapacity"]) for one in actions] == [
        ("cron(0 6 ? * SAT *)", 2),
        ("cron(0 22 ? * FRI *)", 1),
    ]
    assert {one["Timezone"] for one in actions} == {"Europe/Paris"}


@pytest.mark.parametrize(
    ("hours", "field"),
    [
        ((WEEKEND, replace(WEEKEND, name="b", days=("sun",), origin=(*ORIGIN, "profiles", "b"))), "hours"),
        ((WEEKEND, replace(WEEKEND, name="b", timezone="UTC", origin=(*ORIGIN, "profiles", "b"))), "timezone"),
    ],
)
def test_hours_that_would_undo_each_other_are_refused(hours: tuple[Hours, ...], field: str) -> None:
    (refused,) = [f for f in findings(served(live(hours=hours, **SCALED))) if f.code == "MG301"]
    assert refused.spec_path == (*ORIGIN, "profiles", "b", field)


def test_a_queue_wakes_an_endpoint_that_has_no_machine() -> None:
    found = serving(served(live(**QUEUED)))
    queue = found["EndpointConfig"]["Properties"]["AsyncInferenceConfig"]["OutputConfig"]
    assert queue["S3OutputPath"] == "s3://acme/answers/"
    assert queue["NotificationConfig"] == {"SuccessTopic": "arn:aws:sns:eu-west-1:123456789012:done"}
    assert found["Replicas"]["Properties"]["MinCapacity"] == 0
    assert found["WaitingAlarm"]["Properties"]["AlarmActions"] == [{"Ref": "Waking"}]
    role = stack(served(live(**QUEUED)))["Resources"]
    (put,) = allowed(role, "LiveEndpointRole", "s3:PutObject")
    assert put["Resource"] == ["arn:aws:s3:::acme/answers/*"]
    assert allowed(role, "LiveEndpointRole", "sns:Publish")
    assert "MG301" in codes(served(live(low=0, high=1)))


def test_limits_beyond_the_services_own_are_said_at_their_line() -> None:
    slow, large = Flag("timeout", Setting(90.0)), Flag("max-bytes", Setting(10 * 2**20))
    found = {f.spec_path: f.code for f in findings(served(live(slow, large)))}
    assert found[*ORIGIN, "requests", "timeout"] == "MG306"
    assert found[*ORIGIN, "requests", "max_bytes"] == "MG306"
    assert codes(served(live(slow, large, **QUEUED))) == []


def test_the_endpoint_reads_models_and_never_the_data_of_the_training() -> None:
    found = stack(served())["Resources"]
    read = [r for s in allowed(found, "LiveEndpointRole", "s3:GetObject") for r in s["Resource"]]
    assert read == ["arn:aws:s3:::acme-ml/churn/models/*"]


def test_a_rollout_promotes_and_never_approves_and_makes_no_role() -> None:
    found = stack(served())["Resources"]
    (promote,) = allowed(found, "LiveRolloutRole", "sagemaker:UpdateModelPackage")
    assert promote["Condition"] == {"Null": {"sagemaker:ModelApprovalStatus": "true"}}
    (change,) = allowed(found, "LiveRolloutRole", "cloudformation:UpdateStack")
    assert change["Resource"] == ["arn:aws:cloudformation:eu-west-1:123456789012:stack/churn-live/*"]
    assert not allowed(found, "DeployRole", "iam:CreateRole")
    (passed,) = allowed(found, "DeployRole", "iam:PassRole")
    assert passed["Resource"] == [serving(served())["Model"]["Properties"]["ExecutionRoleArn"]]


def test_a_rollout_of_one_deployment_takes_no_others_place() -> None:
    services = live(), live(name="second")
    found = stack(served(*services))["Resources"]
    (keep,) = allowed(found, "LiveRolloutRole", "s3:PutObject")
    assert keep["Resource"] == ["arn:aws:s3:::acme-ml/churn/state/deployments/live/*"]
    plan_file = json.loads(bundle(served(*services))["deployments/live/rollout.json"])
    assert plan_file["state"] == "s3://acme-ml/churn/state/deployments/live"


def test_a_model_that_is_a_folder_is_refused_before_an_endpoint_fails_of_it() -> None:
    made = own_step("fit", inputs(source="data.source"), ports("model"))
    registered = register(model=inputs(model="fit.model")[0], metrics=None, gate=None, figures=())
    (refused,) = [f for f in findings(served(steps=(made, registered))) if f.code == "MG301"]
    assert "archive" in refused.message


def test_the_endpoints_machine_is_the_smallest_that_fits_and_no_run_names_it() -> None:
    service = live()
    asked = replace(service, job=replace(service.job, resources=Resources(cpu=8, memory=30 * 2**30)))
    (variant,) = serving(served(asked))["EndpointConfig"]["Properties"]["ProductionVariants"]
    assert variant["InstanceType"] == "ml.m5.2xlarge"
    named = serving(served(), machines={"live": "ml.c5.xlarge"})["EndpointConfig"]["Properties"]
    assert named["ProductionVariants"][0]["InstanceType"] == "ml.c5.xlarge"


def test_who_may_deploy_starts_rollouts_and_who_may_call_calls() -> None:
    found = stack(served(governance=Governance(deploy=("release",), invoke=("app",))))["Resources"]
    deploy = found["DeployPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    (start,) = (s for s in deploy if "codebuild:StartBuild" in s["Action"])
    assert start["Resource"] == ["arn:aws:codebuild:eu-west-1:123456789012:project/churn-live-rollout"]
    (call,) = found["CallPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert call["Action"] == ["sagemaker:InvokeEndpoint"]
    assert found["CallPolicy"]["Properties"]["Roles"] == ["app"]
    # Who calls an endpoint starts no training.
    assert "InvokePolicy" not in found


def test_a_bundle_without_an_endpoint_is_as_it_was() -> None:
    assert not any("Rollout" in key for key in stack(plan())["Resources"])
