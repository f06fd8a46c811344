"""`mlopsgen score` and `mlopsgen serve`: what a deployment does, here."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

from tests.cli.calling import PROGRAM, Program
from tests.cli.product import SPEC, lay
from tests.cli.test_approve import versions

DEPLOYED = (
    SPEC
    + """
deployments:
  nightly: {mode: batch, input: data/new/, serve: {run: predict.py}}
  live: {mode: real-time, serve: {run: predict.py}}
"""
)
PREDICT = """
from pathlib import Path


def load(folder):
    return int(Path(folder, "added").read_text())


def predict(model, records):
    return [f"{spent + model}" for spent in records["spent"]]
"""


@pytest.fixture
def churn(mlopsgen: Program) -> Program:
    """A product with a champion that adds seven."""
    lay(mlopsgen.folder, spec=DEPLOYED)
    (mlopsgen.folder / "src/predict.py").write_text(PREDICT)
    model = versions(mlopsgen.folder, {"1": "approved"}, champion=1) / "versions/1/model"
    model.mkdir()
    (model / "added").write_text("7")
    new = mlopsgen.folder / "data/new"
    new.mkdir(parents=True)
    (new / "today.csv").write_text("customer,spent\n007,1\n008,2\n")
    return mlopsgen


def scored(folder: Path) -> list[str]:
    (part,) = folder.glob("out/nightly/run=*/part-*.csv")
    return part.read_text().splitlines()


@pytest.mark.slow
def test_what_arrived_is_scored_by_the_champion(churn: Program) -> None:
    ended = churn("score")
    assert ended.code == 0, ended.err
    assert [line.rpartition(",")[2] for line in scored(churn.folder)] == ["prediction", "8", "9"]
    (success,) = churn.folder.glob("out/nightly/run=*/_SUCCESS")
    assert json.loads(success.read_text())["model"]["version"] == "1"


def test_nobody_is_asked_before_a_version_is_approved(mlopsgen: Program) -> None:
    lay(mlopsgen.folder, spec=DEPLOYED)
    (mlopsgen.folder / "src/predict.py").write_text(PREDICT)
    for command in ("score", "serve"):
        ended = mlopsgen(command)
        assert ended.code == 1
        assert "error[MG610]" in ended.err
        assert "there is none here yet" in ended.err


def test_a_deployment_that_is_meant_has_to_be_there(churn: Program) -> None:
    near = churn("score", "--deployment", "nightli")
    assert (near.code, "did you mean `nightly`?" in near.err) == (2, True)
    other = churn("score", "--deployment", "live")
    assert (other.code, "there is `nightly`" in other.err) == (2, True)


def test_the_readme_of_a_bundle_here_says_how_each_deployment_is_asked(churn: Program) -> None:
    assert churn("compile", "--target", "local").code == 0
    text = (churn.folder / "build/local/README.md").read_text()
    assert "\nmlopsgen score --deployment nightly\n" in text
    assert "\nmlopsgen serve --deployment live\n" in text


def test_nobody_is_asked_for_what_only_the_training_reads(churn: Program) -> None:
    spec = churn.folder / "spec.yaml"
    spec.write_text(DEPLOYED.replace("min_accuracy: {type: number, default: 0.8}", "min_accuracy: {type: number}"))
    model = churn.folder / ".mlopsgen/registry/churn"
    (model / "champion.json").unlink()
    (model / "versions/1/version.json").write_text('{"version": 1, "status": "pending"}')
    for command in ("score", "serve"):
        ended = churn(command)
        assert "error[MG610]" in ended.err
        assert "min_accuracy" not in ended.err


def test_a_port_that_is_taken_is_said_at_once(churn: Program) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = churn("serve", "--port", str(port))
    assert ended.code == 1
    assert f"error[MG611]: port {port}" in ended.err


@pytest.mark.slow
def test_requests_are_answered_until_it_is_stopped(churn: Program) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with subprocess.Popen([*PROGRAM, "serve", "--port", str(port)], cwd=churn.folder, stderr=subprocess.PIPE) as server:
        try:
            _wait_for(f"http://127.0.0.1:{port}/ping", server)
            asked = urllib.request.Request(
                f"http://127.0.0.1:{port}/invocations",
                json.dumps([{"customer": "007", "spent": 1}]).encode(),
                {"Content-Type": "application/json"},
            )
            with urllib.request.urlopen(asked, timeout=30) as answer:
                assert b'"8"' in answer.read()
        finally:
            server.send_signal(signal.SIGTERM)
        assert server.wait(60) == 0


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        assert server.poll() is None, server.communicate()[1].decode()
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"nobody answers at {url}")
