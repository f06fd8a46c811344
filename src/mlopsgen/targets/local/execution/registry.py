"""Reads the registry of this machine: folders that the runtime's `register` writes.

<registry>/<model>/versions/<n>/ holds model/ and version.json; champion.json names the version in use.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from mlopsgen.records import dataclass
from mlopsgen.targets.local.execution.folders import read_json

CHAMPION = "champion"


@dataclass(frozen=True, slots=True, order=True)
class Request:
    """A version that somebody wants live, and since when."""

    at: float = 0.0
    version: int = 0


@dataclass(frozen=True, slots=True)
class Model:
    """Every registered version of one model."""

    folder: Path

    def champion(self) -> str | None:
        """The version in use."""
        version = (read_json(self.folder / "champion.json") or {}).get("version")
        return None if version is None else str(version)

    def files(self, version: str) -> Path | None:
        """The model files of a version, or of the champion; None when there is no such version."""
        version_name = self.champion() if version == CHAMPION else version
        folder = self.folder / "versions" / str(version_name) / "model"
        return folder if version_name is not None and folder.is_dir() else None

    def numbers(self) -> tuple[str, ...]:
        """Every version, the oldest first."""
        return tuple(sorted((p.name for p in self.folder.glob("versions/*") if p.name.isdecimal()), key=int))

    def about(self, version: str) -> Mapping[str, Any]:
        """What version.json says; nothing where there is no such version."""
        # A version is a number: nothing that leads out of the folder is one.
        name = version if version.isdecimal() else "-"
        return read_json(self.folder / "versions" / name / "version.json") or {}

    def approved(self) -> tuple[str, ...]:
        """The approved versions, the oldest first."""
        return tuple(number for number in self.numbers() if self.about(number).get("status") == "approved")

    def of_run(self, run: str) -> Iterator[Path]:
        """The versions that a run added."""
        for folder in sorted(self.folder.glob("versions/*")):
            about = read_json(folder / "version.json") or {}
            if (about.get("lineage") or {}).get("run") == run:
                yield folder

    def holds(self, run: str, *, rolled_out: bool) -> bool:
        """Whether a run's version is there whole: it became the champion where its approval makes it that."""
        champion = self.champion()
        for folder in self.of_run(run):
            approved = (read_json(folder / "version.json") or {}).get("status") == "approved"
            return rolled_out or not approved or (champion is not None and int(champion) >= int(folder.name))
        return False


def approvals(model: Model) -> list[Request]:
    """The approved versions, each with the time of its last approval."""
    about = {version: model.about(version) for version in model.approved()}
    return [Request(_seconds(one.get("approved_at") or one.get("registered_at")), int(v)) for v, one in about.items()]


def _seconds(text: object) -> float:
    try:
        return datetime.fromisoformat(str(text)).timestamp()
    except ValueError:
        return 0.0
