"""Files without a parser take words of proved characters alone; Markdown shows text as it is."""

from __future__ import annotations

import re
import shlex
import unicodedata
from typing import Any

import pytest
from markdown_it import MarkdownIt

from mlopsgen.diagnostics import SpecError
from mlopsgen.render import AbsPath, Digest, Identifier, ImageRef, Name, RelPath, Requirement, Token
from mlopsgen.render.tokens import Quoted

from .conftest import Refuse, Render
from .test_encode import TRAPS, texts

SHA = "sha256:" + "0a" * 32
GOOD: list[tuple[type[Token], str]] = [
    (Name, "trainer-1.x_y"),
    (Identifier, "_train2"),
    (RelPath, "src/train.py"),
    (RelPath, ".hidden/x..y"),
    (AbsPath, "/opt/app/train.py"),
    (AbsPath, "/"),
    (Digest, SHA),
    (ImageRef, "python"),
    (ImageRef, "python:3.11-slim"),
    (ImageRef, "123456789012.dkr.ecr.eu-west-1.amazonaws.com/a/b_c:src-1"),
    (ImageRef, f"localhost:5000/x/y:1@{SHA}"),
    (Requirement, "scikit-learn"),
    (Requirement, "pandas[parquet,x]>=2.0,<3"),
    (Requirement, "a==1.2.*"),
]
EVERY = [Token, Name, Identifier, RelPath, AbsPath, Digest, ImageRef, Requirement]
EVIL = [
    "",
    " ",
    "a b",
    "a\n",
    "a\nb",
    "$(id)",
    "`id`",
    "a;b",
    "a&b",
    "a|b",
    "'a'",
    '"a"',
    "a\\b",
    "a#b",
    "$x",
    "${x}",
    "(a)",
    "a\x00",
]
EVIL += ["-rf", "--x", "é", "\uff41", "a\u202eb", "~", "*", "?", "a{b}", "a\tb", "@x", "%x", "^", "a'b"]


@pytest.mark.parametrize(("kind", "text"), GOOD)
def test_a_token_holds_what_it_is_for(kind: type[Token], text: str) -> None:
    assert kind(text) == text


@pytest.mark.parametrize("kind", EVERY)
@pytest.mark.parametrize("text", EVIL)
def test_a_token_holds_nothing_that_a_shell_would_read(kind: type[Token], text: str) -> None:
    with pytest.raises(SpecError) as caught:
        kind(text)
    assert [d.code for d in caught.value.findings] == ["MG402"]


@pytest.mark.parametrize("text", [*(text for text in EVIL if text.isprintable() and text), "a'b'' c", "plain/path.csv"])
def test_a_quoted_text_is_one_word_of_a_shell(text: str) -> None:
    assert shlex.split(Quoted(text)) == [text]
    assert (Quoted(text) == text) == (text == "plain/path.csv")


@pytest.mark.parametrize("text", ["", "a\nb", "a\u202eb", "a\x00"])
def test_nothing_that_nobody_sees_is_quoted(text: str) -> None:
    with pytest.raises(SpecError):
        Quoted(text)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (RelPath, "/etc"),
        (RelPath, "../x"),
        (RelPath, "a/../b"),
        (RelPath, "a/.."),
        (RelPath, "./a"),
        (RelPath, "a//b"),
        (AbsPath, "opt"),
        (AbsPath, "/a/../b"),
        (AbsPath, "//a"),
        (Digest, "sha256:00"),
        (Digest, "md5:" + "0" * 32),
        (ImageRef, "Python"),
        (ImageRef, "a/:x"),
        (ImageRef, "a@sha256:1"),
        (Identifier, "class"),
        (Identifier, "1a"),
        (Identifier, "a-b"),
        (Requirement, "a @ https://x"),
        (Requirement, "a --hash=x"),
        (Requirement, "a; python_version<'3'"),
    ],
)
def test_a_token_holds_nothing_else(kind: type[Token], text: str) -> None:
    with pytest.raises(SpecError):
        kind(text)


@pytest.mark.parametrize("path", ["Dockerfile", "image/Dockerfile", "a.sh", "requirements.txt", ".dockerignore"])
def test_tokens_and_numbers_are_printed_and_nothing_else(rendered: Render, refused: Refuse, path: str) -> None:
    assert rendered(path, "FROM {{ x }}\nA={{ n }} {{ x }}\n", {"x": Name("a"), "n": 3}) == "FROM a\nA=3 a\n"
    wrong: list[Any] = ["a", True, None, ["a"], {"a": 1}, float("nan"), float("inf")]
    for value in wrong:
        assert refused(path, "FROM {{ x }}\n", {"x": value}) == ["MG402"]


@pytest.mark.parametrize(
    "template", ["x{{ n }}", "{{ n }}x", "{{ n }}{{ n }}", "'{{ n }}'", '"{{ n }}"', "$({{ n }})", "`{{ n }}`"]
)
def test_a_token_is_a_word_of_its_own(refused: Refuse, template: str) -> None:
    for path in ("Dockerfile", "a.sh", "a.txt"):
        assert set(refused(path, template, {"n": Name("a")})) == {"MG403"}


@pytest.mark.parametrize(
    "template", ["# {{ n }}\n", "RUN x # by {{ n }}\n", "echo ' {{ n }} '\n", 'echo " {{ n }} "\n']
)
def test_no_comment_or_quotes_hold_a_token(refused: Refuse, template: str) -> None:
    for path in ("Dockerfile", "a.sh"):
        assert refused(path, template, {"n": Name("a")}) == ["MG403"]


def shown(markdown: str) -> str:
    """What a reader sees of a page, as one line of text; links, pictures, code or HTML would leave their tags."""
    html = MarkdownIt("gfm-like", {"linkify": False}).render(markdown)
    body = re.sub(r"</?(?:p|h1|h2|ul|li|em|table|thead|tbody|tr|td|th)>\n?", "\n", html)
    for name, char in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        body = body.replace(name, char)
    return "\n".join(line for line in body.split("\n") if line.strip())


PROSE = [
    "*a*",
    "_a_",
    "__a__",
    "`a`",
    "[a](http://x)",
    "![a](x)",
    "<b>",
    "<!-- x -->",
    "&lt;",
    "# a",
    "## a",
    "- a",
    "+ a",
    "* a",
    "1. a",
    "1) a",
    "12. a",
    "> a",
    "a | b",
    "~~a~~",
    "---",
    "===",
    "***",
    "~~~",
    "```",
    "    a",
    "\ta",
    "a\nb",
    "a\n\nb",
    "a  \nb",
    "\\",
    "\\*",
    "a\\",
    "http://x.y",
    "www.x.y",
    "a@b.c",
    "[a]: x",
    "[^1]",
    "$x$",
    ":smile:",
    "=",
    "-",
    "a\\\nb",
    "@team",
    "<http://a>",
    "schedule-adherence predicts 1.5 (or so)!",
    "{{ x }}",
    "C#",
    "1.",
    "2)",
    "---|---",
    "[ ] x",
    "- [ ] x",
    "a &copy; b",
]


@pytest.mark.parametrize("text", PROSE)
def test_prose_shows_as_it_was_written(rendered: Render, text: str) -> None:
    words = " ".join(text.split())
    for template, around in (
        ("{{ t }}\n", "{}"),
        ("# {{ t }}\n", "{}"),
        ("- {{ t }}\n", "{}"),
        ("before {{ t }} after\n", "before {} after"),
        ("1. {{ t }}: {{ t }}\n", "{0}: {0}"),
        ("| a |\n|---|\n| {{ t }} |\n", "a\n{}"),
    ):
        page = rendered("a.md", template, {"t": text})
        seen = shown(page).replace("<ol>", "").replace("</ol>", "").strip()
        assert seen == around.format(words).replace("\\", "\\"), page


def test_any_text_is_inert_in_a_page(rendered: Render, refused: Refuse) -> None:
    for text in [t for t in TRAPS if isinstance(t, str)] + list(texts(300)):
        if any(unicodedata.category(c) in ("Cc", "Cf", "Co", "Zl", "Zp") and c not in "\n\t\r" for c in text):
            assert refused("a.md", "before {{ t }} after\n", {"t": text}) == ["MG402"]
            continue
        page = rendered("a.md", "before {{ t }} after\n", {"t": text})
        assert shown(page).split() == ["before", *text.split(), "after"], page


@pytest.mark.parametrize(
    "template",
    [
        "`{{ t }}`",
        "```\n{{ t }}\n```\n",
        "    {{ t }}\n",
        "<!-- {{ t }} -->",
        "<b {{ t }}>",
        "<a href={{ t }}>",
        "x{{ t }}",
    ],
)
def test_prose_is_not_for_code_or_html(refused: Refuse, template: str) -> None:
    assert refused("a.md", template, {"t": "text"}) == ["MG403"]


@pytest.mark.parametrize(
    "template",
    [
        *("<!-- {{ t }} -->", "<a href={{ t }}>", "x{{ t }}"),
        *("<!--\n{{ t }}\n-->", "<!-- {{ t }}\n-->", "<!-- a --> b <!--\n\n c {{ t }}", "a --> <!--\n{{ t }}"),
    ],
)
def test_nor_are_tokens(refused: Refuse, template: str) -> None:
    assert refused("a.md", template, {"t": Name("text")}) == ["MG403"]


@pytest.mark.parametrize("before", ["<!-- a\nb -->", "<!--\nc\n-->\n", "```\n<b\n```\n"])
def test_prose_stands_behind_what_is_closed(rendered: Render, before: str) -> None:
    assert rendered("a.md", f"{before} {{{{ t }}}}\n", {"t": "text"}) == f"{before} text\n"


def test_tokens_stand_in_code(rendered: Render) -> None:
    page = rendered(
        "a.md", "`{{ t }}`\n\n```sh\nrun {{ t }}\n```\n\n    run {{ n }}\n", {"t": RelPath("a_b/c"), "n": 2}
    )
    assert page == "`a_b/c`\n\n```sh\nrun a_b/c\n```\n\n    run 2\n"
