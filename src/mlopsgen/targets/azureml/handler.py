"""The exit handler: steps that run however the rest ended, as a pipeline of their own.

A pipeline of Azure ML ends with its first failed node, and has no finally. What has to run even so lies in a
second pipeline job, kept on the workspace by a schedule that never fires. Event Grid tells a Logic App that a
run has ended, and the Logic App starts that job.
"""

from __future__ import annotations

from dataclasses import replace

from mlopsgen.diagnostics import On
from mlopsgen.plan.steps import AnyJob, FromSource, FromStep, Plan, Register
from mlopsgen.spec.values import refs
from mlopsgen.targets.azureml.compute import Clusters
from mlopsgen.targets.azureml.context import Context
from mlopsgen.targets.azureml.data import source_inputs
from mlopsgen.targets.azureml.jobs import command_node, graph_of
from mlopsgen.targets.azureml.native import Pipeline, ValueInput
from mlopsgen.targets.azureml.parameters import parameter_inputs
from mlopsgen.targets.azureml.values import RUN_ID


def always_steps(plan: Plan) -> tuple[AnyJob, ...]:
    """The steps of the exit handler."""
    return tuple(step for step in plan.steps if not isinstance(step, Register) and step.always)


def handler_experiment(context: Context) -> str:
    """An experiment of its own, so that the end of the exit handler starts nothing."""
    return f"{context.plan.tracking.experiment}-exit-handler"


def exit_handler(context: Context, clusters: Clusters) -> Pipeline | None:
    """The second pipeline, when there are steps for it."""
    always = always_steps(context.plan)
    if not always:
        return None
    inner = replace(context, handler=True)
    alone = tuple(replace(job, after=_after(job, always)) for job in always)
    graph = graph_of(alone, context.plan)
    for job in always:
        _check(context, job)
    nodes = tuple(command_node(inner, graph, clusters, job) for job in alone)
    context.note(
        "the steps with `always` are a pipeline of their own on Azure ML, started by Event Grid and a Logic App when "
        "a run has completed or failed; it may be started twice, and not after a run that was cancelled",
        always[0].origin,
        on=On.KEY,
        hint="make what they do harmless when it is done twice",
    )
    read = {name for node in nodes for name in node.inputs}
    run = (ValueInput(name=RUN_ID, value="none"),) if RUN_ID in read else ()
    sources = {i.source.source for job in always for i in job.inputs if isinstance(i.source, FromSource)}
    data = tuple(one for one in source_inputs(context) if one.name in sources)
    return Pipeline(
        file="exit-handler.yml",
        display_name=f"{context.plan.name}-exit-handler",
        description=f"What runs when a run of {context.plan.name} has ended, well or not",
        experiment_name=handler_experiment(context),
        tags=context.tags,
        inputs=(*data, *run, *parameter_inputs(context, nodes)),
        default_compute=nodes[0].compute or "",
        default_datastore=f"azureml:{context.options.datastore}",
        jobs=nodes,
    )


def _after(job: AnyJob, always: tuple[AnyJob, ...]) -> tuple[str, ...]:
    """Everything else is over by then."""
    inside = {other.name for other in always}
    return tuple(name for name in job.after if name in inside)


def _check(context: Context, job: AnyJob) -> None:
    inside = {other.name for other in always_steps(context.plan)}
    for item in job.inputs:
        if isinstance(item.source, FromStep) and item.source.step not in inside:
            said = f"`{job.name}` runs even when `{item.source.step}` never did, so it cannot be handed that output"
            hint = "read it from the run that ended, by its `${run.id}`, in the script"
            context.error("MG301", said, item.origin, hint=hint)
    required = {p.name for p in context.plan.parameters if p.required}
    for param in job.params:
        for ref in refs(param.value):
            if ref.name in required:
                said = f"`{job.name}` runs on its own, where nobody gives `{ref.name}` a value"
                context.error("MG301", said, param.origin, hint="give the parameter a `default`")
