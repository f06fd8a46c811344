"""Results of earlier runs, found by what they were made from.

An entry is a small file `<cache>/<key>.json` that names the outputs of a finished command. They are
checked against their digests before they are used, so that an entry can be stale but never wrong.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mlopsgen.records import dataclass
from mlopsgen.targets.local.folders import digest_folder, read_json, share_folder, write_json


def key_of(facts: Mapping[str, Any]) -> str:
    """One name for everything that a result depends on."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a result lies, and what it was when it was made."""

    folder: str
    """Relative to the spec's folder."""
    outputs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Cache:
    """The results of all runs below one folder."""

    root: Path
    folder: Path

    def keep(self, key: str, outputs: Path, digests: Mapping[str, str]) -> None:
        """Remembers a result."""
        entry = Entry(outputs.relative_to(self.root).as_posix(), dict(digests))
        write_json(self.folder / f"{key}.json", asdict(entry))

    def take(self, key: str, into: Path) -> Mapping[str, str] | None:
        """Puts a remembered result into a folder; None when there is none, or it was changed since."""
        found = read_json(self.folder / f"{key}.json")
        if found is None:
            return None
        entry = Entry(**found)
        source = self.root / entry.folder
        if not all((source / port).is_dir() for port in entry.outputs):
            return None
        for port in entry.outputs:
            share_folder(source / port, into / port)
        # Checked after it was shared: the source may vanish or change at any moment.
        whole = all(digest_folder(into / port) == digest for port, digest in entry.outputs.items())
        return entry.outputs if whole else None
