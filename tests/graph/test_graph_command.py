"""`mlopsgen graph`: on stdout or in a file, and not a word of a spec that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from mlopsgen.cli.graph import command
from mlopsgen.graph import mermaid, svg
from tests.graph.pictures import example
from tests.projects import spec_of

SPEC = str(spec_of("diabetes"))


def test_mermaid_goes_to_stdout() -> None:
    done = CliRunner().invoke(command, [SPEC])
    assert (done.exit_code, done.stdout) == (0, mermaid(example("diabetes")))


def test_a_picture_goes_to_stdout_when_asked_for() -> None:
    done = CliRunner().invoke(command, [SPEC, "--svg"])
    assert (done.exit_code, done.stdout) == (0, svg(example("diabetes")))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("graph.svg", svg(example("diabetes"))),
        ("graph.mmd", mermaid(example("diabetes"))),
        ("graph.md", f"```mermaid\n{mermaid(example('diabetes'))}```\n"),
    ],
)
def test_the_ending_of_a_file_says_what_is_written(tmp_path: Path, name: str, text: str) -> None:
    done = CliRunner().invoke(command, [SPEC, "--out", str(tmp_path / "new" / name)])
    assert (done.exit_code, done.stdout) == (0, f"{tmp_path / 'new' / name}\n")
    assert (tmp_path / "new" / name).read_bytes() == text.encode()


def test_a_file_that_cannot_be_written_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    done = CliRunner().invoke(command, [SPEC, "--out", str(tmp_path / "taken" / "graph.svg")])
    assert done.exit_code == 1
    assert "MG410" in done.stderr


def test_a_wrong_spec_is_not_drawn(tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_text("apiVersion: mlopsgen/v1\nname: a\ntraning: {run: train.py}\n")
    done = CliRunner().invoke(command, [str(tmp_path)])
    assert (done.exit_code, done.stdout) == (1, "")
    assert "spec.yaml:3:1" in done.stderr


@pytest.mark.parametrize("name", ["g.png", "g"])
def test_a_picture_that_cannot_be_written_is_refused_with_those_that_can(name: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(command, [SPEC, "--out", str(tmp_path / name)])
    assert done.exit_code == 2
    assert "ends in none of .svg, .mmd, .md" in done.stderr
    assert not (tmp_path / name).exists()


def test_mermaid_is_not_written_to_where_a_picture_was_asked_for(tmp_path: Path) -> None:
    done = CliRunner().invoke(command, [SPEC, "--svg", "--out", str(tmp_path / "g.md")])
    assert (done.exit_code, (tmp_path / "g.md").exists()) == (2, False)
