"""BigQuery as far as the runtime asks it: what a table is, and jobs that extract one into a bucket.

Refuses what the service refuses (its REST reference, and docs/exporting-data): fields that no request has, a job in
another location than its table, a bucket that lies elsewhere, a second job of one id, a view, a moment too old.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import pyarrow as pa

Node: TypeAlias = dict[str, Any]
_TABLE = re.compile(r"/bigquery/v2/projects/([^/]+)/datasets/(\w+)/tables/([^/]+)")
_JOBS = re.compile(r"/bigquery/v2/projects/([^/]+)/jobs(?:/([^/]+))?")
_EXTRACT = {"sourceTable", "destinationUris", "destinationFormat", "compression"}
_REFERENCE = {"projectId", "jobId", "location"}


class Refused(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Ended(Exception):
    """How a job ends that does not end well."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(slots=True)
class Stored:
    """A table, and what it held before."""

    rows: pa.Table
    kind: str = "TABLE"
    location: str = "europe-west1"
    moments: dict[int, pa.Table] = field(default_factory=dict)
    """Milliseconds → the rows from then on; earlier ones are forgotten."""
    taken: str = ""
    """The moment of a snapshot."""


@dataclass(slots=True)
class BigQuery:
    """The tables and the jobs."""

    tables: dict[str, Stored] = field(default_factory=dict)
    """`project.dataset.table` → what it is."""
    buckets: dict[str, str] = field(default_factory=dict)
    """Bucket → where it lies; else in europe-west1."""
    jobs: dict[str, Node] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    """Reasons for which the next jobs end."""
    denied: frozenset[str] = frozenset()
    """Tables that the account may not read."""
    rows_a_file: int = 1000

    def answer(self, method: str, path: str, query: Mapping[str, str], body: Node, storage: Path) -> Node:
        """What the service at this address says."""
        if (found := _TABLE.fullmatch(path)) and method == "GET":
            return self._described(".".join(found.groups()))
        if (found := _JOBS.fullmatch(path)) and (method, found[2]) == ("POST", None):
            return self._inserted(found[1], body, storage)
        if found and method == "GET":
            return self._job(found[2], query.get("location", "US"))
        raise Refused(404, f"{method} {path} is nothing that BigQuery knows")

    def _stored(self, name: str) -> Stored:
        if name in self.denied:
            raise Refused(403, f"Access Denied: Table {name}: Permission bigquery.tables.get denied on table {name}")
        if name not in self.tables:
            raise Refused(404, f"Not found: Table {name}")
        return self.tables[name]

    def _described(self, name: str) -> Node:
        stored = self._stored(name)
        said: Node = {
            "kind": "bigquery#table",
            "type": stored.kind,
            "location": stored.location,
            "numRows": str(stored.rows.num_rows),
            "schema": {"fields": [_field(one) for one in stored.rows.schema]},
        }
        return {**said, "snapshotDefinition": {"snapshotTime": stored.taken}} if stored.taken else said

    def _inserted(self, project: str, body: Node, storage: Path) -> Node:
        reference, configuration = body["jobReference"], body["configuration"]
        extract = configuration["extract"]
        for said, known in (
            (body, {"jobReference", "configuration"}),
            (reference, _REFERENCE),
            (configuration, {"labels", "extract"}),
            (extract, _EXTRACT),
        ):
            if set(said) - known:
                raise Refused(400, f"Unknown name: {sorted(set(said) - known)}")
        if reference["projectId"] != project or not re.fullmatch(r"[A-Za-z0-9_-]{1,1024}", reference["jobId"]):
            raise Refused(400, f"Invalid job ID {reference}")
        if reference["jobId"] in self.jobs:
            raise Refused(409, f"Already Exists: Job {project}:{reference['location']}.{reference['jobId']}")
        job = {"jobReference": reference, "configuration": configuration, "status": {"state": "PENDING"}}
        self.jobs[reference["jobId"]] = job
        self._run(job, extract, storage)
        return {**job, "status": {"state": "RUNNING"}}

    def _job(self, name: str, location: str) -> Node:
        job = self.jobs.get(name)
        if job is None or job["jobReference"]["location"] != location:
            raise Refused(404, f"Not found: Job {name} in location {location}")
        return job

    def _run(self, job: Node, extract: Node, storage: Path) -> None:
        try:
            count = self._write(job["jobReference"]["location"], extract, storage)
            job |= {"statistics": {"extract": {"destinationUriFileCounts": [str(count)]}}}
            job["status"] = {"state": "DONE"}
        except Ended as problem:
            job["status"] = {"state": "DONE", "errorResult": {"reason": problem.reason, "message": str(problem)}}

    def _write(self, location: str, extract: Node, storage: Path) -> int:
        if self.faults:
            raise Ended(self.faults.pop(0), "The job encountered an error during execution.")
        source = extract["sourceTable"]
        name, _, moment = source["tableId"].partition("@")
        stored = self._stored(f"{source['projectId']}.{source['datasetId']}.{name}")
        (uri,) = extract["destinationUris"]
        found = re.fullmatch(r"gs://([^/]+)/([^*]+)\*([^*/]*)", uri)
        if found is None or "//" in found[2] or extract["destinationFormat"] != "PARQUET":
            raise Ended("invalid", f"{uri} is no place to extract to")
        if stored.kind not in ("TABLE", "SNAPSHOT"):
            raise Ended("invalid", f"{name} is not allowed for this operation because it is currently a {stored.kind}.")
        there = self.buckets.get(found[1], "europe-west1")
        if location != stored.location or there.lower() != stored.location.lower():
            raise Ended("invalid", f"Cannot read and write in different locations: source: {location}, {there}")
        rows = self._rows(stored, name, moment)
        import pyarrow.parquet as pq  # here: most tests ask for no table

        starts = range(0, max(rows.num_rows, 1), self.rows_a_file)
        for number, start in enumerate(starts):
            file = storage / found[1] / f"{found[2]}{number:012}{found[3]}"
            file.parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(rows.slice(start, self.rows_a_file), file, compression=extract["compression"].lower())
        return len(starts)

    def _rows(self, stored: Stored, name: str, moment: str) -> pa.Table:
        if not moment:
            return stored.rows
        held = [at for at in stored.moments if at <= int(moment)]
        if stored.kind != "TABLE" or not held:
            first = min(stored.moments, default=0)
            raise Ended("invalid", f"Invalid snapshot time {moment} for table {name}. Cannot read before {first}.")
        return stored.moments[max(held)]


def _field(column: pa.Field) -> Node:
    import pyarrow as pa

    repeated = pa.types.is_list(column.type)
    return {
        "name": column.name,
        "type": _type(column.type.value_type if repeated else column.type),
        "mode": "REPEATED" if repeated else "NULLABLE",
    }


def _type(kind: pa.DataType) -> str:
    """As tables.get spells it: by the names of legacy SQL."""
    import pyarrow as pa

    if pa.types.is_timestamp(kind):
        return "TIMESTAMP" if kind.tz else "DATETIME"
    if pa.types.is_decimal(kind):
        return "NUMERIC" if kind.precision <= 38 else "BIGNUMERIC"
    known = {
        pa.int64(): "INTEGER",
        pa.float64(): "FLOAT",
        pa.bool_(): "BOOLEAN",
        pa.string(): "STRING",
        pa.binary(): "BYTES",
        pa.date32(): "DATE",
        pa.time64("us"): "TIME",
    }
    return "RECORD" if pa.types.is_struct(kind) else known[kind]
