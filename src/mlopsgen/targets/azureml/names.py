"""Where the product lives in Azure, the names of what it makes there, and the limits they have to keep.

Every limit names the page of learn.microsoft.com/azure/machine-learning that says so, or the schema
of azure-ai-ml.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Final

from mlopsgen.records import dataclass

TAGS: Final = 50
"""Tags of one Azure resource (azure-resource-manager/management/tag-resources)."""
TAG_KEY: Final = 512
"""Characters of a tag's key (the same page)."""
TAG_VALUE: Final = 256
"""Characters of a tag's value (the same page)."""
CLUSTER: Final = 16
"""Characters of a compute cluster's name (how-to-create-attach-compute-cluster: 2 to 16)."""
MACHINE: Final = 8
"""Characters of it that say which machine, so that seven are left for the product."""
TRIALS: Final = 1000
"""Trials of one sweep, and trials at the same time (how-to-tune-hyperparameters: both are 1 to 1000)."""
LIFETIME: Final = 21
"""Days that a job may take (how-to-manage-quotas: job lifetime)."""
SPOT_LIFETIME: Final = 7
"""Days that a job may take on a low-priority node (the same page)."""
MPI_NODES: Final = 100
"""Machines of one MPI run (the same page)."""
SOVEREIGN: Final = ("china", "usgov", "usdod", "ussec", "usnat")
"""How regions of sovereign clouds start (azure/azure-government/documentation-government-overview; azure.cn)."""
STEPS: Final = 30_000
"""Steps in a pipeline (the same page)."""

FLOW: Final = 80
"""Characters of a Logic App's name (azure-resource-manager/management/resource-name-rules)."""
SUBSCRIPTION: Final = 64
"""Characters of an event subscription's name (the same page)."""

GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@dataclass(frozen=True, slots=True)
class Home:
    """The workspace of a product, and everything named after the two."""

    product: str
    subscription: str
    resource_group: str
    workspace: str
    region: str
    datastore: str

    @property
    def group_id(self) -> str:
        """The resource group, as Azure addresses it."""
        return f"/subscriptions/{self.subscription}/resourceGroups/{self.resource_group}"

    @property
    def workspace_id(self) -> str:
        """The workspace, as Azure addresses it."""
        return f"{self.group_id}/providers/Microsoft.MachineLearningServices/workspaces/{self.workspace}"

    @property
    def workspace_uri(self) -> str:
        """The workspace, as the runtime's adapters take it."""
        place = f"subscriptions/{self.subscription}/resourceGroups/{self.resource_group}"
        return f"azureml://{place}/workspaces/{self.workspace}"

    @property
    def store(self) -> str:
        """The place in the datastore where everything of the product lies, without a slash at its end."""
        return f"azureml://datastores/{self.datastore}/paths/{self.product}"

    @property
    def identity(self) -> str:
        """The managed identity that jobs run as."""
        return f"{self.product}-jobs"

    def identity_id(self, name: str) -> str:
        """A managed identity of the product's resource group."""
        return f"{self.group_id}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{name}"

    def flow(self, name: str) -> str:
        """A Logic App of the product's."""
        return cut(f"{self.product}-{name}", FLOW)

    def watch(self, name: str) -> str:
        """An event subscription on an account that other workspaces may watch for a product of the same name."""
        digest = hashlib.sha256(self.workspace_id.encode()).hexdigest()[:8]
        return f"{cut(f'{self.product}-{name}', SUBSCRIPTION - len(digest) - 1)}-{digest}"

    def handler(self, name: str) -> str:
        """An event subscription on the workspace itself."""
        return cut(f"{self.product}-{name}", SUBSCRIPTION)

    def role(self, name: str) -> str:
        """The name of a role of the product's own: names of roles are those of the whole tenant."""
        return f"{name}-{self.workspace}-{self.resource_group}-{self.subscription[:8]}"

    def component(self, step: str) -> str:
        """The name of a step's component: letters, digits and underscores."""
        return f"{identifier(self.product)}_{identifier(step)}"

    def cluster(self, machine: str) -> str:
        """The name of a cluster: short, so a long product's is cut and told apart by a digest."""
        room = CLUSTER - len(machine) - 1
        if len(self.product) <= room:
            return f"{self.product}-{machine}"
        digest = hashlib.sha256(self.product.encode()).hexdigest()[:4]
        cut = self.product[: room - len(digest) - 1].rstrip("-")
        return f"{cut}-{digest}-{machine}"


def cut(name: str, most: int) -> str:
    """A name of at most so many characters; a long one is cut and told apart by a digest, and so is one with a `$`."""
    if len(name) <= most and "$" not in name:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: most - len(digest) - 1].replace('$', '')}-{digest}"


def arm_text(text: str) -> str:
    """Text as an ARM template takes it literally: what begins with a bracket is an expression there."""
    return f"[{text}" if text.startswith("[") and text.endswith("]") else text


def arm_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Tags as an ARM template takes them."""
    return {arm_text(key): arm_text(value) for key, value in tags.items()}


def identifier(name: str) -> str:
    """A name as YAML of Azure ML takes it for steps, inputs and outputs: a Python identifier."""
    return name.replace("-", "_").replace(".", "_")
