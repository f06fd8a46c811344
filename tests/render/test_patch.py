"""Patches: one place each, applied to the parsed document, before it is embedded."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from mlopsgen.diagnostics import SpecError
from mlopsgen.render import Copy, FileJob, Merge, Patch, Remove, Replace, patched, render
from mlopsgen.render.job import Change
from mlopsgen.render.patch import apply_patches

from .conftest import printed

DOCUMENT: dict[str, Any] = {
    "Steps": [
        {"Name": "training", "Arguments": {"a": 1, "b": {"c": [1, 2]}}, "On": True},
        {"Name": "gate", "metadata": {"name": "g/1"}},
        {"Name": "twin", "n": 7},
        {"Name": "twin", "n": 8},
    ],
    "a/b": {"~": 1, "[x=y]": 2},
}


def after(at: str, change: Change, document: Any = None) -> Any:
    patch = Patch("f.json", at, change, ("targets", "local", "patches", 0))
    return json.loads(printed("f.json", "{{ d }}", {"d": DOCUMENT if document is None else document}, (patch,)))


@pytest.mark.parametrize(
    ("at", "got"),
    [
        ("/Steps/[Name=training]/Arguments/a", ("Steps", 0, "Arguments", "a")),
        ("/Steps/1/Name", ("Steps", 1, "Name")),
        ("/Steps/[metadata.name=g~11]/Name", ("Steps", 1, "Name")),
        ("/Steps/[n=8]/Name", ("Steps", 3, "Name")),
        ("/a~1b/~0", ("a/b", "~")),
        ("/a~1b/[x=y]", ("a/b", "[x=y]")),
        ("/Steps/[On=True]/Arguments/b/c/1", ("Steps", 0, "Arguments", "b", "c", 1)),
    ],
)
def test_an_address_finds_its_place(at: str, got: tuple[Any, ...]) -> None:
    node = after(at, Replace("here"))
    for part in got:
        node = node[part]
    assert node == "here"


def test_a_step_keeps_its_address_inside_a_branch() -> None:
    inside = {"Steps": [{"Name": "check", "Arguments": {"If": [{"Name": "a", "x": 1}], "Else": [{"Name": "b"}]}}]}
    assert after("/Steps/[Name=a]/x", Replace(2), inside)["Steps"][0]["Arguments"]["If"] == [{"Name": "a", "x": 2}]
    twice = {"Steps": [{"Name": "c", "If": [{"Name": "a"}], "Else": [{"Name": "a"}]}]}
    with pytest.raises(SpecError):
        after("/Steps/[Name=a]", Remove(), twice)


def test_merge_replaces_scalars_merges_maps_and_takes_nulls_away() -> None:
    document = after(
        "/Steps/[Name=training]/Arguments", Merge({"a": None, "b": {"d": 3, "c": [9]}, "e": {"f": {"g": None}}})
    )
    assert document["Steps"][0]["Arguments"] == {"b": {"c": [9], "d": 3}, "e": {"f": {}}}


def test_remove_takes_keys_and_entries_away() -> None:
    assert [s["Name"] for s in after("/Steps/[Name=gate]", Remove())["Steps"]] == ["training", "twin", "twin"]
    assert "a/b" not in after("/a~1b", Remove())
    assert after("", Replace({"all": "new"})) == {"all": "new"}


@pytest.mark.parametrize(
    "at",
    [
        "/Nothing",
        "/Steps/[Name=absent]",
        "/Steps/[Name=twin]",
        "/Steps/9",
        "/Steps/-",
        "/Steps/01",
        "/Steps/-1",
        "/Steps/Name",
        "/Steps/[Arguments=x]",
        "/Steps/[Name=training]/Arguments/a/b",
        "Steps",
        "/",
    ],
)
def test_an_address_that_matches_not_one_place_is_refused(at: str) -> None:
    with pytest.raises(SpecError) as caught:
        after(at, Replace(1))
    (finding,) = caught.value.findings
    assert (finding.code, finding.spec_path) == ("MG310", ("targets", "local", "patches", 0))


def test_the_hint_says_what_there_is() -> None:
    with pytest.raises(SpecError) as caught:
        after("/Steps/[Name=trainin]", Remove())
    assert caught.value.findings[0].hint == "there are: [Name=training], [Name=gate], [Name=twin], [Name=twin]"
    with pytest.raises(SpecError) as caught:
        after("/steps", Remove())
    assert caught.value.findings[0].hint == "there are: Steps, a/b"


def test_merge_needs_a_mapping_and_values_need_a_spelling() -> None:
    with pytest.raises(SpecError) as caught:
        after("/Steps", Merge({"a": 1}))
    assert [d.code for d in caught.value.findings] == ["MG310"]
    with pytest.raises(SpecError) as caught:
        after("/Steps", Replace({1, 2}))
    assert [d.code for d in caught.value.findings] == ["MG402"]


def test_a_patched_yaml_file_is_spelled_anew() -> None:
    patch = Patch("f.yaml", "/a", Merge({"c": "no"}))
    assert printed("f.yaml", "# lost\na: {b:   {{ b }}}\n", {"b": "x"}, (patch,)) == 'a: {b: x, c: "no"}\n'


def test_one_document_of_several_is_found_by_what_it_says() -> None:
    text = "kind: A\nspec: {x: 1}\n---\nkind: B\nspec: {x: 1}\n"
    patch = Patch("f.yaml", "/[kind=B]/spec/x", Replace(2))
    documents = list(yaml.safe_load_all(printed("f.yaml", text, {}, (patch,))))
    assert documents == [{"kind": "A", "spec": {"x": 1}}, {"kind": "B", "spec": {"x": 2}}]


def test_a_document_that_is_a_list_stays_one() -> None:
    text = printed("f.yaml", "- a: 1\n- a: 2\n", {}, (Patch("f.yaml", "/[a=2]/a", Replace(3)),))
    assert list(yaml.safe_load_all(text)) == [[{"a": 1}, {"a": 3}]]


def test_patches_find_their_files_embedded_ones_too() -> None:
    inner = FileJob("p.json", "p", {})
    jobs: list[FileJob | Copy] = [inner, FileJob("s.yaml", "s", {}, embed={"body": inner}), Copy("c.txt", b"")]
    jobs_with_patches = patched(jobs, [Patch("p.json", "/x", Replace(2)), Patch("s.yaml", "/k", Replace("v"))])
    files = render(jobs_with_patches, {"p": '{"x": 1}', "s": "k: 1\nbody: {{ body }}\n"})
    assert json.loads(files["p.json"]) == {"x": 2}
    assert yaml.safe_load(files["s.yaml"]) == {"k": "v", "body": '{"x":2}'}


def test_a_patch_of_no_file_is_refused() -> None:
    with pytest.raises(SpecError) as caught:
        patched([FileJob("a.json", "t", {})], [Patch("b.json", "/x", Remove(), ("x",))])
    assert (caught.value.findings[0].code, caught.value.findings[0].hint) == ("MG310", "one of: a.json")


def test_only_json_and_yaml_can_be_patched() -> None:
    with pytest.raises(SpecError) as caught:
        printed("a.py", "x = 1\n", {}, (Patch("a.py", "/x", Remove()),))
    assert [d.code for d in caught.value.findings] == ["MG310"]


def test_every_bad_patch_is_reported() -> None:
    patches = tuple(Patch("f.json", f"/{n}", Remove(), (n,)) for n in range(3))
    with pytest.raises(SpecError) as caught:
        printed("f.json", "{}", {}, patches)
    assert [d.spec_path for d in caught.value.findings] == [(0,), (1,), (2,)]


def test_the_document_given_stays_as_it_was() -> None:
    document = {"a": {"b": [1, 2]}}
    assert apply_patches(document, (Patch("f", "/a/b/0", Remove()), Patch("f", "/a", Merge({"c": 1})))) == {
        "a": {"b": [2], "c": 1}
    }
    assert document == {"a": {"b": [1, 2]}}
