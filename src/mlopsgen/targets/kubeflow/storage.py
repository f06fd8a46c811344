"""Where the product's things lie, a bucket of an object store or a volume, and the secrets of its steps."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mlopsgen.plan.graph import all_jobs
from mlopsgen.plan.steps import AnyJob, FromRegistry, LocalData, Plan, Secret, Source
from mlopsgen.plan.values import ChampionUri, Flag, LiveUri, StateUri
from mlopsgen.records import dataclass
from mlopsgen.spec.values import Text
from mlopsgen.targets.addresses import Live, live_places, under
from mlopsgen.targets.ir.context import Context
from mlopsgen.targets.kubeflow.options import SUBDOMAIN, KubeflowOptions, StorageSecret
from mlopsgen.targets.kubeflow.releases import STORE, release

INSTALLED = "kubeflow"
"""The namespace of Kubeflow itself. Pipelines that run in it share one store; any other is one of several users'."""
MINIO_SECRET = "mlpipeline-minio-artifact"  # noqa: S105 - the name of Kubeflow's own Secret
MOUNTS = "/mnt"
VOLUME = re.compile(r"pvc://([a-z0-9](?:[a-z0-9-]*[a-z0-9])?)(/.*)?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Store:
    """An object store: how programs find it, and by which keys they are let in."""

    scheme: str
    options: KubeflowOptions

    @property
    def speaks_s3(self) -> bool:
        """Whether the store is S3 or speaks its language."""
        return self.scheme in ("s3", "minio")

    @property
    def endpoint(self) -> str | None:
        """The address of an S3-compatible store."""
        if self.options.storage_endpoint is None and self.scheme == "minio":
            return f"http://{self.service}.{INSTALLED}.svc.cluster.local:9000"
        return self.options.storage_endpoint

    @property
    def service(self) -> str:
        """The Service of Kubeflow's own store."""
        return "seaweedfs" if release(self.options.versions.pipelines) >= STORE else "minio-service"

    @property
    def region(self) -> str | None:
        """The region that requests are signed for: any will do for a store that is not AWS's, but one there must be."""
        return self.options.region or ("us-east-1" if self.endpoint else None)

    @property
    def secret(self) -> StorageSecret | None:
        """The Secret with the store's keys."""
        if self.options.storage_secret is None and self.scheme == "minio":
            return StorageSecret(name=MINIO_SECRET)
        return self.options.storage_secret

    def environment(self) -> Iterator[tuple[str, str]]:
        """Variables that boto3 finds the store by."""
        if not self.speaks_s3:
            return
        if self.endpoint:
            yield "AWS_ENDPOINT_URL_S3", self.endpoint
            # Stores other than AWS know no checksums of the newest kinds.
            yield "AWS_REQUEST_CHECKSUM_CALCULATION", "when_required"
            yield "AWS_RESPONSE_CHECKSUM_VALIDATION", "when_required"
        if self.region:
            yield "AWS_REGION", self.region

    def launcher(self) -> Iterator[tuple[str, str]]:
        """Variables that KFP's launcher finds AWS by: of every other store it is told by `kfp-launcher`."""
        if self.options.region and self.speaks_s3 and not self.options.storage_endpoint:
            yield "AWS_REGION", self.options.region

    def keys(self) -> tuple[Mapping[str, Any], ...]:
        """The store's keys as variables, where a Secret holds them."""
        if self.secret is None or not self.speaks_s3:
            return ()
        keys = ((self.secret.access_key, "AWS_ACCESS_KEY_ID"), (self.secret.secret_key, "AWS_SECRET_ACCESS_KEY"))
        return (secret_as_env(self.secret.name, keys),)


@dataclass(frozen=True, slots=True)
class Storage:
    """Everything of the product is below one address."""

    product: str
    options: KubeflowOptions

    @property
    def scheme(self) -> str:
        """s3, minio, gs or pvc."""
        return self.options.storage.partition("://")[0]

    @property
    def claim(self) -> str | None:
        """The volume's claim, where the storage is a volume."""
        match = VOLUME.fullmatch(self.options.storage)
        return match[1] if match else None

    @property
    def root(self) -> str:
        """The address as it was written, with the product's name behind it."""
        return f"{self.options.storage}/{self.product}"

    @property
    def place(self) -> str:
        """The address as the runtime opens it: a volume is a folder in each container."""
        return f"file://{mounted(self.root)}" if self.claim else self.root

    @property
    def runs(self) -> str | None:
        """Where runs keep what steps hand on; a volume cannot: that stays with the installation's own store."""
        return None if self.claim else f"{self.root}/runs"

    @property
    def store(self) -> Store | None:
        """The object store that the storage is."""
        return None if self.claim else Store(self.scheme, self.options)

    @property
    def artifacts(self) -> Store:
        """The object store that steps hand things on by: the installation's own where the storage is a volume."""
        return self.store or Store("minio", self.options)

    def data(self, local: LocalData) -> str:
        """Where a submit puts a source that lies beside the spec: under its digest, so it never changes."""
        return f"{self.root}/data/{local.digest}"

    def state(self, path: str) -> str:
        """A small file that runs share."""
        return f"{self.place}/state/{path}"

    def live(self, uri: Live) -> Live:
        """A folder that a deployment reads or writes, as the runtime opens it; a relative one is the product's own."""
        whole = under(self.root, uri)
        first, *rest = whole.parts if isinstance(whole, Text) else (whole,)
        if isinstance(first, str) and VOLUME.match(first):
            first = f"file://{mounted(first)}"
        return Text((first, *rest)) if rest else first

    def live_claims(self, job: AnyJob) -> Iterator[str]:
        """The volumes that a deployment reads from and writes to."""
        for _, uri in live_places(job):
            start = starts(under(self.root, uri))
            if start is not None and (match := VOLUME.match(start)):
                yield match[1]

    def environment(self) -> Iterator[tuple[str, str]]:
        """Variables that the storage is found by."""
        if self.store is not None:
            yield from self.store.environment()

    def keys(self) -> tuple[Mapping[str, Any], ...]:
        """The storage's keys as variables, where a Secret holds them."""
        return self.store.keys() if self.store is not None else ()


def secret_as_env(name: str, keys: tuple[tuple[str, str], ...]) -> Mapping[str, Any]:
    """One Secret's values as variables, as the platform's document has it: (key of the Secret, variable)."""
    return {
        "secretName": name,
        "secretNameParameter": {"runtimeValue": {"constant": name}},
        "keyToEnv": [{"secretKey": key, "envVar": variable} for key, variable in keys],
        "optional": False,
    }


def mount(claim: str) -> Mapping[str, Any]:
    """One volume under its own name."""
    return {
        "pvcNameParameter": {"runtimeValue": {"constant": claim}},
        "constant": claim,
        "mountPath": f"{MOUNTS}/{claim}",
    }


def mounted(address: str) -> str:
    """The folder in a container that `pvc://claim/path` is there."""
    match = VOLUME.fullmatch(address)
    assert match is not None
    return f"{MOUNTS}/{match[1]}{match[2] or ''}"


def starts(uri: Live) -> str | None:
    """What an address begins with, as far as it is known now."""
    first = uri.parts[0] if isinstance(uri, Text) else uri
    return first if isinstance(first, str) else None


def claim_of(source: Source, storage: Storage) -> str | None:
    """The volume that a source lies on."""
    if source.local is not None:
        return storage.claim
    start = source.uri if isinstance(source.uri, str) else ""
    if isinstance(source.uri, Text) and isinstance(source.uri.parts[0], str):
        start = source.uri.parts[0]
    match = VOLUME.match(start)
    return match[1] if match else None


def other_claims(plan: Plan, storage: Storage) -> tuple[str, ...]:
    """The volumes beside the storage that data lies on, and that predictions go to."""
    claims = [claim_of(source, storage) for source in plan.sources]
    claims += [claim for job in all_jobs(plan) for claim in storage.live_claims(job)]
    return tuple(dict.fromkeys(claim for claim in claims if claim is not None and claim != storage.claim))


def opens_store(job: AnyJob) -> bool:
    """Whether the runtime itself opens the storage inside the step: for the registry or for its own state."""
    values = (a.value for a in job.argv if isinstance(a, Flag))
    fetched = any(isinstance(item.source, FromRegistry) for item in job.inputs)
    return fetched or any(isinstance(value, ChampionUri | StateUri | LiveUri) for value in values)


def reads_registry(job: AnyJob) -> bool:
    """Whether the runtime opens the registry inside the step."""
    champion = any(isinstance(a, Flag) and isinstance(a.value, ChampionUri) for a in job.argv)
    return champion or any(isinstance(item.source, FromRegistry) for item in job.inputs)


def storage_of(plan: Plan, options: KubeflowOptions) -> Storage:
    """The product's storage."""
    return Storage(plan.name, options)


_NAME = re.compile(rf"({SUBDOMAIN})(?:/([A-Za-z0-9._-]+))?")


def named(secret: Secret) -> tuple[str, str] | None:
    """The Secret and its key: `<secret>/<key>`; `<secret>` alone has the variable's name as its key."""
    match = _NAME.fullmatch(secret.name)
    return (match[1], match[2] or secret.variable) if match and len(match[1]) <= 253 else None


def as_variables(context: Context, secrets: Sequence[Secret]) -> Mapping[str, Any]:
    """Secrets as the platform's document has them; those of another platform's store are findings."""
    variables: dict[str, list[tuple[str, str]]] = {}
    for secret in secrets:
        known = named(secret)
        if known is None:
            context.error(
                "MG312",
                f"`{secret.name}` is no Secret of Kubernetes",
                secret.origin,
                hint="`<secret>`, or `<secret>/<key>`; other stores come into the cluster as Secrets",
            )
            continue
        variables.setdefault(known[0], []).append((known[1], secret.variable))
    return {"secretAsEnv": [secret_as_env(name, tuple(keys)) for name, keys in variables.items()]} if variables else {}
