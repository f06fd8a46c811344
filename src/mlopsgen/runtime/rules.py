"""The rules of a data contract, judged by pandera and said in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .contract import Column, Contract, Source, Value
from .dates import format_hint
from .doubts import place_of
from .kinds import Kind, Series, as_type, kind_of
from .spelling import key_of
from .tables import Frame

EXAMPLES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """One rule that the data breaks."""

    source: str
    column: str | None
    rule: str
    count: int
    message: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: the columns it looks at (none: the table itself), its kind and its bound."""

    kind: str
    columns: tuple[str, ...]
    bound: Any = None

    @property
    def name(self) -> str:
        """What pandera calls the rule in its findings."""
        return f"{self.kind}:{','.join(self.columns)}"

    def holds(self, table: Frame) -> Series | bool:
        """Row by row, or for the table as a whole, whether the rule holds."""
        column: Series = table[self.columns[0]] if self.columns else table
        match self.kind:
            case "null":
                return column.notna()
            case "max_null_rate":
                return not len(column) or bool(column.isna().mean() <= self.bound)
            case "minimum":
                return column.isna() | (column >= _like(column, self.bound)).fillna(True).astype(bool)
            case "maximum":
                return column.isna() | (column <= _like(column, self.bound)).fillna(True).astype(bool)
            case "values":
                return column.isna() | column.isin(_allowed(column, self.bound))
            case "unique":
                return ~table.duplicated(list(self.columns), keep="first")
            case "max_rows":
                return len(table) <= int(self.bound)
            case _:
                return len(table) >= int(self.bound)

    def words(self, table: Frame, count: int) -> str:
        """What is wrong, as the rest of a sentence that starts with the column."""
        match self.kind:
            case "null":
                return f"has {_values(count)} missing, and is not nullable"
            case "max_null_rate":
                share = table[self.columns[0]].isna().mean()
                return f"misses {share:.1%} of its values, more than {self.bound:.1%}"
            case "minimum":
                return f"has {_values(count)} below {self.bound}"
            case "maximum":
                return f"has {_values(count)} above {self.bound}"
            case "values":
                return f"has {_values(count)} that {_is(count)} none of {_listed(self.bound)}"
            case "unique":
                return f"has {_values(count)} that stood before, and must be unique"
            case "max_rows":
                return f"has {len(table)} rows, more than {self.bound}"
            case _:
                return f"has {len(table)} rows, fewer than {self.bound}"


def broken_rules(contract: Contract, source: Source, rows: Frame) -> list[Broken]:
    """Every rule about values that the rows of a source break."""
    import pandas as pd

    declared = {column.name: column for column in source.columns}
    kinds = {name: kind_of(contract, source, rows[name]) for name in rows.columns}
    typed = {name: as_type(rows[name], kind) for name, kind in kinds.items()}
    bad = [_bad_type(source, kinds[name], rows, name, typed[name].bad) for name in typed if name in declared]
    # A value of the wrong type is reported as such, not once more as missing.
    table = pd.DataFrame({name: column.values for name, column in typed.items()}, index=rows.index)
    wrong = pd.DataFrame({name: column.bad for name, column in typed.items()}, index=rows.index)
    return [*(b for b in bad if b), *_judge(source, list(rules_of(contract, source, table)), table, wrong, rows)]


def rules_of(contract: Contract, source: Source, table: Frame) -> Iterator[Rule]:
    """Every rule of the contract that the columns at hand allow to judge."""
    main = source.name == contract.main
    declared = {column.name: column for column in source.columns}
    rate = contract.checks.max_null_rate if main else None
    for name in table.columns:
        column = declared.get(name)
        if column is not None and not column.nullable:
            yield Rule("null", (name,))
        elif rate is not None:
            yield Rule("max_null_rate", (name,), rate)
        if column is not None:
            yield from _bounds(column)
    for names in contract.checks.unique if main else ():
        if set(names) <= set(table.columns):
            yield Rule("unique", names)
    if main and contract.checks.min_rows is not None:
        yield Rule("min_rows", (), contract.checks.min_rows)
    if main and contract.checks.max_rows is not None:
        yield Rule("max_rows", (), contract.checks.max_rows)


def _bounds(column: Column) -> Iterator[Rule]:
    if column.minimum is not None:
        yield Rule("minimum", (column.name,), column.minimum)
    if column.maximum is not None:
        yield Rule("maximum", (column.name,), column.maximum)
    if column.values is not None:
        yield Rule("values", (column.name,), column.values)


def _judge(source: Source, rules: list[Rule], table: Frame, wrong: Frame, rows: Frame) -> Iterator[Broken]:
    import pandera.pandas as pa
    from pandera.errors import SchemaErrors

    schema = pa.DataFrameSchema(checks=[_as_check(rule, wrong) for rule in rules])
    try:
        schema.validate(table, lazy=True)
    except SchemaErrors as errors:
        failures = errors.failure_cases
        for rule in rules:
            cases = failures[failures["check"] == rule.name]
            if len(cases):
                yield _said(source, rule, table, rows, sorted(set(cases["index"].dropna().astype(int))))


def _as_check(rule: Rule, wrong: Frame) -> Any:
    import pandera.pandas as pa

    def holds(table: Frame) -> Series | bool:
        mask = rule.holds(table)
        return mask if isinstance(mask, bool) or rule.kind == "unique" else mask | wrong[rule.columns[0]]

    return pa.Check(holds, name=rule.name, ignore_na=False)


def _said(source: Source, rule: Rule, table: Frame, rows: Frame, at: list[int]) -> Broken:
    count = max(len(at), 1)
    column = ", ".join(rule.columns) or None
    about = f"column `{column}`" if column else "the table"
    shown = "" if rule.kind in ("max_null_rate", "min_rows", "max_rows") else f" ({_examples(rows, rule, at)})"
    message = f"{source.name}: {about} {rule.words(table, count)}{shown}"
    return Broken(source=source.name, column=column, rule=rule.kind, count=count, message=message)


def _bad_type(source: Source, kind: Kind, rows: Frame, name: str, bad: Series) -> Broken | None:
    count = int(bad.sum())
    if not count:
        return None
    wrong = rows[name][bad]
    shown = ", ".join(f"{place_of(rows, at)}: `{str(wrong[at])[:40]}`" for at in wrong.index[:EXAMPLES])
    hint = format_hint(wrong) if kind.type == "datetime" and kind.format is None else ""
    what = f"has {_values(count)} that {_is(count)} not of type {kind.type} ({shown}){hint}"
    message = f"{source.name}: column `{name}` {what}"
    return Broken(source=source.name, column=name, rule="type", count=count, message=message)


def _examples(rows: Frame, rule: Rule, at: list[int]) -> str:
    """The first bad values with their rows, counted from 1 without the header; nothing else of a row is shown."""
    if rule.kind == "null":
        return ", ".join(place_of(rows, index) for index in at[:EXAMPLES]) + (" …" if len(at) > EXAMPLES else "")
    first = rows[list(rule.columns)].loc[at[:EXAMPLES]]
    shown = [(index, "/".join(str(value)[:40] for value in row)) for index, *row in first.itertuples(name=None)]
    return ", ".join(f"{place_of(rows, index)}: `{value}`" for index, value in shown)


def _like(column: Series, bound: Value) -> Any:
    """A bound of the contract in the type of the column it is held against."""
    import pandas as pd

    if pd.api.types.is_datetime64_any_dtype(column):
        return pd.Timestamp(str(bound), tz="UTC") if pd.Timestamp(str(bound)).tz is None else pd.Timestamp(str(bound))
    if pd.api.types.is_integer_dtype(column) and isinstance(bound, float) and bound.is_integer():
        # Held against a float, whole numbers would become floats, which do not tell 2⁵³ and 2⁵³ + 1 apart.
        return int(bound)
    return bound


def _allowed(column: Series, values: tuple[Value, ...]) -> list[Any]:
    """The contract's values in the column's own spellings: in text, a number or a truth of the contract has several."""
    if column.dtype != object:
        return [_like(column, value) for value in values]
    texts = {value for value in values if isinstance(value, str)}
    keys = {key_of(value) for value in values if not isinstance(value, str)}
    return [text for text in column.dropna().unique() if text in texts or key_of(text) in keys]


def _listed(values: tuple[Value, ...]) -> str:
    shown = ", ".join(str(value) for value in values[:10])
    return shown + (" …" if len(values) > 10 else "")


def _values(count: int) -> str:
    return f"{count} value{'s' if count != 1 else ''}"


def _is(count: int) -> str:
    return "is" if count == 1 else "are"
