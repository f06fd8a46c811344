"""Whether the very same model is registered already: a run of which nothing has changed adds no version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .platforms.api import Recalling, Writable

_MADE_FROM = ("code_digest", "data_digest", "data_version")


def twin_of(registry: Writable, about: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The newest version of another run with the same model, code and data, whose gates said the same."""
    if not isinstance(registry, Recalling) or not about["lineage"].get("code_digest"):
        return None
    twins = [one for one in registry.abouts() if _is_twin(one, about)]
    return twins[-1] if twins else None


def _is_twin(one: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    lineage, mine = one.get("lineage") or {}, new["lineage"]
    # An earlier try of the same run is the registry's own affair: it may still have to become the champion.
    if lineage.get("run") and lineage["run"] == mine.get("run"):
        return False
    same = one.get("model_digest") == new["model_digest"] and all(lineage.get(k) == mine.get(k) for k in _MADE_FROM)
    judged = (one.get("gate") or {}).get("passed", True) == new["gate"].get("passed", True)
    # Nobody has to approve what is registered now: a version that waits for a person is another matter.
    return same and judged and not (one.get("status") == "pending" and new["status"] == "approved")


def said_of(twin: Mapping[str, Any], champion: str | None) -> str:
    """What the version is, for who reads the log of the run."""
    if str(twin["version"]) == champion:
        return "the champion"
    gates_held = (twin.get("gate") or {}).get("passed", True)
    match twin.get("status"):
        case "approved":
            return "which was approved before: approve it again to have it back"
        case "pending":
            return "which waits for approval"
        case _ if gates_held:
            return "which a person has rejected: change the code or the data"
        case _:
            return "whose gates did not hold either"
