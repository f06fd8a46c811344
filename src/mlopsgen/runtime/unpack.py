"""Unpacks archives and joins folders before a step starts; nothing may land outside its folder."""

from __future__ import annotations

import shutil
import tarfile
import tempfile
from pathlib import Path, PurePosixPath

from .files import file_digest, files_in
from .problems import Failed, Usage


def unpack_folder(asked: str) -> None:
    """`DIR` or `DIR:SUBDIR`: unpacks every `*.tar.gz` of DIR in place, then keeps SUBDIR's content alone."""
    folder, inner = Path(asked), ""
    if not folder.is_dir() and ":" in asked:
        head, _, inner = asked.rpartition(":")
        folder = Path(head)
    if not folder.is_dir():
        raise Failed(f"{folder} is not a folder, so nothing can be unpacked there")
    for archive in sorted(folder.glob("*.tar.gz")):
        extract(archive, folder)
        archive.unlink()
    if inner:
        keep_only(folder, inner)


def extract(archive: Path, into: Path) -> None:
    """Unpacks a .tar.gz of plain files and folders; one unsafe member refuses the whole archive."""
    try:
        with tarfile.open(archive, "r:gz") as tar:
            for member in tar:
                _check(archive, member)
        with tarfile.open(archive, "r:gz") as tar:
            tar.extractall(into, filter="data")
    except (tarfile.TarError, EOFError, OSError) as error:
        raise Failed(f"{archive} cannot be unpacked: {error}") from None


def _check(archive: Path, member: tarfile.TarInfo) -> None:
    path = PurePosixPath(member.name)
    if path.is_absolute() or ".." in path.parts or "\\" in member.name:
        raise Failed(f"{archive} holds `{member.name}`, which lies outside its folder; nothing was unpacked")
    # A link may point outside, and a later member may be written through it.
    if not (member.isfile() or member.isdir()):
        raise Failed(f"{archive} holds `{member.name}`, which is neither a file nor a folder; nothing was unpacked")


def keep_only(folder: Path, inner: str) -> None:
    """Replaces a folder's content by that of one folder inside it."""
    path = PurePosixPath(inner)
    if path.is_absolute() or ".." in path.parts:
        raise Usage(f"`{inner}` must be a folder inside {folder}")
    if not (folder / inner).is_dir():
        there = ", ".join(sorted(p.name for p in folder.iterdir())) or "nothing"
        raise Failed(f"{folder} holds no folder `{inner}`; it holds {there}")
    with tempfile.TemporaryDirectory(dir=folder.parent) as aside:
        kept = Path(aside) / "kept"
        shutil.move(folder / inner, kept)
        for path_now in list(folder.iterdir()):
            shutil.rmtree(path_now) if path_now.is_dir() and not path_now.is_symlink() else path_now.unlink()
        for path_now in list(kept.iterdir()):
            shutil.move(path_now, folder / path_now.name)


def merge_folders(asked: str) -> None:
    """`DIR=DIR1,DIR2`: one folder with the files of several; data sets of one name are appended."""
    target, equals, sources = asked.partition("=")
    if not equals or not target or not sources:
        raise Usage(f"--merge takes DIR=DIR1,DIR2, not `{asked}`")
    for source in (Path(part) for part in sources.split(",")):
        if not source.is_dir():
            raise Failed(f"{source} is not a folder, so it cannot be merged into {target}")
        for path in files_in(source):
            _add(path, Path(target) / path.relative_to(source))


def _add(path: Path, there: Path) -> None:
    there.parent.mkdir(parents=True, exist_ok=True)
    if not there.exists():
        shutil.copyfile(path, there)
    elif path.stem == "data" and path.suffix in (".csv", ".jsonl"):
        _append_lines(path, there)
    elif path.name == "data.parquet":
        _append_parquet(path, there)
    elif file_digest(path) != file_digest(there):
        raise Failed(f"two folders to merge hold a different `{path.name}`")


def _append_lines(path: Path, there: Path) -> None:
    with path.open("rb") as new, there.open("rb+") as old:
        first, header = new.readline(), old.readline()
        old.seek(-1, 2)
        closed = old.read(1) == b"\n"
        if not closed:
            old.write(b"\n")
        if path.suffix == ".jsonl" or not _is_same_header(first, header):
            old.write(first)
        shutil.copyfileobj(new, old)


def _is_same_header(first: bytes, header: bytes) -> bool:
    """Without a header two files may start with the same row by chance; a header holds no numbers."""
    fields = header.decode("utf-8", "replace").strip().replace(";", ",").replace("\t", ",").split(",")
    return first.strip() == header.strip() and not any(_is_number(field) for field in fields)


def _is_number(text: str) -> bool:
    try:
        float(text.strip('"'))
    except ValueError:
        return False
    return True


def _append_parquet(path: Path, there: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.concat_tables([pq.read_table(there), pq.read_table(path)]), there)
