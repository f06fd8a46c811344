"""The README of a bundle with an endpoint: its commands work as they stand, in the order of an endpoint's life."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.targets.test_readmes import SPEC, laid

LIVE = SPEC + "deployments: {live: {mode: real-time, model: MODEL, async: QUEUE}}\n"
QUEUE = "{output: 's3://acme/answers/'}"


@pytest.mark.parametrize(("model", "queue"), [("null", "null"), ("churn:3", "null"), ("null", QUEUE)])
def test_every_command_works_pasted(tmp_path: Path, model: str, queue: str) -> None:
    shell = next(name for name in ("bash", "dash") if shutil.which(name))
    readme = laid(tmp_path, "sagemaker", spec=LIVE.replace("MODEL", model).replace("QUEUE", queue))
    pasted = readme.paste(shell)
    assert pasted.out.rstrip().endswith("whole")
    assert not re.search("not found|syntax|TAKEN IN", pasted.err), pasted.err
    words = [" ".join(call[1:]) for call in pasted.calls]
    (build,) = [one for one in words if "start-build" in one]
    version = "arn:aws:sagemaker:eu-west-1:123456789012:model-package/churn/3" if model != "null" else "an-answer"
    assert f"name=VERSION,value={version},type=PLAINTEXT" in build
    order = ["deployments/live", "cloudformation deploy", "start-build", "sagemaker-runtime", "delete-stack"]
    places = [next(i for i, one in enumerate(words) if part in one) for part in order]
    assert places == sorted(places)


def test_who_rolls_out_is_said(tmp_path: Path) -> None:
    text = laid(tmp_path, "sagemaker", spec=LIVE.replace("MODEL", "null").replace("QUEUE", "null")).text
    assert "rolled out by itself" in text
    assert "becomes the champion once it answers" in text
