"""Puts a lock on disk: the old file or the new one, whole."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from mlopsgen.diagnostics import Diagnostic, SpecError


def replace_file(path: Path, content: bytes) -> None:
    """The file with its new content, or untouched and a SpecError MG410."""
    try:
        handle, new = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            # mkstemp's file is for its owner alone; this one is committed and read by others.
            Path(new).chmod(0o666 & ~_umask())
            os.replace(new, path)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(new).unlink()
            raise
    except OSError as problem:
        said = f"{path} cannot be written: {problem.strerror or problem}"
        raise SpecError([Diagnostic("MG410", said, hint="what was there is untouched")]) from problem


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
