"""The block `targets.azureml`: which workspace the product lives in, and on what it runs."""

from typing import Annotated, ClassVar, TypeAlias

from pydantic import Field

from mlopsgen.spec.environments import Places
from mlopsgen.spec.options import TargetOptions
from mlopsgen.spec.units import Duration, Shaped

Guid: TypeAlias = Annotated[
    str,
    Shaped(
        "an id of 32 hexadecimal digits with hyphens",
        r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        ("00000000-1111-2222-3333-444444444444",),
    ),
]
ResourceGroup: TypeAlias = Annotated[
    str, Shaped("the name of a resource group", r"[A-Za-z0-9_().-]{0,89}[A-Za-z0-9_()-]", ("acme-ml",), longest=90)
]
Workspace: TypeAlias = Annotated[
    str, Shaped("the name of a workspace", r"[A-Za-z0-9][A-Za-z0-9_-]{2,32}", ("acme-ml",), longest=33)
]
Region: TypeAlias = Annotated[str, Shaped("an Azure region", r"[a-z]+(?:[ _-]?[a-z0-9]+)*", ("westeurope", "eastus2"))]
Cluster: TypeAlias = Annotated[
    str, Shaped("the name of a compute cluster", r"[A-Za-z][A-Za-z0-9-]{0,22}[A-Za-z0-9]", ("cpu-cluster",), longest=24)
]
Datastore: TypeAlias = Annotated[
    str, Shaped("the name of a datastore", r"[A-Za-z0-9_]+", ("workspaceblobstore",), longest=255)
]
_ID = r"/subscriptions/[0-9a-f-]{36}/resource[gG]roups/[A-Za-z0-9_().-]+/providers/"
_PLACE = "/subscriptions/…/resourceGroups/shared/providers/"
Vault: TypeAlias = Annotated[
    str,
    Shaped(
        "the name of a key vault, or its id where it lies in another resource group",
        rf"(?:{_ID}Microsoft\.KeyVault/vaults/)?[A-Za-z][A-Za-z0-9-]{{1,22}}[A-Za-z0-9]",
        ("acme-ml-kv", f"{_PLACE}Microsoft.KeyVault/vaults/acme-ml-kv"),
    ),
]
Account: TypeAlias = Annotated[
    str,
    Shaped(
        "the name of a storage account, or its id where it lies in another resource group",
        rf"(?:{_ID}Microsoft\.Storage/storageAccounts/)?[a-z0-9]{{3,24}}",
        ("acmeml", f"{_PLACE}Microsoft.Storage/storageAccounts/acmeml"),
    ),
]
Registry: TypeAlias = Annotated[
    str,
    Shaped(
        "the name of a container registry, or its id where it lies in another resource group",
        rf"(?:{_ID}Microsoft\.ContainerRegistry/registries/)?[A-Za-z0-9]{{5,50}}",
        ("acmeml", f"{_PLACE}Microsoft.ContainerRegistry/registries/acmeml"),
    ),
]
Part: TypeAlias = Annotated[str, Shaped("the name of a network", r"[A-Za-z0-9][A-Za-z0-9_.-]*", ("acme",), longest=80)]
Subnet: TypeAlias = Annotated[
    str,
    Shaped(
        "the name of a subnet, or its id where the network lies in another resource group",
        rf"(?:{_ID}Microsoft\.Network/virtualNetworks/[A-Za-z0-9_.-]+/subnets/)?[A-Za-z0-9][A-Za-z0-9_.-]{{0,79}}",
        ("jobs", f"{_PLACE}Microsoft.Network/virtualNetworks/hub/subnets/jobs"),
    ),
]
ResourceId: TypeAlias = Annotated[
    str,
    Shaped(
        "the id of an Azure resource",
        rf"{_ID}[A-Za-z0-9./_-]+",
        ("/subscriptions/…/resourceGroups/acme/providers/Microsoft.OperationalInsights/workspaces/logs",),
        longest=2048,
    ),
]


class AzureMLOptions(TargetOptions):
    """Where in Azure a product lives, and its native settings."""

    words: ClassVar[str] = "`targets.azureml`"
    # The identity, roles and Logic Apps lie in the group, whichever of its workspaces they are for.
    places: ClassVar[Places] = Places((("subscription", "resource_group"),))

    subscription: Guid = Field(description="The subscription.", examples=["00000000-1111-2222-3333-444444444444"])
    resource_group: ResourceGroup = Field(description="The resource group of the workspace.", examples=["acme-ml"])
    workspace: Workspace = Field(
        description="The workspace, which exists already: everything is made in it.", examples=["acme-ml"]
    )
    region: Region = Field(description="The region of the workspace.", examples=["westeurope"])
    compute: dict[str, Cluster] = Field(
        default={},
        description="Step → compute cluster that exists already, `default` for the rest. Left out: clusters are made, "
        "their machines chosen from `machines` or `resources`.",
        examples=[{"default": "cpu-cluster"}],
    )
    datastore: Datastore = Field(
        default="workspaceblobstore",
        description="The datastore that keeps data, models and what runs write. Default: the workspace's own.",
    )
    storage_account: Account | None = Field(
        default=None,
        description="The storage account of that datastore, for the role of the jobs: its name, or its id where it "
        "lies in another resource group. Default: it is asked for when the infrastructure is made.",
    )
    container_registry: Registry | None = Field(
        default=None,
        description="The workspace's container registry, for the role of the jobs: its name, or its id where it "
        "lies in another resource group. Default: it is asked for when the infrastructure is made.",
    )
    key_vault: Vault | None = Field(
        default=None,
        description="The key vault that secrets of a bare name lie in: its name, or its id where it lies in another "
        "resource group.",
        examples=["acme-ml-kv"],
    )
    network: Part | None = Field(
        default=None,
        description="The virtual network that clusters join, in the workspace's resource group; `governance.network."
        "private` needs it, or the id of a `subnet`, or a `managed_network`.",
    )
    subnet: Subnet | None = Field(
        default=None,
        description="The subnet of that network; or the id of a subnet, for a network of another resource group: then "
        "without `network`.",
    )
    managed_network: bool = Field(
        default=False,
        description="Whether the workspace has a managed network, which clusters join by themselves. Default: false.",
    )
    log_analytics: ResourceId | None = Field(
        default=None, description="A Log Analytics workspace that keeps the audit trail; used by `governance.audit`."
    )
    idle_time: Duration = Field(
        default="2m", description="How long a cluster's idle machine waits before it is given back. Default: 2m."
    )
