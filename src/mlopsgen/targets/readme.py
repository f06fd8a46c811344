"""What a bundle's README takes from a spec."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import TypeAlias

from mlopsgen.plan.steps import Plan
from mlopsgen.spec.options import TargetOptions

Changes: TypeAlias = tuple[Mapping[str, str], ...]
"""What the user changed in the emitted files: the `file`, and the place in it (`at`)."""

_DAY = 86400


def readable(text: str) -> str:
    """Text for a page: characters that hide or reorder what stands beside them are left out."""
    return "".join(c if unicodedata.category(c)[0] != "C" and c not in "\u2028\u2029" else " " for c in text).strip()


def changes(options: TargetOptions, file: str, place: str = "{}") -> Changes:
    """The places that a target's block changes: `file` is the one that steps are in, `place` names a step there."""
    steps = ({"file": file, "at": place.format(readable(step))} for step in options.steps)
    patches = ({"file": readable(patch.file), "at": readable(patch.at)} for patch in options.patches)
    return (*steps, *patches)


def retention_days(plan: Plan) -> int | None:
    """The whole days that runs are kept, rounded up."""
    seconds = plan.governance.retention
    return -(-seconds // _DAY) if seconds else None
