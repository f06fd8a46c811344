"""`mlopsgen check --fix`: the mends that findings offer, made in the spec's file."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from mlopsgen.compile import Asked
from mlopsgen.diagnostics import Diagnostic
from mlopsgen.findings import Edit, apply_fixes, edits
from mlopsgen.records import dataclass

ROUNDS = 20
"""A mend lets the next stage look, which may offer more; so often at most."""


@dataclass(frozen=True, slots=True)
class Mended:
    """The spec as it is after its mends, and what was changed, each with its place at that time."""

    asked: Asked
    edits: tuple[Edit, ...]


def mend(asked: Asked, look: Callable[[Asked], Sequence[Diagnostic]]) -> Mended:
    """Makes every mend in memory until no finding offers one, then puts the file in place once."""
    now, seen = asked, {asked.text}
    made: list[Edit] = []
    for _ in range(ROUNDS):
        found = look(now)
        offered = _edits(now, found)
        text = apply_fixes(now.text.decode(), found, now.file.name).encode() if offered else now.text
        if text in seen:
            break
        seen.add(text)
        made += offered
        now = replace(now, text=text)
    if made:
        put(now.file, now.text)
    return Mended(now, tuple(made))


def put(file: Path, content: bytes) -> None:
    """The file holds the old content or the new one, whole; a link keeps leading where it led."""
    real = Path(os.path.realpath(file))
    handle, name = tempfile.mkstemp(prefix=f".{real.name}.", dir=real.parent)
    new = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        shutil.copymode(real, new)
        new.replace(real)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def _edits(asked: Asked, found: Sequence[Diagnostic]) -> tuple[Edit, ...]:
    try:
        text = asked.text.decode()
    except UnicodeDecodeError:
        return ()
    return edits(text, found, asked.file.name)
