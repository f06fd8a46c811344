"""A bundle: the files compiled for one target, with a manifest that says what belongs to it.

`write` puts it on disk whole or not at all; `read_manifest` and `check_integrity` read it back.
"""

from mlopsgen.bundle.manifest import (
    FORMAT,
    MANIFEST,
    Bundle,
    Entry,
    Manifest,
    check_integrity,
    files_in,
    manifest_of,
    read_manifest,
)
from mlopsgen.bundle.write import (
    Destination,
    Written,
    alone_in,
    blocked,
    exchange,
    give_up,
    is_stale,
    look,
    prepare,
    put,
    unsafe_paths,
    write,
)

__all__ = [
    "FORMAT",
    "MANIFEST",
    "Bundle",
    "Destination",
    "Entry",
    "Manifest",
    "Written",
    "alone_in",
    "blocked",
    "check_integrity",
    "exchange",
    "files_in",
    "give_up",
    "is_stale",
    "look",
    "manifest_of",
    "prepare",
    "put",
    "read_manifest",
    "unsafe_paths",
    "write",
]
