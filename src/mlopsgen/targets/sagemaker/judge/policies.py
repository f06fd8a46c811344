"""Rules for IAM: no role may do more than its work asks for, and each may do that much."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.targets.documents.document import Path, maps
from mlopsgen.targets.rules import rule
from mlopsgen.targets.sagemaker.judge.template import Resource, Template, as_list

ROLE = "AWS::IAM::Role"
_DOCUMENTS = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy")
_REFERENCE = "Service Authorization Reference, actions and their resource types"

WITHOUT_RESOURCE: Mapping[str, str] = {
    "ecr:GetAuthorizationToken": "a token is of the account, not of a repository",
    "ec2:DescribeDhcpOptions": "ec2:Describe* takes no resource",
    "ec2:DescribeNetworkInterfaces": "ec2:Describe* takes no resource",
    "ec2:DescribeSecurityGroups": "ec2:Describe* takes no resource",
    "ec2:DescribeSubnets": "ec2:Describe* takes no resource",
    "ec2:DescribeVpcEndpoints": "ec2:Describe* takes no resource",
    "ec2:DescribeVpcs": "ec2:Describe* takes no resource",
    "ec2:CreateNetworkInterface": "SageMaker makes interfaces in subnets of the account",
    "ec2:CreateNetworkInterfacePermission": "interfaces are made while the job starts: no name is known before",
    "ec2:DeleteNetworkInterface": "interfaces are made while the job starts: no name is known before",
    "ec2:DeleteNetworkInterfacePermission": "interfaces are made while the job starts: no name is known before",
    "application-autoscaling:DescribeScalableTargets": "its lists take no resource",
    "application-autoscaling:DescribeScalingPolicies": "its lists take no resource",
    "application-autoscaling:DescribeScheduledActions": "its lists take no resource",
    "cloudwatch:PutMetricData": "metrics are no resource: the condition cloudwatch:namespace narrows it",
    "sagemaker:ListModelPackages": "lists take no resource",
    "sagemaker:ListTrainingJobs": "lists take no resource",
    "sagemaker:ListTrainingJobsForHyperParameterTuningJob": "read of one search, by its name",
    "sagemaker:Search": "a search takes no resource",
    "logs:DescribeLogGroups": "lists take no resource",
    "xray:PutTraceSegments": "traces are no resource",
    "xray:PutTelemetryRecords": "traces are no resource",
    "sts:GetCallerIdentity": "takes no resource",
    "s3:ListAllMyBuckets": "takes no resource",
    "codebuild:ListProjects": "takes no resource",
    "kms:ListAliases": "takes no resource",
    "kms:ListKeys": "takes no resource",
    "s3:GetAccountPublicAccessBlock": "takes no resource",
    "events:PutEvents": "the default bus, narrowed by events:source",
    "ec2:DescribeAvailabilityZones": "ec2:Describe* takes no resource",
}
"""Actions that may stand on `*`, each with its reason."""
_NARROWED = {"cloudwatch:PutMetricData": "cloudwatch:namespace"}
_HOLE = re.compile(r"\$\{[^}]*\}")
_WIDE_MANAGED = ("FullAccess", "AdministratorAccess", "PowerUserAccess")


def statements(t: Template) -> Iterator[tuple[Resource, Path, dict[str, Any]]]:
    """Every statement of every identity policy, with its place."""
    for resource in t.of(ROLE):
        for i, policy in maps(resource.get("Policies")):
            document = policy.get("PolicyDocument")
            path = resource.where("Policies", i, "PolicyDocument", "Statement")
            yield from _of(resource, document, path)
    for resource in t.of(*_DOCUMENTS):
        yield from _of(resource, resource.get("PolicyDocument"), resource.where("PolicyDocument", "Statement"))


def _of(resource: Resource, document: Any, path: Path) -> Iterator[tuple[Resource, Path, dict[str, Any]]]:
    statements = document.get("Statement") if isinstance(document, dict) else None
    if isinstance(statements, dict):
        yield resource, path, statements
    for i, statement in maps(statements):
        yield resource, (*path, i), statement


@rule("narrow-actions", _REFERENCE)
def narrow_actions(t: Template) -> Iterator[Diagnostic]:
    """A statement names what it allows, action by action."""
    for _, path, statement in statements(t):
        if statement.get("Effect") != "Allow":
            continue
        for key in ("NotAction", "NotResource"):
            if key in statement:
                yield t.document.finding("MG442", f"`{key}` allows everything else", (*path, key))
        for action in as_list(statement.get("Action")):
            if isinstance(action, str) and (action == "*" or action.endswith(":*")):
                yield t.document.finding("MG442", f"`{action}` allows more than any role here needs", (*path, "Action"))


@rule("narrow-resources", _REFERENCE + "; the list of reasons is WITHOUT_RESOURCE")
def narrow_resources(t: Template) -> Iterator[Diagnostic]:
    """`*` as a resource stands only where the action knows no resource."""
    for _, path, statement in statements(t):
        if statement.get("Effect") != "Allow" or not any(_is_all(t, r) for r in as_list(statement.get("Resource"))):
            continue
        for action in (a for a in as_list(statement.get("Action")) if isinstance(a, str)):
            if action not in WITHOUT_RESOURCE:
                message = f"`{action}` is allowed on every resource: name those it needs"
                yield t.document.finding("MG442", message, (*path, "Resource"))
            elif action in _NARROWED and _NARROWED[action] not in str(statement.get("Condition")):
                message = f"`{action}` needs a condition on {_NARROWED[action]}"
                yield t.document.finding("MG442", message, path)


def _is_all(t: Template, resource: Any) -> bool:
    text = t.text(resource)
    return text is not None and (text == "*" or (text.startswith("arn:") and text.split(":", 5)[-1] in ("*", "*/*")))


@rule("passed-roles", 'IAM user guide, "Grant permissions to pass a role": iam:PassedToService')
def passed_roles(t: Template) -> Iterator[Diagnostic]:
    """A role is passed to a named service alone."""
    for _, path, statement in statements(t):
        actions = as_list(statement.get("Action"))
        allowed = statement.get("Effect") == "Allow" and "iam:PassRole" in actions
        if allowed and "iam:PassedToService" not in str(statement.get("Condition")):
            message = "`iam:PassRole` needs a condition on iam:PassedToService"
            yield t.document.finding("MG442", message, path)


@rule("managed-policies", "AWS managed policies are written for every customer at once")
def managed_policies(t: Template) -> Iterator[Diagnostic]:
    """No role carries one of Amazon's full-access policies."""
    for resource in t.of(ROLE):
        for i, policy in enumerate(as_list(resource.get("ManagedPolicyArns"))):
            text = t.text(policy) or ""
            if ":aws:policy/" in text and any(wide in text for wide in _WIDE_MANAGED):
                path = resource.where("ManagedPolicyArns", i)
                yield t.document.finding(
                    "MG442", f"`{text.rsplit('/', 1)[-1]}` allows far more than one pipeline", path
                )


def trusted(t: Template, role: Resource) -> frozenset[str]:
    """The services that may assume a role; `*` when everybody may."""
    services: set[str] = set()
    document = role.get("AssumeRolePolicyDocument")
    for statement in as_list(document.get("Statement")) if isinstance(document, dict) else ():
        principal = statement.get("Principal") if isinstance(statement, dict) else None
        if isinstance(principal, dict) and statement.get("Effect") == "Allow":
            services.update(t.text(s) or "" for s in as_list(principal.get("Service")))
    return frozenset(services)


@rule("open-trust", 'IAM user guide, "AWS JSON policy elements: Principal"')
def open_trust(t: Template) -> Iterator[Diagnostic]:
    """No role may be assumed by everybody."""
    for role in t.of(ROLE):
        document = role.get("AssumeRolePolicyDocument")
        for statement in as_list(document.get("Statement")) if isinstance(document, dict) else ():
            principal = statement.get("Principal") if isinstance(statement, dict) else None
            named = [
                v for p in (principal.values() if isinstance(principal, dict) else [principal]) for v in as_list(p)
            ]
            if "*" in named:
                path = role.where("AssumeRolePolicyDocument", "Statement")
                yield t.document.finding("MG442", "everybody may assume this role", path)


def allows(t: Template, role: Resource, action: str, resource: str | None = None) -> bool:
    """Whether a role may do something; True as well when its policies lie outside the template."""
    if as_list(role.get("ManagedPolicyArns")) or _attached(t, role):
        return True
    for owner, _, statement in statements(t):
        if owner is not role or statement.get("Effect") != "Allow":
            continue
        actions = [a for a in as_list(statement.get("Action")) if isinstance(a, str)]
        if "NotAction" in statement or any(fnmatchcase(action.lower(), a.lower()) for a in actions):
            resources = [t.text(r) for r in as_list(statement.get("Resource"))]
            if resource is None or any(g is None or covers(g, resource) for g in resources):
                return True
    return False


def _attached(t: Template, role: Resource) -> bool:
    """Whether a policy of its own resource is attached: AWS::IAM::Policy names roles."""
    return any(
        t.target(r) is role or t.text(r) == t.text(role.get("RoleName")) for p in t.of(*_DOCUMENTS) for r in _roles(p)
    )


def _roles(policy: Resource) -> list[Any]:
    return [*as_list(policy.get("Roles")), *as_list(policy.get("RoleName"))]


def covers(pattern: str, resource: str) -> bool:
    """Whether an ARN of a policy can mean a resource; `${…}` on either side may be anything."""
    tail, resource_tail = (_HOLE.sub("*", arn).split(":", 5)[-1] for arn in (pattern, resource))
    if "*" in resource_tail:
        head, start = tail.split("*")[0], resource_tail.split("*")[0]
        return start.startswith(head) or ("*" in tail and head.startswith(start))
    return fnmatchcase(resource_tail, tail.replace("[", "[[]"))
