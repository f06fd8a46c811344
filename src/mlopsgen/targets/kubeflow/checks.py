"""What can be known wrong about a whole plan, beside what each of its steps says."""

from __future__ import annotations

import re

from mlopsgen.diagnostics import On, SpecPath
from mlopsgen.plan.graph import all_jobs
from mlopsgen.targets.ir.context import Context, harmless
from mlopsgen.targets.kubeflow.facts import Facts
from mlopsgen.targets.kubeflow.image import UNKNOWN
from mlopsgen.targets.kubeflow.names import LABEL_KEY, MANAGED_BY, PART_OF
from mlopsgen.targets.kubeflow.sources import OWN_BUCKET, allowed, forbidden_key
from mlopsgen.targets.listed import AWS_REGIONS, check_listed, listed

_ROLE = "eks.amazonaws.com/role-arn"
_ADDRESS = re.compile(r"https?://[A-Za-z0-9._:/~-]+")


def check_plan(context: Context, facts: Facts) -> None:
    """Reports everything that belongs to no single step."""
    _check_tags(context)
    harmless(context, context.plan.tracking.mlflow or "", ("tracking", "backend", "mlflow"))
    _check_image(context, facts)
    _check_registry(context, facts)
    _check_storage(context, facts)
    _check_governance(context, facts)
    _check_machines(context)
    context.check_endpoints(context.options.names, (*context.where, "names"))


def _check_tags(context: Context) -> None:
    harmless(context, context.plan.owner or "", ("owner",))
    for key, value in context.plan.tags:
        harmless(context, value, ("tags", key))
        if not LABEL_KEY.fullmatch(key):
            message = f"`{key}` can be no key of a label or annotation in Kubernetes"
            hint = "letters, digits, `-`, `_` and `.`, 63 at most, with a prefix such as `acme.example/` if need be"
            context.error("MG305", message, ("tags", key), hint, on=On.KEY)
        elif key in (PART_OF, MANAGED_BY):
            context.error("MG305", f"the label `{key}` is ours", ("tags", key), "another key", on=On.KEY)


def _check_image(context: Context, facts: Facts) -> None:
    if facts.image_name.startswith(UNKNOWN):
        context.error(
            "MG301",
            "nobody says where the image is pushed to, and pulled from by the cluster",
            context.where,
            hint="`targets.kubeflow.images: <registry>/<folder>`, or `code.image` for one that exists",
            on=On.KEY,
        )


def _check_registry(context: Context, facts: Facts) -> None:
    options, tracking = facts.options, context.plan.tracking.mlflow
    where: SpecPath = (*context.where, "registry")
    if options.registry == "mlflow" and not (options.registry_url or _ADDRESS.fullmatch(tracking or "")):
        hint = "`registry_url: https://…`, or `tracking.backend: {mlflow: https://…}`"
        context.error("MG301", "nobody says where MLflow is", where, hint)
    if options.registry == "storage" and options.registry_url:
        message = "the storage itself is the registry, so it has no address of its own"
        context.error("MG309", message, (*context.where, "registry_url"), hint="take it out, or name a `registry`")


def _check_storage(context: Context, facts: Facts) -> None:
    options, claim = facts.options, facts.storage.claim
    for key in ("storage_class", "storage_size"):
        if claim is None and getattr(options, key) is not None:
            message = f"`{key}` is for a volume, and the storage is a bucket"
            context.error("MG309", message, (*context.where, key), hint="take it out", on=On.KEY)
    if closed := forbidden_key(facts.storage.artifacts, options.storage):
        hint = f"`storage: minio://{OWN_BUCKET}/{allowed(options.namespace)[0].rstrip('/')}`"
        context.error("MG301", closed, (*context.where, "storage"), hint)
    ours = options.storage.startswith("s3://") and not options.storage_endpoint
    if ours and options.region:
        check_listed(context, "region of AWS", options.region, (*context.where, "region"), listed(AWS_REGIONS))
    elif ours:
        _check_region(context, facts)


def _check_region(context: Context, facts: Facts) -> None:
    """KFP's launcher asks no bucket for its region, and nothing but EKS tells a pod."""
    message = f"nobody says which region `{facts.options.storage}` is in, and Kubeflow Pipelines asks AWS in one"
    hint = "`targets.kubeflow.region: eu-west-1`"
    if facts.options.storage_secret:
        context.error("MG301", message, (*context.where, "storage"), hint)
    else:
        hint = f"{hint}; only pods of EKS with a role of their own are told theirs (AWS_REGION)"
        context.note(message, (*context.where, "storage"), hint)


def _check_governance(context: Context, facts: Facts) -> None:
    rules = context.plan.governance
    if rules.encryption_key is not None:
        context.error(
            "MG301",
            "Kubeflow encrypts nothing with a key of yours: that is the store's, and the volumes' class's",
            ("governance", "encryption", "key"),
            hint="set the key on the bucket and on the storage class, and take it out here",
        )
    if rules.lineage:
        message = (
            "OpenLineage events are not emitted yet; Kubeflow's ML Metadata keeps a lineage of its own of every run"
        )
        context.error("MG302", message, ("governance", "lineage"), hint="`lineage: false`")
    if rules.audit:
        context.note(
            "the cluster's own audit log has every call to its API",
            ("governance", "audit"),
            hint="who runs the cluster decides how long it is kept: a product does not switch it on",
        )
    if rules.private_network:
        _check_network(context, facts)


def _check_network(context: Context, facts: Facts) -> None:
    """A private network reaches private addresses alone: what a run needs may have another."""
    options, where = facts.options, ("governance", "network", "private")
    if options.cloud != "aws" and not options.api_server:
        # On EKS it has addresses of the cluster's own network in each case.
        context.note(
            "pods of a private network reach private addresses alone, and the API server of AKS and GKE has a public "
            "one unless the cluster is private: no step could say there how it ended",
            where,
            hint="what `kubectl get endpoints kubernetes` prints, as in `targets.kubeflow.api_server: [20.50.2.9/32]`",
        )
    if facts.storage.scheme == "gs" and not options.egress:
        names = (
            "" if options.cloud == "gcp" else "GKE's metadata server has 169.254.169.254/32 and 169.254.169.252/32; "
        )
        context.note(
            "pods of a private network reach private addresses alone: Cloud Storage has none",
            where,
            hint=f"name its ranges in `targets.kubeflow.egress`: {names}Google publishes those of Cloud Storage, and "
            "199.36.153.8/30 is Private Google Access",
        )
    if facts.storage.scheme == "s3" and not options.storage_endpoint:
        # A pod with a role of its own asks STS for its keys (AWS: EKS, "IAM roles for service accounts").
        ours = " and STS, which tells a pod its role, then need endpoints"
        also = ours if _ROLE in options.service_account_annotations else " then needs an endpoint"
        context.note(
            f"pods of a private network reach private addresses alone: S3{also} in that network",
            where,
            hint="or its ranges in `targets.kubeflow.egress`",
        )


def _check_machines(context: Context) -> None:
    known = {job.name for job in all_jobs(context.plan)} | {"default"}
    for name in context.options.machines:
        if name not in known:
            context.unknown(name, (*context.where, "machines", name), sorted(known))
