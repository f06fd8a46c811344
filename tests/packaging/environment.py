"""An environment of its own that sees the libraries of this one: plug-ins are installed there, never here."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

import mlopsgen

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Environment:
    folder: Path

    @property
    def python(self) -> Path:
        return self.folder / "venv/bin/python"

    def run(self, *words: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """A process of this environment's Python."""
        env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST"))}
        return subprocess.run(
            [self.python, *words], capture_output=True, text=True, env=env, cwd=cwd or self.folder, check=False
        )

    def mlopsgen(self, *words: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        return self.run("-c", "from mlopsgen.cli import main; main()", *words, cwd=cwd)

    def install(self, package: str, *, editable: bool = False) -> Path:
        """Installs a package of this folder from a copy of it: nothing is fetched, nothing is left here."""
        source = self.folder / package
        shutil.copytree(HERE / package, source, ignore=shutil.ignore_patterns("__pycache__"))
        words = ["--editable", str(source)] if editable else [str(self._wheel(source))]
        offline = ["--no-deps", "--no-index", "--no-build-isolation", "--disable-pip-version-check", "--quiet"]
        _must(sys.executable, "-m", "pip", "--python", str(self.python), "install", *offline, *words)
        return source

    def _wheel(self, source: Path) -> Path:
        out = self.folder / "dist"
        _must(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(source))
        return next(out.glob(f"mlopsgen_{source.name}-*.whl"))


def new(folder: Path) -> Environment:
    _must(sys.executable, "-m", "venv", "--without-pip", str(folder / "venv"))
    (site,) = (folder / "venv").glob("lib/python*/site-packages")
    own = Path(mlopsgen.__file__).parents[1]
    # Through `site`, so that what is installed here as editable is found there too.
    lines = (f"import site; site.addsitedir({str(path)!r})\n" for path in (own, sysconfig.get_path("purelib")))
    (site / "libraries.pth").write_text("".join(lines), encoding="utf-8")
    return Environment(folder)


def _must(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"
