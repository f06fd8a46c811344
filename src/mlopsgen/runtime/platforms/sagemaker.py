"""SageMaker: how it starts an image for training and for serving, and the model packages of a group."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..files import read_json
from ..problems import Failed, Usage
from ..unpack import extract, keep_only
from .api import Version
from .aws import Told, bucket_and_key, client_for

BASE = Path("/opt/ml")
COMMAND = "mlopsgen_command"
SERVE = "MLOPSGEN_SERVE"


def command_from_hyperparameters(base: Path = BASE) -> tuple[str, ...]:
    """The launcher's argv from the hyper-parameters: tuning jobs call an image with `train` and nothing else.

    A value may hold 2,500 characters, so a longer JSON list goes on in `mlopsgen_command_2` and so on.
    """
    path = base / "input" / "config" / "hyperparameters.json"
    if not path.exists():
        raise Usage(f"train needs flags; without any it reads the command from {path}, which is not there")
    given = read_json(path)
    if not isinstance(given, dict) or COMMAND not in given:
        raise Usage(f"{path} holds no `{COMMAND}`, so there is nothing to run")
    return _as_argv("".join(_parts(given)), path)


def _parts(given: Mapping[str, object]) -> Iterator[str]:
    yield str(given[COMMAND])
    number = 2
    while f"{COMMAND}_{number}" in given:
        yield str(given[f"{COMMAND}_{number}"])
        number += 1


def _as_argv(text: str, path: Path) -> tuple[str, ...]:
    return _words(text, f"`{COMMAND}` in {path}")


def command_from_environment() -> tuple[str, ...]:
    """The server's argv: endpoints call an image with `serve` and nothing else, and a version keeps variables alone."""
    text = os.environ.get(SERVE)
    if text is None:
        raise Usage(f"serve needs flags; without any it reads the command from the variable {SERVE}, which is not set")
    return _words(text, f"the variable {SERVE}")


def _words(text: str, where: str) -> tuple[str, ...]:
    try:
        argv = json.loads(text)
    except ValueError:
        raise Usage(f"{where} is not a JSON list of words") from None
    if not isinstance(argv, list) or not argv or not all(isinstance(word, str) for word in argv):
        raise Usage(f"{where} is not a JSON list of words")
    return tuple(argv)


CLIENT = "boto3>=1.35.52"
"""The oldest whose model of DescribeModelPackage has ModelLifeCycle, which says what is in production."""


PRODUCTION, ARCHIVED = "Production", "Archived"
"""Stages of a life cycle: that of the champion, and that of those before it."""
_STATUS = {"Approved": "approved", "PendingManualApproval": "pending", "Rejected": "rejected"}


class PackageGroup:
    """`sagemaker://REGION/GROUP[#SUBDIR]`: the model packages of a group; SUBDIR is where the archive keeps the model.

    The champion is the newest approved package whose life cycle stage is Production.
    """

    def __init__(self, uri: str, client: Any = None, s3: Any = None) -> None:
        place, _, self.inner = uri.removeprefix("sagemaker://").partition("#")
        region, _, self.group = place.partition("/")
        if not region or not self.group:
            raise Usage(f"`{uri}` must read sagemaker://REGION/GROUP")
        self.client = client or client_for("sagemaker", region)
        self.s3 = s3 or client_for("s3", region)

    def champion(self) -> Version | None:
        """The newest approved package in production."""
        for arn in self._arns("Descending", ModelApprovalStatus="Approved"):
            about = self._describe(arn)
            if "ModelLifeCycle" not in about:
                self._check_client()
            elif about["ModelLifeCycle"].get("Stage") == PRODUCTION:
                return self._version(about)
        return None

    def _check_client(self) -> None:
        """An older client drops what its model does not have, so that no version would ever be in production."""
        answer = self.client.meta.service_model.operation_model("DescribeModelPackage").output_shape
        if "ModelLifeCycle" not in answer.members:
            raise Failed(f"boto3 of this image is too old to say which version is in production; it needs {CLIENT}")

    def versions(self) -> tuple[Version, ...]:
        """Every package of the group whose making has ended well, the oldest first."""
        return tuple(self._version(self._describe(arn)) for arn in self._arns("Ascending"))

    def status(self, version: str) -> str:
        """What somebody, or the gates, decided about a package of the group."""
        about = self._describe(version)
        if about.get("ModelPackageGroupName") != self.group:
            raise Failed(f"{version} is no version of `{self.group}`")
        return _STATUS[about["ModelApprovalStatus"]]

    def promote(self, version: str) -> None:
        """Puts a package into production, and takes every other one out of it.

        The newest one in production is the champion, so the new one comes first: cut off in between there is one still.
        """
        self._move(version, PRODUCTION)
        for arn in self._arns("Descending", ModelApprovalStatus="Approved"):
            about = self._describe(arn)
            if arn != version and about.get("ModelLifeCycle", {}).get("Stage") == PRODUCTION:
                self._move(arn, ARCHIVED)

    def newer(self, version: str, other: str) -> bool:
        """Whether a package was registered after another one of its group."""
        return self._number(version) > self._number(other)

    def _number(self, version: str) -> int:
        return int(self._describe(version)["ModelPackageVersion"])

    def _move(self, version: str, stage: str) -> None:
        if self._describe(version).get("ModelLifeCycle", {}).get("Stage") != stage:
            cycle = {"Stage": stage, "StageStatus": "Approved"}
            with Told(f"the model package {version}", f"moved to the stage {stage}"):
                self.client.update_model_package(ModelPackageArn=version, ModelLifeCycle=cycle)

    def fetch_model(self, version: Version, into: Path) -> None:
        """Downloads the package's model.tar.gz and unpacks it; unsafe archives are refused."""
        containers = self._describe(version.name).get("InferenceSpecification", {}).get("Containers", [])
        source = _model_uri(containers[0]) if containers else None
        if source is None:
            raise Failed(f"the model package {version.name} names no model data")
        bucket, key = bucket_and_key(source)
        into.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            archive = Path(folder) / "model.tar.gz"
            with Told(source):
                self.s3.download_file(bucket, key, str(archive))
            extract(archive, into)
        if self.inner:
            keep_only(into, self.inner)

    def _arns(self, order: str, **more: str) -> Iterator[str]:
        asked = {"ModelPackageGroupName": self.group, "SortBy": "CreationTime", "SortOrder": order, **more}
        token: dict[str, str] = {}
        while True:
            with Told(f"the model package group `{self.group}`"):
                page = self.client.list_model_packages(**asked, **token)
            for package in page["ModelPackageSummaryList"]:
                if package.get("ModelPackageStatus", "Completed") == "Completed":
                    yield package["ModelPackageArn"]
            if not page.get("NextToken"):
                return
            token = {"NextToken": page["NextToken"]}

    def _describe(self, arn: str) -> Mapping[str, Any]:
        with Told(f"the model package {arn}"):
            answer: Mapping[str, Any] = self.client.describe_model_package(ModelPackageName=arn)
        return answer

    def _version(self, about: Mapping[str, Any]) -> Version:
        return Version(about["ModelPackageArn"], self._metrics(about))

    def _metrics(self, about: Mapping[str, Any]) -> Mapping[str, float]:
        """The numbers of the metrics file that the package was registered with."""
        statistics = about.get("ModelMetrics", {}).get("ModelQuality", {}).get("Statistics", {})
        if "S3Uri" not in statistics:
            return {}
        bucket, key = bucket_and_key(statistics["S3Uri"])
        with Told(statistics["S3Uri"]):
            body = self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        content = json.loads(body)
        return {name: value for name, value in content.items() if isinstance(value, int | float)}


def _model_uri(container: Mapping[str, Any]) -> str | None:
    """A package written from a pipeline step names its data in one of two places."""
    if "ModelDataUrl" in container:
        return str(container["ModelDataUrl"])
    source = container.get("ModelDataSource", {}).get("S3DataSource", {})
    return str(source["S3Uri"]) if "S3Uri" in source else None


REGISTRIES = {"sagemaker": PackageGroup}
REQUIREMENTS = {"sagemaker": (CLIENT,)}
# Tuning jobs start an image with the one word `train`, endpoints with `serve`.
BARE_WORDS = {"train": command_from_hyperparameters, "serve": command_from_environment}
