"""The pipeline's role starts the kinds of jobs that the pipeline has, and the jobs' role reads what a run may name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mlopsgen.plan.steps import Governance, Plan, RunParameter
from mlopsgen.spec.values import Ref, Text
from tests.targets.sagemaker.emit.plans import (
    PARAMETERS,
    REMOTE,
    codes,
    definition,
    evaluate,
    findings,
    inputs,
    plan,
    prepare,
    register,
    step,
    train,
    tune,
)
from tests.targets.sagemaker.emit.test_stack import WEEKLY, allowed, resources

LIST = "s3:ListBucket"


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


LAKE = replace(REMOTE, uri=Ref("lake"))
PLACE = RunParameter(name="lake", type="string", required=True)
OTHER = replace(PLACE, required=False, default="s3://lake/churn/")


def test_a_run_that_names_its_data_is_not_denied_to_read_it() -> None:
    given = plan(sources=(LAKE,), parameters=(*PARAMETERS, PLACE))
    (refused,) = findings(given)
    assert (refused.code, refused.severity, refused.spec_path) == ("MG301", "error", REMOTE.origin)
    found = resources(given, readable=["s3://lake/churn/", "s3://pond", "s3://acme-ml/more/"])
    (read,) = allowed(found, "JobsRole", "s3:GetObject")
    assert {"arn:aws:s3:::lake/churn/*", "arn:aws:s3:::pond/*", "arn:aws:s3:::acme-ml/more/*"} < set(read["Resource"])
    listed = {s["Resource"][0]: s["Condition"]["StringLike"]["s3:prefix"] for s in allowed(found, "JobsRole", LIST)}
    assert listed["arn:aws:s3:::lake"] == ["churn/*"]
    assert listed["arn:aws:s3:::pond"] == ["*"]
    assert "more/*" in listed["arn:aws:s3:::acme-ml"]
    assert findings(given, readable=["s3://lake/churn/"]) == []
    assert findings(given, role="arn:aws:iam::123456789012:role/ml") == []


def test_a_run_that_names_other_data_than_the_default_is_told_of_its_rights() -> None:
    given = plan(sources=(LAKE,), parameters=(*PARAMETERS, OTHER))
    assert [(d.code, d.severity, d.spec_path) for d in findings(given)] == [("MG315", "note", REMOTE.origin)]
    assert findings(given, readable=["s3://pond/"]) == []
    (read,) = allowed(resources(given, readable=["s3://pond/"]), "JobsRole", "s3:GetObject")
    assert {"arn:aws:s3:::lake/churn/*", "arn:aws:s3:::pond/*"} < set(read["Resource"])


@pytest.mark.parametrize(
    ("parts", "prefix"),
    [
        (("s3://", Ref("lake"), "/churn/"), None),
        (("s3://lake-", Ref("lake"), "/churn/"), None),
        (("s3://lake", Ref("lake"), "/churn/"), None),
        ((Ref("lake"), "by-day/", Ref("folds")), "lake/churn/by-day/"),
        (("s3://lake/", Ref("lake")), "lake/"),
    ],
    ids=["bucket", "end of the bucket", "longer bucket", "start", "key"],
)
def test_no_other_bucket_becomes_readable_than_the_one_that_is_meant(parts: Any, prefix: str | None) -> None:
    source = replace(REMOTE, uri=Text(parts))
    given = plan(sources=(source,), parameters=(*PARAMETERS, OTHER if prefix else PLACE))
    (read,) = allowed(resources(given), "JobsRole", "s3:GetObject")
    assert [arn for arn in read["Resource"] if ":::lake" in arn] == ([f"arn:aws:s3:::{prefix}*"] if prefix else [])
    assert ("MG301" in codes(given)) == (prefix is None)


def test_places_for_a_role_that_has_its_own_rights_are_not_silently_nothing() -> None:
    (note,) = findings(plan(), role="arn:aws:iam::123456789012:role/ml", readable=["s3://lake/"])
    assert (note.code, note.severity, note.spec_path) == ("MG315", "note", ("targets", "sagemaker", "readable"))


def test_a_default_on_another_cloud_is_refused() -> None:
    given = plan(sources=(LAKE,), parameters=(*PARAMETERS, replace(OTHER, default="gs://lake/churn/")))
    assert codes(given) == ["MG313"]


def test_more_places_than_a_policy_holds_are_refused_before_the_deployment() -> None:
    many = [f"s3://{'lake-' * 8}{number}/{'folder/' * 8}" for number in range(60)]
    assert codes(plan(), readable=many[:20]) == []
    assert codes(plan(), readable=many) == ["MG306"]


def test_whatever_a_pipeline_makes_it_may_tag() -> None:
    """AddTags is a dependent action of what creates (Service Authorization Reference, SageMaker)."""
    tagged = allowed(resources(plan(prepare(), tune(), evaluate(), register())), "PipelineRole", "sagemaker:AddTags")
    kinds = {arn.split(":")[5] for statement in tagged for arn in statement["Resource"]}
    assert {"model-package/churn/*", "training-job/*", "hyper-parameter-tuning-job/*"} <= kinds


def test_jobs_may_join_a_network_that_another_account_shares() -> None:
    found = resources(plan(), subnets=["subnet-0a1b2c3d"], security_groups=["sg-0a1b2c3d"])
    (join,) = allowed(found, "JobsRole", "ec2:CreateNetworkInterface")
    assert "arn:aws:ec2:eu-west-1:*:subnet/subnet-0a1b2c3d" in join["Resource"]
    assert "arn:aws:ec2:eu-west-1:*:security-group/sg-0a1b2c3d" in join["Resource"]
    assert "arn:aws:ec2:eu-west-1:123456789012:network-interface/*" in join["Resource"]


def test_a_changed_pipeline_cannot_approve_what_somebody_has_to() -> None:
    def registers(approval: Any) -> Any:
        given = plan(prepare(), train(), evaluate(), register(approval=approval))
        (statement,) = allowed(resources(given), "PipelineRole", "sagemaker:CreateModelPackage")
        return statement.get("Condition")

    assert registers("manual") == {"StringNotEquals": {"sagemaker:ModelApprovalStatus": "Approved"}}
    assert registers("automatic") is None
    found = resources(plan(governance=Governance(deploy=("release",))))["DeployPolicy"]["Properties"]
    (approve,) = (s for s in found["PolicyDocument"]["Statement"] if s["Sid"] == "Approve")
    assert approve["Condition"] == {"StringEquals": {"sagemaker:ModelApprovalStatus": ["Approved", "Rejected"]}}


def test_roles_can_be_made_in_an_account_that_bounds_them() -> None:
    boundary = "arn:aws:iam::123456789012:policy/boundary"
    asked: dict[str, Any] = {"role_path": "/ml/", "permissions_boundary": boundary}
    given = plan(triggers=(WEEKLY,))
    roles = [r["Properties"] for r in resources(given, **asked).values() if r["Type"] == "AWS::IAM::Role"]
    assert len(roles) == 3
    assert {(role["Path"], role["PermissionsBoundary"]) for role in roles} == {("/ml/", boundary)}
    # The definition and the right to hand the role on name it with its path.
    arn = "arn:aws:iam::123456789012:role/ml/churn-eu-west-1-jobs"
    assert step(definition(given, **asked), "training")["Arguments"]["RoleArn"] == arn
    (passed,) = allowed(resources(given, **asked), "PipelineRole", "iam:PassRole")
    assert passed["Resource"] == [arn]
    assert step(definition(given, role_path="/ml"), "training")["Arguments"]["RoleArn"] == arn
    assert not any("Path" in r["Properties"] for r in resources(given).values() if r["Type"] == "AWS::IAM::Role")
