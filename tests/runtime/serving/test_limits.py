"""Whatever callers do, a server answers whole, in time and within its memory; and it ends well."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..conftest import Run
from .running import SCRIPT, Answer, Server, serving, write

pytestmark = pytest.mark.slow
LIMITS = ("--timeout=2", "--max-bytes=200000", "--concurrent=4", "--grace=10")
MEGA = 10**6


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("served")
    write(folder)
    return folder


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    with serving(folder, *LIMITS) as running:
        yield running


def waiting(seconds: float) -> list[dict[str, float]]:
    return [{"age": 20, "wait": seconds}]


def test_a_body_of_100_megabytes_is_refused_and_not_kept(server: Server) -> None:
    answer = server.ask("POST", "/score", b" " * (100 * MEGA))
    assert (answer.status, answer.json()["error"]) == (413, "a request may have 200000 bytes, and this one has more")
    with Path(f"/proc/{server.process.pid}/status").open() as file:
        peak = next(int(line.split()[1]) for line in file if line.startswith("VmHWM"))
    assert peak < 600_000, "kB: what the libraries need, and not the body"


def test_a_body_without_a_length_is_refused_as_soon_as_it_is_too_large(server: Server) -> None:
    with socket.create_connection((server.host, server.port), timeout=30) as connection:
        head = "POST /score HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        connection.sendall(head.encode())
        for _ in range(40):
            connection.sendall(b"2710\r\n" + b" " * 10_000 + b"\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 413 ")


def test_a_caller_who_waits_for_leave_never_sends_what_is_too_large(server: Server) -> None:
    """RFC 9110, 10.1.1: a final status instead of 100 Continue."""
    with socket.create_connection((server.host, server.port), timeout=30) as connection:
        head = "POST /score HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\nExpect: 100-continue\r\n\r\n"
        connection.sendall(head.encode())
        assert connection.recv(65536).startswith(b"HTTP/1.1 413 ")


def test_a_slow_caller_is_told_and_holds_up_nobody(server: Server) -> None:
    with socket.create_connection((server.host, server.port), timeout=30) as connection:
        connection.sendall(b"POST /score HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n[{")
        assert server.ask("POST", "/score", waiting(0)).status == 200
        assert connection.recv(65536).startswith(b"HTTP/1.1 408 ")


def test_half_a_head_is_given_up(server: Server) -> None:
    """uvicorn alone waits for ever: it has no limit for heads."""
    with socket.create_connection((server.host, server.port), timeout=30) as connection:
        connection.sendall(b"POST /score HTTP/1.1\r\nHost: ")
        assert connection.recv(65536) == b""
    with socket.create_connection((server.host, server.port), timeout=30) as connection:
        assert connection.recv(65536) == b""


def gone(server: Server) -> float:
    found = re.search(rb'requests_total\{code="499",protocol="azureml"\} (\S+)', server.ask("GET", "/metrics").body)
    return float(found[1]) if found else 0


def test_a_caller_who_goes_away_leaves_his_place(server: Server) -> None:
    before = gone(server)
    for number in range(1, 7):
        with socket.create_connection((server.host, server.port), timeout=30) as connection:
            connection.sendall(b"POST /score HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n[{")
        deadline = time.monotonic() + 10
        while gone(server) < before + number:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    assert server.ask("POST", "/score", waiting(0)).status == 200


def test_what_is_no_http_is_a_400(server: Server) -> None:
    with socket.create_connection((server.host, server.port), timeout=30) as connection:
        connection.sendall(b"hello\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 400 ")


def test_health_is_answered_while_the_model_works(server: Server) -> None:
    working = threading.Thread(target=server.ask, args=("POST", "/score", waiting(1)))
    working.start()
    time.sleep(0.2)
    start = time.monotonic()
    assert server.ask("GET", "/ping").status == 200
    assert time.monotonic() - start < 0.7
    assert b"mlopsgen_requests_in_flight 1.0" in server.ask("GET", "/metrics").body
    working.join()


async def many(server: Server, count: int, body: bytes) -> list[bytes]:
    async def one() -> bytes:
        reader, writer = await asyncio.open_connection(server.host, server.port)
        head = f"POST /score HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        answer = await reader.read()
        writer.close()
        return answer

    return await asyncio.gather(*(one() for _ in range(count)))


def test_a_thousand_requests_at_once_are_answered_or_told_to_come_again(server: Server) -> None:
    answers = asyncio.run(many(server, 1000, json.dumps(waiting(0.2)).encode()))
    codes = Counter(answer.split(b" ", 2)[1] for answer in answers)
    assert set(codes) == {b"200", b"429"}
    assert codes[b"200"] >= 4
    for answer in answers:
        head, _, body = answer.partition(b"\r\n\r\n")
        assert json.loads(body), "whole, whatever it says"
        assert b"x-model-version: 7" in head
        assert (b"retry-after: 1" in head.lower()) == head.startswith(b"HTTP/1.1 429")
    assert server.ask("POST", "/score", waiting(0)).status == 200


def test_a_prediction_that_takes_too_long_is_a_504_and_keeps_its_place(server: Server) -> None:
    answers: list[Answer] = []
    askers = [
        threading.Thread(target=lambda: answers.append(server.ask("POST", "/score", waiting(5)))) for _ in range(4)
    ]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert {answer.status for answer in answers} == {504}
    assert answers[0].json() == {"error": "the answer took longer than 2 seconds"}
    assert server.ask("POST", "/score", waiting(0)).status == 429
    assert server.ask("GET", "/live").status == 503, "only a new start would help"
    assert server.ask("GET", "/ready").status == 503
    deadline = time.monotonic() + 20
    while server.ask("GET", "/live").status != 200:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert server.ask("POST", "/score", waiting(0)).status == 200


def test_what_is_in_work_at_the_end_is_answered_first(folder: Path) -> None:
    with serving(folder, *LIMITS) as server:
        answers: list[Answer] = []
        asker = threading.Thread(target=lambda: answers.append(server.ask("POST", "/score", waiting(1))))
        asker.start()
        time.sleep(0.5)
        assert server.stop() == 0
        asker.join()
        assert [answer.status for answer in answers] == [200]


def test_what_never_ends_holds_up_the_end_no_longer_than_the_grace(folder: Path) -> None:
    body = json.dumps(waiting(40)).encode()
    with (
        serving(folder, "--timeout=60", "--grace=1") as server,
        socket.create_connection((server.host, server.port), timeout=30) as connection,
    ):
        connection.sendall(b"POST /score HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        time.sleep(0.5)
        start = time.monotonic()
        assert server.stop() == 1
        assert time.monotonic() - start < 15


def test_only_this_machine_is_let_in_unless_the_host_says_otherwise(server: Server, folder: Path) -> None:
    assert server.host == "127.0.0.1"
    with serving(folder, "--host=0.0.0.0") as wide:
        assert wide.host == "0.0.0.0"


WATCH = """
import os, sys
def watch(event, arguments):
    if event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        os.write(2, b"written: %r\\n" % (arguments[0],))
    if event in ("os.mkdir", "os.remove", "os.rename", "tempfile.mkstemp"):
        os.write(2, b"written: %r\\n" % (arguments[0],))
sys.addaudithook(watch)
"""


def test_nothing_is_written_so_that_the_file_system_may_be_read_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path)
    (tmp_path / "predict.py").write_text(WATCH + SCRIPT)
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    with serving(tmp_path) as server:
        for path in ("/score", "/v1/models/churn:predict"):
            assert server.ask("POST", path, waiting(0)).status == 200
        assert server.ask("GET", "/metrics").status == 200
        assert server.stop() == 0
        assert server.process.stderr is not None
        assert "written" not in server.process.stderr.read()


@pytest.mark.parametrize(
    ("flag", "reason"),
    [
        ("--port=70000", "--port must be a number up to 65535"),
        ("--timeout=0", "--timeout must be above 0"),
        ("--predict-route=predict", "--predict-route must be a path such as /predict"),
        ("--version=1/2", "--version may have letters, digits and . _ : + -, not `1/2`"),
        ("--name=a b", "--name may have letters"),
        ("--concurrent=0", "--concurrent of serve must be a whole number of at least 1"),
        ("--task=ranking", "--task of serve must be one of classification, regression"),
        ("--contract=nowhere.json", "nowhere.json is missing"),
        ("--predict=nowhere.py", "there is no script nowhere.py"),
    ],
)
def test_wrong_flags_are_told(
    flag: str, reason: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # This process has signals of its own.
    monkeypatch.setattr("mlopsgen.runtime.serving.server.heed_signals", lambda: None)
    done = run("serve", f"--model={tmp_path}", flag)
    assert done.code == 2
    assert reason in done.err


def test_a_port_that_is_taken_is_told(server: Server, folder: Path) -> None:
    argv = [sys.executable, "-m", "mlopsgen.runtime", "serve", "--model=model", "--predict=predict.py"]
    done = subprocess.run(
        [*argv, "--contract=contract.json", f"--port={server.port}"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == (
        f"mlopsgen: nobody can listen on 127.0.0.1 port {server.port}: Address already in use; choose another --port\n"
    )


def test_a_small_answer_is_sent_at_once() -> None:
    """Head and body go out one after the other, and a caller who keeps its connection waited 40 ms for the second."""
    from mlopsgen.runtime.serving.server import _listening

    with _listening("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname()):
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
