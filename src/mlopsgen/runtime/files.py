"""Small things every command does with files: JSON, copies, digests."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .problems import Failed


def read_json(path: Path) -> Any:
    """The content of a JSON file."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Failed(f"{path} is missing") from None
    except (OSError, ValueError) as error:
        raise Failed(f"{path} cannot be read as JSON: {error}") from None


def write_json(path: Path, value: Any) -> None:
    """Writes a JSON file whole or not at all."""
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    write_whole(path, (text + "\n").encode())


def write_whole(path: Path, body: bytes) -> None:
    """Puts a file in its place in one move, so that no reader ever sees half of it."""
    import tempfile  # not above: the compiler asks adapters what they need, and a compile is short

    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes files private; what a step writes is read by the next one, often as another user.
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def spelled(value: float) -> str:
    """A number as a person reads it: six digits, no tail of zeros."""
    return f"{value:.6g}"


def files_in(folder: Path) -> Iterator[Path]:
    """Every file below a folder in a fixed order, without hidden ones; links are refused."""
    for path in sorted(folder.rglob("*")):
        if any(part.startswith(".") for part in path.relative_to(folder).parts):
            continue
        if path.is_symlink():
            raise Failed(f"{path} is a link; only plain files are read")
        if path.is_file():
            yield path


def data_files(path: Path) -> list[Path]:
    """The files of a table: one file, or all below a folder but those that its writer left for itself.

    Spark, Hadoop, Arrow and Athena skip what begins with `_` or `.`, too: `_SUCCESS`, `_delta_log`, checksums.
    """
    if path.is_file():
        return [path]
    files = files_in(path) if path.is_dir() else ()
    return [file for file in files if is_data(file.relative_to(path).as_posix())]


def is_data(name: str) -> bool:
    """Whether a file of this path is part of a table: neither hidden nor a note; a folder `_day=1` holds rows."""
    return not any(part.startswith(".") or (part.startswith("_") and "=" not in part) for part in name.split("/"))


def digest_of(folder: Path) -> str:
    """One digest over the names and the bytes of every file below a folder."""
    total = hashlib.sha256()
    for path in files_in(folder):
        total.update(path.relative_to(folder).as_posix().encode() + b"\0")
        total.update(bytes.fromhex(file_digest(path)))
    return f"sha256:{total.hexdigest()}"


def table_digest(path: Path) -> str:
    """One digest of the files of a table: where the same table lies, and in which folder, makes no difference."""
    return f"sha256:{file_digest(path)}" if path.is_file() else digest_of(path)


def file_digest(path: Path) -> str:
    """The SHA-256 of a file in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def copy_folder(source: Path, target: Path) -> None:
    """Copies every plain file below a folder."""
    from shutil import copyfile  # here: who only asks adapters what they need copies nothing

    if not source.is_dir():
        raise Failed(f"{source} is not a folder")
    target.mkdir(parents=True, exist_ok=True)
    for path in files_in(source):
        there = target / path.relative_to(source)
        there.parent.mkdir(parents=True, exist_ok=True)
        copyfile(path, there)
