"""Files of the bundle that plan.json counts on."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from mlopsgen.targets.local.judge.placing import Findings, Wrong
from mlopsgen.targets.local.judge.runtime import RUNTIME
from mlopsgen.targets.local.judge.schema import SCHEMA
from mlopsgen.targets.local.judge.values import is_inside
from mlopsgen.targets.local.lower import CARD
from mlopsgen.targets.local.native import AppFile, BundleFile, Flag, PlanFile, Step

_DIGEST = "--contract-digest=sha256:"


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
        yield from _contract(plan, bundle, step)
    named = {
        a.value.bundle for s in plan.steps for a in s.argv if isinstance(a, Flag) and isinstance(a.value, BundleFile)
    }
    if (bundle / CARD).is_file() and CARD not in named:
        yield Wrong("MG434", f"{CARD} lies there, and no step reads it")


def _contract(plan: PlanFile, bundle: Path, step: Step) -> Findings:
    """A data contract that was changed since: the step would refuse to start."""
    wanted = [a.removeprefix(_DIGEST) for a in step.argv if isinstance(a, str) and a.startswith(_DIGEST)]
    files = [
        a.value.app for a in step.argv if isinstance(a, Flag) and a.flag == "contract" and isinstance(a.value, AppFile)
    ]
    for digest, file in zip(wanted, files, strict=False):
        path = bundle / plan.code.app / file
        if is_inside(file) and path.is_file() and sha256(path.read_bytes()).hexdigest() != digest:
            yield Wrong("MG444", f"{file} is not the contract that `{step.name}` was compiled with", step.name)


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
    if RUNTIME in step.argv:
        yield from _file(step, bundle, f"{plan.code.app}/{RUNTIME}/__main__.py", RUNTIME)


def _file(step: Step, bundle: Path, path: str, said: str) -> Findings:
    if not is_inside(said):
        yield Wrong("MG409", f"`{step.name}` names `{said}`, outside the bundle", step.name)
    elif not (bundle / path).is_file():
        yield Wrong("MG444", f"`{step.name}` needs {path}, and it is not there", step.name)
