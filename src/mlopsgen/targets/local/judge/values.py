"""Parameters, data, places and variables, and the files of the bundle that plan.json counts on."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from itertools import pairwise
from pathlib import Path, PurePosixPath

from mlopsgen.credentials import find_credential
from mlopsgen.targets.local.judge.placing import Findings, Wrong
from mlopsgen.targets.local.judge.runtime import RUNTIME
from mlopsgen.targets.local.native import (
    AppFile,
    BundleFile,
    Flag,
    FromParameter,
    Joined,
    LocalFiles,
    Parameter,
    PlanFile,
    Remote,
    Scalar,
    Source,
    Step,
)
from mlopsgen.targets.local.registration import CARD

_VARIABLE = re.compile("[A-Za-z_][A-Za-z0-9_]*")


def values(plan: PlanFile) -> Findings:
    """Findings about everything that is no edge and no command."""
    for name, parameter in plan.parameters.items():
        yield from _parameter(name, parameter)
    for name, source in plan.sources.items():
        yield from _source(plan, name, source)
    yield from _places(plan)
    for step in plan.steps:
        yield from _environment(step)
        for param, value in step.params.items():
            yield from _joined(f"`{param}` of `{step.name}`", value)
        yield from _secrets_in(step)


def _parameter(name: str, parameter: Parameter) -> Findings:
    if parameter.required and parameter.default is not None:
        yield Wrong("MG433", f"the parameter `{name}` is required and has a default")
    low, high = parameter.minimum, parameter.maximum
    if (low is not None or high is not None) and parameter.type not in ("integer", "number"):
        yield Wrong("MG433", f"the parameter `{name}` is of type {parameter.type} and has bounds")
    if low is not None and high is not None and low > high:
        yield Wrong("MG433", f"the parameter `{name}` must be at least {low:g} and at most {high:g}")
    if parameter.default is not None:
        yield from _fits(name, parameter, "default", parameter.default)
    for value in parameter.values:
        yield from _fits(name, parameter, "value", value)
    if len(set(map(repr, parameter.values))) < len(parameter.values):
        yield Wrong("MG436", f"the parameter `{name}` may have a value twice")


def _fits(name: str, parameter: Parameter, role: str, value: Scalar | tuple[Scalar, ...]) -> Findings:
    if not _is_of(parameter.type, role, value):
        yield Wrong("MG431", f"the {role} {value!r} of the parameter `{name}` is no {parameter.type}")
        return
    for item in value if isinstance(value, tuple) else (value,):
        if parameter.values and item not in parameter.values:
            yield Wrong("MG433", f"the {role} {item!r} of the parameter `{name}` is none of its values")
        if isinstance(item, int | float) and not isinstance(item, bool):
            low, high = parameter.minimum, parameter.maximum
            if (low is not None and item < low) or (high is not None and item > high):
                yield Wrong("MG433", f"the {role} {item:g} of the parameter `{name}` is out of bounds")


def _is_of(kind: str, role: str, value: Scalar | tuple[Scalar, ...]) -> bool:
    match kind:
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case _:
            # `values` of a list are what its entries may be.
            return role == "value" or isinstance(value, tuple)


def _source(plan: PlanFile, name: str, source: Source) -> Findings:
    match source:
        case LocalFiles():
            if not is_inside(source.path):
                yield Wrong("MG409", f"the source `{name}` is at `{source.path}`, outside the spec's folder")
            for file in source.files:
                if not is_inside(file):
                    yield Wrong("MG409", f"the source `{name}` has the file `{file}`, outside its folder")
            if len(set(source.files)) < len(source.files):
                yield Wrong("MG436", f"the source `{name}` has a file twice")
        case Remote():
            yield from _joined(f"the source `{name}`", source.uri)
            parts = source.uri.text if isinstance(source.uri, Joined) else (source.uri,)
            for part in parts:
                if isinstance(part, FromParameter) and part.parameter not in plan.parameters:
                    yield Wrong("MG434", f"the source `{name}` reads `{part.parameter}`, and there is none")


def _joined(who: str, value: object) -> Findings:
    """Text with holes has a hole, and no two texts side by side: else one of its parts was lost."""
    if not isinstance(value, Joined):
        return
    holes = [not isinstance(part, str) for part in value.text]
    if not any(holes) or not all(a or b for a, b in pairwise(holes)):
        yield Wrong("MG433", f"{who} is text with holes, and a part of it is missing or stands twice")


def _places(plan: PlanFile) -> Findings:
    places = {"runs": plan.places.runs, "registry": plan.places.registry, "state": plan.places.state}
    for name, path in places.items():
        if not is_inside(path):
            yield Wrong("MG409", f"`{name}` are kept at `{path}`, outside the spec's folder")
    for path, count in Counter(places.values()).items():
        if count > 1:
            yield Wrong("MG436", f"`{path}` is kept for {count} things at once")
    for path in (plan.code.app, plan.code.requirements):
        if not is_inside(path):
            yield Wrong("MG409", f"the code is at `{path}`, outside the bundle")


def _environment(step: Step) -> Findings:
    for name in (*step.env, *step.secrets, *step.secrets.values()):
        if not _VARIABLE.fullmatch(name):
            yield Wrong("MG433", f"`{step.name}` has the variable `{name}`, which no environment can hold", step.name)
    for name in step.env.keys() & step.secrets.keys():
        yield Wrong("MG436", f"`{step.name}` has `{name}` as a variable and as a secret", step.name)


def _secrets_in(step: Step) -> Findings:
    """A credential in a file that is kept and shared; it is named by its kind and never shown."""
    for text in _texts(step):
        if kind := find_credential(text):
            yield Wrong("MG433", f"`{step.name}` holds {kind} in plain text", step.name)


def _texts(step: Step) -> Iterator[str]:
    yield from (f"{name}={value}" for name, value in step.env.items())
    yield from (argument for argument in step.argv if isinstance(argument, str))
    yield from (f"{name}={value}" for name, value in step.params.items() if isinstance(value, str))


def is_inside(path: str) -> bool:
    """Whether a path stays in the folder that it is relative to."""
    parts = PurePosixPath(path).parts
    return bool(parts) and not path.startswith(("/", "\\")) and ".." not in parts and ":" not in parts[0]


CONTRACT = "mlopsgen_config/contract.json"
_DIGEST = "--contract-digest=sha256:"


def folder(plan: PlanFile, bundle: Path) -> Findings:
    """Findings about what is not there."""
    if not (bundle / plan.code.requirements).is_file():
        yield Wrong("MG444", f"{plan.code.requirements} is missing")
    if not (bundle / plan.code.app).is_dir():
        yield Wrong("MG444", f"the application folder {plan.code.app} is missing")
        return
    for step in (*plan.steps, *(one.step for one in plan.deployments.values())):
        yield from _named(plan, bundle, step)
        yield from _contract(plan, bundle, step)
    for name, deployment in plan.deployments.items():
        has_contract = any(isinstance(a, Flag) and a.flag == "contract" for a in deployment.step.argv)
        if not has_contract and (bundle / plan.code.app / CONTRACT).is_file():
            yield Wrong("MG432", f"the deployment `{name}` checks no record: its command is not told --contract")
    named = {
        a.value.bundle for s in plan.steps for a in s.argv if isinstance(a, Flag) and isinstance(a.value, BundleFile)
    }
    if (bundle / CARD).is_file() and CARD not in named:
        yield Wrong("MG434", f"{CARD} lies there, and no step reads it")


def _contract(plan: PlanFile, bundle: Path, step: Step) -> Findings:
    """A data contract that was changed since: the step would refuse to start."""
    digests = [a.removeprefix(_DIGEST) for a in step.argv if isinstance(a, str) and a.startswith(_DIGEST)]
    files = [
        a.value.app for a in step.argv if isinstance(a, Flag) and a.flag == "contract" and isinstance(a.value, AppFile)
    ]
    for digest, file in zip(digests, files, strict=False):
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


def _file(step: Step, bundle: Path, path: str, name: str) -> Findings:
    if not is_inside(name):
        yield Wrong("MG409", f"`{step.name}` names `{name}`, outside the bundle", step.name)
    elif not (bundle / path).is_file():
        yield Wrong("MG444", f"`{step.name}` needs {path}, and it is not there", step.name)
