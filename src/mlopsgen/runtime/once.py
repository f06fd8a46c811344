"""What the processes of one machine prepare together: the first does it, the others wait."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from .problems import Failed


def once(folder: Path | None, prepare: Callable[[], None]) -> None:
    """Prepares for every process that names this folder; without one, each prepares for itself.

    A platform that starts the whole command for each process (Azure ML's PyTorch and MPI jobs) has each of them lay
    out the same folders: two that write there at the same time mix their rows.
    """
    if folder is None:
        prepare()
        return
    # Jobs alone have this module run: Windows, which lacks fcntl, imports the rest.
    import fcntl

    folder.mkdir(parents=True, exist_ok=True)
    begun, done = folder / "begun", folder / "done"
    with (folder / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if done.exists():
            return
        if begun.exists():
            raise Failed("another process of this machine could not prepare the step's folders; its log says why")
        begun.touch()
        prepare()
        done.touch()
