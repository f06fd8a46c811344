"""Predictions as bytes, in the content type that was asked for."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from .outputs import Columns
from .records import TYPES, ContentType, Records, shown
from .refusals import UnknownAnswer
from .scorer import Predictions


def write_predictions(
    predictions: Predictions, accept: str | None, records: Records, **facts: Any
) -> tuple[bytes, str]:
    """The bytes of an answer and their content type: the one asked for, else the one that the records came in.

    An object of JSON has further facts beside its predictions.
    """
    name, parameters = answer_type(accept, records.format)
    match TYPES[name]:
        case "json":
            return json_bytes({"predictions": predictions.records(), **facts}), name
        case "jsonlines":
            return b"".join(json_bytes(record) + b"\n" for record in predictions.records()), name
        case "csv":
            header = {"present": True, "absent": False}.get(parameters.get("header", ""), records.header)
            presence = "present" if header else "absent"
            return _csv(predictions.flat(), header=header), f"{name}; charset=utf-8; header={presence}"
        case "parquet":
            return _parquet(predictions.flat()), name
        case _:
            return _arrow(predictions.flat()), name


def answer_type(accept: str | None, format: str) -> tuple[str, dict[str, str]]:  # noqa: A002 - the word of records
    """The content type that an Accept header likes best, with its parameters."""
    own = next(name for name, one in TYPES.items() if one == format)
    if not accept or not accept.strip():
        return own, {}
    for _, entry in sorted(_liked(accept), key=lambda one: -one[0]):
        if entry.name in TYPES:
            return entry.name, dict(entry.parameters)
        if entry.name in ("*/*", "application/*", "text/*") and (
            entry.name[0] == "*" or own.startswith(entry.name[:-1])
        ):
            return own, {}
        if entry.name == "application/*":
            return "application/json", {}
        if entry.name == "text/*":
            return "text/csv", {}
    raise UnknownAnswer(f"nobody here writes `{accept[:80]}`; accept one of {', '.join(sorted(shown()))}")


def _liked(accept: str) -> Iterator[tuple[float, ContentType]]:
    for part in accept.split(","):
        name, _, rest = part.strip().partition(";")
        pairs = (one.partition("=") for one in rest.split(";"))
        parameters = {key.strip().lower(): value.strip().strip('"') for key, _, value in pairs}
        try:
            weight = float(parameters.get("q", "1"))
        except ValueError:
            weight = 0.0
        if name and weight > 0:
            yield weight, ContentType(name.strip().lower(), parameters)


def json_bytes(value: Any) -> bytes:
    """Compact JSON, which has no number that its standard lacks."""
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        # Half of a character, which JSON can spell and UTF-8 cannot.
        return json.dumps(value, allow_nan=False, separators=(",", ":")).encode()


def _csv(columns: Columns, *, header: bool) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if header:
        writer.writerow(columns)
    for values in zip(*columns.values(), strict=True):
        writer.writerow([_field(value) for value in values])
    return text.getvalue().encode(errors="replace")


def _field(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value


def _table(columns: Columns) -> Any:
    import pyarrow as pa

    arrays = {}
    for name, values in columns.items():
        try:
            arrays[name] = pa.array(values)
        except (pa.ArrowException, OverflowError, UnicodeEncodeError):
            # Values of several kinds, or half of a character, which a column of Arrow cannot hold.
            arrays[name] = pa.array([None if value is None else json.dumps(value) for value in values])
    return pa.table(arrays)


def _parquet(columns: Columns) -> bytes:
    import pyarrow.parquet as pq

    buffer = io.BytesIO()
    pq.write_table(_table(columns), buffer)
    return buffer.getvalue()


def _arrow(columns: Columns) -> bytes:
    import pyarrow as pa

    table, buffer = _table(columns), io.BytesIO()
    with pa.ipc.new_stream(buffer, table.schema) as stream:
        stream.write_table(table)
    return buffer.getvalue()
