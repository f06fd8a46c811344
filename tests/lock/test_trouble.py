"""Registries and indexes that are away, busy, or know nothing of what is asked: the lock stays as it was."""

from __future__ import annotations

import base64
import json
import socket
from pathlib import Path

import pytest

from tests.lock.conftest import Project
from tests.lock.remotes import Reply

BUSY: Reply = (503, {}, b"busy")
SLOW_DOWN: Reply = (429, {"Retry-After": "2"}, b"")


def test_a_token_is_fetched_once_where_it_is_asked_for(project: Project) -> None:
    assert project.lock().exit_code == 0
    path = "/v2/library/python/manifests/3.11-slim"
    token = "/token?scope=repository%3Alibrary%2Fpython%3Apull&service=here"
    requests = [("HEAD", path, ""), ("GET", token, ""), ("HEAD", path, "Bearer pull-library/python")]
    assert project.registry.requests == requests


def test_a_registry_that_tells_no_digest_is_asked_for_the_manifest(project: Project) -> None:
    project.registry.tells_digest = False
    assert project.lock().exit_code == 0
    digest = project.registry.digest("library/python:3.11-slim")
    assert project.locked().images == {project.base: f"{project.base}@{digest}"}
    assert [method for method, *_ in project.registry.requests][-2:] == ["HEAD", "GET"]


def test_the_login_of_docker_is_shown_to_who_gives_out_tokens(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.registry.login = "anna:secret"
    refused = project.lock()
    assert refused.exit_code == 1
    assert "docker login" in refused.stderr
    folder = project.root.parent / "docker"
    folder.mkdir(exist_ok=True)
    login = base64.b64encode(b"anna:secret").decode()
    (folder / "config.json").write_text(json.dumps({"auths": {project.registry.host: {"auth": login}}}))
    monkeypatch.setenv("DOCKER_CONFIG", str(folder))
    done = project.lock()
    assert done.exit_code == 0
    assert "secret" not in done.output + project.file.read_text()


@pytest.mark.parametrize("trouble", [[BUSY], [SLOW_DOWN, SLOW_DOWN], [BUSY, SLOW_DOWN, BUSY]])
def test_who_is_busy_is_asked_again(project: Project, trouble: list[Reply]) -> None:
    project.registry.trouble = list(trouble)
    assert project.lock().exit_code == 0
    assert len(project.registry.requests) == 3 + len(trouble)


def test_the_pause_is_the_one_that_was_asked_for(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", pauses.append)
    project.registry.trouble = [SLOW_DOWN, (429, {"Retry-After": "9999"}, b""), BUSY]
    assert project.lock().exit_code == 0
    assert pauses == [2, 30, 2]


@pytest.mark.parametrize("answer", [BUSY, (500, {}, b"<html>"), SLOW_DOWN], ids=["503", "500", "429"])
def test_a_registry_that_stays_busy_is_a_remote_failure(project: Project, answer: Reply) -> None:
    project.lock()
    before = project.file.read_bytes()
    project.index.add("acme-learn", "1.9")
    project.registry.trouble = [answer] * 20
    done = project.lock()
    assert done.exit_code == 3
    assert f"error[MG132]: 127.0.0.1 does not answer: it answers {answer[0]}" in done.stderr
    assert project.file.read_bytes() == before


def test_a_registry_that_is_not_there_is_a_remote_failure(project: Project) -> None:
    project.change(project.registry.host, f"127.0.0.1:{_closed()}")
    done = project.lock()
    assert done.exit_code == 3
    assert "MG132" in done.stderr
    assert "refused" in done.stderr
    assert not project.file.exists()


def test_an_index_that_is_not_there_is_a_remote_failure(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{_closed()}/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    done = project.lock()
    assert (done.exit_code, "the package index does not answer" in done.stderr) == (3, True)
    assert not project.file.exists()


def test_an_index_that_stays_busy_is_a_remote_failure(project: Project) -> None:
    project.index.trouble = [BUSY] * 20
    done = project.lock()
    assert (done.exit_code, "MG132" in done.stderr) == (3, True)
    assert not project.file.exists()


def test_all_that_does_not_exist_is_said_at_once(project: Project) -> None:
    project.change("3.11-slim", "3.11-slimm")
    project.write("src/requirements.txt", "acme-lern>=1\n")
    done = project.lock()
    assert done.exit_code == 1
    assert "spec.yaml:4:9: error[MG131]: there is no image" in done.stderr
    messages = "src/requirements.txt:1:1: error[MG131]: there is no wheel for Linux on x86-64 that meets `acme-lern>=1`"
    assert f"{project.root}/{messages}" in done.stderr
    assert not project.file.exists()


def test_requirements_that_contradict_each_other_are_said(project: Project) -> None:
    project.index.add("acme-plots", "1", "acme-learn<1")
    project.write("src/requirements.txt", "acme-learn>=1\nacme-plots\n")
    done = project.lock()
    assert done.exit_code == 1
    assert "error[MG131]: pip cannot meet `acme-learn>=1, acme-plots`" in done.stderr


def test_only_wheels_for_the_image_s_platform_count(project: Project) -> None:
    project.index.add("acme-fast", "1.0", tag="cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64")
    project.index.add("acme-fast", "1.1", tag="cp311-cp311-win_amd64")
    project.index.add("acme-fast", "1.2", tag="cp311-cp311-manylinux_2_28_aarch64")
    project.index.add("acme-fast", "1.3", tag="cp312-cp312-manylinux_2_28_x86_64")
    project.write("src/requirements.txt", "acme-fast\n")
    assert project.lock().exit_code == 0
    (entry,) = project.locked().requirements.values()
    assert [line.partition(" ")[0] for line in entry.packages] == ["acme-fast==1.0"]


def test_a_lock_that_would_bring_options_into_pip_is_refused(project: Project) -> None:
    project.lock()
    text = project.file.read_text()
    project.file.write_text(text.replace('"acme-learn==1.2', '"--index-url http://evil.example acme-learn==1.2'))
    done = project.compile()
    assert done.exit_code == 1
    assert "MG130" in done.stderr


def test_a_redirect_to_another_host_is_shown_no_token(project: Project, index_of_manifests: str) -> None:
    body = project.registry.images.pop("library/python:3.11-slim")
    project.index.wheels["manifest"] = body
    path = "/v2/library/python/manifests/3.11-slim"
    project.registry.requests.clear()
    answers = [
        (401, {"WWW-Authenticate": f'Bearer realm="http://{project.registry.host}/token",service="here"'}, b""),
        (200, {}, b'{"token": "hidden"}'),
        (307, {"Location": f"http://{index_of_manifests}/files/manifest"}, b""),
        (307, {"Location": f"http://{index_of_manifests}/files/manifest"}, b""),
    ]
    project.registry.trouble = answers
    assert project.lock().exit_code == 0
    assert (path, "Bearer hidden") in [(where, shown) for _, where, shown in project.registry.requests]
    moved = [shown for _, where, shown in project.index.requests if where == "/files/manifest"]
    assert moved == ["", ""]


@pytest.fixture
def index_of_manifests(project: Project) -> str:
    return project.index.host


def _closed() -> int:
    """A port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def test_a_tree_is_left_as_it_was(project: Project) -> None:
    project.registry.trouble = [BUSY] * 20
    project.lock()
    assert sorted(str(path.relative_to(project.root)) for path in project.root.rglob("*") if path.is_file()) == [
        str(Path("data") / "churn.csv"),
        "spec.yaml",
        str(Path("src") / "requirements.txt"),
        str(Path("src") / "train.py"),
    ]
