"""Who may, where it stays, how it is locked."""

from typing import ClassVar

from pydantic import Field

from mlopsgen.spec.model import Many, Model
from mlopsgen.spec.units import Duration


class Encryption(Model):
    """A customer key instead of the platform's own."""

    words: ClassVar[str] = "`encryption`"
    spread: ClassVar[tuple[str, ...]] = ("key",)

    key: str = Field(min_length=1, description="The key, in the target's own naming.", examples=["alias/ml"])


class Network(Model):
    """Where the containers can reach."""

    words: ClassVar[str] = "`network`"

    private: bool = Field(
        default=False,
        description="Whether containers run in your own network, cut off from the internet. Default: false.",
    )


class Access(Model):
    """Who may do what, in the target's own naming of people and roles."""

    words: ClassVar[str] = "`access`"

    deploy: Many[str] = Field(
        default=(), description="Who may approve and deploy. Default: nobody is added.", examples=[["release-managers"]]
    )
    invoke: Many[str] = Field(
        default=(), description="Who may call the deployments. Default: nobody is added.", examples=[["planning-app"]]
    )


class Governance(Model):
    """Encryption, network, access, retention, lineage and audit."""

    words: ClassVar[str] = "`governance`"

    encryption: Encryption | None = Field(
        default=None, description="A customer key: `{key: alias/ml}`. Default: the platform's own key."
    )
    network: Network = Field(default=Network.unwritten(), description="Where the containers can reach.")
    access: Access = Field(default=Access.unwritten(), description="Who may do what.")
    retention: Duration | None = Field(
        default=None, description="How long what runs write is kept. Default: for ever.", examples=["365d"]
    )
    lineage: bool = Field(
        default=False,
        description="Whether OpenLineage events are written beside the target's own lineage. Default: false.",
    )
    audit: bool = Field(default=False, description="Whether every change and access is logged. Default: false.")
