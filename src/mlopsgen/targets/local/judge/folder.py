"""Files of the bundle that plan.json counts on."""

from __future__ import annotations

from pathlib import Path

from mlopsgen.targets.local.judge.placing import Findings, Wrong
from mlopsgen.targets.local.judge.schema import SCHEMA
from mlopsgen.targets.local.judge.values import is_inside
from mlopsgen.targets.local.native import AppFile, BundleFile, Flag, PlanFile, Step

_RUNTIME = "mlopsgen_runtime"


def folder(plan: PlanFile, bundle: Path) -> Findings:
    """Findings about what is not there."""
    for path in (plan.code.requirements, SCHEMA):
        if not (bundle / path).is_file():
            yield Wrong("MG444", f"{path} is missing")
    if not (bundle / plan.code.app).is_dir():
        yield Wrong("MG444", f"the application folder {plan.code.app} is missing")
        return
    for step in plan.steps:
        yield from _named(plan, bundle, step)


def _named(plan: PlanFile, bundle: Path, step: Step) -> Findings:
    for argument in step.argv:
        named = argument.value if isinstance(argument, Flag) else argument
        match named:
            case AppFile():
                yield from _file(step, bundle, f"{plan.code.app}/{named.app}", named.app)
            case BundleFile():
                yield from _file(step, bundle, named.bundle, named.bundle)
            case _:
                continue
    if _RUNTIME in step.argv:
        yield from _file(step, bundle, f"{plan.code.app}/{_RUNTIME}/__main__.py", _RUNTIME)


def _file(step: Step, bundle: Path, path: str, said: str) -> Findings:
    if not is_inside(said):
        yield Wrong("MG409", f"`{step.name}` names `{said}`, outside the bundle", step.name)
    elif not (bundle / path).is_file():
        yield Wrong("MG444", f"`{step.name}` needs {path}, and it is not there", step.name)
