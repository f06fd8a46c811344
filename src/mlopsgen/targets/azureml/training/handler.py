"""The exit handler: steps that run however the rest ended, as a pipeline of their own.

A pipeline of Azure ML ends with its first failed node, and has no finally. What has to run even so lies in a
second pipeline job, kept on the workspace by a schedule that never fires. Event Grid tells a Logic App that a
run has ended, and the Logic App starts that job.
"""

from __future__ import annotations

from dataclasses import replace

from mlopsgen.diagnostics import On
from mlopsgen.plan.steps import FromSource
from mlopsgen.targets.azureml.compute import Clusters
from mlopsgen.targets.azureml.context import Context
from mlopsgen.targets.azureml.data import source_inputs
from mlopsgen.targets.azureml.jobs import command_node, graph_of
from mlopsgen.targets.azureml.native import Pipeline, ValueInput
from mlopsgen.targets.azureml.parameters import parameter_inputs
from mlopsgen.targets.azureml.values import RUN_ID
from mlopsgen.targets.exit_jobs import check_exit_jobs, exit_jobs


def handler_experiment(context: Context) -> str:
    """An experiment of its own, so that the end of the exit handler starts nothing."""
    return f"{context.plan.tracking.experiment}-exit-handler"


def exit_handler(context: Context, clusters: Clusters) -> Pipeline | None:
    """The second pipeline, when there are steps for it."""
    jobs = exit_jobs(context.plan)
    if not jobs:
        return None
    inner = replace(context, run_input=True)
    graph = graph_of(jobs, context.plan)
    hint = "read it from the run that ended, by its `${run.id}`, in the script"
    check_exit_jobs(context, context.plan, jobs, hint)
    nodes = tuple(command_node(inner, graph, clusters, job) for job in jobs)
    context.note(
        "the steps with `always` are a pipeline of their own on Azure ML, started by Event Grid and a Logic App when "
        "a run has completed or failed; it may be started twice, and not after a run that was cancelled",
        jobs[0].origin,
        on=On.KEY,
        hint="make what they do harmless when it is done twice",
    )
    read = {name for node in nodes for name in node.inputs}
    run = (ValueInput(name=RUN_ID, value="none"),) if RUN_ID in read else ()
    sources = {i.source.source for job in jobs for i in job.inputs if isinstance(i.source, FromSource)}
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
