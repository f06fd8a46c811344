"""Tables of BigQuery as sources: a task has BigQuery write them into files, before the first step that reads them.

aiplatform spells a table `bq://projectId.bqDatasetId.bqTableId` (BigQuerySource.inputUri); what its names may hold
stands in cloud.google.com/bigquery/docs/tables#table_naming and docs/datasets#dataset-naming.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from mlopsgen.plan.steps import AnyJob, FromSource, Plan, Source
from mlopsgen.spec.values import Ref, RunFact, Text
from mlopsgen.targets.addresses import by_default
from mlopsgen.targets.caching import pinned
from mlopsgen.targets.ir.commands import ENTRY, RUNTIME
from mlopsgen.targets.ir.context import Context, harmless
from mlopsgen.targets.ir.data import ARTIFACT, SCHEMA, import_name
from mlopsgen.targets.ir.parameters import Taken
from mlopsgen.targets.ir.parts import Command, Hole, Part, Where, flag

SCHEME: Final = "bq://"
EXTRACT: Final = ("extract",)
"""The runtime's command."""
READER: Final = "bigquery.dataViewer"
"""Reads the tables of a dataset, and exports them."""
STARTS: Final = "bigquery.jobs.create"
"""What starts a job in the product's own project, which also lets its account see that job (jobs.get)."""
_TABLE = re.compile(r"bq://([a-z][a-z0-9-]{4,28}[a-z0-9])\.([A-Za-z0-9_]{1,1024})\.(.*)", re.DOTALL)
_LETTERS = ("L", "M", "N", "Pc", "Pd", "Zs")
_LONGEST = 1024


def is_table(plan: Plan, source: Source) -> bool:
    """Whether a source is a table, at least when a run says nothing."""
    return source.local is None and _start(by_default(plan, source.uri)).startswith(SCHEME)


def _start(uri: str | Text | Ref | RunFact) -> str:
    head = uri.parts[0] if isinstance(uri, Text) else uri
    return head if isinstance(head, str) else ""


def read_tables(plan: Plan) -> tuple[Source, ...]:
    """The tables that steps read."""
    jobs = (step for step in plan.steps if isinstance(step, AnyJob))
    read = {item.source.source for job in jobs for item in job.inputs if isinstance(item.source, FromSource)}
    return tuple(source for source in plan.sources if source.name in read and is_table(plan, source))


def datasets(plan: Plan) -> Sequence[tuple[str, str]]:
    """Project and dataset of every table that steps read when a run says nothing."""
    places = (dataset_of(by_default(plan, source.uri)) for source in read_tables(plan))
    return tuple(dict.fromkeys(place for place in places if place is not None))


def dataset_of(uri: str | Text | Ref | RunFact) -> tuple[str, str] | None:
    """Project and dataset, where they are known now."""
    match = _TABLE.fullmatch(_start(uri))
    return (match[1], match[2]) if match else None


def extracting(context: Context, project: str, source: Source) -> Part:
    """The task, under the name that an importer would have: it makes the same artifact."""
    _check_address(context, project, source)
    _check_version(context, source)
    if source.format != "parquet":
        message = f"`{source.name}` is a table, which steps find as parquet, and its format is {source.format}"
        context.error("MG301", message, (*source.origin[:-1], "format"), hint="write `format: parquet`")
    taken = Taken(context, frozenset((ARTIFACT,)))
    moment = source.version and harmless(context, source.version, (*source.origin[:-1], "version"))
    words = (
        *RUNTIME,
        EXTRACT,
        flag("table", *taken.text(source.uri, source.origin)),
        flag("to", Hole(Where.OUTPUT_URI, ARTIFACT)),
        flag("billed", project),
        *((flag("at", moment),) if moment else ()),
    )
    return Part(
        name=import_name(source.name),
        step=import_name(source.name),
        runs=Command(image=context.image, words=words, entry=ENTRY),
        parameters=taken.parameters,
        makes={ARTIFACT: SCHEMA},
        # What it has written expires with the run.
        cache=pinned(source) and not context.plan.governance.retention,
        origin=source.origin,
    )


def _check_address(context: Context, project: str, source: Source) -> None:
    uri = by_default(context.plan, source.uri)
    start = _start(uri)
    match = _TABLE.fullmatch(start)
    # What the run fills in, the run has to spell.
    if (match is not None and _is_name(match[3])) if isinstance(uri, str) else _is_plain(start.removeprefix(SCHEME)):
        return
    message = f"`{start}` of source `{source.name}` names no table of BigQuery"
    hint = f"`bq://{project}.<dataset>.<table>`, without quotes"
    if "@" in start:
        hint = "say the moment of its rows beside it: `version: 2026-11-30T12:00:00Z`"
    elif "*" in start or "$" in start:
        hint = "one whole table, without `*` and `$`: make a table or a clone of what is meant"
    context.error("MG313", message, source.origin, hint=hint)


def _is_name(text: str) -> bool:
    return 0 < len(text.encode()) <= _LONGEST and "." not in text and _is_plain(text)


def _is_plain(text: str) -> bool:
    import unicodedata  # here, as below: most specs name no table, and a compile is short

    return all(one == "." or unicodedata.category(one).startswith(_LETTERS) for one in text)


def _check_version(context: Context, source: Source) -> None:
    """A version of a table is a moment: nothing else stays what it is."""
    if source.version is None:
        return
    from datetime import datetime

    where = (*source.origin[:-1], "version")
    try:
        zoned = datetime.fromisoformat(source.version).tzinfo is not None
    except ValueError:
        zoned = False
    if not zoned:
        message = f"`{source.version}` is no version of a table: BigQuery knows its rows by the moment that they held"
        context.error("MG301", message, where, hint="a moment with its time zone: `version: 2026-11-30T12:00:00Z`")
        return
    context.note(
        f"BigQuery knows the rows of `{source.name}` at that moment for seven days at most",
        where,
        hint="for longer CREATE SNAPSHOT TABLE … CLONE … FOR SYSTEM_TIME AS OF that moment; name the snapshot here, "
        "with the same version",
    )
