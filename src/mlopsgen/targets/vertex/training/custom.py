"""A step as a custom job: several machines, spot capacity, a machine by its name, a larger disk.

Nothing of it can be said of a container of a pipeline (cloud.google.com/vertex-ai/docs/pipelines/
request-gcp-machine-resources), so the launcher makes the job, with the step's own command in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

from mlopsgen.diagnostics import SpecPath
from mlopsgen.plan.steps import AnyJob, Train, Tune
from mlopsgen.spec.values import Ref
from mlopsgen.targets.image import APP
from mlopsgen.targets.ir.commands import hole_flag
from mlopsgen.targets.ir.context import Context
from mlopsgen.targets.ir.native import ParameterType
from mlopsgen.targets.ir.parts import Command, Hole, Part, Where, Word
from mlopsgen.targets.launcher import flag_words
from mlopsgen.targets.machines import GIB, report_nodes
from mlopsgen.targets.vertex import machines, names
from mlopsgen.targets.vertex.account import Account
from mlopsgen.targets.vertex.training.launchers import CUSTOM_JOB, RESOURCES, HoledText, launch, payload


def wants_custom_job(account: Account, job: AnyJob) -> bool:
    """Whether a container cannot say what the step asks for."""
    resources = job.resources
    kind = machines.catalogue().kind_of(resources.gpu)
    return (
        resources.nodes != 1
        or resources.spot
        or _named(account, job) is not None
        or (resources.disk or 0) > names.DISK_GIB[0] * GIB
        or (resources.cpu or 0) > machines.MOST_CPU
        or (resources.memory or 0) > machines.MOST_MEMORY
        or (kind is not None and kind not in machines.IN_CONTAINERS)
        or machines.catalogue().choose(resources) is None
    )


def _named(account: Account, job: AnyJob) -> str | Ref | None:
    """The machine that `machines` says."""
    named: str | Ref | None = machines.catalogue().named(account.options.machines, job.name, job.resources)
    return named


def custom_job(context: Context, account: Account, job: AnyJob, part: Part) -> Part:
    """The part whose container launches the job."""
    assert isinstance(part.runs, Command)
    request = {
        "display_name": f"{account.plan.name}-{job.name}"[: names.DISPLAY_NAME],
        "job_spec": job_spec(context, account, job, trying_again(context, job, part.runs)),
        "labels": dict(account.labels),
        **encrypted(account),
    }
    return launched_by(part, launch(CUSTOM_JOB, payload(request), account.home.project, account.home.region))


def launched_by(part: Part, command: Command) -> Part:
    """The same task with the launcher in it, which also tells which job it made.

    It is tried once: a second try would find the job of the first, and tell its failure again (job_remote_runner.py).
    """
    tells: Mapping[str, ParameterType] = {**part.tells, RESOURCES: "STRING"}
    return replace(part, runs=command, tells=tells, retry=None)


def trying_again(context: Context, job: AnyJob, command: Command) -> Command:
    """The step's own launcher runs its command again, inside the job."""
    if job.retries is None or job.retries.attempts == 0:
        return command
    if job.image is not None or job.resources.nodes != 1:
        why = "has no launcher" if job.image is not None else "runs on several machines, of which one cannot try again"
        message = f"`{job.name}` {why}: a job of Vertex AI that has failed is not run again"
        hint = "take `retries` away; Vertex AI starts the machines of a job again when it loses one"
        context.error("MG301", message, (*job.origin, "retries"), hint=hint)
        return command
    flags = flag_words(
        hole_flag,
        attempts=job.retries.attempts,
        backoff=job.retries.backoff or None,
        fresh=((Hole(Where.OUTPUT_PATH, output.port),) for output in job.outputs),
    )
    head = command.words.index(("step",)) + 1
    return replace(command, words=(*command.words[:head], *flags, *command.words[head:]))


def _longest(job: AnyJob) -> int:
    """Seconds that all tries of a step take, with the waits between them."""
    tries = job.retries.attempts if job.retries else 0
    waits = job.retries.backoff * ((1 << tries) - 1) if job.retries else 0
    return (tries + 1) * (job.timeout or 0) + waits


def encrypted(account: Account) -> Mapping[str, Any]:
    """The customer's key."""
    return {"encryption_spec": {"kms_key_name": account.key}} if account.key else {}


def job_spec(context: Context, account: Account, job: AnyJob, command: Command) -> dict[str, Any]:
    """What a custom job and each trial of a search are."""
    spec: dict[str, Any] = {
        "worker_pool_specs": list(_pools(context, account, job, command)),
        "scheduling": dict(_scheduling(job)),
        "service_account": account.email,
    }
    if account.network:
        spec["network"] = account.network
    if not spec["scheduling"]:
        del spec["scheduling"]
    return spec


def _scheduling(job: AnyJob) -> Iterator[tuple[str, Any]]:
    if job.timeout:
        yield "timeout", f"{_longest(job)}s"
    if job.resources.spot:
        yield "strategy", "SPOT"
    if job.resources.nodes != 1:
        # One machine that starts anew would wait for the others for ever.
        yield "restart_job_on_worker_restart", True


def _pools(context: Context, account: Account, job: AnyJob, command: Command) -> Iterator[dict[str, Any]]:
    pool = {
        "machine_spec": _machine(context, account, job),
        "replica_count": 1,
        **_disk(context, job),
        "container_spec": {
            "image_uri": command.image,
            "command": [HoledText(word) for word in command.words[: command.entry]],
            "args": [HoledText(word) for word in distributed(context, account, job, command.words[command.entry :])],
            **({"env": [{"name": name, "value": value} for name, value in command.env]} if command.env else {}),
        },
    }
    yield pool
    # The first pool is always the one machine that leads.
    if (more := _nodes(context, job) - 1) > 0:
        yield {**pool, "replica_count": more}


def _nodes(context: Context, job: AnyJob) -> int:
    nodes = job.resources.nodes
    if isinstance(nodes, Ref):
        context.error(
            "MG301",
            f"how many machines `{job.name}` has is fixed when it is compiled: Vertex AI counts the first one apart",
            (*job.resources.origin, "nodes"),
            hint="write the number",
        )
        return 1
    report_nodes(context, job)
    return nodes


def _machine(context: Context, account: Account, job: AnyJob) -> dict[str, Any]:
    """The machine and its accelerators."""
    named = _named(account, job)
    if isinstance(named, Ref):
        where: SpecPath = (*context.where, "machines", job.name if job.name in account.options.machines else "default")
        message = "a machine cannot be a parameter of a run here: what fits it is decided when it is compiled"
        context.error("MG301", message, where, hint="write the type, such as `n2-standard-8`")
        named = None
    catalogue = machines.catalogue()
    chosen = catalogue.known(named) if named else catalogue.choose(job.resources)
    if chosen is None and named is None:
        catalogue.report_none(context, job.name, job.resources)
    spec: dict[str, Any] = {"machine_type": named or (chosen.name if chosen else machines.DEFAULT)}
    # What is part of a machine comes whole; what is attached comes in the number asked for.
    gpu = chosen.gpu if chosen is not None and not chosen.attached and chosen.gpu else job.resources.gpu
    kind = catalogue.kind_of(gpu)
    if gpu is not None and kind is not None and kind in machines.ACCELERATORS:
        spec |= {"accelerator_type": machines.ACCELERATORS[kind], "accelerator_count": gpu.count}
    return spec


def _disk(context: Context, job: AnyJob) -> dict[str, Any]:
    if (job.resources.disk or 0) <= names.DISK_GIB[0] * GIB:
        return {}
    size = -(-(job.resources.disk or 0) // GIB)
    if size > names.DISK_GIB[1]:
        message = f"`{job.name}` asks for a disk of {size} GiB; a machine has at most {names.DISK_GIB[1]}"
        context.error("MG307", message, (*job.resources.origin, "disk"), hint=f"at most `disk: {names.DISK_GIB[1]}Gi`")
    return {"disk_spec": {"boot_disk_size_gb": size}}


def distributed(context: Context, account: Account, job: AnyJob, words: tuple[Word, ...]) -> tuple[Word, ...]:
    """The command; `distributed: torchrun` starts the script once for each accelerator of each machine."""
    kind = job.distributed if isinstance(job, Train | Tune) else None
    if kind is None or kind == "tensorflow":
        # TF_CONFIG is there on every machine of a custom job.
        return words
    if kind == "mpi" or job.image is not None:
        reason = (
            "its machines would need an SSH server and keys, which the image does not have"
            if kind == "mpi"
            else "a foreign image has no launcher, which finds the first machine"
        )
        message, hint = f"`distributed: {kind}` cannot be had here on Vertex AI: {reason}", "`distributed: torchrun`"
        context.error("MG301", message, (*job.origin, "distributed"), hint=f"{hint} in the product's own image")
        return words
    launcher = words.index(("step",)) + 1
    return (
        *words[:launcher],
        *flag_words(hole_flag, cluster="CLUSTER_SPEC"),
        *_by_torchrun(account, job, words[launcher:]),
    )


def _by_torchrun(account: Account, job: AnyJob, words: tuple[Word, ...]) -> tuple[Word, ...]:
    """`python SCRIPT` by torchrun; a command of one's own starts the processes itself."""
    starts = (i for i, (first, then) in enumerate(pairwise(words)) if first == ("python",) and _is_script(then))
    start = next(starts, None)
    if start is None:
        return words
    each = "gpu" if _accelerated(account, job) else "1"
    torchrun: tuple[Word, ...] = (
        *(("python",), ("-m",), ("torch.distributed.run",)),
        (f"--nnodes={job.resources.nodes}",),
        (f"--nproc-per-node={each}",),
    )
    return (*words[:start], *torchrun, *words[start + 1 :])


def _is_script(word: Word) -> bool:
    return isinstance(word[0], str) and word[0].startswith(f"{APP}/")


def _accelerated(account: Account, job: AnyJob) -> bool:
    machine = machines.catalogue().known(_named(account, job))
    return machine.gpu is not None if machine else job.resources.gpu is not None
