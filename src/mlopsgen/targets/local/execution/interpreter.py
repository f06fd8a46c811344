"""The Python that runs the steps, checked against what the bundle needs or made for it, and the variables it sees."""

from __future__ import annotations

import json
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from importlib.metadata import distributions
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from mlopsgen.diagnostics import Diagnostic, SpecError
from mlopsgen.records import dataclass
from mlopsgen.runtime.requirements import TWINS
from mlopsgen.targets.local.native import PlanFile, Step
from mlopsgen.targets.local.read import read_plan

if TYPE_CHECKING:
    from packaging.requirements import Requirement

_ASK = """
import importlib.metadata, json, platform
found = {}
for d in importlib.metadata.distributions():
    name = d.metadata["Name"]
    if name:
        found.setdefault(name.lower().replace("_", "-").replace(".", "-"), d.version)
print(json.dumps({"version": platform.python_version(), "packages": found}))
"""


@dataclass(frozen=True, slots=True)
class Python:
    """An interpreter, its version, and what is installed for it."""

    path: str
    version: str
    packages: Mapping[str, str]

    @property
    def minor(self) -> str:
        """Its version without the last part, such as `3.11`."""
        return ".".join(self.version.split(".")[:2])


def lacks_system() -> Iterator[Diagnostic]:
    """A finding where runs cannot be: they lock their folders and end groups of processes as POSIX does."""
    if find_spec("fcntl") is None:
        yield Diagnostic(
            "MG604",
            f"`mlopsgen run` needs a POSIX system, such as Linux, macOS or WSL; this Python is for {sys.platform}",
            hint="run it there; every other command works here",
        )


def ask(path: str) -> Python:
    """What an interpreter is; raises SpecError MG604 when it cannot be started."""
    if path == sys.executable:
        return Python(path, platform.python_version(), _installed())
    try:
        output = subprocess.run([path, "-c", _ASK], capture_output=True, text=True, check=True, timeout=60).stdout
        facts = json.loads(output)
    except (OSError, subprocess.SubprocessError, ValueError) as problem:
        hint = "name a Python that starts, or leave it out to use the one that runs mlopsgen"
        raise SpecError([Diagnostic("MG604", f"`{path}` cannot be used as Python: {problem}", hint=hint)]) from problem
    return Python(path, facts["version"], facts["packages"])


def _installed() -> dict[str, str]:
    """What is installed for the Python that runs mlopsgen."""
    versions: dict[str, str] = {}
    for one in distributions():
        if name := one.metadata["Name"]:
            versions.setdefault(_project(name), one.version)
    return versions


def lacking(bundle: Path, plan: PlanFile, python: Python) -> Iterator[Diagnostic]:
    """The requirements of the bundle that the interpreter does not meet, as one finding."""
    lines = tuple(requirement_lines(bundle / plan.code.requirements))
    if not lines:
        return
    install = f"{python.path} -m pip install -r {bundle / plan.code.requirements}"
    if find_spec("packaging") is None:
        blind = "requirements cannot be checked without the library `packaging`"
        yield Diagnostic("MG604", blind, hint=f"{sys.executable} -m pip install packaging")
        return
    wrong = [words for line in lines if (words := _unmet(line, python)) is not None]
    if wrong:
        yield Diagnostic(
            "MG604",
            f"{python.path} does not have what the steps need: {'; '.join(wrong)}",
            spec_path=("code", "requirements"),
            hint=f"{install}\n  or let mlopsgen make an environment: `mlopsgen run --isolated`",
        )


def needed_packages(bundle: Path, plan: PlanFile, python: Python) -> dict[str, str]:
    """The installed version of each named requirement: another one may give another result."""
    heads = (line.split(";")[0].split("[")[0] for line in requirement_lines(bundle / plan.code.requirements))
    names = (_project(head) for head in heads)
    return {name: version for name in names if (version := _version(name, python.packages))}


def requirement_lines(path: Path) -> Iterator[str]:
    """The requirements of a file: no comments, no options, no hashes, files it includes in their place."""
    if not path.is_file():
        return
    text = path.read_text(encoding="utf-8").replace("\\\n", " ")
    for line in (raw.partition(" #")[0].strip() for raw in text.splitlines()):
        if line.startswith(("-r ", "--requirement ")):
            yield from requirement_lines(path.parent / line.split(maxsplit=1)[1])
        elif line and not line.startswith(("#", "-")):
            yield line.partition(" --")[0].strip()


def _unmet(line: str, python: Python) -> str | None:
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        requirement = Requirement(line)
    except InvalidRequirement:
        # A bare URL or path: only pip can tell whether it is installed.
        return None
    if requirement.marker and not requirement.marker.evaluate(_marker_facts(python)):
        return None
    return _compared(requirement, _version(_project(requirement.name), python.packages))


def _version(project: str, packages: Mapping[str, str]) -> str | None:
    """The version of a distribution, or of another that brings the same module."""
    return next((packages[name] for name in (project, *TWINS.get(project, ())) if name in packages), None)


def _compared(requirement: Requirement, there: str | None) -> str | None:
    if there is None:
        return f"{requirement.name} is not installed"
    if not requirement.specifier.contains(there, prereleases=True):
        return f"{requirement.name} is {there}, not {requirement.specifier}"
    return None


def _marker_facts(python: Python) -> dict[str, str]:
    return {"python_version": python.minor, "python_full_version": python.version, "extra": ""}


def _project(name: str) -> str:
    return re.split("[=<>!~ @]", name.strip(), maxsplit=1)[0].lower().replace("_", "-").replace(".", "-")


def isolated(bundle: Path, root: Path) -> str:
    """An environment of its own for this bundle's requirements, made once; raises SpecError MG604."""
    plan = read_plan(bundle)
    requirements = bundle / plan.code.requirements
    lines = sorted(requirement_lines(requirements))
    name = sha256("\n".join([sys.version, *lines]).encode()).hexdigest()[:16]
    folder = root / ".mlopsgen" / "envs" / name
    python = folder / "bin" / "python"
    # Written last: an environment that was cut off has none.
    complete = folder / "complete"
    if not complete.is_file():
        shutil.rmtree(folder, ignore_errors=True)
        _must([sys.executable, "-m", "venv", str(folder)], folder)
        if lines:
            _must([str(python), "-m", "pip", "install", "--quiet", "-r", str(requirements)], folder)
        complete.touch()
    return str(python)


def _must(argv: Sequence[str], folder: Path) -> None:
    ended = subprocess.run(argv, capture_output=True, text=True, check=False)
    if ended.returncode:
        message = "\n".join((ended.stderr or ended.stdout).strip().splitlines()[-12:])
        hint = f"`{' '.join(argv)}` says why in full"
        raise SpecError([Diagnostic("MG604", f"the environment {folder} cannot be made: {message}", hint=hint)])


_KEPT = frozenset(
    {
        *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT"),
        *("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES"),
        *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"),
        *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
    }
)
_KEPT_PREFIXES = ("LC_",)
_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


def step_environment(
    step: Step, app: str, surroundings: Mapping[str, str], threads: int, outcome: str | None
) -> dict[str, str]:
    """The variables that a step's command starts with."""
    kept = {k: v for k, v in surroundings.items() if k in _KEPT or k.startswith(_KEPT_PREFIXES)}
    own = {
        "PYTHONPATH": app,
        "PYTHONUNBUFFERED": "1",
        # The bundle stays as it was written: no caches in it.
        "PYTHONDONTWRITEBYTECODE": "1",
        "MPLBACKEND": "Agg",
    }
    shared = {name: str(threads) for name in _THREADS}
    extra = {} if outcome is None else {"MLOPSGEN_OUTCOME": outcome}
    secrets = {variable: surroundings[name] for variable, name in step.secrets.items()}
    return {**kept, **own, **shared, **extra, **step.env, **secrets}


def missing_secrets(plan: PlanFile, surroundings: Mapping[str, str]) -> Iterator[Diagnostic]:
    """The secrets that no variable of this environment holds."""
    for step in plan.steps:
        for variable, name in step.secrets.items():
            if name not in surroundings:
                yield Diagnostic(
                    "MG608",
                    f"step `{step.name}` needs secret `{name}`, and the environment has no such variable",
                    spec_path=(*step.place, "secrets", variable),
                    hint=f"type it where nobody keeps it, then run again: `read -rs {name}; export {name}`",
                )
