"""Findings about sections that contradict each other: names, code, registry, CI, and where data may be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mlopsgen.diagnostics import Diagnostic, On, SpecPath
from mlopsgen.spec.checks_shared import conflict, unknown
from mlopsgen.spec.product import Spec

GROUPS: Mapping[str, tuple[str, ...]] = {
    "eu": (
        "eu-central-1", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-3", "eusc-",
        "europe-central2", "europe-north", "europe-southwest", "europe-west1", "europe-west3", "europe-west4",
        "europe-west8", "europe-west9", "europe-west10", "europe-west12",
        "westeurope", "northeurope", "francecentral", "francesouth", "germany", "italynorth", "polandcentral",
        "spaincentral", "sweden", "denmark", "austria", "belgium", "finland", "greece",
    ),
    "uk": ("eu-west-2", "europe-west2", "uk"),
    "ch": ("eu-central-2", "europe-west6", "switzerland"),
    "us": (
        "us-", "northamerica-south", "eastus", "westus", "centralus", "northcentralus", "southcentralus",
        "westcentralus", "usgov", "usdod",
    ),
    "ca": ("ca-", "northamerica-northeast", "canada"),
    "br": ("sa-east-1", "southamerica-east", "brazil"),
    "in": ("ap-south-1", "ap-south-2", "asia-south", "centralindia", "southindia", "westindia", "jioindia"),
    "jp": ("ap-northeast-1", "ap-northeast-3", "asia-northeast1", "asia-northeast2", "japan"),
    "kr": ("ap-northeast-2", "asia-northeast3", "korea"),
    "sg": ("ap-southeast-1", "asia-southeast1", "southeastasia"),
    "au": ("ap-southeast-2", "ap-southeast-4", "australia"),
    "cn": ("cn-", "china"),
}  # fmt: skip
"""Group → how the names of its regions begin. `eu` is the European Union; uk and ch are groups of their own."""

_MULTI: Mapping[str, str] = {"EU": "eu", "US": "us", "eu": "eu", "us": "us"}
"""Multi-regions that some clouds name as a whole."""


def residency_allows(residency: Iterable[str], region: str) -> bool:
    """Whether data may be in a region, when it may only be in these regions or groups; none given: anywhere."""
    allowed = tuple(residency)
    return not allowed or any(_holds(area, region) for area in allowed)


def _holds(area: str, region: str) -> bool:
    if area == region or _MULTI.get(region) == area:
        return True
    # `europe-west1` begins `europe-west10` and `europe-west12`, which are other regions of the same group or not.
    return any(_begins(region, start) for start in GROUPS.get(area, ()))


def _begins(region: str, start: str) -> bool:
    rest = region.removeprefix(start)
    return rest != region and not (start[-1].isdigit() and rest[:1].isdigit())


def known_place(name: str) -> bool:
    """Whether a residency names a group of ours, or looks like a region of a cloud."""
    return name in GROUPS or any(character.isdigit() or character == "-" for character in name) or len(name) > 5


RESERVED = ("prepare", "training", "evaluation", "registry", "data", "default")
"""What `after`, references and `machines` mean by these names is taken."""


def check_product(spec: Spec) -> Iterator[Diagnostic]:
    """Findings about names, `code`, `registry`, `ci` and `data.residency`."""
    yield from _names(spec)
    yield from _code(spec)
    yield from _registry(spec)
    yield from _ci(spec)
    yield from _residency(spec)


def _names(spec: Spec) -> Iterator[Diagnostic]:
    """Steps, deployments and monitors have one name space: `machines` and `targets.<t>.steps` name them all."""
    monitors = spec.monitoring.monitors if spec.monitoring else {}
    taken: dict[str, str] = {}
    spaces: tuple[tuple[str, SpecPath, Any], ...] = (
        ("step", ("steps",), spec.steps),
        ("deployment", ("deployments",), spec.deployments),
        ("monitor", ("monitoring", "monitors"), monitors),
    )
    for what, spec_path, names in spaces:
        for name in names:
            if name in RESERVED and what != "step":
                message = f"`{name}` is taken: a {what} cannot be called so"
                yield Diagnostic("MG125", message, (*spec_path, name), f"call it `my-{name}`", on=On.KEY)
            elif name in taken:
                message = f"the {taken[name]} and the {what} `{name}` share one name"
                yield Diagnostic(
                    "MG125", message, (*spec_path, name), "`machines` and `targets.<target>.steps` name both", on=On.KEY
                )
            taken.setdefault(name, what)


def _code(spec: Spec) -> Iterator[Diagnostic]:
    code = spec.code
    if code.image is None:
        return
    for key in ("base", "requirements"):
        if getattr(code, key) is not None:
            message = f"`image` exists already and is not built, so `{key}` has no effect"
            yield conflict(message, ("code", key), "keep `image` alone, or leave it out", on=On.KEY)


def _registry(spec: Spec) -> Iterator[Diagnostic]:
    registry = spec.registration
    if registry.from_ is not None and spec.training is not None:
        message = "`from` takes a model that exists, and `training` makes one: only one of them can be registered"
        yield conflict(
            message, ("registry", "from"), "take `from` out, or start from it: `training: {start_from: …}`", on=On.KEY
        )
    if spec.registry == "none" and spec.training is not None and spec.training.start_from == "champion":
        message = "there will be no champion to start from: `registry: none` makes no version"
        yield conflict(message, ("training", "start_from"), "name a model: `<name>@champion` or `<name>:<version>`")
    registered = spec.training is not None and spec.registry != "none"
    if registry.from_ is None and not registered:
        why = "nothing is registered" if spec.training else "nothing trains one"
        for name, deployment in spec.deployments.items():
            if deployment.model is None:
                message = f"deployment `{name}` has no model: {why} and none is named"
                hint = "add `training`, `registry: {from: …}`, or `model: <name>:<version>`"
                yield conflict(message, ("deployments", name), hint, on=On.KEY)


def _ci(spec: Spec) -> Iterator[Diagnostic]:
    ci = spec.ci
    if ci is None:
        return
    reached = tuple(dict.fromkeys((*ci.branches.values(), *ci.promote)))
    for index, environment in enumerate(ci.approve):
        if environment not in reached:
            message = f"nothing is delivered to `{environment}`, so nobody can approve it"
            listed = ", ".join(f"`{other}`" for other in reached) or "none"
            yield conflict(message, ("ci", "approve", index), f"`branches` and `promote` name {listed}")
    for key in ("providers", "promote", "approve"):
        values: tuple[str, ...] = getattr(ci, key)
        for index, value in enumerate(values):
            if value in values[:index]:
                yield conflict(f"`{value}` stands in `{key}` twice", ("ci", key, index), "write it once")


def _residency(spec: Spec) -> Iterator[Diagnostic]:
    allowed = spec.data.residency if spec.data else ()
    for index, area in enumerate(allowed):
        if not known_place(area):
            yield unknown("MG122", "region or group", area, GROUPS, ("data", "residency", index))
    for name, block in spec.targets.items():
        region = block.get("region") if isinstance(block, dict) else getattr(block, "region", None)
        if isinstance(region, str) and not residency_allows(allowed, region):
            listed = " or ".join(f"`{area}`" for area in allowed)
            message = f"region `{region}` is outside of where the data may be: {listed}"
            yield Diagnostic(
                "MG122", message, ("targets", name, "region"), "choose a region inside, or widen `data.residency`"
            )
