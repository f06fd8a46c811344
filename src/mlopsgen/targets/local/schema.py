"""The JSON schema of plan.json, from the records that read it.

`python -m mlopsgen.targets.local.schema` prints the template that bundles are given: it is written
once and kept, so that a bundle's bytes do not depend on which pydantic compiles it.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from mlopsgen.targets.local.read import adapter


def schema() -> dict[str, Any]:
    """What editors and other programs read plan.json by."""
    made = adapter().json_schema(by_alias=True)
    about = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "plan.json of mlopsgen, for this machine",
    }
    return {**about, **_without_titles({k: v for k, v in made.items() if k != "title"})}


def schema_text() -> str:
    """The schema as its file holds it."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _without_titles(node: Any) -> Any:
    """A title that only repeats its key says nothing."""
    if isinstance(node, dict):
        kept = ((k, v) for k, v in node.items() if not (k == "title" and isinstance(v, str)))
        return {k: _without_titles(v) for k, v in kept}
    return [_without_titles(item) for item in node] if isinstance(node, list) else node


if __name__ == "__main__":
    sys.stdout.write(schema_text())
