"""A step as one container: its command, what it reads and makes, retries, limits, cache."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlopsgen.plan.steps import AnyJob, Evaluate, FromRegistry, FromSource, FromStep, Input
from mlopsgen.plan.values import Argv, PortKind
from mlopsgen.records import dataclass
from mlopsgen.spec.values import Ref
from mlopsgen.targets.caching import doubt
from mlopsgen.targets.ir import data
from mlopsgen.targets.ir.api import Lowering
from mlopsgen.targets.ir.commands import ENTRY, PASSED, hole_flag, launched, launcher_flags, telling, words
from mlopsgen.targets.ir.context import Context, harmless
from mlopsgen.targets.ir.native import Retry
from mlopsgen.targets.ir.parameters import Taken
from mlopsgen.targets.ir.parts import SCHEMAS, Command, Part, Reads, Word
from mlopsgen.targets.launcher import flag_words


def container(
    context: Lowering,
    job: AnyJob,
    name: str,
    *,
    argv: Argv | None = None,
    flags: Sequence[Word] = (),
    conditions: Sequence[str] = (),
) -> Part:
    """A step's container; `argv` in the place of its command, `flags` for the launcher.

    `conditions` is a run parameter that skips the command, where no condition around the task can.
    """
    taken = Taken(context, frozenset((*(i.port for i in job.inputs), *(o.port for o in job.outputs))))
    settings = _settings(context, job, taken)
    skips = flag_words(hole_flag, when=[(taken.hole(Ref(one)),) for one in conditions])
    env = environment(context, job)
    cached = cacheable(context, job)
    facts = {**data.versions(context, job), **data.environment_digest(env)} if cached else {}
    return Part(
        name=name,
        step=job.name,
        runs=Command(
            image=job.image or context.image,
            words=_launched(context, job, [*skips, *settings.flags, *flags], words(context, job, taken, argv)),
            entry=ENTRY if job.image is None else 1,
            env=env,
            resources=context.platform.resources(context, job),
        ),
        artifacts=artifacts(context, job),
        parameters={**taken.parameters, **facts},
        makes={output.port: SCHEMAS[output.kind] for output in job.outputs},
        tells={PASSED: "BOOLEAN"} if judges(job) else {},
        after=after(context, job.after),
        retry=retry(context, job),
        cache=cached,
        always=job.always,
        platform=settings.platform,
        origin=job.origin,
    )


@dataclass(frozen=True, slots=True)
class _Settings:
    """What a step has beside its command: flags of the launcher, keys of the platform's document."""

    flags: tuple[Word, ...]
    platform: Mapping[str, Any]


def _settings(context: Lowering, job: AnyJob, taken: Taken) -> _Settings:
    flags = list(launcher_flags(context, job, taken))
    keys = [context.platform.settings(context, job)]
    if job.secrets:
        hidden = context.platform.secrets(context, job, job.secrets)
        flags += [(one,) for one in hidden.flags]
        keys.append(hidden.platform)
    if job.timeout:
        limit = context.platform.limit(context, job, job.timeout)
        flags += flag_words(hole_flag, timeout=job.timeout if limit.launcher else None)
        keys.append(limit.platform)
    return _Settings(tuple(flags), _merged(*keys))


def _launched(context: Context, job: AnyJob, flags: Sequence[Word], command: tuple[Word, ...]) -> tuple[Word, ...]:
    if job.image is not None:
        _needs_launcher(context, job, flags)
        return command
    return launched(flags, telling(command) if judges(job) else command)


def judges(job: AnyJob) -> bool:
    """Whether a step writes gate.json."""
    return isinstance(job, Evaluate) and any(o.kind is PortKind.GATE for o in job.outputs)


def artifacts(context: Lowering, job: AnyJob) -> Mapping[str, Reads]:
    """What arrives as an artifact: not models of the registry, nor what is there under a path."""
    reads = ((item.port, _reads(context, item)) for item in job.inputs)
    return {port: read for port, read in reads if read is not None}


def _reads(context: Lowering, item: Input) -> Reads | None:
    match item.source:
        case FromStep():
            return context.product(item)
        case FromSource(source=name):
            if data.mounted(context, context.sources[name]) is not None:
                return None
            return Reads(source=data.imported(name), schema=data.SCHEMA)
        case FromRegistry():
            return None


def after(context: Context, names: tuple[str, ...]) -> tuple[str, ...]:
    """The parts that have to be over: the last one of every step is called as the step is."""
    return tuple(name for name in names if name in context.jobs or name in context.registrations)


def retry(context: Lowering, job: AnyJob) -> Retry | None:
    """How often the platform tries again."""
    if job.retries is None or job.retries.attempts == 0:
        return None
    longest = context.platform.longest_backoff(job, job.retries)
    return Retry(attempts=job.retries.attempts, backoff=job.retries.backoff, longest=longest)


def environment(context: Lowering, job: AnyJob) -> tuple[tuple[str, str], ...]:
    """The step's own variables win over the platform's."""
    own = tuple((name, harmless(context, value, (*job.origin, "env", name))) for name, value in job.env)
    return tuple({**dict(context.platform.environment(context, job)), **dict(own)}.items())


def cacheable(context: Context, job: AnyJob) -> bool:
    """Whether the same inputs surely mean the same result."""
    return lasting(context, job) and doubt(job, context.sources) is None


def lasting(context: Context, job: AnyJob) -> bool:
    """Whether results may be taken over: not where they expire, for a cache does not ask whether files are there.

    Vertex AI's entries have no time to live (docs/pipelines/configure-caching), nor have those of Kubeflow Pipelines.
    """
    return job.cache and not context.plan.governance.retention


def _merged(*settings: Mapping[str, Any]) -> Mapping[str, Any]:
    keys: dict[str, Any] = {}
    for one in settings:
        for key, value in one.items():
            keys[key] = [*keys[key], *value] if isinstance(value, list) and key in keys else value
    return keys


def _needs_launcher(context: Context, job: AnyJob, flags: Sequence[Word]) -> None:
    """Reports what a foreign image cannot have, since nothing of ours runs in it."""
    names = sorted({str(word[0]).removeprefix("--").partition("=")[0] for word in flags})
    for name in names:
        label, key = _LAUNCHED.get(name, (f"`{name}`", "image"))
        context.error(
            "MG301",
            f"`{job.name}` runs a foreign image, which has no launcher: {label} cannot be had there",
            (*job.origin, key),
            hint="leave `image` out, and base the product's own image on it: `code.base`",
        )


_LAUNCHED = {
    "fetch": ("a model of the registry", "inputs"),
    "optional": ("a parameter without a value", "params"),
    "secret": ("a secret", "secrets"),
    "timeout": ("a time limit", "timeout"),
}
