"""Counts how often a test set was used to judge, so that nobody tunes against it for ever."""

from __future__ import annotations

import json
from pathlib import Path

from .files import digest_of
from .platforms import open_store
from .platforms.api import Store, Stored
from .problems import Denied, Failed

TRIES = 50


def use_test_set(test: Path, uri: str) -> int:
    """Counts one more use of exactly these test rows, and says how many there were."""
    digest = digest_of(test).removeprefix("sha256:")
    return count_up(open_store(uri), f"test-sets/{digest}.json")


def count_up(store: Store, key: str) -> int:
    """Adds one to a counter that others may change at the same moment."""
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
        used = 1 + (int(json.loads(seen.body)["used"]) if seen.body is not None else 0)
        if store.write(key, json.dumps({"used": used}).encode(), seen):
            return used
    raise Failed(f"the counter {key} is changed by others all the time; try again")
