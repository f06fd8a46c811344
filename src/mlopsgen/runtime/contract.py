"""The data contract as the compiler hands it to the runtime: `contract.json`, format 1.

{"format_version": 1,
 "main": "source",                              which source label, checks and split describe
 "sources": {"source": {
     "format": "csv",                           csv | parquet | jsonl | files (opaque, never read)
     "header": true, "delimiter": ",",          csv only
     "decimal": ".",                            csv only: what stands before decimals
     "compression": null,                       null: by the file's name | gzip | bz2 | xz | zstd | zip | none
     "columns": {"hours": {                     in file order; {} or left out: types are inferred
         "type": "number",                      string | number | integer | boolean | category | datetime
         "nullable": false,
         "format": null,                        of a datetime, as strptime has it; null: it says itself what it means
         "minimum": null, "maximum": null,      inclusive; ISO text for datetime
         "values": null}}}},                    the allowed values
 "roles": {"label": null, "positive": null,     positive: {"equals": value} | {"at_least": number}
           "id": null, "time": null, "weight": null, "ignore": []},
 "checks": {"max_null_rate": null, "min_rows": null, "max_rows": null,
            "unique": []},                      each entry one column, or a list of columns unique together
 "split": {"test": 0.2, "validation": 0, "seed": 42, "stratify": true, "by_time": false,
           "group": null}}                     rows of one value stay together; or split is null

Every key but format_version, main and sources may be left out; an unknown key is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

from .files import read_json
from .problems import Failed, Usage

Value: TypeAlias = str | int | float | bool
FORMAT_VERSION = 1
FORMATS = ("csv", "parquet", "jsonl", "files")
TYPES = ("string", "number", "integer", "boolean", "category", "datetime")
COMPRESSIONS = (None, "gzip", "bz2", "xz", "zstd", "zip", "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """What one column must look like."""

    name: str
    type: str
    nullable: bool = False
    format: str | None = None
    minimum: Value | None = None
    maximum: Value | None = None
    values: tuple[Value, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One input and how its files are read."""

    name: str
    format: str = "csv"
    header: bool = True
    delimiter: str = ","
    decimal: str = "."
    compression: str | None = None
    columns: tuple[Column, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Positive:
    """The favourable outcome: one class, or every number from a threshold on."""

    equals: Value | None = None
    at_least: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """What the columns of the main source mean."""

    label: str | None = None
    positive: Positive | None = None
    id: str | None = None
    time: str | None = None
    weight: str | None = None
    ignore: tuple[str, ...] = ()

    def apart(self) -> frozenset[str]:
        """Columns that never reach a model's features."""
        named = (self.label, self.id, self.time, self.weight)
        return frozenset((*(name for name in named if name), *self.ignore))


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """What must hold for the main source as a whole."""

    max_null_rate: float | None = None
    min_rows: int | None = None
    max_rows: int | None = None
    unique: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Shares of the whole, and how rows are drawn."""

    test: float = 0.2
    validation: float = 0.0
    seed: int = 42
    stratify: bool = True
    by_time: bool = False
    group: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """The whole contract."""

    main: str
    sources: Mapping[str, Source]
    roles: Roles
    checks: Checks
    split: Split | None

    @property
    def source(self) -> Source:
        """The main source."""
        return self.sources[self.main]

    def dataset(self) -> Source:
        """How data sets made from the main source are read: as it, but with a header and uncompressed."""
        main = self.source
        return replace(main, header=True, compression=None)


def read_contract(path: Path) -> Contract:
    """Reads contract.json; an unknown key, a wrong type or a newer format is refused."""
    try:
        return _contract(_Object(read_json(path), "the contract"))
    except Failed as problem:
        raise Usage(str(problem)) from None
    except _Wrong as problem:
        raise Usage(f"{path}: {problem}") from None


class _Wrong(Exception):
    """What the file says is no data contract."""


class _Object:
    """A JSON object whose keys are taken one by one; what is left at the end is unknown."""

    def __init__(self, value: Any, where: str) -> None:
        if not isinstance(value, dict):
            raise _Wrong(f"{where} must be an object")
        self.left, self.where = dict(value), where

    def take(self, key: str, kinds: type | tuple[type, ...], default: Any) -> Any:
        value = self.left.pop(key, None)
        if value is None:
            return default
        wanted = kinds if isinstance(kinds, tuple) else (kinds,)
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in wanted):
            raise _Wrong(f"`{key}` of {self.where} has the wrong type")
        return value

    def word(self, key: str, allowed: tuple[str | None, ...], default: str | None) -> Any:
        value = self.take(key, str, default)
        if value not in allowed:
            raise _Wrong(f"`{key}` of {self.where} must be one of {', '.join(str(a) for a in allowed)}, not `{value}`")
        return value

    def end(self) -> None:
        if self.left:
            raise _Wrong(f"{self.where} has an unknown key `{min(self.left)}`")


def _contract(top: _Object) -> Contract:
    version = top.take("format_version", int, 0)
    if version != FORMAT_VERSION:
        raise _Wrong(f"this runtime reads format {FORMAT_VERSION}, the file has {version}")
    sources = {name: _source(name, value) for name, value in top.take("sources", dict, {}).items()}
    main = top.take("main", str, "")
    if main not in sources:
        raise _Wrong(f"`main` names `{main}`, which is not among the sources {', '.join(sources) or '(none)'}")
    contract = Contract(
        main=main,
        sources=sources,
        roles=_roles(_Object(top.take("roles", dict, {}), "roles")),
        checks=_checks(_Object(top.take("checks", dict, {}), "checks")),
        split=_split(top.take("split", dict, None)),
    )
    top.end()
    return contract


def _source(name: str, value: Any) -> Source:
    given = _Object(value, f"source `{name}`")
    source = Source(
        name=name,
        format=given.word("format", FORMATS, "csv"),
        header=given.take("header", bool, True),
        delimiter=given.take("delimiter", str, ","),
        decimal=given.word("decimal", (".", ","), "."),
        compression=given.word("compression", COMPRESSIONS, None),
        columns=tuple(_column(column, about) for column, about in given.take("columns", dict, {}).items()),
    )
    given.end()
    if source.format == "csv" and not source.header and not source.columns:
        raise _Wrong(f"source `{name}` has no header, so it needs `columns`")
    return source


def _column(name: str, value: Any) -> Column:
    given = _Object(value, f"column `{name}`")
    values = given.take("values", list, None)
    column = Column(
        name=name,
        type=given.word("type", TYPES, "string"),
        nullable=given.take("nullable", bool, False),
        format=given.take("format", str, None),
        minimum=given.take("minimum", (int, float, str), None),
        maximum=given.take("maximum", (int, float, str), None),
        values=None if values is None else tuple(values),
    )
    given.end()
    return column


def _roles(given: _Object) -> Roles:
    roles = Roles(
        label=given.take("label", str, None),
        positive=_positive(given.take("positive", dict, None)),
        id=given.take("id", str, None),
        time=given.take("time", str, None),
        weight=given.take("weight", str, None),
        ignore=tuple(given.take("ignore", list, [])),
    )
    given.end()
    return roles


def _positive(value: Any) -> Positive | None:
    if value is None:
        return None
    given = _Object(value, "positive")
    positive = Positive(
        equals=given.take("equals", (str, int, float, bool), None), at_least=given.take("at_least", (int, float), None)
    )
    given.end()
    if (positive.equals is None) == (positive.at_least is None):
        raise _Wrong("positive needs exactly one of `equals` and `at_least`")
    return positive


def _checks(given: _Object) -> Checks:
    unique = given.take("unique", list, [])
    checks = Checks(
        max_null_rate=given.take("max_null_rate", (int, float), None),
        min_rows=given.take("min_rows", int, None),
        max_rows=given.take("max_rows", int, None),
        unique=tuple((entry,) if isinstance(entry, str) else tuple(entry) for entry in unique),
    )
    given.end()
    return checks


def _split(value: Any) -> Split | None:
    if value is None:
        return None
    given = _Object(value, "split")
    split = Split(
        test=given.take("test", (int, float), 0.2),
        validation=given.take("validation", (int, float), 0.0),
        seed=given.take("seed", int, 42),
        stratify=given.take("stratify", bool, True),
        by_time=given.take("by_time", bool, False),
        group=given.take("group", str, None),
    )
    given.end()
    if split.test < 0 or split.validation < 0 or split.test + split.validation >= 1:
        raise _Wrong("the shares of test and validation must leave rows to train on")
    return split
