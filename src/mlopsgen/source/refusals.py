"""Findings about what YAML can say and a spec cannot: one function for each, in the reader's words.

`spec_path` is relative to the map or list that is open; the reader puts the path to it before.
"""

from __future__ import annotations

import re

import yaml

from mlopsgen.credentials import mask
from mlopsgen.diagnostics import Diagnostic, Fix, On, Severity, Span, SpecPath
from mlopsgen.source.characters import character_name
from mlopsgen.source.layout import Layout
from mlopsgen.source.scalars import Doubt
from mlopsgen.source.syntax import missing_space

DEEPEST = 64
MOST_NODES = 100_000
MOST_FINDINGS = 100


# What may stand before a value: `&anchor` and `!tag`, in any order.
_PROPERTY = re.compile(r"(!<[^\s>]*>|[&!][^\s,\[\]{}]*)\s*")


def properties(event: yaml.NodeEvent, layout: Layout) -> tuple[list[Diagnostic], Span]:
    """A finding for each anchor and tag before a value, and where the value itself begins."""
    findings = []
    span = layout.span(event)
    while event.anchor is not None or getattr(event, "tag", None) is not None:
        written = layout.cut(span)
        if not (match := _PROPERTY.match(written)):
            break
        findings.append(_property(match[1], layout.point(span.line, span.column, len(match[1]))))
        behind = match[0].count("\n")
        column = len(match[0]) - match[0].rfind("\n") if behind else span.column + len(match[0])
        span = layout.stretch(span.line + behind, column, written[match.end() :])
    return findings, span


def _property(written: str, span: Span) -> Diagnostic:
    kind = "an anchor" if written[0] == "&" else "a tag"
    hint = f"remove it; quote text that begins with `{written[0]}`"
    return _refuse(f"`{_short(written)}` is {kind}, which a spec cannot use", hint, span)


def alias(name: str | None, span: Span) -> Diagnostic:
    """`*name`, which stands for another part of the text."""
    hint = f'write the value out; if it is text, quote it: `"*{name}"`'
    return _refuse(f"`*{name}` is an alias, which a spec cannot use", hint, span)


def merge_key(span: Span) -> Diagnostic:
    """`<<: …`, which copies fields from elsewhere."""
    return _refuse(
        "`<<` merges maps, which a spec cannot do", "write the fields out", span, spec_path=("<<",), on=On.KEY
    )


def directive(span: Span) -> Diagnostic:
    """A line such as `%YAML 1.1`."""
    return _refuse("a `%` directive cannot be used", "remove the line", span)


def second_document(span: Span) -> Diagnostic:
    """A `---` behind the first document."""
    return _refuse("a second document begins here", "a spec is one document: remove this `---`", span)


def key_of_parts(span: Span) -> Diagnostic:
    """`{a: 1}: …` or `[a]: …`."""
    hint = "keys are plain names; quote a value that begins with `{` or `[`"
    return _refuse("a map or list stands where a key belongs", hint, span)


def _refuse(message: str, hint: str, span: Span, spec_path: SpecPath = (), on: On = On.VALUE) -> Diagnostic:
    return Diagnostic("MG102", message, spec_path, hint, on=on, span=span)


def empty_key(span: Span) -> Diagnostic:
    """A colon without a name before it."""
    return Diagnostic("MG101", "a key without a name", hint="write `key: value`", span=span)


def written_twice(key: str, first: Span, span: Span) -> Diagnostic:
    """A key that its map has already."""
    hint = f"it stands in line {first.line} already: keep one of the two"
    return Diagnostic("MG107", f"`{_short(key)}` is written twice", (key,), hint, on=On.KEY, span=span)


def hidden_character(name: str, span: Span) -> Diagnostic:
    """An escape for a control or direction character."""
    hint = "remove the escape: such a character does not survive shells and consoles"
    return Diagnostic("MG109", f"the escape for {name} cannot be part of a spec", hint=hint, span=span)


def odd_indentation(layout: Layout) -> Diagnostic | None:
    """A line that is indented by blanks that are none to YAML, such as the no-break spaces of a web page."""
    blank = re.search(r"(?m)^[ ]*(?!\t)([^\S \n\r])", layout.text)
    if blank is None:
        return None
    line, column = layout.position(blank.start(1))
    name = character_name(blank[1])
    hint = "indent with ordinary spaces; text pasted from a page often has others"
    return Diagnostic("MG109", f"{name} is no indentation", hint=hint, span=layout.point(line, column))


def doubt(text: str, why: Doubt, span: Span) -> Diagnostic:
    """A plain value that means different things to different readers."""
    fix = Fix(f'"{text}"', span=span) if why.quote else None
    return Diagnostic(why.code, f"`{_short(text)}` {why.reason}", hint=why.hint, fix=fix, span=span)


def _short(text: str) -> str:
    # Before it is cut, since half a secret has no form to be known by.
    text = mask(text)
    return text if len(text) <= 40 else f"{text[:40]}…"


def credential(kind: str, span: Span) -> Diagnostic:
    """A pasted secret, named by its kind and never by its value."""
    hint = "revoke it, since it was written down; then name a secret: `secrets: {ENV_NAME: secret-name}`"
    return Diagnostic("MG115", f"this looks like {kind}", hint=hint, span=span)


def too_deep(span: Span) -> Diagnostic:
    """Maps and lists nested beyond the limit."""
    return Diagnostic("MG108", f"nested deeper than {DEEPEST} levels", hint="a spec needs a dozen at most", span=span)


def too_many(span: Span) -> Diagnostic:
    """More values than any spec has."""
    hint = "keep data out of the spec and name it by path"
    return Diagnostic("MG108", f"more than {MOST_NODES:,} values", hint=hint, span=span)


def too_wrong(span: Span) -> Diagnostic:
    """The last finding of a text in which nearly all is wrong."""
    message = f"more than {MOST_FINDINGS} findings: the others show when these are mended"
    return Diagnostic("MG108", message, severity=Severity.NOTE, span=span)


def no_map(layout: Layout, line: int, column: int) -> Diagnostic:
    """A file that is one text or one list."""
    if finding := missing_space(layout, line):
        return finding
    hint = "begin with `apiVersion: mlopsgen/v1`"
    return Diagnostic("MG106", "a spec is a map of `key: value` lines", hint=hint, span=layout.point(line, column))


def glued(key: str, span: Span) -> Diagnostic:
    """`{a:1}`, which YAML reads as a key `a:1` without a value."""
    short, value = key.split(":", 1)
    fix = Fix(f"{short}: {value}", On.KEY, span=span)
    message = "a space is missing after this colon"
    colon = Span(span.file, span.line, span.column + len(short), span.line, span.column + len(short) + 1)
    return Diagnostic("MG101", message, hint=f"write `{_short(f'{short}: {value}')}`", fix=fix, on=On.KEY, span=colon)


def empty(file: str) -> Diagnostic:
    """A file that says nothing."""
    hint = "`mlopsgen init` writes a first spec"
    return Diagnostic("MG101", "the file is empty", hint=hint, span=Span(file, 1, 1, 1, 1))
