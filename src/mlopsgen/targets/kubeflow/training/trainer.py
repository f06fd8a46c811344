"""Training over several nodes: a step makes a TrainJob of Kubeflow Trainer, waits for it and hands on its model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from mlopsgen.plan.steps import AnyJob, Train, Tune
from mlopsgen.spec.values import Ref
from mlopsgen.targets.ir.commands import ENTRY, LAUNCHER
from mlopsgen.targets.ir.context import Context
from mlopsgen.targets.ir.parts import Command, Hole, ParameterValue, Part, Takes, Where, Word, flag
from mlopsgen.targets.kubeflow import names
from mlopsgen.targets.kubeflow.facts import Facts
from mlopsgen.targets.kubeflow.pods import Moved, Nodes, Object, moved, sets
from mlopsgen.targets.kubeflow.training.loops import HOUR, trial_time
from mlopsgen.targets.kubeflow.training.objects import config_map, making, pod_of
from mlopsgen.targets.launcher import flag_words, plain

ARGS = "/spec/trainer/args"
RANKS: Mapping[str, str] = {"torchrun": "PET_NODE_RANK", "mpi": "OMPI_COMM_WORLD_RANK"}
"""The variable that counts nodes from 0: Trainer sets the first, mpirun the second."""


def replaced(context: Context, facts: Facts, job: AnyJob, part: Part) -> tuple[Part, ...]:
    """The part as it is on one node, a TrainJob on several."""
    distributed = job.distributed if isinstance(job, Train | Tune) else None
    if job.resources.nodes == 1:
        return (_standalone(job, part) if distributed == "torchrun" else part,)
    if _refused(context, facts, job, distributed):
        return (part,)
    train_job = train_object(context, facts, job, part)
    several = making(context, facts, part, train_job, tuple(_words(job, part)))
    platform_keys = {**several.platform, **_deadline(job, part)}
    return (replace(several, parameters=dict(_parameters(job, part)), platform=platform_keys),)


def _deadline(job: AnyJob, part: Part) -> Mapping[str, Any]:
    """How long the step waits: for a trial longer than its nodes may take, since it tells that they failed."""
    limit = trial_time(job) if isinstance(job, Tune) else None
    if limit is not None:
        return {"activeDeadlineSeconds": str(limit + HOUR)}
    return {key: part.platform[key] for key in ("activeDeadlineSeconds",) if key in part.platform}


def train_object(context: Context, facts: Facts, job: AnyJob, part: Part) -> Object:
    """The TrainJob and its file."""
    assert isinstance(job, Train | Tune)
    pod = pod_of(context, facts, job, part, _command(job, part).words[ENTRY:])
    runtimes = facts.options.trainer_runtimes
    body = Nodes(
        name=names.stem(context.plan.name, job.name, names.TRAINJOB_STEM),
        namespace=facts.options.namespace,
        labels=pod.labels,
        annotations=pod.annotations,
        runtime=(runtimes.mpi if job.distributed == "mpi" else None) or runtimes.torchrun,
        count=job.resources.nodes if isinstance(job.resources.nodes, int) else 1,
        per_node=job.resources.gpu.count if job.resources.gpu else None,
        deadline=trial_time(job) if isinstance(job, Tune) else job.timeout,
        pod=pod,
    )
    return Object(
        path=f"{part.name}-trainjob.json",
        template="trainjob.json.j2",
        config_map=config_map(context, "trainjob", part.name, body),
        body=body,
        step=job.name,
    )


def _command(job: AnyJob, part: Part) -> Moved:
    """Each node loads the data, starts its processes, and the first one saves what they made."""
    assert isinstance(job, Train | Tune)
    wrapped = _started(job, part)
    return moved(
        wrapped, saved=tuple(part.makes), extra=tuple(flag_words(plain, rank=RANKS[job.distributed or "torchrun"]))
    )


def _started(job: Train | Tune, part: Part) -> Part:
    """`python train.py` becomes what starts it once for each process of the node."""
    assert isinstance(part.runs, Command)
    words = list(part.runs.words)
    start = words.index(("--",)) + 1
    own = words[start + 1 :]
    if job.distributed == "torchrun":
        # Trainer tells it the number of nodes, their rank and where they meet by variables PET_….
        command: list[Word] = [("python",), ("-m",), ("torch.distributed.run",), *own]
    else:
        command = [("python",), *own]
    return replace(part, runs=replace(part.runs, words=(*words[:start], *command)))


def _standalone(job: AnyJob, part: Part) -> Part:
    """One node with several processes: one for each accelerator."""
    assert isinstance(part.runs, Command)
    words = list(part.runs.words)
    if ("--",) not in words[len(LAUNCHER) :]:
        return part
    start = words.index(("--",)) + 1
    if words[start] != ("python",):
        return part
    each = "gpu" if job.resources.gpu else "1"
    own = (("torch.distributed.run",), ("--standalone",), (f"--nproc-per-node={each}",), *words[start + 1 :])
    return replace(part, runs=replace(part.runs, words=(*words[: start + 1], ("-m",), *own)))


def _words(job: AnyJob, part: Part) -> Iterator[Word]:
    yield from sets(_command(job, part), ARGS)
    if isinstance(job.resources.nodes, Ref):
        yield flag("set", "/spec/trainer/numNodes=", Hole(Where.PARAMETER, job.resources.nodes.name))
    if isinstance(job, Tune):
        yield flag("may-fail", "true")
    for port in part.makes:
        yield ("--load=", Hole(Where.OUTPUT_PATH, port), "=", Hole(Where.OUTPUT_URI, port))


def _parameters(job: AnyJob, part: Part) -> Iterator[tuple[str, Takes]]:
    yield from part.parameters.items()
    if isinstance(job.resources.nodes, Ref):
        yield job.resources.nodes.name, Takes(source=ParameterValue(job.resources.nodes.name), type="NUMBER_INTEGER")


def _refused(context: Context, facts: Facts, job: AnyJob, distributed: str | None) -> bool:
    where = (*job.resources.origin, "nodes")
    if distributed is None:
        context.error(
            "MG301",
            f"nobody says how the nodes of `{job.name}` find each other",
            where,
            hint="`distributed: torchrun` for training; other steps run on one node",
        )
    elif distributed == "tensorflow":
        context.error(
            "MG301",
            "Kubeflow Trainer has no runtime that tells TensorFlow where the other nodes are",
            (*job.origin, "distributed"),
            hint="`distributed: torchrun`",
        )
    elif distributed == "mpi" and facts.options.trainer_runtimes.mpi is None:
        context.error(
            "MG301",
            "nobody says which runtime of Kubeflow Trainer starts MPI",
            (*job.origin, "distributed"),
            hint="`targets.kubeflow.trainer_runtimes.mpi: deepspeed-distributed`, with an image that holds MPI and SSH",
        )
    elif job.image is not None:
        context.error(
            "MG301",
            f"the nodes of `{job.name}` run a foreign image, which has no launcher to bring their data",
            (*job.origin, "image"),
            hint="leave `image` out, and base the product's own image on it: `code.base`",
        )
    else:
        return False
    return True
