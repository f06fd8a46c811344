"""Addresses of Azure's storage: which account and container they name, and what deployments read and write."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlopsgen.diagnostics import SpecPath
from mlopsgen.records import dataclass
from mlopsgen.spec.values import Text
from mlopsgen.targets.addresses import Live, by_default, live_places, under
from mlopsgen.targets.azureml.context import Context

DATASTORES = "azureml://datastores/"
"""How the address of a datastore begins where the workspace is known."""
_DATASTORE = re.compile(r"azureml://subscriptions/.*?/datastores/([A-Za-z0-9_]+)/paths/(.*)", re.DOTALL)
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


def live(context: Context, uri: Live) -> Live:
    """A folder that a deployment reads or writes, as the runtime's adapters take it: they know no workspace."""
    whole = under(context.live, uri)
    first, *rest = whole.parts if isinstance(whole, Text) else (whole,)
    if isinstance(first, str) and first.startswith(DATASTORES):
        first = f"{context.home.workspace_uri}/datastores/{first.removeprefix(DATASTORES)}"
    return Text((first, *rest)) if rest else first


@dataclass(frozen=True, slots=True)
class LivePlace:
    """A folder that a deployment reads or writes each time anew."""

    deployment: str
    flag: str
    """`input` or `output`."""
    start: str
    """Its address as far as it is known before a run: run parameters have their defaults."""
    whole: bool
    """Whether nothing follows."""
    origin: SpecPath

    @property
    def datastore(self) -> str | None:
        """The datastore of the workspace that it lies in."""
        match = re.fullmatch(
            r"azureml://subscriptions/.*?/datastores/([A-Za-z0-9_]+)/paths/(.*)", self.start, re.DOTALL
        )
        return match[1] if match and (match[2] or not self.whole) else None

    @property
    def blobs(self) -> Blobs | None:
        """Where it lies in an account that its address names."""
        place = blobs(self.start)
        known = place is not None and (place.prefix or (not self.whole and self.start.endswith("/")))
        return place if known else None


def places_of_deployments(context: Context) -> Iterator[LivePlace]:
    """The inputs and outputs of every batch deployment."""
    for service in context.batches:
        for flag, uri in live_places(service.job):
            known = by_default(context.plan, live(context, uri))
            first, *rest = known.parts if isinstance(known, Text) else (known,)
            start = first if isinstance(first, str) else ""
            yield LivePlace(service.name, flag, start, not rest, (*service.origin, flag, "uri"))
