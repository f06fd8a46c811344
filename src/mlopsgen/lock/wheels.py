"""Every package that some requirements come to in the image, with versions and hashes, through pip."""

from __future__ import annotations

import json
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mlopsgen.diagnostics import Diagnostic, Severity, SpecError
from mlopsgen.lock.web import away

_NEWEST_GLIBC = 36
"""Of Debian 12, the oldest that python's slim images still stand on."""
_PLATFORMS = (
    *(f"manylinux_2_{minor}_x86_64" for minor in range(_NEWEST_GLIBC, 4, -1)),
    *("manylinux2014_x86_64", "manylinux2010_x86_64", "manylinux1_x86_64", "linux_x86_64"),
)
_HASH = re.compile(r"\s--hash=\S+")
_NOBODY = re.compile(
    r"Retrying \(Retry|Connection (?:broken|refused|aborted|reset|error)|NewConnectionError|ConnectTimeout|ReadTimeout"
    r"|Name or service not known|Temporary failure in name resolution|Max retries exceeded"
    r"|HTTP error(?: code)?:? (?:5\d\d|429)|(?:5\d\d Server|429 Client) Error",
    re.IGNORECASE,
)
_NOT_FOUND = re.compile(r"No matching distribution found for (.+?)\s*$", re.MULTILINE)
_ODD_MACHINE = "markers such as `; sys_platform == …` are judged by this machine, the image is Linux on x86-64"


def resolved(python: str, requirements: Sequence[str]) -> tuple[str, ...]:
    """Each package with version and hash, sorted: what pip installs for these lines in an image of this Python.

    Raises SpecError MG131 when the lines cannot be met by wheels, Unreachable when no index answers.
    """
    if not requirements:
        return ()
    with tempfile.TemporaryDirectory(prefix="mlopsgen-lock-") as folder:
        lines, report = Path(folder) / "requirements.txt", Path(folder) / "report.json"
        lines.write_text("".join(f"{_HASH.sub('', line)}\n" for line in requirements), encoding="utf-8")
        # With a platform pip wants a folder to install to, even when it installs nothing.
        files = ("--target", f"{folder}/unused", "--report", str(report), "-r", str(lines))
        argv = [_interpreter(python), *_arguments(python), *files]
        ended = subprocess.run(argv, capture_output=True, text=True, errors="replace", check=False)
        if ended.returncode:
            raise _stopped(ended.stdout, ended.stderr, requirements)
        packages = json.loads(report.read_bytes())["install"]
    return tuple(sorted(map(_line, packages), key=str.lower))


def markers_differ(python: str) -> Iterator[Diagnostic]:
    """A warning where pip judges markers by another machine or Python than the image's."""
    same = (sys.platform, platform.machine().lower()) in (("linux", "x86_64"), ("linux", "amd64"))
    if not same:
        hint = "lock on such a machine, or in the image, when a requirement has markers"
        yield Diagnostic("MG131", _ODD_MACHINE, hint=hint, severity=Severity.WARNING)
    elif _minor(_interpreter(python)) != python:
        message = f"markers such as `; python_version < …` are judged by Python {_here()}, the image has {python}"
        hint = f"put python{python} on the PATH when a requirement has markers"
        yield Diagnostic("MG131", message, ("code", "python"), hint=hint, severity=Severity.WARNING)


def _here() -> str:
    return f"{sys.version_info[0]}.{sys.version_info[1]}"


def _interpreter(python: str) -> str:
    """The image's Python where it is installed here with pip, else this one: pip judges markers by its own."""
    if python == _here():
        return sys.executable
    other = shutil.which(f"python{python}")
    return other if other and _minor(other) == python else sys.executable


def _minor(path: str) -> str | None:
    """The version of an interpreter that has pip."""
    if path == sys.executable:
        return _here()
    ask = "import pip, sys; print('%d.%d' % sys.version_info[:2])"
    try:
        return subprocess.run([path, "-c", ask], capture_output=True, text=True, check=True, timeout=60).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return None


def _arguments(python: str) -> list[str]:
    """Only wheels: what is built on this machine says nothing about the image, and building runs strangers' code."""
    fixed = ["-m", "pip", "install", "--dry-run", "--ignore-installed", "--no-input", "--disable-pip-version-check"]
    image = ["--only-binary=:all:", "--implementation", "cp", "--python-version", python]
    abis = ("cp" + python.replace(".", ""), "abi3", "none")
    tags = [f"--platform={name}" for name in _PLATFORMS] + [f"--abi={name}" for name in abis]
    # pip passes over an index that fails as if it had nothing, and only -vv tells the one from the other.
    return [*fixed, *image, *tags, "--retries", "2", "--progress-bar", "off", "-vv"]


def _line(entry: Mapping[str, Any]) -> str:
    about, source = entry["metadata"], entry["download_info"]
    hashes = source.get("archive_info", {}).get("hashes", {})
    if "sha256" not in hashes:
        message = f"`{about['name']}` comes from where nothing has a digest, so it cannot be fixed"
        raise SpecError([Diagnostic("MG131", message, ("code", "requirements"), hint="name a release or a wheel")])
    what = f" @ {source['url'].partition('#')[0]}" if entry.get("is_direct") else f"=={about['version']}"
    return f"{_project(about['name'])}{what} --hash=sha256:{hashes['sha256']}"


def _project(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _stopped(stdout: str, stderr: str, requirements: Sequence[str]) -> SpecError:
    if _NOBODY.search(stdout) or _NOBODY.search(stderr):
        return away("the package index does not answer")
    if "No module named pip" in stderr:
        hint = f"{sys.executable} -m ensurepip"
        return SpecError([Diagnostic("MG131", "requirements are locked with pip, which is not installed", hint=hint)])
    if missing := _NOT_FOUND.search(stderr):
        message = f"there is no wheel for Linux on x86-64 that meets `{missing[1]}`"
        hint = "mend the name or the version; what has no wheel belongs into your base image (`code.base`)"
        return SpecError([Diagnostic("MG131", message, ("code", "requirements"), hint=hint)])
    reasons = [line.removeprefix("ERROR: ") for line in stderr.splitlines() if line.strip()][-8:]
    message = "\n".join((f"pip cannot meet `{', '.join(requirements)}`:", *reasons))
    return SpecError([Diagnostic("MG131", message, ("code", "requirements"), hint="loosen what contradicts")])
