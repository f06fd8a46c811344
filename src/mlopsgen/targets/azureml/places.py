"""Accounts, vaults and registries that a product uses: in a template each is an id, so it may lie in any group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlopsgen.plan.steps import Source
from mlopsgen.spec.values import Ref
from mlopsgen.targets.azureml.addresses import blobs, places_of_deployments
from mlopsgen.targets.azureml.context import Context
from mlopsgen.targets.azureml.roles import secrets

ACCOUNTS = "Microsoft.Storage/storageAccounts"


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
    """A parameter for each account that data is read from, or predictions are written to, by its address."""
    accounts = sorted({account for account, _ in (*read_containers(context), *written_containers(context))})
    return {account_parameter(name): account_of(name) for name in accounts}


def account_of(name: str) -> Mapping[str, Any]:
    """The parameter for an account of which only the name is known."""
    return parameter(None, f"The id of the storage account {name}, whichever group it lies in")


def read_containers(context: Context) -> Iterator[tuple[str, str]]:
    """Containers that are only read by their addresses, each behind its account."""
    sources = (blobs(address(context, source)) for source in context.plan.sources)
    inputs = (place.blobs for place in places_of_deployments(context) if place.flag == "input")
    read = {(place.account, place.container) for place in (*sources, *inputs) if place}
    yield from sorted(read.difference(written_containers(context)))


def written_containers(context: Context) -> Iterator[tuple[str, str]]:
    """Containers that predictions are written to by their addresses, each behind its account."""
    outputs = (place.blobs for place in places_of_deployments(context) if place.flag == "output")
    yield from sorted({(place.account, place.container) for place in outputs if place})


def vault_ids(context: Context) -> Iterator[tuple[str, str, str]]:
    """Every key vault that steps read: its name, its parameter, and its id as far as the options say it."""
    option = context.options.key_vault or ""
    for vault in dict.fromkeys(vault for vault, _ in secrets(context)):
        known = option if option.endswith(f"/{vault}") else vault
        yield vault, f"keyVaultId_{vault.replace('-', '_')}", id_of("Microsoft.KeyVault/vaults", known) or ""
