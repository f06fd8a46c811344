"""Objects of Kubernetes that the bundle makes around the pipeline: accounts, roles, a network policy, a volume."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlopsgen.plan.steps import Plan
from mlopsgen.records import dataclass
from mlopsgen.targets.kubeflow.facts import Facts
from mlopsgen.targets.kubeflow.names import PART_OF, annotations_of, labels_of
from mlopsgen.targets.kubeflow.options import KubeflowOptions
from mlopsgen.targets.kubeflow.training.objects import FILE

PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
"""Private addresses (RFC 1918)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A ServiceAccount."""

    name: str
    annotations: Mapping[str, str]
    speaks: bool
    """Whether its pods get a token for the cluster's API."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRule:
    """What a role may do, and with which objects; no names: with all of the kind, in this namespace."""

    groups: tuple[str, ...]
    resources: tuple[str, ...]
    verbs: tuple[str, ...]
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A Role and who has it."""

    name: str
    rules: tuple[PolicyRule, ...]
    accounts: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    """Groups, as the cluster's sign-in names them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One port of one address."""

    range: str
    port: int


IDENTITY: Mapping[str, tuple[Door, ...]] = {
    # docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html
    "aws": (Door(range="169.254.170.23/32", port=80),),
    # cloud.google.com/kubernetes-engine/docs/how-to/network-policy: with Dataplane V2, and without.
    "gcp": (Door(range="169.254.169.254/32", port=80), Door(range="169.254.169.252/32", port=988)),
}
"""Cloud → where a pod asks on its own node who it is."""
NODE_DNS = "169.254.20.10/32"
"""The name service that a node has of its own (kubernetes.io/docs/tasks/administer-cluster/nodelocaldns)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """A NetworkPolicy."""

    name: str
    selector: Mapping[str, str]
    ranges: tuple[str, ...]
    doors: tuple[Door, ...]
    name_service: str
    api_server: tuple[str, ...]
    """Ranges of the cluster's API server, where it has no private address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """A PersistentVolumeClaim, which other products and environments may use too: it goes with none of them."""

    name: str
    labels: Mapping[str, str]
    storage_class: str | None
    size: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapped:
    """A ConfigMap that kustomize makes of a file."""

    name: str
    source: str
    """`<key>=<file>`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """Everything that is no pipeline."""

    namespace: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    accounts: tuple[Account, ...]
    roles: tuple[Role, ...]
    access: tuple[Role, ...]
    network: Network | None
    volume: Volume | None
    config_maps: tuple[Mapped, ...]

    @property
    def files(self) -> tuple[str, ...]:
        """The files of the folder `manifests`, in the order in which a reader meets them."""
        there = (
            ("serviceaccounts.yaml", self.accounts),
            ("rbac.yaml", self.roles),
            ("access.yaml", self.access),
            ("networkpolicy.yaml", self.network),
        )
        return tuple(name for name, needed in there if needed)


def around(plan: Plan, facts: Facts, *, timed: bool = False) -> Around:
    """What a plan needs in its namespace; `timed`: some task is told the time that its run is scheduled for."""
    options, creates = facts.options, facts.options.service_account is None
    return Around(
        namespace=options.namespace,
        labels=dict(labels_of(plan)),
        annotations=dict(annotations_of(plan)),
        accounts=tuple(_accounts(plan, facts)) if creates else (),
        roles=(_running(facts, timed),) if creates else (),
        access=tuple(_access(plan)),
        network=_network(plan, options),
        volume=_volume(facts),
        config_maps=tuple(Mapped(name=o.config_map, source=f"{FILE}={o.path}") for o in facts.objects),
    )


def _accounts(plan: Plan, facts: Facts) -> Iterator[Account]:
    annotations = {**dict(annotations_of(plan)), **facts.options.service_account_annotations}
    yield Account(
        name=facts.run_account,
        annotations=annotations,
        speaks=True,
    )
    if facts.objects:
        yield Account(
            name=facts.worker_account,
            annotations=annotations,
            speaks=False,
        )


def _running(facts: Facts, timed: bool) -> Role:
    name = facts.run_account
    return Role(name=name, rules=tuple(_rules(facts, timed)), accounts=(name,))


def _rules(facts: Facts, timed: bool) -> Iterator[PolicyRule]:
    """What Argo's and KFP's own parts of a pod do with the run's account, and what our steps make."""
    yield PolicyRule(groups=("argoproj.io",), resources=("workflowtaskresults",), verbs=("create", "patch"))
    if timed:
        # KFP's driver looks for the time on the run's own Workflow, and else takes that of its making, in silence
        # (kubeflow/pipelines, v2/cmd/driver/main.go, getWorkflowMetadataForPipelineJobTimes).
        yield PolicyRule(groups=("argoproj.io",), resources=("workflows",), verbs=("get",))
    yield PolicyRule(groups=("",), resources=("pods",), verbs=("get", "list", "watch"))
    yield PolicyRule(groups=("",), resources=("configmaps",), verbs=("get",), names=("kfp-launcher",))
    secret = facts.storage.artifacts.secret
    if secret is not None:
        yield PolicyRule(groups=("",), resources=("secrets",), verbs=("get",), names=(secret.name,))
    templates = {item.template for item in facts.objects}
    for template, group, kind in (
        ("experiment.json.j2", "kubeflow.org", "experiments"),
        ("trainjob.json.j2", "trainer.kubeflow.org", "trainjobs"),
    ):
        if template in templates:
            yield PolicyRule(groups=(group,), resources=(kind,), verbs=("create", "get", "delete"))


PIPELINES = "pipelines.kubeflow.org"
"""What Kubeflow Pipelines asks the cluster about when somebody calls its API."""


def _access(plan: Plan) -> Iterator[Role]:
    rules = plan.governance
    if rules.deploy:
        changes = ("get", "list", "create", "update", "delete")
        yield Role(
            name=f"{plan.name}-deploy",
            rules=(
                PolicyRule(groups=(PIPELINES,), resources=("pipelines", "pipelines/versions"), verbs=changes),
                PolicyRule(
                    groups=(PIPELINES,), resources=("experiments", "jobs"), verbs=(*changes, "enable", "disable")
                ),
                PolicyRule(
                    groups=(PIPELINES,), resources=("runs",), verbs=("get", "list", "create", "terminate", "retry")
                ),
            ),
            people=rules.deploy,
        )
    if rules.invoke:
        yield Role(
            name=f"{plan.name}-invoke",
            rules=(
                PolicyRule(groups=(PIPELINES,), resources=("pipelines", "pipelines/versions"), verbs=("get", "list")),
                PolicyRule(groups=(PIPELINES,), resources=("experiments",), verbs=("get", "list")),
                PolicyRule(groups=(PIPELINES,), resources=("runs",), verbs=("get", "list", "create")),
            ),
            people=rules.invoke,
        )


def _network(plan: Plan, options: KubeflowOptions) -> Network | None:
    if not plan.governance.private_network:
        return None
    return Network(
        name=plan.name,
        selector={PART_OF: plan.name},
        ranges=(*PRIVATE, *options.egress),
        doors=IDENTITY.get(options.cloud or "", ()),
        name_service=NODE_DNS,
        api_server=options.api_server,
    )


def _volume(facts: Facts) -> Volume | None:
    claim, size = facts.storage.claim, facts.options.storage_size
    if claim is None or size is None:
        return None
    labels = {key: value for key, value in labels_of(facts.plan) if key != PART_OF}
    return Volume(name=claim, labels=labels, storage_class=facts.options.storage_class, size=size)
