"""A process that sees /opt/ml and /opt/app as a container of the service would.

With mount namespaces (as root, or in a user namespace) the paths are the real ones. Where the
machine allows neither, a copy of the application and all words have the paths of this machine.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

from .bundle import Image

ML = "/opt/ml"
LAID_OUT = """
set -e
keep=$1 ml=$2 app=$3 place=$4; shift 4
mkdir -p "$keep" && mount --rbind /opt "$keep" && mount -t tmpfs tmpfs /opt
for old in "$keep"/*; do
  if [ -d "$old" ]; then mkdir "/opt/${old##*/}" && mount --rbind "$old" "/opt/${old##*/}"; fi
done
mkdir -p /opt/ml "$place" && mount --bind "$ml" /opt/ml && mount --bind "$app" "$place"
cd "$place" && exec "$@"
"""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended, and what it printed."""

    code: int
    stdout: str
    stderr: str


class Container(Protocol):
    """Starts a command of an image with a folder as its /opt/ml."""

    def run(self, image: Image, ml: Path, argv: Sequence[str], env: Mapping[str, str], seconds: int) -> Ended: ...


class Mounted:
    """The real paths, in a mount namespace of their own."""

    def run(self, image: Image, ml: Path, argv: Sequence[str], env: Mapping[str, str], seconds: int) -> Ended:
        keep = ml.with_name(f"{ml.name}-opt")
        laid_out = ("sh", "-c", LAID_OUT, "sh", str(keep), str(ml), str(image.app), image.place)
        return _ran((*unshare(), *laid_out, *argv), environment(image, env), seconds)


class Rewritten:
    """The paths of this machine, in words, variables, and the text of a copy of the application."""

    def run(self, image: Image, ml: Path, argv: Sequence[str], env: Mapping[str, str], seconds: int) -> Ended:
        app = ml.with_name(f"{ml.name}-app")
        changes = {ML: str(ml), image.place: str(app)}
        shutil.copytree(image.app, app)
        for path in (p for folder in (app, ml) for p in folder.rglob("*") if p.suffix in (".py", ".json")):
            path.write_text(_changed(path.read_text(), changes))
        words = [_changed(word, changes) for word in argv]
        variables = {name: _changed(value, changes) for name, value in environment(image, env).items()}
        return _ran(words, variables, seconds, app)


def container() -> Container:
    """The nearest thing to a container that this machine allows."""
    return Mounted() if unshare() else Rewritten()


@cache
def unshare() -> tuple[str, ...]:
    """The command that makes a mount namespace, or nothing where it is not allowed."""
    if shutil.which("unshare") is None:
        return ()
    user = () if os.geteuid() == 0 else ("--map-root-user",)
    command = ("unshare", *user, "--mount", "--")
    probe = subprocess.run((*command, "mount", "-t", "tmpfs", "tmpfs", "/opt"), capture_output=True, check=False)
    return command if probe.returncode == 0 else ()


def environment(image: Image, own: Mapping[str, str]) -> dict[str, str]:
    """The image's variables, then the job's; nothing of this process."""
    here = {"PATH": f"{sys.prefix}/bin:/usr/bin:/bin", "HOME": "/tmp", "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1"}
    return {**here, **image.environment, **own}


def _changed(text: str, changes: Mapping[str, str]) -> str:
    for old, new in changes.items():
        text = text.replace(old, new)
    return text


def _ran(argv: Sequence[str], env: Mapping[str, str], seconds: int, cwd: Path | None = None) -> Ended:
    done = subprocess.run(argv, env=env, cwd=cwd, capture_output=True, text=True, check=False, timeout=seconds)
    return Ended(done.returncode, done.stdout, done.stderr)
