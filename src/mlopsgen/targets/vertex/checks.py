"""What can be known wrong about a whole plan, beside what each of its steps says."""

from __future__ import annotations

import re
from pathlib import Path

from mlopsgen.diagnostics import On, SpecPath
from mlopsgen.targets.addresses import by_default
from mlopsgen.targets.ir.context import Context
from mlopsgen.targets.listed import check_listed, listed, machine_names
from mlopsgen.targets.vertex import names
from mlopsgen.targets.vertex.account import Account
from mlopsgen.targets.vertex.machines import MACHINE_TYPES
from mlopsgen.targets.vertex.requests import place_of
from mlopsgen.targets.vertex.tables import READER, dataset_of, is_table

REGIONS = Path(__file__).parent / "regions.txt"
KEY = re.compile(r"projects/[a-z0-9-]+/locations/([a-z0-9-]+)/keyRings/[A-Za-z0-9_-]+/cryptoKeys/[A-Za-z0-9_-]+")
_IMAGE_HOSTS = re.compile(r"[a-z0-9-]+-docker\.pkg\.dev|(?:[a-z]+\.)?gcr\.io")


def check_plan(context: Context, account: Account) -> None:
    """Reports everything that belongs to no single step."""
    check_listed(context, "region of Google Cloud", account.home.region, (*context.where, "region"), listed(REGIONS))
    _check_labels(context, account)
    _check_governance(context, account)
    _check_images(context)
    _check_machines(context)
    _check_sources(context, account)
    _check_environments(context)
    context.check_endpoints(context.options.names, (*context.where, "names"))


def _check_labels(context: Context, account: Account) -> None:
    if len(account.labels) > names.LABELS:
        message = f"there are {len(account.labels)} labels; Google Cloud takes {names.LABELS}"
        context.error("MG306", message, ("tags",), "keep those that somebody reads", on=On.KEY)
    for key, value in context.plan.tags:
        where: SpecPath = ("tags", key)
        if not names.LABEL_KEY.fullmatch(key):
            message = f"`{key}` can be no key of a label in Google Cloud"
            hint = f"a small letter, then small letters, digits, `_` and `-`, {names.LABEL} at most"
            context.error("MG305", message, where, hint, on=On.KEY)
        if not names.LABEL_VALUE.fullmatch(value):
            message = f"`{value}` can be no value of a label in Google Cloud"
            context.error("MG305", message, where, f"small letters, digits, `_` and `-`, {names.LABEL} at most")


def _check_governance(context: Context, account: Account) -> None:
    rules = context.plan.governance
    if account.key is not None:
        match = KEY.fullmatch(account.key)
        if match is None:
            message = f"`{account.key}` is no key of Cloud KMS"
            hint = f"`projects/<project>/locations/{account.home.region}/keyRings/<ring>/cryptoKeys/<key>`"
            context.error("MG305", message, ("governance", "encryption", "key"), hint)
        elif match[1] != account.home.region:
            message = f"the key lies in `{match[1]}`, and what it encrypts in `{account.home.region}`"
            context.error("MG301", message, ("governance", "encryption", "key"), "a key of the same region")
    if rules.private_network and account.network is None:
        message = "a private network needs the name of a VPC network"
        hint = "`targets.vertex.network: projects/<number>/global/networks/<name>`"
        context.error("MG301", message, ("governance", "network", "private"), hint)
    if rules.private_network and account.network is not None:
        number, name = account.network.split("/")[1::3]
        command = "gcloud services vpc-peerings enable-vpc-service-controls"
        context.note(
            "jobs that are peered with a network still reach the internet, until the peering has no route there",
            ("governance", "network", "private"),
            hint=f"once for all products of the network: `{command} --network={name} --project={number}`",
        )
    if rules.lineage:
        message = "OpenLineage events are not emitted yet; ML Metadata keeps a lineage of its own of every run"
        context.error("MG302", message, ("governance", "lineage"), hint="`lineage: false`")
    if rules.audit:
        context.note(
            "Cloud Audit Logs keep every change for 400 days without being asked",
            ("governance", "audit"),
            hint="data access logs, and a sink that keeps them longer, are the project's: a product switches none on",
        )
    if rules.retention and account.options.bucket_exists:
        message = "the bucket exists already, so its lifecycle is its owner's: nothing of a run expires by itself"
        context.note(message, ("governance", "retention"), hint="the README has the rule")


def _check_images(context: Context) -> None:
    prebuilt = context.plan.image.prebuilt
    images: list[tuple[str, SpecPath]] = [(prebuilt, ("code", "image"))] if prebuilt else []
    images += [(job.image, (*job.origin, "image")) for job in context.jobs.values() if job.image]
    for image, where in images:
        if not _IMAGE_HOSTS.fullmatch(image.partition("/")[0]):
            message = f"Vertex AI pulls `{image}` only where nobody has to log in"
            context.note(message, where, hint="Artifact Registry, which also has repositories that stand for others")


def _check_machines(context: Context) -> None:
    known = {*context.jobs, "default"}
    machines, where = context.options.machines, (*context.where, "machines")
    for name in machines:
        if name not in known:
            context.unknown(name, (*where, name), sorted(known))
    for machine, place in machine_names(machines, context.plan.parameters, where):
        check_listed(context, "machine of Vertex AI", machine, place, listed(MACHINE_TYPES))


def _check_sources(context: Context, account: Account) -> None:
    """The account that is made reads the product's bucket and those that are known when it is made."""
    if account.options.service_account is not None:
        return
    for source in context.plan.sources:
        if isinstance(source.uri, str) or place_of(source.uri) is not None or dataset_of(source.uri) is not None:
            continue
        if is_table(context.plan, source):
            message = (
                f"a run that says which table `{source.name}` is is denied other datasets than that of the default"
            )
            hint = f"let {account.email} read them, too: the role `roles/{READER}` on each"
            context.note(message, source.origin, hint=hint)
            continue
        default = place_of(by_default(context.plan, source.uri))
        known = f"those of the product and of the default (`{default[0]}`)" if default else "the product's own"
        message = f"a run that says where `{source.name}` lies is denied other buckets than {known}"
        hint = f"let {account.email} read them, too: the role `roles/storage.objectViewer` on each"
        context.note(message, source.origin, hint=hint)


def _check_environments(context: Context) -> None:
    for job in context.jobs.values():
        if len(job.env) > names.ENVIRONMENT:
            message = f"`{job.name}` has {len(job.env)} environment variables; Vertex AI takes {names.ENVIRONMENT}"
            context.error("MG306", message, (*job.origin, "env"), "put them into a file in `code.path`", on=On.KEY)
