"""Faults in what answers requests: the endpoint, a deployment in it, and how versions are rolled out."""

from __future__ import annotations

from .seed import Absent, Doc, Faults, Seeded, at, drop, put, rename

faults = Faults()


def endpoint(b: Seeded) -> Doc:
    return b.all("managedOnlineEndpoint")[0][1]


def deployment(b: Seeded) -> Doc:
    return b.all("managedOnlineDeployment")[0][1]


def job(b: Seeded) -> Doc:
    return b.all("commandJob")[0][1]


def rollout(b: Seeded, *path: str | int) -> Doc:
    for doc in b.files.values():
        if isinstance(doc, dict) and doc.get("format") == "mlopsgen/rollout/v1":
            found: Doc = at(doc, "native", *path)
            return found
    raise Absent("rollout.json")


@faults("rename", 430)
def typo_in_the_endpoint(b: Seeded) -> None:
    rename(endpoint(b), "auth_mode", "authmode")


@faults("semantics", 433)
def endpoint_that_asks_nobody(b: Seeded) -> None:
    put(endpoint(b), "auth_mode", "none")


@faults("semantics", 433)
def endpoint_with_a_name_too_long(b: Seeded) -> None:
    put(endpoint(b), "name", "schedule-adherence-of-all-of-our-sites")


@faults("limits", 442)
def endpoint_that_names_shares(b: Seeded) -> None:
    endpoint(b)["traffic"] = {"v1-1a2b3c4d": 100}


@faults("rename", 430)
def typo_in_the_deployment(b: Seeded) -> None:
    rename(deployment(b), "instance_count", "instances")


@faults("limits", 437)
def deployment_of_too_many_instances(b: Seeded) -> None:
    put(deployment(b), "instance_count", 80)


@faults("limits", 437)
def deployment_that_lets_callers_wait_too_long(b: Seeded) -> None:
    put(at(deployment(b), "request_settings"), "request_timeout_ms", 600_000)


@faults("delete", 432)
def deployment_without_an_endpoint(b: Seeded) -> None:
    drop(deployment(b), "endpoint_name")


@faults("rename", 430)
def typo_in_the_job(b: Seeded) -> None:
    rename(job(b), "limits", "limit")


@faults("delete", 432)
def job_without_a_command(b: Seeded) -> None:
    drop(job(b), "command")


@faults("rename", 430)
def rollout_in_the_words_of_yaml(b: Seeded) -> None:
    rename(rollout(b, "deployment", "properties"), "instanceType", "instance_type")


@faults("limits", 433)
def rollout_that_lets_callers_wait_too_long(b: Seeded) -> None:
    put(rollout(b, "deployment", "properties", "requestSettings"), "requestTimeout", "PT10M")


@faults("delete", 442)
def instances_that_never_stop(b: Seeded) -> None:
    profile = rollout(b, "scaling", "profiles", 0)
    put(profile, "rules", profile["rules"][:1])
