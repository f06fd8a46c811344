"""The judge `mlopsgen`: what azure-ai-ml does not look at, in the order it is read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Any

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.targets.azureml.judge import (
    assets,
    commands,
    contents,
    edges,
    live,
    references,
    schedules,
    tuning,
    workspace,
)
from mlopsgen.targets.azureml.judge.arm import frame, grants, resources, workflows
from mlopsgen.targets.azureml.judge.arm import references as arm_references
from mlopsgen.targets.azureml.judge.arm.template import Template, templates
from mlopsgen.targets.azureml.judge.folder import (
    COMPONENT,
    COMPUTE,
    DATA,
    DEPLOYMENT,
    ENDPOINT,
    ENVIRONMENT,
    JOB,
    PIPELINE,
    SCHEDULE,
    TEMPLATE,
    Folder,
    read_folder,
)
from mlopsgen.targets.azureml.judge.kinds import COMPONENT as COMPONENT_SHAPE
from mlopsgen.targets.azureml.judge.kinds import DATA as DATA_SHAPE
from mlopsgen.targets.azureml.judge.kinds import ENVIRONMENT_FILE
from mlopsgen.targets.azureml.judge.kinds import PIPELINE as PIPELINE_SHAPE
from mlopsgen.targets.azureml.judge.live_kinds import COMMAND_JOB, ONLINE_DEPLOYMENT, ONLINE_ENDPOINT
from mlopsgen.targets.azureml.judge.pipeline import Pipeline, bindings, pipelines
from mlopsgen.targets.azureml.judge.resource_kinds import COMPUTE as COMPUTE_SHAPE
from mlopsgen.targets.azureml.judge.resource_kinds import JOB_SCHEDULE, OTHER_SCHEDULE
from mlopsgen.targets.azureml.judge.shapes import Shape, Walk
from mlopsgen.targets.documents import Document
from mlopsgen.targets.rules import Rule, RuleSet, by_rules, rule, whole

SHAPES: dict[str, Shape] = {
    PIPELINE: PIPELINE_SHAPE,
    COMPONENT: COMPONENT_SHAPE,
    ENVIRONMENT: ENVIRONMENT_FILE,
    DATA: DATA_SHAPE,
    COMPUTE: COMPUTE_SHAPE,
    SCHEDULE: JOB_SCHEDULE,
    ENDPOINT: ONLINE_ENDPOINT,
    DEPLOYMENT: ONLINE_DEPLOYMENT,
    JOB: COMMAND_JOB,
}


def _is_binding(text: str) -> bool:
    return any(binding.whole for binding in bindings(text))


@rule("shapes", "azure-ai-ml's schemas, and strict where these take anything")
def shapes(folder: Folder) -> Iterator[Diagnostic]:
    """Every file holds the keys of its kind, with values of their types."""
    for kind, shape in SHAPES.items():
        for document in folder.of(kind):
            data = document.data
            walk = Walk(document, _is_binding) if kind == PIPELINE else Walk(document)
            yield from walk.value(OTHER_SCHEDULE if _other_work(kind, data) else shape, data, ())


def _other_work(kind: str, data: object) -> bool:
    """Whether a schedule imports data or watches a model."""
    return kind == SCHEDULE and isinstance(data, dict) and bool({"import_data", "create_monitor"} & data.keys())


FOLDER_RULES: tuple[Rule[Folder], ...] = (
    *(contents.schema_lines, contents.retired, contents.dockerfile, contents.keys_once),
    contents.secrets,
    *(shapes, workspace.made_here, workspace.clusters, workspace.identities),
    *(workspace.enough_nodes, workspace.used, workspace.named_once),
    *(assets.pinned, assets.environment, assets.versions, assets.version_words, assets.addresses, assets.clusters),
    schedules.created,
    *(live.shares, live.sent, live.both_ways),
)
PIPELINE_RULES: tuple[Rule[Pipeline], ...] = (
    *(references.braces, references.references, references.components, references.read_inputs),
    *(edges.given_inputs, edges.given_outputs, edges.kinds),
    *(edges.cycles, edges.whole_steps, edges.together),
    *(tuning.axes, tuning.axis_values, tuning.axis_words, tuning.algorithm, tuning.trials),
)
COMPONENT_RULES: tuple[Rule[Document], ...] = (
    *(commands.command_braces, commands.command_references, commands.optional_inputs, commands.inputs),
)
SCHEDULE_RULES: tuple[Rule[Document], ...] = (
    *(schedules.clock, schedules.moments, schedules.recurrence, schedules.seldom),
)
TEMPLATE_RULES: tuple[Rule[Template], ...] = (
    *(frame.frame, frame.parameters),
    *(arm_references.expressions, arm_references.brackets, arm_references.lookups, arm_references.variables),
    *(arm_references.resource_ids, arm_references.depends_on, arm_references.read_order, arm_references.once),
    *(resources.types, resources.names, resources.locations, resources.clusters, resources.assignments),
    *(resources.events, resources.ended),
    *(workflows.answered, arm_references.empty_names),
    *(grants.roles, grants.role_ids, grants.custom_roles, grants.secrets, grants.open_ports),
)
OUR_TEMPLATE_RULES: tuple[Rule[Template], ...] = (grants.narrow_roles, grants.named_by_principal)
RULES: tuple[RuleSet[Folder, Any], ...] = (
    RuleSet(whole, FOLDER_RULES),
    RuleSet(pipelines, PIPELINE_RULES),
    RuleSet(lambda folder: folder.of(COMPONENT), COMPONENT_RULES),
    RuleSet(lambda folder: folder.of(SCHEDULE), SCHEDULE_RULES),
    RuleSet(lambda folder: templates(folder.of(TEMPLATE)), TEMPLATE_RULES),
    RuleSet(lambda folder: templates(folder.of(TEMPLATE) if folder.ours else ()), OUR_TEMPLATE_RULES),
)


def judge(bundle: FilePath) -> Iterator[Diagnostic]:
    """Every finding of every rule."""
    folder = read_folder(bundle)
    yield from folder.broken
    yield from (finding for _, finding in by_rules(folder, RULES))
