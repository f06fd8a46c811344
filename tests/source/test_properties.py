"""What holds for every text: nothing but SpecError is raised, and every place is where it says."""

import json
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlopsgen.codes import CODES
from mlopsgen.diagnostics import Diagnostic, Span, SpecError
from mlopsgen.findings.fixes import apply_fixes
from mlopsgen.findings.machine_readable import as_github, as_json, as_sarif
from mlopsgen.findings.text import as_text
from mlopsgen.source import Node, plain, read_yaml

SETTINGS = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

SIGNS = [*"\n\n\n\t:-?[]{},#&*!|>'\"%@`~<=\\ ", "  ", "    ", ": ", "- ", "? ", "\r\n", "|\n", ">-\n"]
FEATURES = [
    "---\n",
    "...\n",
    "%YAML 1.2\n",
    "<<: ",
    "*a ",
    "&a ",
    "!!str ",
    "!t ",
    "${var.x}",
    "{{ x }}",
    "\\x41",
    "\\ud800",
]
SCALARS_SEEN = [
    "a",
    "b",
    "name",
    "yes",
    "0001",
    "1e400",
    "22:22:22",
    "true",
    "null",
    "é",
    "😀",
    "e\u0301",
    "表",
    '"x"',
    "'y'",
]
UNSEEN = ["\u202e", "\0", "\ufeff", "\x85", "\u2028", "\ud800"]
SECRETS = ["AKIA" + "Q" * 16, "-----BEGIN " + "PRIVATE KEY-----"]
PIECES = st.sampled_from([*SIGNS, *FEATURES, *SCALARS_SEEN, *UNSEEN, *SECRETS])
TEXTS = st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=60)


def cut(text: str, span: Span) -> str:
    """What a span covers, found without the code under test."""
    lines = re.split(r"(?<=\n)", text)
    start = sum(map(len, lines[: span.line - 1])) + span.column - 1
    return text[start : sum(map(len, lines[: span.end_line - 1])) + span.end_column - 1]


def inside(text: str, span: Span) -> bool:
    lines = text.split("\n")
    ends = [(span.line, span.column), (span.end_line, span.end_column)]
    return ends == sorted(ends) and all(
        line <= len(lines) and 1 <= col <= len(lines[line - 1]) + 2 for line, col in ends
    )


def nodes(node: Node) -> list[Node]:
    below = node.value.values() if isinstance(node.value, dict) else node.value if isinstance(node.value, list) else ()
    return [node, *(n for child in below for n in nodes(child))]


def check(text: str | bytes) -> None:
    try:
        source = read_yaml(text, "spec.yaml")
    except SpecError as wrong:
        check_findings(text, wrong.findings)
    else:
        check_tree(source.text, source.root)


def check_findings(text: str | bytes, findings: tuple[Diagnostic, ...]) -> None:
    assert findings
    for d in findings:
        assert d.code in CODES
        assert d.span
        if isinstance(text, str):
            assert inside(text.removeprefix("\ufeff"), d.span), d
    shown = as_text(findings, {"spec.yaml": text}, color=False)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", shown)
    json.loads(as_json(findings))
    json.loads(as_sarif(findings))
    assert as_github(findings).count("\n") == len(findings)
    if isinstance(text, str):
        apply_fixes(text, findings)


def check_tree(text: str, root: Node) -> None:
    for node in nodes(root):
        if not isinstance(node.value, dict | list):
            assert cut(text, node.span) == node.raw
        if isinstance(node.value, dict):
            for key, child in node.value.items():
                assert child.key
                written = cut(text, child.key)
                assert written == key or written[0] in "\"'" or "\n" in written
        assert inside(text, node.span)


@SETTINGS
@given(TEXTS)
def test_any_text_is_read_or_refused(loader: str, text: str) -> None:
    check(text)


@SETTINGS
@given(st.binary(max_size=60) | TEXTS.map(lambda t: t.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_read_or_refused(loader: str, data: bytes) -> None:
    check(data)


WORDS = st.text(st.sampled_from("ab é表😀e\u0301-_.0"), min_size=1, max_size=8).map(str.strip).filter(bool)
SCALARS = st.one_of(
    st.sampled_from(
        ["x", "1", "-3", "2.50", "1e-3", "true", "null", "a b", "s3://b/k", "a#b", "é😀 z", "[]", "{}", ""]
    ),
    WORDS.map(lambda w: json.dumps(w, ensure_ascii=False)),
    WORDS.map(lambda w: "'" + w.replace("'", "''") + "'"),
)
KEYS = st.sampled_from(["a", "b", "on", "1", '"é 😀"', "'表'", "e\u0301", "long_key", "yes"])
TREES = st.recursive(
    SCALARS,
    lambda below: st.lists(below, min_size=1, max_size=4) | st.dictionaries(KEYS, below, min_size=1, max_size=4),
    max_leaves=12,
)


def block(tree: Any, indent: str) -> str:
    """A tree in block style, with comments and blanks between."""
    if isinstance(tree, dict):
        return "".join(f"\n{indent}{k}:{block(v, indent + '  ')}" for k, v in tree.items())
    if isinstance(tree, list):
        return "".join(f"\n{indent}-{block(v, indent + '  ')}" for v in tree)
    return f" {tree}   # 表" if tree else ""


@SETTINGS
@given(st.dictionaries(KEYS, TREES, min_size=1, max_size=4))
def test_spans_are_exact_beside_wide_and_combined_characters(loader: str, tree: dict[str, Any]) -> None:
    text = "# 😀\n" + block(tree, "") + "\n"
    source = read_yaml(text, "spec.yaml")
    check_tree(text, source.root)
    assert [len(n.value) if isinstance(n.value, dict | list) else n.raw for n in nodes(source.root)] == list(
        shape(tree)
    )


def shape(tree: Any) -> Any:
    if isinstance(tree, dict | list):
        yield len(tree)
        for child in tree.values() if isinstance(tree, dict) else tree:
            yield from shape(child)
    else:
        # An empty flow collection is a collection, not a scalar.
        yield 0 if tree in ("[]", "{}") else tree


SEEN = st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Cn", "Zl", "Zp"])
DATA = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(SEEN, max_size=10),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.text("abcdé", min_size=1), below, max_size=4),
    max_leaves=15,
)


@SETTINGS
@given(st.dictionaries(st.text("abcd", min_size=1), DATA, max_size=4))
def test_json_means_the_same(loader: str, data: dict[str, Any]) -> None:
    assert plain(read_yaml(json.dumps(data, ensure_ascii=False), "s").root) == data


@pytest.mark.parametrize("loader_name", ["CSafeLoader", "SafeLoader"])
def test_the_checks_above_can_fail(loader_name: str) -> None:
    source = read_yaml("a: xy\n", "s")
    with pytest.raises(AssertionError):
        check_tree("b: zy\n", source.root)
