"""Bytes of a content type → records, and predictions → bytes.

| content type | holds |
|---|---|
| application/json | a list of records, `{"instances": [...]}`, `{"columns": [...], "data": [[...]]}`, or one record |
| text/csv | a header, or the model's columns in their order (`; header=present` or `absent` says which), a line each |
| application/jsonlines, application/x-ndjson | a record on each line |
| application/vnd.apache.parquet, application/x-parquet | a file of Parquet |
| application/vnd.apache.arrow.stream | a stream of Arrow |

Without a content type it is JSON. What cannot be read is told with its line, or the record that it is.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email.message import Message
from typing import Any

from ..tables import Frame
from .columnar import distinct, of_arrow, of_parquet, sized
from .refusals import BadRecords, Problem, UnknownType
from .signature import Signature

JSON, CSV, LINES, PARQUET, ARROW = "json", "csv", "jsonlines", "parquet", "arrow"
TYPES: Mapping[str, str] = {
    "application/json": JSON,
    "text/csv": CSV,
    "application/csv": CSV,
    "application/jsonlines": LINES,
    "application/x-ndjson": LINES,
    "application/x-jsonlines": LINES,
    "application/jsonl": LINES,
    "application/vnd.apache.parquet": PARQUET,
    "application/x-parquet": PARQUET,
    "application/vnd.apache.arrow.stream": ARROW,
}
"""Content type → format; the first of each is the one that answers have."""
WRAPPED = ("dataframe_records", "dataframe_split", "input_data")
"""Keys that clients of MLflow and Azure ML put around the same lists and tables."""


@dataclass(frozen=True, slots=True)
class ContentType:
    """A content type in its parts."""

    name: str
    parameters: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, text: str | None) -> ContentType:
        """A header's value; JSON where there is none."""
        message = Message()
        message["Content-Type"] = text or "application/json"
        return cls(message.get_content_type(), {k.lower(): v for k, v in (message.get_params() or [])[1:]})

    @property
    def format(self) -> str:
        """What is read so."""
        if self.name not in TYPES:
            raise UnknownType(f"nobody here reads `{self.name}`; send one of {', '.join(sorted(shown()))}")
        return TYPES[self.name]


@dataclass(frozen=True, slots=True)
class Records:
    """What was read, and how it was written."""

    rows: Frame
    format: str = JSON
    header: bool = True
    decimal: str = "."


def shown() -> Iterator[str]:
    """The content type of each format."""
    yield from {kind: name for name, kind in reversed(tuple(TYPES.items()))}.values()


def read_records(body: bytes, content_type: str | None, signature: Signature) -> Records:
    """The records in some bytes; BadRecords says where they cannot be read."""
    kind = ContentType.of(content_type)
    match kind.format:
        case "json":
            return _of_json(body, kind, signature)
        case "csv":
            return _of_csv(_text(body, kind), kind.parameters.get("header"), signature)
        case "jsonlines":
            lines = enumerate(_text(body, kind).split("\n"), 1)
            return Records(_frame([_line(line, number) for number, line in lines if line.strip()], signature), LINES)
        case "parquet":
            return Records(of_parquet(body), PARQUET)
        case _:
            return Records(of_arrow(body), ARROW)


def _text(body: bytes, kind: ContentType) -> str:
    charset = kind.parameters.get("charset", "utf-8").lower()
    try:
        return body.decode("utf-8-sig" if charset in ("utf-8", "utf8") else charset)
    except LookupError:  # also codecs that give no text
        raise UnknownType(f"nobody knows the charset `{charset}`; send utf-8") from None
    except (UnicodeDecodeError, ValueError) as error:
        at = f" (byte {error.start})" if isinstance(error, UnicodeDecodeError) else ""
        raise BadRecords(f"the body is no text in {charset}{at}") from None


def read_json(text: str) -> Any:
    """JSON as its standard has it, but for NaN, which many clients write for null."""
    try:
        value = json.loads(text, parse_constant=_constant)
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode()
        return value
    except UnicodeEncodeError:
        raise BadRecords("the JSON has half of a character (\\ud800 to \\udfff without its other half)") from None
    except json.JSONDecodeError as error:
        raise BadRecords(f"the JSON ends or breaks at line {error.lineno} column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise BadRecords("the JSON is nested too deeply") from None
    except ValueError as error:
        raise BadRecords(f"the JSON cannot be read: {error}") from None


def _constant(name: str) -> None:
    if name != "NaN":
        raise ValueError(f"{name} is no number of JSON")


def _of_json(body: bytes, kind: ContentType, signature: Signature) -> Records:
    value = read_json(_text(body, kind))
    return Records(frame_of_json(value, signature), JSON)


def frame_of_json(value: Any, signature: Signature, *, wrapped: bool = True) -> Frame:
    """The records that some JSON holds."""
    if isinstance(value, list):
        return _frame(value, signature)
    if not isinstance(value, dict):
        raise BadRecords('records are objects of JSON: send a list of them, or {"instances": [...]}')
    if "instances" in value and "instances" not in signature.names:
        _only(value, "instances", "parameters", "signature_name")
        if not isinstance(value["instances"], list):
            raise BadRecords("`instances` must be a list of records")
        return _frame(value["instances"], signature)
    for key in WRAPPED if wrapped else ():
        if key in value and key not in signature.names:
            _only(value, key, "params", "parameters")
            return frame_of_json(value[key], signature, wrapped=False)
    if "columns" in value and "data" in value and not {"columns", "data"} <= set(signature.names):
        _only(value, "columns", "data", "index")
        return _table(value["columns"], value["data"])
    for key, inner in value.items():
        if isinstance(inner, list) and inner and isinstance(inner[0], dict):
            raise BadRecords(f'nobody knows the key `{key}`; records stand in {{"instances": [...]}}')
    return _frame([value], signature)


def _only(value: Mapping[str, Any], *known: str) -> None:
    other = next((key for key in value if key not in known), None)
    if other is not None:
        raise BadRecords(f"nobody knows the key `{other}` beside `{known[0]}`")


def _frame(values: Sequence[Any], signature: Signature) -> Frame:
    """Records as objects, or as lists of the model's columns in their order."""
    import pandas as pd

    kinds = {type(value) for value in values}
    if kinds <= {dict}:
        # A record of its own columns each: some megabytes of them would be a table of billions of cells.
        sized(len(values), len({name for value in values for name in value}))
        return pd.DataFrame(list(values), dtype=object)
    if kinds == {list}:
        return _table(_order(len(values[0]), signature, "record 0"), values)
    odd = next(row for row, value in enumerate(values) if not isinstance(value, dict))
    raise BadRecords([Problem(message="a record is an object of JSON, {column: value}", row=odd)])


def _table(columns: Any, data: Any) -> Frame:
    import pandas as pd

    if not isinstance(columns, list | tuple) or not all(isinstance(name, str) for name in columns):
        raise BadRecords("`columns` must be a list of names")
    distinct(columns, "`columns`")
    if not isinstance(data, list | tuple):
        raise BadRecords("`data` must be a list with a list for each record")
    sized(len(data), len(columns))
    for row, values in enumerate(data):
        if not isinstance(values, list | tuple) or len(values) != len(columns):
            count = f"{len(values)} values" if isinstance(values, list | tuple) else "no list"
            problem = Problem(message=f"it is {count}, and there are {len(columns)} columns", row=row)
            raise BadRecords([problem])
    return pd.DataFrame(data, columns=list(columns), dtype=object)


def _order(width: int, signature: Signature, where: str) -> tuple[str, ...]:
    """What the values of a record without names are."""
    if signature.is_open and not signature.order:
        raise BadRecords(f"{where} has no names of columns, and the model does not know their order: send objects")
    orders = [order for order in signature.orders() if order]
    fitting = next((order for order in orders if len(order) == width), None)
    if fitting is None:
        names = ", ".join(orders[0][:8]) + (" …" if len(orders[0]) > 8 else "")
        raise BadRecords(f"{where} has {width} values; the model reads {len(orders[0])}: {names}")
    return fitting


def _line(line: str, number: int) -> Any:
    try:
        value = read_json(line)
    except BadRecords as error:
        raise BadRecords(f"line {number}: {error}") from None
    if not isinstance(value, dict | list):
        raise BadRecords(f"line {number} is no record: write an object, {{column: value}}")
    return value


def _of_csv(text: str, header: str | None, signature: Signature) -> Records:
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=signature.delimiter, strict=True)
    csv.field_size_limit(sys.maxsize)
    try:
        table = [(lines.line_num, fields) for fields in lines if fields]
    except csv.Error as error:
        raise BadRecords(f"the csv breaks at line {lines.line_num}: {error}") from None
    if not table:
        raise BadRecords("the csv is empty")
    first = table[0][1]
    is_header = _is_header(first, signature) if header not in ("present", "absent") else header == "present"
    names = tuple(first) if is_header else _order(len(first), signature, "line 1 of the csv")
    distinct(names, "line 1 of the csv")
    rows = table[1:] if is_header else table
    for line, fields in rows:
        if len(fields) != len(names):
            raise BadRecords(f"line {line} of the csv has {len(fields)} fields, and there are {len(names)} columns")
    return Records(_table(names, [fields for _, fields in rows]), CSV, header=is_header, decimal=signature.decimal)


def _is_header(first: Sequence[str], signature: Signature) -> bool:
    """Whether a first line names columns: one name that the model knows is enough."""
    known = {*signature.names, *signature.order, *(one.name for one in signature.beside), signature.label}
    return not known - {None} or any(field in known for field in first)
