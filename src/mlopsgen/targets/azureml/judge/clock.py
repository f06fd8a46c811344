"""Reads the cron of Azure Machine Learning's schedules: five fields, of which two are not read."""

from __future__ import annotations

import re
from collections.abc import Iterator

_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day of the month", 1, 31), ("month", 1, 12), ("day of the week", 0, 6))
_PART = re.compile(r"(?P<from>\*|\d+|[a-z]{3})(?:-(?P<to>\d+|[a-z]{3}))?(?:/(?P<step>\d+))?", re.ASCII | re.IGNORECASE)


def problems(expression: str) -> Iterator[str]:
    """What is wrong with a cron expression."""
    fields = expression.split()
    if len(fields) != len(_FIELDS):
        yield f"cron takes five fields: minute, hour, day of the month, month, day of the week; these are {len(fields)}"
        return
    for text, (name, least, most) in zip(fields, _FIELDS, strict=True):
        for part in text.split(","):
            wrong = _part(part, name, least, most)
            if wrong is not None:
                yield wrong
    for text, (name, *_) in zip(fields[2:4], _FIELDS[2:4], strict=True):
        if text != "*":
            yield f"the service does not read the {name}: `{text}` would mean `*`"


def _part(text: str, name: str, least: int, most: int) -> str | None:
    found = _PART.fullmatch(text)
    if found is None or (found["from"] == "*" and found["to"]):
        return f"`{text}` is no {name}"
    ends = [_number(end, name) for end in (found["from"], found["to"]) if end not in (None, "*")]
    if any(end is None or not least <= end <= most for end in ends):
        return f"`{text}` is no {name}: {least} to {most}"
    if len(ends) == 2 and (ends[0] or 0) > (ends[1] or 0):
        return f"`{text}` goes backwards"
    return f"`{text}` never comes" if found["step"] is not None and int(found["step"]) == 0 else None


def _number(text: str, name: str) -> int | None:
    if text.isdecimal():
        return int(text)
    return _DAYS.index(text.lower()) if name == "day of the week" and text.lower() in _DAYS else None
