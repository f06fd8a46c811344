"""An object store that speaks S3, its objects the files of a folder: the same that containers find below /s3."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

from tests.runtime.fake_http import Handler


class Store(Handler):
    """Lists, reads, writes, copies and deletes objects; writes keep their conditions."""

    root: Path

    def get(self) -> None:
        said = urlsplit(self.path)
        asked = parse_qs(said.query, keep_blank_values=True)
        if "list-type" in asked:
            self._list(unquote(said.path).strip("/"), asked.get("prefix", [""])[0])
        else:
            self._read(body=True)

    def head(self) -> None:
        self._read(body=False)

    def put(self) -> None:
        body, path = self.body(), self._file()
        if not self._may_write(path):
            self.answer(412, b"<Error><Code>PreconditionFailed</Code><Message>changed</Message></Error>")
            return
        source = self.headers.get("x-amz-copy-source")
        if source is not None:
            body = (self.root / unquote(source).strip("/")).read_bytes()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        copied = f"<CopyObjectResult><ETag>{escape(etag(body))}</ETag></CopyObjectResult>" if source else ""
        self.answer(200, copied.encode(), {"ETag": etag(body)})

    def delete(self) -> None:
        self._file().unlink(missing_ok=True)
        self.answer(204, b"")

    def _may_write(self, path: Path) -> bool:
        if self.headers.get("If-None-Match") == "*":
            return not path.exists()
        wanted = self.headers.get("If-Match")
        return wanted is None or (path.exists() and etag(path.read_bytes()) == wanted)

    def _read(self, *, body: bool) -> None:
        path = self._file()
        if not path.is_file():
            self.answer(404, b"<Error><Code>NoSuchKey</Code><Message>not there</Message></Error>" if body else b"")
            return
        content = path.read_bytes()
        part = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        if part and body:
            start, end = int(part[1]), min(int(part[2]), len(content) - 1)
            told = {"ETag": etag(content), "Content-Range": f"bytes {start}-{end}/{len(content)}"}
            self.answer(206, content[start : end + 1], told)
            return
        self.answer(200, content if body else b"", {"ETag": etag(content)}, length=len(content))

    def _list(self, bucket: str, prefix: str) -> None:
        folder = self.root / bucket
        found = sorted(p for p in folder.rglob("*") if p.is_file()) if folder.is_dir() else []
        keys = [key for p in found if (key := p.relative_to(folder).as_posix()).startswith(prefix)]
        listed = "".join(
            f"<Contents><Key>{escape(key)}</Key><Size>{(folder / key).stat().st_size}</Size>"
            f"<ETag>{escape(etag((folder / key).read_bytes()))}</ETag></Contents>"
            for key in keys
        )
        text = f"<ListBucketResult><Name>{bucket}</Name><IsTruncated>false</IsTruncated>{listed}</ListBucketResult>"
        self.answer(200, text.encode(), {"Content-Type": "application/xml"})

    def _file(self) -> Path:
        return self.root / unquote(urlsplit(self.path).path).strip("/")


def etag(body: bytes) -> str:
    return f'"{hashlib.md5(body).hexdigest()}"'
