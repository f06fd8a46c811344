"""Draws the test, validation and train rows; a row keeps its part for ever, however its table grows or is sorted.

split --contract=FILE --<main source>=DIR --train=DIR --test=DIR [--validation=DIR]

Shares are of the whole. A hash of the row's group, id or content, keyed by the seed, says where it lies
between 0 and 1: the first of it is the test, what follows the validation. So parts are as large as chance
has it, within a few square roots of their rows. With `stratify` no class (or tenth, for a number) is
missing from a part that has a row of it to expect; with `by_time` the newest rows are the test rows, those
before them the validation rows, and no moment is cut in two.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .contract import Contract, Split, read_contract
from .doubts import settle
from .flags import Flags, read_flags
from .keys import places, row_keys
from .kinds import Kind, as_type, declared_type, inferred_type, times_of
from .problems import Failed, Usage
from .scores import Array
from .tables import Frame, Series, read_rows, write_rows

PARTS = ("test", "validation", "train")
TEST, VALIDATION, TRAIN = range(3)


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
    for part in reversed(PARTS):
        folder = flags.maybe_folder(part)
        if folder is not None:
            write_rows(rows.iloc[parts[part]], folder, contract.source)
        elif len(parts[part]):
            raise Usage(f"split needs --{part}=DIR for its {len(parts[part])} rows")
    print(", ".join(f"{part}: {len(parts[part])} rows" for part in reversed(PARTS) if len(parts[part])))
    return 0


def _folder(flags: Flags, contract: Contract) -> Path:
    if set(flags.extra) != {contract.main}:
        raise Usage(
            f"split needs the main source alone, --{contract.main}=DIR; it got {', '.join(flags.extra) or 'none'}"
        )
    return Path(flags.extra[contract.main])


def draw(rows: Frame, contract: Contract, split: Split) -> dict[str, Array]:
    """The row numbers of each part, in the order of the file."""
    import numpy as np

    # Of so few rows none is meant, and one would say nothing.
    for part, share in (("test", split.test), ("validation", split.validation)):
        if share and not round(len(rows) * share):
            raise Failed(f"{len(rows)} rows are too few for this split: no {part} rows would be left")
    drawn = _by_time(rows, contract, split) if split.by_time else _by_key(rows, contract, split)
    return {part: np.flatnonzero(drawn == number) for number, part in enumerate(PARTS)}


def _by_time(rows: Frame, contract: Contract, split: Split) -> Array:
    """The newest rows are the test; cuts lie between two moments, those nearest to the shares."""
    import numpy as np
    import pandas as pd

    moment, known = pd.factorize(times_of(contract, rows), sort=True)
    age = len(known) - 1 - moment
    so_far = np.cumsum(np.bincount(age))
    cuts = [0]
    for share, newest in ((split.test, split.test), (split.validation, split.test + split.validation)):
        between = np.arange(cuts[-1] + 1, len(known))
        if share and not len(between):
            raise Failed(f"column `{contract.roles.time}` has too few moments for this split: {len(known)}")
        off = abs(so_far[between - 1] - round(len(rows) * newest))
        cuts.append(int(between[off.argmin()]) if share else cuts[-1])
    return np.searchsorted(cuts[1:], age, side="right")


def _by_key(rows: Frame, contract: Contract, split: Split) -> Array:
    """Each row's part, by the hash of what it is known by."""
    import numpy as np
    import pandas as pd

    code, known = pd.factorize(np.array(row_keys(rows, split.group or contract.roles.id), dtype=object))
    at = places(list(known), split.seed)
    strata = _commonest(code, _strata(rows, contract, split))
    drawn: Array = np.searchsorted([split.test, split.test + split.validation], at, side="right")
    for mine in pd.Series(range(len(strata))).groupby(strata).indices.values():
        drawn[mine] = _with_all_parts(drawn[mine], at[mine], split)
    _fill(drawn, at, strata, split)
    for part, share in ((TEST, split.test), (VALIDATION, split.validation), (TRAIN, 1.0)):
        if share and not (drawn == part).any():
            together = f"; those of one group or id, and equal ones, stay together, which leaves {len(known)}"
            alike = together if len(known) < len(rows) else ""
            raise Failed(f"{len(rows)} rows are too few for this split: no {PARTS[part]} rows would be left{alike}")
    return drawn[code]


def _with_all_parts(drawn: Array, at: Array, split: Split) -> Array:
    """The parts of one stratum, none of them missing where a row of it may be expected."""
    import numpy as np

    count = len(drawn)
    test, validation = (int(count * share >= 1) for share in (split.test, split.validation))
    first = min(max(int((drawn == TEST).sum()), test), count - 1 - validation)
    second = min(max(int((drawn <= VALIDATION).sum()), first + validation), count - 1)
    mended = np.empty(count, dtype=int)
    mended[np.argsort(at)] = np.searchsorted([first, second], np.arange(count), side="right")
    return mended


def _fill(drawn: Array, at: Array, strata: Array, split: Split) -> None:
    """Gives a part that got nothing the first key of the rest, of a stratum that keeps one for training if it can."""
    import numpy as np

    for part, share in ((TEST, split.test), (VALIDATION, split.validation)):
        rest = np.flatnonzero(drawn == TRAIN)
        if share and len(rest) > 1 and not (drawn == part).any():
            lonely = np.bincount(strata[rest])[strata[rest]] < 2
            drawn[rest[np.lexsort((at[rest], lonely))[0]]] = part


def _commonest(code: Array, strata: Array) -> Array:
    """The stratum that most rows of each key are in."""
    import pandas as pd

    counts = pd.DataFrame({"key": code, "stratum": strata}).value_counts().rename("rows").reset_index()
    first = counts.sort_values(["key", "rows", "stratum"], ascending=[True, False, True]).drop_duplicates("key")
    return first["stratum"].to_numpy()


def _strata(rows: Frame, contract: Contract, split: Split) -> Array:
    """The number of each row's stratum: its class, or its tenth where the label is a number."""
    import numpy as np
    import pandas as pd

    if not split.stratify or contract.roles.label is None:
        return np.zeros(len(rows), dtype=int)
    if contract.roles.label not in rows.columns:
        raise Failed(f"the data has no column `{contract.roles.label}` to stratify by")
    numbers, _ = pd.factorize(_label(rows[contract.roles.label].reset_index(drop=True), contract), sort=True)
    return numbers - numbers.min(initial=0)


def _label(values: Series, contract: Contract) -> Series:
    kind = declared_type(contract.source.columns, str(contract.roles.label)) or inferred_type(
        values, contract.source.decimal
    )
    positive = contract.roles.positive
    if kind in ("number", "integer"):
        numbers = as_type(values, Kind("number", decimal=contract.source.decimal)).values
        if positive is not None and positive.at_least is not None:
            return numbers >= positive.at_least
        if kind == "number" or numbers.nunique() > 20:
            return -(-(numbers.rank(pct=True) * 10).round(9) // 1)
    return values.map(str)
