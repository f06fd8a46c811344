"""Where data may be: regions, and groups of regions by how clouds name them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

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
    return not allowed or any(_holds(place, region) for place in allowed)


def _holds(place: str, region: str) -> bool:
    if place == region or _MULTI.get(region) == place:
        return True
    # `europe-west1` begins `europe-west10` and `europe-west12`, which are other regions of the same group or not.
    return any(_begins(region, start) for start in GROUPS.get(place, ()))


def _begins(region: str, start: str) -> bool:
    rest = region.removeprefix(start)
    return rest != region and not (start[-1].isdigit() and rest[:1].isdigit())


def known_place(name: str) -> bool:
    """Whether a residency names a group of ours, or looks like a region of a cloud."""
    return name in GROUPS or any(character.isdigit() or character == "-" for character in name) or len(name) > 5
