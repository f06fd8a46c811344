"""A bundle as somebody who submits it holds it: the emitted files, and the data beside the spec."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True, slots=True)
class Image:
    """What the Dockerfile says about a container that is started without a command of its own."""

    app: Path
    place: str
    entrypoint: tuple[str, ...]
    environment: dict[str, str]


@dataclass(frozen=True, slots=True)
class Emitted:
    """The folder of a bundle, and the folder of the spec that it was made from."""

    folder: Path
    project: Path

    def definition(self, name: str = "pipeline.json") -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / name).read_text())
        return found

    def has(self, name: str) -> bool:
        return (self.folder / name).is_file()

    @property
    def stack(self) -> dict[str, Any]:
        found: dict[str, Any] = yaml.safe_load((self.folder / "stack.yaml").read_text())
        return found

    @property
    def uploads(self) -> dict[str, Path]:
        """The place in S3 of every file that a submit uploads."""
        if not self.has("uploads.json"):
            return {}
        listed = json.loads((self.folder / "uploads.json").read_text())
        return {entry["uri"]: self.project / entry["path"] for entry in listed}

    @property
    def image(self) -> Image:
        """The instructions of the Dockerfile that matter once the image is built."""
        text = re.sub(r"\\\n\s*", "", (self.folder / "image/Dockerfile").read_text())
        lines = [line.partition(" ") for line in text.splitlines() if line and not line.startswith("#")]
        said = {word: rest for word, _, rest in lines}
        assert said["COPY"] == "app/ ./", "the application lies in the working directory"
        environment = dict(pair.split("=", 1) for pair in said["ENV"].split())
        entrypoint = tuple(json.loads(said["ENTRYPOINT"]))
        return Image(self.folder / "image/app", said["WORKDIR"], entrypoint, environment)
