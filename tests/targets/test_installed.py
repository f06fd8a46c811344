"""Targets are found where Python finds packages, and their packages get the libraries as they are."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlopsgen import targets
from mlopsgen.diagnostics import SpecError
from tests.cli.calling import PROGRAM
from tests.cli.product import lay

ANNOUNCED = """# what pip wrote
[console_scripts]
acme = acme_cloud.cli:main

[mlopsgen.targets]
acme = acme_cloud:Parts.target [fast]
# other = acme_cloud:other
second=acme_cloud : second

[other.group]
third = acme_cloud:third
"""


def package(folder: Path, version: str, text: str = ANNOUNCED) -> Path:
    about = folder / f"acme_cloud-{version}.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: acme-cloud\nVersion: {version}\n")
    (about / "entry_points.txt").write_text(text)
    return folder


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """What is installed is looked at once in each process: here it is looked at again."""
    for known in (targets._entry_points, targets.load):
        known.cache_clear()
    yield monkeypatch
    for known in (targets._entry_points, targets.load):
        known.cache_clear()


def only(fresh: pytest.MonkeyPatch, *folders: Path) -> tuple[str, ...]:
    fresh.setattr("sys.path", [str(folder) for folder in folders])
    return targets.names()


def test_ours_are_installed(fresh: pytest.MonkeyPatch) -> None:
    assert {"azureml", "kubeflow", "local", "sagemaker", "vertex"} <= {*targets.names()}
    assert targets.package("local") == ("mlopsgen", "0.1.0")


def test_what_a_package_announces(tmp_path: Path, fresh: pytest.MonkeyPatch) -> None:
    assert only(fresh, package(tmp_path, "1.2")) == ("acme", "second")
    assert targets.package("acme") == ("acme-cloud", "1.2")


def test_the_object_itself(tmp_path: Path, fresh: pytest.MonkeyPatch) -> None:
    package(tmp_path, "1.2")
    (tmp_path / "acme_cloud.py").write_text("class Parts:\n    target = 'a target'\nsecond = 2\n")
    only(fresh, tmp_path)
    assert [targets.load(name) for name in targets.names()] == ["a target", 2]


def test_the_package_that_python_imports_counts(tmp_path: Path, fresh: pytest.MonkeyPatch) -> None:
    first = package(tmp_path / "first", "2.0", "[mlopsgen.targets]\nacme = new:target\n")
    assert only(fresh, first, package(tmp_path / "second", "1.0")) == ("acme",)
    assert targets.package("acme") == ("acme-cloud", "2.0")


def test_one_that_cannot_be_imported_names_its_package(tmp_path: Path, fresh: pytest.MonkeyPatch) -> None:
    only(fresh, package(tmp_path, "1.2", "[mlopsgen.targets]\nacme = nowhere_at_all:target\n"))
    with pytest.raises(SpecError, match="MG314") as broken:
        targets.load("acme")
    assert "of package `acme-cloud`" in broken.value.findings[0].message


ANSWERING = """
import pydantic_core
from pydantic import BaseModel

from mlopsgen.targets.local import target


class Answer(BaseModel):
    errors: list[pydantic_core.ErrorDetails]
"""
"""A target whose module has models of libraries' own types, as a program that reads another's answers has."""


def test_a_package_meets_pydantic_as_it_is(tmp_path: Path) -> None:
    package(tmp_path / "site", "1.2", "[mlopsgen.targets]\nacme = acme_answers:target\n")
    (tmp_path / "site/acme_answers.py").write_text(ANSWERING)
    path = {"PYTHONPATH": f"{tmp_path / 'site'}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"}
    done = subprocess.run(
        [*PROGRAM, "compile", "-t", "acme"],
        cwd=lay(tmp_path / "product"),
        env={**os.environ, **path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "build/acme/\n"
