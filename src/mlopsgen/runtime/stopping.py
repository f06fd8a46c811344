"""What a container does that is told to end: half a minute is enough to leave nothing behind."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from .problems import Failed


@contextmanager
def stopped_when_told() -> Iterator[None]:
    """Turns SIGTERM into a failure, so that whatever was begun is ended as after any other."""

    def stop(number: int, _frame: FrameType | None) -> None:
        raise Failed(f"stopped by signal {number}")

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
