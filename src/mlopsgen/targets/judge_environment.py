"""Judges whose libraries would not live beside others: each gets an environment, made once and shared.

An environment is named by what is installed in it and by the Python that it is for. `complete` is written
last: one that was cut off has none, is never used, and is made anew. Only one process makes it at a time.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

from mlopsgen.bundle.swap import alone
from mlopsgen.codes import CODES
from mlopsgen.diagnostics import Diagnostic, Severity
from mlopsgen.targets.documents import Places

LONGEST = 600
"""Seconds that a judge may take for one bundle."""

_PROCESS = Path(__file__).with_name("judge_process.py")
_LAST_LINES = 12
_LAZY = "--no-compile"
"""Most modules of an SDK are never imported: to compile those that are, when they are, takes half as long."""
# What would turn an installation into another one, or an interpreter into one that reads other modules.
_NOT_PASSED_ON = ("PYTHON", "VIRTUAL_ENV", "PIP_CONSTRAINT", "PIP_TARGET", "PIP_PREFIX", "PIP_USER", "PIP_PYTHON")
_WORDS = ("code", "message", "file", "at", "hint", "severity")


class Broken(Exception):
    """The script did not judge: why, for people."""


@dataclass(frozen=True, slots=True)
class JudgeEnvironment:
    """The environment of one judge, and the script that judges in it."""

    name: str
    requirements: tuple[str, ...]
    script: Path
    constraints: Path | None = None

    @property
    def folder(self) -> Path:
        """Where its environment is, or will be."""
        facts = (sys.version, sysconfig.get_platform(), *self.requirements, self._constraints())
        key = sha256("\0".join(facts).encode()).hexdigest()[:16]
        return cache_folder() / "mlopsgen" / "judges" / f"{self.name}-{key}"

    @property
    def python(self) -> Path:
        """The environment's interpreter."""
        return self.folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")

    def ready(self) -> bool:
        """Whether the environment is whole; a Python that was taken away since leaves a link to nothing."""
        return (self.folder / "complete").is_file() and self.python.is_file()

    def prepare(self, tell: Callable[[str], None]) -> Diagnostic | None:
        """Makes the environment if it is not there, or says why it cannot be had."""
        if self.ready():
            return None
        try:
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            with alone(self.folder):
                # Whoever held the lock before may have made it.
                return None if self.ready() else self._make(tell)
        except OSError as wrong:
            hint = "say another folder for it: XDG_CACHE_HOME=FOLDER mlopsgen verify …"
            return Diagnostic("MG440", self._not_run(f"its environment cannot be made: {wrong}"), hint=hint)

    def run(self, bundle: Path) -> Iterable[Diagnostic]:
        """What the script says of a bundle; one that does not get to its end has not judged."""
        return self.run_each((bundle,))[0]

    def run_each(self, bundles: Sequence[Path]) -> Sequence[Sequence[Diagnostic]]:
        """The same for several bundles, by one process that loads its libraries once."""
        script = [str(self.python), "-I", str(_PROCESS), str(self.script)]
        command = [*script, *(str(bundle.resolve()) for bundle in bundles)]
        # Libraries leave files where they stand: here that is a folder that goes away.
        with tempfile.TemporaryDirectory(prefix="mlopsgen-judge-") as standing:
            try:
                ended = _ended(command, Path(standing), LONGEST * len(bundles))
            except Broken as broken:
                return [[self._broke_off(broken)] for _ in bundles]
        return [[*self._findings(bundle, one)] for bundle, one in zip(bundles, _each(ended, bundles), strict=True)]

    def _findings(self, bundle: Path, ended: subprocess.CompletedProcess[str]) -> Iterator[Diagnostic]:
        places = Places(bundle)
        try:
            if ended.returncode:
                raise Broken(f"exit code {ended.returncode}: {_last_words(ended)}")
            for line in filter(None, map(str.strip, ended.stdout.splitlines())):
                yield _finding(line, places)
        except Broken as broken:
            yield self._broke_off(broken)

    def _broke_off(self, broken: Broken) -> Diagnostic:
        hint = f"have its environment made anew: `{shlex.join(['rm', '-r', str(self.folder)])}`"
        return Diagnostic("MG441", f"the judge `{self.name}` broke off: {broken}", hint=hint)

    def _constraints(self) -> str:
        return self.constraints.read_text(encoding="utf-8") if self.constraints else ""

    def _make(self, tell: Callable[[str], None]) -> Diagnostic | None:
        tell(f"making the environment of the judge `{self.name}` once, in {self.folder}")
        shutil.rmtree(self.folder, ignore_errors=True)
        constraints = ["--constraint", str(self.constraints)] if self.constraints else []
        pip = [str(self.python), "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", _LAZY]
        venv = [sys.executable, "-m", "venv", str(self.folder)]
        install = [[*pip, *constraints, *self.requirements]] if self.requirements else []
        for command in (venv if install else [*venv, "--without-pip"], *install):
            ended = _ended(command, self.folder.parent, None)
            if ended.returncode:
                message = self._not_run(f"its environment cannot be made: {_last_words(ended)}")
                return Diagnostic("MG440", message, hint=f"this says why in full: `{shlex.join(command)}`")
        (self.folder / "complete").touch()
        return None

    def _not_run(self, why: str) -> str:
        return f"the judge `{self.name}` did not run: {why}"


def cache_folder() -> Path:
    """Where programs of this user keep what can be made again."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or "")
    return folder if folder.is_absolute() else Path.home() / ".cache"


def can_be_made() -> bool:
    """Whether this Python has what makes environments: some systems ship one without."""
    return find_spec("venv") is not None and find_spec("ensurepip") is not None


def _ended(command: Sequence[str], folder: Path, seconds: int | None) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_PASSED_ON)}
    try:
        ended = subprocess.run(
            command,
            cwd=folder,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Broken(f"it was still at it after {seconds} seconds") from None
    return ended


def _each(
    ended: subprocess.CompletedProcess[str], bundles: Sequence[Path]
) -> Sequence[subprocess.CompletedProcess[str]]:
    """How the script ended for each bundle; for those that it did not come to, as its process did."""
    lines = [line for line in ended.stdout.splitlines(keepends=True) if line.endswith("\n")]
    ends = [subprocess.CompletedProcess(ended.args, **json.loads(line)) for line in lines]
    cut = subprocess.CompletedProcess(ended.args, ended.returncode or 1, "", ended.stderr)
    return [*ends, *[cut] * (len(bundles) - len(ends))]


def _last_words(ended: subprocess.CompletedProcess[str]) -> str:
    lines = (ended.stderr.strip() or ended.stdout.strip()).splitlines()
    return "\n".join(lines[-_LAST_LINES:]) or "it said nothing"


def _finding(line: str, places: Places) -> Diagnostic:
    """One line of the script as a finding at its place."""
    words = _read(line)
    file = words["file"]
    return Diagnostic(
        words["code"],
        words["message"],
        hint=words["hint"] or None,
        severity=Severity(words["severity"] or Severity.ERROR),
        span=places.span(file, words["at"]) if file else None,
    )


def _read(line: str) -> Mapping[str, str]:
    """The words of a finding, empty where it has none; raises Broken for what is none."""
    try:
        parsed = json.loads(line)
    except ValueError:
        parsed = None
    words = {key: parsed.get(key) or "" for key in _WORDS} if isinstance(parsed, dict) else {}
    if not all(isinstance(word, str) for word in words.values()) or not _sound(words):
        raise Broken(f"it printed what is no finding: {line[:200]}")
    return words


def _sound(words: Mapping[str, str]) -> bool:
    """Whether everybody can read it: a code that can be explained, a message, a file of the bundle."""
    code = words.get("code", "")
    known = code in CODES if code.startswith("MG") else re.fullmatch(r"[A-Z]+[0-9]+", code) is not None
    outside = ".." in words.get("file", "").split("/") or words.get("file", "").startswith("/")
    return known and bool(words["message"]) and not outside and words["severity"] in ("", *Severity)
