"""Files are read as strictly as the services read them, and every value keeps its place."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from mlopsgen.targets.documents.document import Document, walk
from mlopsgen.targets.documents.jsontext import NotJson, read_json
from mlopsgen.targets.documents.yamltext import NotYaml
from mlopsgen.targets.sagemaker.judge.folder import read_folder, read_yaml

TEXTS = ("", "a", 'quo"te', "back\\slash", "é\u2028😀", "\x7f", "tab\t", "null")


def any_value(chance: random.Random, depth: int = 0) -> Any:
    kind = chance.randrange(9 if depth < 4 else 6)
    if kind == 6:
        return [any_value(chance, depth + 1) for _ in range(chance.randrange(4))]
    if kind > 6:
        return {chance.choice(TEXTS) + str(i): any_value(chance, depth + 1) for i in range(chance.randrange(4))}
    return chance.choice((None, True, False, -7, 0, 10**20, 1.5, -2e-7, 1e300, *TEXTS))


def in_text(document: Document, text: str, path: tuple[str | int, ...]) -> str:
    start, end = document.places[path]
    return text[start:end]


@pytest.mark.parametrize("seed", range(200))
def test_json_reads_as_the_standard_library_does(seed: int) -> None:
    chance = random.Random(seed)
    data = any_value(chance)
    text = json.dumps(data, indent=chance.choice((None, 2)), ensure_ascii=chance.random() < 0.5)
    document = read_json("x.json", text)
    assert document.data == json.loads(text)
    for path, value in walk(document.data):
        assert json.loads(in_text(document, text, path)) == value


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "{",
            "[1,]",
            '{"a":1,}',
            "{a:1}",
            "{'a':1}",
            "[NaN]",
            "[Infinity]",
            "01",
            "1.",
            ".5",
            '"\n"',
            '"\\x"',
            "1 2",
        ),
        *("[1 2]", '{"a" 1}', "tru", "[" * 200 + "]" * 200, '"', "\ufeff{}", "// c\n1", "٣"),
    ],
)
def test_what_is_no_json(text: str) -> None:
    with pytest.raises(NotJson):
        read_json("x.json", text)


def test_a_key_that_stands_twice_is_remembered() -> None:
    assert read_json("x.json", '{"a": {"b": 1, "b": 2}}').repeated == (("a", "b"),)
    assert read_yaml("x.yaml", "a:\n  b: 1\n  b: 2\n").repeated == (("a", "b"),)


def test_places_are_lines_and_columns() -> None:
    document = read_json("x.json", '{\n  "a": [1,\n    {"b": "c"}]\n}')
    span = document.span(("a", 1, "b"))
    assert (span.file, span.line, span.column, span.end_line, span.end_column) == ("x.json", 3, 11, 3, 14)
    # What is not there is shown at its nearest ancestor.
    assert document.span(("a", 1, "missing", "more")).line == 3
    assert document.span(("missing",)).line == 1


def test_short_tags_become_their_long_form() -> None:
    text = "a: !Ref B\nc: !GetAtt D.Arn\ne: !Sub 'x-${F}'\ng: !Join ['-', [!Ref H, i]]\nj: !Equals [!Ref K, l]\n"
    assert read_yaml("x.yaml", text).data == {
        "a": {"Ref": "B"},
        "c": {"Fn::GetAtt": ["D", "Arn"]},
        "e": {"Fn::Sub": "x-${F}"},
        "g": {"Fn::Join": ["-", [{"Ref": "H"}, "i"]]},
        "j": {"Fn::Equals": [{"Ref": "K"}, "l"]},
    }


def test_dates_stay_text() -> None:
    assert read_yaml("x.yaml", "Version: 2012-10-17\n").data == {"Version": "2012-10-17"}


def test_yaml_values_keep_their_place() -> None:
    text = "a:\n  - b: 1\n    c: !Ref D\n"
    document = read_yaml("x.yaml", text)
    assert document.span(("a", 0, "c")).line == 3
    assert document.span(("a", 0, "c", "Ref")).line == 3
    assert document.span(("a", 0, "b")).column == 8


def test_places_count_characters_not_bytes() -> None:
    document = read_yaml("x.yaml", "é😀: {b: ü, c: d}\n")
    assert document.span(("é😀", "c")).column == 15


def test_a_template_is_one_document() -> None:
    with pytest.raises(NotYaml, match="one document"):
        read_yaml("x.yaml", "a: 1\n---\nb: 2\n")


@pytest.mark.parametrize(
    "text",
    [
        "a: [",
        "a: &x 1\nb: *x\n",
        "a: &x {b: *x}\n",
        "a: 'open",
        "a: b: c",
        "- " * 200 + "x",
        "a: !!int x",
        "[" * 5000,
        "\x00",
    ],
)
def test_what_is_no_template(text: str) -> None:
    with pytest.raises(NotYaml):
        read_yaml("x.yaml", text)


def test_an_alias_bomb_is_refused_at_once() -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]" for i in range(1, 60)]
    with pytest.raises(NotYaml, match="aliases"):
        read_yaml("x.yaml", "\n".join(lines))


def test_a_broken_file_is_a_finding_at_its_place(tmp_path: Path) -> None:
    (tmp_path / "pipeline.json").write_text('{"Version": "2020-12-01",\n "Steps": [}')
    (tmp_path / "stack.yaml").write_bytes(b"\xff\xfe")
    found = {d.span.file: d for d in read_folder(tmp_path).broken if d.span}
    assert found["pipeline.json"].code == found["stack.yaml"].code == "MG438"
    span = found["pipeline.json"].span
    assert span is not None
    assert (span.line, span.column) == (2, 12)
