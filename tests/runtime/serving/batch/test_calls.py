"""Mini-batches: how large, how often, how long; and the record on which a model breaks."""

from __future__ import annotations

import json

import pytest

from .conftest import Deployment, table

pytestmark = pytest.mark.slow

NOTING = """
import pathlib, time
NOTES = pathlib.Path(__file__).with_name("notes")

def load(folder):
    return 2.0

def predict(model, rows):
    with NOTES.open("a") as notes:
        notes.write(f"{len(rows)}\\n")
    tried = len(NOTES.read_text().splitlines())
"""


def calls(double: Deployment) -> list[int]:
    return [int(line) for line in (double.root / "notes").read_text().splitlines()]


def letters(double: Deployment) -> list[str]:
    path = double.out / "dead-letter" / "run=r1" / "part-00000.jsonl"
    return [json.loads(line)["reason"] for line in path.read_text().splitlines()]


def test_calls_hold_the_records_or_bytes_that_were_said(double: Deployment) -> None:
    double.script(NOTING + "    return rows['x'].tolist()\n")
    double.write("a.csv", table(range(100, 350)))
    double.score(mini_batch=100)
    assert calls(double) == [100, 100, 50]
    (double.root / "notes").unlink()
    double.score("r2", mini_batch_bytes=105)
    assert calls(double) == [10] * 25
    (double.root / "notes").unlink()
    double.score("r3", mini_batch_bytes=1)
    assert calls(double) == [1] * 250


def test_a_failed_call_is_tried_again_before_anybody_is_blamed(double: Deployment) -> None:
    double.script(NOTING + "    assert tried > 2\n    return rows['x'].tolist()\n")
    double.write("a.csv", table(range(100, 120)))
    assert double.score(call_retries=2).code == 0
    assert calls(double) == [20, 20, 20]


def test_halves_find_the_record_that_breaks_the_model(double: Deployment) -> None:
    double.script(NOTING + "    assert not rows['x'].isin([105, 111]).any(), 'poison'\n    return rows['x'].tolist()\n")
    double.write("a.csv", table(range(100, 116)))
    assert double.score(on_bad_record="dead-letter", call_retries=1).code == 0
    assert [float(row["prediction"]) for row in double.rows()] == [x for x in range(100, 116) if x not in (105, 111)]
    assert letters(double) == ["predict of predict.py failed: AssertionError: poison"] * 2
    assert calls(double)[:3] == [16, 16, 8]


def test_a_call_that_takes_too_long_is_ended_and_its_record_found(double: Deployment) -> None:
    double.script(NOTING + "    time.sleep(600 if (rows['x'] == 101).any() else 0)\n    return rows['x'].tolist()\n")
    double.write("a.csv", table(range(100, 104)))
    done = double.score(on_bad_record="dead-letter", call_timeout=3)
    assert done.code == 0, done.err
    assert [row["prediction"] for row in double.rows()] == ["100.0", "102.0", "103.0"]
    assert letters(double) == ["the call took longer than 3 seconds"]


def test_a_record_that_ends_the_models_process_is_found(double: Deployment) -> None:
    double.script(
        "import os\ndef load(folder): ...\ndef predict(model, rows):\n"
        "    if (rows['x'] == 101).any():\n        os._exit(9)\n    return rows['x'].tolist()\n"
    )
    double.write("a.csv", table(range(100, 104)))
    assert double.score(on_bad_record="dead-letter", call_timeout=60, workers=2).code == 0
    assert letters(double) == ["the process that asks the model ended with exit code 9"]


def test_a_model_that_cannot_be_loaded_is_no_bad_record(double: Deployment) -> None:
    double.script("def load(folder):\n    raise ValueError('no weights')\ndef predict(model, rows): ...\n")
    double.write("a.csv", table([100]))
    for flags in ({}, {"call_timeout": 60}):
        done = double.score(on_bad_record="skip", **flags)
        assert done.code == 1
        assert "load of predict.py failed: ValueError: no weights" in done.err


def test_predictions_of_the_wrong_number_are_the_scripts_fault(double: Deployment) -> None:
    double.script("def load(folder): ...\ndef predict(model, rows):\n    return [1]\n")
    double.write("a.csv", table([100, 101]))
    # Alone, each record has the one answer that is owed: the halves are whole.
    assert double.score().code == 0
    double.script("def load(folder): ...\ndef predict(model, rows):\n    return [1, 2, 3]\n")
    done = double.score("r2")
    assert done.code == 1
    assert "returned 3 predictions for 1 records" in done.err
