"""Which file of the bundle is printed by which template."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from mlopsgen.render.job import Copy, FileJob
from mlopsgen.render.tokens import Name, RelPath
from mlopsgen.targets.image import image_files
from mlopsgen.targets.local.lower import LocalNative
from mlopsgen.targets.local.registration import CARD
from mlopsgen.targets.readme import readable
from mlopsgen.targets.template_values import plain


def layout(native: LocalNative) -> tuple[FileJob | Copy, ...]:
    """Every file of the bundle."""
    return (
        FileJob(path="plan.json", template="plan.json.j2", values={"plan": document(native)}),
        FileJob(path="plan.schema.json", template="plan.schema.json.j2", values={}),
        FileJob(path="README.md", template="README.md.j2", values=_guide(native)),
        *_card(native),
        *image_files(native.image),
    )


def document(native: LocalNative) -> dict[str, Any]:
    """plan.json as plain data, key by key."""
    document: dict[str, Any] = plain(native.plan)
    document["schema"] = document.pop("schema_")
    document["deployments"] = [{"name": name, **one} for name, one in document["deployments"].items()]
    return document


def _card(native: LocalNative) -> Iterator[Copy]:
    if native.card:
        yield Copy(CARD, (json.dumps(dict(native.card), indent=2, ensure_ascii=False) + "\n").encode())


def _guide(native: LocalNative) -> dict[str, Any]:
    plan = native.plan
    return {
        "name": Name(plan.name),
        "environment": Name(native.environment) if native.environment else None,
        "description": readable(plan.description),
        "card": bool(native.card),
        "built": native.image.prebuilt is None,
        "runs": RelPath(plan.places.runs),
        "registry": RelPath(plan.places.registry),
        "patched": native.patched,
        "waits": native.waits,
        "batches": tuple(Name(name) for name, one in plan.deployments.items() if one.mode == "batch"),
        "servers": tuple(Name(name) for name, one in plan.deployments.items() if one.mode == "real-time"),
        "steps": [{"name": Name(step.name), "kind": Name(step.kind)} for step in plan.steps],
    }
