"""What a plain, unquoted value means: YAML 1.2's scalars, minus all that another reader would read otherwise."""

from __future__ import annotations

import math
import re

from mlopsgen.records import dataclass
from mlopsgen.source.tree import Scalar


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a plain value is refused, and what to write instead."""

    code: str
    reason: str
    hint: str
    quote: bool = True


@dataclass(frozen=True, slots=True)
class _Look:
    """Plain values of one look that YAML 1.1 and 1.2, or a person, take for different things."""

    shape: re.Pattern[str]
    reason: str
    instead: str = ""


def _look(shape: str, reason: str, instead: str = "") -> _Look:
    return _Look(re.compile(shape, re.ASCII), reason, instead)


_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)", re.ASCII)
_FLOAT = re.compile(r"[-+]?(0?\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
_LONGEST_INTEGER = 20

_BOOLEAN = "is a boolean to some YAML readers and text to others"
_NUMBER = "is a number to some YAML readers and text to others"
_NOTHING = "is nothing to some YAML readers and text to others"
_DATE = "is a date to some YAML readers and text to others"

_AMBIGUOUS = (
    _look("(?i:true|yes|on|y)", _BOOLEAN, "for the boolean write `true`"),
    _look("(?i:false|no|off|n)", _BOOLEAN, "for the boolean write `false`"),
    _look("(?i:null)", _NOTHING, "for nothing write `null`"),
    _look(r"(?i:[-+]?\.inf|\.nan)", _NUMBER, "a number in a spec is finite"),
    _look(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?", "is a number in base 60 to some YAML readers"),
    _look(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt\s][0-9:.+\-Zz\s]*)?", _DATE),
    _look("(?i:[-+]?0(x[0-9a-f_]+|o[0-7_]+|b[01_]+))", _NUMBER, "for the number write it in base ten"),
    _look(r"[-+]?0[0-9_]+(\.[0-9_]*)?([eE][-+]?[0-9]+)?", _NUMBER, "for the number leave out the leading zeros"),
    _look(r"[-+]?[0-9][0-9_]*(\.[0-9_]*)?([eE][-+]?[0-9]+)?", _NUMBER, "for the number leave out the `_`"),
    _look("=|<<", "has a meaning of its own to some YAML readers"),
)


def read_scalar(text: str) -> Scalar | Doubt:
    """The value of a plain scalar, or the reason why it must be quoted."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789":
        return _ambiguous(text) if len(text) <= 5 else text
    if _INTEGER.fullmatch(text):
        return _integer(text)
    if _FLOAT.fullmatch(text):
        return _float(text)
    return _ambiguous(text)


def _integer(text: str) -> int | Doubt:
    # Python itself refuses to read thousands of digits; sixty-four bits are what every format can hold.
    if len(text) <= _LONGEST_INTEGER and -(2**63) <= (value := int(text)) < 2**63:
        return value
    return Doubt("MG106", "does not fit in 64 bits", "quote it when it is a name, not a number", quote=False)


def _float(text: str) -> float | Doubt:
    value = float(text)
    if math.isinf(value):
        return Doubt("MG106", "is larger than any number a computer holds", "write a smaller number", quote=False)
    if value == 0 and re.search("[1-9]", re.split("[eE]", text)[0]):
        return Doubt("MG106", "is so small that it reads as zero", "write 0, or a larger number", quote=False)
    return value


def _ambiguous(text: str) -> str | Doubt:
    for look in _AMBIGUOUS:
        if look.shape.fullmatch(text):
            quoted = f'quote it: `"{text}"`'
            return Doubt("MG103", look.reason, f"{quoted}; {look.instead}" if look.instead else quoted)
    return text
