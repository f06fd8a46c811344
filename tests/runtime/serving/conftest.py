"""A data contract with every kind of column, and models small enough to be asked in a unit test."""

from __future__ import annotations

from typing import Any

import pytest

from mlopsgen.runtime.contract import Checks, Column, Contract, Positive, Roles, Source
from mlopsgen.runtime.serving.signature import Signature, signature_of

COLUMNS = (
    Column(name="customer", type="string"),
    Column(name="age", type="integer", minimum=18),
    Column(name="income", type="number", nullable=True),
    Column(name="plan", type="category", values=("basic", "pro")),
    Column(name="since", type="datetime"),
    Column(name="note", type="string", nullable=True),
    Column(name="churned", type="boolean"),
)


def contract_of(**source: Any) -> Contract:
    return Contract(
        main="customers",
        sources={"customers": Source(name="customers", columns=COLUMNS, **source)},
        roles=Roles(label="churned", positive=Positive(equals=True), id="customer", time="since", ignore=("note",)),
        checks=Checks(),
        split=None,
    )


@pytest.fixture
def contract() -> Contract:
    return contract_of()


@pytest.fixture
def signature(contract: Contract) -> Signature:
    """Of a model that reads age, income and plan."""
    return signature_of(contract, None, {})
