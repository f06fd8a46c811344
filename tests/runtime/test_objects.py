"""Files and registries in an object store: whole folders, versions that appear whole, one number for each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mlopsgen.runtime.budget import count_up
from mlopsgen.runtime.platforms import open_folder, open_registry, open_store
from mlopsgen.runtime.platforms.api import Candidate, Stored
from mlopsgen.runtime.platforms.aws import S3Store
from mlopsgen.runtime.platforms.objects import ObjectRegistry
from mlopsgen.runtime.problems import Failed

pytestmark = pytest.mark.slow

BUCKET = "acme-ml"


@pytest.fixture(autouse=True)
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    import moto

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with moto.mock_aws():
        s3().create_bucket(Bucket=BUCKET)
        yield


def s3() -> Any:
    import boto3

    return boto3.client("s3", region_name="us-east-1")


def new(root: Path, text: str = "weights", accuracy: float = 0.9, status: str = "approved", run: str = "") -> Candidate:
    model = root / f"new-{text}" / "model"
    (model / "deep").mkdir(parents=True, exist_ok=True)
    (model / "deep" / "m.bin").write_text(text)
    about = {"status": status, "metrics": {"accuracy": accuracy}, "lineage": {"run": run or None}, "card": {}}
    return Candidate(model=model, figures=(), about=about)


def registry(store: Any = None) -> ObjectRegistry:
    return ObjectRegistry(f"s3://{BUCKET}/r/churn", store=store)


@pytest.mark.parametrize("scheme", ["s3", "minio"])
def test_a_folder_goes_there_and_comes_back(tmp_path: Path, scheme: str) -> None:
    made = tmp_path / "made"
    (made / "inner").mkdir(parents=True)
    (made / "inner" / "a.csv").write_text("a")
    (made / "b.csv").write_text("b")
    open_folder(f"{scheme}://{BUCKET}/rows/").put(made)
    s3().put_object(Bucket=BUCKET, Key="rows-of-others/c.csv", Body=b"c")
    s3().put_object(Bucket=BUCKET, Key="rows/empty/", Body=b"")

    assert open_folder(f"{scheme}://{BUCKET}/rows").get(tmp_path / "back") == 2
    back = {p.relative_to(tmp_path / "back").as_posix() for p in (tmp_path / "back").rglob("*") if p.is_file()}
    assert back == {"inner/a.csv", "b.csv"}


def test_one_object_is_a_folder_with_one_file(tmp_path: Path) -> None:
    s3().put_object(Bucket=BUCKET, Key="in/rows.csv", Body=b"r")
    assert open_folder(f"s3://{BUCKET}/in/rows.csv").get(tmp_path) == 1
    assert (tmp_path / "rows.csv").read_text() == "r"


def test_an_object_whose_name_leaves_the_folder_is_refused(tmp_path: Path) -> None:
    s3().put_object(Bucket=BUCKET, Key="in/../../evil", Body=b"r")
    with pytest.raises(Failed, match="no plain name"):
        open_folder(f"s3://{BUCKET}/in").get(tmp_path / "a" / "b")
    assert not (tmp_path / "evil").exists()


def test_a_bucket_that_is_not_there_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    with pytest.raises(Failed, match=r"s3://nobody/a cannot be written"):
        open_folder("s3://nobody").put(tmp_path)


class MayNotList:
    """A client whose role lacks s3:ListBucket: S3 denies it what is not there, too."""

    def __init__(self, *, reads: bool = True) -> None:
        self.inner = s3()
        self.reads = reads

    def get_object(self, **request: Any) -> Any:
        from botocore.exceptions import ClientError

        try:
            answer = self.inner.get_object(**request)
        except ClientError:
            answer = None
        if answer is None or not self.reads:
            denied = {"Error": {"Code": "AccessDenied"}, "ResponseMetadata": {"HTTPStatusCode": 403}}
            raise ClientError(denied, "GetObject")
        return answer

    def put_object(self, **request: Any) -> Any:
        return self.inner.put_object(**request)


def test_a_role_that_may_not_list_the_bucket_counts_all_the_same() -> None:
    store = S3Store(f"s3://{BUCKET}/churn/state", MayNotList())
    assert [count_up(store, "test-sets/a.json") for _ in range(3)] == [1, 2, 3]
    with pytest.raises(Failed, match=r"s3://acme-ml/churn/state/test-sets/a\.json cannot be read: AccessDenied"):
        count_up(S3Store(f"s3://{BUCKET}/churn/state", MayNotList(reads=False)), "test-sets/a.json")
    # Who only reads is still refused: a champion that nobody may read is not the same as none.
    with pytest.raises(Failed, match="cannot be read: AccessDenied"):
        registry(S3Store(f"s3://{BUCKET}/r/churn", MayNotList())).champion()


def test_versions_are_numbered_and_the_champion_is_the_newest_approved(tmp_path: Path) -> None:
    assert registry().champion() is None
    assert registry().versions() == ()
    assert registry().register(new(tmp_path, "one")) == "1"
    assert registry().register(new(tmp_path, "two", 0.95, status="pending")) == "2"

    champion = open_registry(f"s3://{BUCKET}/r/churn").champion()
    assert champion is not None
    assert (champion.name, champion.metrics) == ("1", {"accuracy": 0.9})
    assert [(v.name, v.metrics["accuracy"]) for v in registry().versions()] == [("1", 0.9), ("2", 0.95)]
    registry().fetch_model(champion, tmp_path / "back")
    assert (tmp_path / "back" / "deep" / "m.bin").read_text() == "one"


def test_a_step_that_is_tried_again_registers_once(tmp_path: Path) -> None:
    assert registry().register(new(tmp_path, run="7f3a")) == "1"
    assert registry().register(new(tmp_path, run="7f3a")) == "1"
    assert registry().register(new(tmp_path, run="8b2c")) == "2"


def test_a_version_that_was_cut_off_is_none_and_its_number_is_never_used_again(tmp_path: Path) -> None:
    class Cut:
        """Folders of a store that goes away in the middle."""

        def get(self, into: Path) -> int:
            return 0

        def put(self, folder: Path) -> None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ObjectRegistry(f"s3://{BUCKET}/r/churn", folder=lambda _: Cut()).register(new(tmp_path))
    assert registry().versions() == ()
    assert registry().champion() is None
    assert registry().register(new(tmp_path)) == "2"
    assert [version.name for version in registry().versions()] == ["2"]


class Contested:
    """A store in which somebody else is faster, the first time that this file is written."""

    def __init__(self, key: str, instead: bytes | None = None) -> None:
        self.inner = open_store(f"s3://{BUCKET}/r/churn")
        self.key, self.instead, self.lost = key, instead, False

    def read(self, key: str) -> Stored:
        return self.inner.read(key)

    def write(self, key: str, body: bytes, seen: Stored) -> bool:
        if key == self.key and not self.lost:
            self.lost = True
            assert self.inner.write(key, self.instead or body, seen)
        return self.inner.write(key, body, seen)


def test_two_that_add_at_once_get_two_numbers(tmp_path: Path) -> None:
    assert registry(Contested("counter.json")).register(new(tmp_path)) == "2"


def test_an_earlier_version_does_not_displace_a_later_champion(tmp_path: Path) -> None:
    later = json.dumps({"version": 2}).encode()
    assert registry(Contested("champion.json", later)).register(new(tmp_path, "earlier")) == "1"
    assert registry().register(new(tmp_path, "later", status="pending")) == "2"
    champion = registry().champion()
    assert champion is not None
    assert champion.name == "2"


def test_a_champion_file_of_somebody_else_is_said(tmp_path: Path) -> None:
    s3().put_object(Bucket=BUCKET, Key="r/churn/champion.json", Body=b'["1"]')
    with pytest.raises(Failed, match="must hold"):
        registry().champion()
    s3().put_object(Bucket=BUCKET, Key="r/churn/champion.json", Body=b'{"version": 7}')
    with pytest.raises(Failed, match="version 7, which is not there"):
        registry().champion()
