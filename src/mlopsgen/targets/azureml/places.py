"""Accounts, vaults and registries that a product uses: in a template each is an id, so it may lie in any group."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlopsgen.plan.steps import Source
from mlopsgen.records import dataclass
from mlopsgen.spec.values import Ref
from mlopsgen.targets.azureml.context import Context
from mlopsgen.targets.azureml.roles import secrets

ACCOUNTS = "Microsoft.Storage/storageAccounts"
_BLOB = re.compile(r"https://([a-z0-9]+)\.(?:blob|dfs)\.core\.[a-z.]+/([a-z0-9$-]+)/?(.*)", re.DOTALL)
_DRIVER = re.compile(r"(?:wasbs|abfss)://([a-z0-9$-]+)@([a-z0-9]+)\.(?:blob|dfs)\.core\.[a-z.]+/(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Blobs:
    """A prefix in a container of a storage account."""

    account: str
    container: str
    prefix: str


def blobs(uri: str) -> Blobs | None:
    """The blobs that an address leads to; None where it says no account."""
    if match := _BLOB.fullmatch(uri):
        return Blobs(match[1], match[2], match[3])
    if match := _DRIVER.fullmatch(uri):
        return Blobs(match[2], match[1], match[3])
    return None


def address(context: Context, source: Source) -> str:
    """Where a source lies, by the default of a run parameter; empty for what is uploaded."""
    if source.local is not None:
        return ""
    uri = context.parameters[source.uri.name].default if isinstance(source.uri, Ref) else source.uri
    return uri if isinstance(uri, str) else ""


def parameter(value: str | None, description: str) -> Mapping[str, Any]:
    """A parameter of a template, with its value where it is known."""
    default = {} if value is None else {"defaultValue": value}
    return {"type": "string", **default, "metadata": {"description": description}}


def id_of(kind: str, name: str | None) -> str | None:
    """What an option says of a resource, as its id: a bare name is one of this resource group."""
    return name if name is None or name.startswith("/") else f"[resourceId('{kind}', '{name}')]"


def store_parameters(context: Context) -> Mapping[str, Any]:
    """The account and container behind the datastore."""
    store = context.options.datastore
    account = id_of(ACCOUNTS, context.options.storage_account)
    return {
        "storageAccountId": parameter(account, f"The id of the storage account of the datastore {store}"),
        "container": parameter(None, f"The container of the datastore {store}"),
    }


def registry_id(context: Context) -> str:
    """The registry that images are pulled from; empty where the options say none."""
    return id_of("Microsoft.ContainerRegistry/registries", context.options.container_registry) or ""


def account_parameter(account: str) -> str:
    """The parameter that has the id of an account."""
    return f"storageAccountId_{account}"


def account_ids(context: Context) -> Mapping[str, Any]:
    """A parameter for each account that data is read from."""
    accounts = dict.fromkeys(account for account, _ in read_containers(context))
    return {account_parameter(name): account_of(name) for name in accounts}


def account_of(name: str) -> Mapping[str, Any]:
    """The parameter for an account of which only the name is known."""
    return parameter(None, f"The id of the storage account {name}, whichever group it lies in")


def read_containers(context: Context) -> Iterator[tuple[str, str]]:
    """Containers that data is read from by their addresses, each behind its account."""
    places = (blobs(address(context, source)) for source in context.plan.sources)
    yield from sorted({(place.account, place.container) for place in places if place})


def vault_ids(context: Context) -> Iterator[tuple[str, str, str]]:
    """Every key vault that steps read: its name, its parameter, and its id as far as the options say it."""
    option = context.options.key_vault or ""
    for vault in dict.fromkeys(vault for vault, _ in secrets(context)):
        known = option if option.endswith(f"/{vault}") else vault
        yield vault, f"keyVaultId_{vault.replace('-', '_')}", id_of("Microsoft.KeyVault/vaults", known) or ""
