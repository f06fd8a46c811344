"""The block `targets.kubeflow`: which cluster and namespace, where things are stored, and what registers models."""

from typing import Annotated, ClassVar, Literal, TypeAlias

from pydantic import Field

from mlopsgen.spec.environments import Places
from mlopsgen.spec.model import Many, Model
from mlopsgen.spec.options import TargetOptions
from mlopsgen.spec.units import Shaped, Size, TimeZone

LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
"""A DNS label (RFC 1123), as Kubernetes wants most names."""
SUBDOMAIN = rf"{LABEL}(?:\.{LABEL})*"

Namespace: TypeAlias = Annotated[str, Shaped("a namespace", LABEL, ("ml", "team-planning"), longest=63)]
ObjectName: TypeAlias = Annotated[
    str, Shaped("the name of an object in Kubernetes", SUBDOMAIN, ("churn-storage",), longest=253)
]
SecretKey: TypeAlias = Annotated[
    str, Shaped("a key of a Secret", r"[A-Za-z0-9._-]+", ("accesskey", "token"), longest=253)
]
Address: TypeAlias = Annotated[
    str,
    Shaped(
        "an address",
        r"https?://[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~/-]*)?",
        ("https://kubeflow.example.com", "http://minio.minio.svc.cluster.local:9000"),
    ),
]
Storage: TypeAlias = Annotated[
    str,
    Shaped(
        "where things are stored",
        r"(?:s3|minio|gs)://[a-z0-9][a-z0-9._-]{1,61}[a-z0-9](?:/[A-Za-z0-9][A-Za-z0-9._-]*)*"
        rf"|pvc://{LABEL}(?:/[A-Za-z0-9][A-Za-z0-9._-]*)*",
        ("s3://acme-ml", "minio://mlpipeline/private-artifacts/ml", "pvc://ml-data"),
    ),
]
Images: TypeAlias = Annotated[
    str,
    Shaped(
        "where images are pushed to",
        r"[a-z0-9][a-z0-9.-]*(?::[0-9]{1,5})?(?:/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*",
        ("ghcr.io/acme", "registry.example.com/ml"),
        longest=180,
    ),
]
LabelKey: TypeAlias = Annotated[
    str,
    Shaped(
        "a label's key",
        rf"(?:{SUBDOMAIN}/)?[A-Za-z0-9](?:[A-Za-z0-9._-]{{0,61}}[A-Za-z0-9])?",
        ("accelerator", "cloud.google.com/gke-spot"),
        longest=317,
    ),
]
LabelValue: TypeAlias = Annotated[
    str, Shaped("a label's value", r"(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?", ("spot", "true"))
]
Cidr: TypeAlias = Annotated[
    str, Shaped("a range of addresses", r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}/[0-9]{1,2}", ("10.20.0.0/16",))
]


class StorageSecret(Model):
    """The Secret with the keys of an S3-compatible store."""

    words: ClassVar[str] = "`storage_secret`"

    name: ObjectName = Field(description="The Secret, in the same namespace.", examples=["mlpipeline-minio-artifact"])
    access_key: SecretKey = Field(default="accesskey", description="Its key with the access key. Default: accesskey.")
    secret_key: SecretKey = Field(default="secretkey", description="Its key with the secret key. Default: secretkey.")


class SecretRef(Model):
    """One value of a Secret."""

    words: ClassVar[str] = "a value of a Secret"

    name: ObjectName = Field(description="The Secret, in the same namespace.", examples=["model-registry"])
    key: SecretKey = Field(default="token", description="Its key. Default: token.")


class Toleration(Model):
    """A taint of nodes that pods are let onto all the same."""

    words: ClassVar[str] = "a toleration"

    key: LabelKey = Field(description="The taint's key.", examples=["kubernetes.azure.com/scalesetpriority"])
    value: LabelValue | None = Field(default=None, description="The taint's value. Default: any.")
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] = Field(
        default="NoSchedule", description="NoSchedule, PreferNoSchedule or NoExecute. Default: NoSchedule."
    )


class Nodes(Model):
    """Nodes of one kind: their labels, and the taints that keep other pods away."""

    words: ClassVar[str] = "nodes of one kind"

    labels: dict[LabelKey, LabelValue] = Field(default={}, description="Labels of those nodes.")
    tolerations: Many[Toleration] = Field(default=(), description="Taints of those nodes.")


class Accelerator(Nodes):
    """Nodes with one kind of accelerator."""

    words: ClassVar[str] = "an accelerator"

    resource: LabelKey = Field(
        default="nvidia.com/gpu", description="What a container is limited by. Default: nvidia.com/gpu."
    )


class Runtimes(Model):
    """Kubeflow Trainer's runtimes, by how nodes find each other."""

    words: ClassVar[str] = "`trainer_runtimes`"

    torchrun: ObjectName = Field(default="torch-distributed", description="Default: torch-distributed.")
    mpi: ObjectName | None = Field(
        default=None,
        description="A runtime of MPI; the image then holds an MPI and an SSH server. Default: none, mpi is refused.",
        examples=["deepspeed-distributed"],
    )


Version: TypeAlias = Annotated[
    str, Shaped("a version in quotes", r"[0-9]{1,3}\.[0-9]{1,3}", ("2.17", "0.20"), rule="the first two numbers")
]


class Versions(Model):
    """The releases that the cluster has: what is emitted keeps to them."""

    words: ClassVar[str] = "`versions`"

    pipelines: Version = Field(default="2.17", description="Kubeflow Pipelines. Default: 2.17.", examples=["2.16"])
    katib: Version = Field(default="0.19", description="Katib. Default: 0.19.")
    trainer: Version = Field(default="2.3", description="Kubeflow Trainer. Default: 2.3.")
    kserve: Version = Field(default="0.20", description="KServe. Default: 0.20.")
    keda: Version = Field(default="2.19", description="KEDA. Default: 2.19.")


class KubeflowOptions(TargetOptions):
    """The cluster, its namespace and its storage."""

    started_with: ClassVar[tuple[str, ...]] = ("images", "region")

    words: ClassVar[str] = "`targets.kubeflow`"
    places: ClassVar[Places] = Places((("endpoint", "namespace"), ("storage",)))

    namespace: Namespace = Field(description="The namespace that everything is made and run in.", examples=["ml"])
    endpoint: Address = Field(
        description="The address of Kubeflow Pipelines, for submitting.", examples=["https://kubeflow.example.com"]
    )
    storage: Storage = Field(
        description="Where data, registered models and state lie: a bucket (s3://, minio://, gs://), or a volume "
        "(pvc://claim). Everything is under `<storage>/<name>/`.",
        examples=["s3://acme-ml", "pvc://ml-data"],
    )
    versions: Versions = Field(
        default=Versions.unwritten(),
        description="The releases of Kubeflow's parts that the cluster has, each in quotes.",
        examples=[{"pipelines": "2.16", "trainer": "2.2"}],
    )
    images: Images | None = Field(
        default=None,
        description="Where the image is pushed to and pulled from; needed unless `code.image` names one that exists.",
        examples=["ghcr.io/acme"],
    )
    cloud: Literal["aws", "azure", "gcp"] | None = Field(
        default=None,
        description="Whose nodes the cluster has: decides the labels of spot nodes and accelerators. Default: none.",
    )
    karpenter: bool = Field(
        default=False,
        description="Whether Karpenter makes the nodes, as in EKS Auto Mode: spot nodes then have its label. "
        "Default: false.",
    )
    region: str | None = Field(
        default=None,
        pattern=r"^[a-z0-9-]{1,40}$",
        description="The region of the storage: steps are told it, `data.residency` holds it. Default: not said.",
        examples=["eu-west-1"],
    )
    storage_endpoint: Address | None = Field(
        default=None,
        description="The address of an S3-compatible store such as MinIO. Default: AWS for s3://, and Kubeflow's own "
        "store for minio://.",
        examples=["http://minio.minio.svc.cluster.local:9000"],
    )
    storage_secret: StorageSecret | None = Field(
        default=None,
        description="The Secret with the store's keys. Default: none for s3:// and gs:// (the service account's own "
        "identity), Kubeflow's own Secret for minio://.",
    )
    storage_class: ObjectName | None = Field(
        default=None, description="The class of the volume that pvc:// names. Default: the cluster's own default."
    )
    storage_size: Size | None = Field(
        default=None,
        description="The size of that volume: the bundle then has a claim for it. Default: the claim exists already.",
    )
    service_account: ObjectName | None = Field(
        default=None,
        description="A service account that exists already, for runs; the bundle then has no roles. Default: one is "
        "made, allowed only what runs need.",
    )
    service_account_annotations: dict[LabelKey, str] = Field(
        default={},
        description="Annotations of the service accounts that are made, such as a cloud's workload identity.",
        examples=[{"eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/ml-runs"}],
    )
    pull_secrets: Many[ObjectName] = Field(default=(), description="Secrets that images are pulled with.")
    registry: Literal["storage", "model-registry", "mlflow"] = Field(
        default="storage",
        description="What keeps versions of models: files in the storage, Kubeflow Model Registry or MLflow; model "
        "files lie in the storage in each case. Default: storage.",
    )
    registry_url: Address | None = Field(
        default=None,
        description="The address of that registry inside the cluster. Default: Kubeflow Model Registry's own service; "
        "for MLflow, `tracking.backend.mlflow`.",
        examples=["http://model-registry-service.kubeflow.svc.cluster.local:8080"],
    )
    registry_secret: SecretRef | None = Field(
        default=None, description="A token that the registry wants. Default: it wants none."
    )
    search: Literal["pipeline", "katib"] = Field(
        default="pipeline",
        description="Who runs grid and random searches: the pipeline itself, or Katib, which also runs bayesian "
        "ones in each case, and those with `stop_at`, `timeout` or `early_stopping`. Default: pipeline.",
    )
    trainer_runtimes: Runtimes = Field(
        default=Runtimes.unwritten(), description="Kubeflow Trainer's runtimes for training over several nodes."
    )
    gpus: dict[str, Accelerator] = Field(
        default={},
        description="Kind of `resources.gpu` → nodes that have it. Default: what `cloud` calls them.",
        examples=[{"a100": {"labels": {"nvidia.com/gpu.product": "NVIDIA-A100-SXM4-80GB"}}}],
    )
    spot: Nodes | None = Field(default=None, description="Spot nodes. Default: what `cloud` calls them.")
    timezone: TimeZone = Field(
        default="UTC",
        description="The time zone that the installation's schedules are in: CRON_SCHEDULE_TIMEZONE of its "
        "controller. Default: UTC.",
    )
    egress: Many[Cidr] = Field(
        default=(),
        description="Addresses beside private ones that pods may reach in a private network, such as the store's.",
    )
    api_server: Many[Cidr] = Field(
        default=(),
        description="Where the cluster's API server is, as `kubectl get endpoints kubernetes` says it: pods of a "
        "private network reach it there. Default: at a private address.",
        examples=[["20.50.2.9/32"]],
    )
