"""What `check` says of a whole spec: all findings at once, and which environments and targets were asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mlopsgen.cli.check import command
from mlopsgen.cli.compile import command as compile_command
from tests.wrong import HEAD, lay

BODY = "data: {source: data/churn.csv, label: churned}\ntraining: {run: train.py}\n"


def checked(root: Path, body: str, *words: str) -> Result:
    spec = lay(root) / "spec.yaml"
    spec.write_text(HEAD + body, encoding="utf-8")
    return CliRunner().invoke(command, [str(spec), *words])


def test_a_check_says_that_the_spec_without_an_environment_was_checked_too(tmp_path: Path) -> None:
    done = checked(tmp_path, f"{BODY}environments: {{staging: {{}}, production: {{}}}}\n")
    assert done.stdout.endswith("good for local, without an environment, and in staging, production\n")
    assert checked(tmp_path, BODY).stdout.endswith("good for local\n")
    assert checked(tmp_path, f"{BODY}environments: {{live: {{}}}}\n", "--env", "live").stdout.endswith(
        "local, in live\n"
    )


@pytest.mark.parametrize("name", ["azure", "nobodys"])
def test_a_block_of_a_target_that_nobody_installed_is_an_error_where_all_are_asked_for(
    name: str, tmp_path: Path
) -> None:
    body = f"{BODY}targets: {{{name}: {{region: westeurope}}}}\n"
    done = checked(tmp_path, body)
    assert (done.exit_code, "error[MG303]" in done.stderr) == (1, True)
    spec, out = str(tmp_path / "spec.yaml"), str(tmp_path / "build")
    everything = CliRunner().invoke(compile_command, [spec, "-t", "all", "-o", out])
    assert (everything.exit_code, "error[MG303]" in everything.stderr) == (1, True)
    alone = CliRunner().invoke(compile_command, [spec, "-t", "local", "-o", out])
    assert (alone.exit_code, "warning[MG303]" in alone.stderr) == (0, True)


def test_a_fix_mends_what_it_can_beside_what_it_cannot(tmp_path: Path) -> None:
    body = (
        BODY.replace("label: churned", "label: churned, split: {stratify: yes, tset: 0.2}")
        + "registry: {approval: yes}\n"
    )
    done = checked(tmp_path, body, "--fix")
    text = (tmp_path / "spec.yaml").read_text(encoding="utf-8")
    assert "split: {stratify: true, test: 0.2}" in text
    assert (done.exit_code, "write `automatic` or `manual`" in done.stderr) == (1, True)


def test_what_is_missing_only_since_a_mistake_was_left_out_is_not_said(tmp_path: Path) -> None:
    """The label has no value, so a stratified split has none to keep: that is said once, at the label."""
    body = "data: {source: data/churn.csv, label: 3, split: {stratify: true}}\ntraining: {run: nowhere.py}\n"
    done = checked(tmp_path, body)
    codes = [line.split("[")[1][:5] for line in done.stderr.splitlines() if "error[" in line]
    assert codes == ["MG106", "MG118"]
