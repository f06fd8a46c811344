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
from mlopsgen.bundle.write import Destination, Written, blocked, look, put, unsafe_paths, write

__all__ = [
    "FORMAT",
    "MANIFEST",
    "Bundle",
    "Destination",
    "Entry",
    "Manifest",
    "Written",
    "blocked",
    "check_integrity",
    "files_in",
    "look",
    "manifest_of",
    "put",
    "read_manifest",
    "unsafe_paths",
    "write",
]
