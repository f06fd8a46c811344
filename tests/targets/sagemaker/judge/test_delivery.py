"""Texts that cfn-lint does not read: recipes, build specifications, actions of a delivery pipeline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from mlopsgen.targets.sagemaker.judge import linter

RECIPE: dict[str, Any] = {
    "RecipeFormatVersion": "2020-01-25",
    "ComponentName": "com.acme.churn",
    "ComponentVersion": "1.2.3",
    "Manifests": [{"Platform": {"os": "linux"}, "Artifacts": [{"URI": "s3://acme-ml/churn/model.onnx"}]}],
}
BUILD: dict[str, Any] = {"version": 0.2, "phases": {"build": {"commands": ["mlopsgen check"]}}}
SOURCE = {"ConnectionArn": "arn:aws:codeconnections:eu-west-1:1:connection/x", "FullRepositoryId": "acme/churn"}


def codes(folder: Path, kind: str, properties: dict[str, Any]) -> list[str]:
    stack = {"Resources": {"It": {"Type": kind, "Properties": properties}}}
    (folder / "stack.yaml").write_text(yaml.safe_dump(stack))
    return [found.code for found in linter.judge(folder) if "rule `" in (found.hint or "") and found.code != "MG444"]


def component(recipe: Any) -> tuple[str, dict[str, Any]]:
    text = recipe if isinstance(recipe, str) else yaml.safe_dump(recipe)
    return "AWS::GreengrassV2::ComponentVersion", {"InlineRecipe": text}


def project(buildspec: Any) -> tuple[str, dict[str, Any]]:
    text = buildspec if isinstance(buildspec, str) else yaml.safe_dump(buildspec)
    return "AWS::CodeBuild::Project", {"Source": {"Type": "CODEPIPELINE", "BuildSpec": text}}


def delivery(provider: str, **configuration: str) -> tuple[str, dict[str, Any]]:
    action = {"Name": "it", "ActionTypeId": {"Owner": "AWS", "Provider": provider}, "Configuration": configuration}
    return "AWS::CodePipeline::Pipeline", {"Stages": [{"Name": "one", "Actions": [action]}]}


@pytest.mark.parametrize(
    "good",
    [
        component(RECIPE),
        project(BUILD),
        project("ci/buildspec.yaml"),
        delivery("CodeStarSourceConnection", **SOURCE, BranchName="main"),
        delivery("CodeBuild", ProjectName="churn"),
        delivery("Manual"),
        delivery("SomebodyElses", Anything="goes"),
    ],
)
def test_what_is_right_is_left_alone(good: tuple[str, dict[str, Any]], tmp_path: Path) -> None:
    assert codes(tmp_path, *good) == []


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (component({k: v for k, v in RECIPE.items() if k != "ComponentName"}), "MG432"),
        (component({**RECIPE, "Manifest": []}), "MG430"),
        (component({**RECIPE, "ComponentVersion": "1.2"}), "MG433"),
        (component({**RECIPE, "RecipeFormatVersion": "2019-01-01"}), "MG433"),
        (component({**RECIPE, "Manifests": [{"Artifacts": [{"URI": "churn/model.onnx"}]}]}), "MG433"),
        (component("{\n  'a': [\n"), "MG438"),
        (component("- a\n- b\n"), "MG431"),
        (project({"phases": BUILD["phases"]}), "MG432"),
        (project({**BUILD, "version": 2}), "MG433"),
        (project({**BUILD, "phase": {}}), "MG430"),
        (project({"version": 0.2, "phases": {"test": {"commands": ["x"]}}}), "MG430"),
        (project("version: 0.2\nphases:\n  build:\n    commands:\n      - echo now: done\n"), "MG431"),
        (project({"version": 0.2, "phases": {"build": {"comands": ["x"]}}}), "MG430"),
        (delivery("CodeStarSourceConnection", **SOURCE), "MG432"),
        (delivery("CodeBuild", Project="churn", ProjectName="churn"), "MG430"),
        (delivery("CloudFormation", ActionMode="CREATE_UPDATE"), "MG432"),
    ],
)
def test_what_is_wrong_is_found(bad: tuple[str, dict[str, Any]], code: str, tmp_path: Path) -> None:
    assert codes(tmp_path, *bad) == [code]
