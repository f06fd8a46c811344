"""Names the user's own files where a traceback names their copies in the bundle."""

from __future__ import annotations

import os
import re
from pathlib import Path


def with_originals(text: str, app: Path, root: Path) -> str:
    """A text in which files of the application folder are the project's own, where those say the same."""

    def original(match: re.Match[str]) -> str:
        file = _original(match[1], app, root)
        return match[0] if file is None else os.path.relpath(file)

    return re.sub(rf"{re.escape(str(app))}/([^\"'\n:]+\.py)", original, text)


def _original(path: str, app: Path, root: Path) -> Path | None:
    copy = app / path
    folders = (root, *sorted(one for one in root.iterdir() if one.is_dir() and not one.name.startswith(".")))
    for file in (folder / path for folder in folders):
        if file != copy and file.is_file() and copy.is_file() and file.read_bytes() == copy.read_bytes():
            return file
    return None
