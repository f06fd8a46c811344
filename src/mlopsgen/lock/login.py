"""What Docker on this machine shows a registry: its own file, and the helpers that it names."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_HUB = ("docker.io", "https://index.docker.io/v1/")


def docker_login(registry: str) -> str | None:
    """What follows `Basic` for a registry, or None where nobody has logged in."""
    known = _config()
    for name in (registry, f"https://{registry}", *(_HUB if registry == _HUB[0] else ())):
        helper = _map(known.get("credHelpers")).get(name)
        stored = _map(_map(known.get("auths")).get(name)).get("auth")
        if isinstance(helper, str):
            return _helped(helper, name)
        if isinstance(stored, str) and stored:
            return stored
        if name in _map(known.get("auths")) and isinstance(known.get("credsStore"), str):
            return _helped(known["credsStore"], name)
    return None


def _config() -> Mapping[str, Any]:
    folder = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker")
    try:
        return _map(json.loads((folder / "config.json").read_bytes()))
    except (OSError, ValueError):
        return {}


def _map(found: Any) -> Mapping[str, Any]:
    return found if isinstance(found, Mapping) else {}


def _helped(helper: str, registry: str) -> str | None:
    """What a program like `docker-credential-ecr-login` gives out for a registry."""
    if not re.fullmatch(r"[A-Za-z0-9._-]+", helper):
        return None
    try:
        said = subprocess.run(
            [f"docker-credential-{helper}", "get"], input=registry.encode(), capture_output=True, check=True, timeout=60
        ).stdout
        found = json.loads(said)
        both = f"{found['Username']}:{found['Secret']}"
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError):
        return None
    return base64.b64encode(both.encode()).decode()
