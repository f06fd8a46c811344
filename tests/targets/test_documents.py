"""Files as any judge reads them: several documents, aliases, and the places that JSON pointers name."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import yaml

from mlopsgen.targets.documents import NotYaml, Unread, read_file, read_yaml, span_at, walk

TWO = "kind: a\nspec: {x/y: 1, list: [p, q]}\n---\nkind: b\nspec:\n  list:\n  - name: r\n"


def place(text: str, pointer: str, name: str = "x.yaml") -> tuple[int, int] | None:
    span = span_at(read_yaml(name, text), pointer)
    return (span.line, span.column) if span else None


@pytest.mark.parametrize(
    ("pointer", "at"),
    [
        ("/0/kind", (1, 7)),
        ("/0/spec/x~1y", (2, 13)),
        ("/0/spec/list/1", (2, 26)),
        ("/1/spec/list/0/name", (7, 11)),
        ("/1/spec/list/7/name", (7, 3)),
        ("/1/nothing", (4, 1)),
        ("/1", (4, 1)),
        ("", (1, 1)),
        ("/2/kind", None),
    ],
)
def test_a_pointer_into_several_documents_starts_with_the_number(pointer: str, at: tuple[int, int] | None) -> None:
    assert place(TWO, pointer) == at


def test_a_pointer_into_the_only_document_has_no_number() -> None:
    assert place("a:\n  '0': [x]\n", "/a/0/0") == (2, 9)
    assert place("a: 1\n", "/missing/more") == (1, 1)
    assert place("# nothing\n", "/a") is None


def test_aliases_and_merges_read_as_pyyaml_reads_them() -> None:
    text = (
        "base: &base {a: 1, b: [x]}\n"
        "more: &more {b: 2, c: 3}\n"
        "both: {<<: [*base, *more], c: 4}\n"
        "one: *base\n"
        'word: {"<<": 5}\n'
    )
    (document,) = read_yaml("x.yaml", text)
    assert document.data == yaml.safe_load(text)
    # What stands behind an alias is shown where the alias stands.
    assert document.span(("one", "b", 0)).line == 4


def test_a_bomb_of_aliases_is_refused_at_once() -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]" for i in range(1, 60)]
    with pytest.raises(NotYaml, match="more than 1,000,000 values"):
        read_yaml("x.yaml", "\n".join(lines))


@pytest.mark.parametrize(
    "text", ["a: &x {b: *x}", "a: *x", "a: !Foo b", "a: !Foo {}", "<<: 1", "? [a]\n: b", 'a: "\\UFFFFFFFF"', "a: ["]
)
def test_what_is_not_read(text: str) -> None:
    with pytest.raises(NotYaml):
        read_yaml("x.yaml", text)


@pytest.mark.parametrize("seed", range(50))
def test_every_value_stands_at_its_place(seed: int) -> None:
    chance = random.Random(seed)
    data = {f"k{i}": [chance.choice(("é😀", 1, True, None, {"x": 2.5})) for _ in range(3)] for i in range(4)}
    text = yaml.safe_dump(data, allow_unicode=chance.random() < 0.5, default_flow_style=chance.random() < 0.5)
    (document,) = read_yaml("x.yaml", text)
    assert document.data == data
    for path, value in walk(document.data):
        start, end = document.places[path]
        if not isinstance(value, dict | list):
            assert yaml.safe_load(text[start:end]) == value


def test_a_file_that_breaks_says_where(tmp_path: Path) -> None:
    for name, content, line in (("a.json", b'{\n"a" 1}', 2), ("b.yaml", b"a:\n  b: [\n", 3), ("c.yaml", b"\xff", 1)):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(Unread, match=name) as wrong:
            read_file(tmp_path / name, name)
        assert wrong.value.span.line == line
    (tmp_path / "d.json").write_text('{"a": [1, 2]}')
    (document,) = read_file(tmp_path / "d.json", "there/d.json")
    assert document.span(("a", 1)).file == "there/d.json"
