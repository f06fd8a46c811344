"""The block `targets.vertex`: where in Google Cloud the product lives, and on what it runs."""

from typing import Annotated, ClassVar, TypeAlias

from pydantic import Field

from mlopsgen.spec.environments import Places
from mlopsgen.spec.options import TargetOptions
from mlopsgen.spec.units import Shaped

Project: TypeAlias = Annotated[
    str, Shaped("the id of a Google Cloud project", r"[a-z][a-z0-9-]{4,28}[a-z0-9]", ("acme-ml",), longest=30)
]
Region: TypeAlias = Annotated[
    str, Shaped("a Google Cloud region", r"[a-z]+(?:-[a-z]+)*-?[0-9]+", ("europe-west1", "us-central1"), longest=40)
]
Bucket: TypeAlias = Annotated[
    str,
    Shaped("the name of a Cloud Storage bucket", r"[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]", ("acme-ml-models",), longest=63),
]
ServiceAccount: TypeAlias = Annotated[
    str,
    Shaped(
        "the e-mail of a service account",
        r"[a-z][a-z0-9-]{4,28}[a-z0-9]@[a-z][a-z0-9-]{4,28}[a-z0-9]\.iam\.gserviceaccount\.com",
        ("trainer@acme-ml.iam.gserviceaccount.com",),
        longest=90,
    ),
]
Repository: TypeAlias = Annotated[
    str,
    Shaped(
        "the name of an Artifact Registry repository", r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?", ("images",), longest=63
    ),
]
Network: TypeAlias = Annotated[
    str,
    Shaped(
        "a VPC network by its full name, with the number of its project,",
        r"projects/[0-9]{1,20}/global/networks/[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?",
        ("projects/123456789012/global/networks/ml",),
        longest=150,
    ),
]


class VertexOptions(TargetOptions):
    """Account facts and native settings of Vertex AI."""

    words: ClassVar[str] = "`targets.vertex`"
    places: ClassVar[Places] = Places((("project", "region"), ("bucket",)), {"bucket": "bucket_exists"})

    project: Project = Field(description="The project that everything is made in.", examples=["acme-ml"])
    region: Region = Field(description="The region that everything is made in.", examples=["europe-west1"])
    bucket: Bucket = Field(
        description="A Cloud Storage bucket. Everything lies under `<bucket>/<name>/`.", examples=["acme-ml-models"]
    )
    bucket_exists: bool = Field(
        default=False,
        description="Whether the bucket exists already, in that region; its lifecycle and key are then its owner's. "
        "Default: false, the infrastructure makes it.",
    )
    service_account: ServiceAccount | None = Field(
        default=None,
        description="A service account that exists already, which the pipeline and its jobs run as; it is given "
        "nothing then. Default: the infrastructure makes one, allowed only what it needs.",
    )
    repository: Repository | None = Field(
        default=None,
        description="A Docker repository of Artifact Registry that exists already in that region, for the image. "
        "Default: the infrastructure makes one named after the product.",
    )
    network: Network | None = Field(
        default=None,
        description="The VPC network that jobs are peered with; needed with `governance.network.private`. "
        "Private services access has to be set up in it.",
    )
