"""Rules for resources: a type that there is, a version that is a day, names, and what a pipeline's resources hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from mlopsgen.diagnostics import Diagnostic, Severity
from mlopsgen.nearest import nearest
from mlopsgen.targets.azureml.judge.arm.expressions import is_expression
from mlopsgen.targets.azureml.judge.arm.template import Resource, Template
from mlopsgen.targets.azureml.judge.arm.types import EVENTS, LENGTHS, PLACED, PROVIDERS, TYPES
from mlopsgen.targets.azureml.judge.shapes import Anything, Either, Fields, Flag, Number, Shape, Text, Walk
from mlopsgen.targets.azureml.sizes import is_region, is_retired, is_size
from mlopsgen.targets.rules import rule

COMPUTE = "Microsoft.MachineLearningServices/workspaces/computes"
ROLE = "Microsoft.Authorization/roleAssignments"
_REFERENCE = "Azure resource reference, ARM template resource definitions"
_VERSION = re.compile(r"(\d{4})-(\d\d)-(\d\d)(-(?:preview|privatepreview|alpha|beta|rc))?", re.ASCII | re.IGNORECASE)
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_COMPUTES = (
    *("AmlCompute", "ComputeInstance", "AKS", "Kubernetes", "VirtualMachine"),
    *("HDInsight", "DataFactory", "Databricks", "DataLakeAnalytics", "SynapseSpark"),
)
_SWITCH = Text(words=("Enabled", "Disabled", "NotSpecified"), exact=True)
_CLUSTER: dict[str, Shape] = {
    "vmSize": Text(),
    "vmPriority": Text(words=("Dedicated", "LowPriority"), exact=True),
    "scaleSettings": Fields(
        "scale settings",
        {
            "minNodeCount": Number(whole=True, least=0),
            "maxNodeCount": Number(whole=True, least=0),
            "nodeIdleTimeBeforeScaleDown": Text(
                form=r"P(?:\d+D)?(?:T(?:\d+H)?(?:\d+M)?(?:\d+S)?)?", says="an ISO 8601 duration: PT2M"
            ),
        },
        needs=("maxNodeCount",),
    ),
    "remoteLoginPortPublicAccess": _SWITCH,
    "enableNodePublicIp": Flag(),
    "isolatedNetwork": Flag(),
    "osType": Text(words=("Linux", "Windows"), exact=True),
    "subnet": Fields("a subnet", {"id": Text()}, needs=("id",)),
    **dict.fromkeys(("userAccountCredentials", "virtualMachineImage", "propertyBag"), Anything()),
}
_ASSIGNMENT = Fields(
    "a role assignment",
    {
        **dict.fromkeys(("roleDefinitionId", "principalId", "description", "condition", "conditionVersion"), Text()),
        "principalType": Text(words=("User", "Group", "ServicePrincipal", "ForeignGroup", "Device"), exact=True),
        "delegatedManagedIdentityResourceId": Text(),
    },
    needs=("roleDefinitionId", "principalId"),
)


@rule("types", _REFERENCE)
def types(t: Template) -> Iterator[Diagnostic]:
    """A type names its provider and what that provider has; a version is a day."""
    for r in t.resources:
        version = r.data.get("apiVersion")
        if isinstance(version, str) and not is_expression(version) and not _is_day(version):
            yield t.document.finding("MG433", f"`{version}` is no version: 2024-10-01", r.where("apiVersion"))
        if not r.type or is_expression(r.type):
            continue
        provider, _, name = r.type.partition("/")
        if "." not in provider or not name:
            yield t.document.finding("MG433", f"`{r.type}` is no type: Provider.Name/type", r.where("type"))
            continue
        wrong = _unknown(provider, name)
        if wrong is not None:
            near = nearest(*wrong)
            hint = f"did you mean `{near}`?" if near else None
            yield t.document.finding("MG433", f"there is no `{r.type}`", r.where("type"), hint)


def _unknown(provider: str, name: str) -> tuple[str, frozenset[str]] | None:
    """The word that is unknown, and those that would be known."""
    if provider.lower().startswith("microsoft.") and provider.lower() not in {known.lower() for known in PROVIDERS}:
        return provider, PROVIDERS
    kinds = next((versions for known, versions in TYPES.items() if known.lower() == provider.lower()), None)
    if kinds is None or "/providers/" in name or name.lower() in {kind.lower() for kind in kinds}:
        return None
    return name, kinds


def _is_day(text: str) -> bool:
    match = _VERSION.fullmatch(text)
    try:
        return match is not None and bool(date(int(match[1]), int(match[2]), int(match[3])))
    except ValueError:
        return False


@rule("resource-names", "Azure documentation, naming rules: a child is named parent/child")
def names(t: Template) -> Iterator[Diagnostic]:
    """A name has a part for each part of its type, and no more characters than there may be."""
    for r in t.resources:
        if not r.name or "(" in r.name or not r.type or r.data.get("name") is None:
            if r.type.lower() == ROLE.lower():
                yield from _assignment_name(t, r)
            continue
        parts, depth = r.name.count("/") + 1, r.type.count("/")
        if parts != depth and "/providers/" not in r.type.lower() and not r.name.startswith("<"):
            yield t.document.finding("MG433", f"`{r.name}` has {parts} parts, {r.type} {depth}", r.where("name"))
        least, most = LENGTHS.get(r.type.lower(), (1, 260))
        if "<" not in r.name and not least <= len(r.name) <= most:
            message = f"`{r.name[:40]}` has {len(r.name)} characters, and may have {least} to {most}"
            yield t.document.finding("MG437", message, r.where("name"))
        if r.type.lower() == ROLE.lower():
            yield from _assignment_name(t, r)


def _assignment_name(t: Template, r: Resource) -> Iterator[Diagnostic]:
    last = r.name.rsplit("/", 1)[-1]
    if not _GUID.fullmatch(last) and "guid(" not in r.name and "<" not in r.name:
        yield t.document.finding("MG433", "a role assignment is named by a GUID: guid(…)", r.where("name"))


@rule("locations", _REFERENCE)
def locations(t: Template) -> Iterator[Diagnostic]:
    """What lies somewhere says where, in a region that there is."""
    for r in t.resources:
        place = r.data.get("location")
        if place is None and r.type.lower() in PLACED:
            yield t.document.finding("MG432", f"{r.type} needs `location`", r.path)
        elif isinstance(place, str) and not is_expression(place) and not is_region(place):
            yield t.document.finding("MG433", f"there is no region `{place}`", r.where("location"))
        elif isinstance(place, str) and re.fullmatch(r"\[\w+\]", place):
            yield t.document.finding("MG439", f"`{place}` is an expression without a function", r.where("location"))


@rule("arm-clusters", _REFERENCE + ": workspaces/computes")
def clusters(t: Template) -> Iterator[Diagnostic]:
    """A cluster has a size that is sold, and grows to a most."""
    walk = Walk(t.document, is_expression)
    for r in t.of(COMPUTE):
        properties = r.data.get("properties")
        shape = Fields(
            "a compute",
            {"computeType": Text(words=_COMPUTES, exact=True), "properties": Either(Anything(), Anything())},
            needs=("computeType",),
            loose=True,
        )
        yield from walk.value(shape, properties, r.where("properties"))
        inner = properties.get("properties") if isinstance(properties, dict) else None
        if isinstance(inner, dict) and isinstance(properties, dict) and properties.get("computeType") == "AmlCompute":
            path = r.where("properties", "properties")
            yield from walk.value(Fields("a cluster", _CLUSTER, needs=("vmSize",)), inner, path)
            yield from _size(t, inner, (*path, "vmSize"))


def _size(t: Template, inner: dict[str, Any], path: tuple[str | int, ...]) -> Iterator[Diagnostic]:
    size = inner.get("vmSize")
    if not isinstance(size, str) or is_expression(size):
        return
    if not is_size(size):
        yield t.document.finding("MG433", f"there is no machine `{size}`", path, "such as Standard_DS3_v2")
    elif is_retired(size):
        yield t.document.finding("MG443", f"`{size}` was switched off", path, "the series has a successor")


@rule("assignments", _REFERENCE + ": roleAssignments")
def assignments(t: Template) -> Iterator[Diagnostic]:
    """A role assignment says which role whom; of an identity that is just made, also what it is."""
    walk = Walk(t.document, is_expression)
    for r in t.of(ROLE):
        properties = r.data.get("properties")
        yield from walk.value(_ASSIGNMENT, properties, r.where("properties"))
        members = properties if isinstance(properties, dict) else {}
        if "reference(" in t.value(members.get("principalId")) and "principalType" not in members:
            message = "say `principalType`: a new identity takes minutes until every region knows it"
            yield t.document.finding("MG432", message, r.where("properties"))


@rule("events", "Azure Event Grid documentation, event sources and filters")
def events(t: Template) -> Iterator[Diagnostic]:
    """An event subscription waits for events that there are, and calls over TLS."""
    for r in t.resources:
        properties = r.data.get("properties")
        if not r.type.lower().endswith("/eventsubscriptions") or not isinstance(properties, dict):
            continue
        event_filter = properties.get("filter")
        path = r.where("properties", "filter")
        yield from _filters(t, event_filter if isinstance(event_filter, dict) else {}, path)
        destination = properties.get("destination")
        inner = destination.get("properties") if isinstance(destination, dict) else None
        address = inner.get("endpointUrl") if isinstance(inner, dict) else None
        if isinstance(address, str) and not is_expression(address) and not address.startswith("https://"):
            where = r.where("properties", "destination", "properties", "endpointUrl")
            yield t.document.finding("MG433", "a web hook is called over https", where)


def _filters(t: Template, event_filter: dict[str, Any], path: tuple[str | int, ...]) -> Iterator[Diagnostic]:
    for key in ("subjectBeginsWith", "subjectEndsWith"):
        if "*" in str(event_filter.get(key, "")):
            yield t.document.finding("MG433", f"`{key}` knows no `*`: it compares letter by letter", (*path, key))
    listed = event_filter.get("includedEventTypes")
    for i, event in enumerate(listed if isinstance(listed, list) else ()):
        provider, _, name = str(event).rpartition(".")
        where = (*path, "includedEventTypes", i)
        if event == "Microsoft.MachineLearningServices.DatasetDriftDetected":
            message = "drift monitors of version 1 are gone: RunStatusChanged tells of today's"
            yield t.document.finding("MG443", message, where)
        elif provider in EVENTS and name not in EVENTS[provider]:
            near = nearest(name, EVENTS[provider])
            hint = f"did you mean `{provider}.{near}`?" if near else None
            yield t.document.finding("MG433", f"{provider} tells of no `{name}`", where, hint)


@rule("ended", "Azure updates: classic Machine Learning Studio ended on 2024-08-31, SDK and CLI v1 on 2026-06-30")
def ended(t: Template) -> Iterator[Diagnostic]:
    """Nothing is made of services that have ended."""
    for r in t.resources:
        version = str(r.data.get("apiVersion", ""))
        if r.type.lower().startswith("microsoft.machinelearning/"):
            yield t.document.finding("MG443", "classic Machine Learning Studio has ended", r.where("type"))
        elif r.type.lower() == COMPUTE.lower() and re.match(r"20(?:1\d|20)-", version):
            message = f"`{version}` is of version 1 of the service"
            yield t.document.finding("MG443", message, r.where("apiVersion"), severity=Severity.WARNING)
