"""The image of a bundle: its Dockerfile says what an image builder wants, and its pip lines install what steps need."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlopsgen import targets
from mlopsgen.plan.steps import Image
from mlopsgen.render.parseback import render
from mlopsgen.targets.image import NON_ROOT, image_files
from tests.golden_test.golden import compiled
from tests.projects import EXAMPLES, ROOT, TARGETS

from .conftest import Emit

pytestmark = pytest.mark.slow

HADOLINT = Path(sys.executable).with_name("hadolint")
HASHED = ("pandas==2.2.3 --hash=sha256:" + "0" * 64,)


def dockerfiles() -> Iterator[tuple[str, str]]:
    """Every Dockerfile that is emitted for an example, and the variants that no example needs."""
    for target in TARGETS:
        for example in EXAMPLES:
            bundle = compiled(target, example)
            yield from ((f"{target}-{example}-{p}", c.decode()) for p, c in bundle.items() if p.endswith("Dockerfile"))
    for user in (None, NON_ROOT):
        for requirements in ((), HASHED):
            image = Image(prebuilt=None, base="python:3.11-slim", python="3.11", requirements=requirements)
            (made, *_) = image_files(image, user=user, gpu=user is None)
            text = render([made], targets.load("sagemaker").templates)[made.path].decode()
            yield f"user {user}, {len(requirements)} requirements", text


def said_by_hadolint(text: str) -> str:
    command = [str(HADOLINT), "--no-color", "--failure-threshold", "style", "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    return done.stdout or (f"exit {done.returncode}: {done.stderr}" if done.returncode else "")


def test_every_dockerfile_is_clean() -> None:
    found = {name: said_by_hadolint(text) for name, text in dockerfiles()}
    assert len(found) > len(EXAMPLES)
    assert {name: said for name, said in found.items() if said} == {}


def test_hadolint_would_say_so() -> None:
    name, text = next(dockerfiles())
    assert "DL3042" in said_by_hadolint(text.replace("--no-cache-dir ", "")), name
    assert "DL3006" in said_by_hadolint(re.sub(r"(?m)^FROM .*$", "FROM python", text)), name


@pytest.mark.slow
def test_the_pip_lines_make_an_environment_in_which_the_runtime_starts(emitted: Emit, tmp_path: Path) -> None:
    bundle = emitted("diabetes")
    text = re.sub(r"\\\n\s*", "", (bundle.folder / "image/Dockerfile").read_text())
    venv.create(tmp_path / "venv", with_pip=True)
    variables = {
        **{name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")},
        **bundle.image.environment,
        "PATH": f"{tmp_path}/venv/bin:{os.environ['PATH']}",
        "PYTHONPATH": str(bundle.image.app),
        # The versions that everything here is tested with; pip has kept them since `make setup`.
        "PIP_NO_COMPILE": "1",
        "PIP_CONSTRAINT": str(ROOT / "constraints.txt"),
    }
    lines = re.findall(r"(?m)^RUN (.*)$", text)
    assert lines
    for line in lines:
        ran(["sh", "-c", line.replace("--no-cache-dir ", "")], variables, bundle.folder / "image")
    help_ = ran([*bundle.image.entrypoint, "--help"], variables, bundle.image.app)
    assert "gate" in help_
    # What the script and the runtime's commands import is what the requirements name.
    ran(
        ["python", "-c", "import join, summary, mlopsgen_runtime.validate, mlopsgen_runtime.train"],
        variables,
        bundle.image.app,
    )


def ran(argv: list[str], variables: dict[str, str], folder: Path) -> str:
    done = subprocess.run(argv, env=variables, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
