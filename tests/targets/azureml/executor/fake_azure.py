"""Stands in the image for the adapter of Azure: the same addresses, in folders of this machine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from mlopsgen.runtime.platforms.api import Candidate, Version
from mlopsgen.runtime.platforms.local import FileRegistry, FileStore, FileTree

PREFIX = "azureml://subscriptions/"


def _folder(uri: str, kind: str) -> Path:
    assert uri.startswith(PREFIX), uri
    place, _, rest = uri.partition(f"/{kind}/")
    assert "/datastores/" in place, uri
    assert rest, uri
    return Path(os.environ["FAKE_AZURE"]) / kind / rest


def _store(uri: str) -> FileStore:
    return FileStore(_folder(uri, "paths"))


def _tree(uri: str) -> FileTree:
    return FileTree(_folder(uri, "paths"))


class _Models:
    def __init__(self, uri: str) -> None:
        self.files = FileRegistry(_folder(uri, "models"))

    def champion(self) -> Version | None:
        return self.files.champion()

    def versions(self) -> tuple[Version, ...]:
        return self.files.versions()

    def fetch_model(self, version: Version, into: Path) -> None:
        self.files.fetch_model(version, into)

    def register(self, new: Candidate) -> str:
        return self.files.register(new)


def _secret(uri: str) -> str:
    return (Path(os.environ["FAKE_AZURE"]) / "secrets" / uri.rpartition("/")[2]).read_text()


SECRETS = {"azure-keyvault": _secret}
STORES = {"azureml": _store}
TREES = {"azureml": _tree}
REGISTRIES: dict[str, Any] = {"azureml": _Models}
REQUIREMENTS: dict[str, tuple[str, ...]] = {"azure-keyvault": (), "azureml": ()}
