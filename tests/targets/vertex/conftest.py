"""Examples as bundles of Vertex AI on disk, and projects that run them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from mlopsgen.bundle import write
from mlopsgen.compile import CompileRequest, compile_spec
from tests.projects import spec_of
from tests.targets.ir.executor.world import World

from .executor.google import Google, served
from .executor.launchers import IMAGE, Jobs

NOTHING: Mapping[str, str] = {}
LEFT_THERE = shutil.ignore_patterns(".*", "build", "__pycache__", "tests")


@dataclass(frozen=True, slots=True)
class Project:
    """A project of Google's with one bundle in it, everything submitted."""

    folder: Path
    world: World
    google: Google
    jobs: Jobs

    @property
    def bundle(self) -> Path:
        return self.world.bundle

    def versions(self, model: str) -> list[dict[str, Any]]:
        """The versions of a model."""
        return self.google.models.get(f"projects/acme-ml/locations/europe-west1/models/{model}", [])


Submit: TypeAlias = Callable[..., Project]


@pytest.fixture
def submitted(tmp_path: Path) -> Iterator[Submit]:
    """The project of an example; words of the spec can be changed first."""
    with ExitStack() as stack:

        def made(example: str, changes: Mapping[str, str] = NOTHING) -> Project:
            folder = tmp_path / example
            shutil.copytree(spec_of(example).parent, folder, ignore=LEFT_THERE)
            spec = folder / "spec.yaml"
            text = spec.read_text()
            for old, new in changes.items():
                assert old in text
                text = text.replace(old, new)
            spec.write_text(text)
            return stack.enter_context(project(folder, tmp_path / "google"))

        yield made


class project:  # noqa: N801 - reads as the verb it stands for
    """Compiles a spec, uploads its data, and keeps Google's services there as long as it is entered."""

    def __init__(self, folder: Path, root: Path) -> None:
        self.folder, self.root, self.stack = folder, root, ExitStack()

    def __enter__(self) -> Project:
        spec, bundle = self.folder / "spec.yaml", self.folder / "build/vertex"
        write(compile_spec(CompileRequest(spec, spec.read_bytes()), "vertex").bundle, bundle)
        google = self.stack.enter_context(served(Google(self.root / "gs", prompt=True)))
        jobs = Jobs(lambda: world.machine)
        world = World(bundle, self.root, environment=google.environment, launchers={IMAGE: jobs})
        listed = bundle / "uploads.json"
        for upload in json.loads(listed.read_text()) if listed.exists() else ():
            world.put(upload["uri"], self.folder / upload["path"])
        return Project(self.folder, world, google, jobs)

    def __exit__(self, *_: object) -> None:
        self.stack.close()
