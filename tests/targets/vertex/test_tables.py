"""A table of BigQuery goes through a pipeline as it is emitted: extracted, checked, split, learned from."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from tests.targets.ir.executor.run import CACHED, FAILED, SUCCEEDED, Run

from .conftest import Project, project
from .executor.bigquery import Stored

pytestmark = pytest.mark.slow

HUGE = 2**60 + 1
TABLE = "acme-data.churn.rows"
MOMENT = 1764504000000
SPEC: dict[str, Any] = {
    "apiVersion": "mlopsgen/v1",
    "name": "churn",
    "parameters": {"table": {"type": "string", "default": "rows"}},
    "data": {
        "source": "bq://acme-data.churn.${parameters.table}",
        "columns": {"id": "integer", "months": "number", "price": "number", "left": "category"},
        "id": "id",
        "label": "left",
        "split": {"test": 0.3},
    },
    "training": {"framework": "sklearn.LogisticRegression"},
    "evaluation": {"task": "classification", "gates": {"accuracy": {"at_least": 0.6}}},
    "targets": {"vertex": {"project": "acme-ml", "region": "europe-west1", "bucket": "acme-models"}},
}


def rows(count: int) -> pa.Table:
    months = [i % 24 for i in range(count)]
    return pa.table(
        {
            "id": pa.array([HUGE + i for i in range(count)], pa.int64()),
            "months": pa.array([float(month) for month in months], pa.float64()),
            "price": pa.array([Decimal(i % 7) / 2 for i in range(count)], pa.decimal128(38, 9)),
            "left": pa.array(["yes" if month < 8 else "no" for month in months], pa.string()),
        }
    )


@pytest.fixture
def churn(tmp_path: Path) -> Iterator[Project]:
    """Of the first table each run reads the rows of its own moment, in two files."""
    folder = tmp_path / "churn"
    folder.mkdir()
    (folder / "spec.yaml").write_text(yaml.safe_dump(SPEC))
    with project(folder, tmp_path / "google") as there:
        there.google.bigquery.tables[TABLE] = Stored(rows(120))
        there.google.bigquery.rows_a_file = 100
        yield there


def ids(there: Project, run: Run) -> set[int]:
    """Those of both parts of the split."""
    parts = (there.world.path(run, "prepare", part) / "data.parquet" for part in ("train", "test"))
    return {int(one) for path in parts for one in pq.read_table(path)["id"].to_pylist()}


def test_a_run_learns_from_the_rows_that_a_table_has_then(churn: Project) -> None:
    first = churn.world.start()
    assert first.status == SUCCEEDED, first.said
    assert len(list(churn.world.path(first, "import-source", "artifact").iterdir())) == 2
    assert ids(churn, first) == {HUGE + i for i in range(120)}
    assert len(churn.versions("churn")) == 1

    churn.google.bigquery.tables[TABLE].rows = rows(160)
    second = churn.world.start()
    assert second.status == SUCCEEDED, second.said
    assert len(ids(churn, second)) == 160
    assert CACHED not in (second.tasks["import-source"], second.tasks["prepare"])

    refused = churn.world.start(table="gone")
    assert refused.status == FAILED
    assert "Not found: Table acme-data.churn.gone" in refused.said["import-source"]


def test_a_version_of_a_table_is_read_once_and_stays_what_it_was(churn: Project, tmp_path: Path) -> None:
    data = {**SPEC["data"], "version": "2025-11-30T12:00:00Z"}
    spec = churn.folder / "spec.yaml"
    spec.write_text(yaml.safe_dump({**SPEC, "data": data}))
    with project(churn.folder, tmp_path / "again") as there:
        there.google.bigquery.tables[TABLE] = Stored(rows(160), moments={MOMENT: rows(120)})
        first = there.world.start()
        assert first.status == SUCCEEDED, first.said
        assert len(ids(there, first)) == 120
        second = there.world.start()
        assert [second.tasks[name] for name in ("import-source", "prepare", "training")] == [CACHED] * 3
