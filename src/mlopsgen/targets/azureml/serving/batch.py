"""Batch deployments: each is a pipeline job of one command node, started by hand or by a schedule.

The job reads the champion, its input and its output itself (runtime: `score`), and mounts nothing: what lies there is
taken as it is when the job starts, and a run that is started again under its id goes on with the parts that it has.
Two runs at once keep out of each other's way by a lock in the output, since a schedule starts the second though the
first is still at work. Jobs have an experiment of their own, so that the end of a run of training is told apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from mlopsgen.diagnostics import On
from mlopsgen.plan.services import Batch
from mlopsgen.plan.steps import AnyJob
from mlopsgen.plan.values import Argument, Flag, Setting
from mlopsgen.records import dataclass
from mlopsgen.spec.values import RunFact, Text
from mlopsgen.targets.addresses import live_places
from mlopsgen.targets.azureml.addresses import LivePlace, places_of_deployments
from mlopsgen.targets.azureml.compute import Clusters
from mlopsgen.targets.azureml.context import Context
from mlopsgen.targets.azureml.jobs import command_node, graph_of, scores_together
from mlopsgen.targets.azureml.native import Node, Pipeline, ValueInput
from mlopsgen.targets.azureml.parameters import parameter_inputs
from mlopsgen.targets.azureml.values import MISSING, NOTHING, RUN_ID
from mlopsgen.targets.launcher import flag_words, plain

FOLDER = "deployments"
ROOT_RUN = "$AZUREML_ROOT_RUN_ID"
MACHINE = ('--node="$RANK"', '--nodes="$WORLD_SIZE"')
"""Which of the machines it is that share the work, and how many they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchPipeline:
    """A batch deployment before it is printed."""

    name: str
    """Of the deployment."""
    pipeline: Pipeline
    service: Batch
    fixed: Mapping[str, str]
    """Run parameters that are settings of the job, as those of the context."""

    @property
    def file(self) -> str:
        """Where its job lies in the bundle."""
        return self.pipeline.file

    @property
    def dated(self) -> bool:
        """Whether somebody has to say the time that it is scheduled for: it decides on a folder."""
        return _dated(self.service.job)

    @property
    def resumable(self) -> bool:
        """Whether a run can go on where another one stopped."""
        return any(one.name == RUN_ID for one in self.pipeline.inputs)


def batches(context: Context, clusters: Clusters) -> Iterator[BatchPipeline]:
    """The pipeline job of every batch deployment."""
    for place in places_of_deployments(context):
        _check_place(context, place)
    for service in context.batches:
        # Its id is an input of the job, so that one run can go on where another one stopped, in the same folder.
        inner = replace(context, run_input=not _holds(service.job, "run.id"), fixed={})
        pipeline = _pipeline(inner, replace(clusters, context=inner), service)
        yield BatchPipeline(name=service.name, pipeline=pipeline, service=service, fixed=inner.fixed)


def _pipeline(context: Context, clusters: Clusters, service: Batch) -> Pipeline:
    job, dated = service.job, _dated(service.job)
    extra = tuple(_settled(context, dated=dated))
    tail = MACHINE if scores_together(context, job) else ()
    node = command_node(
        context, graph_of((job,), context.plan), clusters, job, argv=_argv(job, dated=dated), extra=extra, tail=tail
    )
    run = (ValueInput(name=RUN_ID, value=NOTHING),) if context.run_input else ()
    return Pipeline(
        file=f"{FOLDER}/{service.name}.yml",
        display_name=f"{context.plan.name}-{service.name}",
        description=f"Scores with {service.model}: deployment {service.name} of {context.plan.name}",
        experiment_name=scoring_experiment(context, service.name),
        tags=context.tags,
        inputs=(
            *run,
            *parameter_inputs(context, (node,), scheduled_at=MISSING if dated else NOTHING),
        ),
        default_compute=node.compute or "",
        default_datastore=f"azureml:{context.options.datastore}",
        jobs=(node,),
    )


def scoring_experiment(context: Context, deployment: str) -> str:
    """An experiment of its own: the end of a scoring is no end of a run of training, which starts the exit handler."""
    return f"{context.plan.tracking.experiment}-{deployment}"


def _holds(job: AnyJob, fact: str) -> bool:
    """Whether an address holds what only the run knows."""
    uris = [uri.parts if isinstance(uri, Text) else (uri,) for _, uri in live_places(job)]
    return any(isinstance(part, RunFact) and part.name == fact for parts in uris for part in parts)


def _dated(job: AnyJob) -> bool:
    """Whether the time decides on a folder: as a part of an address, or by its day."""
    by_day = (one.name for one in job.argv if isinstance(one, Flag) and one.value == Setting("date"))
    return _holds(job, "run.scheduled_at") or bool({"partition", "out-partition"}.intersection(by_day))


def _argv(job: AnyJob, *, dated: bool) -> tuple[Argument, ...]:
    """The command; where the time decides on a folder, it cannot be left out."""
    if not dated:
        return job.argv
    return tuple(replace(word, optional=False) if isinstance(word, Flag) else word for word in job.argv)


def _settled(context: Context, *, dated: bool) -> Iterator[str]:
    """What the launcher makes of inputs that nobody has given a value."""
    if dated:
        yield from flag_words(plain, required=[f"at={MISSING}"])
    if context.run_input:
        named = ("run-id", "track-run") if context.plan.tracking.mlflow else ("run-id",)
        yield from flag_words(plain, instead=[f'{name}={NOTHING}="{ROOT_RUN}"' for name in named])


def _check_place(context: Context, place: LivePlace) -> None:
    """Reports what the runtime cannot open, and what infra/access.json cannot allow."""
    subject = f"the {place.flag} of `{place.deployment}`"
    ours = place.start.lower().startswith(f"{context.home.workspace_uri}/".lower())
    if place.blobs is not None:
        return
    if place.datastore is not None and ours:
        if place.datastore != context.options.datastore:
            role = "Reader" if place.flag == "input" else "Contributor"
            message = (
                f"which storage account {subject} lies in is known to the workspace alone: the job opens it as the "
                "identity of its cluster, which infra/access.json gives no right to it"
            )
            hint = f"give that identity the role Storage Blob Data {role} there, or write the address: `https://<account>.blob.core.windows.net/<container>/…`"
            context.note(message, place.origin, hint=hint)
        return
    message = f"{subject} is no folder in a datastore of the workspace or in blob storage, as far as it is known now"
    hint = (
        "a path such as `out/`, `azureml://datastores/<datastore>/paths/<folder>/`, or "
        "`https://<account>.blob.core.windows.net/<container>/<folder>/`"
    )
    context.error("MG313", message, place.origin, hint=hint)


def check_names(context: Context, pipelines: tuple[Pipeline, ...]) -> None:
    """Reports what would be written into one file: components are named after nodes, which are identifiers."""
    seen: dict[str, str] = {}
    for pipeline in pipelines:
        for node in pipeline.jobs:
            if seen.setdefault(node.component.file, pipeline.file) != pipeline.file:
                message = f"`{_name(node)}` would be written to {node.component.file}, where another one's component is"
                context.error("MG305", message, node.origin, hint="rename one of them", on=On.KEY)


def _name(node: Node) -> str:
    return str(node.origin[-1]) if node.origin else node.name
