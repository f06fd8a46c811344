"""Help: every command says what it does and shows examples, and the examples are true."""

from __future__ import annotations

import re
import shlex
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import cast

import click
import pytest

from mlopsgen.cli.group import COMMANDS, program
from mlopsgen.cli.options import Shown
from tests.cli.calling import Program, call
from tests.cli.product import lay
from tests.projects import ROOT

ONLY_PARSED = ("run", "lock", "serve", "score", "rollout")
"""They train, ask the net or a champion, and are tested elsewhere; here one that cannot be parsed fails."""


THERE = [name for name in COMMANDS if find_spec(f"mlopsgen.cli.{name}")]


def command(name: str) -> Shown:
    found = program.get_command(click.Context(program), name)
    return cast("Shown", found)


def examples() -> list[object]:
    lines = [(name, line) for name in THERE for line in command(name).examples if _whole(line)]
    return [pytest.param(name, line, id=line.partition("#")[0].strip()) for name, line in lines]


def _whole(line: str) -> bool:
    """Not a comment, and nothing in it stands for what a reader has to put there."""
    return not line.startswith("#") and "…" not in line


def words(line: str, folder: Path) -> list[str]:
    """What a shell hands to the program: without the comment and redirections, and with `*` written out."""
    said = shlex.split(line, comments=True)
    cut = next((n for n, word in enumerate(said) if word in (">", "2>", "|", "&&")), len(said))
    return [path for word in said[1:cut] for path in _written_out(word, folder)]


def _written_out(word: str, folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.glob(word)) if "*" in word else [word]


@pytest.fixture(scope="module")
def laid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All that an example names: the spec here and in `churn/`, their bundles and registries."""
    folder = lay(tmp_path_factory.mktemp("laid"))
    lay(folder / "churn")
    _wait(folder, "churn")
    _wait(folder / "churn", "churn-production")
    assert call(["compile", "--target", "all"], folder).code == 0
    return folder


def _wait(folder: Path, model: str) -> None:
    """Versions that wait for a person."""
    for version in (2, 3):
        file = folder / ".mlopsgen" / "registry" / model / "versions" / str(version) / "version.json"
        file.parent.mkdir(parents=True)
        file.write_text(f'{{"version": {version}, "status": "pending"}}')


@pytest.fixture
def places(laid: Path, mlopsgen: Program) -> Program:
    """A copy of it, for one example."""
    shutil.copytree(laid, mlopsgen.folder, dirs_exist_ok=True)
    return mlopsgen


@pytest.mark.parametrize("name", THERE)
def test_help_says_what_it_does_and_shows_examples(name: str, mlopsgen: Program) -> None:
    ended = mlopsgen(name, "--help")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith(f"Usage: mlopsgen {name} ")
    _, _, shown = ended.out.partition("\nExamples:\n")
    assert shown.splitlines()
    assert all(line.startswith(("  mlopsgen ", "  #")) for line in shown.splitlines())
    assert mlopsgen(name, "-h").out == ended.out


@pytest.mark.parametrize(("name", "line"), examples())
def test_an_example_runs(name: str, line: str, places: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    said = words(line, places.folder)
    assert said[0] == name
    if name in ONLY_PARSED:
        assert command(name).make_context(name, said[1:]).params
        return
    if name == "init":
        (places.folder / "fresh").mkdir()
        monkeypatch.chdir(places.folder / "fresh")
    ended = places(*said)
    assert ended.code == 0, ended.err


def test_the_program_alone_shows_its_help(mlopsgen: Program) -> None:
    alone, asked = mlopsgen(), mlopsgen("--help")
    assert alone == asked
    assert alone.code == 0
    assert all(f"\n  {name} " in alone.out for name in COMMANDS)


def test_the_flow_in_the_help_names_commands_that_are_there(mlopsgen: Program) -> None:
    said = [line.split()[1] for line in mlopsgen("--help").out.splitlines() if line.startswith("    mlopsgen ")]
    assert said
    assert set(said) <= set(COMMANDS)


def test_the_line_in_the_list_and_the_command_agree_that_it_exists() -> None:
    assert [command(name).name for name in THERE] == list(COMMANDS)
    assert all(line[0].isupper() and not line.endswith(".") for line in COMMANDS.values())


def test_the_readme_lists_every_command() -> None:
    listed = re.findall(r"^\| `mlopsgen ([a-z]+)", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(listed) == sorted(COMMANDS)


def test_the_version(mlopsgen: Program) -> None:
    assert mlopsgen("--version").out == mlopsgen("-V").out == "mlopsgen 0.1.0\n"
