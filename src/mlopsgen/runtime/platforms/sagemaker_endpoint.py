"""An endpoint of SageMaker: a stack of CloudFormation whose one parameter is the version.

SageMaker goes through the steps of a rollout itself, and takes a bad version back; CloudFormation then takes back all
that came with it. Where the rollout stands is what the stack says: who is cut off waits for it again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..problems import Failed, GateSaidNo, Usage
from .aws import Told, bucket_and_key, client_for

PARAMETER = "ModelPackageArn"
GOOD = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE")
"""A stack that answers with the version that its parameter says."""
NEVER_MADE = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED", "REVIEW_IN_PROGRESS")
"""Left over of a first creation or of a deletion: nothing can update it."""
COMING = ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
"""While a stack's parameter says which version comes."""
UNCHANGED = "No updates are to be performed"
PAUSE = 15.0
"""Seconds between two looks."""


class EndpointStack:
    """`sagemaker-endpoint://REGION/STACK`; `native` says the template, its role and its tags."""

    def __init__(
        self,
        uri: str,
        native: Mapping[str, Any],
        client: Any = None,
        s3: Any = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        region, _, self.name = uri.removeprefix("sagemaker-endpoint://").partition("/")
        if not region or not self.name:
            raise Usage(f"`{uri}` must read sagemaker-endpoint://REGION/STACK")
        self.native = native
        self.client = client or client_for("cloudformation", region)
        self.s3 = s3 or client_for("s3", region)
        self.sleep = sleep
        self.came: str | None = None
        """The version that was on its way when somebody looked first."""

    def live(self) -> str | None:
        """The version that the stack was brought to once nobody is at work on it, None before the first."""
        stack = self._ended()
        return _version(stack) if stack is not None and stack["StackStatus"] in GOOD else None

    def roll(self, version: str) -> None:
        """Makes or updates the stack, and waits for its end; one that is at it already is waited for first."""
        stack = self._ended()
        if self.came == version:
            # It was cut off while it waited for this very version.
            self._check(stack, version)
            return
        if stack is not None and stack["StackStatus"] in NEVER_MADE:
            self._remove()
            stack = None
        if stack is None:
            self._say(f"the stack {self.name} is made, with version {version}")
            self._ask("create_stack", version)
        elif stack["StackStatus"] not in GOOD:
            raise Failed(f"the stack {self.name} is {stack['StackStatus']}: {_WAY_OUT.format(self.name)}")
        elif not self._updated(version):
            return
        self._check(self._ended(), version)
        self.came = None

    def _updated(self, version: str) -> bool:
        """Whether an update has begun; False where the stack is as it should be."""
        try:
            self._ask("update_stack", version)
        except Failed as problem:
            if UNCHANGED in str(problem):
                return False
            raise
        self._say(f"version {version} comes by an update of the stack {self.name}")
        return True

    def _check(self, stack: Mapping[str, Any] | None, version: str) -> None:
        if stack is not None and stack["StackStatus"] in GOOD and _version(stack) == version:
            return
        reason = self._reason()
        words = f"version {version} was taken back: {reason}" if stack else f"the stack {self.name} is gone"
        raise (GateSaidNo if "alarm" in reason.lower() else Failed)(words)

    def _ended(self) -> Mapping[str, Any] | None:
        """The stack once nothing is at work on it; who was cut off hears here how the rollout ended."""
        stack = self._stack()
        said = False
        while stack is not None and stack["StackStatus"].endswith("_IN_PROGRESS"):
            if stack["StackStatus"] in NEVER_MADE:
                break
            if not said:
                self._say(f"the stack {self.name} is {stack['StackStatus']}: waiting for its end")
                said = True
            if stack["StackStatus"] in COMING:
                self.came = _version(stack)
            self.sleep(PAUSE)
            stack = self._stack()
        return stack

    def _remove(self) -> None:
        """A creation that failed leaves a stack that nothing can update, and holds nothing that answers."""
        self._say(f"the stack {self.name} never came to be, and is deleted: {self._reason()}")
        with Told(f"the stack {self.name}", "deleted"):
            self.client.delete_stack(StackName=self.name, RoleARN=self.native["role"])
        if self._ended() is not None:
            raise Failed(f"the stack {self.name} cannot be deleted: {self._reason()}")

    def _ask(self, what: str, version: str) -> None:
        with Told(f"the stack {self.name}", "made" if what == "create_stack" else "updated"):
            getattr(self.client, what)(
                StackName=self.name,
                TemplateBody=self._template(),
                Parameters=[{"ParameterKey": PARAMETER, "ParameterValue": version}],
                RoleARN=self.native["role"],
                Tags=self.native["tags"],
            )

    def _template(self) -> str:
        bucket, key = bucket_and_key(self.native["template"])
        with Told(self.native["template"]):
            body: bytes = self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        return body.decode()

    def _stack(self) -> Mapping[str, Any] | None:
        from botocore.exceptions import ClientError

        with Told(f"the stack {self.name}"):
            try:
                stacks: list[Mapping[str, Any]] = self.client.describe_stacks(StackName=self.name)["Stacks"]
            except ClientError as error:
                if "does not exist" in error.response.get("Error", {}).get("Message", ""):
                    return None
                raise
        return stacks[0]

    def _reason(self) -> str:
        """The first thing that failed in the last operation, in the words of the service."""
        failed = [event for event in self._last_events() if event["ResourceStatus"].endswith("_FAILED")]
        told = [event for event in failed if "cancelled" not in event.get("ResourceStatusReason", "cancelled").lower()]
        if not told:
            return "CloudFormation gives no reason"
        first = told[-1]
        return f"{first['LogicalResourceId']} ({first['ResourceType']}): {first['ResourceStatusReason']}"

    def _last_events(self) -> Iterator[Mapping[str, Any]]:
        """The newest first, back to where somebody asked for the operation."""
        with Told(f"what happened to the stack {self.name}"):
            for page in self.client.get_paginator("describe_stack_events").paginate(StackName=self.name):
                for event in page["StackEvents"]:
                    yield event
                    own = event["LogicalResourceId"] == self.name
                    if own and event.get("ResourceStatusReason") == "User Initiated" and _begins(event):
                        return

    def _say(self, words: str) -> None:
        print(words, flush=True)


_WAY_OUT = "`aws cloudformation continue-update-rollback --stack-name {}` brings it back to where it was"


def _begins(event: Mapping[str, Any]) -> bool:
    return event["ResourceStatus"] in ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "REVIEW_IN_PROGRESS")


def _version(stack: Mapping[str, Any]) -> str | None:
    named = {one["ParameterKey"]: one["ParameterValue"] for one in stack.get("Parameters", ())}
    return named.get(PARAMETER)


FLEETS = {"sagemaker-endpoint": EndpointStack}
REQUIREMENTS = {"sagemaker-endpoint": ("boto3>=1.35.40",)}
