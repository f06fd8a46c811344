"""The process of a judge with an environment of its own: runs its script once for each bundle.

`python judge_process.py SCRIPT FOLDER…` prints one JSON object for each folder: how the script ended, and what it
printed. Libraries that take seconds to load are loaded for the first bundle, and stay. It needs the standard
library alone, since nothing of mlopsgen is installed where it runs.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import runpy
import sys
import traceback


def main(script: str, folders: list[str]) -> None:
    """One line for each folder."""
    # What is printed past Python goes where errors go: stdout has the answers alone.
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answers:
        os.dup2(2, 1)
        for folder in folders:
            answers.write(json.dumps(run(script, folder)) + "\n")
            answers.flush()


def run(script: str, folder: str) -> dict[str, object]:
    """The script, called as a program with the folder as its one argument."""
    stdout, stderr = _buffer(), _buffer()
    sys.argv = [script, folder]
    with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
        try:
            runpy.run_path(script, run_name="__main__")
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
            stderr.write(str(end.code) if isinstance(end.code, str) else "")
        except BaseException:  # noqa: BLE001 — whatever ends a program ends with its traceback
            traceback.print_exc()
            code = 1
    return {"returncode": code, "stdout": _text(stdout), "stderr": _text(stderr)}


def _buffer() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="replace")


def _text(buffer: io.TextIOWrapper) -> str:
    buffer.seek(0)
    return buffer.read()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
