"""Rules for what CloudFormation hands on unread: recipes, build specifications, actions of a delivery pipeline."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.targets.documents.document import Path, items, maps
from mlopsgen.targets.rules import rule
from mlopsgen.targets.sagemaker.judge.template import Resource, Template

_RECIPE = "Greengrass V2 developer guide, component recipe reference"
_BUILD = "CodeBuild user guide, build specification reference"
_ACTIONS = "CodePipeline user guide, action structure reference"
_VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)([-+].+)?")


@dataclass(frozen=True, slots=True)
class Keys:
    """What an object has to have, and what it may have beside that."""

    needed: frozenset[str]
    more: frozenset[str] = frozenset()


def _keys(needed: str, more: str = "") -> Keys:
    return Keys(frozenset(needed.split()), frozenset(more.split()))


RECIPE = _keys(
    "RecipeFormatVersion ComponentName ComponentVersion",
    "ComponentDescription ComponentPublisher ComponentType ComponentSource ComponentConfiguration "
    "ComponentDependencies Manifests Lifecycle",
)
BUILD = _keys("version phases", "run-as env proxy batch reports artifacts cache")
PHASES = _keys("", "install pre_build build post_build")
PHASE = _keys("", "run-as on-failure runtime-versions commands finally steps")
ACTIONS: Mapping[str, Keys] = {
    "CodeStarSourceConnection": _keys(
        "ConnectionArn FullRepositoryId BranchName", "OutputArtifactFormat DetectChanges"
    ),
    "S3": _keys(
        "", "S3Bucket S3ObjectKey PollForSourceChanges AllowOverrideForS3ObjectKey BucketName ObjectKey Extract"
    ),
    "CodeCommit": _keys("RepositoryName BranchName", "PollForSourceChanges OutputArtifactFormat"),
    "ECR": _keys("RepositoryName", "ImageTag"),
    "CodeBuild": _keys("ProjectName", "PrimarySource BatchEnabled CombineArtifacts EnvironmentVariables"),
    "CloudFormation": _keys(
        "ActionMode StackName",
        "RoleArn TemplatePath TemplateConfiguration Capabilities ParameterOverrides OutputFileName ChangeSetName",
    ),
    "Manual": _keys("", "NotificationArn ExternalEntityLink CustomData"),
    "Lambda": _keys("FunctionName", "UserParameters"),
}
"""Provider → the keys of its Configuration; of other providers nothing is said."""


def _compared(t: Template, node: Mapping[Any, Any], keys: Keys, what: str, path: Path) -> Iterator[Diagnostic]:
    for key in sorted(keys.needed - set(node)):
        yield t.document.finding("MG432", f"{what} has no `{key}`", path)
    for key in node:
        if key not in keys.needed | keys.more:
            yield t.document.finding("MG430", f"{what} knows no `{key}`", path)


def _text(t: Template, resource: Resource, *path: str) -> tuple[dict[Any, Any] | None, list[Diagnostic]]:
    """The document inside a text, or what is wrong with it; neither where it is no text of more than a name."""
    text, where = resource.get(*path), resource.where(*path)
    if not isinstance(text, str) or ("\n" not in text and "{" not in text):
        return None, []
    try:
        parsed = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError):
        return None, [t.document.finding("MG438", f"`{path[-1]}` is neither YAML nor JSON", where)]
    if not isinstance(parsed, dict):
        return None, [t.document.finding("MG431", f"`{path[-1]}` is an object", where)]
    return parsed, []


@rule("recipes", _RECIPE)
def recipes(t: Template) -> Iterator[Diagnostic]:
    """A component's recipe is one that Greengrass reads."""
    for resource in t.of("AWS::GreengrassV2::ComponentVersion"):
        recipe, broken = _text(t, resource, "InlineRecipe")
        yield from broken
        if recipe is None:
            continue
        path = resource.where("InlineRecipe")
        yield from _compared(t, recipe, RECIPE, "a recipe", path)
        if str(recipe.get("RecipeFormatVersion", "2020-01-25")) != "2020-01-25":
            yield t.document.finding("MG433", "`RecipeFormatVersion` is 2020-01-25", path)
        if not _VERSION.fullmatch(str(recipe.get("ComponentVersion", "1.0.0"))):
            yield t.document.finding("MG433", "`ComponentVersion` is a version such as 1.0.0", path)
        for _, manifest in maps(recipe.get("Manifests")):
            for _, artifact in maps(manifest.get("Artifacts")):
                if not str(artifact.get("URI", "")).startswith(("s3://", "docker:", "greengrass:")):
                    yield t.document.finding("MG433", "an artifact's `URI` is an address in S3 or an image", path)


@rule("buildspecs", _BUILD)
def buildspecs(t: Template) -> Iterator[Diagnostic]:
    """A build specification is one that CodeBuild reads."""
    for resource in t.of("AWS::CodeBuild::Project"):
        parsed, broken = _text(t, resource, "Source", "BuildSpec")
        yield from broken
        if parsed is None:
            continue
        path = resource.where("Source", "BuildSpec")
        yield from _compared(t, parsed, BUILD, "a build specification", path)
        if str(parsed.get("version", "0.2")) not in ("0.1", "0.2"):
            yield t.document.finding("MG433", "`version` of a build specification is 0.2", path)
        phases = parsed.get("phases")
        if isinstance(phases, dict):
            yield from _phases(t, phases, path)


def _phases(t: Template, phases: Mapping[Any, Any], path: Path) -> Iterator[Diagnostic]:
    yield from _compared(t, phases, PHASES, "`phases`", path)
    for name, phase in phases.items():
        if not isinstance(phase, dict):
            yield t.document.finding("MG431", f"phase `{name}` is an object", path)
            continue
        yield from _compared(t, phase, PHASE, f"phase `{name}`", path)
        for command in (*items(phase.get("commands")), *items(phase.get("finally"))):
            if not isinstance(command, str):
                # The classic: a command with `: ` in it, which YAML takes for a map.
                yield t.document.finding("MG431", f"a command of `{name}` is no text: quote it", path)


@rule("delivery-actions", _ACTIONS)
def actions(t: Template) -> Iterator[Diagnostic]:
    """An action's Configuration holds what its provider reads."""
    for resource in t.of("AWS::CodePipeline::Pipeline"):
        for s, stage in maps(resource.get("Stages")):
            for a, action in maps(stage.get("Actions")):
                kind = action.get("ActionTypeId")
                provider = kind.get("Provider") if isinstance(kind, dict) else None
                keys, settings = ACTIONS.get(str(provider)), action.get("Configuration", {})
                path = resource.where("Stages", s, "Actions", a, "Configuration")
                if keys is not None and isinstance(settings, dict):
                    yield from _compared(t, settings, keys, f"an action of {provider}", path)
