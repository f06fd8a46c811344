"""A YAML syntax error in words: what is wrong, at the place a person has to fix.

The parser names what it stumbled over, often lines behind the slip; each rule here knows one slip by its trace.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

from mlopsgen.diagnostics import Diagnostic, Fix
from mlopsgen.records import dataclass
from mlopsgen.source.layout import Layout, position_of

Position: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class ParserStop:
    """The parser's message, the position where it stopped, and where the thing it was reading began."""

    layout: Layout
    message: str
    at: Position
    start: Position

    def line(self, number: int | None = None) -> str:
        """A line of the text; the one where the parser stopped."""
        return self.layout.line(self.at[0] if number is None else number)

    def character(self, position: Position) -> str:
        """The character at a place, empty behind the end."""
        offset = self.layout.offset(*position)
        return self.layout.text[offset : offset + 1]

    def finding(self, position: Position, message: str, hint: str, code: str = "MG101") -> Diagnostic:
        """The finding at a place."""
        return Diagnostic(code, message, hint=hint, span=self.layout.point(*position))


SlipRule: TypeAlias = Callable[[ParserStop], "Diagnostic | None"]


def explain(error: Exception, layout: Layout) -> Diagnostic:
    """The finding for a text that the parser gave up on."""
    message = f"{getattr(error, 'context', None) or ''} {getattr(error, 'problem', None) or ''}"
    problem = getattr(error, "problem_mark", None)
    at, start = position_of(problem), position_of(getattr(error, "context_mark", None) or problem)
    stop = ParserStop(layout, message, layout.clamp(*at), layout.clamp(*start))
    for shape, rule in RULES:
        if re.search(shape, message) and (finding := rule(stop)):
            return finding
    return stop.finding(stop.at, "this is not YAML", "check the quotes, brackets and indentation before this place")


def _tab(t: ParserStop) -> Diagnostic | None:
    if t.character(t.at) != "\t":
        return None
    line = t.line()
    indent = len(line) - len(line.lstrip())
    if t.at[1] > indent:
        return t.finding(t.at, "a tab stands here", "write a space instead")
    first = (t.at[0], line.index("\t") + 1)
    return t.finding(first, "a tab indents this line", "YAML indents with spaces alone, two for each level")


def _first_character(t: ParserStop) -> Diagnostic:
    character = t.character(t.at)
    shown = "a backtick" if character == "`" else f"`{character}`"
    return t.finding(t.at, f"a value cannot begin with {shown}", "quote the value")


def _escape(t: ParserStop) -> Diagnostic:
    line, column = t.at
    # The scanners stop at the backslash, behind it, or at the digit that is none.
    start = max(t.line().rfind("\\", 0, column), 0)
    escape = t.line()[start : start + 2]
    if "nicode" in t.message or "chr()" in t.message:
        return t.finding((line, start + 1), f"`{escape}` names no character here", "remove the escape", "MG109")
    hint = r"use single quotes, or write `\\`"
    return t.finding((line, start + 1), f"`{escape}` is no escape that double quotes know", hint)


def _open_quote(t: ParserStop) -> Diagnostic:
    quote = t.character(t.start)
    return t.finding(t.start, "this quote is never closed", f"end the text with `{quote}`")


def _special_start(t: ParserStop) -> Diagnostic:
    character = t.character(t.start)
    word = t.line(t.start[0])[t.start[1] - 1 :].split(" #")[0].rstrip()
    kind = {"*": "an alias", "&": "an anchor", "!": "a tag"}.get(character, "a feature that a spec cannot use")
    return t.finding(t.start, f"`{character}` begins {kind} in YAML", f"if it is text, quote it: `'{word}'`", "MG102")


def _directive(t: ParserStop) -> Diagnostic:
    return t.finding((t.at[0], 1), "a `%` directive cannot be used", "remove the line", "MG102")


def _second_document(t: ParserStop) -> Diagnostic:
    return _quote_above(t) or t.finding(
        t.at, "something follows the end of the document", "a spec is one document: remove `...`", "MG102"
    )


def _block_of_text(t: ParserStop) -> Diagnostic:
    character = t.character(t.start)
    word = t.line(t.start[0])[t.start[1] - 1 :].rstrip()
    return t.finding(t.start, f"`{character}` begins a block of text in YAML", f"quote the value: `'{word}'`")


def _bracket(t: ParserStop) -> Diagnostic:
    line, column = t.at
    if t.character(t.at) == "{" and column > 1 and t.character((line, column - 1)) == "$":
        return t.finding((line, column - 1), "`${…}` inside brackets needs quotes", 'write `"${…}"`')
    opener, here = t.character(t.start), t.character(t.at)
    closer = {"[": "]", "{": "}"}.get(opener, "")
    if here in "]}" and here != closer and here:
        return t.finding(t.at, f"`{opener}` is closed by `{here}`", f"write `{closer}`")
    if finding := _quote_above(t):
        return finding
    if _unclosed(t.layout.text, t.layout.offset(*t.start)) is not None:
        return t.finding(t.start, f"this `{opener}` is never closed", f"write `{closer}` behind its last entry")
    before = t.line()[: column - 1] if here == ":" else ""
    start = len(before) - len(re.split(r"[\s,\[{]", before)[-1]) if before else column - 1
    return t.finding(
        (line, start + 1), "a comma is missing before this", f"put `,` between entries of `{opener}{closer}`"
    )


# A quote that is never closed reaches to the end, so that no text is searched twice.
_QUOTED_OR_BRACKET = re.compile(r"\"(?:[^\"\\]|\\.)*+(?:\"|\\?\Z)|'[^']*+(?:'|\Z)|\s#[^\n]*|[\[\]{}]", re.DOTALL)


def _unclosed(text: str, start: int) -> int | None:
    """The first bracket from an offset on that has no partner, quoted text and comments left aside.

    When the offset is a bracket, only its own partner is looked for.
    """
    open_at: list[int] = []
    own = text[start : start + 1] in ("[", "{")
    for match in _QUOTED_OR_BRACKET.finditer(text, start):
        if match[0] in ("[", "{"):
            open_at.append(match.start())
        elif match[0] in ("]", "}") and open_at:
            open_at.pop()
            if own and not open_at:
                return None
    return open_at[0] if open_at else None


def _lone_bracket(t: ParserStop) -> Diagnostic:
    here = t.character(t.at)
    if not here and (lone := _unclosed(t.layout.text, 0)) is not None:
        opener = t.layout.text[lone]
        closer = "]" if opener == "[" else "}"
        return t.finding(
            t.layout.position(lone), f"this `{opener}` is never closed", f"write `{closer}` behind its last entry"
        )
    if here in "]}" and here:
        return t.finding(t.at, f"`{here}` closes nothing", "remove it, or quote the value")
    if here == ",":
        return t.finding(t.at, "a value is missing before this comma", "remove the comma, or quote the value")
    return t.finding(t.at, "a value is missing here", "write a value, or quote text that begins with `-`, `?` or `:`")


def _colon(t: ParserStop) -> Diagnostic:
    """A colon where no key can end: the slip is in this line or in the one before."""
    line, column = t.at
    before = t.line()[: column - 1]
    if column > 1024:
        return t.finding(t.at, "a key is longer than 1,024 characters", "keys are short names")
    if re.search(r":\s", before):
        return t.finding(
            t.at, "a second `: ` stands in this line", "quote the value, or put what follows on its own lines"
        )
    above = _line_above(t, line)
    if above and (finding := missing_space(t.layout, above) or _no_colon(t, above)):
        return finding
    indent = len(before) - len(before.lstrip())
    hint = f"align it with line {above}, or remove the value there" if above else "align it with its neighbours"
    return t.finding((line, indent + 1), "this line is indented below a line that has its value already", hint)


def _line_above(t: ParserStop, line: int) -> int | None:
    """The nearest line above that says something."""
    for number in range(line - 1, 0, -1):
        if (text := t.line(number).strip()) and not text.startswith("#"):
            return number
    return None


def missing_space(layout: Layout, line: int) -> Diagnostic | None:
    """The finding for `name:value` or `-item`, if a line reads so."""
    for shape, sign, hint in _GLUED:
        if match := shape.match(layout.line(line)):
            sign_span = layout.point(line, match.start(1) + 1)
            fix = Fix(f"{match[1]} ", span=sign_span)
            return Diagnostic("MG101", f"a space is missing after this {sign}", hint=hint, fix=fix, span=sign_span)
    return None


_GLUED = (
    (re.compile(r"\s*(?:- +)*[\w.\-\"']+(:)(?=[^\s:/])"), "colon", "write `key: value`"),
    (re.compile(r"\s*(-)(?=[^\s-])"), "dash", "write `- item`"),
)


def _no_colon(t: ParserStop, line: int) -> Diagnostic | None:
    text = t.line(line)
    if re.search(r":(\s|$)", text):
        return None
    return t.finding((line, len(text) - len(text.lstrip()) + 1), "this line has no colon", "write `key: value`")


def _key_without_colon(t: ParserStop) -> Diagnostic:
    line = t.start[0]
    finding = missing_space(t.layout, line) or _no_colon(t, line)
    return finding or t.finding(t.start, "a key without its colon begins here", "write `key: value`")


def _unexpected(t: ParserStop) -> Diagnostic:
    """Something that fits neither the map nor the list around it."""
    before, rest = t.line()[: t.at[1] - 1], t.line()[t.at[1] - 1 :]
    if before.strip():
        return _behind_the_value(t, before)
    if re.match(r"-(\s|$)", rest):
        return t.finding(t.at, "this list item fits no list above", "align it with the other items, under their key")
    if re.match(r":(\s|$)", rest):
        return t.finding(t.at, "a key is missing before this colon", "write `key: value`")
    if "collection" in t.message or "'-' indicator" in t.message:
        return t.finding(
            t.at, "a key stands among list items", "begin the line with `- `, or align it with another key"
        )
    return t.finding(t.at, "the indentation of this line fits no line above", "align it with the lines it belongs to")


def _behind_the_value(t: ParserStop, before: str) -> Diagnostic:
    last = before.rstrip()[-1]
    if finding := _quote_above(t):
        return finding
    if last in "\"'":
        double = "double every `'` inside, or use `\"`" if last == "'" else "write `\\\"` inside, or use `'`"
        return t.finding(t.at, "text follows the closing quote", f"quote the whole value; {double}")
    if last in "]}":
        return t.finding(t.at, "text follows the closing bracket", "quote the whole value")
    return t.finding(t.at, "this fits nothing before it in the line", "quote the value")


def _quote_above(t: ParserStop) -> Diagnostic | None:
    """The finding for a quoted text that ends before this place, and start in a line above that does not close it."""
    before = t.line()[: t.at[1] - 1].rstrip()
    quote = before[-1:]
    if quote not in ("'", '"') or before[:-1].count(quote) % 2:
        return None
    for number in range(t.at[0] - 1, 0, -1):
        text = t.line(number)
        if text.count(quote) % 2:
            position = (number, text.rindex(quote) + 1)
            return t.finding(position, "this quote is not closed in its line", f"end the text with `{quote}`")
    return None


def _list_in_line(t: ParserStop) -> Diagnostic:
    return t.finding(
        t.at, "a list cannot begin in the line of its key", "put each `- item` on its own line, or `[a, b]`"
    )


RULES: tuple[tuple[str, SlipRule], ...] = (
    ("tab character|cannot start any token", _tab),
    ("cannot start any token", _first_character),
    ("escape|hexdecimal|hexadecimal|chr\\(\\)", _escape),
    ("quoted scalar", _open_quote),
    ("directive|incompatible YAML", _directive),
    ("scanning (an alias|an anchor|a tag)|parsing a tag|undefined tag|found undefined", _special_start),
    ("<document start>", _second_document),
    ("scanning a block scalar", _block_of_text),
    ("node content", _lone_bracket),
    ("flow (sequence|mapping)", _bracket),
    ("mapping values are not allowed", _colon),
    ("could not find expected ':'", _key_without_colon),
    ("mapping keys are not allowed", _first_character),
    ("sequence entries are not allowed", _list_in_line),
    ("block (mapping|collection|sequence)", _unexpected),
)
