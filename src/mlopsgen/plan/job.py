"""One container that runs one command: what every kind of step has in common, and the plainest kind."""

from __future__ import annotations

from mlopsgen.diagnostics import SpecPath
from mlopsgen.plan.values import Argv, Input, NamedValue, Output
from mlopsgen.records import dataclass
from mlopsgen.spec.values import Ref


@dataclass(frozen=True, slots=True)
class Gpu:
    """Accelerators of one machine; of no kind where any will do."""

    kind: str | None
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """One machine of a step; None means the target's default."""

    cpu: float | None = None
    memory: int | None = None
    """Bytes."""
    disk: int | None = None
    """Bytes."""
    gpu: Gpu | None = None
    nodes: int | Ref = 1
    spot: bool = False
    origin: SpecPath = ()


@dataclass(frozen=True, slots=True)
class Retries:
    """How often a failed step is tried again: `attempts` more times, the first after `backoff` seconds, doubling."""

    attempts: int
    backoff: int


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret that the step finds in environment variable `variable`; `name` is the target's own name or a URI."""

    variable: str
    name: str
    origin: SpecPath


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One container that runs one command: what every kind of step has in common."""

    name: str
    argv: Argv
    """The whole command, with holes where paths and params stand (values.py)."""
    inputs: tuple[Input, ...] = ()
    outputs: tuple[Output, ...] = ()
    params: tuple[NamedValue, ...] = ()
    resources: Resources = Resources()
    env: tuple[tuple[str, str], ...] = ()
    secrets: tuple[Secret, ...] = ()
    image: str | None = None
    """A foreign image, which gets plain argv and no launcher; None is the product's own."""
    retries: Retries | None = None
    timeout: int | None = None
    """Seconds."""
    cache: bool = True
    cache_asked: bool = False
    """The spec itself says `cache: true`: a target that does not take over results has to answer it."""
    after: tuple[str, ...] = ()
    """Steps that must have ended well, beside those it reads from."""
    when: Ref | None = None
    """A boolean run parameter: false skips the step and all that reads from it."""
    always: bool = False
    """Exit handler: runs when all else has ended, well or not."""
    runtime: bool = False
    """The command is (or is wrapped by) one of the runtime's own."""
    origin: SpecPath = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Run(Job):
    """A command of the user's own, or the whole of a batch deployment."""
