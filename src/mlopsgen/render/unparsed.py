"""Files without a parser of ours: only words of proved characters, each standing alone.

A Dockerfile, shell or text file takes `Token`s and numbers. Markdown also takes text,
which is escaped so that it shows as it was written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

from mlopsgen.diagnostics import Diagnostic, SpecError
from mlopsgen.records import dataclass
from mlopsgen.render.fill import MARKER, Filled, Print
from mlopsgen.render.proof import finding, not_whole
from mlopsgen.render.tokens import Token

_BEFORE_WORD = frozenset(" \t=\n")
_AFTER_WORD = frozenset(" \t\n")


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """What stands around a printed value; a page is read once, whatever number of values it has."""

    line: str
    """Its line as far as the value."""
    before: str
    """The character before it; a line end where there is none."""
    after: str
    """The character behind it; a line end where there is none."""
    in_fence: bool
    """Whether a block of code is open."""
    in_comment: bool
    """Whether an HTML comment is open."""
    token: bool
    """Whether the value itself has proved characters alone."""


def command_file(filled: Filled) -> str:
    """A Dockerfile or shell script: every token a word of its own, none in a comment."""
    return _checked(filled, _is_word_of_a_command)


def text_file(filled: Filled) -> str:
    """A plain text file, such as requirements.txt."""
    return _checked(filled, _is_word)


def markdown_file(filled: Filled) -> str:
    """A page for people: text is escaped, tokens stand as they are."""
    return _checked(filled, _is_word_of_a_page, prose=True)


def _checked(filled: Filled, whole: Callable[[_Surroundings], bool], *, prose: bool = False) -> str:
    findings = list(_findings(filled, whole, prose))
    if findings:
        raise SpecError(findings)
    return MARKER.sub(lambda m: _spelled(filled.prints[int(m[1])], m), filled.text)


def _findings(filled: Filled, whole: Callable[[_Surroundings], bool], prose: bool) -> Iterator[Diagnostic]:
    for match, around in _surroundings(filled):
        printed = filled.prints[int(match[1])]
        if not around.token and not (prose and isinstance(printed.value, str)):
            yield _no_token(printed, prose)
        elif not around.token and (bad := _unprintable(printed.value)):
            yield finding("MG402", printed.place(), f"the character {bad!a} does not belong in a page")
        elif not whole(around):
            yield not_whole(printed)


def _surroundings(filled: Filled) -> Iterator[tuple[re.Match[str], _Surroundings]]:
    """Each printed value with what stands around it, from the first line to the last."""
    fenced = commented = False
    for line in filled.text.split("\n"):
        fenced ^= bool(_FENCE.match(line))
        seen = 0
        for match in MARKER.finditer(line):
            commented = _in_comment(line[seen : match.start()], commented)
            seen = match.start()
            before, after = line[: match.start()], line[match.end() :]
            token = _is_token(filled.prints[int(match[1])].value)
            yield match, _Surroundings(before, before[-1:] or "\n", after[:1] or "\n", fenced, commented, token)
        commented = _in_comment(line[seen:], commented)


def _in_comment(text: str, before: bool) -> bool:
    """Whether an HTML comment is open behind a text, when one was or was not `before` it."""
    opened, closed = text.rfind("<!--"), text.rfind("-->")
    return before if opened == closed else opened > closed


def _is_token(value: object) -> bool:
    return isinstance(value, Token) or type(value) is int or (type(value) is float and value - value == 0)


def _no_token(printed: Print, prose: bool) -> Diagnostic:
    takes = "tokens, numbers and text" if prose else "tokens (ImageRef, RelPath, Name…) and numbers"
    hint = "user text reaches a command only through its environment or arguments"
    return finding("MG402", printed.place(), f"this file takes {takes}, not {type(printed.value).__name__}", hint)


def _is_word(around: _Surroundings) -> bool:
    return around.before in _BEFORE_WORD and around.after in _AFTER_WORD


def _is_word_of_a_command(around: _Surroundings) -> bool:
    line = around.line
    in_comment = re.search(r"(?:^|\s)#", line)
    in_quotes = line.count('"') - 2 * len(MARKER.findall(line)) + line.count("'")
    return _is_word(around) and not in_comment and not in_quotes


_FENCE = re.compile(r" {0,3}(?:```|~~~)")


def _is_word_of_a_page(around: _Surroundings) -> bool:
    """Never in an HTML comment or tag; in code only tokens; a word where it stands."""
    line = around.line
    in_html = around.in_comment or line.rfind("<") > line.rfind(">")
    in_code = around.in_fence or line.count("`") % 2 == 1 or line.startswith("    ")
    loose_before = around.before in " \t\n=`|([*_:/"
    loose_after = around.after in " \t\n`|)]*_.,:;/"
    return not in_html and (around.token or not in_code) and loose_before and loose_after


def _unprintable(text: str) -> str:
    """The first character that would hide, reorder or break the text; joiners and line ends are fine."""
    bad = (c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))
    return next((c for c in bad if c not in "\n\t\r\u200c\u200d"), "")


def _spelled(printed: Print, match: re.Match[str]) -> str:
    value = printed.value
    if _is_token(value):
        return str(value)
    line = match.string[match.string.rfind("\n", 0, match.start()) + 1 : match.start()]
    return markdown_prose(value, starts_block=not re.search(r"[^\s>*+\-0-9.)]", line))


_ACTIVE = re.compile(r"[\\`*_\[\]<>|~&$@]|:(?=[a-z0-9_+-]+:|//)|(?<=w)\.")


def markdown_prose(text: str, *, starts_block: bool) -> str:
    """Text that Markdown shows as it is, on one line."""
    line = " ".join(text.split())
    shown = _ACTIVE.sub(lambda m: "\\" + m[0], line)
    if starts_block:
        shown = re.sub(r"\A(?:[#+=:-]|[0-9]+(?=[.)]))", _inert_start, shown)
    return shown


def _inert_start(match: re.Match[str]) -> str:
    return match[0] + "\\" if match[0][0].isdigit() else "\\" + match[0]
