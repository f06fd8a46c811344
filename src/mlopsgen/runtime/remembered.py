"""Registries that keep what is said of a version, while its files lie in a store.

Their URIs are `<scheme>:<address>/<model>?files=<address of the store>`: the server and the store in one.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from .files import digest_of, read_json
from .platforms import open_folder
from .problems import Failed, Usage

TOKEN = "MLOPSGEN_REGISTRY_TOKEN"  # noqa: S105 - the name of a variable


@dataclass(frozen=True, slots=True)
class Kept:
    """Where a registry is, what it calls the model, and where the files lie."""

    address: str
    model: str
    files: str

    def model_uri(self, digest: str) -> str:
        """Where model files of this digest lie: the same files are kept once."""
        return f"{self.files}/{self.model}/files/{digest.removeprefix('sha256:')[:32]}/model"


def kept(uri: str) -> Kept:
    """The parts of a registry's URI."""
    scheme, _, place = uri.partition(":")
    split = urlsplit(place)
    path, _, model = split.path.rpartition("/")
    files = parse_qs(split.query).get("files", [""])[0]
    if split.scheme not in ("http", "https") or not split.netloc or not model or "://" not in files:
        raise Usage(f"`{uri}` must read {scheme}:https://SERVER/MODEL?files=STORE")
    return Kept(f"{split.scheme}://{split.netloc}{path}", unquote(model), files.rstrip("/"))


def bearer() -> Mapping[str, str]:
    """The token that a registry wants, where the step has one."""
    token = os.environ.get(TOKEN)
    return {"Authorization": f"Bearer {token}"} if token else {}


def stored(place: Kept, fill: Callable[[Path, int], None], number: int) -> tuple[Mapping[str, Any], str]:
    """What is said of a version that `fill` writes, and the address that its model now lies at."""
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder)
        fill(draft, number)
        about: Mapping[str, Any] = read_json(draft / "version.json")
        uri = place.model_uri(digest_of(draft / "model"))
        open_folder(uri).put(draft / "model")
        if (draft / "figures").is_dir():
            open_folder(f"{uri.removesuffix('/model')}/figures").put(draft / "figures")
        return about, uri


def fetch(uri: str, into: Path, version: str) -> None:
    """Brings model files from where the registry says they lie."""
    if not open_folder(uri).get(into):
        raise Failed(f"version {version} has no model files below {uri}")
