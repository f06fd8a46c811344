"""The parts of a lock: names of images, logins, versions of remote data, what is said about changes."""

from __future__ import annotations

import base64
import datetime as dt
import json
import stat
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.stub import Stubber

from mlopsgen.diagnostics import Severity, SpecError
from mlopsgen.lock import Lock, LockedData, LockedRequirements, read_lock, write_lock
from mlopsgen.lock.model import LockNeeds, without_tag
from mlopsgen.lock.registry import docker_login, image_name
from mlopsgen.lock.renew import World, changes, renew
from mlopsgen.lock.stores import not_locked, remote_data
from mlopsgen.lock.web import Unreachable
from mlopsgen.lock.wheels import markers_differ, resolved
from tests.lock.conftest import Project
from tests.lock.remotes import Remote, Reply, serving

WHERE = ("data", "sources", "source", "uri")
PIN = f"@sha256:{'0' * 64}"


@pytest.mark.parametrize(
    ("image", "base", "repository", "tag"),
    [
        ("python:3.11-slim", "https://registry-1.docker.io", "library/python", "3.11-slim"),
        ("acme/scorer", "https://registry-1.docker.io", "acme/scorer", "latest"),
        ("docker.io/library/python:3.11", "https://registry-1.docker.io", "library/python", "3.11"),
        ("ghcr.io/acme/a/b:1", "https://ghcr.io", "acme/a/b", "1"),
        ("registry.acme.example:5000/b:1", "https://registry.acme.example:5000", "b", "1"),
        ("localhost/b:1", "http://localhost", "b", "1"),
        ("127.0.0.1:5000/b", "http://127.0.0.1:5000", "b", "latest"),
    ],
)
def test_an_image_is_asked_for_where_docker_would(image: str, base: str, repository: str, tag: str) -> None:
    name = image_name(image)
    assert (name.base, name.repository, name.tag) == (base, repository, tag)


@pytest.mark.parametrize(
    ("image", "bare"),
    [
        (f"python:3.11{PIN}", f"python{PIN}"),
        (f"127.0.0.1:5000/a{PIN}", f"127.0.0.1:5000/a{PIN}"),
        (f"127.0.0.1:5000/a:1{PIN}", f"127.0.0.1:5000/a{PIN}"),
        ("python:3.11", "python:3.11"),
    ],
)
def test_a_tag_goes_and_a_port_stays(image: str, bare: str) -> None:
    assert without_tag(image) == bare


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    return tmp_path / "config.json"


def test_nobody_has_logged_in(docker: Path) -> None:
    assert docker_login("ghcr.io") is None
    for text in ("{", "[]", '{"auths": 3}', '{"auths": {"ghcr.io": {"auth": ""}}}'):
        docker.write_text(text)
        assert docker_login("ghcr.io") is None


@pytest.mark.parametrize("name", ["docker.io", "https://docker.io", "https://index.docker.io/v1/"])
def test_docker_s_own_registry_has_several_names(docker: Path, name: str) -> None:
    docker.write_text(json.dumps({"auths": {name: {"auth": "YTpi"}}}))
    assert docker_login("docker.io") == "YTpi"
    assert docker_login("ghcr.io") is None


@pytest.mark.parametrize(
    "config", [{"credHelpers": {"ghcr.io": "safe"}}, {"auths": {"ghcr.io": {}}, "credsStore": "safe"}]
)
def test_a_helper_is_asked_for_the_login(docker: Path, monkeypatch: pytest.MonkeyPatch, config: Any) -> None:
    helper = docker.parent / "docker-credential-safe"
    answer = 'import json, sys; print(json.dumps({"Username": "anna", "Secret": sys.stdin.read()}))'
    helper.write_text(f"#!{sys.executable}\n{answer}\n")
    helper.chmod(helper.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(docker.parent), prepend=":")
    docker.write_text(json.dumps(config))
    assert docker_login("ghcr.io") == base64.b64encode(b"anna:ghcr.io").decode()


def test_a_helper_that_is_not_there_is_no_login(docker: Path) -> None:
    docker.write_text(json.dumps({"credHelpers": {"ghcr.io": "not-installed", "quay.io": "../../evil"}}))
    assert docker_login("ghcr.io") is None
    assert docker_login("quay.io") is None


def _s3() -> tuple[Any, Stubber]:
    client = boto3.client(
        "s3",
        region_name="eu-west-1",
        aws_access_key_id="none",
        aws_secret_access_key="none",
        config=Config(retries={"total_max_attempts": 1}),
    )
    return client, Stubber(client)


def _object(key: str, tag: str, size: int = 5) -> dict[str, Any]:
    return {
        "Key": key,
        "ETag": f'"{tag}"',
        "Size": size,
        "LastModified": dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    }


def _listing(stub: Stubber, *objects: dict[str, Any]) -> None:
    parameters = {"Bucket": "lake", "Prefix": "trips"}
    stub.add_response("list_objects_v2", {"Contents": list(objects), "IsTruncated": False}, parameters)


@pytest.mark.parametrize(
    ("head", "digest"),
    [
        ({"VersionId": "v7"}, "version:v7"),
        ({"VersionId": "null"}, "etag:abc"),
        ({}, "etag:abc"),
    ],
)
def test_an_object_in_s3_has_a_version_or_a_tag(head: dict[str, str], digest: str) -> None:
    client, stub = _s3()
    _listing(stub, _object("trips", "abc"))
    stub.add_response("head_object", {"ContentLength": 5, "ETag": '"abc"', **head}, {"Bucket": "lake", "Key": "trips"})
    with stub:
        assert remote_data("s3://lake/trips", WHERE, {"s3": client}) == LockedData(digest, 5)


def test_a_folder_in_s3_has_one_digest_over_its_objects() -> None:
    digests = set()
    for first, second in (("a", "b"), ("a", "b"), ("a", "c")):
        client, stub = _s3()
        # `trips-old/` begins with the same letters and is another folder.
        _listing(stub, _object("trips/2", second), _object("trips/1", first), _object("trips-old/1", second))
        with stub:
            data = remote_data("s3://lake/trips", WHERE, {"s3": client})
        assert data
        assert data.size == 10
        digests.add(data.digest)
    assert len(digests) == 2
    assert all(digest.startswith("listing:") for digest in digests)


@pytest.mark.parametrize(
    ("code", "kind"), [("AccessDenied", "MG131"), ("NoSuchBucket", "MG131"), ("SlowDown", "MG132")]
)
def test_s3_that_refuses_is_a_finding_and_s3_that_is_busy_a_remote_failure(code: str, kind: str) -> None:
    client, stub = _s3()
    stub.add_client_error("list_objects_v2", code)
    with stub, pytest.raises(SpecError) as stopped:
        remote_data("s3://lake/trips", WHERE, {"s3": client})
    assert [d.code for d in stopped.value.findings] == [kind]
    assert isinstance(stopped.value, Unreachable) == (kind == "MG132")


def test_a_source_that_is_not_there_cannot_be_locked() -> None:
    client, stub = _s3()
    _listing(stub)
    with stub, pytest.raises(SpecError) as stopped:
        remote_data("s3://lake/trips", WHERE, {"s3": client})
    assert [(d.code, d.spec_path) for d in stopped.value.findings] == [("MG131", WHERE)]


def test_s3_without_its_library_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    assert remote_data("s3://lake/trips", WHERE) is None
    finding = not_locked("s3://lake/trips", WHERE)
    assert (finding.severity, finding.hint) == (Severity.WARNING, 'pip install "mlopsgen[sagemaker]"')


@dataclass
class File(Remote):
    headers: dict[str, str] = field(default_factory=lambda: {"ETag": 'W/"v1"', "Content-Length": "9"})

    def answer(self, method: str, path: str, query: dict[str, list[str]], authorization: str) -> Reply:
        return (200, self.headers, b"") if path == "/a.csv" else (404, {}, b"")


def test_a_file_on_the_web_has_the_tag_that_its_server_tells() -> None:
    file = File()
    with serving(file):
        assert remote_data(f"http://{file.host}/a.csv", WHERE) == LockedData("etag:v1", 9)
        with pytest.raises(SpecError, match="answers 404"):
            remote_data(f"http://{file.host}/b.csv", WHERE)
        file.headers = {}
        with pytest.raises(SpecError, match="names no version"):
            remote_data(f"http://{file.host}/a.csv", WHERE)


def _world(**known: LockedData | None) -> World:
    return World(
        image=lambda image: f"sha256:{'1' * 64}",
        packages=lambda python, lines: tuple(f"{line}==1 --hash=sha256:{'2' * 64}" for line in lines),
        data=lambda uri, where: known.get(uri.partition(":")[0]),
    )


def test_a_store_that_nobody_can_ask_is_a_warning() -> None:
    needs = LockNeeds(remote={"gs://lake/trips": WHERE, "s3://lake/trips": WHERE})
    lock, findings = renew(needs, _world(gs=None, s3=LockedData("version:1", 5)))
    assert lock.data == {"s3://lake/trips": LockedData("version:1", 5)}
    assert [(d.code, d.severity, d.spec_path) for d in findings] == [("MG131", Severity.WARNING, WHERE)]


def test_whoever_waits_is_told_for_what() -> None:
    lines: list[str] = []
    entry = LockedRequirements("3.11", ("a", "b"), ())
    needs = LockNeeds(images={"python:3.11": ()}, requirements={"k": entry}, remote={"s3://lake/a": WHERE})
    renew(needs, _world(s3=LockedData("version:1", 5)), lines.append)
    assert lines == [
        "asking for the digest of python:3.11",
        "resolving 2 requirements for Python 3.11",
        "asking for the version of s3://lake/a",
    ]


def test_the_order_of_a_spec_does_not_matter() -> None:
    one = LockNeeds(images={"a": (), "b": ()}, local={"x": LockedData("1", 1), "y": LockedData("2", 2)})
    other = LockNeeds(images={"b": (), "a": ()}, local={"y": LockedData("2", 2), "x": LockedData("1", 1)})
    assert write_lock(renew(one, _world())[0]) == write_lock(renew(other, _world())[0])


def test_a_lock_survives_its_file() -> None:
    lock = Lock(
        images={"python:3.11": f"python:3.11{PIN}"},
        pushed={"churn:src-0123456789abcdef": f"churn{PIN}"},
        requirements={"k": LockedRequirements("3.11", ("a>=1",), (f"a==1 --hash=sha256:{'0' * 64}",))},
        data={"s3://lake/a": LockedData("etag:x", 3, 4)},
    )
    assert read_lock(write_lock(lock)) == lock


@pytest.mark.parametrize(
    "line",
    [
        "a",
        "a==1",
        "a>=1 --hash=sha256:" + "0" * 64,
        f"a==1 --hash=sha256:{'0' * 64}\n--pre",
        "-r other.txt",
        "a==1 --hash=md5:0",
    ],
)
def test_a_line_that_pins_nothing_or_too_much_is_refused(line: str) -> None:
    entry = {"python": "3.11", "wanted": ["a"], "packages": [line]}
    with pytest.raises(SpecError, match="MG130"):
        read_lock(json.dumps({"version": 1, "requirements": {"k": entry}}).encode())


@pytest.mark.parametrize("image", ["python:3.11", f"python{PIN}\nRUN evil", f"python{PIN} AS x", "python@sha256:0"])
def test_an_image_that_is_no_digest_is_refused(image: str) -> None:
    with pytest.raises(SpecError, match="MG130"):
        read_lock(json.dumps({"version": 1, "images": {"python:3.11": image}}).encode())


def test_several_versions_of_a_package_are_all_said() -> None:
    def lock(*versions: str) -> Lock:
        return Lock(
            requirements={v: LockedRequirements("3.11", (), (f"a=={v} --hash=sha256:{'0' * 64}",)) for v in versions}
        )

    assert changes(lock("1", "2"), lock("1", "3")) == ("~ package a 1, 2 → 1, 3",)


def test_markers_of_another_python_are_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    monkeypatch.setattr("shutil.which", lambda _: None)
    here = f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert list(markers_differ(here)) == []
    (finding,) = markers_differ("3.99")
    assert (finding.code, finding.severity) == ("MG131", Severity.WARNING)
    monkeypatch.setattr("platform.machine", lambda: "arm64")
    (other,) = markers_differ(here)
    assert "the image is Linux" in other.message


def test_nothing_is_asked_for_no_requirements() -> None:
    assert resolved("3.11", ()) == ()


def test_a_wheel_by_its_address_keeps_it(project: Project) -> None:
    digest = project.index.add("acme-own", "5")
    address = f"http://{project.index.host}/files/acme_own-5-py3-none-any.whl"
    assert resolved("3.11", (f"acme-own @ {address}",)) == (f"acme-own @ {address} --hash=sha256:{digest}",)


def test_hashes_that_a_user_has_are_no_hindrance(project: Project) -> None:
    line = f"acme-tables==0.3 --hash=sha256:{'0' * 64}"
    (package,) = resolved("3.11", (line,))
    assert package.startswith("acme-tables==0.3 --hash=sha256:")
