"""Tables of BigQuery, by an extract job of its own: it writes Parquet files into a bucket, whatever their size.

cloud.google.com/bigquery/docs/exporting-data: such a job costs nothing, reads tables and snapshots but no views, and
takes `table@TIME` for the rows of a moment (docs/table-decorators). A try that comes again finds the job of the
first by its id, so nothing is written twice.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from ..problems import Failed, Usage
from .api import Extract
from .google import LIBRARIES, Bucket, address, ask, bucket_and_key

PLAIN = frozenset(
    (
        *("STRING", "BYTES", "INTEGER", "INT64", "FLOAT", "FLOAT64", "NUMERIC", "BIGNUMERIC", "BOOLEAN", "BOOL"),
        *("DATE", "DATETIME", "TIME", "TIMESTAMP"),
    )
)
"""Types whose values are one plain value in Parquet."""
PASSING = ("backenderror", "internalerror", "ratelimitexceeded")
"""Reasons of a job's end that pass by themselves (docs/error-messages); there some begin with `job`."""
JOBS = 3
"""So many jobs are tried one after the other."""
PAUSE = 2.0
"""Seconds between two looks at a job; each further one waits half as long again, up to half a minute."""
PATIENCE = 6 * 3600
"""Seconds that a job may take: BigQuery itself ends it then."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table by its three names."""

    project: str
    dataset: str
    name: str

    def __str__(self) -> str:
        return f"{self.project}.{self.dataset}.{self.name}"

    @property
    def path(self) -> str:
        """Where the API has it."""
        parts = (("projects", self.project), ("datasets", self.dataset), ("tables", self.name))
        return "/".join(f"{kind}/{quote(name, safe=':')}" for kind, name in parts)


def extract_table(uri: str, order: Extract) -> None:
    """Writes the table's rows to `data-*.parquet` below an address of Cloud Storage."""
    table = _table(uri)
    known = ask("GET", f"{_place()}/{table.path}", f"the table {table}").json()
    _check_kind(table, known)
    _check_columns(table, known)
    source = f"{table.name}{_moment(table, known, order.at)}"
    files = _files(table, order.to, _ended(table, order, known["location"], source))
    print(f"{source} of {table.project}.{table.dataset}, in {known['location']}: {files} files", flush=True)


def _place() -> str:
    return f"{address('bigquery', 'https://bigquery.googleapis.com')}/bigquery/v2"


def _table(uri: str) -> Table:
    # The id of a project of the old kind has dots itself: `example.com:acme`.
    parts = uri.removeprefix("bq://").rsplit(".", 2)
    if len(parts) != 3 or not all(parts):
        raise Usage(f"`{uri}` must read bq://PROJECT.DATASET.TABLE")
    return Table(*parts)


def _check_kind(table: Table, known: Mapping[str, Any]) -> None:
    kind = known.get("type", "TABLE")
    if kind not in ("TABLE", "SNAPSHOT"):
        called = kind.lower().replace("_", " ")
        raise Failed(
            f"{table} is of the kind `{called}`, which BigQuery extracts no files of: make a table of it "
            "(CREATE TABLE … AS SELECT …), and name that as the source"
        )


def _check_columns(table: Table, known: Mapping[str, Any]) -> None:
    """What is no plain value has no place in a row of a table: all such columns are said at once."""
    compounds = list(_compound((known.get("schema") or {}).get("fields") or ()))
    if compounds:
        raise Failed(
            f"{table} has columns that are no plain values: {', '.join(compounds)}; make a table with a column for "
            "each value (UNNEST, TO_JSON_STRING, ST_ASTEXT), and name that as the source"
        )


def _compound(fields: Any) -> Iterator[str]:
    for field in fields:
        if field.get("mode") == "REPEATED":
            yield f"`{field['name']}` (an array)"
        elif field["type"] not in PLAIN:
            yield f"`{field['name']}` ({field['type']})"


def _moment(table: Table, known: Mapping[str, Any], at: str | None) -> str:
    """What stands behind a table's name for its rows of a moment: nothing for those of now."""
    if at is None:
        return ""
    moment = _milliseconds(at)
    if known.get("type") != "SNAPSHOT":
        return f"@{moment}"
    # A snapshot never changes, and has no other moments than its own.
    taken = (known.get("snapshotDefinition") or {}).get("snapshotTime", "")
    if not taken or _milliseconds(taken) != moment:
        raise Failed(
            f"{table} is a snapshot of {taken or 'another moment'}, and its version is to be {at}: say the same"
        )
    return ""


def _milliseconds(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Usage(f"`{text}` must read like 2026-11-30T12:00:00Z") from None
    if moment.tzinfo is None:
        raise Usage(f"`{text}` has no time zone: 2026-11-30T12:00:00Z")
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def _ended(table: Table, order: Extract, location: str, source: str) -> Mapping[str, Any]:
    """The job that has written the files."""
    key = hashlib.sha256(f"{table}\n{source}\n{order.to}".encode()).hexdigest()[:40]
    problem: Mapping[str, Any] = {}
    for number in range(1, JOBS + 1):
        job = _waited(_started(table, order, source, {"jobId": f"mlopsgen-{key}-{number}", "location": location}))
        problem = job["status"].get("errorResult") or {}
        if not problem:
            return job
        if not str(problem.get("reason")).lower().removeprefix("job").startswith(PASSING):
            break
    reason = problem.get("message", problem.get("reason"))
    raise Failed(f"{table}, which lies in {location}, cannot be extracted to {order.to}: {reason}")


def _started(table: Table, order: Extract, source: str, reference: Mapping[str, str]) -> Mapping[str, Any]:
    """A job, or the one that an earlier try has started under this id."""
    jobs = f"{_place()}/projects/{quote(order.billed, safe=':')}/jobs"
    extract = {
        "sourceTable": {"projectId": table.project, "datasetId": table.dataset, "tableId": source},
        "destinationUris": [f"{order.to.rstrip('/')}/data-*.parquet"],
        "destinationFormat": "PARQUET",
        "compression": "SNAPPY",
    }
    mine = {"projectId": order.billed, **reference}
    body = {
        "jobReference": mine,
        "configuration": {"labels": {"made-by": "mlopsgen"}, "extract": extract},
    }
    answer = ask("POST", jobs, f"the table {table}", done="extracted", fine=(409,), json=body)
    if answer.status_code != 409:
        job: Mapping[str, Any] = answer.json()
        return job
    return _seen(mine)


def _seen(reference: Mapping[str, str]) -> Mapping[str, Any]:
    """A job as it stands now; outside of US and EU it is found by its location alone."""
    url = f"{_place()}/projects/{quote(reference['projectId'], safe=':')}/jobs/{reference['jobId']}"
    job: Mapping[str, Any] = ask(
        "GET", url, f"the job {reference['jobId']}", params={"location": reference["location"]}
    ).json()
    return job


def _waited(job: Mapping[str, Any]) -> Mapping[str, Any]:
    until, pause = time.monotonic() + PATIENCE, PAUSE
    while job["status"]["state"] != "DONE":
        if time.monotonic() > until:
            raise Failed(f"the job {job['jobReference']['jobId']} did not end within {PATIENCE} seconds")
        time.sleep(pause)
        pause = min(pause * 1.5, 30.0)
        job = _seen(job["jobReference"])
    return job


def _files(table: Table, to: str, job: Mapping[str, Any]) -> int:
    """How many files there are: just those that the job has written, none of an earlier try beside them."""
    written = sum(map(int, job["statistics"]["extract"]["destinationUriFileCounts"]))
    bucket, key = bucket_and_key(to)
    count = sum(1 for _ in Bucket(bucket).keys(f"{key.rstrip('/')}/"))
    if count != written:
        raise Failed(f"{to} holds {count} files, and BigQuery wrote {written} of {table} there: start another run")
    return count


TABLES = {"bq": extract_table}
REQUIREMENTS = {"bq": LIBRARIES}
