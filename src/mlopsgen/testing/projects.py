"""Small projects that together use what a spec can say: what a target is tried with.

Each is a spec and the files that it names. None has a block for a target: the contract adds the
one that the target's own tests give.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlopsgen.records import dataclass

SPEC = "spec.yaml"


@dataclass(frozen=True, slots=True)
class Project:
    """A spec with everything that lies beside it: relative path → content."""

    name: str
    files: Mapping[str, bytes]

    @classmethod
    def read(cls, folder: Path, *, without: tuple[str, ...] = ("build", ".mlopsgen", "__pycache__")) -> Project:
        """The project that lies in a folder, without what was made there."""
        paths = (path for path in sorted(folder.rglob("*")) if path.is_file())
        named = {path.relative_to(folder): path for path in paths}
        return cls(
            folder.name,
            {name.as_posix(): path.read_bytes() for name, path in named.items() if not {*name.parts} & {*without}},
        )

    def lay(self, folder: Path, target: str, options: Mapping[str, Any]) -> Path:
        """Writes the project; its spec gets a block for the target, unless it has blocks already."""
        for name, content in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        spec = folder / SPEC
        if options and b"\ntargets:" not in spec.read_bytes():
            with spec.open("a", encoding="utf-8") as text:
                text.write(f"targets: {json.dumps({target: options})}\n")
        return spec


_ROWS = "id,age,city,paid\n" + "".join(f"c{n},{20 + n},rome,{'yes' if n % 3 else 'no'}\n" for n in range(40))
_SCRIPTS = ("train", "evaluate", "prepare", "clean", "tell")
_SPECS = Path(__file__).parent / "specs"


def _project(name: str, spec: bytes) -> Project:
    scripts = {f"src/{script}.py": b"print('hello')\n" for script in _SCRIPTS}
    return Project(name, {SPEC: spec, "data/rows.csv": _ROWS.encode(), "data/new/rows.csv": b"id\n", **scripts})


PROJECTS: tuple[Project, ...] = tuple(_project(path.stem, path.read_bytes()) for path in sorted(_SPECS.glob("*.yaml")))


_TABLE = "id,age,city,at,weight,churned\n1,30,rome,2026-01-01,1,no\n2,40,oslo,2026-01-02,2,yes\n"
_BESIDE = {
    **{
        f"{folder}/{name}.py": f"print('{folder}')\n"
        for folder in ("src", "lib")
        for name in (*_SCRIPTS, "fetch", "a", "b", "c")
    },
    "data/churn.csv": _TABLE,
    "data/zones.csv": "zone\n1\n",
    "listed.txt": "pandas>=2\n",
    "others.txt": "numpy>=2\n",
}
WHOLE: tuple[Project, ...] = tuple(
    Project(path.stem, {SPEC: path.read_bytes(), **{name: text.encode() for name, text in _BESIDE.items()}})
    for path in sorted((_SPECS / "whole").glob("*.yaml"))
)
"""Specs that together say all that can be said: every field of the language is in one of them."""


def speaking(text: str) -> Project:
    """A project that says this text wherever a spec takes prose or a value."""
    spec = (_SPECS / "speaking.yaml").read_text(encoding="utf-8")
    # `$${` is how a spec spells a literal `${`.
    spelled = json.dumps(text.replace("${", "$${"), ensure_ascii=False)
    return _project("speaking", spec.replace("PROSE", spelled).encode())
