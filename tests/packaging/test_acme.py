"""Somebody else's target, in a package of its own: found, held to the contract, and used like ours."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from mlopsgen.testing import PROJECTS
from tests.packaging.environment import HERE, Environment, new
from tests.projects import ROOT, spec_of

SMALLEST = next(project for project in PROJECTS if project.name == "smallest")
pytestmark = pytest.mark.slow

BLOCK = "  acme: {queue: ml, registry: images.acme.example/ml}\n"


@pytest.fixture(scope="module", params=["wheel", "editable"])
def acme(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    environment = new(tmp_path_factory.mktemp("acme"))
    environment.install("acme", editable=request.param == "editable")
    return environment


def test_it_keeps_the_contract_in_its_own_environment(acme: Environment) -> None:
    # Its whole suite once; that an editable install is found and compiles is what can differ there.
    whole = (acme.folder / "dist").is_dir()
    chosen = [] if whole else ["-k", "found or smallest or whole or name"]
    done = acme.run("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests", *chosen, cwd=acme.folder / "acme")
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout


def test_it_is_a_target_like_ours(acme: Environment, tmp_path: Path) -> None:
    SMALLEST.lay(tmp_path, "acme", {"queue": "ml", "registry": "images.acme.example/ml"})
    done = acme.mlopsgen("compile", "spec.yaml", "--target", "all", "--verify", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (tmp_path / "build").iterdir()} == {"acme", "local"}
    assert "judged by integrity, acme" in done.stdout
    workflow = yaml.safe_load((tmp_path / "build/acme/workflow.yaml").read_text(encoding="utf-8"))
    assert [job["name"] for job in workflow["jobs"]][-1] == "contract-registry"
    assert "ACME101: A job's name is too long" in acme.mlopsgen("explain", "ACME101").stdout


def test_what_it_refuses_is_located(acme: Environment, tmp_path: Path) -> None:
    text = spec_of("wine").read_text(encoding="utf-8") + BLOCK
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "wine.csv").write_bytes((ROOT / "examples/wine/data/wine.csv").read_bytes())
    (tmp_path / "spec.yaml").write_text(text, encoding="utf-8")
    done = acme.mlopsgen("compile", "spec.yaml", "--target", "acme", cwd=tmp_path)
    assert done.returncode == 1
    assert "error[MG301]: Acme Batch does not do this: random search" in done.stderr


def test_it_touches_nothing_of_ours() -> None:
    ours = subprocess.run(
        ["git", "grep", "-il", "acme_batch", "--", "src", "templates", "schemas", "pyproject.toml"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ours.stdout == ""
    assert not [path for path in HERE.rglob("*") if path.name in ("build", "dist")]
