"""Writes down that a run has ended, whatever came of it.

python logbook.py --run=ID --note=DIR
"""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", required=True)
    parser.add_argument("--note", type=Path, required=True)
    asked = parser.parse_args()
    asked.note.mkdir(parents=True, exist_ok=True)
    note = {"run": asked.run, "ended": datetime.now(UTC).isoformat(timespec="seconds")}
    (asked.note / "note.json").write_text(json.dumps(note, indent=2) + "\n")
    print(f"run {asked.run} has ended")


if __name__ == "__main__":
    main()
