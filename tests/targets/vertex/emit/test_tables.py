"""A table of BigQuery as a source: the task that extracts it, what is cached, what the account may do."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlopsgen.diagnostics import Diagnostic, Severity

from .specs import Emitted, Node, emit, permissions, refused, vertex
from .test_access import RUNNER

URI = "bq://acme-data.churn.rows-2026 é"
MOMENT = "2026-11-30T12:00:00Z"


def table(uri: str = URI, **more: object) -> Node:
    return {"data": {"source": uri, **more}}


def words(found: Emitted, name: str = "import-source") -> list[str]:
    container = found.container(name)
    return [*container["command"], *container["args"]]


def task(found: Emitted, name: str) -> Node:
    return dict(found.tasks())[name]


def wrongs(tmp_path: Path, *changes: Node) -> list[Diagnostic]:
    return [one for one in refused(tmp_path, *changes) if one.severity is Severity.ERROR]


def test_bigquery_writes_a_table_before_the_first_step_that_reads_it(tmp_path: Path) -> None:
    found = emit(tmp_path, table())
    assert words(found) == [
        *("python", "-m", "mlopsgen_runtime", "extract", f"--table={URI}"),
        "--to={{$.outputs.artifacts['artifact'].uri}}",
        "--billed=acme-ml",
    ]
    read = task(found, "prepare")["inputs"]["artifacts"]["source"]["taskOutputArtifact"]
    assert read == {"producerTask": "import-source", "outputArtifactKey": "artifact"}
    assert task(found, "prepare")["dependentTasks"] == ["import-source"]
    assert found.json("image/app/mlopsgen_config/contract.json")["sources"]["source"]["format"] == "parquet"
    assert b"pyarrow" in found.files["image/requirements.txt"]


def test_a_live_table_is_read_each_time_and_a_version_of_it_once(tmp_path: Path) -> None:
    live, pinned = emit(tmp_path, table()), emit(tmp_path, table(version=MOMENT))
    for name in ("import-source", "prepare"):
        assert task(live, name)["cachingOptions"] == {}
        assert task(pinned, name)["cachingOptions"] == {"enableCache": True}
    assert words(pinned)[-1] == f"--at={MOMENT}"
    expires = emit(tmp_path, table(version=MOMENT), {"governance": {"retention": "90d"}})
    assert task(expires, "import-source")["cachingOptions"] == {}
    (said,) = [one for one in pinned.found if one.spec_path[-1:] == ("version",)]
    assert (said.severity, "CREATE SNAPSHOT TABLE" in str(said.hint)) == (Severity.NOTE, True)


def test_the_account_reads_the_datasets_of_its_tables_and_starts_jobs(tmp_path: Path) -> None:
    """docs/exporting-data: bigquery.tables.export and jobs.create; jobs.get is its own with jobs.create."""
    more = {"other": "bq://acme-ml.churn.more", "again": "bq://acme-data.churn.again", "unread": "bq://acme-x.y.z"}
    sources = {"main": URI, **more}
    inputs = {"train": "prepare.train", "other": "data.other", "again": "data.again"}
    split: Node = {"data": {"source": None, "sources": sources, "main": "main"}, "training": {"inputs": inputs}}
    found = emit(tmp_path, split)
    assert list(found.resources["google_bigquery_dataset_iam_member"].values()) == [
        {"project": project, "dataset_id": "churn", "role": "roles/bigquery.dataViewer", "member": RUNNER}
        for project in ("acme-data", "acme-ml")
    ]
    assert "bigquery.jobs.create" in permissions(found)
    assert "bigquery.googleapis.com" in found.json("infra/main.tf.json")["locals"]["services"]
    files = emit(tmp_path)
    assert "bigquery" not in files.files["infra/main.tf.json"].decode() + files.files["README.md"].decode()


def test_the_readme_says_where_a_dataset_has_to_lie_and_who_lets_it_be_read(tmp_path: Path) -> None:
    readme = " ".join(emit(tmp_path, table()).files["README.md"].decode().split())
    assert "has to lie in europe-west1 or in the multi-region around it" in readme
    assert "- acme-data/churn" in readme
    own = vertex(service_account="trainer@acme-ml.iam.gserviceaccount.com")
    given = " ".join(emit(tmp_path, table(), own).files["README.md"].decode().split())
    assert "`roles/bigquery.dataViewer` on the dataset acme-data/churn" in given
    assert "`bigquery.jobs.create`" in given


def test_a_run_names_the_table_of_its_day(tmp_path: Path) -> None:
    day: Node = {"parameters": {"day": {"type": "string", "default": "20261130"}}}
    found = emit(tmp_path, day, table("bq://acme-data.churn.rows_${parameters.day}"))
    assert "--table=bq://acme-data.churn.rows_{{$.inputs.parameters['day']}}" in words(found)
    assert found.resources["google_bigquery_dataset_iam_member"]["data_1"]["dataset_id"] == "churn"
    assert not [one for one in found.found if "denied other datasets" in one.message]

    whole: Node = {"parameters": {"table": {"type": "string", "default": "bq://acme-data.churn.rows"}}}
    found = emit(tmp_path, whole, table("${parameters.table}", format="parquet"))
    assert "--table={{$.inputs.parameters['table']}}" in words(found)
    (said,) = [one for one in found.found if "denied other datasets" in one.message]
    assert "roles/bigquery.dataViewer" in str(said.hint)
    (wrong,) = wrongs(tmp_path, whole, table("${parameters.table}"))
    assert (wrong.code, wrong.hint) == ("MG301", "write `format: parquet`")


@pytest.mark.parametrize(
    ("uri", "hint"),
    [
        ("bq://churn.rows", "`bq://acme-ml.<dataset>.<table>`, without quotes"),
        ("bq://acme-data/churn/rows", "`bq://acme-ml.<dataset>.<table>`, without quotes"),
        ("bq://`acme-data`.churn.rows", "without quotes"),
        ("bq://acme-data.churn-x.rows", "without quotes"),
        ("bq://acme-data.churn.ro.ws", "without quotes"),
        ("bq://acme-data.churn.", "without quotes"),
        ("bq://acme-data.churn.rows@1764504000000", "`version: 2026-11-30T12:00:00Z`"),
        ("bq://acme-data.churn.rows$20261130", "without `*` and `$`"),
        ("bq://acme-data.churn.rows_*", "without `*` and `$`"),
    ],
)
def test_what_names_no_table_is_refused_with_what_does(tmp_path: Path, uri: str, hint: str) -> None:
    (wrong,) = wrongs(tmp_path, table(uri))
    assert (wrong.code, wrong.spec_path) == ("MG313", ("data", "sources", "source", "uri"))
    assert hint in str(wrong.hint)


@pytest.mark.parametrize("version", ["3", "2026-11-30T12:00:00", "yesterday"])
def test_a_version_of_a_table_is_a_moment(tmp_path: Path, version: str) -> None:
    (wrong,) = wrongs(tmp_path, table(version=version))
    assert (wrong.code, wrong.spec_path) == ("MG301", ("data", "sources", "source", "version"))


def test_other_warehouses_are_still_from_elsewhere(tmp_path: Path) -> None:
    (wrong,) = wrongs(tmp_path, table("snowflake://acme/churn/rows"))
    assert (wrong.code, "Cloud Storage" in str(wrong.hint)) == ("MG313", True)


def test_the_image_has_what_asks_bigquery_where_nothing_else_asks_google(tmp_path: Path) -> None:
    alone: Node = {"tracking": {"backend": {"mlflow": "https://mlflow.acme.example"}}, "evaluation": None}
    found = emit(tmp_path, table(), alone)
    assert b"google-auth" in found.files["image/requirements.txt"]
