"""The judge `mlopsgen`: every rule that botocore and cfn-lint do not have, in the order they are read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path as FilePath

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.targets.rules import Rule, rule
from mlopsgen.targets.sagemaker.judge import (
    conditions,
    delivery,
    frame,
    graph,
    guarded,
    images,
    jobs,
    mounts,
    pipelines,
    policies,
    repeats,
    retired,
    roles,
    secrets,
    serving,
    storage,
    triggers,
    tuning,
    values,
)
from mlopsgen.targets.sagemaker.judge.definition import Definition
from mlopsgen.targets.sagemaker.judge.folder import DEFINITION, TEMPLATE, Folder, read_folder
from mlopsgen.targets.sagemaker.judge.stack import PIPELINE, Stack, definitions_of, stacks
from mlopsgen.targets.sagemaker.judge.template import Template


@rule("complete", "README.md of the bundle: what each file is for")
def complete(folder: Folder) -> Iterator[Diagnostic]:
    """A bundle of ours with a pipeline has its definition, its stack, its README and its image."""
    if not folder.ours:
        return
    makes = any(r.type == PIPELINE for d in folder.templates for r in Template(d).resources)
    needed = [TEMPLATE, "README.md"]
    needed += [DEFINITION] if makes and not folder.has(DEFINITION) and not _embeds(folder) else []
    for name in needed:
        if not folder.has(name):
            yield Diagnostic("MG444", f"`{name}` is missing", hint="compile again")


def _embeds(folder: Folder) -> bool:
    return any(s.body(p) for s in stacks(folder, ()) for p in s.pipelines)


@rule("template-shape", "CloudFormation user guide, template anatomy: Resources is required")
def template_shape(t: Template) -> Iterator[Diagnostic]:
    """A template is an object with resources, and says no key twice."""
    if not isinstance(t.document.data, dict) or not isinstance(t.document.data.get("Resources"), dict):
        yield t.document.finding("MG438", "a template is an object with `Resources`")
    for path in t.document.repeated:
        yield t.document.finding("MG436", f"`{path[-1]}` stands twice in one object", path)


DEFINITION_RULES: tuple[Rule[Definition], ...] = (
    *(frame.version, frame.size, frame.top_keys, frame.experiment, frame.repeated_keys),
    *(frame.step_shape, frame.step_types, frame.step_keys, frame.step_names, frame.texts),
    *(values.parameters, values.unused, values.functions, values.loops, values.fail_message, values.output_parameters),
    *(graph.undeclared, graph.depends_on, graph.outputs, graph.property_files, graph.property_file_exists),
    *(graph.cycles, graph.branch_reader),
    *(conditions.conditions, conditions.nested_conditions, repeats.retries, repeats.cache),
    *(jobs.local_paths, jobs.entry_names, jobs.sources, jobs.training_image, jobs.spot, jobs.isolation),
    *(jobs.joined_arguments, jobs.package_group, mounts.named_directories, mounts.named_channels, mounts.machines),
    *(tuning.metric_expressions, tuning.objective, tuning.ranges, tuning.trials),
    *(storage.produced, storage.one_writer, storage.addresses, storage.model_data),
    *(retired.debugger, retired.closed_steps),
    *(guarded.whole_network, guarded.whole_encryption, guarded.network_parts),
)
TEMPLATE_RULES: tuple[Rule[Template], ...] = (
    template_shape,
    *(triggers.schedules, triggers.time_zones, triggers.event_patterns),
    *(policies.narrow_actions, policies.narrow_resources, policies.passed_roles, policies.managed_policies),
    *(policies.open_trust, roles.trust, roles.start_permission),
    *(serving.capacities, serving.scaled_variants, serving.canary, serving.serverless, serving.log_retention),
    *(serving.public_buckets, retired.ended),
    *(delivery.recipes, delivery.buildspecs, delivery.actions),
)
STACK_RULES: tuple[Rule[Stack], ...] = (
    *(triggers.started, triggers.started_with, roles.pipeline_permissions),
    *(pipelines.definition_there, pipelines.definition_embedded, pipelines.package_groups, pipelines.pipeline_names),
    serving.rollback_alarms,
)
FOLDER_RULES: tuple[Rule[Folder], ...] = (
    *(complete, images.pinned, images.one_region, images.dockerfile, secrets.secrets),
)


def judge(bundle: FilePath) -> Iterator[Diagnostic]:
    """Every finding of every rule, file by file."""
    folder = read_folder(bundle)
    yield from folder.broken
    for folder_rule in FOLDER_RULES:
        yield from folder_rule(folder)
    definitions = definitions_of(folder)
    for definition in definitions:
        for definition_rule in DEFINITION_RULES:
            yield from definition_rule(definition)
    for stack in stacks(folder, definitions):
        for template_rule in TEMPLATE_RULES:
            yield from template_rule(stack.template)
        for stack_rule in STACK_RULES:
            yield from stack_rule(stack)
