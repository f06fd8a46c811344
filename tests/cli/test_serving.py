"""`mlopsgen serve` rolls out what is approved: callers notice nothing of it, whatever happens meanwhile."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from tests.cli.calling import Program, call
from tests.cli.serving import Product, product, spec

pytestmark = pytest.mark.slow
CANARY = "strategy: canary, steps: [0.2, 1.0], bake: 1s, abort_on: [errors, slow]"


def live(one: Product, version: str) -> bool:
    return one.stands().get("live") == version and one.stands()["coming"] is None


def test_an_approved_version_takes_over_and_no_caller_notices(tmp_path: Path) -> None:
    churn = product(tmp_path, spec(CANARY))
    churn.version(1)
    with churn.served():
        churn.wait(lambda: churn.champion() == 1)
        with churn.asked():
            churn.version(2)
            churn.wait(lambda: churn.champion() == 2)
            churn.wait(lambda: churn.ask() == "2")
    assert set(churn.answers) == {"1", "2"}, churn.answers
    assert churn.heard("step 1 of 2: 20% of the requests")
    assert churn.heard("version 2 is the champion now")


@pytest.mark.parametrize(("does", "why"), [("fails", "its requests failed"), ("dawdles", "of its answers took up to")])
def test_a_bad_version_is_taken_back_and_costs_its_share_alone(tmp_path: Path, does: str, why: str) -> None:
    churn = product(tmp_path, spec(CANARY))
    churn.version(1)
    with churn.served():
        churn.wait(lambda: churn.champion() == 1)
        with churn.asked():
            churn.version(2, does)
            churn.wait(lambda: churn.heard("version 2 is taken back, and the one before answers"))
            churn.wait(lambda: churn.stands()["seen"][1] == 2)
            before = churn.answers.total()
            churn.wait(lambda: churn.answers.total() > before + 20)
        assert churn.ask() == "1"
    assert churn.heard(why)
    assert churn.champion() == 1
    bad = churn.answers.total() - churn.answers["1"]
    assert set(churn.answers) == ({"1", "500"} if does == "fails" else {"1", "2"})
    assert 0 < bad <= 0.2 * churn.answers.total() + 1


def test_a_rollout_that_was_cut_off_goes_on(tmp_path: Path) -> None:
    churn = product(tmp_path, spec(CANARY.replace("1s", "3s")))
    churn.version(1)
    with churn.served() as process:
        churn.wait(lambda: churn.champion() == 1)
        churn.version(2)
        churn.wait(lambda: churn.stands()["step"] == 0)
        process.kill()
        process.wait()
    assert (churn.stands()["live"], churn.stands()["coming"]) == ("1", "2")
    churn.said.clear()
    with churn.served():
        churn.wait(lambda: churn.heard("step 1 of 2"))
        with churn.asked():
            churn.wait(lambda: churn.champion() == 2)
    assert set(churn.answers) == {"1", "2"}, churn.answers


def test_a_version_whose_server_dies_is_taken_back_though_nothing_is_watched(tmp_path: Path) -> None:
    churn = product(tmp_path, spec("strategy: canary, steps: [0.5, 1.0], bake: 30s", watched=False))
    churn.version(1)
    with churn.served():
        churn.wait(lambda: churn.champion() == 1)
        churn.version(2)
        churn.wait(lambda: churn.stands()["step"] == 0)
        server = _server(tmp_path, "2")
        with churn.asked():
            _kill(server)
            churn.wait(lambda: churn.heard("version 2 is taken back"))
        assert churn.answers.keys() <= {"1", "2"} | {"502"}
        assert churn.answers["502"] <= 3, "no more than was in work"
        assert churn.ask() == "1"


def test_a_live_server_that_dies_is_started_again(tmp_path: Path) -> None:
    churn = product(tmp_path, spec("strategy: all-at-once", watched=False))
    churn.version(1)
    with churn.served():
        churn.wait(lambda: churn.champion() == 1)
        _kill(_server(tmp_path, "1"))
        churn.wait(lambda: churn.heard("version 1 is started again"))
        churn.wait(lambda: churn.ask() == "1")


def test_of_two_at_once_the_second_says_who_has_the_place(tmp_path: Path) -> None:
    churn = product(tmp_path, spec("strategy: all-at-once", watched=False))
    churn.version(1)
    with churn.served() as process:
        churn.wait(lambda: churn.champion() == 1)
        second = call(("serve", "--port", str(churn.port)), tmp_path)
    assert second.code == 1
    assert f"error[MG612]: `live` is served already: process {process.pid} serves it" in second.err
    assert f"http://127.0.0.1:{churn.port}/" in second.err


def test_an_older_version_that_is_approved_again_comes_back(tmp_path: Path) -> None:
    churn = product(tmp_path, spec("strategy: blue-green, bake: 1s", watched=False))
    churn.version(1)
    churn.version(2)
    with churn.served():
        churn.wait(lambda: churn.champion() == 2)
        with churn.asked():
            ended = call(("approve", "churn:1"), tmp_path)
            assert (
                ended.out == "churn version 1 is approved: `mlopsgen serve` rolls it out, and then it is the champion\n"
            )
            churn.wait(lambda: churn.champion() == 1)
    assert churn.answers.keys() == {"1", "2"}


def test_copies_are_never_answered_to_the_caller(tmp_path: Path) -> None:
    churn = product(tmp_path, spec("strategy: shadow, steps: [1.0], bake: 2s, abort_on: [errors, slow]"))
    churn.version(1)
    with churn.served():
        churn.wait(lambda: churn.champion() == 1)
        with churn.asked():
            churn.version(2, "fails")
            churn.wait(lambda: churn.heard("version 2 is taken back"))
    assert churn.heard("100% of the requests, as copies")
    assert churn.answers.keys() == {"1"}


def test_a_first_version_that_cannot_be_loaded_is_told_whenever_it_is_tried(tmp_path: Path) -> None:
    churn = product(tmp_path, spec("strategy: all-at-once", watched=False))
    churn.version(1, "breaks")
    for _ in range(2):
        ended = call(("serve", "--port", str(churn.port)), tmp_path)
        assert ended.code == 4
        assert "version 1 never got ready, and nothing has changed" in ended.err
        assert "the weights are of another library" in ended.err
    churn.version(2)
    with churn.served():
        churn.wait(lambda: churn.champion() == 2)


def test_a_pin_that_was_changed_is_rolled_out_and_leaves_the_champion_alone(tmp_path: Path) -> None:
    text = spec("strategy: canary, steps: [0.5, 1.0], bake: 1s, abort_on: [errors, slow]")
    churn = product(tmp_path, text.replace("mode: real-time,", "mode: real-time, model: 'churn:1',"))
    churn.version(1)
    churn.version(2, "fails")
    with churn.served():
        churn.wait(lambda: churn.ask() == "1")
        churn.wait(lambda: live(churn, "1"))
    (tmp_path / "spec.yaml").write_text(text.replace("mode: real-time,", "mode: real-time, model: 'churn:2',"))
    with churn.served(), churn.asked():
        churn.wait(lambda: churn.heard("version 2 is taken back"))
        churn.wait(lambda: live(churn, "1"))
        churn.said.clear()
        churn.wait(lambda: churn.answers["1"] > 300)
        assert not churn.heard("version 2"), "it is tried once"
    assert churn.champion() is None


def test_what_is_approved_and_not_rolled_out_yet_scores_nothing(mlopsgen: Program) -> None:
    nightly = "  nightly: {mode: batch, input: data/new/, serve: {run: predict.py}}\n"
    product(mlopsgen.folder, spec("strategy: all-at-once", nightly, watched=False)).version(1)
    ended = mlopsgen("score")
    assert "error[MG610]" in ended.err
    assert "version 1 is approved, and the champion once `mlopsgen serve` has rolled it out" in ended.err


def test_an_approved_version_waits_where_a_person_starts_rollouts(tmp_path: Path) -> None:
    text = spec("strategy: all-at-once", watched=False).replace("mode: real-time,", "mode: real-time, start: manual,")
    churn = product(tmp_path, text)
    churn.version(1)
    refused = call(("serve",), tmp_path)
    assert "version 1 is approved: `mlopsgen rollout 1` asks for it" in refused.err
    assert "the next `mlopsgen serve` brings it" in call(("rollout", "1"), tmp_path).out
    with churn.served():
        churn.wait(lambda: churn.champion() == 1)
        churn.version(2)
        asked = call(("rollout", "churn:2"), tmp_path)
        assert asked.out == "live brings version 2 of churn now: `mlopsgen serve` says how it goes\n", asked.err
        churn.wait(lambda: churn.champion() == 2)


@pytest.mark.parametrize(
    ("status", "asked", "said"),
    [
        ("pending", "1", "version 1 of churn is pending: only an approved one is rolled out"),
        ("approved", "7", "version 7 of churn is not registered here"),
    ],
)
def test_a_version_that_cannot_be_rolled_out_is_refused(mlopsgen: Program, status: str, asked: str, said: str) -> None:
    product(mlopsgen.folder, spec("strategy: all-at-once", watched=False)).version(1, status=status)
    ended = mlopsgen("rollout", asked)
    assert ended.code == 1
    assert f"error[MG613]: {said}" in ended.err
    assert "hint: " in ended.err


def test_an_alarm_that_nobody_measures_here_is_said_where_it_stands(mlopsgen: Program) -> None:
    full = "    full: {kind: saturation, resource: cpu, at_most: 0.8}\n"
    text = spec("strategy: canary, abort_on: [errors, slow, full]") + full
    product(mlopsgen.folder, text)
    ended = mlopsgen("compile", "--target", "local")
    assert ended.code == 0
    assert "warning[MG315]: what is in use of this machine is not measured: `full` takes no rollout back" in ended.err
    rollout = json.loads((mlopsgen.folder / "build/local/plan.json").read_text())["deployments"]["live"]["rollout"]
    assert [one["name"] for one in rollout["alarms"]] == ["errors", "slow"]


def _server(folder: Path, version: str) -> int:
    """The process that serves a version."""
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        words = entry.read_bytes().split(b"\0")
        if f"--version={version}".encode() in words and any(str(folder).encode() in word for word in words):
            return int(entry.parent.name)
    raise AssertionError(f"no server of version {version}")


def _kill(process: int) -> None:
    os.kill(process, signal.SIGKILL)
