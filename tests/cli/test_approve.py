"""`mlopsgen approve`: a person decides about a version that waits, once, and is told what came of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.calling import Program
from tests.cli.product import SPEC, lay

MANUAL = SPEC + "registry: {approval: manual}\n"
WAITING = "approve it: mlopsgen approve 1\n"


@pytest.fixture
def churn(mlopsgen: Program) -> Program:
    """A product whose versions wait for a person, and one that does."""
    lay(mlopsgen.folder, spec=MANUAL)
    versions(mlopsgen.folder, {"1": "pending"})
    return mlopsgen


def versions(folder: Path, states: dict[str, str], champion: int | None = None, **more: Any) -> Path:
    """What runs have registered."""
    model = folder / ".mlopsgen" / "registry" / "churn"
    for version, status in states.items():
        (model / "versions" / version).mkdir(parents=True)
        about = {"version": int(version), "status": status, "metrics": {"accuracy": 0.9}, **more}
        (model / "versions" / version / "version.json").write_text(json.dumps(about))
    if champion:
        (model / "champion.json").write_text(json.dumps({"version": champion}))
    return model


def status(folder: Path, version: str = "1") -> str:
    text = (folder / ".mlopsgen/registry/churn/versions" / version / "version.json").read_text()
    return str(json.loads(text)["status"])


def champion(folder: Path) -> object:
    path = folder / ".mlopsgen/registry/churn/champion.json"
    return json.loads(path.read_text()) if path.exists() else None


def test_a_version_that_waits_becomes_the_champion(churn: Program) -> None:
    ended = churn("approve", "1")
    assert (ended.code, ended.out) == (0, "churn version 1 is approved, and the champion now\n"), ended.err
    assert (status(churn.folder), champion(churn.folder)) == ("approved", {"version": 1})


def test_a_version_that_is_rejected_never_becomes_the_champion(churn: Program) -> None:
    assert churn("approve", "1", "--reject").out == "churn version 1 is rejected\n"
    assert (status(churn.folder), champion(churn.folder)) == ("rejected", None)
    again = churn("approve", "1")
    assert again.code == 1
    assert "error[MG609]: version 1 of churn was rejected before" in again.err


def test_what_waits_is_listed_with_the_command_that_approves_it(churn: Program) -> None:
    versions(churn.folder, {"2": "approved", "10": "pending"}, champion=2)
    ended = churn("approve")
    assert ended.out.splitlines() == [
        "churn version 1  pending  accuracy 0.9",
        "churn version 2  champion  accuracy 0.9",
        "churn version 10  pending  accuracy 0.9",
    ]
    assert ended.err == WAITING + "approve it: mlopsgen approve 10\n"


def test_nothing_to_approve_is_said(mlopsgen: Program) -> None:
    lay(mlopsgen.folder, spec=MANUAL)
    ended = mlopsgen("approve")
    assert (ended.code, ended.out, ended.err) == (0, "", "nothing is registered here yet: `mlopsgen run`\n")
    assert "MG609" in mlopsgen("approve", "1").err
    assert not (mlopsgen.folder / ".mlopsgen").exists()


@pytest.mark.parametrize(
    ("made", "asked", "said"),
    [
        ({}, "7", "version 7 of churn is not registered here"),
        ({}, "../1", "version ../1 of churn is not registered here"),
        ({"status": "approved", "champion": 2}, "2", "version 2 of churn is approved already: it is the champion"),
        ({"status": "rejected", "gate": {"passed": False}}, "2", "can never be approved: its gates did not hold"),
    ],
)
def test_a_version_that_does_not_wait_is_refused_with_its_reason(
    churn: Program, made: dict[str, Any], asked: str, said: str
) -> None:
    about = {key: value for key, value in made.items() if key not in ("status", "champion")}
    if made:
        versions(churn.folder, {"2": made["status"]}, champion=made.get("champion"), **about)
    before = champion(churn.folder)
    ended = churn("approve", asked)
    assert (ended.code, ended.out) == (1, "")
    assert said in ended.err
    assert "hint: " in ended.err
    assert "spec.yaml:" in ended.err
    assert champion(churn.folder) == before


def test_approving_an_older_version_again_goes_back_to_it(churn: Program) -> None:
    versions(churn.folder, {"2": "approved", "3": "approved"}, champion=3)
    ended = churn("approve", "churn:2")
    assert (ended.code, ended.out) == (0, "churn version 2 is approved, and the champion now\n"), ended.err
    assert champion(churn.folder) == {"version": 2}
    assert "was approved before, so it cannot be rejected" in churn("approve", "3", "--reject").err


def test_another_models_version_is_not_taken_for_this_one(churn: Program) -> None:
    ended = churn("approve", "wine:1")
    assert ended.code == 1
    assert "version 1 of wine is not registered here" in ended.err
    assert status(churn.folder) == "pending"


def test_a_champion_that_still_waits_cannot_be_rejected(churn: Program) -> None:
    (churn.folder / ".mlopsgen/registry/churn/champion.json").write_text('{"version": 1}')
    ended = churn("approve", "1", "--reject")
    assert ended.code == 1
    assert "version 1 of churn is the champion, so it cannot be rejected" in ended.err
    assert churn("approve", "1").code == 0


def test_the_versions_of_an_environment_are_decided_on_alone(mlopsgen: Program) -> None:
    lay(mlopsgen.folder / "churn", spec=MANUAL)
    folder = mlopsgen.folder / "churn" / ".mlopsgen" / "registry" / "churn-production" / "versions" / "1"
    folder.mkdir(parents=True)
    (folder / "version.json").write_text(json.dumps({"version": 1, "status": "pending", "metrics": {}}))
    asked = ("--spec", "churn", "--env", "production")
    assert mlopsgen("approve", *asked).err == "approve it: mlopsgen approve 1 --spec churn/spec.yaml --env production\n"
    assert mlopsgen("approve", "1", *asked).out == "churn-production version 1 is approved, and the champion now\n"
    assert mlopsgen("approve", "1", "--spec", "churn").code == 1


def test_the_last_words_of_a_run_name_the_command_that_approves(mlopsgen: Program) -> None:
    lay(mlopsgen.folder, spec=MANUAL)
    ended = mlopsgen("run")
    assert ended.code == 0, ended.err
    assert ended.out.endswith("\n" + WAITING)
    assert "mlopsgen approve 2\n" not in (mlopsgen.folder / "build/local/README.md").read_text()
    assert "`mlopsgen approve 2`" in (mlopsgen.folder / "build/local/README.md").read_text()
    assert mlopsgen("approve", "1").code == 0
    assert mlopsgen("run").code == 0


def test_a_run_of_which_nothing_has_changed_registers_no_second_version(mlopsgen: Program) -> None:
    lay(mlopsgen.folder, spec=MANUAL)
    assert mlopsgen("run").code == 0
    again = mlopsgen("run")
    assert again.code == 0, again.err
    assert "unchanged   churn version 1, which waits for a person's approval" in again.out
    assert again.out.endswith("\n" + WAITING)
    assert not (mlopsgen.folder / ".mlopsgen/registry/churn/versions/2").exists()
    assert mlopsgen("approve", "1").code == 0
    assert "unchanged   churn version 1, the champion" in mlopsgen("run").out
