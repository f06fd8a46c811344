"""Commands: the user's own, and those of the runtime that stand around them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from mlopsgen.diagnostics import Diagnostic, Fix, SpecPath, quoted
from mlopsgen.nearest import nearest
from mlopsgen.plan.values import AppPath, Argument, Argv, Flag, InputDir, OutputDir, Param, Python, Setting, Value
from mlopsgen.spec.steps import Command, StepParts
from mlopsgen.spec.values import Ref

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
    """What the user wrote: a script is run by its interpreter, a list is taken as it is."""
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


def script_findings(run: Command, code: Collection[str], image: str | None, where: SpecPath) -> Iterator[Diagnostic]:
    """A script has to lie in the image, and has to be something that can be run."""
    if not isinstance(run, str):
        return
    if image is not None:
        yield Diagnostic(
            "MG117",
            f"the foreign image `{image}` does not hold `{run}`",
            where,
            hint="write the whole command as a list, such as `[/app/run, --fast]`, or leave `image` out",
        )
    elif len(words := run.split()) > 1 and run not in code:
        hint = f"write it as a list: `[{', '.join(words)}]`"
        yield Diagnostic("MG106", f"`{run}` is a whole command and not the name of a script", where, hint=hint)
    elif not run.endswith((".py", ".sh")):
        yield Diagnostic(
            "MG106",
            f"`{run}` is neither a .py nor a .sh script",
            where,
            hint=f"say what runs it, as a list: `[<program>, {run}]`",
        )
    else:
        yield from _missing(run, code, where)


def _missing(run: str, code: Collection[str], where: SpecPath) -> Iterator[Diagnostic]:
    if run in code:
        return
    inside = (path for path in code if f"/{path}".endswith(f"/{run}") or f"/{run}".endswith(f"/{path}"))
    near = nearest(run, code) or next(inside, None)
    shown = ", ".join(f"`{path}`" for path in tuple(code)[:8]) or "nothing"
    yield Diagnostic(
        "MG118",
        f"there is no `{run}` in the code folder",
        where,
        hint=f"did you mean `{near}`?" if near else f"it holds {shown}; scripts are named from `code.path`",
        fix=Fix(quoted(near)) if near else None,
    )
