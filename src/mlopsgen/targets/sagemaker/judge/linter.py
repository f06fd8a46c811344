"""The judge `mlopsgen`: every rule that botocore and cfn-lint do not have, in the order they are read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Any

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.targets.rules import Rule, RuleSet, by_rules, whole
from mlopsgen.targets.sagemaker.judge import (
    conditions,
    contents,
    delivery,
    frame,
    graph,
    jobs,
    pipelines,
    policies,
    roles,
    serving,
    storage,
    triggers,
    tuning,
    values,
)
from mlopsgen.targets.sagemaker.judge.definition import Definition
from mlopsgen.targets.sagemaker.judge.folder import Folder, read_folder
from mlopsgen.targets.sagemaker.judge.template import Stack, Template, definitions_of, stacks

DEFINITION_RULES: tuple[Rule[Definition], ...] = (
    *(frame.version, frame.size, frame.top_keys, frame.experiment, frame.repeated_keys),
    *(frame.step_shape, frame.step_types, frame.step_keys, frame.step_names, frame.texts),
    *(values.parameters, values.unused, values.functions, values.loops, values.fail_message, values.output_parameters),
    *(graph.undeclared, graph.depends_on, graph.outputs, graph.property_files, graph.property_file_exists),
    *(graph.cycles, graph.branch_reader),
    *(conditions.conditions, conditions.nested_conditions, frame.retries, frame.cache),
    *(jobs.local_paths, jobs.entry_names, jobs.sources, jobs.training_image, jobs.spot, jobs.isolation),
    *(jobs.joined_arguments, jobs.package_group, storage.named_directories, storage.named_channels, storage.machines),
    *(tuning.metric_expressions, tuning.objective, tuning.ranges, tuning.trials),
    *(storage.produced, storage.one_writer, storage.one_resumes, storage.addresses),
    *(contents.debugger, contents.closed_steps),
    *(jobs.whole_network, jobs.whole_encryption, jobs.network_parts),
)
TEMPLATE_RULES: tuple[Rule[Template], ...] = (
    *(triggers.schedules, triggers.time_zones, triggers.event_patterns),
    *(policies.narrow_actions, policies.narrow_resources, policies.passed_roles, policies.managed_policies),
    *(policies.open_trust, roles.trust, roles.start_permission),
    *(serving.capacities, serving.scaled_variants, serving.canary, serving.serverless, serving.log_retention),
    *(serving.public_buckets, contents.ended),
    *(delivery.recipes, delivery.buildspecs, delivery.actions),
)
STACK_RULES: tuple[Rule[Stack], ...] = (
    *(triggers.started, triggers.started_with, roles.pipeline_permissions),
    *(pipelines.definition_there, pipelines.definition_embedded, pipelines.package_groups, pipelines.pipeline_names),
    serving.rollback_alarms,
)
FOLDER_RULES: tuple[Rule[Folder], ...] = (
    *(contents.pinned, contents.one_region, contents.dockerfile, contents.secrets),
)
RULES: tuple[RuleSet[Folder, Any], ...] = (
    RuleSet(whole, FOLDER_RULES),
    RuleSet(definitions_of, DEFINITION_RULES),
    RuleSet(lambda folder: (Template(document) for document in folder.templates), TEMPLATE_RULES),
    RuleSet(lambda folder: stacks(folder, definitions_of(folder)), STACK_RULES),
)


def judge(bundle: FilePath) -> Iterator[Diagnostic]:
    """Every finding of every rule."""
    folder = read_folder(bundle)
    yield from folder.broken
    yield from (finding for _, finding in by_rules(folder, RULES))
