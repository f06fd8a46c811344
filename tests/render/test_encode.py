"""Spellings read back as the value, under YAML 1.1, YAML 1.2, JSON and Python."""

from __future__ import annotations

import ast
import json
import random
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from mlopsgen.indentation import indented
from mlopsgen.render.encode import json_text, python_text, quoted, yaml_block, yaml_flow, yaml_under_key
from mlopsgen.render.proof import same
from mlopsgen.render.structured import read_back


class Yaml12(yaml.CSafeLoader):
    """PyYAML with the core schema of YAML 1.2 in the place of the types of 1.1."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012  (PyYAML's own shape)


CORE = {
    "null": r"~|null|Null|NULL|",
    "bool": r"true|True|TRUE|false|False|FALSE",
    "int": r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+",
    "float": r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
}
for _name, _pattern in CORE.items():
    Yaml12.add_implicit_resolver(f"tag:yaml.org,2002:{_name}", re.compile(rf"(?:{_pattern})\Z"), None)
Yaml12.add_constructor(
    "tag:yaml.org,2002:int",
    lambda loader, node: int(str(node.value), 0 if "0o" in node.value or "0x" in node.value else 10),
)
Yaml12.add_constructor("tag:yaml.org,2002:float", lambda loader, node: float(str(node.value)))

_WORDS = """
y Y n N yes Yes YES no No NO true True TRUE false False FALSE on On ON off Off OFF null Null NULL ~ = <<
1e3 1e+20 1.0e3 1e-7 .5 5. +1 -1 0 00 012 0o7 0x1f 0b1 1_000 1:30 12:30:45 .inf -.Inf .nan +.5 1e 0. e5 0x
2001-01-01 2001-1-1 2026-13-45 2001-12-14t21:59:43.10-05:00 ... --- -- - ? : , [ ] { } # & * ! | > ' " % @ `
"""
TRAPS: list[Any] = [
    *_WORDS.split(),
    *["a: b", "a:b", "a:", ":a", "a #b", "a# b", "- x", "-x", "? x", "x y", "x  y", " x", "x ", "", " ", "\t", "a\tb"],
    *["{{ x }}", "{x}", "[x", "!t", "&a", "*a", "|", ">", "%x", "@x", "`x", "'x'", '"x"', "it's", "a,b", "a, b"],
    *["\u2028", "\u2029", "\x85", "\xa0", "\xad", "\u200e", "\u202e", "\u2066", "\ufeff", "\ufffe", "\uffff", "\ue000"],
    *["\x00", "\x07", "\x1b", "\x7f", "\x9f", "é", "漢字", "\U0001f600", "\U0010ffff", "\n", "a\nb\n", "\r\n", "a\\nb"],
    "\\",
    *["arn:aws:iam::123456789012:role/x", "s3://b/k", "https://x/y?a=b&c=d#e", "/opt/ml", "x" * 500 + " y" * 200],
    "k" * 2000,
    *["a:\u2028b", "a/", "a/ b", "a -b", "a - b", "a :b", "Word Null", "null x", "end:", "c::d", "a.b", "ml.m5.xlarge"],
    *[1, 0, -1, True, False, None, 1.5, 1e20, 1e-7, 1.5e300, 5e-324, -0.0, 0.1 + 0.2, 10**30, 1e16, 123456789.0],
]  # fmt: skip
SPACES = [range(128), range(0x300), range(0x2000, 0x2100), range(0xE000, 0xE010), range(0x1F600, 0x1F610)]
WORDS = [
    "no",
    "on",
    "1",
    "e",
    ":",
    " ",
    "#",
    "-",
    "/",
    "a",
    "Z",
    ".",
    "_",
    "\n",
    ",",
    "}",
    "]",
    '"',
    "'",
    "\\",
    "0x",
    "~",
]


def texts(count: int) -> Iterator[str]:
    rnd = random.Random(11)
    for number in range(count):
        length = rnd.randrange(12)
        if number % 2:
            yield "".join(rnd.choice(WORDS) for _ in range(length))
        else:
            yield "".join(chr(rnd.choice(rnd.choice(SPACES))) for _ in range(length))


def placed(value: Any) -> Iterator[tuple[str, Any]]:
    """The value in every place that a template may print it, and what the file then says."""
    flow = yaml_flow(value)
    yield f"k: {flow}\n", {"k": value}
    yield f"- {flow}\n- 1\n", [value, 1]
    yield f"a: [{flow}, 1]\n", {"a": [value, 1]}
    yield f"{{a: {flow}, b: {flow}}}\n", {"a": value, "b": value}
    yield f"a:\n  k:{yaml_under_key(value, 2)}\n  l: 1\n", {"a": {"k": value, "l": 1}}
    yield f"- - {yaml_block(value, 4)}\n  - 1\n", [[value, 1]]
    yield f"{yaml_block(value, 0)}\n", value


def check_yaml(value: Any, *readers: Any) -> None:
    for text, says in placed(value):
        assert same(read_back(text), [says]), text
        for reader in readers:
            assert same(yaml.load(text, Loader=reader), says), (reader, text)


@pytest.mark.parametrize("value", TRAPS, ids=ascii)
def test_traps(value: Any) -> None:
    many = [value] * (3 if len(str(value)) > 100 else 60)
    shapes: list[Any] = [value, [value], {"k": value}, [[value], {"k": [value, {"z": value}]}], many, {"m": many}]
    if isinstance(value, str) and len(value) < 900:
        shapes += [{value: 1}, {value: {value: [value] * 40}}]
    check_yaml([value, {"k": value}], yaml.SafeLoader)
    for shape in shapes:
        check_yaml(shape, yaml.CSafeLoader, Yaml12)
        assert same(json.loads(json_text(shape)), shape)
        assert same(json.loads(json_text(shape, compact=True)), shape)
        assert same(ast.literal_eval(python_text(shape, 4)), shape)


@pytest.mark.parametrize("count", [300, pytest.param(20_000, marks=pytest.mark.soak)])
def test_any_text(count: int) -> None:
    for text in texts(count):
        check_yaml({text: [text]}, yaml.CSafeLoader, Yaml12)
        assert ast.literal_eval(quoted(text)) == text
        assert json.loads(json_text(text)) == text


def test_what_is_printed_shows_itself() -> None:
    hidden = "\x00\x7f\x85\xad\u200b\u202e\u2028\u2066\ufeff\ue000\U000e0001"
    for spelled in (json_text(hidden), yaml_flow(hidden), python_text(hidden, 0)):
        assert spelled.isascii()
        assert spelled.isprintable() or spelled.endswith("\n")


@pytest.mark.parametrize(
    "text", ["hello", "two words", "ml.m5.xlarge", "/opt/app/train.py", "a-b_c", "Ärger"[1:], "AWS", "model.pkl"]
)
def test_plain_words_stay_plain(text: str) -> None:
    assert yaml_flow(text) == text


def test_the_reader_of_1_2_is_one() -> None:
    assert yaml.load("[no, 012, 1e3, 1:30, 0o17, 2001-01-01]", Loader=Yaml12) == [
        "no",
        12,
        1000.0,
        "1:30",
        15,
        "2001-01-01",
    ]


def test_scalars_have_one_spelling() -> None:
    assert yaml_flow([True, False, None, 1, -1.5, 1e20]) == "[true, false, null, 1, -1.5, 1.0e+20]"
    assert python_text([True, False, None, 1e20], 0) == "[True, False, None, 1e+20]"


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (1, True),
        (1, 1.0),
        (0, False),
        (0.0, -0.0),
        ("1", 1),
        ([], {}),
        ([1], [1, 2]),
        ({"a": 1}, {"a": True}),
        (None, ""),
    ],
)
def test_nothing_but_the_same_is_the_same(a: Any, b: Any) -> None:
    for wrapped in ((a, b), ([a], [b]), ({"k": [a]}, {"k": [b]})):
        assert not same(*wrapped)
        assert same(wrapped[0], wrapped[0])


def test_the_order_of_keys_counts() -> None:
    assert not same({"a": 1, "b": 2}, {"b": 2, "a": 1})


def test_short_values_stay_on_their_line_and_long_ones_do_not() -> None:
    assert yaml_under_key(["a"] * 20, 0) == " [" + ", ".join(["a"] * 20) + "]"
    assert yaml_under_key(["a" * 30] * 3, 0) == "\n  - " + "\n  - ".join(["a" * 30] * 3)
    assert python_text(["a" * 30] * 3, 4).count("\n") == 4


@pytest.mark.parametrize("ascii_only", [True, False])
def test_indented_json_is_what_the_standard_library_makes_of_it(ascii_only: bool) -> None:
    values: list[Any] = [*TRAPS, [], {}, (), [[]], [{}], (1, "b"), {"a": {}, "b": [TRAPS, {"c": TRAPS}]}]
    values += [{str(trap): [*values] for trap in TRAPS}, "\ud800"]
    for value in values:
        assert indented(value, ascii_only=ascii_only) == json.dumps(value, indent=2, ensure_ascii=ascii_only)
    for value in (float("nan"), float("inf")):
        with pytest.raises(ValueError, match="not JSON compliant"):
            indented([value], ascii_only=ascii_only)
