"""OpenTofu on folders of this machine: it finds its providers in a mirror, and asks no network."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.judges import ABSENT, binary
from tools import provider_schemas

VERSIONS = {
    "6": {"google": "6.50.0", "google-beta": "6.50.0", "time": "0.13.1"},
    "8": {"google": "8.7.0", "google-beta": "8.7.0", "time": "0.14.2"},
}
"""What there is, by the major version of the google provider."""


@dataclass(frozen=True, slots=True)
class Tofu:
    """OpenTofu with the providers of one mirror."""

    program: Path
    settings: Path

    def run(self, folder: Path, *words: str) -> tuple[int, str]:
        """The exit code, and all that was said."""
        command = [str(self.program), words[0], "-no-color", *words[1:]]
        done = subprocess.run(
            command,
            cwd=folder,
            env=_environment(self.settings),
            capture_output=True,
            encoding="utf-8",
            timeout=300,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    def validated(self, folder: Path) -> Sequence[str]:
        """What is wrong with a folder that was initialised."""
        code, said = self.run(folder, "validate", "-json")
        found = json.loads(said)
        assert found["valid"] == (code == 0), said
        return [_sentence(one) for one in found["diagnostics"] if one["severity"] == "error"]


def _environment(settings: Path) -> dict[str, str]:
    """Nothing of whoever asks: no settings of theirs, no variables, no look for a newer version."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TF_", "TOFU_"))}
    return {**kept, "TF_CLI_CONFIG_FILE": str(settings), "CHECKPOINT_DISABLE": "1"}


def _sentence(diagnostic: Any) -> str:
    place = (diagnostic.get("range") or {}).get("filename", "")
    return f"{place}: {diagnostic['summary']}: {diagnostic.get('detail', '')}"


def tofu(major: str, into: Path) -> Tofu:
    """OpenTofu with the providers of one major version; the test is skipped where they were never made."""
    program, provider, schemas = binary("tofu"), binary("provider"), provider_schemas.folder()
    settings = into / "tofurc"
    mirror = json.dumps(str(into / "mirror"))
    settings.write_text(f"provider_installation {{\n  filesystem_mirror {{ path = {mirror} }}\n}}\n")
    found = Tofu(program, settings)
    platform = json.loads(found.run(into, "version", "-json")[1])["platform"]
    for name, version in VERSIONS[major].items():
        schema = schemas / f"{name}-{version}.json"
        if not schema.is_file():
            pytest.skip(f"the judge `schemas` {ABSENT}")
        place = into / f"mirror/registry.opentofu.org/hashicorp/{name}/{version}/{platform}"
        place.mkdir(parents=True)
        # A file of its own: it looks for the schema beside itself, and a link would be followed.
        shutil.copy(provider, place / f"terraform-provider-{name}_v{version}")
        (place / "schema.json").symlink_to(schema)
    return found
