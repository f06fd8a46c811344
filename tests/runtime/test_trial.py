"""A trial that a platform leads, and machines that find each other."""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from mlopsgen.runtime.nodes import rendezvous
from mlopsgen.runtime.problems import Failed

from .conftest import Run

SCRIPT = """
import json, pathlib, sys
given = dict(word.removeprefix("--").split("=", 1) for word in sys.argv[1:])
metrics = pathlib.Path(given["metrics"])
metrics.mkdir(parents=True, exist_ok=True)
(metrics / "metrics.json").write_text(json.dumps({"accuracy": float(given["rate"]), "loss": 1}))
pathlib.Path(given["model"]).mkdir(parents=True, exist_ok=True)
(pathlib.Path(given["model"]) / "m.txt").write_text(json.dumps(given))
sys.exit(int(given.get("exit", 0)))
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "train.py").write_text(SCRIPT)
    monkeypatch.setenv("TRIAL", "7")
    monkeypatch.setenv("REPORT", str(tmp_path / "report" / "metrics"))
    return tmp_path


def words(place: Path, *appended: str, metric: str = "accuracy") -> list[str]:
    under = place / "trials"
    own = [f"--under={under}", "--number=TRIAL", f"--metric={metric}", "--report=REPORT", "--param=rate:number"]
    folders = [f"--model={under}/model", f"--metrics={under}/metrics", f"--data={place}/data"]
    return ["trial", *own, "--param=depth:integer", "--", sys.executable, str(place / "train.py"), *folders, *appended]


def test_a_trial_writes_below_its_own_number_and_reports(run: Run, place: Path) -> None:
    (place / "report").mkdir()
    (place / "report/metrics").write_text('{"trial": "7", "accuracy": "0.1"}\n')
    done = run(*words(place, "--rate=0.5", "--depth=3"))
    assert done.code == 0, done.err
    mine = place / "trials/7"
    assert json.loads((mine / "params.json").read_text()) == {"rate": 0.5, "depth": 3}
    given = json.loads((mine / "model/m.txt").read_text())
    assert given["model"] == str(mine / "model")
    assert given["data"] == str(place / "data")
    first, last = map(json.loads, (place / "report/metrics").read_text().splitlines())
    assert first["accuracy"] == "0.1"
    assert {key: last[key] for key in ("trial", "accuracy", "global_step")} == {
        "trial": "7",
        "accuracy": "0.5",
        "global_step": "0",
    }


def test_a_whole_number_arrives_as_one(run: Run, place: Path) -> None:
    assert run(*words(place, "--rate=1", "--depth=3.0")).code == 0
    given = json.loads((place / "trials/7/model/m.txt").read_text())
    assert (given["rate"], given["depth"]) == ("1", "3")


def test_the_last_value_of_a_param_counts(run: Run, place: Path) -> None:
    assert run(*words(place, "--rate=0.5", "--depth=3", "--depth=4")).code == 0
    assert json.loads((place / "trials/7/params.json").read_text())["depth"] == 4


def test_a_trial_that_fails_reports_nothing(run: Run, place: Path) -> None:
    assert run(*words(place, "--rate=0.5", "--depth=3", "--exit=3")).code == 3
    assert not (place / "report").exists()
    assert not (place / "trials/7/params.json").exists()


@pytest.mark.parametrize(
    ("appended", "metric", "said"),
    [
        (("--rate=0.5",), "accuracy", "the trial was given no `depth`"),
        (("--rate=0.5", "--depth=3"), "f1", "wrote no metric `f1`; it wrote accuracy, loss"),
    ],
)
def test_what_is_missing_is_said(run: Run, place: Path, appended: tuple[str, ...], metric: str, said: str) -> None:
    done = run(*words(place, *appended, metric=metric))
    assert done.code == 1
    assert said in done.err


def test_a_trial_without_a_number_does_not_start(run: Run, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIAL", "../7")
    done = run(*words(place, "--rate=0.5", "--depth=3"))
    assert done.code == 1
    assert "TRIAL is `../7`" in done.err
    assert not (place / "trials").exists()


def cluster(kind: str, index: int, **more: Any) -> str:
    pools = {"workerpool0": ["one:2222"], "workerpool1": ["two:2222", "three:2222"]}
    return json.dumps({"cluster": pools, "task": {"type": kind, "index": index}, **more})


@pytest.mark.parametrize(("kind", "index", "rank"), [("workerpool0", 0, "0"), ("workerpool1", 1, "2")])
def test_machines_count_on_from_pool_to_pool(monkeypatch: pytest.MonkeyPatch, kind: str, index: int, rank: str) -> None:
    monkeypatch.setenv("CLUSTER_SPEC", cluster(kind, index))
    found = rendezvous("CLUSTER_SPEC")
    assert (found["MASTER_ADDR"], found["MASTER_PORT"], found["NODE_RANK"]) == ("one", "2222", rank)
    assert found["PET_NODE_RANK"] == rank


def test_one_machine_alone_needs_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLUSTER_SPEC", raising=False)
    assert rendezvous("CLUSTER_SPEC") == {}
    monkeypatch.setenv("CLUSTER_SPEC", "{}")
    with pytest.raises(Failed, match="CLUSTER_SPEC does not name the machines"):
        rendezvous("CLUSTER_SPEC")


def test_a_step_finds_the_first_machine(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CLUSTER_SPEC", cluster("workerpool1", 0))
    out = tmp_path / "out"
    told = "os.environ['PET_MASTER_ADDR'] + os.environ['NODE_RANK']"
    code = f"import os, pathlib; pathlib.Path({str(out)!r}).write_text({told})"
    assert run("step", "--cluster=CLUSTER_SPEC", "--", sys.executable, "-c", code).code == 0
    assert out.read_text() == "one1"


def test_of_the_machines_of_a_list_the_first_one_tells_the_metrics(run: Run, tmp_path: Path) -> None:
    """SageMaker reads a search's objective from what is printed: by each machine it would be one value too many."""
    (tmp_path / "metrics.json").write_text('{"accuracy": 0.25}')
    told = []
    for current in ("localhost", "127.0.0.1"):
        listed(tmp_path, hosts=["localhost", "127.0.0.1"], current_host=current)
        cluster = f"--cluster={tmp_path}/resourceconfig.json"
        told.append(run("step", cluster, "--scalars=stdout", f"--metrics={tmp_path}", "--", "python", "-c", "").out)
    assert told == ["accuracy=0.25\n", ""]


def listed(place: Path, **said: Any) -> str:
    file = place / "resourceconfig.json"
    file.write_text(json.dumps(said))
    return str(file)


def test_a_machine_waits_until_the_first_one_has_an_address(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[str] = []

    def resolved(host: str, port: object) -> list[Any]:
        asked.append(host)
        if len(asked) < 3:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return []

    monkeypatch.setattr("mlopsgen.runtime.nodes.socket.getaddrinfo", resolved)
    monkeypatch.setattr("mlopsgen.runtime.nodes.time.sleep", lambda _: None)
    found = rendezvous(listed(tmp_path, hosts=["algo-1", "algo-2"], current_host="algo-2"))
    assert (found["PET_MASTER_ADDR"], found["PET_NODE_RANK"], len(asked)) == ("algo-1", "1", 3)
    monkeypatch.setattr("mlopsgen.runtime.nodes.PATIENCE", 0.0)
    asked.clear()
    with pytest.raises(Failed, match="algo-1, the first machine of this job, has no address"):
        rendezvous(listed(tmp_path, hosts=["algo-1"], current_host="algo-1"))


def test_a_list_without_this_machine_is_not_taken_for_a_rank(tmp_path: Path) -> None:
    wrong: tuple[dict[str, Any], ...] = ({"hosts": ["localhost"], "current_host": "algo-2"}, {"hosts": []}, {})
    for said in wrong:
        with pytest.raises(Failed, match=r"resourceconfig\.json does not name the machines"):
            rendezvous(listed(tmp_path, **said))
    with pytest.raises(Failed, match="does not name the machines"):
        rendezvous(str(tmp_path / "absent.json"))
