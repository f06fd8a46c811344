"""The model registry as a folder: a file for each version, as it was registered."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ARN = "arn:aws:sagemaker:eu-west-1:123456789012:model-package"


@dataclass(frozen=True, slots=True)
class Registry:
    """All model package groups."""

    root: Path

    def register(self, asked: dict[str, Any]) -> dict[str, Any]:
        """A new version of a group, which the stack has made before."""
        group = self.root / asked["ModelPackageGroupName"]
        assert group.is_dir(), f"{group.name} is no model package group of the stack"
        number = len(list(group.iterdir())) + 1
        made = {**asked, "ModelPackageArn": f"{ARN}/{group.name}/{number}", "ModelPackageVersion": number}
        (group / f"{number}.json").write_text(json.dumps(made))
        return made

    def versions(self, group: str) -> list[dict[str, Any]]:
        """The versions of a group, the oldest first."""
        found = [json.loads(path.read_text()) for path in (self.root / group).iterdir()]
        return sorted(found, key=lambda version: int(version["ModelPackageVersion"]))

    def listed(self, ModelPackageGroupName: str, SortOrder: str, **more: str) -> list[dict[str, Any]]:  # noqa: N803
        found = self.versions(ModelPackageGroupName)
        status = more.get("ModelApprovalStatus")
        kept = [version for version in found if status in (None, version["ModelApprovalStatus"])]
        ordered = reversed(kept) if SortOrder == "Descending" else kept
        return [{"ModelPackageArn": version["ModelPackageArn"]} for version in ordered]

    def described(self, arn: str) -> dict[str, Any]:
        group, number = arn.rsplit("/", 2)[1:]
        found: dict[str, Any] = json.loads((self.root / group / f"{number}.json").read_text())
        return found
