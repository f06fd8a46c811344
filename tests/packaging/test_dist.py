"""What `make dist` proves, in pieces: the wheel is whole, and compiles what the checkout compiles."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.projects import ROOT
from tools import dist

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    built, _ = dist.build(tmp_path_factory.mktemp("dist") / "out")
    return built


def rewritten(wheel: Path, folder: Path, keep: Callable[[str], bool], **added: str) -> Path:
    copy = folder / wheel.name
    with ZipFile(wheel) as old, ZipFile(copy, "w") as new:
        for name in filter(keep, old.namelist()):
            new.writestr(name, old.read(name))
        for name, text in added.items():
            new.writestr(name.replace("__", "/"), text)
    return copy


def test_it_holds_the_package_and_nothing_else(wheel: Path, tmp_path: Path) -> None:
    assert list(dist.contents(wheel)) == []
    without = rewritten(wheel, tmp_path, lambda name: not name.endswith(("py.typed", "Dockerfile.j2")))
    assert list(dist.contents(without)) == [
        "the wheel has no mlopsgen/py.typed",
        "the wheel has no mlopsgen/templates/_shared/image/Dockerfile.j2",
    ]
    stranger = rewritten(wheel, tmp_path, lambda _: True, tests__x="")
    assert list(dist.contents(stranger)) == ["the wheel has tests/x, which is no part of it"]
    slow = rewritten(wheel, tmp_path, lambda name: "mlopsgen/precompiled/" not in name)
    assert list(dist.contents(slow)) == ["the wheel has no mlopsgen/precompiled/t_"]


def test_what_it_compiles_is_what_is_expected(wheel: Path, tmp_path: Path) -> None:
    offline = ("--no-deps", "--no-index", "--no-compile", "--disable-pip-version-check", "--quiet")
    dist.call(sys.executable, "-m", "pip", "install", *offline, "--target", str(tmp_path / "site"), str(wheel))
    env = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    told = "import mlopsgen; print(mlopsgen.__file__)"
    found = subprocess.run([sys.executable, "-c", told], env=env, capture_output=True, text=True, check=True).stdout
    assert found.startswith(str(tmp_path))
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/golden_test"]
    done = subprocess.run(words, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
