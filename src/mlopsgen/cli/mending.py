"""`mlopsgen check --fix`: the mends that findings offer, made in the spec's file."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from mlopsgen.compile import CompileRequest
from mlopsgen.diagnostics import Diagnostic
from mlopsgen.findings.fixes import Edit, apply_fixes, edits
from mlopsgen.records import dataclass

ROUNDS = 20
"""A mend lets the next stage look, which may offer more; so often at most."""


@dataclass(frozen=True, slots=True)
class Mended:
    """The spec as it is after its mends, and what was changed, each with its place at that time."""

    request: CompileRequest
    edits: tuple[Edit, ...]


def mend(request: CompileRequest, look: Callable[[CompileRequest], Sequence[Diagnostic]]) -> Mended:
    """Makes every mend in memory until no finding offers one, then puts the file in place once."""
    now, seen = request, {request.text}
    edits: list[Edit] = []
    for _ in range(ROUNDS):
        findings = look(now)
        offered = _edits(now, findings)
        text = apply_fixes(now.text.decode(), findings, now.file.name).encode() if offered else now.text
        if text in seen:
            break
        seen.add(text)
        edits += offered
        now = replace(now, text=text)
    if edits:
        put(now.file, now.text)
    return Mended(now, tuple(edits))


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


def _edits(request: CompileRequest, findings: Sequence[Diagnostic]) -> tuple[Edit, ...]:
    try:
        text = request.text.decode()
    except UnicodeDecodeError:
        return ()
    return edits(text, findings, request.file.name)
