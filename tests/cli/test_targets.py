"""`mlopsgen targets`: what is installed, and what each target makes of a spec."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mlopsgen import targets
from mlopsgen.targets.api import FEATURES, Judge
from mlopsgen.targets.sagemaker import SageMaker
from tests.cli.calling import Program, call

SPEC = """\
apiVersion: mlopsgen/v1
name: churn
data: {source: data/churn.csv, label: churned}
training:
  run: train.py
  tuning:
    metric: accuracy
    trials: 3
    max_failures: 1
    search: {depth: {int: [1, 3]}}
"""
BLOCK = 'targets: {sagemaker: {region: eu-west-1, account: "123456789012", bucket: acme-ml}}\n'


@pytest.fixture
def project(mlopsgen: Program) -> Program:
    (mlopsgen.folder / "data").mkdir()
    (mlopsgen.folder / "data" / "churn.csv").write_text("age,churned\n1,yes\n")
    (mlopsgen.folder / "train.py").write_text("")
    (mlopsgen.folder / "spec.yaml").write_text(SPEC + BLOCK)
    return mlopsgen


def broken_plug_in(folder: Path) -> Path:
    """A package on the path whose target cannot be imported."""
    site = folder / "site"
    about = site / "acme_cloud-1.2.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-cloud\nVersion: 1.2\n")
    (about / "entry_points.txt").write_text("[mlopsgen.targets]\nacme = acme_cloud:target\n")
    (site / "acme_cloud.py").write_text('raise RuntimeError("made for another version")\n')
    return site


def test_every_installed_target_with_its_package_and_judges(mlopsgen: Program) -> None:
    ended = mlopsgen("targets")
    assert ended.code == 0
    assert "sagemaker: Amazon SageMaker (mlopsgen 0.1.0)\n  judged by botocore, cfn-lint, mlopsgen\n" in ended.out
    assert "local: this machine (mlopsgen 0.1.0)\n  judged by jsonschema, mlopsgen\n" in ended.out


def test_a_judge_that_is_missing_comes_with_the_command_that_installs_it(
    mlopsgen: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = Judge("walker", "pip install walker", lambda: False, lambda _: ())
    monkeypatch.setattr(SageMaker, "judges", lambda _: (lost,))
    assert "judged by walker (not installed: `pip install walker`)" in mlopsgen("targets").out
    said = json.loads(mlopsgen("targets", "-t", "sagemaker", "--format", "json").out)
    assert said["targets"][0]["judges"] == [
        {"name": "walker", "installed": False, "install": "pip install walker"},
    ]


def test_a_broken_plug_in_is_reported_and_the_others_are_listed(tmp_path: Path) -> None:
    ended = call(["targets"], tmp_path, {"PYTHONPATH": str(broken_plug_in(tmp_path))})
    assert ended.code == 1
    assert "sagemaker: Amazon SageMaker" in ended.out
    assert "error[MG314]: target `acme` of package `acme-cloud` cannot be loaded" in ended.err
    assert "RuntimeError: made for another version" in ended.err
    assert "hint: upgrade or uninstall `acme-cloud`" in ended.err
    assert "Traceback" not in ended.err


def test_every_feature_of_the_language_from_the_targets_own_table(mlopsgen: Program) -> None:
    said = json.loads(mlopsgen("targets", "--format", "json").out)
    for target in said["targets"]:
        table = targets.load(target["name"]).support
        assert [row["feature"] for row in target["rows"]] == [feature.name for feature in FEATURES]
        assert {row["feature"]: (row["how"], row["with"]) for row in target["rows"]} == {
            name: (answer.how.value, answer.with_what) for name, answer in table.items()
        }
    assert "ci " in mlopsgen("targets", "--features").out


def test_a_spec_field_by_field(project: Program) -> None:
    ended = project("targets", "spec.yaml", "--target", "sagemaker")
    assert ended.code == 0
    rows = {line.split()[1]: line.split() for line in ended.out.splitlines()[3:]}
    assert rows["training.run"][0] == "native"
    assert rows["data.split"][0] == "emulated"
    assert rows["tuning.max_failures"][:3] == ["refused", "tuning.max_failures", "spec.yaml:9"]
    assert rows["tracking.native"][2] == "(default)"
    assert "governance.audit" not in rows


def test_the_same_as_json(project: Program) -> None:
    said = json.loads(project("targets", ".", "-t", "local", "-t", "sagemaker", "--format", "json").out)
    here, cloud = said["targets"]
    assert (here["name"], cloud["name"]) == ("local", "sagemaker")
    rows = {row["feature"]: row for row in cloud["rows"]}
    assert rows["tuning.max_failures"]["how"] == "refused"
    assert rows["tuning.max_failures"]["at"] == {"file": "spec.yaml", "line": 9, "column": 19}
    assert rows["tracking.native"]["at"] is None
    assert {row["feature"]: row["how"] for row in here["rows"]}["tuning.max_failures"] == "native"


def test_what_a_check_of_the_target_refuses_is_a_row_too(project: Program) -> None:
    (project.folder / "spec.yaml").write_text(
        SPEC.replace("run: train.py", "run: train.py\n  resources: {nodes: 2}\n  distributed: mpi")
    )
    ended = project("targets", "spec.yaml", "--target", "local")
    assert "refused   training.resources.nodes  spec.yaml:6   this machine is one node" in ended.out


def test_a_block_of_another_target_is_none_of_its_business(project: Program) -> None:
    steps = BLOCK.replace("acme-ml}", "acme-ml, steps: {training: {EnableNetworkIsolation: false}}}")
    (project.folder / "spec.yaml").write_text(SPEC + steps)
    said = json.loads(project("targets", "spec.yaml", "--format", "json").out)
    using = {one["name"]: [row["feature"] for row in one["rows"]] for one in said["targets"]}
    assert "targets.steps" in using["sagemaker"]
    assert "targets.steps" not in using["local"]


def test_without_its_block_a_target_answers_from_its_table(project: Program) -> None:
    (project.folder / "spec.yaml").write_text(SPEC)
    ended = project("targets", "spec.yaml", "--target", "sagemaker")
    assert ended.code == 0
    assert "the spec has no `targets.sagemaker`" in ended.out
    assert "refused   tuning.max_failures" in ended.out


def test_a_wrong_spec_is_said_and_no_table_shown(project: Program) -> None:
    (project.folder / "spec.yaml").write_text(SPEC.replace("name: churn", "nam: churn"))
    ended = project("targets", "spec.yaml")
    assert (ended.code, ended.out) == (1, "")
    assert "error[MG104]" in ended.err


def test_wrong_usage(project: Program) -> None:
    unknown = project("targets", "--target", "sagemakr")
    assert unknown.code == 1
    assert "error[MG303]: no target `sagemakr` is installed\n      = hint: did you mean `sagemaker`?" in unknown.err
    assert "mlopsgen targets SPEC" in project("targets", "--env", "production").err
    assert project("targets", "elsewhere.yaml").code == 2
