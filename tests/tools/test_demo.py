"""`make demo` on a small project: what it shows at the end is there, and its exit code is honest."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.projects import ROOT

pytestmark = pytest.mark.slow

SPEC = """\
apiVersion: mlopsgen/v1
name: small
data: {source: data.csv, label: paid}
training: {run: train.py}
targets:
  sagemaker: {region: eu-west-1, account: "123456789012", bucket: acme-ml}
"""
TABLE = "x,paid\n" + "1,no\n2,yes\n" * 10
TRAIN = """\
import argparse, json, pathlib
parser = argparse.ArgumentParser()
for name in ("train", "model", "metrics"):
    parser.add_argument(f"--{name}", type=pathlib.Path)
asked = parser.parse_args()
(asked.model / "model.txt").write_text("always yes")
(asked.metrics / "metrics.json").write_text(json.dumps({"rows": 2}))
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "small"
    folder.mkdir()
    for name, text in {"spec.yaml": SPEC, "train.py": TRAIN, "data.csv": TABLE}.items():
        (folder / name).write_text(text)
    return folder


def demo(project: Path) -> subprocess.CompletedProcess[str]:
    words = ["--out", str(project.parent / "out"), "--flagship", str(project), "--also"]
    return subprocess.run(
        [sys.executable, ROOT / "tools/demo.py", *words], capture_output=True, text=True, timeout=300, check=False
    )


@pytest.mark.slow
def test_what_it_says_at_the_end_is_there_and_a_second_time_too(project: Path) -> None:
    for _ in range(2):
        done = demo(project)
        assert done.returncode == 0, done.stderr
        end = done.stdout.split("── where everything lies")[1]
        bundles = [Path(found) for found in re.findall(r"^bundle +(\S+)/ ", end, re.MULTILINE)]
        assert {folder.name for folder in bundles} == {"local", "sagemaker"}  # those of the blocks, and this machine
        assert all((folder / "README.md").is_file() for folder in bundles)
        runs = re.findall(r"^run +(\S+)", end, re.MULTILINE)
        assert len(runs) == 1
        assert Path(runs[0]).is_dir()


@pytest.mark.slow
def test_a_step_that_fails_is_its_exit_code_and_is_named(project: Path) -> None:
    (project / "train.py").write_text("raise SystemExit('no luck')")
    done = demo(project)
    assert done.returncode == 4
    assert f"failed with exit code 4: mlopsgen run {project}/spec.yaml" in done.stdout


def test_findings_of_compile_are_its_exit_code(project: Path) -> None:
    (project / "spec.yaml").write_text(SPEC.replace("name: small", "name: small\nnmae: x"))
    done = demo(project)
    assert done.returncode == 1
    assert "MG104" in done.stderr
