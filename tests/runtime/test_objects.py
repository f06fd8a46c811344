"""Files and registries in an object store: whole folders, versions that appear whole, one number for each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mlopsgen.runtime.platforms import open_folder, open_registrar, open_registry, open_store
from mlopsgen.runtime.platforms.api import Stored
from mlopsgen.runtime.platforms.objects import ObjectRegistry
from mlopsgen.runtime.problems import Failed, Usage

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


def keys() -> list[str]:
    return [found["Key"] for found in s3().list_objects_v2(Bucket=BUCKET).get("Contents", ())]


def fill(text: str = "weights", accuracy: float = 0.9) -> Any:
    def into(folder: Path, number: int) -> None:
        (folder / "model" / "deep").mkdir(parents=True)
        (folder / "model" / "deep" / "m.bin").write_text(text)
        (folder / "version.json").write_text(json.dumps({"version": number, "metrics": {"accuracy": accuracy}}))

    return into


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


def test_versions_are_numbered_and_the_champion_is_the_newest_approved(tmp_path: Path) -> None:
    uri = f"s3://{BUCKET}/churn/registry"
    registry = open_registrar(uri, "churn")
    assert registry.champion() is None
    assert registry.versions() == ()
    assert registry.add(fill("one"), becomes_champion=True) == 1
    assert registry.add(fill("two", 0.95), becomes_champion=False) == 2

    champion = open_registry(f"{uri}/churn").champion()
    assert champion is not None
    assert (champion.name, champion.metrics) == ("1", {"accuracy": 0.9})
    assert [(v.name, v.metrics["accuracy"]) for v in registry.versions()] == [("1", 0.9), ("2", 0.95)]
    registry.fetch_model(champion, tmp_path)
    assert (tmp_path / "deep" / "m.bin").read_text() == "one"


def test_a_version_that_was_cut_off_is_none_and_its_number_is_never_used_again() -> None:
    registry = open_registrar(f"s3://{BUCKET}/r", "churn")

    def cut_off(folder: Path, number: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        registry.add(cut_off, becomes_champion=True)
    assert registry.versions() == ()
    assert registry.champion() is None
    assert registry.add(fill(), becomes_champion=True) == 2
    assert [version.name for version in registry.versions()] == ["2"]


def test_an_earlier_version_does_not_displace_a_later_champion() -> None:
    registry = open_registrar(f"s3://{BUCKET}/r", "churn")

    def overtaken(folder: Path, number: int) -> None:
        assert open_registrar(f"s3://{BUCKET}/r", "churn").add(fill("later"), becomes_champion=True) == 2
        fill("earlier")(folder, number)

    assert registry.add(overtaken, becomes_champion=True) == 1
    champion = registry.champion()
    assert champion is not None
    assert champion.name == "2"


def test_two_that_add_at_once_get_two_numbers() -> None:
    class Contested:
        """A store in which somebody else is faster the first time."""

        def __init__(self) -> None:
            self.inner = open_store(f"s3://{BUCKET}/r")
            self.lost = 0

        def read(self, key: str) -> Stored:
            return self.inner.read(key)

        def write(self, key: str, body: bytes, seen: Stored) -> bool:
            if key == "counter.json" and not self.lost:
                self.lost += 1
                assert self.inner.write(key, body, seen)
            return self.inner.write(key, body, seen)

    registry = ObjectRegistry(f"s3://{BUCKET}/r", store=Contested())
    assert registry.add(fill(), becomes_champion=False) == 2


def test_a_champion_file_of_somebody_else_is_said() -> None:
    registry = open_registrar(f"s3://{BUCKET}/r", "churn")
    s3().put_object(Bucket=BUCKET, Key="r/churn/champion.json", Body=b'["1"]')
    with pytest.raises(Failed, match="must hold"):
        registry.champion()
    s3().put_object(Bucket=BUCKET, Key="r/churn/champion.json", Body=b'{"version": 7}')
    with pytest.raises(Failed, match="version 7, which is not there"):
        registry.champion()


def test_a_registry_with_a_step_of_its_own_takes_no_versions_from_here() -> None:
    with pytest.raises(Usage, match="its platform has a step"):
        open_registrar("sagemaker://eu-west-1", "churn")
