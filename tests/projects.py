"""The examples and the targets that this repository ships, as its own files name them."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = tuple(sorted(spec.parent.name for spec in (ROOT / "examples").glob("*/spec.yaml")))


def _shipped() -> tuple[str, ...]:
    """Targets of this project alone: a plug-in that happens to be installed has its own goldens."""
    said = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return tuple(sorted(said["project"]["entry-points"]["mlopsgen.targets"]))


TARGETS = _shipped()


def spec_of(example: str) -> Path:
    return ROOT / "examples" / example / "spec.yaml"
