"""A plan in Azure ML's terms: one pipeline job, its assets, native keys of its steps, and what has to be said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, assert_never

from mlopsgen.diagnostics import Diagnostic, On
from mlopsgen.plan.steps import AnyJob, Evaluate, Plan, Prepare, Register, Run, Train, Tune
from mlopsgen.render.job import Merge, Patch
from mlopsgen.targets.azureml import shell_words
from mlopsgen.targets.azureml.checks import check_plan
from mlopsgen.targets.azureml.compute import Clusters, in_order
from mlopsgen.targets.azureml.context import WHERE, Context, context_of
from mlopsgen.targets.azureml.data import assets, local_place, source_inputs
from mlopsgen.targets.azureml.edges import refit_name
from mlopsgen.targets.azureml.guide import guide_of
from mlopsgen.targets.azureml.image import command, extra_requirements
from mlopsgen.targets.azureml.infra import infrastructure
from mlopsgen.targets.azureml.jobs import Graph, command_node, graph_of
from mlopsgen.targets.azureml.names import identifier
from mlopsgen.targets.azureml.native import (
    AzureMLNative,
    Compute,
    DataInput,
    Environment,
    Infrastructure,
    Node,
    Pipeline,
)
from mlopsgen.targets.azureml.options import AzureMLOptions
from mlopsgen.targets.azureml.parameters import parameter_inputs
from mlopsgen.targets.azureml.serving.batch import batches, check_names
from mlopsgen.targets.azureml.training.handler import exit_handler
from mlopsgen.targets.azureml.training.registry import register_node
from mlopsgen.targets.azureml.training.tuning import refit_node, sweep_node
from mlopsgen.targets.azureml.triggers import schedules
from mlopsgen.targets.image import requirement_findings
from mlopsgen.targets.uploads import uploads

if TYPE_CHECKING:
    from mlopsgen.targets.azureml.serving.live_native import Live


def lower(plan: Plan, options: AzureMLOptions) -> tuple[AzureMLNative, tuple[Diagnostic, ...]]:
    """The whole bundle before it is printed, with everything that is wrong about it: whoever compiles decides."""
    context = context_of(plan, options)
    check_plan(context)
    clusters = Clusters(context)
    answering = _lives(context, clusters)
    pipeline = _pipeline(context, clusters, tuple(one.node for one in answering if one.node))
    handler = exit_handler(context, clusters)
    scored = tuple(batches(context, clusters))
    training = (pipeline, *((handler,) if handler else ()))
    pipelines = (*training, *(one.pipeline for one in scored))
    check_names(context, pipelines)
    ordered = (*in_order(clusters), *_rollout_clusters(answering))
    timed = tuple(schedules(context, handler, pipeline, scored))
    infra = (*infrastructure(context, handler, tuple(in_order(clusters))), *_rights(context, answering))
    with context.finishing():
        guide = guide_of(context, ordered, timed, infra, training, scored=scored, lives=answering)
    native = AzureMLNative(
        pipeline=pipeline,
        exit_handler=handler,
        deployments=tuple(one.pipeline for one in scored),
        lives=answering,
        command=command(plan),
        environment=_environment(context),
        data=tuple(assets(context)),
        computes=ordered,
        schedules=timed,
        infrastructure=infra,
        uploads=tuple(uploads(plan, partial(local_place, context))),
        guide=guide,
        image=plan.image,
        requirements=extra_requirements(plan),
        patches=(*native_patches(context, pipelines), *_live_patches(context)),
    )
    stale = requirement_findings(plan.image, native.requirements)
    return native, tuple(dict.fromkeys((*context.findings, *stale)))


def _lives(context: Context, clusters: Clusters) -> tuple[Live, ...]:
    if not context.lives:
        return ()
    from mlopsgen.targets.azureml.serving.live import lives

    return tuple(lives(context, clusters))


def _rights(context: Context, answering: tuple[Live, ...]) -> Iterator[Infrastructure]:
    if answering:
        from mlopsgen.targets.azureml.serving.rights import rights

        yield rights(context, answering)


def _rollout_clusters(answering: tuple[Live, ...]) -> tuple[Compute, ...]:
    """One for all of them."""
    return tuple({one.compute.name: one.compute for one in answering if one.compute}.values())


def _live_patches(context: Context) -> Iterator[Patch]:
    """Native keys of a real-time deployment: of its properties, as a rollout sends them."""
    for one in context.lives:
        keys = context.options.steps.get(one.name)
        if keys is not None:
            file = f"deployments/{one.name}/rollout.json"
            yield Patch(file, "/native/deployment/properties", Merge(keys), (*WHERE, "steps", one.name))


def _pipeline(context: Context, clusters: Clusters, ends: tuple[Node, ...]) -> Pipeline:
    steps = tuple(step for step in context.plan.steps if isinstance(step, Register) or not step.always)
    graph = graph_of(steps, context.plan)
    nodes = (*(node for step in steps for node in _nodes(context, graph, clusters, step)), *ends)
    _check_twins(context, nodes)
    return Pipeline(
        file="pipeline.yml",
        display_name=context.plan.name,
        description=context.plan.description or None,
        experiment_name=context.plan.tracking.experiment,
        tags=context.tags,
        inputs=(*_read_sources(context, nodes), *parameter_inputs(context, nodes)),
        default_compute=_most_used(nodes),
        default_datastore=f"azureml:{context.options.datastore}",
        jobs=nodes,
    )


def _most_used(nodes: tuple[Node, ...]) -> str:
    """The cluster that most nodes run on; the first of several."""
    used = [node.compute for node in nodes if node.compute]
    return max(dict.fromkeys(used), key=used.count, default="")


def _nodes(context: Context, graph: Graph, clusters: Clusters, step: AnyJob | Register) -> Iterator[Node]:
    match step:
        case Register():
            yield register_node(context, graph, clusters, step)
        case Tune():
            yield sweep_node(context, graph, clusters, step)
            if step.refit:
                yield refit_node(context, graph, clusters, step)
        case Run() | Prepare() | Train() | Evaluate():
            yield command_node(context, graph, clusters, step)
        case _:
            assert_never(step)


def _check_twins(context: Context, nodes: tuple[Node, ...]) -> None:
    """Nodes are identifiers: two steps may become one."""
    names = [node.name for node in nodes]
    for node in nodes:
        if names.count(node.name) > 1:
            message = f"a node `{node.name}` of the pipeline stands for two steps"
            context.error("MG305", message, node.origin or ("steps",), hint="rename one of the steps", on=On.KEY)


def _environment(context: Context) -> Environment:
    plan = context.plan
    return Environment(
        name=plan.name,
        version=context.version,
        description=None if plan.image.prebuilt else f"What every step of {plan.name} runs in",
        image=plan.image.prebuilt,
        tags=context.tags,
        serves=bool(context.lives),
    )


def native_patches(context: Context, pipelines: tuple[Pipeline, ...]) -> tuple[Patch, ...]:
    """Native keys as changes of the emitted files, so that findings about them point into the spec."""
    return tuple(_merged(context, pipelines))


def _merged(context: Context, pipelines: tuple[Pipeline, ...]) -> Iterator[Patch]:
    places = [(pipeline.file, node.name) for pipeline in pipelines for node in pipeline.jobs]
    known = [one.name for one in (*context.plan.steps, *context.plan.services)]
    for name, keys in context.options.steps.items():
        ids = {identifier(name), identifier(refit_name(name))}
        matches = [(file, node) for file, node in places if node in ids]
        if name not in known:
            context.unknown(name, (*WHERE, "steps", name), known)
        for file, node in matches:
            yield Patch(file, f"/jobs/{node}", Merge(keys), (*WHERE, "steps", name))


def _read_sources(context: Context, nodes: Iterable[Node]) -> tuple[DataInput, ...]:
    """Sources that a node reads: of others, such as one that a trigger watches, the service would mount nothing."""
    bound = {value for node in nodes for value in node.inputs.values() if isinstance(value, str)}
    return tuple(one for one in source_inputs(context) if shell_words.parent_input(one.name) in bound)
