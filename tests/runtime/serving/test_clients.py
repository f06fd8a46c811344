"""The clients that platforms give their users talk to the server as it is: kserve's, and Azure ML's."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from mlopsgen.targets.judge_environment import JudgeEnvironment

from .running import serving, write

pytestmark = pytest.mark.soak
CLIENTS = Path(__file__).with_name("clients")


def lines_of(library: str, script: str, *words: str) -> list[str]:
    """What a client's script printed, run where its library is: made once, half a gigabyte."""
    environment = JudgeEnvironment(f"client-{library}", (library,), CLIENTS / script)
    assert environment.prepare(lambda _: None) is None
    done = subprocess.run([environment.python, CLIENTS / script, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_kserves_own_client_asks_in_both_protocols(tmp_path: Path) -> None:
    write(tmp_path)
    with serving(tmp_path) as server:
        lines = lines_of("kserve", "kserve_client.py", f"http://{server.host}:{server.port}", "churn")
    first, ready, second = map(json.loads, lines)
    assert first == {"v1": [82, 36]}
    assert ready == {"ready": True, "model": True}
    assert second["v2"]["prediction"] == [82, 36]


def test_azures_own_client_asks_as_it_asks_an_endpoint(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "request.json").write_text(json.dumps([{"age": 41, "wait": 0, "plan": "pro"}]))
    with serving(tmp_path) as server:
        url = f"http://{server.host}:{server.port}"
        (line,) = lines_of("azure-ai-ml", "azure_client.py", url, str(tmp_path / "request.json"))
    assert json.loads(line)["predictions"][0]["prediction"] == 82
