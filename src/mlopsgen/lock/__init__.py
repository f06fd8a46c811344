"""mlopsgen.lock: what a spec names but does not fix, written down once and committed.

model.py     the lock as a value, its file, and what a spec wants locked
renew.py     asks for all of that, and says what changed
registry.py  an image's digest, from its registry, with Docker's login
wheels.py    every package of some requirements, with hashes, through pip
stores.py    the version of remote data
web.py       one question over HTTP, asked again where that helps

`mlopsgen lock` alone asks anybody anything; compile reads the file.
"""

from __future__ import annotations

from mlopsgen.lock.model import NAME, Lock, LockedData, LockedRequirements, lock_text, read_lock, write_lock

__all__ = ["NAME", "Lock", "LockedData", "LockedRequirements", "lock_text", "read_lock", "write_lock"]
