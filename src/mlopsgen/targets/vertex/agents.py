"""Google's own accounts, which act for its services: made before anything is granted to them.

A service makes its agent when it is first used, and a grant to one that is not there yet is refused
(cloud.google.com/artifact-registry/docs/ar-service-account). An agent that is asked for gets no role by itself
(cloud.google.com/iam/docs/create-service-agents), so it is given the one that it would have got.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mlopsgen.records import dataclass
from mlopsgen.targets.vertex.account import Account
from mlopsgen.targets.vertex.native import Watch, reference

APIS = ["google_project_service.apis"]
_NUMBER = reference("data.google_project.this.number")
_SETTLED = "120s"
"""How long a grant may take to reach every service (cloud.google.com/iam/docs/access-change-propagation)."""


@dataclass(frozen=True, slots=True)
class Agent:
    """The account of one service in this project."""

    use: str

    @property
    def member(self) -> str:
        """How a grant names it."""
        return f"serviceAccount:service-{_NUMBER}@gcp-sa-{self.use}.iam.gserviceaccount.com"

    @property
    def identity(self) -> str:
        """The resource that makes it."""
        return f"google_project_service_identity.{self.use}"


def agents(account: Account, watched: Sequence[Watch]) -> tuple[Agent, ...]:
    """Those that are granted something, or have to be there before something is made."""
    stores = (Agent("artifactregistry"), Agent("aiplatform")) if account.key else ()
    return (*stores, Agent("eventarc")) if watched else stores


def identities(account: Account, watched: Sequence[Watch]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Every agent, with the role that it has by nature."""
    project = reference("local.project")
    for agent in agents(account, watched):
        body = {
            "provider": "google-beta",
            "project": project,
            "service": f"{agent.use}.googleapis.com",
            "depends_on": APIS,
        }
        yield "google_project_service_identity", agent.use, body
        role = {"project": project, "role": f"roles/{agent.use}.serviceAgent", "member": agent.member}
        yield "google_project_iam_member", f"{agent.use}_agent", {**role, "depends_on": [agent.identity]}


def settled(name: str, grants: Sequence[str]) -> tuple[str, str, Mapping[str, Any]]:
    """A wait, the first time alone, for grants that the next resource is made with."""
    return "time_sleep", name, {"create_duration": _SETTLED, "depends_on": list(grants)}
