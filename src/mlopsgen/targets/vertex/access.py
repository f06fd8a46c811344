"""People and accounts as IAM names them."""

from __future__ import annotations

import re

from mlopsgen.targets.ir.context import Context
from mlopsgen.targets.vertex.account import Account

_ACCOUNT = re.compile(r"[a-z][a-z0-9-]{4,28}[a-z0-9]")
_MEMBER = re.compile(r"(?:user|group|serviceAccount):[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+|domain:[A-Za-z0-9.-]+")


def member(context: Context, account: Account, use: str, who: str) -> str:
    """A member of a role; a bare name is a service account of the product's own project."""
    if _ACCOUNT.fullmatch(who):
        return f"serviceAccount:{account.home.email(who)}"
    if _MEMBER.fullmatch(who):
        return who
    asked = getattr(context.plan.governance, use)
    context.error(
        "MG305",
        f"`{who}` names nobody that IAM knows",
        ("governance", "access", use, asked.index(who)),
        hint="`group:…@…`, `user:…@…`, `serviceAccount:…@…`, or the bare name of a service account of the project",
    )
    return f"serviceAccount:{account.home.email('nobody')}"
