"""Steps that are one command in a container: a component, and the node that runs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from mlopsgen.diagnostics import On
from mlopsgen.plan.steps import AnyJob, Plan, Step, Train, Tune
from mlopsgen.plan.values import Argument
from mlopsgen.records import dataclass
from mlopsgen.spec.values import Ref
from mlopsgen.targets.azureml import names
from mlopsgen.targets.azureml.commands import (
    Around,
    check_foreign,
    check_secrets,
    command_words,
    environment,
    launched,
    launcher_flags,
    processes,
    recorded_words,
)
from mlopsgen.targets.azureml.compute import Clusters, instance_count, shared_memory
from mlopsgen.targets.azureml.context import Context
from mlopsgen.targets.azureml.edges import Guards, folder_inputs, guards, last_output, outputs, refitted, waits
from mlopsgen.targets.azureml.image import calls_azure
from mlopsgen.targets.azureml.names import identifier
from mlopsgen.targets.azureml.native import CommandNode, Component, ComponentInput, ComponentOutput, Literal
from mlopsgen.targets.azureml.shell_words import input_hole, output_hole, parent_output
from mlopsgen.targets.azureml.values import Values
from mlopsgen.targets.caching import doubt

MANAGED: Mapping[str, str] = {"type": "managed"}
DAY = 86400
_DISTRIBUTED = {"torchrun": "pytorch", "mpi": "mpi", "tensorflow": "tensorflow"}


@dataclass(frozen=True, slots=True)
class Graph:
    """Facts of the whole pipeline that every node needs."""

    guards: Mapping[str, Guards]
    waits: Mapping[str, tuple[str, ...]]
    """Step → those it waits for without reading from them."""
    steps: Mapping[str, Step]
    refitted: frozenset[str]
    read: frozenset[tuple[str, str]]
    """Outputs that a step reads."""
    waited: frozenset[str] = field(default_factory=frozenset)


def graph_of(steps: tuple[Step, ...], plan: Plan) -> Graph:
    """The facts of these steps."""
    from mlopsgen.plan.graph import readers

    waiting = waits(steps)
    waited = frozenset(name for all_of in waiting.values() for name in all_of)
    return Graph(
        guards(steps), waiting, {step.name: step for step in steps}, refitted(plan), frozenset(readers(steps)), waited
    )


def kept_outputs(graph: Graph, job: AnyJob, ports: tuple[ComponentOutput, ...]) -> tuple[str, ...]:
    """Outputs that must not be left empty: those that stand for a step's end, and those of one that may be skipped."""
    kept = [last_output(job)] if job.name in graph.waited and ports else []
    guarded = graph.guards[job.name] != Guards()
    kept += [o.port for o in job.outputs if guarded and (job.name, o.port) in graph.read and o.port not in kept]
    return tuple(kept)


def waiting_inputs(graph: Graph, step: Step) -> tuple[tuple[ComponentInput, str], ...]:
    """Edges without data: an output of the other step that is mounted and that the command does not read."""
    named = dict.fromkeys((*graph.waits.get(step.name, ()), *graph.guards[step.name].registered))
    inputs = []
    for name in named:
        other = graph.steps[name]
        node = f"{name}-refit" if name in graph.refitted else name
        bound = parent_output(node, last_output(other))
        inputs.append((ComponentInput(name=identifier(f"after_{name}"), type="uri_folder"), bound))
    return tuple(inputs)


@dataclass(frozen=True, slots=True)
class Laid:
    """The inputs of a component before its values: name, type, binding."""

    inputs: tuple[tuple[ComponentInput, str], ...]

    @property
    def taken(self) -> frozenset[str]:
        """Names that are in use."""
        return frozenset(declared.name for declared, _ in self.inputs)


def laid(graph: Graph, job: AnyJob) -> Laid:
    """The folders of a job."""
    return Laid((*folder_inputs(job.inputs, graph.refitted), *waiting_inputs(graph, job)))


def command_node(
    context: Context,
    graph: Graph,
    clusters: Clusters,
    job: AnyJob,
    *,
    name: str | None = None,
    argv: tuple[Argument, ...] | None = None,
    more: tuple[tuple[ComponentInput, str], ...] = (),
    extra: tuple[str, ...] = (),
    tail: tuple[str, ...] = (),
) -> CommandNode:
    """A step as a node of type `command`; `tail` are words at the end of its command that a shell has to read."""
    folders = Laid((*laid(graph, job).inputs, *more))
    ports = outputs(job, waited_for=job.name in graph.waited)
    values = Values(context, job, folders.taken)
    words = (*command_words(context, job, values, argv), *tail)
    parts = StepWords(words, kept_outputs(graph, job, ports), extra)
    command = (_foreign if job.image else _launched)(context, graph, values, job, parts)
    check_secrets(context, job)
    check_job(context, job)
    return CommandNode(
        name=identifier(name or job.name),
        component=component_of(
            context, job, name or job.name, inputs=inputs_of(folders, values), ports=ports, command=command
        ),
        inputs=bound_of(folders, values),
        compute=clusters.of(job),
        instance_count=instance_count(context, job),
        shm_size=shared_memory(job),
        origin=job.origin,
        environment_variables=checked_environment(context, job, values),
        timeout=job.timeout,
        identity=MANAGED if calls_azure(job) else None,
    )


@dataclass(frozen=True, slots=True)
class StepWords:
    """A step's own words, the outputs that must not be left empty, and further flags of the launcher."""

    words: tuple[str, ...]
    kept: tuple[str, ...]
    extra: tuple[str, ...]


def _launched(context: Context, graph: Graph, values: Values, job: AnyJob, parts: StepWords) -> str:
    """The command in the product's own image, behind the launcher where there is something for it to do."""
    around = Around(graph.guards[job.name], graph.waits[job.name], parts.kept, parts.extra)
    flags = tuple(launcher_flags(context, job, values, around))
    return launched(flags, recorded_words(context, job, values, parts.words))


def _foreign(context: Context, graph: Graph, values: Values, job: AnyJob, parts: StepWords) -> str:
    """The command in a foreign image: plain words, and the shell for edges without data."""
    around = Around(graph.guards[job.name], extra=parts.extra)
    check_foreign(context, job, tuple(launcher_flags(context, job, values, around)))
    before = "".join(f"test -e {input_hole(f'after_{name}')} && " for name in graph.waits[job.name])
    after = "".join(f" && touch {output_hole(port)}/.keep" for port in parts.kept)
    return f"{before}{' '.join(parts.words)}{after}"


def inputs_of(folders: Laid, values: Values) -> tuple[ComponentInput, ...]:
    """The component's inputs: folders first, then values."""
    return (*(declared for declared, _ in folders.inputs), *values.inputs.values())


def bound_of(folders: Laid, values: Values) -> Mapping[str, Literal]:
    """What the node gives each input."""
    return {**{declared.name: bound for declared, bound in folders.inputs}, **values.bound}


def checked_environment(context: Context, job: AnyJob, values: Values) -> Mapping[str, str]:
    """The environment variables of a node; what Azure ML would evaluate in them is refused."""
    variables = environment(context, job)
    for name, value in variables.items():
        values.check(value, (*job.origin, "env", name))
    return variables


def component_of(
    context: Context,
    job: AnyJob,
    name: str,
    *,
    inputs: tuple[ComponentInput, ...],
    ports: tuple[ComponentOutput, ...],
    command: str,
) -> Component:
    """The component of a step."""
    return Component(
        file=f"components/{identifier(name)}.yml",
        name=context.home.component(name),
        display_name=name,
        description=None,
        is_deterministic=deterministic(context, job),
        inputs=inputs,
        outputs=ports,
        environment={"image": job.image} if job.image else context.environment,
        distribution=_distribution(context, job),
        command=command,
    )


def deterministic(context: Context, job: AnyJob) -> bool:
    """Whether the same inputs surely mean the same result: Azure ML compares those alone."""
    return job.cache and doubt(job, context.sources) is None


def _distribution(context: Context, job: AnyJob) -> Mapping[str, Any] | None:
    if scores_together(context, job):
        # What tells a machine which one it is, PyTorch or not: RANK and WORLD_SIZE (how-to-train-distributed-gpu).
        return {"type": "pytorch", "process_count_per_instance": 1}
    if not isinstance(job, Train | Tune) or job.distributed is None:
        return None
    kind = _DISTRIBUTED[job.distributed]
    if kind == "tensorflow":
        count = instance_count(context, job)
        return {"type": kind, "parameter_server_count": 0, "worker_count": count}
    return {"type": kind, "process_count_per_instance": processes(job)}


def scores_together(context: Context, job: AnyJob) -> bool:
    """Whether several machines share the parts of a batch deployment, or may: a run says how many they are."""
    return job.resources.nodes != 1 and job.name in {one.name for one in context.batches}


def check_job(context: Context, job: AnyJob) -> None:
    """Reports what a node of Azure ML cannot be."""
    most = names.SPOT_LIFETIME if job.resources.spot else names.LIFETIME
    if (job.timeout or 0) > most * DAY:
        message = f"`{job.name}` may take {job.timeout} seconds; a job of Azure ML lives for {most} days at most"
        kind = f"{message} on spot capacity" if job.resources.spot else message
        context.error("MG306", kind, (*job.origin, "timeout"), hint=f"`timeout: {most}d`")
    if isinstance(job, Train | Tune) and job.distributed == "mpi" and instance_count(context, job) > names.MPI_NODES:
        message = f"`{job.name}` asks for more than the {names.MPI_NODES} machines that Azure ML gives one MPI run"
        context.error("MG306", message, (*job.resources.origin, "nodes"), hint=f"`nodes: {names.MPI_NODES}`")
    _check_mpi(context, job)
    _note_interconnect(context, job)
    nodes = job.resources.nodes
    if job.retries is not None and job.retries.attempts:
        where = (*job.origin, "retries")
        if (isinstance(nodes, Ref) or nodes > 1) and not scores_together(context, job):
            message = f"`{job.name}` runs on several machines, of which one alone cannot try again"
            context.error("MG301", message, where, hint="take `retries` away; Azure ML restarts jobs of lost machines")
        else:
            message = f"nodes of a pipeline have no retries: the launcher runs the command of `{job.name}` again"
            context.note(message, where, hint="`timeout` limits all attempts together", on=On.KEY)


def _check_mpi(context: Context, job: AnyJob) -> None:
    """Reports MPI where the image surely lacks it: Azure ML calls the image's own `mpirun`.

    how-to-train-distributed-gpu (v1): "the base Docker image used by an Azure ML MPI job needs to have an MPI library
    installed".
    """
    if isinstance(job, Train | Tune) and job.distributed == "mpi" and _is_slim(context, job):
        message = (
            f"Azure ML starts `{job.name}` with the `mpirun` of its image, and `{context.plan.image.base}` has none"
        )
        hint = "`code.base: <an image with Python and Open MPI>`, or `distributed: torchrun`"
        context.error("MG301", message, (*job.origin, "distributed"), hint=hint)


def _note_interconnect(context: Context, job: AnyJob) -> None:
    """Images without the drivers of InfiniBand still train, many times slower."""
    if job.resources.gpu is not None and instance_count(context, job) > 1 and _is_slim(context, job):
        message = (
            f"the machines of `{job.name}` talk over TCP: `{context.plan.image.base}` has no drivers for InfiniBand, "
            "which machines with several GPUs have"
        )
        hint = "`code.base: <an image of Azure Container for PyTorch, mcr.microsoft.com/aifx/acpt/…>`"
        context.note(message, (*job.resources.origin, "nodes"), hint=hint)


def _is_slim(context: Context, job: AnyJob) -> bool:
    """Whether a step runs in an image built from Python's own slim one."""
    image = context.plan.image
    return job.image is None and image.prebuilt is None and image.base.startswith(f"python:{image.python}-slim")
