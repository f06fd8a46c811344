"""Whether a role of a stack may do something: statements, their resources and the conditions that are used here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any


@dataclass(frozen=True, slots=True)
class Rights:
    """The roles that a stack makes."""

    stack: Mapping[str, Any]

    def allows(self, role: str, action: str, resource: str, context: Mapping[str, str]) -> bool:
        """Whether one of a role's statements allows an action."""
        policies = self.stack["Resources"][role]["Properties"]["Policies"]
        statements = [s for policy in policies for s in policy["PolicyDocument"]["Statement"]]
        return any(
            action in s["Action"]
            and any(fnmatchcase(resource, _pattern(one)) for one in s["Resource"])
            and _holds(s.get("Condition", {}), context)
            for s in statements
        )

    def named(self, arn: str) -> str:
        """The role of the stack that an ARN names."""
        roles = {key: r["Properties"] for key, r in self.stack["Resources"].items() if r["Type"] == "AWS::IAM::Role"}
        return next(str(key) for key, role in roles.items() if arn.endswith(f":role/{role['RoleName']}"))

    def trusts(self, role: str, service: str) -> bool:
        document = self.stack["Resources"][role]["Properties"]["AssumeRolePolicyDocument"]
        return any(s["Principal"]["Service"] == service for s in document["Statement"])


def _pattern(arn: str) -> str:
    return re.sub(r"\$\{([*?$])\}", r"[\1]", arn)


def _holds(condition: Mapping[str, Any], context: Mapping[str, str]) -> bool:
    for operator, wanted in condition.items():
        for key, values in wanted.items():
            listed = [values] if isinstance(values, str) else values
            match operator:
                case "Null":
                    held = (key not in context) is (listed == ["true"])
                case "StringEquals" | "StringLike":
                    held = any(fnmatchcase(context.get(key, ""), one) for one in listed)
                case _:
                    raise AssertionError(f"a condition of an unknown kind: {operator}")
            if not held:
                return False
    return True
