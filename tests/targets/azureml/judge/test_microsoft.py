"""Microsoft's published schemas take every ARM template that is emitted, and refuse what is wrong with one."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from .microsoft import HERE, STANDS_IN, judged, resources
from .templates import templates

pytestmark = pytest.mark.slow
NAMED = {
    "Microsoft.Authorization/roleAssignments",
    "Microsoft.Authorization/roleDefinitions",
    "Microsoft.EventGrid/eventSubscriptions",
    "Microsoft.Insights/diagnosticSettings",
    "Microsoft.Logic/workflows",
    "Microsoft.ManagedIdentity/userAssignedIdentities",
    "Microsoft.Resources/deployments",
}
"""Every type that a template declares: a new one brings its schema."""


def test_every_template_is_as_microsofts_schemas_have_it() -> None:
    wrong = {name: said for name, template in templates().items() if (said := judged(template))}
    assert not wrong


def test_every_type_is_judged_and_no_schema_is_left_over() -> None:
    declared = [one for template in templates().values() for one in resources(template)]
    assert {one["type"] for one in declared} == NAMED
    versions = {(one["type"].partition("/")[0], one["apiVersion"]) for one in declared}
    versions |= {(kind.partition("/")[0], stand_in) for (kind, _), stand_in in STANDS_IN.items()}
    files = {(path.name.removesuffix(".json.xz"), path.parent.name) for path in HERE.glob("2*/*.xz")}
    assert files == versions - {(kind.partition("/")[0], version) for kind, version in STANDS_IN}


def seeded(kind: str, change: Callable[[Any], object]) -> list[str]:
    """What is said of the first resource of a type after a change."""
    resource = next(one for t in templates().values() for one in resources(t) if one["type"] == kind)
    wrong = copy.deepcopy(resource)
    change(wrong)
    return judged({"resources": [wrong]})


@pytest.mark.parametrize(
    ("kind", "change", "said"),
    [
        ("roleAssignments", lambda one: one["properties"].update(principalKind="User"), "principalKind"),
        ("roleAssignments", lambda one: one["properties"].update(principalType="Robot"), "Robot"),
        ("roleAssignments", lambda one: one["properties"].pop("roleDefinitionId"), "roleDefinitionId"),
        ("roleAssignments", lambda one: one.update(apiVersion="2099-01-01"), "no schema"),
        ("roleDefinitions", lambda one: one["properties"].update(permissions="all"), "all"),
        ("roleDefinitions", lambda one: one["properties"]["permissions"][0].update(action=[]), "action"),
        ("roleDefinitions", lambda one: one.update(type="Microsoft.Authorization/roles"), "no such type"),
        ("roleDefinitions", lambda one: one.update(propertys={}), "propertys"),
    ],
)
def test_a_seeded_fault_of_access_is_refused(kind: str, change: Callable[[Any], object], said: str) -> None:
    assert any(said in one for one in seeded(f"Microsoft.Authorization/{kind}", change))


@pytest.mark.parametrize(
    ("kind", "change", "said"),
    [
        ("EventGrid/eventSubscriptions", lambda one: one["properties"].update(eventDelivery="x"), "eventDelivery"),
        (
            "EventGrid/eventSubscriptions",
            lambda one: one["properties"]["filter"].update(subjectBeginsWith=["/"]),
            "subjectBeginsWith",
        ),
        (
            "EventGrid/eventSubscriptions",
            lambda one: one["properties"]["filter"]["advancedFilters"][0].update(operatorType="StringLike"),
            "advancedFilters",
        ),
        (
            "EventGrid/eventSubscriptions",
            lambda one: one["properties"]["filter"]["advancedFilters"][0].update(value="x"),
            "advancedFilters",
        ),
        ("Insights/diagnosticSettings", lambda one: one["properties"]["logs"][0].update(enabled="yes"), "yes"),
        ("Insights/diagnosticSettings", lambda one: one["properties"]["logs"][0].update(group="audit"), "group"),
        ("Logic/workflows", lambda one: one["properties"].update(state="On"), "On"),
        ("Logic/workflows", lambda one: one["properties"].update(definitions={}), "definitions"),
        ("ManagedIdentity/userAssignedIdentities", lambda one: one.update(tags=["a"]), "tags"),
    ],
)
def test_a_seeded_fault_of_anything_else_is_refused(kind: str, change: Callable[[Any], object], said: str) -> None:
    assert any(said in one for one in seeded(f"Microsoft.{kind}", change))
