"""Storage accounts of Azure by their own addresses, against a container in memory."""

from __future__ import annotations

import pytest

from mlopsgen.runtime.platforms import azure_rest, open_store
from mlopsgen.runtime.problems import Usage

from .test_azure import Cloud

ADDRESSES = (
    "https://acme.blob.core.windows.net/data/out/nightly",
    "https://acme.dfs.core.windows.net/data/out/nightly/",
    "abfss://data@acme.dfs.core.windows.net/out/nightly",
    "wasbs://data@acme.blob.core.windows.net/out/nightly/",
)


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Cloud:
    made = Cloud()
    monkeypatch.setattr(azure_rest, "send", made)
    monkeypatch.setattr(azure_rest, "token", lambda resource: f"token for {resource}")
    return made


def test_one_folder_of_an_account_has_several_addresses(cloud: Cloud) -> None:
    """A data lake answers as blob storage, too (storage/blobs/data-lake-storage-multi-protocol-access)."""
    for number, uri in enumerate(ADDRESSES):
        store = open_store(uri)
        seen = store.read("lock.json")
        assert seen.body == (str(number).encode() if number else None)
        assert store.write("lock.json", str(number + 1).encode(), seen)
        assert not store.write("lock.json", b"late", seen), "it was changed since"
    assert list(cloud.blobs) == ["/data/out/nightly/lock.json"]


@pytest.mark.parametrize(
    "uri", ["https://acme.com/data/out", "https://acme.blob.core.windows.net/data", "abfss://acme.dfs.core/x/y"]
)
def test_an_address_that_is_no_accounts_is_refused(uri: str) -> None:
    with pytest.raises(Usage, match="must read https://ACCOUNT"):
        open_store(uri)
