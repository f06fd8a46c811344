"""Kills a writer of bundles again and again; prints what the folder held each time.

Run as `python killed_writer.py FOLDER KILLS SEED exchange|renames`; each kill is a child forked
from here, because starting an interpreter for each would take longer than writing.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections import Counter
from pathlib import Path

from mlopsgen.bundle import Bundle, check_integrity, manifest_of, read_manifest, swap, write
from mlopsgen.diagnostics import SpecError


def a_bundle(letter: str) -> Bundle:
    """Two of these differ in every file and in the number of files."""
    count = 12 if letter == "a" else 15
    return Bundle("local", {f"d{n % 4}/f{n}.txt": (letter * 2000 + str(n)).encode() for n in range(count)})


def names_in(folder: Path) -> list[str]:
    """What a folder holds, hidden things too."""
    return sorted(path.name for path in folder.iterdir())


def write_for_ever(out: Path) -> None:
    """Write one and the other until somebody stops it."""
    while True:
        for letter in "ba":
            write(a_bundle(letter), out)


def what_lies_there(out: Path) -> str:
    """`a`, `b`, or what is wrong with the folder."""
    try:
        digest = read_manifest(out).digest
        if findings := check_integrity(out):
            return f"torn: {findings[0].message}"
    except SpecError as problem:
        return str(problem)
    return next((x for x in "ab" if manifest_of(a_bundle(x)).digest == digest), "mixed")


def killed(out: Path, delay: float, number: int) -> None:
    """Let a child write, and kill it after a while."""
    child = os.fork()
    if child == 0:
        write_for_ever(out)
    time.sleep(delay)
    os.kill(child, signal.SIGKILL if number % 4 else signal.SIGTERM)
    os.waitpid(child, 0)


def main(folder: Path, kills: int, seed: int, how: str) -> dict[str, object]:
    """Count what was found after each kill, before and after the next writer came."""
    if how == "renames":
        swap._exchange = lambda a, b: False
    rnd, out = random.Random(seed), folder / "build"
    write(a_bundle("a"), out)
    seen: Counter[str] = Counter()
    interrupted = 0
    for number in range(kills):
        killed(out, rnd.uniform(0.0, 0.12), number)
        interrupted += len(names_in(folder)) > 1
        if how == "renames":
            write(a_bundle("a"), folder / "other")  # writers of other folders leave this one's remains alone
            with swap.alone(out):
                swap.recover(out)
        seen[what_lies_there(out)] += 1
    write(a_bundle("a"), out)
    write(a_bundle("b"), out)
    return {"seen": seen, "interrupted": interrupted, "left": names_in(folder)}


if __name__ == "__main__":
    report = main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
    sys.stdout.write(json.dumps(report))
