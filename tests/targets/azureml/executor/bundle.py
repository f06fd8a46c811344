"""A bundle as somebody who submits it holds it: the emitted files, and the data beside the spec."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml


class Broken(Exception):
    """Azure ML would not know what this means."""


@dataclass(frozen=True, slots=True)
class Emitted:
    """The folder of a bundle, and the folder of the spec that it was made from."""

    folder: Path
    project: Path

    def read(self, name: str, beside: str = "") -> dict[str, Any]:
        """A YAML file; paths in it are relative to the file that names them."""
        path = (self.folder / beside).parent / name if beside else self.folder / name
        found: dict[str, Any] = yaml.safe_load(path.resolve().read_text())
        return found

    def all(self, folder: str) -> dict[str, dict[str, Any]]:
        """Every YAML file of a folder, by its path in the bundle."""
        return {str(p.relative_to(self.folder)): self.read(str(p)) for p in sorted(self.folder.glob(f"{folder}/*.yml"))}

    def template(self, name: str) -> dict[str, Any]:
        path = self.folder / "infra" / name
        found: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {"resources": []}
        return found

    @property
    def uploads(self) -> dict[str, Path]:
        """The place in the datastore of every file that a submit uploads."""
        path = self.folder / "uploads.json"
        listed = json.loads(path.read_text()) if path.exists() else []
        return {entry["uri"]: self.project / entry["path"] for entry in listed}

    @property
    def environment(self) -> dict[str, str]:
        """What the Dockerfile says of the environment of every command."""
        text = re.sub(r"\\\n\s*", "", (self.folder / "image/Dockerfile").read_text())
        lines = [line.partition(" ") for line in text.splitlines() if line and not line.startswith("#")]
        said = {word: rest for word, _, rest in lines}
        assert said["COPY"] == "app/ ./"
        assert said["WORKDIR"] == "/opt/app"
        return dict(pair.split("=", 1) for pair in said["ENV"].split())
