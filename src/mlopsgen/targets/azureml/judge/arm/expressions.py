"""Reads the expressions of ARM templates: `[concat(parameters('name'), '-kv')]`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from mlopsgen.targets.azureml.judge.shapes import words

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?)|(?P<name>[A-Za-z_]\w*)|(?P<sign>[()\[\].,]))"
)
DEPTH = 50
FUNCTIONS = words(
    """
    add and array base64 base64tojson base64tostring bool cidrhost cidrsubnet coalesce concat contains copyindex
    createarray createobject datauri datauritostring datetimeadd datetimefromepoch datetimetoepoch deployer
    deployment div empty endswith environment equals extensionresourceid fail false filter first flatten float
    format greater greaterorequals groupby guid if indexfromend indexof int intersection items join json lambda
    lambdavariables last lastindexof length less lessorequals managementgroup managementgroupresourceid map
    mapvalues max min mod mul newguid not null objectkeys or padleft parameters parsecidr pickzones providers range
    reduce reference references replace resourcegroup resourceid shallowmerge skip sort split startswith string sub
    subscription subscriptionresourceid substring take tenant tenantresourceid tologicalzone tologicalzones tolower
    toobject tophysicalzone tophysicalzones toupper trim true tryget tryindexfromend union uniquestring uri
    uricomponent uricomponenttostring utcnow variables
    """
)


class NoExpression(Exception):
    """What stands in the brackets cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A text or number."""

    value: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments, and what is read of its result."""

    name: str
    args: tuple[Term, ...]
    tail: tuple[str, ...] = ()

    @property
    def known(self) -> str:
        """The name as functions are compared: capitals do not count."""
        return self.name.lower()


Term: TypeAlias = Literal | Call


def is_expression(text: str) -> bool:
    """Whether a text is evaluated: in brackets that are not doubled."""
    return text.startswith("[") and text.endswith("]") and not text.startswith("[[")


@lru_cache(maxsize=1024)
def read_expression(text: str) -> Term:
    """What a text in brackets says; raises NoExpression. Remembered, because many rules ask about each."""
    reader = _Reader(text[1:-1])
    term = reader.term(0)
    if reader.word():
        raise NoExpression(f"`{reader.rest()}` follows the end")
    return term


def calls(term: Term) -> Iterator[Call]:
    """Every function in an expression, the outer one first."""
    if isinstance(term, Call):
        yield term
        for argument in term.args:
            yield from calls(argument)


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def rest(self) -> str:
        return self.text[self.at :].strip()[:40]

    def word(self) -> str:
        """The next sign or word without taking it; empty at the end."""
        match = _TOKEN.match(self.text, self.at)
        if match is None and self.text[self.at :].strip():
            raise NoExpression(f"`{self.rest()}` cannot be read: texts stand in single quotes")
        return match[0].strip() if match else ""

    def take(self) -> str:
        match = _TOKEN.match(self.text, self.at)
        word = self.word()
        self.at = match.end() if match else len(self.text)
        return word

    def expect(self, *signs: str) -> str:
        word = self.word()
        if word not in signs:
            raise NoExpression(f"`{' or '.join(signs)}` must stand before `{self.rest() or 'the end'}`")
        return self.take()

    def term(self, depth: int) -> Term:
        if depth > DEPTH:
            raise NoExpression(f"nested deeper than {DEPTH}")
        word = self.take()
        if word.startswith("'") or word.lstrip("-")[:1].isdigit():
            return Literal(word[1:-1].replace("''", "'") if word.startswith("'") else word)
        if not word or not (word[0].isalpha() or word[0] == "_"):
            raise NoExpression(f"a function or a text must stand where `{word or 'it ends'}` does")
        while self.word() == ".":
            self.take()
            word += "." + self.take()
        self.expect("(")
        args: list[Term] = []
        while self.word() != ")":
            args.append(self.term(depth + 1))
            if self.word() != ")":
                self.expect(",")
        self.expect(")")
        return Call(word, tuple(args), self._tail(depth))

    def _tail(self, depth: int) -> tuple[str, ...]:
        """`.name` and `[…]` behind a function."""
        parts: list[str] = []
        while self.word() in (".", "["):
            if self.take() == ".":
                name = self.take()
                if not name or not (name[0].isalpha() or name[0] == "_"):
                    raise NoExpression("a name must stand behind the dot")
                parts.append(name)
            else:
                inside = self.term(depth + 1)
                self.expect("]")
                parts.append(inside.value if isinstance(inside, Literal) else f"{inside.name}()")
        return tuple(parts)
