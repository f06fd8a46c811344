"""Projects as bundles of Kubeflow on disk, and namespaces that run them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TypeAlias

import pytest

from mlopsgen.bundle import write
from mlopsgen.compile import Asked, compile_spec
from tests.projects import spec_of

from .executor.cluster import Namespace, namespace

Submit: TypeAlias = Callable[..., Namespace]
NOTHING: Mapping[str, str] = {}
LEFT_THERE = shutil.ignore_patterns(".*", "build", "__pycache__", "tests")


@pytest.fixture
def submitted(tmp_path: Path) -> Iterator[Submit]:
    """The namespace of an example; words of the spec can be changed first, and files added."""
    with ExitStack() as stack:

        def made(example: str, changes: Mapping[str, str] = NOTHING, files: Mapping[str, str] = NOTHING) -> Namespace:
            folder = tmp_path / example
            shutil.copytree(spec_of(example).parent, folder, ignore=LEFT_THERE)
            for name, text in files.items():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_text(text)
            spec = folder / "spec.yaml"
            said = spec.read_text()
            for old, new in changes.items():
                assert old in said
                said = said.replace(old, new)
            spec.write_text(said)
            write(compile_spec(Asked(spec, spec.read_bytes()), "kubeflow").bundle, folder / "build/kubeflow")
            return stack.enter_context(namespace(folder, tmp_path / "cluster"))

        yield made
