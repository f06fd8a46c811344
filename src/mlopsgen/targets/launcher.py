"""The launcher's command line: what a target puts in front of a step's own command.

The launcher is `step` of the runtime, inside the image. It does what a platform cannot: makes the
folders of outputs, fetches secrets and models, unpacks, tries again, tells metrics (runtime/step.py
has each flag). Flags are built here alone, so that a target cannot misspell one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypedDict, TypeVar, Unpack

from mlopsgen.plan.steps import AnyJob, FromRegistry
from mlopsgen.plan.values import Flag

RUNTIME = ("python", "-m", "mlopsgen_runtime")
LAUNCHER = (*RUNTIME, "step")

W = TypeVar("W")


class SingleFlags(TypedDict, total=False):
    """Flags that are given once; None leaves one out."""

    attempts: Any
    backoff: Any
    cluster: Any
    collect: Any
    executor_input: Any
    failure_file: Any
    may_fail: Any
    metrics: Any
    once: Any
    params: Any
    params_file: Any
    params_to: Any
    rank: Any
    scalars: Any
    timeout: Any
    track: Any
    track_as: Any
    track_metrics: Any
    track_run: Any


class RepeatedFlags(TypedDict, total=False):
    """Flags that may be given several times."""

    fetch: Iterable[Any]
    fresh: Iterable[Any]
    instead: Iterable[Any]
    integer: Iterable[Any]
    keep: Iterable[Any]
    load: Iterable[Any]
    make: Iterable[Any]
    merge: Iterable[Any]
    needs: Iterable[Any]
    note: Iterable[Any]
    optional: Iterable[Any]
    param: Iterable[Any]
    required: Iterable[Any]
    save: Iterable[Any]
    secret: Iterable[Any]
    track_figure: Iterable[Any]
    track_param: Iterable[Any]
    unpack: Iterable[Any]
    when: Iterable[Any]


class LauncherFlags(SingleFlags, RepeatedFlags, total=False):
    """Every flag of the launcher, with `_` for `-`; a value is what the target's `spell` takes: text for `plain`."""


def launched(job: AnyJob, command: Sequence[str], **flags: Unpack[LauncherFlags]) -> tuple[str, ...]:
    """A step's whole command line, for a platform that starts plain words.

    What the job itself asks of the launcher is added. A foreign image holds no launcher: its command
    stands alone, and the target reports what it cannot do there.
    """
    if job.image is not None:
        return tuple(command)
    words = (*flag_words(plain, **flags), *flag_words(plain, optional=optional_names(job)))
    return (*LAUNCHER, *words, "--", *command) if words else tuple(command)


def flag_words(spell: Callable[[str, Any], W], /, **flags: Unpack[LauncherFlags]) -> Iterator[W]:
    """The flags, in the order in which they are named here; `spell` makes a word of a flag's name and its value."""
    for key, value in flags.items():
        values: Any = value if key in RepeatedFlags.__annotations__ else () if value is None else (value,)
        yield from (spell(key.replace("_", "-"), one) for one in values)


def plain(name: str, value: object) -> str:
    """`--name=value`, as a word of its own."""
    return f"--{name}={value}"


def secret_values(job: AnyJob, uri: Callable[[str], str]) -> Iterator[str]:
    """Values of `secret`: the step's secrets, each under the address that `uri` gives its name."""
    return (f"{secret.variable}={uri(secret.name)}" for secret in job.secrets)


def fetch_values(job: AnyJob, folder: Callable[[str], str], registry: Callable[[str], str]) -> Iterator[str]:
    """Values of `fetch`: models of the registry that the step reads; `folder` is where a port's files go."""
    for item in job.inputs:
        if isinstance(item.source, FromRegistry):
            yield f"{folder(item.port)}={item.source.version}@{registry(item.source.model)}"


def optional_names(job: AnyJob) -> Iterator[str]:
    """Values of `optional`: flags of the command that are left out when a run gives them no value."""
    return (argument.name for argument in job.argv if isinstance(argument, Flag) and argument.optional)
