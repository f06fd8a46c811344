"""`mlopsgen registry`: what is registered here, to be read without opening a file."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cli.calling import Program
from tests.cli.product import lay
from tests.cli.test_approve import MANUAL, versions

ABOUT: dict[str, Any] = {
    "registered_at": "2026-11-30T03:00:00Z",
    "model_digest": "sha256:m",
    "gate": {"passed": True, "reasons": []},
    "lineage": {"run": "r-1", "code_digest": "sha256:c", "data_digest": "sha256:d"},
    "card": {"intended_use": "tests"},
}


@pytest.fixture
def churn(mlopsgen: Program) -> Program:
    lay(mlopsgen.folder, spec=MANUAL)
    versions(mlopsgen.folder, {"1": "approved"}, champion=1, **ABOUT)
    judged = {"passed": False, "reasons": ["accuracy 0.5 is below 0.8"]}
    more = {**ABOUT, "metrics": {"accuracy": 0.5, "recall": 0.25}, "gate": judged, "model_digest": "sha256:n"}
    versions(mlopsgen.folder, {"2": "rejected"}, **more)
    return mlopsgen


def test_every_version_is_listed_with_what_it_is_good_for(churn: Program) -> None:
    ended = churn("registry")
    assert (ended.code, ended.out.splitlines()) == (
        0,
        [
            "churn version 1  champion  2026-11-30T03:00:00Z  accuracy 0.9",
            "churn version 2  rejected  2026-11-30T03:00:00Z  accuracy 0.5, recall 0.25",
        ],
    )


def test_one_version_says_why_its_gates_did_not_hold_and_what_made_it(churn: Program) -> None:
    lines = [" ".join(line.split()) for line in churn("registry", "churn:2").out.splitlines()]
    for said in ("gates did not hold", "accuracy 0.5 is below 0.8", "run r-1", "code digest sha256:c"):
        assert said in lines
    assert "intended_use tests" in lines


def test_two_versions_are_shown_with_their_differences(churn: Program) -> None:
    lines = [" ".join(line.split()) for line in churn("registry", "1", "2").out.splitlines()]
    assert "accuracy 0.9 0.5 -0.4" in lines
    assert "recall - 0.25" in lines
    assert "code digest sha256:c the same" in lines
    assert "model digest sha256:m sha256:n" in lines


def test_programs_read_all_of_it(churn: Program) -> None:
    found = json.loads(churn("registry", "--format", "json").out)["versions"]
    assert [(one["version"], one["champion"], one["status"]) for one in found] == [
        (1, True, "approved"),
        (2, False, "rejected"),
    ]
    assert found[0]["lineage"] == ABOUT["lineage"]


def test_a_version_that_is_not_there_is_told_from_those_that_are(churn: Program) -> None:
    ended = churn("registry", "7")
    assert ended.code == 1
    assert "error[MG614]: version 7 is not registered here" in ended.err
    assert "there are churn:1, churn:2" in ended.err
