"""`make quick` leaves what is slow, whatever the test does about it, and says why."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.projects import ROOT

TESTS = """
import os, subprocess, threading
import pytest

@pytest.fixture(scope="module")
def program():
    return subprocess.run(["true"])

def test_a_process():
    subprocess.run(["true"])

def test_a_process_of_a_fixture(program):
    pass

def test_a_process_of_the_same_fixture(program):
    pass

def test_a_process_that_nobody_misses():
    try:
        os.system("true")
    except BaseException:
        pass

def test_a_process_of_a_thread():
    thread = threading.Thread(target=lambda: subprocess.run(["true"]))
    thread.start()
    thread.join()

def test_a_training():
    import sklearn

def test_a_judge():
    import cfnlint.api

def test_one_without_an_end():
    while True:
        pass

def test_one_that_fails():
    assert False

def test_a_quick_one():
    import json
"""


def quick(folder: Path, *arguments: str) -> str:
    """What a run of the tests in a folder prints."""
    words = ("-m", "pytest", "-n0", "-rs", "-p", "tests.quick", "-W", "error", *arguments, str(folder))
    return subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=False).stdout


def test_what_is_slow_is_left_and_what_is_quick_is_run(tmp_path: Path) -> None:
    (tmp_path / "test_all.py").write_text(TESTS)
    summary = quick(tmp_path, "-p", "no:cacheprovider")
    assert "1 failed, 1 passed, 8 skipped" in summary
    reasons = re.findall(r"SKIPPED \[(\d+)\].*left for `make test`, since it (.*)", summary)
    counts = {reason: sum(int(count) for count, one in reasons if one == reason) for _, reason in reasons}
    assert counts == {"starts a process": 5, "trains": 1, "asks a judge's library": 1, "takes seconds": 1}


def test_what_was_left_once_is_left_at_once_until_its_file_changes(tmp_path: Path) -> None:
    tests, started = tmp_path / "test_one.py", tmp_path / "started"
    text = f"""
import subprocess
from pathlib import Path

def test_a_process():
    with Path({str(started)!r}).open("a") as file:
        file.write("x")
    subprocess.run(["true"])
"""
    arguments = ("-o", f"cache_dir={tmp_path / 'cache'}", "--rootdir", str(tmp_path))
    for again, runs in ((False, 1), (False, 1), (True, 2)):
        if again or not tests.is_file():
            tests.write_text(text + "\n" * again)
        assert "since it starts a process" in quick(tmp_path, *arguments)
        assert started.read_text() == "x" * runs


def test_of_a_test_whose_cases_are_left_the_others_are_left_unseen(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    text = f"""
import subprocess
from pathlib import Path

import pytest

@pytest.mark.parametrize("process", [1, 1, 0, 1, 1, 1, 0, 1])
def test_a_process(process):
    with Path({str(ran)!r}).open("a") as file:
        file.write(str(process))
    if process:
        subprocess.run(["true"])

def test_another():
    pass
"""
    (tmp_path / "test_one.py").write_text(text)
    assert "2 passed, 7 skipped" in quick(tmp_path, "-p", "no:cacheprovider")
    assert ran.read_text() == "110111"
