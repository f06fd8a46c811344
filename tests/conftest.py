"""Expected files: compared with what is said now, or written again with `--update-golden`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.judges import ABSENT

Golden: TypeAlias = Callable[[Path, str], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write the expected files again instead of comparing with them; then read the diff",
    )


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Generator[None, object, object]:
    """Which judges nobody asked, since they are not on this machine: the last line but one."""
    ended = yield
    skipped = (str(report.longrepr) for report in terminalreporter.stats.get("skipped", ()))
    absent = Counter(match[1] for text in skipped if (match := re.search(f"`(\\w+)` {re.escape(ABSENT)}", text)))
    if absent:
        tests = ", ".join(f"{name} ({count} tests)" for name, count in sorted(absent.items()))
        terminalreporter.write_line(f"judges that are absent: {tests}; `make judges` builds them")
    return ended


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
