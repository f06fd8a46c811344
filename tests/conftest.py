"""Expected files: compared with what is said now, or written again with `--update-golden`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

Golden: TypeAlias = Callable[[Path, str], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write the expected files again instead of comparing with them; then read the diff",
    )


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture
def golden(update_golden: bool) -> Golden:
    """Compares a text with the file that holds what is expected."""

    def compare(path: Path, said: str) -> None:
        if update_golden:
            path.write_bytes(said.encode())
        assert path.is_file(), f"{path} is missing; `pytest --update-golden` writes it"
        assert said == path.read_bytes().decode()

    return compare
