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
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("TF_", "TOFU_"))},
            "TF_CLI_CONFIG_FILE": str(self.settings),
            "CHECKPOINT_DISABLE": "1",
        }
        command = [str(self.program), *words, "-no-color"]
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", timeout=300, check=False
        )
        return done.returncode, done.stdout + done.stderr

    def validated(self, folder: Path) -> Sequence[str]:
        """What is wrong with a folder that was initialised."""
        code, said = self.run(folder, "validate", "-json")
        found = json.loads(said)
        assert found["valid"] == (code == 0), said
        return [_sentence(one) for one in found["diagnostics"] if one["severity"] == "error"]


def _sentence(diagnostic: Any) -> str:
    place = (diagnostic.get("range") or {}).get("filename", "")
    return f"{place}: {diagnostic['summary']}: {diagnostic.get('detail', '')}"


def tofu(major: str, into: Path) -> Tofu:
    """OpenTofu with the providers of one major version; the test is skipped where they were never made."""
    program, provider, schemas = binary("tofu"), binary("provider"), provider_schemas.folder()
    for name, version in VERSIONS[major].items():
        schema = schemas / f"{name}-{version}.json"
        if not schema.is_file():
            pytest.skip(f"the judge `schemas` {ABSENT}")
        _, system, machine = into, *_platform(program)
        place = into / f"mirror/registry.opentofu.org/hashicorp/{name}/{version}/{system}_{machine}"
        place.mkdir(parents=True)
        # Its own file: it looks for the schema beside itself, and a link would be followed.
        shutil.copy(provider, place / f"terraform-provider-{name}_v{version}")
        (place / "schema.json").symlink_to(schema)
    settings = into / "tofurc"
    mirror = json.dumps(str(into / "mirror"))
    settings.write_text(f"provider_installation {{\n  filesystem_mirror {{ path = {mirror} }}\n}}\n")
    return Tofu(program, settings)


def _platform(program: Path) -> tuple[str, str]:
    """As Go calls this machine."""
    said = subprocess.run([str(program), "version", "-json"], capture_output=True, encoding="utf-8", check=True).stdout
    system, machine = json.loads(said)["platform"].split("_")
    return system, machine
