"""Requests a second beside others' servers: `python -m benchmarks.serve [--seconds=5] [--connections=8] [--rows=1]`.

One process of each server, the flagship's gradient boosting in one file, the same records as JSON, and wrk for all, in
turn, each twice: the better round counts. Ours checks every record against the data contract; the others
do not. The environments of others are made once, beside the judges' (about 1 GB). Leaves nothing else behind.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from mlopsgen.compile import CompileRequest, compile_spec
from mlopsgen.targets.judge_environment import JudgeEnvironment

ROOT = Path(__file__).resolve().parents[1]
FLAGSHIP = ROOT / "examples/schedule-adherence"
OTHERS = Path(__file__).with_name("others")
SKLEARN = ("scikit-learn", "skops", "pandas")


@dataclass(frozen=True, slots=True)
class Server:
    """One server: its command, the path that predicts, and what is sent there."""

    name: str
    command: Sequence[str]
    path: str
    body: Mapping[str, Any]
    env: Mapping[str, str]


def main() -> int:
    """Trains, starts each server, and prints a row for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, usual in (("seconds", 5), ("connections", 8), ("rows", 1)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        print("wrk is not installed: apt install wrk, brew install wrk", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="mlopsgen-bench-") as place:
        root = Path(place)
        records = laid(root, options.rows)
        for server in servers(root, records):
            with running(server, root) as port:
                best = max(measured(server, port, root, options) for _ in range(2))
            print(f"{server.name:<28} {best[0]:8,.0f} requests/s   p50 {best[1]}   p99 {best[2]}", flush=True)
    return 0


def laid(root: Path, rows: int) -> list[dict[str, Any]]:
    """Trains the model, and gives the records that are asked."""
    train = root / "train"
    train.mkdir()
    shutil.copyfile(FLAGSHIP / "data/schedule_management.csv", train / "data.csv")
    words = [f"--train={train}", f"--model={root / 'model'}", f"--metrics={root / 'metrics'}", "--classifier=gboost"]
    subprocess.run([sys.executable, FLAGSHIP / "src/train.py", *words, "--folds=2"], check=True)
    spec = FLAGSHIP / "spec.yaml"
    bundle = compile_spec(CompileRequest(spec, spec.read_bytes()), "local").bundle
    (root / "contract.json").write_bytes(bundle.files["image/app/mlopsgen_config/contract.json"])
    table = pd.read_csv(train / "data.csv").drop(columns=["activity_id", "schedule_adherence"]).dropna().head(rows)
    records: list[dict[str, Any]] = json.loads(table.to_json(orient="records"))
    return records


def servers(root: Path, records: list[dict[str, Any]]) -> Iterator[Server]:
    """Ours, and those whose environments can be had."""
    model = str(root / "model/model.skops")
    ours = ["-m", "mlopsgen.runtime", "serve", f"--model={root / 'model'}", f"--contract={root / 'contract.json'}"]
    instances = {"instances": records}
    yield Server("mlopsgen", [sys.executable, *ours, "--port={port}"], "/invocations", instances, {})
    kserve = python_with("bench-kserve", "kserve")
    yield Server(
        "kserve", [kserve, str(OTHERS / "kserve_server.py"), model, "{port}"], "/v1/models/bench:predict", instances, {}
    )
    azure = python_with("bench-azmlinfsrv", "azureml-inference-server-http")
    script = ["--entry_script", str(OTHERS / "azure_score.py"), "--port", "{port}"]
    start = [str(Path(azure).with_name("azmlinfsrv")), *script]
    yield Server("azureml-inference-server", start, "/score", instances, {"MODEL": model})
    mlflow = python_with("bench-mlflow", "mlflow")
    subprocess.run([mlflow, OTHERS / "mlflow_save.py", model, root / "mlflow"], check=True, capture_output=True)
    start = [mlflow, "-m", "mlflow", "models", "serve", "-m", str(root / "mlflow"), "--env-manager", "local"]
    path = os.pathsep.join((str(Path(mlflow).parent), os.environ["PATH"]))
    yield Server(
        "mlflow models serve", [*start, "-p", "{port}"], "/invocations", {"dataframe_records": records}, {"PATH": path}
    )


def python_with(name: str, library: str) -> str:
    """The interpreter of an environment that has one server and what the model needs."""
    environment = JudgeEnvironment(name, (library, *SKLEARN), Path(__file__))
    if problem := environment.prepare(lambda words: print(words, file=sys.stderr)):
        raise SystemExit(problem.message)
    return str(environment.python)


@contextmanager
def running(server: Server, root: Path) -> Iterator[int]:
    """The server on a free port of 127.0.0.1, from its first good answer on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [word.replace("{port}", str(port)) for word in server.command]
    with (root / f"{server.name}.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **server.env}, cwd=root)
        try:
            _wait(server, port, process)
            yield port
        finally:
            process.terminate()
            process.wait(30)


def _wait(server: Server, port: int, process: subprocess.Popen[bytes]) -> None:
    body = json.dumps(server.body).encode()
    url = f"http://127.0.0.1:{port}{server.path}"
    for _ in range(240):
        if process.poll() is not None:
            break
        try:
            request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
            with urllib.request.urlopen(request, timeout=10) as answer:
                answer.read()
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    raise SystemExit(f"{server.name} does not answer: {server.command}")


def measured(server: Server, port: int, root: Path, options: argparse.Namespace) -> tuple[float, str, str]:
    """Requests a second, and how long half and 99 of 100 took; every answer has to be a good one."""
    script = root / "post.lua"
    body = json.dumps(server.body).replace("\\", "\\\\").replace("'", "\\'")
    lines = ("wrk.method = 'POST'", f"wrk.body = '{body}'", "wrk.headers['Content-Type'] = 'application/json'")
    script.write_text("\n".join(lines), encoding="utf-8")
    words = ["wrk", "-t1", f"-c{options.connections}", f"-d{options.seconds}s", "--latency", "-s", str(script)]
    said = subprocess.run(
        [*words, f"http://127.0.0.1:{port}{server.path}"], check=True, capture_output=True, text=True
    ).stdout
    if "Non-2xx" in said:
        raise SystemExit(f"{server.name} refused some:\n{said}")
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    half, most = (re.search(rf"{share}%\s+(\S+)", said) for share in (50, 99))
    if not (rate and half and most):
        raise SystemExit(f"wrk says something else than before:\n{said}")
    return float(rate[1]), half[1], most[1]


if __name__ == "__main__":
    sys.exit(main())
