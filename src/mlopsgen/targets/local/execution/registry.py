"""Reads the registry of this machine: folders that the runtime's `register` writes.

<registry>/<model>/versions/<n>/ holds model/ and version.json; champion.json names the version in use.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mlopsgen.records import dataclass
from mlopsgen.targets.local.execution.folders import read_json

CHAMPION = "champion"


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

    def of_run(self, run: str) -> Iterator[Path]:
        """The versions that a run added."""
        for folder in sorted(self.folder.glob("versions/*")):
            about = read_json(folder / "version.json") or {}
            if (about.get("lineage") or {}).get("run") == run:
                yield folder

    def holds(self, run: str) -> bool:
        """Whether a run's version is there whole: it became the champion where that was asked for."""
        champion = self.champion()
        for folder in self.of_run(run):
            approved = (read_json(folder / "version.json") or {}).get("status") == "approved"
            return not approved or (champion is not None and int(champion) >= int(folder.name))
        return False
