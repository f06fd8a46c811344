"""Records that a model cannot read are told with their column and their row; what it need not read is passed by."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from mlopsgen.runtime.contract import Column, Contract, Source
from mlopsgen.runtime.serving.refusals import BadRecords, Problem
from mlopsgen.runtime.serving.signature import Input, Signature, raise_for, signature_of

GOOD: dict[str, Any] = {"age": 41, "income": 1000.5, "plan": "pro"}


def problems(signature: Signature, *records: dict[str, Any], **more: Any) -> list[Problem]:
    return list(signature.check(pd.DataFrame(records, dtype=object), **more).problems)


def told(signature: Signature, *records: dict[str, Any]) -> list[str]:
    return [str(problem) for problem in problems(signature, *records)]


def test_good_records_have_no_problem_and_come_in_their_types(signature: Signature) -> None:
    rows = pd.DataFrame([GOOD, {"age": "18", "income": None, "plan": "basic"}], dtype=object)
    checked = signature.check(rows)
    assert checked.problems == ()
    assert [str(kind) for kind in checked.table.dtypes] == ["Int64", "float64", "object"]
    assert checked.table["age"].tolist() == [41, 18]


def test_a_missing_column_is_named_once(signature: Signature) -> None:
    assert problems(signature, {"age": 1, "income": 2}, {"age": 1, "income": 2}) == [
        Problem(message="there is no column `plan`", column="plan")
    ]


def test_a_column_that_may_be_null_may_be_left_out(signature: Signature) -> None:
    checked = signature.check(pd.DataFrame([{"age": 41, "plan": "pro"}], dtype=object))
    assert (checked.problems, checked.table["income"].isna().tolist()) == ((), [True])


def test_a_record_that_lacks_what_others_have_is_named(signature: Signature) -> None:
    assert told(signature, GOOD, {"age": 3, "income": 1}) == ["record 1: `plan` is null, and may not be"]


def test_a_value_of_another_type_is_named_with_its_record_and_id(signature: Signature) -> None:
    record = {**GOOD, "customer": "0042", "age": "old"}
    (problem,) = problems(signature, {**GOOD, "customer": "0041"}, record)
    assert problem.record() == {
        "message": "`age` is `old`, which is not of type integer",
        "column": "age",
        "row": 1,
        "id": "0042",
    }
    assert str(problem) == "record 1 (id 0042): `age` is `old`, which is not of type integer"


@pytest.mark.parametrize("value", [None, float("nan"), "", "null"])
def test_null_is_refused_where_it_may_not_be(signature: Signature, value: object) -> None:
    assert told(signature, {**GOOD, "age": value}) == ["record 0: `age` is null, and may not be"]


@pytest.mark.parametrize(
    ("value", "shown"), [([1], "a list"), ({"a": 1}, "an object"), (2.5, "`2.5`"), ("9" * 5000, f"`{'9' * 40}`")]
)
def test_what_is_no_whole_number_is_refused(signature: Signature, value: object, shown: str) -> None:
    assert told(signature, {**GOOD, "age": value}) == [f"record 0: `age` is {shown}, which is not of type integer"]


def test_a_category_that_the_contract_does_not_list_is_refused(signature: Signature) -> None:
    assert told(signature, {**GOOD, "plan": "gold"}) == ["record 0: `plan` is `gold`, which is none of basic, pro"]


def test_an_unknown_column_is_told_with_the_one_that_was_meant(signature: Signature) -> None:
    assert told(signature, {"ages": 41, "income": 1.0, "plan": "pro"}) == [
        "the model knows no column `ages`; did you mean `age`?",
        "there is no column `age`",
    ]
    (stranger,) = told(signature, {**GOOD, "colour": "red"})
    assert stranger.startswith("the model knows no column `colour`; it reads `age`, `income`, `plan`")


def test_label_id_time_and_ignored_columns_are_passed_by_whatever_they_hold(signature: Signature) -> None:
    record = {**GOOD, "customer": None, "since": "never", "note": 5, "churned": "?"}
    checked = signature.check(pd.DataFrame([record], dtype=object))
    assert checked.problems == ()
    assert list(checked.table) == ["age", "income", "plan", "customer", "since", "note"]


def test_columns_that_somebody_else_wants_are_no_strangers(signature: Signature) -> None:
    assert problems(signature, {**GOOD, "campaign": "x"}, spare=["campaign"]) == []


def test_without_a_contract_every_column_is_read() -> None:
    signature = signature_of(None, None, {})
    checked = signature.check(pd.DataFrame([{"a": "1", "b": "x"}, {"a": "2", "b": "y"}], dtype=object))
    assert checked.problems == ()
    assert [str(kind) for kind in checked.table.dtypes] == ["Int64", "object"]


def test_ids_are_handed_back_as_they_are_written(signature: Signature) -> None:
    assert signature.ids(pd.DataFrame({"customer": ["007", 7, None]}, dtype=object)) == ["007", 7, None]
    assert signature.ids(pd.DataFrame({"customer": pd.array([1, None], dtype="Int64")})) == [1, None]
    assert signature.ids(pd.DataFrame({"age": [1]})) is None


def test_decimal_commas_are_read_where_the_contract_says_so(signature: Signature) -> None:
    rows = pd.DataFrame([{**GOOD, "income": "1,5"}], dtype=object)
    assert signature.check(rows, decimal=",").table["income"].tolist() == [1.5]
    assert signature.check(rows).problems


def test_many_problems_are_counted() -> None:
    with pytest.raises(BadRecords) as caught:
        raise_for([Problem(message="bad", row=row) for row in range(30)])
    assert str(caught.value).endswith("; record 19: bad; and 10 more")
    assert len(caught.value.problems) == 30


def test_the_example_has_no_problem(signature: Signature) -> None:
    example = signature.example()
    assert example == {"age": 18, "income": 1.0, "plan": "basic"}
    assert problems(signature, example) == []


@pytest.mark.parametrize(
    ("one", "value"),
    [
        (Input(name="a", type="datetime", format="%d/%m/%Y"), "15/01/2024"),
        (Input(name="a", type="datetime", minimum="2020-01-01"), "2020-01-01"),
        (Input(name="a", type="number", maximum=-2), -2.0),
        (Input(name="a", type="boolean"), True),
        (Input(name="a", type="string"), "a"),
    ],
)
def test_an_example_keeps_bounds_and_formats(one: Input, value: object) -> None:
    signature = Signature(inputs=(one,))
    assert signature.example() == {"a": value}
    assert problems(signature, {"a": value}) == []


def test_a_script_gets_the_columns_of_all_sources_as_callers_send_them(contract: Contract) -> None:
    """A step joined them for the training: a script that could not have them again could not ask its model."""
    score = Column(name="score", type="integer", minimum=0)
    both = {
        **contract.sources,
        "bureau": Source(name="bureau", columns=(Column(name="customer", type="string"), score)),
    }
    joined = signature_of(replace(contract, sources=both), None, {})
    assert told(joined, GOOD) == [], "who sends none of them is not asked for them"
    assert joined.check(pd.DataFrame([{**GOOD, "score": "7"}], dtype=object)).table["score"].tolist() == [7]
    assert told(joined, {**GOOD, "score": "much"}) == ["record 0: `score` is `much`, which is not of type integer"]
    assert told(joined, {**GOOD, "scores": 7})[0].startswith(
        "the model knows no column `scores`; did you mean `score`?"
    )
