"""A training as a Training job, on one machine or several, on demand or spot."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlopsgen.plan.steps import Evaluate, Train, Tune
from mlopsgen.plan.values import Argument, Argv, PortKind, Python
from mlopsgen.spec.values import Ref
from mlopsgen.targets.launcher import flag_words, plain
from mlopsgen.targets.sagemaker import machines, names
from mlopsgen.targets.sagemaker.commands import (
    TRAINING,
    Words,
    check_words,
    launched,
    launcher_flags,
    model_port,
    words,
)
from mlopsgen.targets.sagemaker.context import Context
from mlopsgen.targets.sagemaker.data import inputs
from mlopsgen.targets.sagemaker.expressions import join, parameter
from mlopsgen.targets.sagemaker.jobs import environment, facts, machines_of, time_limit
from mlopsgen.targets.sagemaker.native import DataInput, Metric, Spot, TrainingJob, TrainingStep
from mlopsgen.targets.sagemaker.processing import image_of

MACHINES = "/opt/ml/input/config/resourceconfig.json"
"""Where a training finds the names of its machines, which "can change at any time" (AWS: your-algorithms-training-algo-
running-container, "Distributed training configuration")."""
NUMBER = r"([-+0-9.eE]+)"
WAIT_FACTOR = 2
"""How much longer than it runs a spot training may wait for its machines."""


def training_step(context: Context, job: Train) -> TrainingStep:
    """A training step."""
    laid, archives = inputs(context, job)
    flags = [*launcher_flags(context, job, archives), *own_flags(job)]
    command = launched(flags, training_words(context, job))
    check_words(context, job, command)
    return TrainingStep(
        **facts(context, job),
        job=training_job(context, job, laid, metric_names(context), job.name),
        entrypoint=(str(command[0]),),
        arguments=command[1:],
        tags=context.tags,
    )


def training_job(
    context: Context, job: Train | Tune, laid: tuple[DataInput, ...], metrics: tuple[str, ...], name: str
) -> TrainingJob:
    """What a single training and each trial of a search have in common; `name` is the step that it is for."""
    _check(context, job)
    limit = time_limit(context, job)
    return TrainingJob(
        image=image_of(context, job),
        metrics=tuple(metric(name) for name in metrics[: names.METRICS]),
        inputs=laid,
        output_path=context.run_path(name, kept=_kept(context, job)),
        output_key=context.plan.governance.encryption_key,
        machines=machines_of(context, job),
        seconds=limit,
        spot=_spot(context, job, limit, name),
        environment=environment(context, job),
        network=context.network,
        encrypt_traffic=context.network is not None and job.resources.nodes != 1,
        role=context.job_role,
    )


def _kept(context: Context, job: Train | Tune) -> bool:
    """Whether a version names what this writes: of a search with a refit it is the refit's model alone."""
    refitted = isinstance(job, Tune) and job.refit
    return not refitted and any((job.name, output.port) in context.kept for output in job.outputs)


def metric(name: str) -> Metric:
    """A metric as the launcher prints it after the training: `name=value`, on a line of its own."""
    # Not `accuracy` inside `balanced_accuracy`; the service's examples use no anchors alone.
    return Metric(name=name, regex=rf"(?:^|\s){re.escape(name)}={NUMBER}")


def metric_names(context: Context) -> tuple[str, ...]:
    """Metrics that the spec names: those are read from what trainings print, and shown by the service."""
    gates = [rule for step in context.plan.steps if isinstance(step, Evaluate) for rule in step.gates]
    return tuple(dict.fromkeys(rule.metric for rule in gates if rule.measure is None))


def own_flags(job: Train | Tune, *, measured: bool = True) -> Iterator[str]:
    """The launcher's flags of every training: folders that the service does not make, the reason, the metrics."""
    outside = (output.port for output in job.outputs if output.port != model_port(job))
    yield from flag_words(plain, make=(TRAINING.output(job, port) for port in outside))
    metrics = next((o.port for o in job.outputs if o.kind is PortKind.METRICS), None)
    # Of several machines the first one writes metrics, and its launcher prints them: it knows which one it is.
    if metrics and measured and (job.resources.nodes == 1 or by_torchrun(job)):
        yield from flag_words(plain, scalars="stdout", metrics=TRAINING.output(job, metrics))
    yield from flag_words(
        plain,
        cluster=MACHINES if by_torchrun(job) and job.resources.nodes != 1 else None,
        failure_file=TRAINING.failure,
    )


def training_words(context: Context, job: Train | Tune, argv: Argv | None = None) -> Words:
    """The command of a training; `distributed` starts it once for each accelerator of each machine."""
    all_words = words(context, job, job.argv if argv is None else argv)
    if job.distributed is None or not _starts_python(job.argv):
        return all_words
    if job.distributed != "torchrun":
        _not_distributed(context, job, job.distributed)
        return all_words
    return ("python", *_torchrun(context, job), *all_words[1:])


def by_torchrun(job: Train | Tune) -> bool:
    """Whether torchrun starts the script on every machine, rather than the script itself."""
    return job.distributed == "torchrun" and _starts_python(job.argv)


def _starts_python(argv: tuple[Argument, ...]) -> bool:
    return bool(argv) and isinstance(argv[0], Python)


def _torchrun(context: Context, job: Train | Tune) -> Words:
    nodes = job.resources.nodes
    count = join("--nnodes=", parameter(nodes.name)) if isinstance(nodes, Ref) else f"--nnodes={nodes}"
    each = "gpu" if _accelerated(context, job) else "1"
    return ("-m", "torch.distributed.run", count, f"--nproc-per-node={each}")


def _accelerated(context: Context, job: Train | Tune) -> bool:
    machine = machines.catalogue(training=True).known(context.options.machines.get(job.name))
    return machine.gpu is not None if machine else job.resources.gpu is not None


_WHY_NOT = {
    "mpi": "its machines would need an SSH server and keys, which the image does not have",
    "tensorflow": "TF_CONFIG differs from machine to machine, and nothing sets it in an image of one's own",
}


def _not_distributed(context: Context, job: Train | Tune, kind: str) -> None:
    context.error(
        "MG301",
        f"`distributed: {kind}` cannot be had on SageMaker: {_WHY_NOT[kind]}",
        (*job.origin, "distributed"),
        hint="`distributed: torchrun`, or `run` as a list that starts the processes itself "
        "(/opt/ml/input/config/resourceconfig.json names the machines)",
    )


def _spot(context: Context, job: Train | Tune, limit: int, name: str) -> Spot | None:
    if not job.resources.spot:
        return None
    context.note(
        f"a spot machine of `{job.name}` may be taken away: what the script keeps in /opt/ml/checkpoints is there "
        "again when the training goes on",
        (*job.resources.origin, "spot"),
    )
    # What lies there is copied into the container before the command starts, so a refit that shared the place of its
    # search would go on from a trial (AWS: model-checkpoints, "Resume training from a checkpoint").
    return Spot(max_wait=limit * WAIT_FACTOR, checkpoints=context.run_path("checkpoints", name))


def _check(context: Context, job: Train | Tune) -> None:
    if len(job.inputs) > names.CHANNELS:
        message = f"`{job.name}` has {len(job.inputs)} inputs; a training of SageMaker takes {names.CHANNELS}"
        context.error("MG306", message, (*job.origin, "inputs"), "let a step put several of them into one folder")
    if job.image is not None:
        context.error(
            "MG301",
            "a training that runs a foreign image has no launcher, which SageMaker's folders and metrics need",
            (*job.origin, "image"),
            hint="leave `image` out, and base the product's own image on it: `code.base`",
        )
