"""Steps of a spec as jobs of a plan: their commands, and everything that is the same for every kind of step."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TypedDict

from mlopsgen.diagnostics import Diagnostic, Fix, SpecPath, quoted
from mlopsgen.nearest import nearest
from mlopsgen.plan.steps import AnyJob, Gpu, NamedValue, Plan, Resources, Retries, Secret, Tune
from mlopsgen.plan.values import (
    PICTURES,
    AppPath,
    Argument,
    Argv,
    Flag,
    InputDir,
    OutputDir,
    Param,
    PortKind,
    Python,
    Setting,
    Value,
)
from mlopsgen.records import dataclass
from mlopsgen.spec.steps import Command, StepParts
from mlopsgen.spec.steps import Resources as SpecResources
from mlopsgen.spec.units import bytes_of, seconds
from mlopsgen.spec.values import ParamValue, Ref, RunFact


class Common(TypedDict):
    """The fields of a Job that mean the same wherever the step stands."""

    params: tuple[NamedValue, ...]
    resources: Resources
    env: tuple[tuple[str, str], ...]
    secrets: tuple[Secret, ...]
    image: str | None
    retries: Retries | None
    timeout: int | None
    cache: bool
    cache_asked: bool
    after: tuple[str, ...]
    when: Ref | None
    always: bool
    origin: SpecPath


@dataclass(frozen=True, slots=True)
class Placed:
    """A step of the spec and where it stands."""

    name: str
    step: StepParts
    origin: SpecPath


def common(placed: Placed) -> Common:
    """The fields that every kind of step takes over from the spec as they are."""
    step, origin = placed.step, placed.origin
    return Common(
        params=named_values(step.params, (*origin, "params")),
        resources=resources(step.resources, (*origin, "resources")),
        env=tuple(step.env.items()),
        secrets=tuple(
            Secret(variable, name, (*origin, "secrets", variable)) for variable, name in step.secrets.items()
        ),
        image=step.image,
        retries=Retries(step.retries.attempts, seconds(step.retries.backoff)) if step.retries else None,
        timeout=seconds(step.timeout) if step.timeout else None,
        cache=step.cache,
        cache_asked=step.cache and "cache" in step.model_fields_set,
        after=step.after,
        when=step.when,
        always=step.always,
        origin=origin,
    )


def named_values(params: Mapping[str, ParamValue], origin: SpecPath) -> tuple[NamedValue, ...]:
    """Params in the spec's order; one that is null has no flag and is left out."""
    return tuple(NamedValue(name=n, value=v, origin=(*origin, n)) for n, v in params.items() if v is not None)


def resources(section: SpecResources, origin: SpecPath) -> Resources:
    """A step's machine in bytes and counts."""
    return Resources(
        cpu=section.cpu,
        memory=bytes_of(section.memory) if section.memory else None,
        disk=bytes_of(section.disk) if section.disk else None,
        gpu=Gpu(section.gpu.kind, section.gpu.count) if section.gpu else None,
        nodes=section.nodes,
        spot=section.spot,
        origin=origin,
    )


CONTRACT = AppPath("mlopsgen_config/contract.json")


def runtime(command: str, *flags: Argument) -> Argv:
    """A command of the runtime, which lies in the image beside the user's code."""
    return (Python(), "-m", "mlopsgen_runtime", command, *flags)


def around(outer: Argv, inner: Argv) -> Argv:
    """The outer command checks or judges, the inner one runs inside the same container."""
    return (*outer, "--", *inner) if inner else outer


def setting(name: str, value: Value) -> Flag:
    """An argument of the command itself."""
    return Flag(name, Setting(value))


def command(run: Command) -> Argv:
    """The user's command: a script is run by its interpreter, a list is taken as it is."""
    if isinstance(run, str):
        return ("sh", AppPath(run)) if run.endswith(".sh") else (Python(), AppPath(run))
    first = run[0]
    return (Python() if first in ("python", "python3") else first, *run[1:])


def flags(
    inputs: Iterable[str], outputs: Iterable[str], params: Iterable[str], optional: Iterable[str] = ()
) -> Iterator[Flag]:
    """One flag for each input, output and param, and no other."""
    left_out = frozenset(optional)
    yield from (Flag(port, InputDir(port)) for port in inputs)
    yield from (Flag(port, OutputDir(port)) for port in outputs)
    yield from (Flag(name, Param(name), name in left_out) for name in params)


def optional_params(step: StepParts, optional: frozenset[str]) -> frozenset[str]:
    """Params whose run parameter may have no value: their flags are left out then."""
    return frozenset(name for name, value in step.params.items() if isinstance(value, Ref) and value.name in optional)


def script_findings(
    run: Command, code: Collection[str], image: str | None, spec_path: SpecPath
) -> Iterator[Diagnostic]:
    """A script has to lie in the image, and has to be something that can be run."""
    if not isinstance(run, str):
        return
    if image is not None:
        yield Diagnostic(
            "MG117",
            f"the foreign image `{image}` does not hold `{run}`",
            spec_path,
            hint="write the whole command as a list, such as `[/app/run, --fast]`, or leave `image` out",
        )
    elif len(words := run.split()) > 1 and run not in code:
        hint = f"write it as a list: `[{', '.join(words)}]`"
        yield Diagnostic("MG106", f"`{run}` is a whole command and not the name of a script", spec_path, hint=hint)
    elif not run.endswith((".py", ".sh")):
        yield Diagnostic(
            "MG106",
            f"`{run}` is neither a .py nor a .sh script",
            spec_path,
            hint=f"say what runs it, as a list: `[<program>, {run}]`",
        )
    else:
        yield from _missing(run, code, spec_path)


def _missing(run: str, code: Collection[str], spec_path: SpecPath) -> Iterator[Diagnostic]:
    if run in code:
        return
    inside = (path for path in code if f"/{path}".endswith(f"/{run}") or f"/{run}".endswith(f"/{path}"))
    near = nearest(run, code) or next(inside, None)
    listing = ", ".join(f"`{path}`" for path in tuple(code)[:8]) or "nothing"
    yield Diagnostic(
        "MG118",
        f"there is no `{run}` in the code folder",
        spec_path,
        hint=f"did you mean `{near}`?" if near else f"it holds {listing}; scripts are named from `code.path`",
        fix=Fix(quoted(near)) if near else None,
    )


MLFLOW = "mlflow:"
"""The server that the step's environment names (MLFLOW_TRACKING_URI)."""


def recorded(plan: Plan, job: AnyJob) -> Iterator[str | Flag]:
    """Flags of the launcher, with the holes that every command has; none where the platform records by itself.

    A foreign image has no launcher; of several machines each would record the same.
    """
    if plan.tracking.mlflow is None or job.image is not None or job.resources.nodes != 1:
        return
    yield from (f"--track={MLFLOW}", f"--track-as={job.name}")
    searched = tuple(axis.name for axis in job.axes) if isinstance(job, Tune) else ()
    # The run's id would make another command of each run, which no cache would know again.
    if not job.cache and not searched:
        yield Flag("track-run", Setting(RunFact("run.id")))
    for name in dict.fromkeys((*(param.name for param in job.params), *searched)):
        yield f"--track-param={name}"
    for output in job.outputs:
        if output.kind is PortKind.METRICS:
            yield Flag("track-metrics", OutputDir(output.port))
        elif output.kind in PICTURES:
            yield Flag("track-figure", OutputDir(output.port))
