"""The facts of the account that every part of the lowering reads, and who IAM knows in it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mlopsgen.plan.steps import Plan, Register
from mlopsgen.records import dataclass
from mlopsgen.targets.image import content_tag
from mlopsgen.targets.ir.context import Context
from mlopsgen.targets.vertex.image import USER, extra_requirements
from mlopsgen.targets.vertex.names import Home, shortened
from mlopsgen.targets.vertex.options import VertexOptions


@dataclass(frozen=True, slots=True)
class Account:
    """A product in its project."""

    plan: Plan
    options: VertexOptions
    home: Home

    @property
    def email(self) -> str:
        """The service account that the pipeline and its jobs run as."""
        return self.options.service_account or self.home.email(self.home.account())

    @property
    def runner(self) -> str:
        """The same account as IAM names it, if it exists already: its project may be another one."""
        _, _, domain = self.email.partition("@")
        return f"projects/{domain.partition('.')[0]}/serviceAccounts/{self.email}"

    @property
    def labels(self) -> Mapping[str, str]:
        """The labels of everything that is made."""
        return {"mlopsgen-product": self.plan.name, **dict(self.plan.tags)}

    @property
    def key(self) -> str | None:
        """The customer's key."""
        return self.plan.governance.encryption_key

    @property
    def network(self) -> str | None:
        """The network that jobs are peered with."""
        return self.options.network

    @property
    def repository(self) -> str:
        """The repository of the image."""
        return self.options.repository or shortened(self.plan.name, 63)

    @property
    def image(self) -> str:
        """The image that every step runs: one that exists, the pushed one by digest, or by its content's tag."""
        prebuilt, home = self.plan.image.prebuilt, self.home
        if prebuilt is not None:
            return prebuilt
        tag = content_tag(self.plan.image, user=USER, extra=extra_requirements(self.plan))
        fresh = f"{home.images}/{home.project}/{self.repository}/{self.plan.name}:{tag}"
        return self.plan.image.lock.pushed_image(fresh)

    @property
    def registered(self) -> Register | None:
        """The step that makes versions."""
        return next((step for step in self.plan.steps if isinstance(step, Register)), None)


def account_of(plan: Plan, options: VertexOptions) -> Account:
    """The account of a plan."""
    return Account(plan, options, Home(plan.name, options.project, options.region, options.bucket))


_ACCOUNT = re.compile(r"[a-z][a-z0-9-]{4,28}[a-z0-9]")
_MEMBER = re.compile(r"(?:user|group|serviceAccount):[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+|domain:[A-Za-z0-9.-]+")


def member(context: Context, account: Account, use: str, who: str) -> str:
    """A member of a role; a bare name is a service account of the product's own project."""
    if _ACCOUNT.fullmatch(who):
        return f"serviceAccount:{account.home.email(who)}"
    if _MEMBER.fullmatch(who):
        return who
    members = getattr(context.plan.governance, use)
    context.error(
        "MG305",
        f"`{who}` names nobody that IAM knows",
        ("governance", "access", use, members.index(who)),
        hint="`group:…@…`, `user:…@…`, `serviceAccount:…@…`, or the bare name of a service account of the project",
    )
    return f"serviceAccount:{account.home.email('nobody')}"
