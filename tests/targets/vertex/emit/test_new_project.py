"""Terraform in a project where nothing was done yet: APIs, Google's own accounts, and what waits for what."""

from __future__ import annotations

import json
import re
from pathlib import Path

from .specs import Emitted, Node, emit, training, vertex

KEY = "projects/acme-ml/locations/europe-west1/keyRings/ml/cryptoKeys/models"


def waited_for(found: Emitted, address: str) -> set[str]:
    """All that a resource waits for, by name or by a reference."""
    reached: set[str] = set()
    data = found.json("infra/main.tf.json").get("data", {})
    known = {**found.resources, **{f"data.{kind}": bodies for kind, bodies in data.items()}}
    todo = [address]
    while todo:
        kind, _, name = todo.pop().rpartition(".")
        body = known[kind][name]
        named = {*body.get("depends_on", ()), *re.findall(r"\$\{((?:data\.)?google_\w+\.\w+)", json.dumps(body))}
        todo += named - reached
        reached |= named
    return reached


EVERYTHING: tuple[Node, ...] = (
    {"governance": {"encryption": {"key": KEY}, "access": {"deploy": ["group:r@acme.example"]}}},
    {
        "triggers": {"fresh": {"start": "training", "new_data": "data.source"}},
        "governance": {"access": {"invoke": ["app-one"]}},
    },
    training(secrets={"TOKEN": "tracking"}, resources={"spot": True}),
)


def test_a_key_is_granted_to_agents_that_are_there_and_used_when_the_grant_has_arrived(tmp_path: Path) -> None:
    """cloud.google.com/artifact-registry/docs/ar-service-account: the first repository makes the agent, or you do.

    cloud.google.com/iam/docs/create-service-agents: one that is asked for gets no role by itself.
    """
    found = emit(tmp_path, *EVERYTHING)
    for use in ("artifactregistry", "aiplatform", "eventarc"):
        agent = found.resources["google_project_service_identity"][use]
        assert (agent["provider"], agent["service"]) == ("google-beta", f"{use}.googleapis.com")
        role = found.resources["google_project_iam_member"][f"{use}_agent"]
        assert role["role"] == f"roles/{use}.serviceAgent"
        assert f"@gcp-sa-{use}.iam.gserviceaccount.com" in role["member"]
    for use in ("artifactregistry", "aiplatform"):
        grant = f"google_kms_crypto_key_iam_member.{use}"
        assert f"google_project_service_identity.{use}" in waited_for(found, grant)
        for stores in ("google_storage_bucket.artifacts", "google_artifact_registry_repository.images"):
            assert {grant, "time_sleep.key"} <= waited_for(found, stores)
    assert set(found.json("infra/main.tf.json")["terraform"]["required_providers"]) == {"google", "google-beta", "time"}


def test_the_first_trigger_of_a_project_waits_for_eventarcs_own_account(tmp_path: Path) -> None:
    """The API's answer until then: "it may take a few minutes before all necessary permissions are propagated"."""
    found = emit(tmp_path, {"triggers": {"fresh": {"start": "training", "new_data": "data.source"}}})
    before = waited_for(found, "google_eventarc_trigger.fresh")
    assert {"time_sleep.events", "google_project_service_identity.eventarc"} <= before
    allowed = ("eventarc_agent", "events_publish", "events_receive", "events_invoke")
    assert {f"google_project_iam_member.{who}" for who in allowed} <= before


def test_what_waits_for_a_grant_waits_as_long_as_a_grant_may_take(tmp_path: Path) -> None:
    """cloud.google.com/iam/docs/access-change-propagation: typically within two minutes."""
    waits = emit(tmp_path, *EVERYTHING).resources["time_sleep"]
    assert set(waits) == {"key", "events"}
    assert all(int(one["create_duration"].removesuffix("s")) >= 120 for one in waits.values())


def test_a_new_project_has_every_api_before_something_is_asked_of_it(tmp_path: Path) -> None:
    found = emit(tmp_path, *EVERYTHING, vertex(network="projects/123/global/networks/ml"))
    services = found.json("infra/main.tf.json")["locals"]["services"]
    needed = ("iam", "cloudresourcemanager", "compute")
    assert {f"{one}.googleapis.com" for one in needed} <= set(services)
    assert services == sorted(services)
    for kind, bodies in found.resources.items():
        for name in bodies if kind != "google_project_service" else ():
            assert "google_project_service.apis" in waited_for(found, f"{kind}.{name}"), f"{kind}.{name}"
    text = found.files["README.md"].decode()
    first = text.index("gcloud services enable cloudresourcemanager.googleapis.com serviceusage.googleapis.com")
    assert first < text.index("terraform init")


def test_a_plain_product_needs_one_provider(tmp_path: Path) -> None:
    required = emit(tmp_path).json("infra/main.tf.json")["terraform"]["required_providers"]
    assert required == {"google": {"source": "hashicorp/google", "version": ">= 6.10, < 9.0"}}
