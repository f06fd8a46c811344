from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mlopsgen.runtime.contract import Positive, read_contract
from mlopsgen.runtime.problems import Usage

SMALL: dict[str, Any] = {"format_version": 1, "main": "source", "sources": {"source": {}}}


def read(tmp_path: Path, **more: Any) -> Any:
    (tmp_path / "c.json").write_text(json.dumps({**SMALL, **more}))
    return read_contract(tmp_path / "c.json")


def test_what_is_left_out_has_its_default(tmp_path: Path) -> None:
    contract = read(tmp_path, split={}, roles={"positive": {"at_least": 15}, "label": "tip", "ignore": ["x"]})
    assert (contract.source.format, contract.source.header, contract.source.delimiter) == ("csv", True, ",")
    assert (contract.split.test, contract.split.seed, contract.split.stratify) == (0.2, 42, True)
    assert contract.roles.positive == Positive(at_least=15)
    assert contract.roles.apart() == {"tip", "x"}


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"surprise": 1}, "the contract has an unknown key `surprise`"),
        ({"format_version": 2}, "this runtime reads format 1, the file has 2"),
        ({"main": "other"}, "`main` names `other`, which is not among the sources source"),
        ({"sources": {"source": {"format": "xml"}}}, "`format` of source `source` must be one of"),
        ({"sources": {"source": {"header": False}}}, "source `source` has no header, so it needs `columns`"),
        ({"sources": {"source": {"columns": {"a": {"type": "float"}}}}}, "`type` of column `a` must be one of"),
        ({"sources": {"source": {"columns": {"a": {"min": 1}}}}}, "column `a` has an unknown key `min`"),
        ({"roles": {"positive": {}}}, "positive needs exactly one of `equals` and `at_least`"),
        ({"roles": {"label": 3}}, "`label` of roles has the wrong type"),
        ({"checks": {"min_rows": True}}, "`min_rows` of checks has the wrong type"),
        ({"split": {"test": 0.6, "validation": 0.4}}, "the shares of test and validation must leave rows to train on"),
    ],
)
def test_a_wrong_contract_is_refused_with_its_place(tmp_path: Path, more: dict[str, Any], message: str) -> None:
    with pytest.raises(Usage) as caught:
        read(tmp_path, **more)
    assert message in str(caught.value)
