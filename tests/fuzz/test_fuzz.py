"""The fuzzer runs a sample with every test, and its figure in `make soak`."""

import subprocess
import sys
from pathlib import Path

import pytest

from . import read_text

HOUSE = Path(__file__).parents[2]


def fuzz(runs: int, seed: int) -> None:
    command = [sys.executable, "-m", "tests.fuzz.read_text", str(runs), str(seed)]
    done = subprocess.run(command, cwd=HOUSE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]


def test_a_sample() -> None:
    fuzz(2_000, 1)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(10))
def test_a_million(seed: int) -> None:
    fuzz(100_000, seed)


def test_the_fuzzer_notices_an_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(data: bytes, file: str) -> None:
        raise IndexError

    monkeypatch.setattr(read_text, "read_yaml", broken)
    with pytest.raises(IndexError):
        read_text.main(1, 1)
