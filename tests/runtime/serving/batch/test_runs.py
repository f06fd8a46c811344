"""Parts, runs that are taken up again, several machines, and the version of the model."""

from __future__ import annotations

import csv
import io
import json
import threading
from pathlib import Path

import pytest

from mlopsgen.runtime.serving.batch.plan import Progress, Version
from mlopsgen.runtime.serving.batch.settings import read_settings
from mlopsgen.runtime.serving.lock import held

from .conftest import Deployment, read, table

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("size", [1, 17, 60, 200, 10**6])
def test_parts_are_cut_between_records_wherever_lines_break(double: Deployment, size: int) -> None:
    double.contract(id={"type": "string"}, x={"type": "number"}, note={"type": "string", "nullable": True})
    text = io.StringIO(newline="")
    rows = [(f"{at:03d}", 100 + at, note) for at, note in enumerate(['a\n"b"', "", "c", 'd"', "\n\n", "é,\r\n"] * 5)]
    csv.writer(text).writerows([("id", "x", "note"), *rows])
    double.write("a.csv", text.getvalue().encode("utf-8-sig"))
    assert double.score(out_columns='["id", "note"]', part_bytes=size).code == 0
    assert [(row["id"], row["note"]) for row in double.rows()] == [(number, note) for number, _, note in rows]
    assert len(double.parts()) == {1: 30, 10**6: 1}.get(size, len(double.parts()))
    assert sum(part["read"] for part in double.success()["parts"]) == 30


def test_lines_are_counted_through_all_parts(double: Deployment) -> None:
    double.write("a.csv", table([*range(100, 190), "many", *range(100, 190)]))
    done = double.score(part_bytes=100)
    assert "a.csv line 92: `x` is `many`" in done.err


@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
def test_other_formats_are_cut_into_parts_too(double: Deployment, ending: str) -> None:
    import pandas as pd

    frame = pd.DataFrame({"id": [f"{at:05d}" for at in range(1000)], "x": [100.0 + at for at in range(1000)]})
    frame.loc[777, "x"] = None
    path = double.root / "in" / f"a.{ending}"
    if ending == "jsonl":
        frame.to_json(path, orient="records", lines=True)
    else:
        frame.to_parquet(path, index=False, row_group_size=100)
    assert double.score(format=ending, part_bytes=1000, on_bad_record="dead-letter").code == 0
    assert len(double.parts()) > 4
    assert [row["id"] for row in double.rows()] == [f"{at:05d}" for at in range(1000) if at != 777]
    (letters,) = (double.out / "dead-letter" / "run=r1").iterdir()
    told = json.loads(letters.read_text())
    assert (told["line"], json.loads(told["record"])["id"]) == (778, "00777")


def test_a_finished_run_is_not_done_twice(double: Deployment) -> None:
    double.write("a.csv", table([100]))
    double.score()
    before = double.parts()[0].stat().st_mtime_ns
    done = double.score()
    assert (done.code, double.parts()[0].stat().st_mtime_ns) == (0, before)
    assert "is done already" in done.out


def test_a_failed_run_goes_on_with_the_parts_it_lacks_and_the_files_it_began_with(double: Deployment) -> None:
    double.write("a.csv", table(range(100, 150)))
    double.write("b.csv", table(range(150, 200)))
    right = (double.root / "predict.py").read_text()
    double.script(right.replace("== 13", "== 160"))
    assert "b.csv line 12: predict of predict.py failed: ValueError: unlucky" in double.score().err
    before = double.parts()[0].stat().st_mtime_ns
    double.script(right)
    double.write("c.csv", table([7]))
    done = double.score()
    assert done.code == 0
    assert "1 of 2 parts are done already" in done.out
    assert double.parts()[0].stat().st_mtime_ns == before
    assert [row["prediction"] for row in double.rows()] == [str(2.0 * x) for x in range(100, 200)]


def test_a_part_that_somebody_has_taken_away_is_told(double: Deployment) -> None:
    double.write("a.csv", table([100]))
    double.write("b.csv", table([13]))
    double.score()
    double.parts()[0].unlink()
    double.script((double.root / "predict.py").read_text().replace("== 13", "== 12"))
    assert "part-00000.csv of run r1 is gone from" in double.score().err
    assert not double.ended()


def test_input_that_changes_under_a_run_is_told(double: Deployment) -> None:
    double.write("a.csv", table(range(100, 150)))
    double.write("b.csv", table([13]))
    assert double.score().code == 1
    double.write("b.csv", table(range(150, 201)))
    done = double.score()
    assert done.code == 1
    assert "b.csv was changed while it was read" in done.err
    assert double.score("r2").code == 0


def test_a_run_with_other_flags_is_another_run(double: Deployment) -> None:
    double.write("a.csv", table([13]))
    double.score()
    done = double.score(on_bad_record="skip")
    assert done.code == 2
    assert "run r1 began with --on-bad-record=fail, not skip" in done.err


def test_a_run_goes_on_with_the_version_it_began_with(double: Deployment) -> None:
    registry = double.root / "registry"
    for number, factor in ((1, "2"), (2, "3")):
        model = registry / "versions" / str(number) / "model"
        model.mkdir(parents=True)
        (model / "factor").write_text(factor)
        (model.parent / "version.json").write_text(json.dumps({"version": number}))
    (registry / "champion.json").write_text('{"version": 1}')
    factor = "import pathlib\ndef load(folder):\n    return float((pathlib.Path(folder) / 'factor').read_text())\n"
    right = factor + "def predict(model, rows):\n    return [model * x for x in rows['x']]\n"
    double.script(right.replace("return [", "assert (rows['x'] != 101).all()\n    return ["))
    double.write("a.csv", table([100]))
    double.write("b.csv", table([101]))
    flags = {"model": None, "registry": f"file://{registry}"}
    assert double.score(**flags).code == 1
    (registry / "champion.json").write_text('{"version": 2}')
    double.script(right)
    assert double.score(**flags).code == 0
    assert [row["prediction"] for row in double.rows()] == ["200.0", "202.0"]
    assert double.success()["model"] == {"version": "1", "registry": f"file://{registry}"}

    double.score("r2", **flags)
    assert [row["prediction"] for row in double.rows("r2")] == ["300.0", "303.0"]
    double.score("r3", **flags, version="1")
    assert double.success("r3")["model"]["version"] == "1"
    assert "there is no version 9 of the model; there is 1, 2" in double.score("r4", **flags, version="9").err
    (registry / "champion.json").unlink()
    assert "is in use yet" in double.score("r5", **flags).err


def test_a_run_does_not_go_on_with_another_model(double: Deployment) -> None:
    double.write("a.csv", table([13]))
    double.score()
    (double.root / "model" / "weights").write_text("3")
    assert "is not the model with which run r1 began" in double.score().err


def test_machines_share_the_parts_and_the_last_one_ends_the_run(double: Deployment) -> None:
    for at in range(5):
        double.write(f"{at}.csv", table([100 + at]))
    first = double.score(node=1, nodes=2)
    assert first.code == 0
    assert "the run waits for other nodes: 3 of 5 parts are not there yet" in first.out
    assert [path.stem for path in double.parts()] == ["part-00001", "part-00003"]
    assert not double.ended()
    assert double.score(node=0, nodes=2).code == 0
    assert [row["prediction"] for row in double.rows()] == [str(2.0 * x) for x in range(100, 105)]
    assert double.ended()


def test_other_machines_wait_for_the_first_ones_plan(double: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    double.write("a.csv", table([100]))
    double.write("b.csv", table([101]))
    first = read_settings(double.flags(node=0, nodes=2, heartbeat=0.2))
    progress, begin = Progress(first), Progress.begin
    monkeypatch.setattr(Progress, "begin", lambda *_: pytest.fail("cut the files as well"))
    with held(progress.store, first.claim):
        timer = threading.Timer(1, lambda: begin(progress, Version(name="1"), ","))
        timer.start()
        done = double.score(node=1, nodes=2, heartbeat=0.2)
        timer.join()
    assert "1 of 2 parts are not there yet" in done.out
    assert [path.stem for path in double.parts()] == ["part-00001"]


def test_a_machine_stands_in_for_the_one_that_was_to_end_the_run(double: Deployment) -> None:
    double.write("a.csv", table([100]))
    double.score()
    (double.out / "run=r1" / "_SUCCESS").unlink()
    (double.out / "_state" / "double" / "run=r1" / "ending.json").write_text('{"node": 4}')
    assert "another node ends the run" in double.score(node=1, nodes=5).out
    assert double.score().code == 0
    assert double.ended()


def test_an_overwritten_place_holds_one_run_alone(double: Deployment) -> None:
    double.write("a.csv", table([100]))
    double.write("b.csv", table([101]))
    assert double.score(write="overwrite").code == 0
    assert sorted(path.name for path in double.out.glob("part-*")) == ["part-00000-r1.csv", "part-00001-r1.csv"]
    (double.root / "in" / "b.csv").unlink()
    double.write("a.csv", table([13]))
    assert double.score("r2", write="overwrite").code == 1
    assert json.loads((double.out / "_SUCCESS").read_text())["run"] == "r1"
    assert len(list(double.out.glob("part-*"))) == 2

    double.write("a.csv", table([102]))
    assert double.score("r3", write="overwrite").code == 0
    success = json.loads((double.out / "_SUCCESS").read_text())
    assert (success["run"], [part["name"] for part in success["parts"]]) == ("r3", ["part-00000-r3.csv"])
    (part,) = double.out.glob("part-*")
    assert [row["prediction"] for row in read(part)] == ["204.0"]
    assert not (double.out / "_staged" / "run=r3").exists()
    assert "is done already" in double.score("r3", write="overwrite").out


@pytest.mark.parametrize("workers", [1, 2])
def test_all_processes_of_a_machine_score_parts(double: Deployment, workers: int) -> None:
    for at in range(4):
        double.write(f"{at}.csv", table(range(100 * at + 100, 100 * at + 200)))
    double.script(
        "import os\n" + (double.root / "predict.py").read_text().replace('"score": 0.5', '"pid": os.getpid()')
    )
    assert double.score(workers=workers).code == 0
    assert len({row["pid"] for row in double.rows()}) == workers
    assert len(double.rows()) == 400


def test_the_first_bad_record_is_told_whichever_process_met_it(double: Deployment) -> None:
    for at in range(4):
        double.write(f"{at}.csv", table([*range(100, 400), "many"] if at else [*range(100, 2000), "few"]))
    done = double.score(workers=2)
    assert done.code == 1
    assert "0.csv line 1902: `x` is `few`" in done.err


def test_a_model_that_ends_its_process_is_told(double: Deployment) -> None:
    double.write("a.csv", table([100]))
    double.write("b.csv", table([13]))
    double.script("import os\ndef load(folder): ...\ndef predict(model, rows):\n    os.kill(os.getpid(), 11)\n")
    done = double.score(workers=2)
    assert done.code == 1
    assert "ended with signal SIGSEGV" in done.err


def test_usage_is_the_page_of_the_command(double: Deployment, capsys: pytest.CaptureFixture[str]) -> None:
    from mlopsgen.runtime.cli import main
    from mlopsgen.runtime.serving.batch.settings import SINGLE

    assert main(["score", "--help"]) == 0
    page = capsys.readouterr().out
    assert [flag for flag in SINGLE if f"--{flag}" not in page] == []


def test_state_of_another_place(double: Deployment, tmp_path: Path) -> None:
    double.write("a.csv", table([100]))
    double.score(state=tmp_path / "state")
    assert (tmp_path / "state" / "double" / "run=r1" / "plan.json").exists()
    assert not (double.out / "_state").exists()
