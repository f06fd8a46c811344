"""AWS as a rollout sees it: S3, the registry and CloudFormation with one endpoint behind it, in a bundle's account.

Clients are boto3's own, so what is asked is held to the services' shapes; each call is held to the role of the emitted
stack that makes it, and an endpoint to what the guardrails take. Time passes only while somebody waits.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import boto3
import yaml
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator

from .rights import Rights

ACCOUNT = "arn:aws:{}:eu-west-1:123456789012:{}"
GROUP = "churn"
SCALING = "application-autoscaling"
DOING = {
    "AWS::SageMaker::Model": ("sagemaker:CreateModel", "model/made-up"),
    "AWS::SageMaker::EndpointConfig": ("sagemaker:CreateEndpointConfig", "endpoint-config/made-up"),
    "AWS::SageMaker::Endpoint": ("sagemaker:{}Endpoint", "endpoint/churn-live"),
    "AWS::CloudWatch::Alarm": ("cloudwatch:PutMetricAlarm", "alarm:{AlarmName}"),
    "AWS::ApplicationAutoScaling::ScalableTarget": (f"{SCALING}:RegisterScalableTarget", "scalable-target/1"),
    "AWS::ApplicationAutoScaling::ScalingPolicy": (f"{SCALING}:PutScalingPolicy", "scalable-target/1"),
}
"""What CloudFormation calls for a resource, and on what."""


class Cut(BaseException):
    """The process is gone: nothing in it runs any more."""


@dataclass
class Stack:
    """A stack of CloudFormation."""

    status: str
    version: str
    template: str
    before: tuple[str, str] | None = None
    """The version and the template that it goes back to."""
    waits: int = 0
    """Looks until the operation has ended."""
    events: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Cloud:
    """The account."""

    stack: dict[str, Any]
    objects: dict[str, bytes]
    role: str = "LiveRolloutRole"
    packages: dict[str, dict[str, Any]] = field(default_factory=dict)
    stacks: dict[str, Stack] = field(default_factory=dict)
    trips: frozenset[str] = frozenset()
    """Versions that an alarm takes back."""
    broken: frozenset[str] = frozenset()
    """Versions whose container never answers."""
    calls: list[str] = field(default_factory=list)
    cut_at: int | str | None = None
    """The call after whose effect the process is gone: its number, or its name."""
    events: list[dict[str, Any]] = field(default_factory=list)

    def client(self, service: str, region: str | None = None) -> Any:
        return _Asking(_client(service, region or "eu-west-1"), self)

    def register(self, number: int, stage: str = "Staging") -> str:
        """A version that is approved, and the event that tells of it."""
        arn = ACCOUNT.format("sagemaker", f"model-package/{GROUP}/{number}")
        self.packages[arn] = {
            "ModelPackageGroupName": GROUP,
            "ModelPackageVersion": number,
            "ModelPackageArn": arn,
            "ModelPackageStatus": "Completed",
            "ModelApprovalStatus": "Approved",
            "ModelLifeCycle": {"Stage": stage, "StageStatus": "Approved"},
        }
        self._tell(arn, None)
        return arn

    @property
    def champion(self) -> str | None:
        """As the registry's readers have it: the newest approved one in production."""
        found = [arn for arn, one in self.packages.items() if one["ModelLifeCycle"]["Stage"] == "Production"]
        return max(found, key=lambda arn: int(arn.rpartition("/")[2]), default=None)

    def started(self) -> list[dict[str, str]]:
        """The variables of each build that the stack's rule starts for what has happened."""
        rule = self.stack["Resources"]["LiveApproved"]["Properties"]
        told = [event for event in self.events if _matches(rule["EventPattern"]["detail"], event)]
        self.events = []
        (target,) = rule["Targets"]
        texts = (target["InputTransformer"]["InputTemplate"].replace("<version>", e["ModelPackageArn"]) for e in told)
        builds = (json.loads(text)["environmentVariablesOverride"] for text in texts)
        return [{one["name"]: one["value"] for one in build} for build in builds]

    def _tell(self, arn: str, changed: list[str] | None) -> None:
        detail = dict(self.packages[arn])
        self.events.append(detail if changed is None else {**detail, "UpdatedModelPackageFields": changed})

    def answer(self, operation: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """What a service answers; an error of it is one of the client's."""
        self.calls.append(operation)
        found: dict[str, Any] = getattr(self, f"_{re.sub(r'(?<!^)(?=[A-Z])', '_', operation).lower()}")(**asked)
        if self.cut_at in (len(self.calls), operation):
            raise Cut
        return found

    def _may(self, action: str, resource: str, role: str | None = None, **context: str) -> None:
        allowed = Rights(self.stack).allows(role or self.role, action, resource, context)
        assert allowed, f"{role or self.role} is denied {action} on {resource}"

    # S3

    def _get_object(self, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        self._may("s3:GetObject", f"arn:aws:s3:::{Bucket}/{Key}")
        body = self.objects.get(f"s3://{Bucket}/{Key}")
        if body is None:
            self._may("s3:ListBucket", f"arn:aws:s3:::{Bucket}", **{"s3:prefix": Key})
            raise _error("NoSuchKey", "not there", "GetObject", 404)
        return {"Body": io.BytesIO(body), "ETag": str(hash(body))}

    def _put_object(self, Bucket: str, Key: str, Body: bytes, **condition: str) -> dict[str, Any]:  # noqa: N803
        self._may("s3:PutObject", f"arn:aws:s3:::{Bucket}/{Key}")
        now = self.objects.get(f"s3://{Bucket}/{Key}")
        if condition.get("IfMatch", "") != ("" if now is None else str(hash(now))):
            raise _error("PreconditionFailed", "changed", "PutObject", 412)
        self.objects[f"s3://{Bucket}/{Key}"] = Body
        return {}

    # the registry

    def _describe_model_package(self, ModelPackageName: str) -> dict[str, Any]:  # noqa: N803
        self._may("sagemaker:DescribeModelPackage", ModelPackageName)
        return self.packages[ModelPackageName]

    def _list_model_packages(self, ModelPackageGroupName: str, **_: str) -> dict[str, Any]:  # noqa: N803
        self._may("sagemaker:ListModelPackages", ACCOUNT.format("sagemaker", f"model-package-group/{GROUP}"))
        approved = [arn for arn, one in self.packages.items() if one["ModelApprovalStatus"] == "Approved"]
        return {"ModelPackageSummaryList": [{"ModelPackageArn": arn} for arn in reversed(approved)]}

    def _update_model_package(self, ModelPackageArn: str, **changed: Any) -> dict[str, Any]:  # noqa: N803
        asked = {f"sagemaker:{key}": value for key, value in changed.items() if key == "ModelApprovalStatus"}
        self._may("sagemaker:UpdateModelPackage", ModelPackageArn, **asked)
        self.packages[ModelPackageArn] |= changed
        self._tell(ModelPackageArn, list(changed))
        return {}

    # CloudFormation

    def _describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803
        self._stack_may("DescribeStacks", StackName)
        stack = self.stacks.get(StackName)
        if stack is None:
            raise _error("ValidationError", f"Stack with id {StackName} does not exist", "DescribeStacks", 400)
        if stack.status.endswith("_IN_PROGRESS"):
            stack.waits -= 1
            if stack.waits <= 0:
                self._end(StackName, stack)
        if StackName not in self.stacks:
            raise _error("ValidationError", f"Stack with id {StackName} does not exist", "DescribeStacks", 400)
        parameters = [{"ParameterKey": "ModelPackageArn", "ParameterValue": stack.version}]
        return {"Stacks": [{"StackName": StackName, "StackStatus": stack.status, "Parameters": parameters}]}

    def _create_stack(self, StackName: str, TemplateBody: str, **asked: Any) -> dict[str, Any]:  # noqa: N803
        self._stack_may("CreateStack", StackName)
        assert StackName not in self.stacks, "AlreadyExistsException"
        stack = Stack("CREATE_IN_PROGRESS", self._checked(TemplateBody, asked), TemplateBody, waits=3)
        stack.events.insert(0, _event(StackName, "AWS::CloudFormation::Stack", stack.status, "User Initiated"))
        self.stacks[StackName] = stack
        self._make(stack, "Create", asked["RoleARN"])
        return {}

    def _update_stack(self, StackName: str, TemplateBody: str, **asked: Any) -> dict[str, Any]:  # noqa: N803
        self._stack_may("UpdateStack", StackName)
        stack, version = self.stacks[StackName], self._checked(TemplateBody, asked)
        if not stack.status.endswith("_COMPLETE") or stack.status == "ROLLBACK_COMPLETE":
            raise _error("ValidationError", f"Stack is in {stack.status} state", "UpdateStack", 400)
        if (version, TemplateBody) == (stack.version, stack.template):
            raise _error("ValidationError", "No updates are to be performed.", "UpdateStack", 400)
        stack.before = (stack.version, stack.template)
        stack.status, stack.version, stack.template, stack.waits = "UPDATE_IN_PROGRESS", version, TemplateBody, 3
        stack.events.insert(0, _event(StackName, "AWS::CloudFormation::Stack", stack.status, "User Initiated"))
        self._make(stack, "Update", asked["RoleARN"])
        return {}

    def _delete_stack(self, StackName: str, RoleARN: str) -> dict[str, Any]:  # noqa: N803
        self._stack_may("DeleteStack", StackName)
        self.stacks[StackName].status, self.stacks[StackName].waits = "DELETE_IN_PROGRESS", 2
        return {}

    def _describe_stack_events(self, StackName: str) -> dict[str, Any]:  # noqa: N803
        self._stack_may("DescribeStackEvents", StackName)
        return {"StackEvents": self.stacks[StackName].events}

    def _stack_may(self, action: str, name: str) -> None:
        self._may(f"cloudformation:{action}", ACCOUNT.format("cloudformation", f"stack/{name}/some-id"))

    def _checked(self, template: str, asked: Mapping[str, Any]) -> str:
        """The version, once the request is one that CloudFormation takes."""
        ((key, version),) = ((p["ParameterKey"], p["ParameterValue"]) for p in asked["Parameters"])
        declared = yaml.safe_load(template)["Parameters"]
        assert re.fullmatch(declared[key]["AllowedPattern"], version), "the parameter's AllowedPattern"
        self._may("iam:PassRole", asked["RoleARN"], **{"iam:PassedToService": "cloudformation.amazonaws.com"})
        assert Rights(self.stack).trusts(Rights(self.stack).named(asked["RoleARN"]), "cloudformation.amazonaws.com")
        return str(version)

    def _make(self, stack: Stack, verb: str, role_arn: str) -> None:
        """Everything of the template, by the role that it is made with."""
        role, resources = Rights(self.stack).named(role_arn), yaml.safe_load(stack.template)["Resources"]
        for resource in resources.values():
            action, name = DOING[resource["Type"]]
            properties = resource.get("Properties", {})
            service = action.partition(":")[0]
            name = name.format(**{k: v for k, v in properties.items() if isinstance(v, str)})
            self._may(action.format(verb), ACCOUNT.format(service, name), role)
        executed = resources["Model"]["Properties"]["ExecutionRoleArn"]
        self._may("iam:PassRole", executed, role, **{"iam:PassedToService": "sagemaker.amazonaws.com"})
        assert Rights(self.stack).trusts(Rights(self.stack).named(executed), "sagemaker.amazonaws.com")
        made_up = {"ModelName", "EndpointConfigName"} & {
            *resources["Model"]["Properties"],
            *resources["EndpointConfig"]["Properties"],
        }
        assert not made_up, "a second one of that name cannot be made"
        _check_guardrails(resources)

    def _end(self, name: str, stack: Stack) -> None:
        verb = stack.status.partition("_")[0]
        if verb == "DELETE":
            del self.stacks[name]
            return
        tripped = stack.version in self.trips and verb == "UPDATE"
        if not tripped and stack.version not in self.broken:
            stack.status = f"{verb}_COMPLETE"
            return
        reason = "One or more alarms are in ALARM state" if tripped else "The container did not answer"
        stack.events.insert(0, _event("Endpoint", "AWS::SageMaker::Endpoint", f"{verb}_FAILED", reason))
        stack.events.insert(0, _event("Waking", "AWS::X", f"{verb}_FAILED", "Resource update cancelled"))
        if stack.before is not None:
            stack.version, stack.template = stack.before
        stack.status = "ROLLBACK_COMPLETE" if verb == "CREATE" else "UPDATE_ROLLBACK_COMPLETE"


@cache
def _client(service: str, region: str) -> Any:
    return boto3.client(service, region_name=region, aws_access_key_id="nobody", aws_secret_access_key="nothing")


class _Asking:
    """A client whose requests are built by botocore, held to the service's shapes, and answered by the account."""

    def __init__(self, client: Any, cloud: Cloud) -> None:
        self.client, self.cloud = client, cloud
        self.meta = client.meta

    def __getattr__(self, method: str) -> Any:
        operation = self.client.meta.method_to_api_mapping[method]
        return lambda **asked: self._ask(operation, asked)

    def get_paginator(self, method: str) -> Any:
        """Of one page."""
        asking = getattr(self, method)
        return type("Pages", (), {"paginate": staticmethod(lambda **asked: [asking(**asked)])})

    def _ask(self, operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        model = self.client.meta.service_model.operation_model(operation)
        report = ParamValidator().validate(asked, model.input_shape)
        assert not report.has_errors(), report.generate_report()
        return self.cloud.answer(operation, asked)


def _check_guardrails(resources: Mapping[str, Any]) -> None:
    config = resources["Endpoint"]["Properties"]["DeploymentConfig"]
    routing = config["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]
    (variant,) = resources["EndpointConfig"]["Properties"]["ProductionVariants"]
    size = routing.get("CanarySize") or routing.get("LinearStepSize")
    if size is not None:
        machines = -(-variant["InitialInstanceCount"] * size["Value"] // 100)
        assert machines * 2 <= variant["InitialInstanceCount"], "at most half of the machines"
    made = {r["Properties"]["AlarmName"] for r in resources.values() if r["Type"] == "AWS::CloudWatch::Alarm"}
    watched = {one["AlarmName"] for one in config.get("AutoRollbackConfiguration", {}).get("Alarms", ())}
    assert watched <= made, "an alarm that nobody makes"


def _event(name: str, kind: str, status: str, reason: str) -> dict[str, Any]:
    return {"LogicalResourceId": name, "ResourceType": kind, "ResourceStatus": status, "ResourceStatusReason": reason}


def _error(code: str, message: str, operation: str, status: int) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, operation)


def _matches(pattern: Mapping[str, Any], detail: Mapping[str, Any]) -> bool:
    """EventBridge's patterns, as far as the rule uses them: values, exists, anything-but; of a list one is enough."""
    return all(any(_fits(one, detail.get(key)) for one in wanted) for key, wanted in pattern.items())


def _fits(wanted: Any, value: Any) -> bool:
    if isinstance(wanted, str):
        return bool(value == wanted)
    if "exists" in wanted:
        return (value is not None) is wanted["exists"]
    return value is not None and any(one not in wanted["anything-but"] for one in value)
