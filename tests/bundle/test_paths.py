"""A path of a bundle means the same file everywhere, and none outside."""

from __future__ import annotations

import pytest

from mlopsgen.bundle import unsafe_paths


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/etc/passwd",
        "../x",
        "a/../b",
        "a/./b",
        "a//b",
        "a/",
        ".",
        "C:/x",
        "C:x",
        "a\\b",
        "a:b",
        "a*",
        "a?",
        'a"',
        "a<b",
        "a|b",
        "a\n",
        "a\x00b",
        "a.",
        "a /b",
        "a. /b",
        "con",
        "CON",
        "x/nul.txt",
        "x/COM1",
        "lpt9.tar.gz",
        "aux .txt",
        "com¹",
        "CONIN$",
        "a\u202eb",
        "a\u200b",
        "e\u0301",
        "x" * 256,
        "é" * 128,
        "/".join(["abcdefghi"] * 19),
    ],
)
def test_an_unsafe_path_is_refused(path: str) -> None:
    assert [d.code for d in unsafe_paths([path])] == ["MG409"]


@pytest.mark.parametrize(
    "paths",
    [
        ["a/B", "a/b"],
        ["A/x", "a/y"],
        ["a", "a/b"],
        ["a/b", "A"],
        ["straße", "STRASSE"],
        ["İ", "i̇"],
        ["x", "x"[:1].upper()],
    ],
)
def test_twins_are_refused(paths: list[str]) -> None:
    assert "MG409" in [d.code for d in unsafe_paths(paths)]


def test_safe_paths_pass() -> None:
    good = [
        "a",
        "A.b",
        ".hidden",
        "image/Dockerfile",
        "com10",
        "console",
        "null",
        "a b",
        "é.py",
        "con_a",
        "-x",
        "x/y/z.tar.gz",
    ]
    assert unsafe_paths(good) == ()


def test_every_bad_path_is_named() -> None:
    findings = unsafe_paths(["ok", "../x", "nul"])
    assert len(findings) == 2
    assert "'../x'" in findings[0].message
    assert "device" in findings[1].message
