"""Files of a store, each by its name; and a whole run in each store that can hold one."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

from mlopsgen.runtime.platforms import azure_rest, google, open_store, open_tree
from mlopsgen.runtime.platforms.api import Entry
from mlopsgen.runtime.problems import Failed
from tests.runtime.test_azure import HOME, Cloud
from tests.targets.vertex.executor.google import TOKEN, Google, served

from .conftest import Deployment, table

pytestmark = pytest.mark.slow
Place: TypeAlias = str
STORES = ("file", "s3", "gs", "azureml")


@pytest.fixture(params=STORES)
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """The address of an empty place in a store."""
    opened: Callable[[Path, pytest.MonkeyPatch], Iterator[Place]] = {
        "file": here,
        "s3": in_s3,
        "gs": in_gcs,
        "azureml": in_azure,
    }[request.param]
    yield from opened(tmp_path, monkeypatch)


def here(tmp_path: Path, _: pytest.MonkeyPatch) -> Iterator[Place]:
    yield f"file://{tmp_path}/store"


def in_s3(_: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    import boto3
    import moto

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with moto.mock_aws():
        boto3.client("s3").create_bucket(Bucket="acme")
        yield "s3://acme/batch"


def in_gcs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    import requests

    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {TOKEN}"
    with session, served(Google(tmp_path / "gs")) as found:
        for name, value in found.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(google, "session", lambda: session)
        yield "gs://acme/batch"


def in_azure(_: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    monkeypatch.setattr(azure_rest, "send", Cloud())
    monkeypatch.setattr(azure_rest, "WAITS", (0,))
    monkeypatch.setattr(azure_rest, "token", lambda resource: f"token for {resource}")
    monkeypatch.setattr("time.sleep", lambda _: None)
    yield f"{HOME}/paths/batch"


def put(uri: str, tmp_path: Path, **files: str) -> None:
    """csv files with these texts; two underscores in a name are a slash."""
    for name, text in files.items():
        path = tmp_path / "new"
        path.write_text(text)
        open_tree(uri).put(path, name.replace("__", "/") + ".csv")


def test_files_are_listed_read_in_stretches_moved_and_removed(place: Place, tmp_path: Path) -> None:
    put(place, tmp_path, b="0123456789", inner__a="abc")
    put(f"{place}-of-others", tmp_path, c="c")
    tree = open_tree(place)
    found = {entry.name: entry for entry in tree.entries()}
    assert {name: entry.size for name, entry in found.items()} == {"b.csv": 10, "inner/a.csv": 3}
    assert [entry.name for entry in tree.entries("inner/")] == ["inner/a.csv"]
    assert [entry.name for entry in tree.entries("in")] == ["inner/a.csv"]
    assert tree.span(found["b.csv"], 3, 4) == b"3456"

    (single,) = open_tree(f"{place}/inner/a.csv").entries()
    assert single == Entry("", 3, found["inner/a.csv"].mark)
    assert open_tree(f"{place}/inner/a.csv").span(single, 0, 3) == b"abc"

    tree.move("inner/a.csv", "b.csv")
    (left,) = tree.entries()
    assert tree.span(left, 0, 3) == b"abc"
    with pytest.raises(Failed, match="was changed while it was read"):
        tree.span(found["b.csv"], 3, 4)
    tree.remove("b.csv")
    tree.remove("b.csv")
    assert list(tree.entries()) == []


def text_of(uri: str, name: str) -> str:
    body = open_store(uri).read(name).body
    assert body is not None
    return body.decode()


@pytest.mark.parametrize("write", ["append", "overwrite"])
def test_a_run_reads_and_writes_in_a_store(double: Deployment, place: Place, tmp_path: Path, write: str) -> None:
    inputs, output = f"{place}/in", f"{place}/out"
    put(inputs, tmp_path, a=table(["many", *range(100, 200)]), deep__b=table([101]))
    flags = {"input": inputs, "output": output, "part_bytes": 500, "on_bad_record": "dead-letter", "write": write}
    right = (double.root / "predict.py").read_text()
    double.script(right.replace("== 13", "== 101"))
    assert double.score(**{**flags, "on_bad_record": "fail"}).code == 1
    double.script(right.replace("== 13", "== 12"))
    assert double.score("r2", **flags).code == 0
    assert "is done already" in double.score("r2", **flags).out

    home = f"{output}/run=r2" if write == "append" else output
    success = json.loads(text_of(home, "_SUCCESS"))
    assert success["records"] == {"read": 102, "scored": 101, "bad": 1}
    names = [part["name"] for part in success["parts"]]
    there = {entry.name for entry in open_tree(home).entries() if entry.name.startswith("part-")}
    assert there == set(names)
    rows = [row for name in names for row in csv.DictReader(io.StringIO(text_of(home, name)))]
    assert [row["prediction"] for row in rows] == [str(2.0 * x) for x in [*range(100, 200), 101]]
    letter = json.loads(text_of(f"{output}/dead-letter/run=r2", "part-00000.jsonl"))
    assert (letter["file"], letter["line"], letter["record"]) == ("a.csv", 2, "00000,many")

    if write == "overwrite":
        open_tree(inputs).remove("a.csv")
        assert double.score("r3", **flags).code == 0
        left = {entry.name for entry in open_tree(output).entries() if "/" not in entry.name}
        assert left == {"_SUCCESS", "part-00000-r3.csv"}
