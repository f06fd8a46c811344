"""Containers as processes: folders of this machine in the place of /opt/app, /gcs, /s3 and /minio."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from tests.targets.sagemaker.executor.bundle import Emitted, Image

MOUNTS = {"gs": "/gcs", "s3": "/s3", "minio": "/minio"}
SPARE = "/tmp/mlopsgen"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended, and what it printed."""

    code: int
    stdout: str
    stderr: str


@dataclass(frozen=True, slots=True)
class Machine:
    """One image, and the object stores that its containers see."""

    image: Image
    root: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    """What reaches every process: where the services of the tests answer."""
    places: Mapping[str, Path] = field(default_factory=dict)
    """Further folders of containers → folders of this machine."""

    @property
    def app(self) -> Path:
        return self.root / "app"

    def path(self, uri: str) -> Path:
        """Where the object or folder of an address lies here."""
        said = urlsplit(uri)
        return self.root / said.scheme / said.netloc / said.path.strip("/")

    def run(self, argv: Sequence[str], env: Mapping[str, str], seconds: int = 900) -> Ended:
        """A command in a fresh container; on a machine that others work on too, a training takes minutes."""
        self._built()
        shutil.rmtree(self.root / "spare", ignore_errors=True)
        words = [self.here(word) for word in argv]
        variables = {name: self.here(value) for name, value in {**self._base(), **env, **self.environment}.items()}
        done = subprocess.run(
            words, env=variables, cwd=self.app, capture_output=True, text=True, check=False, timeout=seconds
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def here(self, text: str) -> str:
        """The same text with the folders of this machine."""
        for old, new in self._changes().items():
            text = re.sub(rf"(?:(?<=file://)|(?<![\w./-])){re.escape(old)}(?=[/,:\"]|$)", str(new), text)
        return text

    def _changes(self) -> dict[str, Path]:
        mounts = {mount: self.root / scheme for scheme, mount in MOUNTS.items()}
        return {self.image.place: self.app, SPARE: self.root / "spare", **mounts, **self.places}

    def _built(self) -> None:
        if self.app.exists():
            return
        shutil.copytree(self.image.app, self.app)
        for path in (p for p in self.app.rglob("*") if p.suffix in (".py", ".json")):
            path.write_text(self.here(path.read_text()))

    def _base(self) -> dict[str, str]:
        here = {"PATH": f"{sys.prefix}/bin:/usr/bin:/bin", "HOME": os.environ.get("TMPDIR", "/tmp")}
        return {**here, "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1", **self.image.environment}


def image_of(bundle: Path) -> Image:
    """What the Dockerfile of a bundle says."""
    return Emitted(bundle, bundle).image
