"""Serves a model over HTTP, in the protocols of every platform at once (`app` lists the routes).

serve --model=DIR [--predict=FILE] [--contract=FILE] [--task=classification|regression] [--name=NAME] [--version=V]
      [--host=127.0.0.1] [--port=8080] [--predict-route=PATH] [--health-route=PATH]
      [--timeout=SECONDS] [--max-bytes=N] [--concurrent=N] [--grace=SECONDS]

--predict is a script with `load(model_dir)` and `predict(model, records)`; without it the formats that the built-in
evaluation reads are served. Several threads call `predict` at once: --concurrent=1 where it must not be so. The
contract is the image's own unless --contract names another. Only --host=0.0.0.0 lets other machines in. A request
that takes too long is answered with 504, one that is too large with 413, one too many with 429. At SIGTERM those in
work have --grace seconds to end.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from ..contract import Contract, read_contract
from ..flags import Flags, number, read_flags
from ..problems import Usage

SINGLE = (
    *("model", "predict", "contract", "task", "name", "version", "host", "port"),
    *("predict-route", "health-route", "timeout", "max-bytes", "concurrent", "grace"),
)
CONTRACT = Path("mlopsgen_config/contract.json")
"""Where an image has it."""
TASKS = ("classification", "regression")


def run(argv: Sequence[str]) -> int:
    """Loads the model, asks it once, and answers until it is told to stop."""
    flags = read_flags("serve", argv, single=SINGLE)
    model = flags.folder("model")
    # Here: `--help` needs none of the libraries.
    from . import app, limits, scorer, server, service

    server.heed_signals()
    routes = app.Routes(predict=_route(flags, "predict-route"), health=_route(flags, "health-route"))
    if routes.predict is not None and routes.predict == routes.health:
        raise Usage("--predict-route and --health-route are the same")
    default = limits.Limits()
    bounds = limits.Limits(
        timeout=_seconds(flags, default.timeout),
        max_bytes=flags.count("max-bytes", default.max_bytes),
        concurrent=flags.count("concurrent", default.concurrent),
        grace=flags.count("grace", default.grace),
    )
    port, name = _port(flags), _word(flags, "name") or "model"
    loaded = scorer.open_scorer(
        model,
        Path(script) if (script := flags.maybe("predict")) else None,
        contract=_contract(flags),
        task=flags.choice("task", TASKS) if flags.maybe("task") else None,
        version=_word(flags, "version"),
    )
    named = service.warm(loaded, name)
    return server.serve(named, flags.maybe("host") or "127.0.0.1", port, bounds, routes)


def _contract(flags: Flags) -> Contract | None:
    path = flags.maybe("contract")
    if path is None and not CONTRACT.is_file():
        return None
    return read_contract(Path(path) if path else CONTRACT)


def _word(flags: Flags, name: str) -> str | None:
    """What stands in paths and headers."""
    word = flags.maybe(name)
    if word is not None and not re.fullmatch(r"[A-Za-z0-9._:+-]{1,200}", word):
        raise Usage(f"--{name} may have letters, digits and . _ : + -, not `{word}`")
    return word


def _route(flags: Flags, name: str) -> str | None:
    route = flags.maybe(name)
    if route is not None and (not route.startswith("/") or any(mark in route for mark in "{}?# ")):
        raise Usage(f"--{name} must be a path such as /predict, not `{route}`")
    return route


def _port(flags: Flags) -> int:
    text = flags.maybe("port") or "8080"
    if not text.isdecimal() or int(text) > 65535:
        raise Usage(f"--port must be a number up to 65535, not `{text}`")
    return int(text)


def _seconds(flags: Flags, default: float) -> float:
    text = flags.maybe("timeout")
    seconds = default if text is None else number("timeout", text)
    if seconds <= 0:
        raise Usage(f"--timeout must be above 0, not `{text}`")
    return seconds
