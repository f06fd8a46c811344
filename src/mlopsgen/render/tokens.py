"""Text whose characters are proved harmless, for files that have no parser to prove anything with."""

from __future__ import annotations

import re
from typing import ClassVar, Self

from mlopsgen.diagnostics import Diagnostic, SpecError


class Token(str):
    """One word that no shell, Dockerfile or Markdown reader takes for anything but itself."""

    __slots__ = ()
    pattern: ClassVar[str] = r"[A-Za-z0-9][A-Za-z0-9._-]*"
    noun: ClassVar[str] = "word"

    def __new__(cls, text: str) -> Self:
        # ASCII alone: look-alike letters and direction marks have no business in a command.
        if not re.fullmatch(cls.pattern, text, re.ASCII):
            raise SpecError([Diagnostic("MG402", f"{text!a} cannot be written as a {cls.noun}")])
        return super().__new__(cls, text)


class Name(Token):
    """A name of ours or of a cloud: letters, digits, dots, dashes, underscores."""

    __slots__ = ()
    noun = "name"


class Identifier(Token):
    """A Python name; Python files print it bare."""

    __slots__ = ()
    pattern = (
        r"(?!(?:False|None|True|and|as|assert|async|await|break|class|continue|def|del|elif|else|except|finally|for|from"
        r"|global|if|import|in|is|lambda|nonlocal|not|or|pass|raise|return|try|while|with|yield)\Z)[A-Za-z_][A-Za-z0-9_]*"
    )
    noun = "Python name"


class RelPath(Token):
    """A path inside the bundle or the image: no spaces, no `..`, no leading slash or dash."""

    __slots__ = ()
    pattern = r"(?!(?:.*/)?\.\.?(?:/|\Z))(?!.*//)[A-Za-z0-9._][A-Za-z0-9._/+-]*"
    noun = "plain relative path"


class Quoted(Token):
    """Any text as a shell takes it for one word: in quotes, unless it is a plain word."""

    __slots__ = ()
    noun = "word of a command line"

    def __new__(cls, text: str) -> Self:
        # Nothing that hides or reorders what stands beside it, as direction marks do.
        if not text or not text.isprintable():
            raise SpecError([Diagnostic("MG402", f"{text!a} cannot be written as a {cls.noun}")])
        plain = re.fullmatch(r"[A-Za-z0-9_./][A-Za-z0-9._/+-]*", text, re.ASCII)
        return str.__new__(cls, text if plain else "'" + text.replace("'", "'\"'\"'") + "'")


class AbsPath(Token):
    """A path inside the image, from its root."""

    __slots__ = ()
    pattern = r"(?!.*/\.\.?(?:/|\Z))(?!.*//)/[A-Za-z0-9._/+-]*"
    noun = "plain absolute path"


class Digest(Token):
    """A sha256 digest: `sha256:` and 64 hexadecimal digits."""

    __slots__ = ()
    pattern = r"sha256:[0-9a-f]{64}"
    noun = "sha256 digest"


class ImageRef(Token):
    """A container image: registry, path, tag, digest."""

    __slots__ = ()
    pattern = (
        r"[a-z0-9][a-z0-9.-]*(?::[0-9]{1,5})?(?:/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*"
        r"(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?"
    )
    noun = "container image"


class Requirement(Token):
    """A line of a requirements file: a name, extras and versions, no options and no URLs."""

    __slots__ = ()
    pattern = (
        r"[A-Za-z0-9][A-Za-z0-9._-]*(?:\[[A-Za-z0-9._,-]+\])?"
        r"(?:(?:===|==|~=|!=|<=|>=|<|>)[A-Za-z0-9.*+!_-]+(?:,(?:==|~=|!=|<=|>=|<|>)[A-Za-z0-9.*+!_-]+)*)?"
    )
    noun = "requirement"
