"""A registry in an object store: files under a prefix, put in order by conditional writes alone.

<prefix>/versions/<n>/ holds model/, figures/ and version.json, as in a registry of plain files;
version.json is written last, so a version without it is none. champion.json names the version in use.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ..problems import Failed
from . import open_folder, open_store
from .api import Candidate, Folder, Store, Version
from .local import fill_version

TRIES = 50
CHAMPION = "champion.json"


class ObjectRegistry:
    """The versions of one model under a prefix of an object store."""

    def __init__(self, uri: str, store: Store | None = None, folder: Callable[[str], Folder] = open_folder) -> None:
        self.uri = uri.rstrip("/")
        self.store = store or open_store(self.uri)
        self.folder = folder

    def champion(self) -> Version | None:
        """The version that champion.json names."""
        number = self._champion()
        return self._version(number) if number else None

    def versions(self) -> tuple[Version, ...]:
        """Every version that is complete; numbers are taken one after the other, so counting finds them all."""
        return tuple(_version(about) for about in self.abouts())

    def fetch_model(self, version: Version, into: Path) -> None:
        """Brings the version's model files."""
        if not self.folder(f"{self.uri}/versions/{version.name}/model").get(into):
            raise Failed(f"version {version.name} in {self.uri} has no model files")

    def register(self, new: Candidate) -> str:
        """Takes the next number, then puts the version's files there, its version.json last."""
        number = self._registered_by(new.about["lineage"].get("run")) or self._add(new)
        if new.approved:
            self._write(CHAMPION, lambda seen: _champion_of(max(number, _number(seen))))
        return str(number)

    def _registered_by(self, run: str | None) -> int | None:
        """The version that an earlier try of the same step has registered."""
        found = (about for about in self.abouts() if run and (about.get("lineage") or {}).get("run") == run)
        return next((int(about["version"]) for about in found), None)

    def _add(self, new: Candidate) -> int:
        number = self._take()
        with tempfile.TemporaryDirectory() as place:
            draft = Path(place)
            fill_version(draft, number, new)
            about = draft / "version.json"
            body = about.read_bytes()
            about.unlink()
            self.folder(f"{self.uri}/versions/{number}").put(draft)
        self._write(f"versions/{number}/version.json", lambda _: body)
        return number

    def _take(self) -> int:
        """A number of one's own: who writes it into the counter has it."""
        return int(json.loads(self._write("counter.json", _next))["taken"])

    def _last(self) -> int:
        body = self.store.read("counter.json").body
        return 0 if body is None else int(json.loads(body)["taken"])

    def _champion(self) -> int:
        return _number(self.store.read(CHAMPION).body)

    def _write(self, key: str, make: Callable[[bytes | None], bytes]) -> bytes:
        """Changes a file that others may change at the same moment."""
        for _ in range(TRIES):
            seen = self.store.read(key)
            body = make(seen.body)
            if self.store.write(key, body, seen):
                return body
        raise Failed(f"{self.uri}/{key} is changed by others all the time; try again")

    def abouts(self) -> Iterator[Mapping[str, Any]]:
        """Every version.json, the oldest version's first."""
        for number in range(1, self._last() + 1):
            about = self._about(number)
            if about is not None:
                yield about

    def _about(self, number: int) -> Mapping[str, Any] | None:
        body = self.store.read(f"versions/{number}/version.json").body
        return None if body is None else json.loads(body)

    def _version(self, number: int) -> Version:
        about = self._about(number)
        if about is None:
            raise Failed(f"{self.uri}/{CHAMPION} names version {number}, which is not there")
        return _version(about)


def _version(about: Mapping[str, Any]) -> Version:
    return Version(str(about["version"]), about.get("metrics") or {})


def _next(seen: bytes | None) -> bytes:
    taken = 0 if seen is None else int(json.loads(seen)["taken"])
    return json.dumps({"taken": taken + 1}).encode()


def _champion_of(number: int) -> bytes:
    return json.dumps({"version": number}).encode()


def _number(body: bytes | None) -> int:
    """The number that champion.json holds; a version that was made later is not displaced by an earlier one."""
    content: Any = {} if body is None else json.loads(body)
    number = content.get("version", 0) if isinstance(content, Mapping) else None
    if not isinstance(number, int):
        raise Failed(f'{CHAMPION} must hold {{"version": number}}, not {json.dumps(content)[:80]}')
    return number


REGISTRIES = {"s3": ObjectRegistry, "minio": ObjectRegistry, "gs": ObjectRegistry}
