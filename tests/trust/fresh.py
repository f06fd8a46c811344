"""Compiles specs in a process of its own: what came out, file by file, and what was loaded for it.

`python fresh.py <umask> <spec>…` prints JSON: {"files": {"<target>/<example>/<file>": sha256}, "modules": […]}.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
import sys
import time
from pathlib import Path


def no_network(*_: object, **__: object) -> None:
    """Nothing is asked of anybody while a spec is compiled."""
    raise AssertionError("compile reached for the network")


def main(umask: str, *specs: str) -> None:
    """Compiles every spec for every target that it has a block for, and for this machine."""
    os.umask(int(umask, 8))
    socket.socket.connect = no_network  # type: ignore[method-assign]
    # Another day, since nothing of it may be written.
    offset = float(os.environ.get("FRESH_OFFSET", "0"))
    real = time.time
    time.time = lambda: real() + offset
    from mlopsgen.compile import CompileRequest, compile_spec, resolve_targets

    files = {}
    for name in specs:
        request = CompileRequest(
            Path(name), Path(name).read_bytes(), env=os.environ.get("FRESH_ENV"), allow=frozenset({"MG302"})
        )
        for target in resolve_targets(request, ("all",)):
            for path, content in compile_spec(request, target).bundle.files.items():
                key = f"{target}/{Path(name).resolve().parent.name}/{path}"
                files[key] = hashlib.sha256(content).hexdigest()
    sys.stdout.write(json.dumps({"files": files, "modules": sorted(sys.modules)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
