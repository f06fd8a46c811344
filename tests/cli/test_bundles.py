"""Bundles on disk: what is refused, the ways out that the messages name, and who judges."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from mlopsgen.bundle import FORMAT
from tests.cli.calling import Ended, Program, call
from tests.cli.product import SPEC

OUT = ("compile", "--target", "local")
PATCH = """\
  local:
    patches: [{file: plan.json, at: /parameters/score, merge: {description: by hand}}]
"""


@pytest.fixture
def written(project: Program) -> Program:
    """The project with the bundle of this machine under build/local."""
    assert project(*OUT).code == 0
    return project


def bundle(project: Program) -> Path:
    return project.folder / "build" / "local"


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refused(ended: Ended, code: str) -> str:
    """The only finding of a command that was refused."""
    assert (ended.code, ended.out) == (1, "")
    assert re.findall(r"error\[(\w+)\]", ended.err) == [code]
    return ended.err


def edit(project: Program) -> str:
    """Changes the plan by hand; gives the text that it has now."""
    plan = bundle(project) / "plan.json"
    plan.write_text(plan.read_text().replace('"description": ""', '"description": "by hand"', 1))
    return plan.read_text()


def change(project: Program) -> None:
    """A new spec, so that there is something to write."""
    (project.folder / "spec.yaml").write_text(SPEC.replace("name: churn\n", "name: churn\ndescription: new\n"))


class TestEditedByHand:
    def test_it_is_not_written_over(self, written: Program) -> None:
        mine = edit(written)
        said = refused(written(*OUT), "MG407")
        assert "`build/local` was edited by hand: `plan.json`" in said
        assert "`targets.<target>.patches`, and compile with `--force`; `--force` alone drops it" in said
        assert (bundle(written) / "plan.json").read_text() == mine

    def test_the_change_lives_on_as_a_patch(self, written: Program) -> None:
        edit(written)
        (written.folder / "spec.yaml").write_text(SPEC + PATCH)
        refused(written(*OUT), "MG407")
        assert written(*OUT, "--force").code == 0
        assert (
            json.loads((bundle(written) / "plan.json").read_text())["parameters"]["score"]["description"] == "by hand"
        )
        assert written("verify", "build/local").code == 0
        assert written(*OUT).code == 0, "from now on without --force"

    def test_force_drops_it(self, written: Program) -> None:
        before = files(bundle(written))
        edit(written)
        assert written(*OUT, "--force").out == "build/local/\n"
        assert files(bundle(written)) == before

    def test_no_other_target_is_written_either(self, written: Program) -> None:
        edit(written)
        change(written)
        refused(written("compile", "--target", "sagemaker", "--target", "local"), "MG407")
        assert not (written.folder / "build" / "sagemaker").exists()

    def test_run_does_not_write_over_it_either(self, written: Program) -> None:
        edit(written)
        refused(written("run"), "MG407")

    def test_verify_says_what_differs(self, written: Program) -> None:
        edit(written)
        ended = written("verify", "build/local")
        assert ended.code == 1
        assert "error[MG444]: `plan.json` is not what was compiled" in ended.err


class TestUnknownFiles:
    def test_they_are_not_removed(self, written: Program) -> None:
        (bundle(written) / "notes.txt").write_text("mine\n")
        change(written)
        said = refused(written(*OUT), "MG406")
        assert "files that mlopsgen did not write: `notes.txt`" in said
        assert "choose another `--out`; `--force` removes them" in said
        assert (bundle(written) / "notes.txt").read_text() == "mine\n"

    def test_moved_away_they_are_in_nobodys_way(self, written: Program) -> None:
        (bundle(written) / "notes.txt").write_text("mine\n")
        change(written)
        (bundle(written) / "notes.txt").rename(written.folder / "notes.txt")
        assert written(*OUT).code == 0

    def test_another_folder_is_a_way_out(self, written: Program) -> None:
        (bundle(written) / "notes.txt").write_text("mine\n")
        change(written)
        assert written(*OUT, "--out", "other").out == "other/local/\n"
        assert written("verify", "other/local").code == 0

    def test_force_removes_them(self, written: Program) -> None:
        (bundle(written) / "notes.txt").write_text("mine\n")
        assert written(*OUT, "--force").code == 0
        assert not (bundle(written) / "notes.txt").exists()

    def test_a_folder_that_was_never_a_bundle(self, project: Program) -> None:
        (project.folder / "out" / "local").mkdir(parents=True)
        (project.folder / "out" / "local" / "thesis.txt").write_text("mine\n")
        assert "`thesis.txt`" in refused(project(*OUT, "-o", "out"), "MG406")

    def test_force_never_takes_a_repository_away(self, project: Program) -> None:
        (project.folder / "out" / "local" / ".git").mkdir(parents=True)
        (project.folder / "out" / "local" / "thesis.txt").write_text("mine\n")
        assert "a repository" in refused(project(*OUT, "-o", "out", "--force"), "MG406")


class TestNewerFormat:
    @pytest.fixture(autouse=True)
    def _later(self, written: Program) -> None:
        manifest = bundle(written) / "manifest.json"
        manifest.write_text(manifest.read_text().replace(f'"format": {FORMAT}', f'"format": {FORMAT + 1}'))
        change(written)

    def test_it_is_not_written_over(self, written: Program) -> None:
        said = refused(written(*OUT), "MG408")
        assert f"format {FORMAT + 1}, this one knows {FORMAT}" in said
        assert "upgrade mlopsgen, or write over it with `--force`" in said

    def test_force_writes_over_it(self, written: Program) -> None:
        assert written(*OUT, "--force").code == 0
        assert written("verify", "build/local").code == 0

    def test_verify_does_not_guess(self, written: Program) -> None:
        refused(written("verify", "build/local"), "MG408")


class TestOutput:
    def test_a_file_in_the_way(self, project: Program) -> None:
        ended = project(*OUT, "--out", "data/churn.csv/out")
        assert "error[MG410]: cannot write `data/churn.csv/out/local`: Not a directory" in ended.err
        assert "choose another `--out`" in refused(ended, "MG410")

    def test_the_folder_that_was_asked_for(self, project: Program) -> None:
        assert project(*OUT, "-o", "a/b").out == "a/b/local/\n"
        assert (project.folder / "a" / "b" / "local" / "manifest.json").is_file()
        assert not (project.folder / "build").exists()

    def test_an_environment_has_a_folder_of_its_own(self, project: Program) -> None:
        assert project(*OUT, "--env", "production").out == "build/production/local/\n"
        manifest = json.loads((project.folder / "build" / "production" / "local" / "manifest.json").read_text())
        assert manifest["environment"] == "production"
        plan = json.loads((project.folder / "build" / "production" / "local" / "plan.json").read_text())
        assert plan["parameters"]["min_accuracy"]["default"] == 0.95

    def test_all_targets_that_the_spec_has_a_block_for(self, project: Program) -> None:
        assert project("compile", "-t", "all").out == "build/local/\nbuild/sagemaker/\n"

    def test_a_variable(self, project: Program) -> None:
        project("compile", "-t", "sagemaker", "--var", "bucket=other-bucket")
        said = (project.folder / "build" / "sagemaker" / "pipeline.json").read_text()
        assert "other-bucket" in said
        assert "acme-ml" not in said

    def test_the_same_spec_is_not_written_twice(self, written: Program) -> None:
        before = (bundle(written) / "plan.json").stat().st_mtime_ns
        assert written(*OUT).code == 0
        assert (bundle(written) / "plan.json").stat().st_mtime_ns == before

    def test_what_a_target_does_not_do_can_be_allowed_by_name(self, project: Program) -> None:
        (project.folder / "spec.yaml").write_text(SPEC + "ci: {providers: [github]}\n")
        assert "error[MG302]" in project(*OUT).err
        ended = project(*OUT, "--allow", "mg302")
        assert ended.code == 0
        assert "warning[MG302]" in ended.err

    def test_judged_at_once(self, project: Program) -> None:
        ended = project("compile", "-t", "all", "--verify")
        assert ended.code == 0
        assert "build/local: judged by integrity, jsonschema, mlopsgen\n" in ended.out
        assert "build/sagemaker: judged by integrity, botocore, cfn-lint, mlopsgen\n" in ended.out


WITHOUT = "import sys; sys.modules.update(dict.fromkeys(({lost},))); from mlopsgen.cli import main; main()"


@pytest.mark.parametrize(
    ("lost", "target", "judges", "left"),
    [
        ("'cfnlint'", "sagemaker", ["cfn-lint"], "integrity, botocore, mlopsgen"),
        ("'botocore'", "sagemaker", ["botocore"], "integrity, cfn-lint, mlopsgen"),
        ("'jsonschema'", "local", ["jsonschema"], "integrity, mlopsgen"),
    ],
)
def test_a_judge_that_is_not_installed_is_said_and_the_exit_code_is_not_0(
    lost: str, target: str, judges: list[str], left: str, project: Program
) -> None:
    project("compile", "-t", target)
    program = (sys.executable, "-c", WITHOUT.format(lost=lost))
    ended = call(["verify", f"build/{target}"], project.folder, program=program)
    assert ended.code == 1
    assert ended.out == f"build/{target}: judged by {left}\n"
    for judge in judges:
        assert f"error[MG440]: the judge `{judge}` did not run: it is not installed" in ended.err
    assert 'hint: `pip install "mlopsgen[verify]"`' in ended.err


class TestBlocksOfOtherTargets:
    """A compile reads what it compiles for; `check` reads all."""

    def test_one_that_is_wrong_waits_for_check(self, project: Program) -> None:
        spec = project.folder / "spec.yaml"
        spec.write_text(spec.read_text().replace("region:", "regoin:"))
        done = project("compile", "-t", "local")
        assert (done.code, done.out, done.err) == (0, "build/local/\n", "")
        for words in (("compile", "-t", "sagemaker"), ("compile", "-t", "all"), ("check",), ("check", "-t", "local")):
            done = project(*words)
            assert done.code == 1
            assert "error[MG104]: unknown field `regoin` in `targets.sagemaker`" in done.err

    def test_what_is_read_in_one_is_read(self, project: Program) -> None:
        spec = project.folder / "spec.yaml"
        text = spec.read_text().replace("parameters:\n", "parameters:\n  size: {type: string, default: ml.m5.xlarge}\n")
        spec.write_text(text.replace('"${var.bucket}"}', '"${var.bucket}", machines: {default: "${parameters.size}"}}'))
        done = project("compile", "-t", "local")
        assert (done.code, done.err) == (0, "")

    def test_the_bundle_is_the_same(self, project: Program) -> None:
        project("compile", "-t", "local", "-o", "alone")
        project("compile", "-t", "all")
        alone, beside = project.folder / "alone/local/manifest.json", project.folder / "build/local/manifest.json"
        assert alone.read_bytes() == beside.read_bytes()


def test_every_bundle_below_a_folder_is_judged_those_of_environments_too(project: Program) -> None:
    """`verify build/*` is its own example, and ended with MG444 once `build/production` was there."""
    assert project(*OUT).code == project(*OUT, "--env", "production").code == 0
    ended = project("verify", "build/local", "build/production")
    assert ended.code == 0, ended.err
    assert [line.partition(":")[0] for line in ended.out.splitlines()] == ["build/local", "build/production/local"]
    assert project("verify", "build").out == ended.out
    assert "MG444" in project("verify", "data").err
