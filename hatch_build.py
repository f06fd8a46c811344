"""Builds the wheel with its templates already turned into Python code; see render/precompiled.py."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PrecompiledTemplates(BuildHookInterface):  # type: ignore[type-arg]
    """Adds `mlopsgen/precompiled/` to the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before files are collected; an editable install reads the templates themselves."""
        if version == "editable":
            return
        root = Path(self.root)
        sys.path.insert(0, str(root / "src"))
        from mlopsgen.render.precompiled import precompile

        self.made = Path(tempfile.mkdtemp(prefix="mlopsgen-precompiled-"))  # nobody else may write there
        precompile(root / "templates", self.made)
        build_data["force_include"][str(self.made)] = "mlopsgen/precompiled"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002  (hatchling names them)
        """Called when the wheel is there."""
        if version != "editable":
            shutil.rmtree(self.made)
