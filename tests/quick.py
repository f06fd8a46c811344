"""What `make quick` is: the tests that start no process, load no library that trains or judges, and are short.

Loaded with `-p tests.quick`. Nobody marks a test for being one of the others: what a test does is seen while it
does it. Its first process, its first import of such a library, or the end of its time ends it there, and it is
counted as left for `make test`. What was seen is remembered in pytest's cache until the test's file changes, so only
the first run in a checkout pays for looking; `--cache-clear` looks again.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Generator
from types import FrameType

import pytest

PROCESSES = {"subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.exec", "os.spawn", "os.system"}
"""Audit events of Python: another program, or another copy of this one."""
TRAINING = {"fairlearn", "lightgbm", "optuna", "shap", "sklearn", "skops", "xgboost"}
JUDGING = {"celpy", "cfnlint", "moto"}
LONGEST = 0.15
"""Seconds of this processor that a test may take, beside what its imports take."""
CASES = 3
"""If so many cases of a test in a row are left, then its others are left unseen."""
MOST_LEFT = 0.25
"""The share of tests that may be left: if there are more, then something that all of them use is slow."""

LEFT = "left for `make test`, since it "
MEMORY = "quick/left"
"""Where pytest's cache has it: test → why it is left, and the time of its file."""


class Watch:
    """Ends the test that runs now at the first thing that is not quick, in whichever thread that is."""

    def __init__(self) -> None:
        self.running = False
        self.reason = ""
        self.test = ""
        self.cases_left = 0

    def case(self, nodeid: str) -> None:
        """A test comes, or another case of one."""
        test = nodeid.partition("[")[0]
        self.cases_left = self.cases_left + 1 if self.reason and test == self.test else 0
        self.test = test
        reason, self.reason = self.reason, ""
        self.end(reason if self.cases_left >= CASES else "")

    def start(self) -> None:
        """It begins, or another part of it."""
        self.running = True

    def stop(self) -> None:
        """It ends."""
        self.running = False
        _timer(0)

    def audit(self, event: str, arguments: tuple[object, ...]) -> None:
        """Python calls this for whatever it does, so most calls end in the first line."""
        if self.running and (event == "import" or event in PROCESSES):
            self.end(_imports(str(arguments[0])) if event == "import" else "starts a process")

    def too_long(self, number: int, frame: FrameType | None) -> None:
        """The time is over; half of a library is of no use to the tests that follow, so an import is waited for."""
        if _in_import(frame):
            _timer(LONGEST)
        else:
            self.end("takes seconds" if self.running else "")

    def end(self, reason: str) -> None:
        """The test goes no further, if there is a reason."""
        if reason:
            self.reason = self.reason or reason
            raise pytest.skip.Exception(LEFT + reason)


def _imports(module: str) -> str:
    package = module.partition(".")[0]
    if package in TRAINING:
        return "trains"
    return "asks a judge's library" if package in JUDGING else ""


def _in_import(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False


def _forget_halves() -> None:
    """Modules of a package whose import was cut off: the next import of the package brings them anew."""
    names = {"", *sys.modules}
    for name in names:
        if name.rpartition(".")[0] not in names:
            del sys.modules[name]


def _timer(seconds: float) -> None:
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_VIRTUAL, seconds)


WATCH = Watch()


def pytest_configure(config: pytest.Config) -> None:
    sys.addaudithook(WATCH.audit)
    for warning in ("ResourceWarning", "pytest.PytestUnraisableExceptionWarning"):
        config.addinivalue_line("filterwarnings", f"ignore::{warning}")  # of tests that were ended
    if hasattr(signal, "SIGVTALRM"):
        signal.signal(signal.SIGVTALRM, WATCH.too_long)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests that an earlier run has left are left at once."""
    cache: pytest.Cache | None = getattr(config, "cache", None)
    memory = cache.get(MEMORY, {}) if cache is not None else {}
    for item in items:
        reason, time = memory.get(item.nodeid, ("", 0))
        if reason and time == item.path.stat().st_mtime_ns:
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    # No timer: what ends pytest's own work on fixtures half way leaves it in disorder for the tests that follow.
    WATCH.case(item.nodeid)
    return (yield from _watched())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    _timer(LONGEST)
    return (yield from _watched())


def _watched() -> Generator[None, object, object]:
    WATCH.start()
    try:
        return (yield)
    finally:
        WATCH.stop()
        if WATCH.reason:
            _forget_halves()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test whose code caught what ended it is left all the same."""
    report = yield
    if WATCH.reason and (report.failed or (report.when == "call" and report.passed)):
        report.outcome = "skipped"
        report.longrepr = (__file__, 1, f"Skipped: {LEFT}{WATCH.reason}")
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where too many tests are left, the others say little: then this fails."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:
        return
    left = [report for report in reporter.stats.get("skipped", ()) if LEFT in str(report.longrepr)]
    ran = sum(len(reporter.stats.get(outcome, ())) for outcome in ("passed", "failed"))
    _remember(session.config, left)
    if len(left) > MOST_LEFT * (len(left) + ran) and session.testscollected > 1000:
        total = len(left) + ran
        reporter.write_line(f"{len(left)} of {total} tests are not quick: what do so many of them use that is slow?")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _remember(config: pytest.Config, left: list[pytest.TestReport]) -> None:
    cache: pytest.Cache | None = getattr(config, "cache", None)
    if cache is None or hasattr(config, "workerinput"):
        return
    memory = cache.get(MEMORY, {})
    for report in left:
        file = config.rootpath / report.nodeid.partition("::")[0]
        reason = str(report.longrepr[2]).removeprefix("Skipped: ") if isinstance(report.longrepr, tuple) else ""
        memory[report.nodeid] = (reason, file.stat().st_mtime_ns if file.is_file() else 0)
    cache.set(MEMORY, memory)
