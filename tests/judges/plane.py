"""A cluster's control plane on this machine: the real API server with its store, and the operators' CRDs in it.

    with plane(folder) as cluster:
        cluster.namespace("ml")
        refusal = cluster.apply(document)

Each start gets ports of its own on the loopback and a copy of a store that has the CRDs: they are put into one once,
into the judges' cache. With `controllers`, Jobs and Deployments become pods, too, and pods are given to nodes, of which
there are none until a test adds one. Processes end with whoever started them.
"""

from __future__ import annotations

import json
import lzma
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path

import yaml
from tools.judges import SOURCES, programs

from mlopsgen.bundle.swap import alone
from tests.judges import binary
from tests.judges.cluster import Cluster

LONGEST = 120
"""Seconds until it must answer, on a machine with much else to do."""
CRDS = SOURCES / "kubeplane/crds"
TOKEN = "admin-of-a-test"

STORE = "etcd"

_HOST = "127.0.0.1"
_KEY = "{folder}/certificates/apiserver.key"
CONTROLLERS: Mapping[str, Sequence[str]] = {
    "kube-controller-manager": (f"--service-account-private-key-file={_KEY}",),
    "kube-scheduler": (),
}


class Loader(yaml.CSafeLoader):
    """A bare `=` is a text here, as for the API server."""


def _as_text(loader: Loader, node: yaml.ScalarNode) -> str:
    return str(loader.construct_scalar(node))


Loader.add_constructor("tag:yaml.org,2002:value", _as_text)


@contextmanager
def plane(folder: Path, *, controllers: bool = False) -> Iterator[Cluster]:
    """A cluster that knows every kind, whose files lie in a folder."""
    shutil.copytree(_with_crds(), folder / STORE)
    with ExitStack() as stack:
        cluster = stack.enter_context(_started(folder))
        if controllers:
            _write_access(folder, cluster)
            for part, arguments in CONTROLLERS.items():
                told = (f"--kubeconfig={folder / 'kubeconfig'}", *(one.format(folder=folder) for one in arguments))
                stack.enter_context(_process(folder, part, (*told, "--leader-elect=false", "--secure-port=0")))
        yield cluster


def definitions() -> Iterator[dict[str, object]]:
    """The CRDs of all operators."""
    for path in sorted(CRDS.glob("*.xz")):
        yield from filter(None, yaml.load_all(lzma.decompress(path.read_bytes()), Loader))


def _with_crds() -> Path:
    """A store in which the CRDs are, made once."""
    parts = [binary("kubeplane").parent.name.encode(), *(path.read_bytes() for path in sorted(CRDS.glob("*.xz")))]
    store = programs() / f"kubeplane-crds-{sha256(b''.join(parts)).hexdigest()[:16]}"
    with alone(store):
        if not store.is_dir():
            _make(store)
    return store


def _make(store: Path) -> None:
    folder = store.with_name(f"{store.name}.new")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    with _started(folder) as cluster:
        for definition in definitions():
            refusal = cluster.apply(definition, rehearsal=False)
            assert refusal is None, refusal
        cluster.wait_for_definitions()
    # The server of the store has ended: its files are whole.
    (folder / STORE).rename(store)
    shutil.rmtree(folder)


@contextmanager
def _started(folder: Path) -> Iterator[Cluster]:
    store, peers, secure = _free_ports(3)
    _write_tokens(folder)
    with ExitStack() as stack:
        stack.enter_context(_process(folder, "etcd", _store_arguments(folder, store, peers)))
        server = stack.enter_context(_process(folder, "kube-apiserver", _server_arguments(folder, store, secure)))
        cluster = Cluster(f"https://{_HOST}:{secure}", folder / "certificates/apiserver.crt", TOKEN)
        stack.callback(cluster.close)
        _wait(cluster, server, folder / "kube-apiserver.log")
        yield cluster


def _store_arguments(folder: Path, port: int, peers: int) -> Sequence[str]:
    clients, others = f"http://{_HOST}:{port}", f"http://{_HOST}:{peers}"
    return (
        *(f"--data-dir={folder / STORE}", "--log-level=error", "--unsafe-no-fsync"),
        *(f"--listen-client-urls={clients}", f"--advertise-client-urls={clients}"),
        *(f"--listen-peer-urls={others}", f"--initial-advertise-peer-urls={others}"),
        f"--initial-cluster=default={others}",
    )


def _server_arguments(folder: Path, store: int, port: int) -> Sequence[str]:
    # The server makes it before it reads it: one key, for its certificate and for the tokens of accounts.
    key = _KEY.format(folder=folder)
    return (
        *(f"--etcd-servers=http://{_HOST}:{store}", f"--secure-port={port}"),
        *(f"--bind-address={_HOST}", f"--advertise-address={_HOST}", f"--cert-dir={folder / 'certificates'}"),
        *(f"--service-account-key-file={key}", f"--service-account-signing-key-file={key}"),
        *(f"--service-account-issuer=https://{_HOST}", f"--token-auth-file={folder / 'tokens.csv'}"),
        *("--authorization-mode=RBAC", "--service-cluster-ip-range=10.96.0.0/16"),
        # No controller makes accounts here, and nobody is to be reached at an address.
        *("--disable-admission-plugins=ServiceAccount", "--endpoint-reconciler-type=none"),
        "--enable-priority-and-fairness=false",
    )


def _write_tokens(folder: Path) -> None:
    (folder / "tokens.csv").write_text(f"{TOKEN},admin,1,system:masters\n")


def _write_access(folder: Path, cluster: Cluster) -> None:
    """The kubeconfig of the parts that ask the server."""
    server = {"server": cluster.address, "certificate-authority": str(cluster.certificate)}
    said = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "here",
        "clusters": [{"name": "here", "cluster": server}],
        "users": [{"name": "admin", "user": {"token": cluster.token}}],
        "contexts": [{"name": "here", "context": {"cluster": "here", "user": "admin"}}],
    }
    (folder / "kubeconfig").write_text(json.dumps(said))


@contextmanager
def _process(folder: Path, part: str, arguments: Sequence[str]) -> Iterator[subprocess.Popen[bytes]]:
    """A part of the plane; it ends with its stdin, so that it never outlives this process."""
    command = [str(binary("kubeplane")), part, *arguments]
    with (folder / f"{part}.log").open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log, env=_environment(folder))
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdin is not None:
            process.stdin.close()


def _environment(folder: Path) -> Mapping[str, str]:
    """Nothing of the user's cluster, and nothing of a proxy."""
    return {"PATH": os.environ.get("PATH", ""), "HOME": str(folder), "TZ": "UTC"}


def _wait(cluster: Cluster, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + LONGEST
    while not cluster.ready():
        if server.poll() is not None or time.monotonic() > until:
            raise AssertionError(log.read_text(errors="replace")[-2000:])
        time.sleep(0.1)


def _free_ports(count: int) -> Sequence[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind((_HOST, 0))
        return [one.getsockname()[1] for one in sockets]
