"""Tables of BigQuery, extracted into a bucket by the service's own jobs, against a strict one on 127.0.0.1."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import requests

from mlopsgen.runtime import extract
from mlopsgen.runtime.contract import read_contract
from mlopsgen.runtime.platforms import bigquery, google, requirements_of
from mlopsgen.runtime.problems import Failed, Usage
from mlopsgen.runtime.tables import read_rows, read_table
from tests.targets.vertex.executor.bigquery import Stored
from tests.targets.vertex.executor.google import TOKEN, Google, served

pytestmark = pytest.mark.slow

TABLE = "acme-data.churn.rows 2026-é"
TO = "gs://acme-models/churn/runs/1/import-source/artifact"
HUGE = 2**60 + 1
MOMENT = datetime(2026, 11, 30, 12, tzinfo=UTC)
MILLISECONDS = int(MOMENT.timestamp()) * 1000


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Google]:
    """The services, and a session that has their token."""
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {TOKEN}"
    with session, served(Google(tmp_path / "gs")) as found:
        for name, value in found.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(bigquery, "PAUSE", 0.0)
        monkeypatch.setattr(google, "PAUSE", 0.0)
        monkeypatch.setattr(google, "session", lambda: session)
        yield found


def numbered(count: int) -> pa.Table:
    return pa.table({"id": pa.array([HUGE + i for i in range(count)], pa.int64())})


def extracted(cloud: Google, *more: str, table: str = TABLE) -> Path:
    """The folder that a step would read."""
    assert extract.run([f"--table=bq://{table}", f"--to={TO}", "--billed=acme-ml", *more]) == 0
    return cloud.storage / TO.removeprefix("gs://")


def contract(root: Path, columns: dict[str, Any], **roles: str) -> Any:
    source = {"format": "parquet", "columns": {name: {"type": kind} for name, kind in columns.items()}}
    said = {"format_version": 1, "main": "source", "sources": {"source": source}, "roles": roles}
    (root / "contract.json").write_text(json.dumps(said))
    return read_contract(root / "contract.json")


def test_a_table_arrives_with_the_types_of_its_columns_and_ids_as_written(cloud: Google, tmp_path: Path) -> None:
    """cloud.google.com/bigquery/docs/exporting-data, "Parquet export details": which type becomes which."""
    rows = {
        "id": pa.array([HUGE, 7], pa.int64()),
        "account": pa.array([Decimal(12345678901234567890), Decimal("2.5")], pa.decimal128(38, 9)),
        "price": pa.array([Decimal("19.99"), None], pa.decimal128(38, 9)),
        "day": pa.array([date(2026, 1, 31), date(1066, 10, 14)], pa.date32()),
        "at": pa.array([MOMENT, None], pa.timestamp("us", tz="UTC")),
        "local": pa.array([datetime(2026, 1, 31, 23, 59, 59, 1), None], pa.timestamp("us")),  # noqa: DTZ001
        "clock": pa.array([time(7, 30), None], pa.time64("us")),
        "left": pa.array([True, None], pa.bool_()),
        "city": pa.array(["NA", ""], pa.string()),
    }
    cloud.bigquery.tables[TABLE] = Stored(pa.table(rows))
    folder = extracted(cloud)
    assert [path.name for path in folder.iterdir()] == ["data-000000000000.parquet"]
    kinds = {"price": "number", "day": "datetime", "at": "datetime", "local": "datetime"}
    known = contract(tmp_path, {}, id="id")
    table = read_table(folder, known)
    assert table["id"].tolist() == [str(HUGE), "7"]
    assert table["left"].tolist()[0] is True
    assert str(table["at"].iloc[0]).startswith("2026-11-30 12:00:00")
    assert str(table["local"].iloc[0]).startswith("2026-01-31 23:59:59.000001")
    assert table["price"].iloc[0] == 19.99
    assert read_table(folder, contract(tmp_path, {}, id="account"))["account"].tolist() == [
        "12345678901234567890",
        "2.5",
    ]
    declared = {name: {"type": kind, "nullable": True} for name, kind in kinds.items()}
    document = json.loads((tmp_path / "contract.json").read_text())
    document["sources"]["source"]["columns"] = declared
    (tmp_path / "contract.json").write_text(json.dumps(document))
    days = read_table(folder, read_contract(tmp_path / "contract.json"))["day"]
    assert [f"{day:%Y-%m-%d}" for day in days] == ["2026-01-31", "1066-10-14"]


def test_a_table_of_many_files_is_one_table(cloud: Google, tmp_path: Path) -> None:
    """docs/exporting-data: more than 1 GB is several files, and only a `*` lets it be so."""
    cloud.bigquery.tables[TABLE], cloud.bigquery.rows_a_file = Stored(numbered(25)), 10
    folder = extracted(cloud)
    assert [path.name[:17] for path in sorted(folder.iterdir())] == [f"data-{number:012}" for number in range(3)]
    rows = read_rows(folder, contract(tmp_path, {}).source)
    assert rows["id"].tolist() == [HUGE + i for i in range(25)]
    cloud.bigquery.tables["acme-data.churn.empty"] = Stored(numbered(0))
    with pytest.raises(Failed, match=r"holds 3 files, and BigQuery wrote 1"):
        extracted(cloud, table="acme-data.churn.empty")


def test_columns_that_are_no_plain_values_are_named_before_anything_is_written(cloud: Google) -> None:
    rows = {
        "id": pa.array([1], pa.int64()),
        "tags": pa.array([["a"]], pa.list_(pa.string())),
        "home": pa.array([{"city": "Ulm"}], pa.struct([("city", pa.string())])),
    }
    cloud.bigquery.tables[TABLE] = Stored(pa.table(rows))
    with pytest.raises(Failed, match=r"no plain values: `tags` \(an array\), `home` \(RECORD\); make a table"):
        extracted(cloud)
    assert cloud.bigquery.jobs == {}


def test_a_view_is_no_table(cloud: Google) -> None:
    cloud.bigquery.tables[TABLE] = Stored(numbered(1), kind="MATERIALIZED_VIEW")
    with pytest.raises(Failed, match=r"of the kind `materialized view`, which .* \(CREATE TABLE … AS SELECT …\)"):
        extracted(cloud)


def test_a_version_is_the_rows_of_that_moment(cloud: Google) -> None:
    """docs/table-decorators: `@TIME` wherever a table is read, "exporting a table" among it."""
    old = {MILLISECONDS: numbered(3), MILLISECONDS + 1000: numbered(9)}
    cloud.bigquery.tables[TABLE] = Stored(numbered(9), moments=old)
    folder = extracted(cloud, "--at=2026-11-30T13:00:00.999+01:00")
    assert read_rows(folder, contract(cloud.storage, {}).source).shape == (3, 1)
    with pytest.raises(Failed, match=r"Invalid snapshot time .* Cannot read before"):
        extracted(cloud, "--at=2026-11-01T00:00:00Z")
    with pytest.raises(Usage, match=r"has no time zone"):
        extracted(cloud, "--at=2026-11-30T12:00:00")


def test_a_snapshot_is_read_under_its_own_moment_alone(cloud: Google) -> None:
    cloud.bigquery.tables[TABLE] = Stored(numbered(3), kind="SNAPSHOT", taken="2026-11-30T12:00:00.000Z")
    assert len(list(extracted(cloud, "--at=2026-11-30T12:00:00Z").iterdir())) == 1
    with pytest.raises(Failed, match=r"is a snapshot of 2026-11-30T12:00:00.000Z, and its version is to be 2026-11-29"):
        extracted(cloud, "--at=2026-11-29T12:00:00Z")


def test_a_try_that_comes_again_finds_the_job_of_the_first(cloud: Google) -> None:
    cloud.bigquery.tables[TABLE] = Stored(numbered(3))
    extracted(cloud)
    cloud.bigquery.tables[TABLE].rows = numbered(9)
    extracted(cloud)
    assert len(cloud.bigquery.jobs) == 1


def test_a_service_that_is_busy_for_a_moment_costs_no_run(cloud: Google) -> None:
    cloud.bigquery.tables[TABLE] = Stored(numbered(3))
    cloud.busy, cloud.busy_at = [503, 429, 500], "/jobs"
    assert len(list(extracted(cloud).iterdir())) == 1
    assert len(cloud.bigquery.jobs) == 1


@pytest.mark.parametrize(("faults", "jobs"), [(["backendError"], 2), (["backendError"] * 3, 3), (["invalid"], 1)])
def test_a_job_that_ends_for_what_passes_is_started_anew(cloud: Google, faults: list[str], jobs: int) -> None:
    cloud.bigquery.tables[TABLE], cloud.bigquery.faults = Stored(numbered(3)), faults
    if len(faults) < jobs:
        extracted(cloud)
    else:
        with pytest.raises(Failed, match=r"lies in europe-west1, cannot be extracted to gs://.*: The job encountered"):
            extracted(cloud)
    assert len(cloud.bigquery.jobs) == jobs


def test_a_dataset_that_lies_elsewhere_is_said_with_both_places(cloud: Google) -> None:
    cloud.bigquery.tables[TABLE] = Stored(numbered(1), location="EU")
    with pytest.raises(Failed, match=r"which lies in EU, cannot be extracted to gs://acme-models.*different locations"):
        extracted(cloud)


def test_a_table_that_is_not_there_or_not_to_be_read_is_said(cloud: Google) -> None:
    with pytest.raises(Failed, match=r"the table acme-data.churn.rows .* cannot be read: 404 Not found"):
        extracted(cloud)
    cloud.bigquery.denied = frozenset((TABLE,))
    with pytest.raises(Failed, match=r"403 Access Denied: .* bigquery.tables.get denied"):
        extracted(cloud)
    with pytest.raises(Usage, match=r"must read bq://PROJECT.DATASET.TABLE"):
        extracted(cloud, table="churn.rows")
    assert "google-auth>=2.35" in requirements_of("bq")
