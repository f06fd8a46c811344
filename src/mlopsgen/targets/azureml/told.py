"""What the README is told of a product."""

from __future__ import annotations

from collections.abc import Mapping

from mlopsgen.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """A source beside the spec, as one command of the README."""

    path: str
    """What to upload, from the spec's folder."""
    folder: bool
    place: str
    """The blob prefix inside the datastore's container."""
    name: str
    """The file's own name; empty for a folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """What the README says of this product."""

    product: str
    description: str
    subscription: str
    resource_group: str
    workspace: str
    datastore: str
    built: bool
    required: tuple[str, ...]
    """Run parameters without a default."""
    uploads: tuple[Copied, ...]
    data: tuple[str, ...]
    computes: tuple[tuple[str, str], ...]
    """File and name of each cluster that is made."""
    schedules: tuple[tuple[str, str], ...]
    """File and name of each schedule that runs by the clock."""
    kept: tuple[tuple[str, str], ...]
    """File and name of each schedule that only keeps a job for an event to start."""
    called: tuple[str, ...]
    """Names of the schedules that keep a job for another system to start."""
    starts: str
    """The role of those who may."""
    roles: tuple[str, ...]
    """The roles of the product's own."""
    flows: tuple[str, ...]
    """The Logic Apps."""
    events: bool
    """Whether there is a template of what events start."""
    asks_store: bool
    """Whether that template is told the storage account and container."""
    identity: str
    exit_handler: bool
    model: str | None
    fixed: tuple[tuple[str, str], ...]
    """Run parameters that Azure ML knows as settings of a job: parameter, and `address=default` for `--set`."""
    retention_days: int | None
    changes: tuple[Mapping[str, str], ...]
