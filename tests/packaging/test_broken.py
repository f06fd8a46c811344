"""A plug-in that cannot be imported is reported by name, and stands in nobody else's way."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlopsgen.testing import PROJECTS
from tests.packaging.environment import Environment, new

pytestmark = pytest.mark.slow
SMALLEST = next(project for project in PROJECTS if project.name == "smallest")


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    environment = new(tmp_path_factory.mktemp("broken"))
    environment.install("broken")
    SMALLEST.lay(environment.folder / "project", "broken", {"some": "block"})
    return environment


def test_others_go_on_working(broken: Environment) -> None:
    done = broken.mlopsgen("compile", "project", "--target", "local", "--verify")
    assert done.returncode == 0, done.stderr


def test_it_is_reported_by_name(broken: Environment) -> None:
    done = broken.mlopsgen("compile", "project", "--target", "broken", "--target", "local")
    assert done.returncode == 1
    assert "error[MG314]: target `broken` of package `mlopsgen-broken` cannot be loaded" in done.stderr
    assert "a_library_that_is_gone" in done.stderr
    assert "upgrade or uninstall `mlopsgen-broken`" in done.stderr


@pytest.mark.parametrize("words", [("targets",), ("explain",), ("check", "project"), ("schema",)])
def test_no_command_falls_over_it(broken: Environment, words: tuple[str, ...]) -> None:
    done = broken.mlopsgen(*words)
    assert done.returncode in (0, 1)
    assert "Traceback" not in done.stderr
    assert "mistake of mlopsgen" not in done.stderr
    assert done.stdout or "MG314" in done.stderr


def test_the_list_of_codes_is_whole_all_the_same(broken: Environment) -> None:
    assert "MG104: " in broken.mlopsgen("explain", "MG104").stdout


def test_its_project_lies_where_it_was(broken: Environment) -> None:
    assert Path(broken.folder / "project/spec.yaml").is_file()
