"""`make judges` builds what judges in Go once, and leaves nothing but whole programs."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tools.judges import Judge

from tests.projects import ROOT
from tools import judges

GO = """\
#!/bin/sh
[ "$1" = version ] && {{ echo "go version go{version} linux/amd64"; exit 0; }}
echo "$GOCACHE $GOMODCACHE" >> {log}
mkdir -p "$GOCACHE" "$GOMODCACHE"
while [ "$1" != -o ]; do shift; done
printf 'half' > "$2"
{rest}
"""


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache/mlopsgen/judges"


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "sources/taster"
    folder.mkdir(parents=True)
    for name, text in {"go.mod": "module taster\n\ngo 1.26\n", "go.sum": "", "main.go": "package main\n"}.items():
        (folder / name).write_text(text)
    monkeypatch.setattr(judges, "SOURCES", folder.parent)
    return folder


def go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str = "1.26.8", rest: str = "") -> Path:
    """Another Go, which writes down that it was called."""
    folder = tmp_path / "bin"
    folder.mkdir(exist_ok=True)
    (folder / "go").write_text(GO.format(version=version, log=tmp_path / "log", rest=rest))
    (folder / "go").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return tmp_path / "log"


def test_a_judge_is_built_once_and_only_its_program_stays(
    tmp_path: Path, cache: Path, source: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    log = go(tmp_path, monkeypatch)
    assert judges.main([]) == 0
    assert judges.main([]) == 0
    assert len(log.read_text().splitlines()) == 1
    folders = log.read_text().split()
    assert all(Path(folder).is_relative_to(cache) and not Path(folder).exists() for folder in folders)
    assert [path for path in cache.rglob("*") if path.is_file()] == [Judge(source).program]
    assert "taster: built in 0 s" in capsys.readouterr().out


def test_the_program_of_another_module_is_built_as_it_is(
    tmp_path: Path, cache: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = go(tmp_path, monkeypatch, rest='echo "built ${3:-$1}" >> ' + str(tmp_path / "log"))
    (source / "package").write_text("example.com/taster/cmd/taster\n")
    assert judges.main([]) == 0
    assert log.read_text().splitlines()[-1] == "built example.com/taster/cmd/taster"


def test_a_changed_source_is_built_anew(
    tmp_path: Path, cache: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go(tmp_path, monkeypatch)
    judges.main([])
    for name in ("main.go", "go.mod", "go.sum"):
        (source / name).write_text((source / name).read_text() + "\n")
        assert not Judge(source).ready()
        judges.main([])
        assert Judge(source).ready()


def test_a_build_that_fails_leaves_no_program_and_says_why(
    tmp_path: Path, cache: Path, source: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    go(tmp_path, monkeypatch, rest="echo 'main.go:1: no such package' >&2; exit 3")
    assert judges.main([]) == 1
    assert "✗ taster: `go build` ended with 3:\nmain.go:1: no such package" in capsys.readouterr().err
    assert not [path for path in cache.rglob("*") if path.is_file()]


@pytest.mark.slow
def test_a_build_that_is_ended_leaves_nothing_half(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = go(tmp_path, monkeypatch, rest="exec sleep 60")
    process = subprocess.Popen([sys.executable, "-m", "tools.judges", "katib"], cwd=ROOT, stdout=subprocess.DEVNULL)
    while not log.exists():
        time.sleep(0.05)
    process.terminate()
    assert process.wait(20) == 143
    assert not [path for path in cache.rglob("*") if path.is_file()]


@pytest.mark.slow
def test_two_at_once_build_it_once(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = go(tmp_path, monkeypatch, rest="sleep 1")
    command = [sys.executable, "-m", "tools.judges", "katib"]
    both = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) for _ in range(2)]
    assert [process.wait(60) for process in both] == [0, 0]
    assert len(log.read_text().splitlines()) == 1


def test_without_go_it_says_what_is_missing(
    tmp_path: Path, cache: Path, source: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert judges.main([]) == 1
    assert "`go` is not installed. Go 1.26 or newer is needed" in capsys.readouterr().err


def test_a_go_that_is_too_old_is_named_and_no_other_is_fetched(
    tmp_path: Path, cache: Path, source: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    log = go(tmp_path, monkeypatch, version="1.22.2")
    assert judges.main([]) == 1
    assert "go version go1.22.2 linux/amd64. Go 1.26 or newer is needed" in capsys.readouterr().err
    assert not log.exists()


def test_every_judge_names_its_go_and_its_sums() -> None:
    for judge in judges.judges():
        assert judge.asked_go()
        assert (judge.source / "go.sum").is_file()
        assert judge.package() != "." or os.access(judge.source / "main.go", os.R_OK)


ASKING = """
import pytest
from tests.judges import binary

@pytest.mark.parametrize("times", range(3))
def test_it_asks(times):
    binary("katib")
"""


@pytest.mark.slow
def test_a_run_names_the_judges_that_were_absent(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "test_asking.py").write_text(ASKING)
    words = ("-m", "pytest", "-n0", "-p", "tests.conftest", "-p", "no:cacheprovider", str(tmp_path))
    said = subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert "3 skipped" in said.stdout
    assert "judges that are absent: katib (3 tests); `make judges` builds them" in said.stdout
