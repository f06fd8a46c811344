"""S3 as a folder: every bucket is a folder, every key a path in it."""

from __future__ import annotations

import shutil
import tarfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Storage:
    """All buckets."""

    root: Path

    def path(self, uri: str) -> Path:
        """Where an object, or a prefix, lies here."""
        assert uri.startswith("s3://"), uri
        return self.root / uri.removeprefix("s3://")

    def download(self, uri: str, into: Path) -> None:
        """Every object whose key starts so, as `S3Prefix` in `File` mode lays it out."""
        into.mkdir(parents=True, exist_ok=True)
        bucket, _, prefix = uri.removeprefix("s3://").partition("/")
        found = [(key, path) for key, path in self.objects(bucket) if key.startswith(prefix)]
        assert found, f"nothing lies under {uri}"
        for key, path in found:
            name = key.removeprefix(prefix).lstrip("/") or key.rpartition("/")[2]
            target = into / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)

    def upload(self, folder: Path, uri: str) -> None:
        """Every file of a folder."""
        for path in (p for p in folder.rglob("*") if p.is_file()):
            self.put(path, f"{uri.rstrip('/')}/{path.relative_to(folder).as_posix()}")

    def put(self, file: Path, uri: str) -> None:
        target = self.path(uri)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)

    def pack(self, folder: Path, uri: str) -> None:
        """A folder as the archive that a training leaves."""
        target = self.path(uri)
        target.parent.mkdir(parents=True, exist_ok=True)
        with tarfile.open(target, "w:gz") as archive:
            for path in sorted(folder.iterdir()):
                archive.add(path, path.name)

    def objects(self, bucket: str) -> list[tuple[str, Path]]:
        """Every key of a bucket, and where it lies."""
        root = self.root / bucket
        return [(p.relative_to(root).as_posix(), p) for p in sorted(root.rglob("*")) if p.is_file()]
