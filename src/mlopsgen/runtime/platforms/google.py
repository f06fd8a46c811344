"""Secret Manager and Cloud Storage, by their REST interfaces and google-auth alone.

The variables that gcloud reads for other addresses of a service (CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE
and so on) are read here too: a private endpoint, or a server of a test.
"""

from __future__ import annotations

import base64
import os
import time
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO
from urllib.parse import quote

from ..files import files_in
from ..problems import Failed, Usage
from .api import Entry, Stored

SCOPE = "https://www.googleapis.com/auth/cloud-platform"
SECONDS = 120
"""How long one request may take before it counts as lost."""
TRIES = 6
PAUSE = 1.0
"""Seconds before the second try; each further one waits twice as long."""
PASSING = (408, 429, 500, 502, 503, 504)
"""What passes by itself: Google's own clients ask again (cloud.google.com/storage/docs/retry-strategy)."""
UNHEARD = (429, 503)
"""What says that nothing was done: all that may be asked again where doing it twice does harm."""


@cache
def session() -> Any:
    """A session that signs its requests with whatever credentials the place has: a service account, mostly."""
    import google.auth
    from google.auth.transport import requests as transport

    try:
        credentials, _ = google.auth.default(scopes=[SCOPE])
    except google.auth.exceptions.DefaultCredentialsError as error:
        raise Failed(f"there are no credentials for Google Cloud: {error}") from None
    kind: Any = transport.AuthorizedSession
    return kind(credentials)


def address(service: str, usual: str) -> str:
    """Where a service is asked: its usual address, unless the environment names another."""
    other = os.environ.get(f"CLOUDSDK_API_ENDPOINT_OVERRIDES_{service.upper()}")
    return (other or usual).rstrip("/")


def ask(
    method: str,
    url: str,
    what: str,
    *,
    done: str = "read",
    fine: tuple[int, ...] = (),
    again: tuple[int, ...] = PASSING,
    **more: Any,
) -> Any:
    """One request, made again while the service is away or busy.

    An answer that is no success, nor one of `fine`, says in one line what could not be done.
    """
    for attempt in range(1, TRIES + 1):
        answer = _answer(method, url, f"{what} cannot be {done}", attempt < TRIES and again == PASSING, more)
        if answer is not None and (answer.status_code not in again or attempt == TRIES):
            break
        time.sleep(PAUSE * 2 ** (attempt - 1))
    if answer.status_code >= 400 and answer.status_code not in fine:
        raise Failed(f"{what} cannot be {done}: {answer.status_code} {_reason(answer)}")
    return answer


def _answer(method: str, url: str, failure: str, patient: bool, more: Mapping[str, Any]) -> Any:
    """What the service says; None where nobody answers and it may be asked again."""
    from google.auth.exceptions import GoogleAuthError

    if hasattr(more.get("data"), "seek"):
        more["data"].seek(0)  # an earlier try may have read it
    try:
        return session().request(method, url, timeout=SECONDS, **more)
    except (OSError, GoogleAuthError) as error:
        if not patient:
            raise Failed(f"{failure}: {error}") from None
    return None


def _reason(answer: Any) -> str:
    """What the service says went wrong; some say it in JSON, some in plain text."""
    try:
        said = answer.json()["error"]
    except (ValueError, KeyError, TypeError):
        return " ".join(answer.text.split())[:300]
    return str(said.get("message", said) if isinstance(said, Mapping) else said)[:300]


def secret_from_secret_manager(uri: str) -> str:
    """`gcp-secretmanager://PROJECT/NAME[/VERSION]`: a secret's text; the account must be allowed to read it."""
    parts = uri.removeprefix("gcp-secretmanager://").split("/")
    if len(parts) not in (2, 3) or not all(parts):
        raise Usage(f"`{uri}` must read gcp-secretmanager://PROJECT/NAME or gcp-secretmanager://PROJECT/NAME/VERSION")
    project, name, version = (*parts, "latest")[:3]
    place = address("secretmanager", "https://secretmanager.googleapis.com")
    path = f"projects/{quote(project)}/secrets/{quote(name)}/versions/{quote(version)}:access"
    answer = ask("GET", f"{place}/v1/{path}", f"the secret `{name}`")
    try:
        return base64.b64decode(answer.json()["payload"]["data"]).decode()
    except (ValueError, KeyError):
        raise Failed(f"the secret `{name}` holds bytes, not text") from None


def bucket_and_key(uri: str) -> tuple[str, str]:
    """The two halves of `gs://BUCKET/KEY`."""
    scheme, _, place = uri.partition("://")
    bucket, _, key = place.partition("/")
    if scheme != "gs" or not bucket:
        raise Usage(f"`{uri}` must read gs://BUCKET/KEY")
    return bucket, key


class Bucket:
    """The objects of one bucket."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.place = address("storage", "https://storage.googleapis.com")

    def get(self, key: str) -> tuple[bytes, str] | None:
        """An object's content and its generation; None when there is none."""
        answer = ask("GET", self._url(key), f"gs://{self.name}/{key}", fine=(404,), params={"alt": "media"})
        return None if answer.status_code == 404 else (answer.content, answer.headers.get("x-goog-generation", ""))

    def put(self, key: str, body: bytes | BinaryIO, *, generation: str | None = None) -> bool:
        """Writes an object; False when its generation is not the one given ("0": there must be none)."""
        more = {} if generation is None else {"ifGenerationMatch": generation}
        answer = ask(
            "POST",
            f"{self.place}/upload/storage/v1/b/{self.name}/o",
            f"gs://{self.name}/{key}",
            done="written",
            # 404: deleted since; 409 and 412: somebody else is writing, or has written.
            fine=() if generation is None else (404, 409, 412),
            params={"uploadType": "media", "name": key, **more},
            data=body,
            headers={"Content-Type": "application/octet-stream"},
        )
        return bool(answer.status_code < 400)

    def span(self, key: str, start: int, length: int, generation: str) -> bytes:
        """Bytes of an object that is still of this generation."""
        where, headers = f"gs://{self.name}/{key}", {"Range": f"bytes={start}-{start + length - 1}"}
        params = {"alt": "media", "ifGenerationMatch": generation}
        answer = ask("GET", self._url(key), where, fine=(404, 412), params=params, headers=headers)
        if answer.status_code in (404, 412):
            raise Failed(f"{where} was changed while it was read")
        return bytes(answer.content)

    def copy(self, key: str, to: str) -> None:
        """Copies an object inside the store, in as many calls as it takes."""
        url, asked = f"{self._url(key)}/rewriteTo/b/{self.name}/o/{quote(to, safe='')}", dict[str, str]()
        while True:
            said = ask("POST", url, f"gs://{self.name}/{to}", done="written", params=asked).json()
            if said["done"]:
                return
            asked = {"rewriteToken": said["rewriteToken"]}

    def delete(self, key: str) -> None:
        """Deletes an object; it may be gone already."""
        ask("DELETE", self._url(key), f"gs://{self.name}/{key}", done="deleted", fine=(404,))

    def keys(self, prefix: str) -> Iterator[str]:
        """Every key that starts with this."""
        return (str(found["name"]) for found in self.listed(prefix))

    def listed(self, prefix: str) -> Iterator[Mapping[str, Any]]:
        """Name, size and generation of every object whose key starts with this."""
        asked = {"prefix": prefix, "fields": "nextPageToken,items(name,size,generation)"}
        url = f"{self.place}/storage/v1/b/{self.name}/o"
        while True:
            page = ask("GET", url, f"gs://{self.name}/{prefix}", params=asked).json()
            yield from page.get("items", ())
            if "nextPageToken" not in page:
                return
            asked["pageToken"] = page["nextPageToken"]

    def _url(self, key: str) -> str:
        return f"{self.place}/storage/v1/b/{self.name}/o/{quote(key, safe='')}"


class GcsStore:
    """Small files under a prefix of a bucket, changed only while their generation is the one that was seen."""

    def __init__(self, uri: str) -> None:
        bucket, self.prefix = bucket_and_key(uri)
        self.bucket = Bucket(bucket)

    def read(self, key: str) -> Stored:
        """The object's content now, marked by its generation."""
        found = self.bucket.get(self._key(key))
        return Stored(None, "0") if found is None else Stored(*found)

    def write(self, key: str, body: bytes, seen: Stored) -> bool:
        """Replaces the object if it is still the one seen, or makes it if there was none."""
        return self.bucket.put(self._key(key), body, generation=seen.mark)

    def _key(self, key: str) -> str:
        return f"{self.prefix.rstrip('/')}/{key}".lstrip("/")


class GcsFolder:
    """The objects below a prefix of a bucket."""

    def __init__(self, uri: str) -> None:
        bucket, key = bucket_and_key(uri)
        self.bucket = Bucket(bucket)
        self.prefix = f"{key.rstrip('/')}/" if key.strip("/") else ""

    def get(self, into: Path) -> int:
        """Downloads every object below the prefix, or the one object of exactly that name."""
        number = 0
        for key, name in self._named():
            found = self.bucket.get(key)
            if found is None:
                continue
            there = into / name
            there.parent.mkdir(parents=True, exist_ok=True)
            there.write_bytes(found[0])
            number += 1
        return number

    def put(self, folder: Path) -> None:
        """Uploads every plain file of a folder."""
        for path in files_in(folder):
            self.bucket.put(f"{self.prefix}{path.relative_to(folder).as_posix()}", path.read_bytes())

    def _named(self) -> Iterator[tuple[str, str]]:
        """Keys, and what they are called below the prefix; names that would leave the folder are refused."""
        for key in self.bucket.keys(self.prefix.rstrip("/")):
            name = self.name_of(key)
            if name is not None:
                yield key, name or PurePosixPath(key).name

    def name_of(self, key: str) -> str | None:
        """What a key is called below the prefix, nothing if it is the prefix; names that would leave it are refused."""
        if key == self.prefix.rstrip("/"):
            return ""
        if not key.startswith(self.prefix) or key.endswith("/"):
            return None
        name = key.removeprefix(self.prefix)
        if ".." in PurePosixPath(name).parts or name.startswith("/"):
            raise Failed(f"the object gs://{self.bucket.name}/{key} has no plain name")
        return name


class GcsTree:
    """The objects below a prefix of a bucket, each by its name; an object appears whole, or not at all."""

    def __init__(self, uri: str) -> None:
        self.folder = GcsFolder(uri)
        self.bucket, self.prefix = self.folder.bucket, self.folder.prefix

    def entries(self, under: str = "") -> Iterator[Entry]:
        """The objects whose names start with this, in the order of their keys."""
        for found in self.bucket.listed(f"{self.prefix}{under}" if under else self.prefix.rstrip("/")):
            name = self.folder.name_of(found["name"])
            if name is not None:
                yield Entry(name, int(found["size"]), str(found["generation"]))

    def span(self, entry: Entry, start: int, length: int) -> bytes:
        """Bytes of an object whose generation is still the one listed."""
        return self.bucket.span(self._key(entry.name), start, length, entry.mark)

    def put(self, path: Path, name: str) -> None:
        """Uploads a file."""
        with path.open("rb") as file:
            self.bucket.put(self._key(name), file)

    def move(self, name: str, to: str) -> None:
        """Copies an object, then deletes the first one."""
        self.bucket.copy(self._key(name), self._key(to))
        self.remove(name)

    def remove(self, name: str) -> None:
        """Deletes an object."""
        self.bucket.delete(self._key(name))

    def _key(self, name: str) -> str:
        return f"{self.prefix}{name}" if name else self.prefix.rstrip("/")


LIBRARIES = ("google-auth>=2.35", "requests>=2.32")
SECRETS = {"gcp-secretmanager": secret_from_secret_manager}
STORES = {"gs": GcsStore}
FOLDERS = {"gs": GcsFolder}
TREES = {"gs": GcsTree}
REQUIREMENTS = {"gcp-secretmanager": LIBRARIES, "gs": LIBRARIES}
