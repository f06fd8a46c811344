"""Azure's REST, as little of it as the adapters need: tokens by azure-identity, calls by the standard library."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from http.client import HTTPException
from io import BufferedReader
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import Request, urlopen
from xml.etree import ElementTree as ET

from ..problems import Failed
from .api import Entry, Stored

ARM = "https://management.azure.com"
STORAGE_VERSION = "2021-12-02"
WAITS = (1, 4, 10)
_BUSY = (408, 429, 500, 502, 503, 504)
_CHANGED = (404, 409, 412)
"""What a conditional write gets when somebody was faster, or the file is gone since."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as data."""
        return json.loads(self.body)


@cache
def _credential() -> Any:
    """The identity of the job's cluster; where there is none, whoever is signed in."""
    from azure.identity import DefaultAzureCredential, ManagedIdentityCredential

    client = os.environ.get("DEFAULT_IDENTITY_CLIENT_ID")
    return ManagedIdentityCredential(client_id=client) if client else DefaultAzureCredential()


def token(resource: str) -> str:
    """A token for one of Azure's services."""
    try:
        return str(_credential().get_token(f"{resource}/.default").token)
    except Exception as error:  # noqa: BLE001 - whatever it is, the job has no token
        raise Failed(f"Azure gives this job no token for {resource}: {str(error).splitlines()[0]}") from None


def send(request: Request) -> Answer:
    """One call; an error of the service is an answer too."""
    try:
        # The address is https, put together here.
        with urlopen(request, timeout=300) as came:  # noqa: S310
            return Answer(came.status, dict(came.headers), came.read())
    except HTTPError as error:
        with error:
            return Answer(error.code, dict(error.headers), error.read())


@dataclass(frozen=True, slots=True)
class Service:
    """One of Azure's services: whom its tokens are for, and how it is called."""

    resource: str
    headers: Mapping[str, str] = field(default_factory=dict)
    call: Callable[[Request], Answer] | None = None

    def ask(
        self,
        what: str,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: Callable[[], bytes | BufferedReader] | None = None,
        fine: tuple[int, ...] = (),
    ) -> Answer:
        """Calls until the service has an answer; `what` is said where it is an error that is not `fine`."""
        given = {**self.headers, **(headers or {}), "Authorization": f"Bearer {token(self.resource)}"}

        def made() -> Request:
            # The address is https, put together from names of Azure's own.
            return Request(url, body() if body else None, given, method=method)  # noqa: S310

        answer = self._patiently(what, made)
        if answer.status < 300 or answer.status in fine:
            return answer
        raise Failed(f"{what}: Azure answers {answer.status} {_reason(answer)}")

    def _once(self, request: Request) -> Answer:
        try:
            return (self.call or send)(request)
        finally:
            if isinstance(request.data, BufferedReader):
                request.data.close()

    def _patiently(self, what: str, request: Callable[[], Request]) -> Answer:
        answer, problem = None, ""
        for wait in (*WAITS, None):
            try:
                answer = self._once(request())
                if answer.status not in _BUSY:
                    return answer
            except (URLError, HTTPException, OSError) as error:
                problem = str(error)
            if wait is not None:
                time.sleep(wait)
        if answer is None:
            raise Failed(f"{what}: Azure cannot be reached: {problem}")
        return answer


def _reason(answer: Answer) -> str:
    try:
        said = answer.json()["error"]
        return f"{said['code']}: {str(said['message']).splitlines()[0]}"
    except (ValueError, KeyError, TypeError, IndexError):
        return answer.body[:200].decode(errors="replace").strip()


def storage() -> Service:
    """Blob storage."""
    return Service("https://storage.azure.com", {"x-ms-version": STORAGE_VERSION})


@dataclass(frozen=True, slots=True)
class Blobs:
    """The blobs under a prefix of a container."""

    container: str
    """`https://<account>.blob.core.windows.net/<container>`."""
    prefix: str
    service: Service = field(default_factory=storage)

    def read(self, key: str) -> Stored:
        """The blob's content now, marked by its ETag."""
        answer = self.service.ask(f"the blob {key}", "GET", self._url(key), fine=(404,))
        if answer.status == 404:
            return Stored(None, "")
        return Stored(answer.body, header(answer, "ETag"))

    def write(self, key: str, body: bytes, seen: Stored) -> bool:
        """Replaces the blob if its ETag is still the one seen, or makes it if there was none."""
        condition = {"If-Match": seen.mark} if seen.body is not None else {"If-None-Match": "*"}
        headers = {**condition, "x-ms-blob-type": "BlockBlob", "Content-Type": "application/octet-stream"}
        answer = self.service.ask(
            f"the blob {key}", "PUT", self._url(key), headers=headers, body=lambda: body, fine=_CHANGED
        )
        return answer.status not in _CHANGED

    def upload(self, folder: Path, key: str) -> None:
        """Puts every file of a folder below a key."""
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            self._put(path, f"{key}/{path.relative_to(folder).as_posix()}")

    def _put(self, path: Path, name: str) -> None:
        headers = {
            "x-ms-blob-type": "BlockBlob",
            "Content-Type": "application/octet-stream",
            "Content-Length": str(path.stat().st_size),
        }
        self.service.ask(f"the blob {name}", "PUT", self._url(name), headers=headers, body=lambda: path.open("rb"))

    def download(self, key: str, into: Path) -> int:
        """Brings every blob below a key into a folder, and says how many there were."""
        count, root = 0, into.resolve()
        for name in self._names(f"{self._key(key)}/"):
            target = (into / name.removeprefix(f"{self._key(key)}/")).resolve()
            if not target.is_relative_to(root):
                raise Failed(f"the blob {name} does not lie in the folder it is read from")
            answer = self.service.ask(f"the blob {name}", "GET", f"{self.container}/{quote(name)}")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(answer.body)
            count += 1
        return count

    def entries(self, under: str = "") -> Iterator[Entry]:
        """The blobs whose names start with this; where the address is a blob, that one alone."""
        root = self.prefix.strip("/")
        for blob in self._listed(f"{root}/{under}" if under else root):
            name = str(blob.findtext("Name"))
            inside = name.removeprefix(f"{root}/")
            # Accounts with a hierarchical namespace list their folders, too.
            if blob.findtext("Properties/ResourceType") == "directory" or (inside == name and root and name != root):
                continue
            if ".." in inside.split("/") or inside.startswith("/"):
                raise Failed(f"the blob {name} has no plain name")
            about = blob.findtext("Properties/Etag") or "", int(blob.findtext("Properties/Content-Length") or 0)
            yield Entry("" if name == root else inside, about[1], f'"{about[0].strip(chr(34))}"')

    def span(self, entry: Entry, start: int, length: int) -> bytes:
        """Bytes of a blob whose ETag is still the one listed."""
        headers = {"x-ms-range": f"bytes={start}-{start + length - 1}", "If-Match": entry.mark}
        name = self._key(entry.name)
        answer = self.service.ask(f"the blob {name}", "GET", self._url(entry.name), headers=headers, fine=_CHANGED)
        if answer.status in _CHANGED:
            raise Failed(f"the blob {name} was changed while it was read")
        return answer.body

    def put(self, path: Path, name: str) -> None:
        """Uploads a file."""
        self._put(path, name)

    def move(self, name: str, to: str) -> None:
        """Copies a blob inside the account, then deletes the first one."""
        said = f"the copy of the blob {name}"
        answer = self.service.ask(said, "PUT", self._url(to), headers={"x-ms-copy-source": self._url(name)})
        while (status := header(answer, "x-ms-copy-status")) == "pending":
            time.sleep(1)
            answer = self.service.ask(said, "HEAD", self._url(to))
        if status != "success":
            raise Failed(f"{said} has ended as {status or 'nobody knows what'}")
        self.remove(name)

    def remove(self, name: str) -> None:
        """Deletes a blob; it may be gone already."""
        self.service.ask(f"the blob {name}", "DELETE", self._url(name), fine=(404,))

    def _names(self, prefix: str) -> Iterator[str]:
        return (str(blob.findtext("Name")) for blob in self._listed(prefix))

    def _listed(self, prefix: str) -> Iterator[ET.Element]:
        marker = ""
        while True:
            query = f"restype=container&comp=list&prefix={quote(prefix, safe='')}&marker={quote(marker, safe='')}"
            answer = self.service.ask(f"what lies under {prefix}", "GET", f"{self.container}?{query}")
            # The service's own answer over TLS, not a stranger's file.
            page = ET.fromstring(answer.body)  # noqa: S314
            yield from page.iterfind("./Blobs/Blob")
            marker = page.findtext("NextMarker") or ""
            if not marker:
                return

    def _key(self, key: str) -> str:
        return f"{self.prefix.rstrip('/')}/{key}".strip("/")

    def _url(self, key: str) -> str:
        return f"{self.container}/{quote(self._key(key))}"


def header(answer: Answer, name: str) -> str:
    """A header of an answer, empty where it has none."""
    return next((value for key, value in answer.headers.items() if key.lower() == name.lower()), "")
