"""mlopsgen.lock: what a spec names but does not fix, written down once and committed.

model.py      the file, read and written
pins.py       what a spec wants locked, and whether a lock has it
renew.py      asks for all of that, and says what changed
registry.py   an image's digest, from its registry
login.py      what Docker on this machine shows a registry
wheels.py     every package of some requirements, with hashes, through pip
stores.py     the version of remote data
web.py        one question over HTTP, asked again where that helps
disk.py       the old file or the new one, whole

`mlopsgen lock` alone asks anybody anything; compile reads the file.
"""

from __future__ import annotations

from mlopsgen.lock.model import NAME, Lock, LockedData, LockedRequirements, read_lock, write_lock

__all__ = ["NAME", "Lock", "LockedData", "LockedRequirements", "read_lock", "write_lock"]
