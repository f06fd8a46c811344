"""The specs that are compiled to measure it: the flagship, many like it, and chains of steps."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import yaml

FLAGSHIP = Path(__file__).resolve().parents[1] / "examples/schedule-adherence/spec.yaml"


def copies(folder: Path, count: int) -> list[str]:
    """So many products like the flagship, each of its own name."""
    text = FLAGSHIP.read_text(encoding="utf-8")
    for number in range(count):
        shutil.copytree(FLAGSHIP.parent, folder / f"{number}", ignore=shutil.ignore_patterns("build", "__pycache__"))
        spec = text.replace("name: schedule-adherence", f"name: schedule-{number}", 1)
        (folder / f"{number}/spec.yaml").write_text(spec, encoding="utf-8")
    return [str(folder / f"{number}/spec.yaml") for number in range(count)]


def chain(folder: Path, count: int, target: str) -> Path:
    """A spec with so many steps of its own, each reading from the one before; account facts are the flagship's."""
    folder.mkdir()
    (folder / "step.py").write_text("")
    lines = ["apiVersion: mlopsgen/v1", "name: many", "steps:"]
    for number in range(count):
        inputs = f", inputs: {{before: s{number - 1}.after}}" if number else ""
        lines += [f"  s{number}: {{run: step.py, outputs: {{after: dataset}}{inputs}}}"]
    flagship: dict[str, Any] = yaml.safe_load(FLAGSHIP.read_text(encoding="utf-8"))
    block = flagship["targets"].get(target)
    lines += [f"targets: {json.dumps({target: block})}"] if block else []
    spec = folder / "spec.yaml"
    spec.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return spec
