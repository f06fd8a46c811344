"""Counts how often test rows were used to judge, so that nobody tunes against them for ever.

Counted are rows, known by id or content: sorted otherwise they are the same, and a table that has grown has used up
a part of its rows. Of many rows those with the smallest hashes stand for all (a bottom-k sample).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from .contract import Contract
from .files import file_digest, files_in
from .keys import digests, row_keys
from .platforms import open_store
from .platforms.api import Store, Stored
from .problems import Denied, Failed
from .tables import read_rows

TRIES = 50
SAMPLE = 500


def use_test_set(test: Path, uri: str, contract: Contract | None) -> float:
    """Counts one more use of these test rows, and says how many there were: the mean over the rows."""
    hashes = sorted(set(digests(_rows(test, contract), 0)))[:SAMPLE]
    names = [f"{number:016x}" for number in hashes]
    return count_up(open_store(uri), "test-sets/rows.json", names or ["no rows"])


def _rows(test: Path, contract: Contract | None) -> list[str]:
    """What each row is known by; where there is no table, each file is taken as one."""
    if contract is None or contract.source.format == "files":
        return [file_digest(path) for path in files_in(test)]
    try:
        rows = read_rows(test, contract.dataset())
    except Failed:
        # A step of the user's own may write what it likes.
        return [file_digest(path) for path in files_in(test)]
    return row_keys(rows, contract.roles.id if contract.roles.id in rows.columns else None)


def count_up(store: Store, key: str, names: Sequence[str] = ("used",)) -> float:
    """Adds one to counters that others may change at the same moment, and says their mean."""
    denied = False
    for _ in range(TRIES):
        try:
            seen = store.read(key)
        except Denied:
            if denied:
                # The write between the two found the file there, so it is reading that nobody may.
                raise
            # Perhaps it is only not there yet: a write that makes it and replaces nothing will tell.
            seen, denied = Stored(None, ""), True
        uses: dict[str, int] = json.loads(seen.body) if seen.body is not None else {}
        uses |= {name: uses.get(name, 0) + 1 for name in names}
        if store.write(key, json.dumps(uses, sort_keys=True).encode(), seen):
            return sum(uses[name] for name in names) / max(len(names), 1)
    raise Failed(f"the counter {key} is changed by others all the time; try again")
