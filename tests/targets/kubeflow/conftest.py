"""Projects as bundles of Kubeflow on disk, and namespaces that run them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import TypeAlias

import pytest

from mlopsgen.bundle import write
from mlopsgen.compile import CompileRequest, compile_spec
from tests.projects import spec_of

from .executor.cluster import Namespace, namespace

Submit: TypeAlias = Callable[..., Namespace]
NOTHING: Mapping[str, str] = {}
LEFT_THERE = shutil.ignore_patterns(".*", "build", "__pycache__", "tests")


@pytest.fixture
def submitted(tmp_path: Path) -> Iterator[Submit]:
    """The namespace of an example; words of the spec can be changed first."""
    with ExitStack() as stack:

        def made(example: str, changes: Mapping[str, str] = NOTHING) -> Namespace:
            folder = tmp_path / example
            shutil.copytree(spec_of(example).parent, folder, ignore=LEFT_THERE)
            said = (folder / "spec.yaml").read_text()
            for old, new in changes.items():
                assert old in said
                said = said.replace(old, new)
            (folder / "spec.yaml").write_text(said)
            return stack.enter_context(compiled(folder, tmp_path / "cluster"))

        yield made


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Submit]:
    """The namespace of a project that a test writes: its files by name, spec.yaml among them."""
    with ExitStack() as stack:

        def made(files: Mapping[str, str]) -> Namespace:
            for name, text in files.items():
                path = tmp_path / "project" / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            return stack.enter_context(compiled(tmp_path / "project", tmp_path / "cluster"))

        yield made


def compiled(folder: Path, root: Path) -> AbstractContextManager[Namespace]:
    """The namespace that a project's bundle runs in."""
    spec = folder / "spec.yaml"
    write(compile_spec(CompileRequest(spec, spec.read_bytes()), "kubeflow").bundle, folder / "build/kubeflow")
    return namespace(folder, root)
