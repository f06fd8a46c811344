"""`mlopsgen init`: what it writes runs as it stands, and what was there stays."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from mlopsgen.cli.starting import misnamed, name_from
from mlopsgen.resources import STARTER
from mlopsgen.spec.options import TargetOptions
from mlopsgen.targets.sagemaker import SageMaker
from tests.cli.calling import Program, call

WRITTEN = {
    ".gitignore",
    ".mlopsgen.schema.json",
    "data/sample.csv",
    "spec.yaml",
    "src/evaluate.py",
    "src/requirements.txt",
    "src/train.py",
    "tests/test_scripts.py",
}


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_everything_is_written_and_named(mlopsgen: Program) -> None:
    ended = mlopsgen("init", "churn")
    assert ended.code == 0
    assert files(mlopsgen.folder / "churn") == WRITTEN
    listed, _, after = ended.out.partition("\n\nNext:\n")
    assert {line.removeprefix("churn/") for line in listed.splitlines()} == WRITTEN
    assert after.startswith("  cd churn\n  mlopsgen check ")


def test_no_file_speaks_of_another_subject_than_the_product(mlopsgen: Program) -> None:
    """`init churn` made a product `churn` whose description, card and README were about irises."""
    mlopsgen("init", "churn")
    folder = mlopsgen.folder / "churn"
    spec = yaml.safe_load((folder / "spec.yaml").read_text())
    assert spec["description"] == "churn, on sample data until its own are there"
    said = WRITTEN - {"data/sample.csv", ".mlopsgen.schema.json"}
    lines = [line for name in said for line in (folder / name).read_text().splitlines()]
    assert [line for line in lines if re.search("iris|flower", line, re.IGNORECASE) and "a sample" not in line] == []
    assert mlopsgen("compile", "churn", "--target", "local").code == 0
    assert not re.search("iris|flower", (mlopsgen.folder / "build/local/README.md").read_text(), re.IGNORECASE)


def test_it_checks_and_compiles_for_every_target_without_a_change(mlopsgen: Program) -> None:
    mlopsgen("init")
    checked = mlopsgen("check")
    assert (checked.code, checked.err) == (0, "")
    assert mlopsgen("compile", "--target", "all").code == 0
    compiled = json.loads((mlopsgen.folder / "build" / "sagemaker" / "manifest.json").read_text())
    assert "pipeline.json" in compiled["files"]


def test_the_first_line_leads_editors_to_the_schema(mlopsgen: Program) -> None:
    mlopsgen("init")
    first = (mlopsgen.folder / "spec.yaml").read_text().splitlines()[0]
    assert first == "# yaml-language-server: $schema=.mlopsgen.schema.json"
    written = (mlopsgen.folder / ".mlopsgen.schema.json").read_text()
    printed = mlopsgen("schema").out
    assert json.loads(written) == json.loads(printed)
    assert (written.count("\n"), len(written) < 0.75 * len(printed)) == (1, True), "no blanks that nobody reads"


def test_a_file_that_is_there_is_never_touched(mlopsgen: Program) -> None:
    (mlopsgen.folder / "src").mkdir()
    mine = mlopsgen.folder / "src" / "train.py"
    mine.write_text("mine\n")
    ended = mlopsgen("init")
    assert ended.code == 1
    assert "error[MG406]: `src/train.py` is there already" in ended.err
    assert files(mlopsgen.folder) == {"src/train.py"}
    assert mine.read_text() == "mine\n"


def test_a_gitignore_of_ones_own_stays(mlopsgen: Program) -> None:
    mine = mlopsgen.folder / ".gitignore"
    mine.write_text("secrets\n")
    ended = mlopsgen("init", "--name", "churn")
    assert ended.code == 0
    assert mine.read_text() == "secrets\n"
    assert "`build/` and `.mlopsgen/`" in ended.err


def test_it_can_be_said_twice(mlopsgen: Program) -> None:
    assert mlopsgen("init", "churn").out == mlopsgen("init", "churn").out


def test_a_folder_that_cannot_be_made_is_a_finding(mlopsgen: Program) -> None:
    (mlopsgen.folder / "file").write_text("")
    ended = mlopsgen("init", "file/churn")
    assert ended.code == 1
    assert "error[MG410]: `file/churn" in ended.err
    assert mlopsgen("init", "file").code == 2


def test_blocks_of_the_targets_that_were_asked_for(mlopsgen: Program) -> None:
    mlopsgen("init", "cloud", "--target", "sagemaker")
    mlopsgen("init", "here", "--target", "local")
    cloud, here = (yaml.safe_load((mlopsgen.folder / name / "spec.yaml").read_text()) for name in ("cloud", "here"))
    assert cloud["targets"] == {"sagemaker": {"region": "eu-west-1", "account": "123456789012", "bucket": "acme-ml"}}
    assert "targets" not in here


class Unknown(TargetOptions):
    tenant: str


def test_a_block_that_only_its_owner_can_write(mlopsgen: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SageMaker, "options", Unknown)
    ended = mlopsgen("init", "churn", "--target", "sagemaker")
    assert ended.code == 0
    assert ended.err == "`targets.sagemaker` needs facts that only you know: write it into the spec\n"
    assert "targets" not in yaml.safe_load((mlopsgen.folder / "churn" / "spec.yaml").read_text())


def test_a_target_that_is_misspelt(mlopsgen: Program) -> None:
    ended = mlopsgen("init", "churn", "--target", "sagemakr")
    assert ended.code == 1
    assert "did you mean `sagemaker`?" in ended.err
    assert not (mlopsgen.folder / "churn").exists()


@pytest.mark.parametrize(
    ("folder", "name"),
    [("churn", "churn"), ("My First Product!", "my-first-product"), ("2024_sales", "sales"), ("Zürich", "z-rich")],
)
def test_a_folder_gives_the_name(folder: str, name: str, mlopsgen: Program) -> None:
    assert name_from(folder) == name
    mlopsgen("init", folder)
    assert yaml.safe_load((mlopsgen.folder / folder / "spec.yaml").read_text())["name"] == name


def test_a_name_that_cannot_be(mlopsgen: Program) -> None:
    ended = mlopsgen("init", "--name", "Churn Model")
    assert ended.code == 2
    assert "`churn-model` would be one" in ended.err
    assert "say `--name NAME`" in mlopsgen("init", "2024").err
    assert not misnamed("a" * 48)
    assert misnamed("a" * 49)
    assert len(name_from("a" * 60)) == 48


def test_the_starter_holds_nothing_that_is_not_written() -> None:
    there = {path for path in files(STARTER) if "__pycache__" not in path}
    assert there == WRITTEN - {"spec.yaml", ".mlopsgen.schema.json"}


@pytest.mark.slow
def test_a_fresh_folder_runs_and_passes_its_own_tests(tmp_path: Path) -> None:
    assert call(["init", "churn"], tmp_path).code == 0
    folder = tmp_path / "churn"
    for argv in (["check"], ["compile", "-t", "sagemaker", "--verify"], ["run"]):
        ended = call(argv, folder)
        assert ended.code == 0, ended.err
    assert "churn version 1, the champion now" in ended.out
    tested = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert tested.returncode == 0, tested.stdout
    assert "2 passed" in tested.stdout
