"""A project whose base image, packages and data are named and not fixed, and a world that can fix them."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mlopsgen.cli.compile import command as compile_command
from mlopsgen.cli.lock import command as lock_command
from mlopsgen.lock import NAME, Lock, read_lock
from tests.lock.remotes import Index, Registry, serving

SPEC = """\
apiVersion: mlopsgen/v1
name: churn
code:
  base: {base}
data:
  source: data/churn.csv
  split: none
training: {{run: train.py}}
targets:
  sagemaker: {{region: eu-west-1, account: "123456789012", bucket: acme-ml}}
"""


@dataclass
class Project:
    """The folder of a spec, with the servers that its lock is asked from."""

    root: Path
    registry: Registry
    index: Index

    @property
    def spec(self) -> Path:
        return self.root / "spec.yaml"

    @property
    def base(self) -> str:
        return f"{self.registry.host}/library/python:3.11-slim"

    @property
    def file(self) -> Path:
        return self.root / NAME

    def locked(self) -> Lock:
        return read_lock(self.file.read_bytes())

    def lock(self, *arguments: str) -> Result:
        return CliRunner().invoke(lock_command, [str(self.spec), *arguments])

    def compile(self, *arguments: str) -> Result:
        out = str(self.root / "build")
        return CliRunner().invoke(compile_command, [str(self.spec), "--target", "all", "--out", out, *arguments])

    def emitted(self, path: str) -> str:
        return (self.root / "build" / path).read_text(encoding="utf-8")

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(textwrap.dedent(text), encoding="utf-8")

    def change(self, old: str, new: str) -> None:
        text = self.spec.read_text(encoding="utf-8")
        assert old in text
        self.spec.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def registry() -> Iterator[Registry]:
    remote = Registry()
    with serving(remote):
        yield remote


@pytest.fixture
def index() -> Iterator[Index]:
    remote = Index()
    with serving(remote):
        yield remote


@pytest.fixture
def project(
    tmp_path_factory: pytest.TempPathFactory, registry: Registry, index: Index, monkeypatch: pytest.MonkeyPatch
) -> Project:
    for name in [name for name in os.environ if name.startswith("PIP_") or name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    home = tmp_path_factory.mktemp("home")
    for name, value in {
        "PIP_INDEX_URL": f"http://{index.host}/simple",
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_CACHE_DIR": "1",
        "DOCKER_CONFIG": str(home),
        "HOME": str(home),
    }.items():
        monkeypatch.setenv(name, value)
    # A pause that a test waits for says nothing that the number of questions does not.
    monkeypatch.setattr("time.sleep", lambda _: None)
    new_project = Project(tmp_path_factory.mktemp("project"), registry, index)
    new_project.write("spec.yaml", SPEC.format(base=new_project.base))
    new_project.write("data/churn.csv", "a,b\n1,2\n")
    new_project.write("src/train.py", "print('trained')\n")
    new_project.write("src/requirements.txt", "# what training needs\nacme-learn>=1\n")
    index.add("acme-learn", "1.0", "acme_tables")
    index.add("acme-learn", "1.2", "acme_tables")
    index.add("acme-tables", "0.3")
    return new_project
