"""`mlopsgen explain FIELD`: the only reference of fields was a JSON schema of 600 KB."""

from __future__ import annotations

import pytest
import yaml

from mlopsgen.cli.field_page import page
from mlopsgen.spec.reference import field, paths
from mlopsgen.spec.schema import schema
from mlopsgen.targets import load, names
from tests.cli.calling import Program

SCHEMA = schema({name: load(name).options for name in names()})
FIELDS = tuple(dict.fromkeys(paths(SCHEMA)))


def test_every_field_says_what_it_is_for_and_what_may_stand_there() -> None:
    assert len(FIELDS) > 500
    known = [field(SCHEMA, path) for path in FIELDS]
    assert [path for path, one in zip(FIELDS, known, strict=True) if not (one and one.description and one.values)] == []
    assert {one.path[2:] for one in known if one and "anything" in one.values} == {("patches", "replace")}


def test_an_example_of_a_field_is_a_part_of_a_spec() -> None:
    for known in filter(None, (field(SCHEMA, path) for path in FIELDS)):
        if known.example is not None:
            example = yaml.safe_load(page(known).partition("For example:\n\n")[2].partition("\n\n")[0])
            for key in known.path:
                example = example["one" if key == "<name>" else key]


def test_a_field_is_explained_with_its_keys_their_values_and_defaults(mlopsgen: Program) -> None:
    ended = mlopsgen("explain", "data.split")
    assert ended.code == 0
    assert ended.out.startswith("data.split\n\nShares of the whole. `none`: no prepare step")
    assert "\nvalue: a map, or none\n" in ended.out
    assert "\n  test: a number from 0 to 1\n      The share kept for evaluation. Default: 0.2.\n" in ended.out


def test_a_name_that_the_spec_chooses_may_stand_in_a_path(mlopsgen: Program) -> None:
    said, asked = (mlopsgen("explain", f"evaluation.gates.{name}.at_least").out for name in ("recall", "<name>"))
    assert said.partition("\n\n")[2].replace("recall:", "one:") == asked.partition("\n\n")[2]
    assert "    evaluation: {gates: {recall: {at_least: 0.8}}}" in said


def test_every_kind_of_what_may_stand_at_a_field_is_shown_apart(mlopsgen: Program) -> None:
    said = mlopsgen("explain", "triggers").out
    assert "Either: Starts by the clock.\n" in said
    assert "  <name>.schedule (required): text\n" in said
    assert "Either: Starts when files arrive at a source.\n" in said


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("data.splt", "data.split"),
        ("split", "data.split"),
        ("evalution", "evaluation"),
        ("evaluation.gates.recall.at_leest", "evaluation.gates.recall.at_least"),
        ("targets.sagemaker.bukcet", "targets.sagemaker.bucket"),
    ],
)
def test_a_field_that_is_not_there_earns_the_nearest_one(mlopsgen: Program, typed: str, meant: str) -> None:
    ended = mlopsgen("explain", typed)
    assert (ended.code, ended.out) == (2, "")
    assert f"No field of a spec and no code is `{typed}`. Did you mean `{meant}`?" in ended.err
