"""Lists the trials of a search whose number only the run knows.

propose --axes=JSON --strategy=grid|random --trials=N --seed=N --to=FILE

FILE becomes a JSON list with one text for each trial: a JSON object of its params.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from .files import write_whole
from .flags import Flags, number, read_flags
from .problems import Usage
from .trials import listed


def run(argv: Sequence[str]) -> int:
    """Writes the list, and shows it."""
    flags = read_flags("propose", argv, single=("axes", "strategy", "trials", "seed", "to"))
    strategy = flags.choice("strategy", ("grid", "random"))
    try:
        axes = json.loads(flags.one("axes"))
    except ValueError as error:
        raise Usage(f"--axes of propose is no JSON: {error}") from None
    trials = listed(axes, strategy, _whole(flags, "trials"), _whole(flags, "seed"))
    texts = [json.dumps(params, ensure_ascii=False) for params in trials]
    print("\n".join(texts))
    write_whole(Path(flags.one("to")), json.dumps(texts, ensure_ascii=False).encode())
    return 0


def _whole(flags: Flags, name: str) -> int:
    """A whole number, also where a platform says 8.0."""
    value = number(name, flags.one(name))
    if not value.is_integer() or value < 0:
        raise Usage(f"--{name} of propose must be a whole number, not `{flags.one(name)}`")
    return int(value)
