"""Rules for what requests and Terraform say of each other."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.targets.documents import dig
from mlopsgen.targets.rules import rule
from mlopsgen.targets.vertex.judge.bodies import Requests
from mlopsgen.targets.vertex.judge.messages import ACCOUNT
from mlopsgen.targets.vertex.judge.modules import Module

SAME = "a bundle's requests use what its Terraform makes"


@rule("requests-accounts", SAME)
def accounts(r: Requests) -> Iterator[Diagnostic]:
    """Runs act as an account that Terraform makes, where it makes any and knows no other."""
    for module in Module.all(r.folder):
        made = {str(module.said(one.body.get("account_id"))) for one in module.of("google_service_account")}
        others = {account.group(0) for account in ACCOUNT.finditer(module.text)}
        for document, path, job in r.jobs() if made else ():
            account = job.get("serviceAccount")
            if not isinstance(account, str) or not ACCOUNT.fullmatch(account) or account in others:
                continue
            if account.split("@")[0] not in made:
                message = f"Terraform makes no account `{account.split('@')[0]}`"
                yield document.finding("MG434", message, (*path, "serviceAccount"))


@rule("requests-buckets", SAME)
def buckets(r: Requests) -> Iterator[Diagnostic]:
    """Runs write to a bucket that Terraform makes, where it makes any."""
    for module in Module.all(r.folder):
        made = {_plain(module.said(one.body.get("name"))) for one in module.of("google_storage_bucket")}
        if not made or None in made:
            continue
        for document, path, job in r.jobs():
            found = re.match(r"gs://([^/]+)", str(dig(job, ("runtimeConfig", "gcsOutputDirectory"))))
            if found and found[1] not in made:
                place = (*path, "runtimeConfig", "gcsOutputDirectory")
                yield document.finding("MG434", f"Terraform makes no bucket `{found[1]}`", place)


def _plain(value: object) -> str | None:
    return value if isinstance(value, str) else None
