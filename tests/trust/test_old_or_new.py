"""The folder of a bundle holds the old one or the new one, whole, whatever happens to the writer."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mlopsgen.bundle import Bundle, check_integrity, manifest_of, read_manifest, write
from mlopsgen.diagnostics import SpecError

from .killed_writer import a_bundle, names_in, what_lies_there

SCRIPT = Path(__file__).with_name("killed_writer.py")


def kills(folder: Path, count: int, how: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(folder), str(count), "7", how], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    counts: dict[str, Any] = json.loads(done.stdout)
    return counts


@pytest.mark.parametrize("how", ["exchange", "renames"])
@pytest.mark.parametrize("count", [60, pytest.param(2000, marks=pytest.mark.soak)])
def test_a_killed_writer_leaves_the_old_or_the_new(tmp_path: Path, how: str, count: int) -> None:
    counts = kills(tmp_path, count, how)
    assert set(counts["seen"]) <= {"a", "b"}, counts
    assert counts["interrupted"] > count // 4, "the kills came too late to tell anything"
    assert counts["left"] == sorted({"build", *(["other"] if how == "renames" else [])})


def test_two_writers_take_turns(tmp_path: Path) -> None:
    line = "import sys; sys.path.insert(0, sys.argv[2])\nfrom killed_writer import *\nout = Path(sys.argv[1])\n"
    line += "for _ in range(15):\n  for letter in 'ab': write(a_bundle(letter), out)\n"
    out = tmp_path / "build"
    argv = [sys.executable, "-c", line, str(out), str(SCRIPT.parent)]
    both = [subprocess.Popen(argv, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    assert [p.communicate()[1] for p in both] == ["", "", ""]
    assert what_lies_there(out) == "b"
    assert names_in(tmp_path) == ["build"]


CLOSE = os.close
CALLS = ("open", "write", "fsync", "rename", "mkdir", "unlink", "rmdir", "close", "lstat", "scandir")


class Failing:
    """Lets the n-th of the file system's calls fail, once."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, problem: Callable[[], BaseException], at: int) -> None:
        self.left, self.problem = at, problem
        for name in CALLS:
            monkeypatch.setattr(os, name, self.guarded(getattr(os, name)))

    def guarded(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **more: Any) -> Any:
            self.left -= 1
            if self.left == 0:
                if real is CLOSE:
                    real(*args)  # a close that fails has closed all the same
                raise self.problem()
            return real(*args, **more)

        return call


@pytest.mark.parametrize("problem", [lambda: OSError(errno.EIO, "bad disk"), KeyboardInterrupt], ids=["EIO", "Ctrl-C"])
def test_a_failure_at_any_call_leaves_the_old_or_the_new(tmp_path: Path, problem: Callable[[], BaseException]) -> None:
    out = tmp_path / "build"
    write(a_bundle("a"), out)
    at, failed = 1, 0
    while True:
        with pytest.MonkeyPatch.context() as patching:
            failing = Failing(patching, problem, at)
            try:
                write(a_bundle("b"), out)
            except KeyboardInterrupt:
                failed += 1
            except SpecError as caught:
                failed += [d.code for d in caught.findings] == ["MG410"]
        if failing.left > 0:
            break
        assert what_lies_there(out) in ("a", "b")
        write(a_bundle("a"), out)
        assert names_in(tmp_path) == ["build"]
        at += 1
    assert failed > 50


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own that is soon full; only root can make one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    process = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "none", str(disk)], capture_output=True, check=False
    )
    if process.returncode != 0:
        pytest.skip("cannot mount a small tmpfs here")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_leaves_the_old(small_disk: Path) -> None:
    out = small_disk / "build"
    write(a_bundle("a"), out)
    for size in range(20_000, 240_000, 20_000):
        with pytest.raises(SpecError) as caught:
            write(Bundle("local", {f"f{n}": bytes(size) for n in range(12)}), out)
        assert [d.code for d in caught.value.findings] == ["MG410"]
        assert "No space left" in caught.value.findings[0].message
        assert what_lies_there(out) == "a"
        assert names_in(small_disk) == ["build"]


def test_a_read_only_disk_leaves_the_old(small_disk: Path) -> None:
    out = small_disk / "build"
    write(a_bundle("a"), out)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(SpecError) as caught:
        write(a_bundle("b"), out)
    assert [d.code for d in caught.value.findings] == ["MG410"]
    assert what_lies_there(out) == "a"
    assert not write(a_bundle("a"), out).changed


@pytest.mark.skipif(os.name != "posix", reason="file size limits are POSIX")
def test_a_limit_on_file_size_leaves_the_old(tmp_path: Path) -> None:
    out = tmp_path / "build"
    write(a_bundle("a"), out)
    line = (
        "import resource, sys, pathlib\n"
        "from mlopsgen.bundle import Bundle, write\nfrom mlopsgen.diagnostics import SpecError\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))\n"
        "try: write(Bundle('local', {'a': b'', 'b': bytes(6000)}), pathlib.Path(sys.argv[1]))\n"
        "except SpecError as problem: print(problem.findings[0].code)\n"
    )
    done = subprocess.run([sys.executable, "-c", line, str(out)], capture_output=True, text=True, check=True)
    assert done.stdout == "MG410\n"
    assert what_lies_there(out) == "a"
    assert names_in(tmp_path) == ["build"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_without_the_right_to_write_leaves_the_old(tmp_path: Path) -> None:
    out = tmp_path / "build"
    write(a_bundle("a"), out)
    tmp_path.chmod(0o555)
    try:
        with pytest.raises(SpecError) as caught:
            write(a_bundle("b"), out)
    finally:
        tmp_path.chmod(0o755)
    assert [d.code for d in caught.value.findings] == ["MG410"]
    assert what_lies_there(out) == "a"


def test_the_checks_of_this_page_can_fail(tmp_path: Path) -> None:
    write(a_bundle("a"), tmp_path / "build")
    (tmp_path / "build" / "d0" / "f0.txt").write_text("half")
    assert what_lies_there(tmp_path / "build").startswith("torn")
    write(Bundle("local", {}), tmp_path / "other")
    assert what_lies_there(tmp_path / "other") == "mixed"
    assert read_manifest(tmp_path / "other") == manifest_of(Bundle("local", {}))
    assert check_integrity(tmp_path / "other") == ()
