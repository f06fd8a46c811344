"""What the pipeline's account reads, and what one that exists already has to be allowed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mlopsgen.plan.graph import all_jobs, batches
from mlopsgen.render.tokens import Name, RelPath
from mlopsgen.targets.addresses import Live, by_default, live_places, under
from mlopsgen.targets.ir.context import Context
from mlopsgen.targets.ir.parts import Part
from mlopsgen.targets.vertex import roles
from mlopsgen.targets.vertex.account import Account
from mlopsgen.targets.vertex.native import Email, Grant, Needs
from mlopsgen.targets.vertex.platform import SECRETS, secret_uri
from mlopsgen.targets.vertex.requests import place_of
from mlopsgen.targets.vertex.tables import READER, datasets


def other_buckets(context: Context, account: Account) -> tuple[str, ...]:
    """The buckets that sources lie in when a run says nothing, without the product's own."""
    remote = [source.uri for source in context.plan.sources if source.local is None]
    written = written_buckets(context, account)
    places = (place_of(by_default(context.plan, uri)) for uri in (*remote, *_live(context, account, "input")))
    others = (place[0] for place in places if place and place[0] not in (account.home.bucket, *written))
    return tuple(dict.fromkeys(others))


def written_buckets(context: Context, account: Account) -> tuple[str, ...]:
    """The buckets that predictions go to, without the product's own."""
    places = (place_of(by_default(context.plan, uri)) for uri in _live(context, account, "output"))
    return tuple(dict.fromkeys(place[0] for place in places if place and place[0] != account.home.bucket))


def _live(context: Context, account: Account, flag_name: str) -> Iterator[Live]:
    for service in batches(context.plan):
        for flag, uri in live_places(service.job):
            if flag == flag_name:
                yield under(account.home.prefix, uri)


def secrets(context: Context, account: Account) -> Iterator[tuple[str, str]]:
    """Project and name of every secret."""
    uris = {secret_uri(account, secret.name) for job in all_jobs(context.plan) for secret in job.secrets}
    for uri in sorted(uris):
        project, _, name = uri.removeprefix(SECRETS).partition("/")
        yield project, name.partition("/")[0]


def needs_of(context: Context, account: Account, parts: Sequence[Part]) -> Needs | None:
    """What the account has to be allowed, where Terraform makes none and gives nothing."""
    if account.options.service_account is None:
        return None
    return Needs(
        account=Email(account.email),
        foreign=not account.runner.startswith(f"projects/{account.home.project}/"),
        permissions=tuple(map(Name, roles.runner(account, parts).permissions)),
        grants=tuple(Grant(Name(role), what, RelPath(name)) for role, what, name in _grants(context, account, parts)),
    )


def _grants(context: Context, account: Account, parts: Sequence[Part]) -> Iterator[tuple[str, str, str]]:
    """Roles and where they are needed: those that `infra` gives to an account of its own."""
    yield "logging.logWriter", "the project", account.home.project
    yield "storage.objectUser", "the bucket", account.home.bucket
    for name in written_buckets(context, account):
        yield "storage.objectUser", "the bucket", name
    for name in other_buckets(context, account):
        yield "storage.objectViewer", "the bucket", name
    for project, dataset in datasets(account.plan):
        yield READER, "the dataset", f"{project}/{dataset}"
    if account.plan.image.prebuilt is None:
        yield "artifactregistry.reader", "the repository", account.repository
    yield "artifactregistry.reader", "the repository", account.home.templates
    for project, name in secrets(context, account):
        yield "secretmanager.secretAccessor", "the secret", f"{project}/{name}"
    if roles.launches(parts):
        yield "iam.serviceAccountUser", "the account itself, as the member", account.email.partition("@")[0]
