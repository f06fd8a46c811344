"""What every kind of job has in common: machines, limits, environment, retries, cache."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypedDict

from mlopsgen.diagnostics import Diagnostic, On, Severity, SpecPath
from mlopsgen.plan.steps import AnyJob, FromSource, Job, Retries, Source, Train, Tune
from mlopsgen.spec.units import bytes_of, seconds
from mlopsgen.spec.values import Ref
from mlopsgen.targets.caching import doubt
from mlopsgen.targets.machines import GIB, Machine
from mlopsgen.targets.sagemaker import machines, names
from mlopsgen.targets.sagemaker.context import Context
from mlopsgen.targets.sagemaker.data import refit_name
from mlopsgen.targets.sagemaker.expressions import Number, Word, parameter
from mlopsgen.targets.sagemaker.native import Machines, Retry

DAY = 86400
STEP_FAULTS = ("Step.SERVICE_FAULT", "Step.THROTTLING")
JOB_FAULT = "SageMaker.JOB_INTERNAL_ERROR"
LACKS = ("SageMaker.CAPACITY_ERROR", "SageMaker.RESOURCE_LIMIT")


class Facts(TypedDict):
    """The fields of StepFacts."""

    name: str
    depends_on: tuple[str, ...]
    retries: tuple[Retry, ...]
    cache_for: str | None
    origin: SpecPath


def facts(context: Context, job: AnyJob) -> Facts:
    """What every step says beside its arguments."""
    return Facts(
        name=job.name,
        depends_on=depends_on(context, job.after),
        retries=_retries(context, job),
        cache_for=_cache_for(context) if _cacheable(context, job) else None,
        origin=job.origin,
    )


def depends_on(context: Context, after: tuple[str, ...]) -> tuple[str, ...]:
    """Steps to wait for; one that is refitted has ended when the refit has."""
    named = ((name, context.jobs.get(name)) for name in after)
    return tuple(refit_name(job) if isinstance(job, Tune) and job.refit else name for name, job in named)


def _retries(context: Context, job: AnyJob) -> tuple[Retry, ...]:
    if job.retries is None or job.retries.attempts == 0:
        return ()
    _check_retries(context, job, job.retries)
    again = f"`{job.name}` again after faults of its own and missing capacity"
    if isinstance(job, Tune):
        again = f"a trial of `{job.name}` again after a fault of its own, the search after missing capacity"
    context.note(f"SageMaker tries {again}, not when the command itself ends with an error", (*job.origin, "retries"))
    return policies(job)


def policies(job: AnyJob) -> tuple[Retry, ...]:
    """How often the service tries the step again.

    A search is never tried again for the fault of a trial; trials have their own number (AWS: pipelines-retry-policy).
    """
    if job.retries is None or job.retries.attempts == 0:
        return ()
    interval, attempts = job.retries.backoff, job.retries.attempts
    job_faults = (*(() if isinstance(job, Tune) else (JOB_FAULT,)), *LACKS)
    return tuple(Retry(exceptions=e, interval=interval, attempts=attempts) for e in (STEP_FAULTS, job_faults))


def _check_retries(context: Context, job: AnyJob, retries: Retries) -> None:
    if retries.attempts > names.RETRIES:
        context.error(
            "MG306",
            f"`{job.name}` asks for {retries.attempts} retries; SageMaker makes at most {names.RETRIES}",
            (*job.origin, "retries"),
            hint=f"`attempts: {names.RETRIES}`",
        )
    if retries.backoff > names.RETRY_INTERVAL:
        hours = names.RETRY_INTERVAL // 3600
        message = (
            f"`{job.name}` waits {retries.backoff} seconds before it is tried again; SageMaker at most {hours} hours"
        )
        context.error("MG306", message, (*job.origin, "retries", "backoff"), hint=f"`backoff: {hours}h`")


def _cacheable(context: Context, job: AnyJob) -> bool:
    """Whether the same arguments surely mean the same result: SageMaker compares those alone."""
    # A checkpoint's place is compared too, and is another one in each run.
    return job.cache and not job.resources.spot and doubt(job, context.sources) is None


def _sources(context: Context, job: Job) -> Iterator[Source]:
    return (context.sources[i.source.source] for i in job.inputs if isinstance(i.source, FromSource))


def _cache_for(context: Context) -> str:
    """How old a result may be; never older than what is kept at all."""
    keep, kept = seconds(context.options.cache_for), context.plan.governance.retention
    shortest = min(keep, kept) if kept else keep
    if shortest % DAY == 0:
        return f"P{shortest // DAY}D"
    return f"PT{max(1, shortest // 60)}M"


def environment(context: Context, job: AnyJob) -> Mapping[str, Word]:
    """The step's own variables, and the versions of its data, so that a new version is no cache hit."""
    variables: dict[str, Word] = dict(job.env)
    versions = [f"{s.name}={s.version}" for s in _sources(context, job) if s.local is None and s.version]
    if versions:
        variables["MLOPSGEN_DATA_VERSION"] = ",".join(versions)
    if context.plan.tracking.mlflow and job.image is None:
        variables |= {
            "MLFLOW_TRACKING_URI": context.plan.tracking.mlflow,
            "MLFLOW_EXPERIMENT_NAME": context.plan.tracking.experiment,
        }
    _check_environment(context, job, variables)
    return variables


def _check_environment(context: Context, job: AnyJob, variables: Mapping[str, Word]) -> None:
    trained = isinstance(job, Train | Tune)
    most = names.TRIAL_ENVIRONMENT if isinstance(job, Tune) else names.ENVIRONMENT
    longest = names.TRAINING_VALUE if trained else names.PROCESSING_VALUE
    if len(variables) > most:
        message = f"`{job.name}` has {len(variables)} environment variables; SageMaker takes {most} here"
        context.error("MG306", message, (*job.origin, "env"), "put them into a file in `code.path`")
    if "Get" in variables:
        message = f"`{job.name}` has an environment variable `Get`, which SageMaker would read as a reference"
        context.error("MG308", message, (*job.origin, "env", "Get"), hint="rename the variable", on=On.KEY)
    for name, value in variables.items():
        if len(value) > longest:
            message = f"`{name}` of `{job.name}` is longer than the {longest} characters that SageMaker takes here"
            context.error("MG306", message, (*job.origin, "env", name), hint="put the value into a file in `code.path`")


def time_limit(context: Context, job: AnyJob) -> int:
    """How long the job may take: a day, as is the service's own default, unless the step says more or less."""
    most = names.TRAINING_SECONDS if isinstance(job, Train | Tune) else names.PROCESSING_SECONDS
    if (job.timeout or 0) > most:
        message = f"`{job.name}` may take {job.timeout} seconds; SageMaker lets it run for at most {most // DAY} days"
        context.error("MG306", message, (*job.origin, "timeout"), hint=f"`timeout: {most // DAY}d`")
    elif (job.timeout or 0) > names.QUOTA_SECONDS:
        kind = "training" if isinstance(job, Train | Tune) else "processing"
        context.note(
            f"a new account lets no {kind} job run for more than {names.QUOTA_SECONDS // DAY} days",
            (*job.origin, "timeout"),
            hint=f"see `Longest run time for a {kind} job` in Service Quotas, and have it raised",
        )
    return job.timeout or DAY


def machines_of(context: Context, job: AnyJob) -> Machines:
    """The machines of a job: what `targets.sagemaker.machines` says, else the smallest that fits."""
    catalogue = machines.catalogue(training=isinstance(job, Train | Tune))
    named = machines.catalogue(training=True).named(context.options.machines, job.name, job.resources)
    chosen = machines.catalogue(training=True).known(named)
    if named is None:
        chosen = catalogue.choose(job.resources)
        if chosen is None:
            catalogue.report_none(context, job.name, job.resources)
    return Machines(
        count=_count(job.resources.nodes),
        type=_type(named, chosen),
        volume_gib=_volume(context, job, chosen),
        key=volume_key(context, _type(named, chosen)),
    )


def _type(named: str | Ref | None, chosen: Machine | None) -> Word:
    if isinstance(named, Ref):
        return parameter(named.name)
    return named or (chosen.name if chosen else machines.DEFAULT)


def _count(nodes: int | Ref) -> Number:
    return parameter(nodes.name) if isinstance(nodes, Ref) else nodes


def volume_key(context: Context, machine: Word) -> str | None:
    """The key of the machine's disk: one that belongs to the machine is encrypted by its hardware and takes none."""
    key = context.plan.governance.encryption_key
    if key is None or machines.has_own_disk(machine):
        return None
    if "alias/" in key:
        context.findings.append(_no_alias(key))
        return None
    return key


def _no_alias(key: str) -> Diagnostic:
    return Diagnostic(
        "MG315",
        f"SageMaker takes no alias for the key of a job's disk, so those have AWS's own; all else is under `{key}`",
        ("governance", "encryption", "key"),
        hint="write the key's ARN: `arn:aws:kms:<region>:<account>:key/<id>`",
        severity=Severity.WARNING,
    )


def _volume(context: Context, job: AnyJob, chosen: Machine | None) -> int:
    disk_bytes = job.resources.disk or bytes_of(context.options.volume)
    size = -(-disk_bytes // GIB)
    most = chosen.disk_gib if chosen and chosen.disk_gib else names.VOLUME_GIB
    if size > most and job.resources.disk:
        message = (
            f"`{job.name}` asks for a disk of {size} GiB; {chosen.name if chosen else 'a volume'} has at most {most}"
        )
        context.error("MG307", message, (*job.resources.origin, "disk"), hint=f"at most `disk: {most}Gi`")
    return min(size, most)
