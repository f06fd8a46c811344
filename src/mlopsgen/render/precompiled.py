"""The trees of templates: those that came with the package, and read where there are none.

They are found by the digest of a template's text, so a stale one is never taken, and only in the package's own
folder: code from a folder that others can write would be theirs to run.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any

from mlopsgen.render.tree import Body
from mlopsgen.resources import PRECOMPILED

_FORMAT = 1
"""Changes when trees do."""


@lru_cache(maxsize=64)
def template_tree(text: str, name: str) -> Body:
    """The tree of a template: the one that came with the package if it was made from this very text."""
    path = PRECOMPILED / _file_name(text)
    if not path.is_file():
        from mlopsgen.render.reading import read_template

        return read_template(text, name)
    # Python's own loader keeps the compiled form beside the file, where pip puts it too.
    code: Any = SourceFileLoader(path.stem, str(path)).get_code(path.stem)
    module: dict[str, Body] = {}
    exec(code, module)  # noqa: S102 — a module of our own package
    return module["TREE"]


def precompile(templates: Path, out: Path) -> int:
    """Writes the tree of every template under a folder; how many there were."""
    from mlopsgen.render.reading import read_template

    out.mkdir(parents=True, exist_ok=True)
    paths = sorted(templates.rglob("*.j2"))
    for path in paths:
        text = path.read_text(encoding="utf-8")
        tree = read_template(text, path.relative_to(templates).as_posix())
        (out / _file_name(text)).write_text(f"TREE = {tree!r}\n", encoding="utf-8")
    return len(paths)


def _file_name(text: str) -> str:
    digest = hashlib.sha256(f"{_FORMAT}\0{text}".encode()).hexdigest()
    return f"t_{digest[:32]}.py"
