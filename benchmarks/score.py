"""What it costs to score a large file: `python -m benchmarks.score [--rows=1000000] [--workers=1] [--mini-batch=1000]`.

csv with an id and ten numbers, and a script that adds two of them: reading, checking, calling and writing are measured,
and no model. Prints rows a second of the processor, and the most memory that one process held. Leaves nothing behind.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COLUMNS = 10
SCRIPT = "def load(folder): ...\ndef predict(model, rows):\n    return (rows['f0'] + rows['f1']).tolist()\n"


def main() -> int:
    """Writes the file, scores it, prints what that took."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, usual in (("rows", 1_000_000), ("workers", 1), ("mini-batch", 1000)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        lay_out(root, options.rows)
        begun = time.monotonic()
        subprocess.run(command(root, options.workers, options.mini_batch), check=True, stdout=subprocess.DEVNULL)
        clock = time.monotonic() - begun
        scored = json.loads((root / "out/run=bench/_SUCCESS").read_text())["records"]["scored"]
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = used.ru_utime + used.ru_stime
    print(
        f"{scored} rows, {options.workers} workers, mini-batches of {options.mini_batch}: {scored / seconds:,.0f} rows"
        f" a second and core ({seconds:.0f} s of {os.cpu_count()} processors, {clock:.0f} s on the clock),"
        f" {used.ru_maxrss >> 10} MiB"
    )
    return 0


def lay_out(root: Path, rows: int) -> None:
    """The deployment's folders."""
    names = [f"f{number}" for number in range(COLUMNS)]
    types = {"id": {"type": "string"}, **{name: {"type": "number"} for name in names}}
    contract = {
        "format_version": 1,
        "main": "rows",
        "sources": {"rows": {"columns": types}},
        "roles": {"id": "id"},
    }
    for folder in ("in", "model"):
        (root / folder).mkdir()
    (root / "model/weights").write_text("none")
    (root / "predict.py").write_text(SCRIPT)
    (root / "contract.json").write_text(json.dumps(contract))
    with (root / "in/rows.csv").open("w") as file:
        file.write(",".join(["id", *names]) + "\n")
        for row in range(rows):
            file.write(
                f"{row:08d}," + ",".join(str((row * 7919 + at * 31) % 1000 / 10) for at in range(COLUMNS)) + "\n"
            )


def command(root: Path, workers: int, size: int) -> list[str]:
    """The run."""
    flags = {
        "name": "bench",
        "run-id": "bench",
        "input": root / "in",
        "output": root / "out",
        "model": root / "model",
        "predict": root / "predict.py",
        "contract": root / "contract.json",
        "workers": workers,
        "mini-batch": size,
        "part-bytes": 2**24,
    }
    start = [sys.executable, "-m", "mlopsgen.runtime", "score"]
    return [*start, *(f"--{name}={value}" for name, value in flags.items())]


if __name__ == "__main__":
    sys.exit(main())
