"""Where the product lives in Google Cloud, the names of what it makes there, and the limits they have to keep.

Every limit is the API's own (aiplatform v1, its reference of that message) unless a page is named.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

from mlopsgen.records import dataclass

DISPLAY_NAME: Final = 128
"""Characters of a display name (PipelineJob.display_name, Schedule.display_name, Model.display_name)."""
LABELS: Final = 64
"""Labels of one resource (cloud.google.com/resource-manager/docs/labels-overview, "Requirements for labels")."""
LABEL: Final = 63
"""Characters of a label's key and of its value (the same page)."""
MODEL_ID: Final = 63
"""Characters of a model's id (UploadModelRequest.model_id)."""
ENVIRONMENT: Final = 100
"""Variables of a container (ContainerSpec.env)."""
TRIALS: Final = 1000
"""Trials of one search (cloud.google.com/vertex-ai/docs/quotas, "Hyperparameter tuning")."""
PARALLEL_TRIALS: Final = 100
"""Trials of one search at a time (the same page)."""
DISK_GIB: Final = (100, 64000)
"""GiB of a machine's disk, the default and the largest (DiskSpec.boot_disk_size_gb)."""
ACCOUNT: Final = (6, 30)
"""Characters of a service account's id (iam ServiceAccount: CreateServiceAccountRequest.account_id)."""
REPOSITORY: Final = 63
"""Characters of a repository (artifactregistry CreateRepositoryRequest.repository_id)."""
TEMPLATE: Final = (4, 128)
"""Characters of a template, which is called as its pipeline (vertex-ai/docs/pipelines/create-pipeline-template: the
package's name is `^[a-z0-9][a-z0-9-]{3,127}$`)."""
ROLE: Final = 64
"""Characters of a custom role (iam CreateRoleRequest.role_id)."""
DESCRIPTION: Final = 256
"""Characters of a service account's description (iam ServiceAccount.description)."""

LABEL_KEY = re.compile(r"[a-z][a-z0-9_-]{0,62}")
LABEL_VALUE = re.compile(r"[a-z0-9_-]{0,63}")
MODEL = re.compile(r"[a-z_][a-z0-9_-]{0,62}")


@dataclass(frozen=True, slots=True)
class Home:
    """The project, region and bucket of a product, and everything named after them."""

    product: str
    project: str
    region: str
    bucket: str

    @property
    def parent(self) -> str:
        """What everything of Vertex AI lies under."""
        return f"projects/{self.project}/locations/{self.region}"

    @property
    def endpoint(self) -> str:
        """The service's address in this region."""
        return f"https://{self.region}-aiplatform.googleapis.com/v1"

    @property
    def prefix(self) -> str:
        """The prefix of everything that belongs to the product, without a slash at its end."""
        return f"gs://{self.bucket}/{self.product}"

    @property
    def images(self) -> str:
        """The host of the region's container images."""
        return f"{self.region}-docker.pkg.dev"

    @property
    def templates(self) -> str:
        """The repository of pipeline templates."""
        return shortened(f"{self.product}-pipelines", REPOSITORY)

    @property
    def template(self) -> str:
        """The pipeline's own name, and so that of its template there."""
        return self.template_of(self.product)

    def template_of(self, name: str) -> str:
        """The name of a pipeline, and so that of its template there."""
        return shortened(name, TEMPLATE[1], least=TEMPLATE[0])

    def template_uri(self, tag: str, name: str | None = None) -> str:
        """A version of the pipeline in that repository; `name` is that of another pipeline than the product's."""
        return f"https://{self.region}-kfp.pkg.dev/{self.project}/{self.templates}/{name or self.template}/{tag}"

    def account(self, use: str = "") -> str:
        """The id of a service account that the infrastructure makes."""
        return shortened(f"{self.product}-{use}" if use else self.product, ACCOUNT[1], least=ACCOUNT[0])

    def email(self, account: str) -> str:
        """A service account of this project."""
        return f"{account}@{self.project}.iam.gserviceaccount.com"

    def role(self, use: str) -> str:
        """The id of a custom role: roles are the project's, so it names the region too, and has no hyphens."""
        return shortened(f"{self.product}.{self.region}.{use}".replace("-", "_"), ROLE, joint="_")


def shortened(name: str, longest: int, *, least: int = 1, joint: str = "-") -> str:
    """A name that fits: one that is too long ends in a digest of all of it, so that two never become one."""
    if len(name) < least:
        return f"{name}{joint}{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    if len(name) <= longest:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: longest - 9].rstrip('-_.')}{joint}{digest}"


def one_line(text: str, longest: int) -> str:
    """A description on one line, no longer than the service takes."""
    return " ".join(text.split())[:longest]
