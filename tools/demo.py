"""`make demo`: what mlopsgen does, on two of its examples, with nothing set up.

Compiles the flagship for every installed target and has each bundle judged, then trains it and a
product without a script on this machine. Says at the end where everything lies. A second call
goes on from what the first one made. The exit code is that of the first command that failed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FLAGSHIP = "examples/schedule-adherence"
WITHOUT_SCRIPT = "examples/wine"

_LASTING = ("registered", "picture", "run ")
"""How the lines of a run's summary begin that say where something lies."""


@dataclass(frozen=True, slots=True)
class Done:
    """A command of mlopsgen that has ended: its words, its exit code, what it printed."""

    words: tuple[str, ...]
    code: int
    printed: str

    @property
    def line(self) -> str:
        """The command as a person types it."""
        return " ".join(("mlopsgen", *self.words))


def main(arguments: Sequence[str] | None = None) -> int:
    """Compile, judge, train, sum up."""
    options = _parser().parse_args(arguments)
    flagship = Path(options.flagship)
    bundles = Path(options.out) / flagship.name
    targets = ("--target", "all")  # the flagship has a block for every target of ours: its golden bundles say so
    done = [
        call("compile", f"{flagship}/spec.yaml", *targets, "--verify", "--out", str(bundles)),
        *(call("run", f"{project}/spec.yaml") for project in (flagship, *options.also)),
    ]
    print("\n".join(["", "── where everything lies", *places(bundles, done), "", *verdict(done)]))
    return next((one.code for one in done if one.code), 0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="demo", description="Compiles, judges and trains examples.")
    parser.add_argument("--out", default="build/demo", help="the folder of the bundles")
    parser.add_argument("--flagship", default=FLAGSHIP, help="the project that is compiled, judged and run")
    parser.add_argument("--also", nargs="*", default=[WITHOUT_SCRIPT], help="projects that are run")
    return parser


def call(*words: str) -> Done:
    """One command of this environment's mlopsgen, shown as it works."""
    done = Done(words, 0, "")
    print(f"\n$ {done.line}", flush=True)
    program = Path(sysconfig.get_path("scripts")) / "mlopsgen"
    with subprocess.Popen([program, *words], cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stdout is not None
        printed = "".join(_shown(process.stdout))
    return Done(words, process.returncode, printed)


def _shown(lines: Iterator[str] | Sequence[str]) -> Iterator[str]:
    for line in lines:
        print(line, end="", flush=True)
        yield line


def places(bundles: Path, done: Sequence[Done]) -> Iterator[str]:
    """Bundles, then versions, pictures and runs, each on its line."""
    for manifest in sorted((ROOT / bundles).glob("*/manifest.json")):
        files = sum(1 for path in manifest.parent.rglob("*") if path.is_file())
        yield f"bundle      {bundles / manifest.parent.name}/ ({files} files; its README.md says what to do with them)"
    for one in done:
        yield from (line for line in one.printed.splitlines() if line.startswith(_LASTING))


def verdict(done: Sequence[Done]) -> Iterator[str]:
    """Whether all went well, or what did not and how to see it alone."""
    failed = [one for one in done if one.code]
    for one in failed:
        yield f"failed with exit code {one.code}: {one.line}"
    if not failed:
        yield "all of it went well; the same again takes what has not changed from this time"


if __name__ == "__main__":
    sys.exit(main())
