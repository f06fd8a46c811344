"""`make dist`: the wheel and the source archive, and the proof that the wheel is all anyone needs.

The source archive is built first and the wheel from it, so that what people build themselves is
what we give them. The wheel must hold every file of the package, its templates and its schema,
and nothing else. It is installed without extras in an environment of its own, where the contract
of our targets and the expected bundles are tested against it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "dist"
TESTS = ("tests/conformance/test_contract.py", "tests/golden_test")
MEBI = 1 << 20


def main() -> int:
    """Build, look inside, install, test."""
    wheel, archive = build(OUT)
    for archive_path in (archive, wheel):
        print(f"· {archive_path.name}: {archive_path.stat().st_size / MEBI:.2f} MiB")
    if wrong := list(contents(wheel)):
        print("\n".join(wrong))
        return 1
    with tempfile.TemporaryDirectory(prefix="mlopsgen-dist-") as scratch:
        return tried(wheel, Path(scratch))


def build(out: Path) -> tuple[Path, Path]:
    """The wheel and the archive that it was built from."""
    shutil.rmtree(out, ignore_errors=True)
    print("· building", flush=True)
    call(sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(ROOT))
    (wheel,), (archive,) = out.glob("*.whl"), out.glob("*.tar.gz")
    return wheel, archive


def contents(wheel: Path) -> Iterator[str]:
    """What is missing in a wheel, and what does not belong there."""
    with ZipFile(wheel) as opened:
        held = set(opened.namelist())
    names = set(_package_files())
    generated = {name for name in held if name.startswith("mlopsgen/precompiled/") or ".dist-info/" in name}
    yield from (f"the wheel has no {name}" for name in sorted(names - held))
    yield from (f"the wheel has {name}, which is no part of it" for name in sorted(held - names - generated))
    for part in ("mlopsgen/precompiled/t_", ".dist-info/licenses/LICENSE", ".dist-info/entry_points.txt"):
        if not any(part in name for name in generated):
            yield f"the wheel has no {part}"


def _package_files() -> Iterator[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel_table = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    for folder, there in {"src/mlopsgen": "mlopsgen", **wheel_table["force-include"]}.items():
        if (ROOT / folder).is_file():
            yield there
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                yield f"{there}/{path.relative_to(ROOT / folder).as_posix()}"


def tried(wheel: Path, folder: Path) -> int:
    """The wheel in an environment without extras: what it adds, a compile by its command, our tests."""
    print("· installing it alone", flush=True)
    call(sys.executable, "-m", "venv", str(folder / "venv"))
    python = folder / "venv/bin/python"
    before = _size(folder)
    pip = (
        str(python),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "-c",
        str(ROOT / "constraints.txt"),
    )
    call(*pip, str(wheel))
    print(f"· it adds {(_size(folder) - before) / MEBI:.1f} MiB to an environment")
    spec = ROOT / "examples/schedule-adherence/spec.yaml"
    program = str(python.parent / "mlopsgen")
    call(program, "compile", str(spec), "--target", "all", "--out", str(folder / "out"))
    print("· testing it there", flush=True)
    call(*pip, "pytest")
    return call(str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", "--no-header", *TESTS, show=True)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def call(*words: str, show: bool = False) -> int:
    """A process; one that fails ends everything, unless its output is shown."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST"))}
    if show:
        return subprocess.run(words, cwd=ROOT, env=env, check=False).returncode
    done = subprocess.run(
        words, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(words)}: exit code {done.returncode}\n{done.stdout}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
