"""Templates that were turned into Python code when the package was built: that takes most of a compile's time.

They are found by the digest of name, text and Jinja's version, so a stale one is never taken, and
only in the package's own folder: code from a folder that others can write would be theirs to run.
"""

from __future__ import annotations

import hashlib
from importlib.machinery import SourceFileLoader
from types import CodeType

from jinja2 import __version__ as jinja_version

from mlopsgen.resources import PRECOMPILED


def precompiled(source: str, name: str | None) -> CodeType | None:
    """The code of a template, if it came with the package."""
    if name is None:
        return None
    path = PRECOMPILED / precompiled_name(source, name)
    if not path.is_file():
        return None
    # Python's own loader keeps the compiled form beside the file, where pip puts it too.
    code: CodeType | None = SourceFileLoader(path.stem, str(path)).get_code(path.stem)
    return code


def precompiled_name(source: str, name: str) -> str:
    """The file that holds a template's code."""
    digest = hashlib.sha256(f"{jinja_version}\0{name}\0{source}".encode()).hexdigest()
    return f"t_{digest[:32]}.py"
