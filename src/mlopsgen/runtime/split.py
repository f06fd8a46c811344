"""Draws the test, validation and train rows; the same rows for the same data and seed, everywhere.

split --contract=FILE --<main source>=DIR --train=DIR --test=DIR [--validation=DIR]

Shares are of the whole. With `stratify` every class (or tenth, for a number) keeps its share; with
`by_time` the newest rows are the test rows, those before them the validation rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from .contract import Contract, Split, read_contract
from .doubts import settle
from .flags import Flags, read_flags
from .kinds import Kind, as_type, declared_type, inferred_type, times_of
from .problems import Failed, Usage
from .tables import Frame, Series, read_rows, write_rows

PARTS = ("train", "validation", "test")


def run(argv: Sequence[str]) -> int:
    """Reads the main source and writes `data.<format>` for each part."""
    flags = read_flags("split", argv, single=("contract", *PARTS), extra=True)
    contract = read_contract(flags.folder("contract"))
    split = contract.split
    if split is None:
        raise Usage("the contract has no split")
    rows = read_rows(_folder(flags, contract), contract.source)
    settle(contract, contract.source, rows)
    parts = draw(rows, contract, split)
    for part in PARTS:
        folder = flags.maybe_folder(part)
        if folder is not None:
            write_rows(rows.iloc[parts[part]], folder, contract.source)
        elif len(parts[part]):
            raise Usage(f"split needs --{part}=DIR for its {len(parts[part])} rows")
    print(", ".join(f"{part}: {len(parts[part])} rows" for part in PARTS if parts[part]))
    return 0


def _folder(flags: Flags, contract: Contract) -> Path:
    if set(flags.extra) != {contract.main}:
        raise Usage(
            f"split needs the main source alone, --{contract.main}=DIR; it got {', '.join(flags.extra) or 'none'}"
        )
    return Path(flags.extra[contract.main])


def draw(rows: Frame, contract: Contract, split: Split) -> dict[str, list[int]]:
    """The row numbers of each part, in the order of the file."""
    order = list(_by_time(rows, contract)) if split.by_time else list(_by_chance(rows, contract, split))
    test = round(len(order) * split.test)
    validation = round(len(order) * split.validation)
    parts = {"test": order[:test], "validation": order[test : test + validation], "train": order[test + validation :]}
    for part, share in (("test", split.test), ("validation", split.validation), ("train", 1.0)):
        if share and not parts[part]:
            raise Failed(f"{len(order)} rows are too few for this split: no {part} rows would be left")
    return {part: sorted(numbers) for part, numbers in parts.items()}


def _by_time(rows: Frame, contract: Contract) -> Iterator[int]:
    """The newest row first."""
    numbered = times_of(contract, rows).reset_index(drop=True).sort_values(kind="stable")
    yield from (int(number) for number in reversed(numbered.index))


def _by_chance(rows: Frame, contract: Contract, split: Split) -> Iterator[int]:
    """Rows in an order whose every beginning holds all strata in their shares.

    A row's place is (its rank inside its shuffled stratum + 1/2) / size of the stratum, so cutting
    the order anywhere is off by at most one row per stratum.
    """
    import numpy as np

    # RandomState's stream is frozen by numpy's policy (NEP 19); the newer generators may change.
    chance = np.random.RandomState(split.seed)
    shuffled = chance.permutation(len(rows))
    strata = _strata(rows, contract, split)
    sizes = strata.value_counts()
    seen: dict[Any, int] = {}
    places = []
    for number in shuffled:
        stratum = strata.iloc[number]
        seen[stratum] = seen.get(stratum, 0) + 1
        places.append((seen[stratum] - 0.5) / int(sizes[stratum]))
    yield from (int(shuffled[place]) for place in np.argsort(places, kind="stable"))


def _strata(rows: Frame, contract: Contract, split: Split) -> Series:
    import pandas as pd

    label = contract.roles.label
    if not split.stratify or label is None:
        return pd.Series(["all"] * len(rows))
    if label not in rows.columns:
        raise Failed(f"the data has no column `{label}` to stratify by")
    values = rows[label].reset_index(drop=True)
    kind = declared_type(contract.source.columns, label) or inferred_type(values)
    positive = contract.roles.positive
    if kind in ("number", "integer"):
        numbers = as_type(values, Kind("number", decimal=contract.source.decimal)).values
        if positive is not None and positive.at_least is not None:
            return (numbers >= positive.at_least).astype(str)
        if kind == "number" or numbers.nunique() > 20:
            return pd.qcut(numbers.rank(method="first"), min(10, len(numbers)), labels=False).map(str)
    return values.map(str)
