"""Which columns a model reads, and every problem of records that do not have them.

The model's own signature says what it reads; the data contract says of each column its type, whether it may be null
and which values it may have. Where neither lists columns, all that come are read, and typed by their values.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from ..contract import Column, Contract, Value
from ..dates import format_hint
from ..kinds import Kind, Typed, as_type, inferred_type, null_mask
from ..spelling import key_of
from ..tables import Frame, Series
from .plain import plain_series
from .refusals import SHOWN, BadRecords, Problem

LISTED = 8
FEW = 1000
"""Above so many records columns are faster than values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One column: what it must look like, and whether the model needs it."""

    name: str
    type: str | None = None
    """As in the data contract; None: told by the values that come."""
    nullable: bool = True
    optional: bool = False
    """Records may lack it, which is the same as null."""
    format: str | None = None
    minimum: Value | None = None
    maximum: Value | None = None
    values: tuple[Value, ...] | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """Records in the types of the signature, and what is wrong with them."""

    table: Frame
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """The columns that a model reads, and those that records may have beside them."""

    inputs: tuple[Input, ...] = ()
    beside: tuple[Input, ...] = ()
    """Columns that the contract knows and the model does not read: id, time, weight, ignored ones."""
    joined: tuple[Input, ...] = ()
    """Columns of the product's other sources: a script that joins them learns from both, and may want them again."""
    label: str | None = None
    id: str | None = None
    is_open: bool = False
    """Nobody listed the columns: all are inputs."""
    order: tuple[str, ...] = ()
    """All columns of the contract, as they stand in its files."""
    delimiter: str = ","
    decimal: str = "."
    """How its csv is written."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the inputs."""
        return tuple(one.name for one in self.inputs)

    def orders(self) -> Iterator[tuple[str, ...]]:
        """What the fields of records without names may be: the inputs, all but the label, all; each as in the files."""
        known = [name for name in self.order if name in self.names] if set(self.names) <= set(self.order) else []
        yield tuple(known) or self.names
        yield tuple(name for name in self.order if name != self.label)
        yield self.order

    def check(self, rows: Frame, *, decimal: str = ".", spare: Sequence[str] = ()) -> Checked:
        """Records in the types of the columns, and every problem; `spare` are columns that others want."""
        import pandas as pd

        ids = self.ids(rows)
        problems: list[Problem] = []
        table: dict[str, Any] = {}
        known = {one.name: one for one in (*self.inputs, *self.joined, *self.beside)}
        others = [str(name) for name in rows.columns if name not in known and name not in (self.label, *spare)]
        if self.is_open:
            known |= {name: Input(name=name) for name in others}
        else:
            problems += _unknown(others, [*known], rows)
        needed, judged = set(self.names), {one.name for one in (*self.inputs, *self.joined)}
        for name, one in known.items():
            if name not in rows.columns:
                if name in needed:
                    table[name] = pd.Series([None] * len(rows), index=rows.index, dtype=object)
                    problems += [] if one.optional else [Problem(message=f"there is no column `{name}`", column=name)]
                continue
            plain = plain_series(rows[name].tolist(), one.type, one.values, rows.index) if len(rows) <= FEW else None
            if plain is not None:
                table[name] = plain
                continue
            typed = _typed(rows[name], one, decimal)
            table[name] = typed.values
            problems += _problems(rows[name], one, typed, ids) if name in judged or self.is_open else ()
        return Checked(pd.DataFrame(table, index=rows.index), tuple(problems))

    def ids(self, rows: Frame) -> list[Any] | None:
        """What the records are known by, as they are written; None where they do not say."""
        return None if self.id is None or self.id not in rows.columns else [_plain(value) for value in rows[self.id]]

    def example(self) -> dict[str, Any]:
        """A record that the signature allows."""
        return {one.name: _example(one) for one in self.inputs}


def signature_of(contract: Contract | None, names: Sequence[str] | None, types: dict[str, str]) -> Signature:
    """The signature of a model that reads these columns (None: it does not say), some of known types."""
    if contract is None:
        inputs = tuple(Input(name=name, type=types.get(name)) for name in names or ())
        return Signature(inputs=inputs, is_open=names is None)
    source, roles = contract.source, contract.roles
    declared = {column.name: column for column in source.columns}
    apart = roles.apart()
    read = names if names is not None else [name for name in declared if name not in apart]
    inputs = tuple(_input(name, declared.get(name), types.get(name)) for name in read)
    # What the contract knows, and what it names as a role without declaring it.
    others = [name for name in (*declared, *sorted(apart)) if name not in (*read, roles.label)]
    return Signature(
        inputs=inputs,
        joined=tuple(_joined(contract, {*declared, *apart})) if names is None else (),
        beside=tuple(_input(name, declared.get(name), None) for name in dict.fromkeys(others)),
        label=roles.label,
        id=roles.id,
        is_open=names is None and not set(declared) - apart,
        order=tuple(declared),
        delimiter=source.delimiter,
        decimal=source.decimal,
    )


def _joined(contract: Contract, known: set[str]) -> Iterator[Input]:
    for name, source in contract.sources.items():
        if name != contract.main:
            yield from (_input(one.name, one, None) for one in source.columns if one.name not in known)


def _input(name: str, column: Column | None, learned: str | None) -> Input:
    if column is None:
        return Input(name=name, type=learned)
    return Input(
        name=name,
        # What the model learned it as counts: the contract may have changed since.
        type=learned or column.type,
        nullable=column.nullable,
        optional=column.nullable,
        format=column.format,
        minimum=column.minimum,
        maximum=column.maximum,
        values=column.values,
    )


def _unknown(others: Sequence[str], known: Sequence[str], rows: Frame) -> Iterator[Problem]:
    for name in others[:SHOWN]:
        near = get_close_matches(name, [one for one in known if one not in rows.columns], n=1)
        listed = ", ".join(f"`{one}`" for one in known[:LISTED]) + (" …" if len(known) > LISTED else "")
        hint = f"did you mean `{near[0]}`?" if near else f"it reads {listed}"
        yield Problem(message=f"the model knows no column `{name[:80]}`; {hint}", column=name)
    if len(others) > SHOWN:
        yield Problem(message=f"the model knows none of {len(others) - SHOWN} more columns")


def _typed(values: Series, one: Input, decimal: str) -> Typed:
    """A column in its type; lists and maps fit none."""
    deep = _nested(values)
    if deep is not None:
        values = values.mask(deep)
    typed = as_type(values, Kind(one.type or inferred_type(values, decimal), one.format, decimal))
    return typed if deep is None else Typed(typed.values, typed.bad | deep)


def _nested(values: Series) -> Series | None:
    import pandas as pd

    if values.dtype != object or pd.api.types.infer_dtype(values) == "string":
        return None
    deep = values.map(lambda v: isinstance(v, list | dict | tuple | set) or getattr(v, "ndim", 0) > 0).astype(bool)
    return deep if deep.any() else None


def _problems(raw: Series, one: Input, typed: Typed, ids: list[Any] | None) -> Iterator[Problem]:
    import numpy as np

    def of(row: Any, message: str) -> Problem:
        name = None if ids is None else ids[row]
        return Problem(message=message, column=one.name, row=int(row), id=name)

    bad = typed.bad.to_numpy(dtype=bool)
    for row in np.flatnonzero(bad):
        value = raw.iloc[row]
        hint = format_hint([value]) if one.type == "datetime" and one.format is None else ""
        yield of(row, f"`{one.name}` is {_shown(value)}, which is not of type {one.type or 'number or text'}{hint}")
    nulls = null_mask(typed.values, "number").to_numpy(dtype=bool) & ~bad
    if not one.nullable:
        for row in np.flatnonzero(nulls):
            yield of(row, f"`{one.name}` is null, and may not be")
    if one.values is not None:
        allowed = {key_of(value) for value in one.values}
        listed = ", ".join(str(value) for value in one.values[:LISTED]) + (" …" if len(one.values) > LISTED else "")
        keys = typed.values.map(key_of, na_action="ignore")
        for row in np.flatnonzero(~(keys.isin(allowed).to_numpy(dtype=bool) | nulls | bad)):
            yield of(row, f"`{one.name}` is {_shown(raw.iloc[row])}, which is none of {listed}")


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "an object"
    return "a list" if isinstance(value, list) else f"`{str(value)[:40]}`"


def _plain(value: Any) -> Any:
    """An id as JSON has it: numbers stay numbers, texts texts."""
    value = value.item() if hasattr(value, "item") else value
    if value is None or type(value).__name__ in ("NAType", "NaTType") or value != value:  # noqa: PLR0124 - NaN
        return None
    return value if isinstance(value, str | int | float | bool) else str(value)


def _example(one: Input) -> Any:
    if one.values:
        return one.values[0]
    match one.type:
        case "string" | "category":
            return "a"
        case "boolean":
            return True
        case "datetime":
            return _moment(one)
        case _:
            return _amount(one)


def _moment(one: Input) -> str:
    from datetime import UTC, datetime

    if isinstance(one.minimum, str) or isinstance(one.maximum, str):
        return str(one.minimum or one.maximum)
    moment = datetime(2024, 1, 15, tzinfo=UTC)
    return moment.strftime(one.format) if one.format else moment.isoformat()


def _amount(one: Input) -> float | int:
    low, high = (bound if isinstance(bound, int | float) else None for bound in (one.minimum, one.maximum))
    value = low if low is not None else min(high, 1) if high is not None else 1
    return int(value) if one.type == "integer" else float(value)


def raise_for(problems: Sequence[Problem]) -> None:
    """Ends with every problem, where there is one."""
    if problems:
        raise BadRecords(problems)
