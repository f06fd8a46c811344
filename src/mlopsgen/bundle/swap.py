"""Replaces a folder in one step of the file system; what a killed writer left is cleaned by the next.

The new folder is written beside the old one and exchanged with it. Where the system has no
exchange, two renames under a lock do it; the next writer completes what stopped between them.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from threading import Thread

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_FLUSHES = 8  # at a time
_NO_EXCHANGE = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP}


def _new(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.mlopsgen-new")


def _old(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.mlopsgen-old")


def _lock(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.mlopsgen-lock")


def leftovers(folder: Path) -> bool:
    """Whether a writer of this folder was killed, or is at work."""
    return any(os.path.lexists(path) for path in (_new(folder), _old(folder), _lock(folder)))


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Wait until no other process writes this folder. The system frees the lock of a killed one."""
    path = _lock(folder)
    handle = _locked(path)
    try:
        yield
    finally:
        try:
            with suppress(OSError):  # Windows keeps a file that is open; the next writer takes it over
                path.unlink()
        finally:
            os.close(handle)


def _locked(path: Path) -> int:
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
        try:
            _wait_for(handle)
            # Whoever held it before has unlinked it: a lock on a file without a name guards nothing.
            if os.path.lexists(path) and os.path.samestat(os.fstat(handle), os.lstat(path)):
                return handle
        except BaseException as problem:
            os.close(handle)
            if not isinstance(problem, FileNotFoundError):
                raise
        else:
            os.close(handle)


def _wait_for(handle: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_LOCK, 1)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX)


def recover(folder: Path) -> None:
    """Clean up after a writer that was killed; only while `alone`."""
    if _old(folder).is_dir() and not os.path.lexists(folder):
        _old(folder).rename(folder)
    for stale in (_new(folder), _old(folder)):
        if os.path.lexists(stale):
            _remove(stale)


def replace_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Make the folder hold exactly these files; only while `alone`."""
    write_beside(folder, files)
    put_in_place(folder)


def write_beside(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write the new folder beside the old one; only while `alone`."""
    try:
        _write_all(_new(folder), files)
    except BaseException:
        drop(folder)
        raise


def put_in_place(folder: Path) -> None:
    """Let the folder that was written beside it take its place; only while `alone`."""
    try:
        _put_in_place(_new(folder), folder)
    except BaseException:
        drop(folder)
        raise
    for stale in (_new(folder), _old(folder)):
        _remove(stale, quietly=True)


def drop(folder: Path) -> None:
    """Take away what was written beside a folder; only while `alone`."""
    _remove(_new(folder), quietly=True)


def _remove(folder: Path, *, quietly: bool = False) -> None:
    from shutil import rmtree  # here: most compiles change nothing, and it brings three compressors along

    rmtree(folder, ignore_errors=quietly)


def _write_all(new: Path, files: Mapping[str, bytes]) -> None:
    folders = {parent for path in files for parent in PurePosixPath(path).parents}
    new_paths = [new / folder for folder in sorted(folders)]
    for folder in new_paths:
        folder.mkdir()
    for path, content in files.items():
        full = new / path
        _write_file(full, content)
        new_paths.append(full)
    _flush_all(new_paths)


def _write_file(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(handle, rest) :]
    finally:
        os.close(handle)


def _flush_all(paths: Sequence[Path]) -> None:
    """A power cut after the exchange must not find names without content.

    Flushed side by side, because the file system joins flushes that meet: one after the other takes five times as
    long. By plain threads, because `concurrent.futures` brings `logging` along: a fiftieth of a compile (ADR 22).
    """
    problems: list[BaseException] = []

    def flush(share: Sequence[Path]) -> None:
        try:
            for path in share:
                _flush(path)
        except BaseException as problem:  # noqa: BLE001 — raised below, whatever it is
            problems.append(problem)

    threads = [Thread(target=flush, args=(paths[first::_FLUSHES],)) for first in range(_FLUSHES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]


def _flush(path: Path) -> None:
    if sys.platform != "win32":  # which flushes no folders, and files only through handles that write
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _put_in_place(new: Path, folder: Path) -> None:
    if not os.path.lexists(folder):
        new.rename(folder)
    elif not _exchange(new, folder):
        _two_renames(new, folder)
    with suppress(OSError):  # the new bundle is there; only a power cut could still take it back
        _flush(folder.parent)


def _two_renames(new: Path, folder: Path) -> None:
    folder.rename(_old(folder))
    try:
        new.rename(folder)
    except BaseException:
        _old(folder).rename(folder)
        raise


def _exchange(a: Path, b: Path) -> bool:
    """Let two folders change places in one step; False where the system or file system cannot."""
    if sys.platform != "linux":
        return False
    import ctypes

    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    if rename(_AT_FDCWD, os.fsencode(a), _AT_FDCWD, os.fsencode(b), _RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in _NO_EXCHANGE:
        return False
    raise OSError(code, os.strerror(code), str(b))
