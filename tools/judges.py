"""`make judges`: the judges that are written in Go, each built once into the judges' cache, where only programs stay.

A judge is a folder of `tests/judges` with a go.mod. What its sources say names its place in the cache: a change is
built anew, and what is there is not built again. What Go downloads and compiles on the way, gigabytes of it, goes
away at the end; what a killed build left goes away with the next.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from time import monotonic

from mlopsgen.bundle.swap import alone, leftovers
from mlopsgen.targets.judge_environment import cache_folder

SOURCES = Path(__file__).resolve().parents[1] / "tests/judges"
PERIOD = 30
"""Seconds between two lines about a build that goes on."""

_PARTS = ("*.go", "*.yaml", "go.mod", "go.sum", "ldflags", "package")
_LAST_LINES = 12


class Failed(Exception):
    """No judge can be built, or one could not: why, for people."""


@dataclass(frozen=True, slots=True)
class Judge:
    """A program in Go that judges: its sources, and where it is when it is built."""

    source: Path

    @property
    def name(self) -> str:
        """As tests ask for it."""
        return self.source.name

    @property
    def program(self) -> Path:
        """Where it is, or will be."""
        parts = sorted({path for part in _PARTS for path in self.source.glob(part)})
        content = b"\0".join(item for path in parts for item in (path.name.encode(), path.read_bytes()))
        key = sha256(sysconfig.get_platform().encode() + content).hexdigest()[:16]
        return programs() / f"{self.name}-{key}" / self.name

    def ready(self) -> bool:
        """Whether it is there; what was not built to its end never gets this name."""
        return self.program.is_file()

    def asked_go(self) -> tuple[int, ...]:
        """The version of Go that its go.mod asks for."""
        return version((self.source / "go.mod").read_text(encoding="utf-8"), r"^go ([\d.]+)$")

    def flags(self) -> str:
        """What the linker is told."""
        return f"-s -w {self._content('ldflags')}".strip()

    def package(self) -> str:
        """What is built: these sources, or the program of another module, which no sources can import."""
        return self._content("package") or "."

    def _content(self, name: str) -> str:
        file = self.source / name
        return file.read_text(encoding="utf-8").strip() if file.is_file() else ""


def programs() -> Path:
    """The folder of all judges, those with an environment of Python beside these."""
    return cache_folder() / "mlopsgen" / "judges"


def judges() -> Sequence[Judge]:
    """All that this repository has, the ones that are soon built first."""
    folders = (path.parent for path in SOURCES.glob("*/go.mod"))
    return [Judge(folder) for folder in sorted(folders, key=lambda folder: (folder / "go.sum").stat().st_size)]


def main(names: Sequence[str]) -> int:
    """Build those of these names, or all."""
    missing = [judge for judge in judges() if (not names or judge.name in names) and not judge.ready()]
    if not missing:
        print(f"· every judge is there, in {programs()}")
        return 0
    try:
        go = go_for(missing)
    except Failed as failed:
        print(f"no judge in Go was built: {failed}", file=sys.stderr)
        return 1
    work = programs() / "go"
    work.parent.mkdir(parents=True, exist_ok=True)
    if leftovers(work):
        print("· waiting for another process that builds judges", flush=True)
    with alone(work):
        return 1 if [*_failures(go, missing, work)] else 0


def go_for(missing: Sequence[Judge]) -> str:
    """The Go that builds them; raises Failed where there is none, or one too old."""
    needed = max(judge.asked_go() for judge in missing)
    words = f"Go {'.'.join(map(str, needed))} or newer is needed; without it, tests that ask these judges are skipped"
    go = shutil.which("go")
    if go is None:
        raise Failed(f"`go` is not installed. {words}")
    answer = subprocess.run([go, "version"], capture_output=True, text=True, check=False, env=_environment())
    here = version(answer.stdout, r"\bgo(\d[\d.]*)")
    if here < needed:
        raise Failed(f"`{go}` is {answer.stdout.strip() or 'of no version'}. {words}")
    return go


def version(text: str, pattern: str) -> tuple[int, ...]:
    """The numbers of a version in a text."""
    match = re.search(pattern, text, re.MULTILINE)
    return tuple(int(number) for number in match[1].strip(".").split(".")) if match else ()


def _failures(go: str, missing: Sequence[Judge], work: Path) -> Iterator[str]:
    """The names of those that could not be built; the others are there afterwards."""
    _remove(work)
    try:
        for judge in missing:
            # Whoever held the lock before may have built it.
            if judge.ready():
                continue
            try:
                _build(go, judge, work)
            except Failed as failed:
                print(f"✗ {judge.name}: {failed}", file=sys.stderr, flush=True)
                yield judge.name
    finally:
        _remove(work)


def _build(go: str, judge: Judge, work: Path) -> None:
    """One program, written under another name and moved to its own at the end."""
    # Named before it begins: sources that change meanwhile are of another program.
    begun, program = monotonic(), judge.program
    new = work / "programs" / judge.name
    new.mkdir(parents=True)
    (work / "tmpdir").mkdir(exist_ok=True)
    # Two at a time: whoever sits before this machine wants to go on.
    command = [go, "build", "-p", "2", "-trimpath", "-buildvcs=false", "-modcacherw", "-ldflags", judge.flags()]
    nice = [path, "-n", "5"] if (path := shutil.which("nice")) else []
    print(f"· {judge.name}: building", flush=True)
    with (work / "log").open("w+", encoding="utf-8") as log:
        process = subprocess.Popen(
            [*nice, *command, "-o", str(new / judge.name), judge.package()],
            cwd=judge.source,
            env=_environment(work),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        code = _end(process, judge.name, begun)
        log.seek(0)
        lines = [line for line in log.read().splitlines() if not line.startswith("go: downloading")]
    if code:
        raise Failed("\n".join([f"`go build` ended with {code}:", *lines[-_LAST_LINES:]]))
    _remove(program.parent)
    new.rename(program.parent)
    size = program.stat().st_size >> 20
    print(f"✓ {judge.name}: built in {monotonic() - begun:.0f} s, {size} MB", flush=True)


def _end(process: subprocess.Popen[bytes], name: str, begun: float) -> int:
    """Its exit code; whoever waits sees that it goes on, and a build that is broken off goes on nowhere."""
    try:
        while True:
            try:
                return process.wait(PERIOD)
            except subprocess.TimeoutExpired:
                print(f"· {name}: building, {monotonic() - begun:.0f} s", flush=True)
    finally:
        process.terminate()
        process.wait()


def _environment(work: Path | None = None) -> dict[str, str]:
    """Go's: what it keeps lies in the work folder, and it takes no other Go from elsewhere."""
    kept = {f"GO{name}": str(work / name.lower()) for name in ("CACHE", "MODCACHE", "TMPDIR")} if work else {}
    return {**os.environ, "CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOWORK": "off", "GOFLAGS": "", **kept}


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)


if __name__ == "__main__":
    # A build that is told to end takes its folder with it.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    sys.exit(main(sys.argv[1:]))
