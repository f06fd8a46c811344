"""The API of a cluster is trusted by the authority that Kubernetes gives to each pod, whatever its age."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from mlopsgen.runtime.kubernetes import Cluster
from mlopsgen.runtime.problems import Failed

from .fake_http import Handler

WANTED = {"apiVersion": "kubeflow.org/v1beta1", "kind": "Experiment", "metadata": {"name": "a", "namespace": "ml"}}
BEGUN = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


class Api(Handler):
    def get(self) -> None:
        self.answer(200, b'{"kind": "Experiment"}')


def _certificate(
    name: str, key: ec.EllipticCurvePrivateKey, issuer: str, by: ec.EllipticCurvePrivateKey, about: x509.ExtensionType
) -> bytes:
    """With one extension, as clusters have made them for years: no key usage, no identifier of an authority."""
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, one)]) for one in (name, issuer)]
    made = x509.CertificateBuilder().subject_name(names[0]).issuer_name(names[1]).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number()).not_valid_before(BEGUN)
    made = made.not_valid_after(BEGUN + dt.timedelta(days=36500)).add_extension(about, critical=False)
    return made.sign(by, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A pod's account, in a cluster whose authority is an old one."""
    authority, server = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    (tmp_path / "token").write_text("t")
    (tmp_path / "ca.crt").write_bytes(
        _certificate("kubernetes", authority, "kubernetes", authority, x509.BasicConstraints(True, None))
    )
    (tmp_path / "server.crt").write_bytes(_certificate("api", server, "kubernetes", authority, address))
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (tmp_path / "server.key").write_bytes(server.private_bytes(*form))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.crt", tmp_path / "server.key")
    http = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    http.socket = context.wrap_socket(http.socket, server_side=True)
    threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    monkeypatch.setenv("KUBERNETES_API", f"https://127.0.0.1:{http.server_port}")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield tmp_path
    http.shutdown()
    http.server_close()


def test_the_authority_of_an_old_cluster_is_trusted_by_python_3_13_too(
    account: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python 3.13 is strict about extensions that the authorities of EKS, GKE and MicroK8s lack.

    kubernetes-client/python, issue 2394; canonical/microk8s, issue 4864.
    """
    as_before = ssl.create_default_context

    def strict(cafile: str | None = None) -> ssl.SSLContext:
        context = as_before(cafile=cafile)
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        return context

    monkeypatch.setattr(ssl, "create_default_context", strict)
    assert Cluster(account, pause=0).read(WANTED) == {"kind": "Experiment"}


def test_nobody_else_is_trusted(account: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (account / "ca.crt").unlink()
    with pytest.raises(Failed, match="certificate verify failed"):
        Cluster(account, pause=0).read(WANTED)
