"""The adapter of Azure against a workspace, a vault and a container in memory, which know what REST they are asked."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from io import BufferedReader
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from urllib.request import Request
from xml.sax.saxutils import escape

import pytest

from mlopsgen.runtime.budget import count_up
from mlopsgen.runtime.platforms import azure_rest, fetch_secret, open_registry, open_store
from mlopsgen.runtime.platforms.api import Candidate, Promoting, Writable
from mlopsgen.runtime.platforms.azure_rest import Answer
from mlopsgen.runtime.problems import Failed, Usage

HOME = "azureml://subscriptions/s/resourceGroups/g/workspaces/w/datastores/lake"
WORKSPACE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w"


class Cloud:
    """What Azure keeps, and every call that came."""

    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = {}
        self.marks: dict[str, int] = {}
        self.models: dict[str, dict[str, Any]] = {}
        self.calls: list[str] = []
        self.busy = 0

    def __call__(self, request: Request) -> Answer:
        address = urlsplit(request.full_url)
        method = request.get_method()
        self.calls.append(f"{method} {address.hostname}{address.path}")
        assert request.get_header("Authorization", "").startswith("Bearer token for https://")
        if self.busy:
            self.busy -= 1
            return Answer(503, {}, b"")
        body = request.data.read() if isinstance(request.data, BufferedReader) else request.data
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        match address.hostname:
            case "acme.vault.azure.net":
                found = {"/secrets/token": "abc"}.get(address.path)
                return (
                    Answer(200, {}, json.dumps({"value": found}).encode()) if found else _problem(404, "SecretNotFound")
                )
            case "management.azure.com":
                return self.arm(method, unquote(address.path), body, query)
            case "acme.blob.core.windows.net":
                return self.blob(method, unquote(address.path), body, query, request)
        return _problem(400, f"nobody is called {address.hostname}")

    def arm(self, method: str, path: str, body: Any, query: dict[str, str]) -> Answer:
        assert query["api-version"]
        assert path.startswith(WORKSPACE), path
        rest = path.removeprefix(WORKSPACE)
        if rest == "/datastores/lake":
            said = {"accountName": "acme", "containerName": "data", "endpoint": "core.windows.net"}
            return Answer(200, {}, json.dumps({"properties": said}).encode())
        if found := re.fullmatch("/models/payers/versions/([0-9]+)", rest):
            if method == "GET":
                about = self.models.get(found[1])
                return (
                    _problem(404, "NotFound")
                    if about is None
                    else Answer(200, {}, json.dumps({"properties": about}).encode())
                )
            assert method == "PUT"
            self.models[found[1]] = json.loads(body)["properties"]
            return Answer(201, {}, b"{}")
        if rest == "/models/payers/versions":
            named = [{"name": name, "properties": about} for name, about in reversed(self.models.items())]
            if not named:
                return _problem(404, "ModelContainerNotFound")
            start = int(query.get("$skip", "0"))
            page: dict[str, Any] = {"value": named[start : start + 1]}
            if start + 1 < len(named):
                page["nextLink"] = f"https://management.azure.com{path}?api-version=x&$skip={start + 1}"
            return Answer(200, {}, json.dumps(page).encode())
        return _problem(404, "NotFound")

    def blob(self, method: str, path: str, body: Any, query: dict[str, str], request: Request) -> Answer:
        assert request.get_header("X-ms-version")
        if query.get("comp") == "list":
            names = sorted(n for n in self.blobs if n.startswith(f"/data/{query['prefix']}"))
            start = names.index(query["marker"]) if query.get("marker") else 0
            shown = "".join(
                f"<Blob><Name>{escape(n.removeprefix('/data/'))}</Name><Properties><Etag>{self.marks[n]}</Etag>"
                f"<Content-Length>{len(self.blobs[n])}</Content-Length></Properties></Blob>"
                for n in names[start : start + 1]
            )
            marker = names[start + 1] if start + 1 < len(names) else ""
            page = f"<R><Blobs>{shown}</Blobs><NextMarker>{escape(marker)}</NextMarker></R>"
            return Answer(200, {}, page.encode())
        if method == "GET":
            if path not in self.blobs:
                return _problem(404, "BlobNotFound")
            if request.get_header("If-match") not in (None, f'"{self.marks[path]}"'):
                return _problem(412, "ConditionNotMet")
            if found := re.fullmatch(r"bytes=(\d+)-(\d+)", request.get_header("X-ms-range") or ""):
                return Answer(206, {}, self.blobs[path][int(found[1]) : int(found[2]) + 1])
            return Answer(200, {"ETag": f'"{self.marks[path]}"'}, self.blobs[path])
        if method == "DELETE":
            return Answer(202, {}, b"") if self.blobs.pop(path, None) is not None else _problem(404, "BlobNotFound")
        if source := request.get_header("X-ms-copy-source"):
            body = self.blobs[unquote(urlsplit(source).path)]
            self.blobs[path], self.marks[path] = body, self.marks.get(path, 0) + 1
            return Answer(202, {"x-ms-copy-status": "pending"}, b"")
        if method == "HEAD":
            return Answer(200, {"x-ms-copy-status": "success"}, b"")
        assert request.get_header("X-ms-blob-type") == "BlockBlob"
        if request.get_header("If-none-match") == "*" and path in self.blobs:
            return _problem(409, "BlobAlreadyExists")
        seen = request.get_header("If-match")
        if seen is not None and seen != f'"{self.marks.get(path)}"':
            return _problem(412, "ConditionNotMet")
        self.blobs[path] = body
        self.marks[path] = self.marks.get(path, 0) + 1
        return Answer(201, {}, b"")


def _problem(status: int, code: str) -> Answer:
    return Answer(status, {}, json.dumps({"error": {"code": code, "message": "no"}}).encode())


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Cloud:
    made = Cloud()
    monkeypatch.setattr(azure_rest, "send", made)
    monkeypatch.setattr(azure_rest, "WAITS", (0,))
    monkeypatch.setattr(azure_rest, "token", lambda resource: f"token for {resource}")
    return made


def candidate(folder: Path, status: str = "approved", **metrics: float) -> Candidate:
    model, figure = folder / "model", folder / "curve"
    for path in (model / "inner", figure):
        path.mkdir(parents=True, exist_ok=True)
    (model / "inner" / "a b.txt").write_text("weights")
    (figure / "curve.png").write_bytes(b"png")
    about = {
        "status": status,
        "metrics": metrics,
        "gate": {"passed": status != "rejected"},
        "lineage": {"data_version": '{"rows": "sha256:1"}', "run": "r"},
        "card": {"intended_use": "Tests"},
        "description": "Who pays",
        "tags": {"team": "ml"},
        "model_digest": "sha256:2",
    }
    return Candidate(model=model, figures=(figure,), about=about)


def registry() -> Writable:
    found = open_registry(f"{HOME}/models/payers")
    assert isinstance(found, Writable)
    return found


def test_a_secret_is_read_from_its_vault(cloud: Cloud) -> None:
    assert fetch_secret("azure-keyvault://acme/token") == "abc"
    with pytest.raises(Failed, match="the secret `none` of acme: Azure answers 404 SecretNotFound"):
        fetch_secret("azure-keyvault://acme/none")
    with pytest.raises(Usage, match="VAULT/NAME"):
        fetch_secret("azure-keyvault://acme")


def test_counters_in_a_datastore_lose_no_use(cloud: Cloud) -> None:
    store, other = (open_store(f"{HOME}/paths/payers/state/test-set") for _ in range(2))
    seen = store.read("a.json")
    assert seen.body is None
    assert count_up(other, "a.json") == 1
    assert not store.write("a.json", b"{}", seen), "it was made since"
    seen = store.read("a.json")
    assert count_up(other, "a.json") == 2
    assert not store.write("a.json", b"{}", seen), "it was changed since"
    assert count_up(store, "a.json") == 3
    assert [*cloud.blobs] == ["/data/payers/state/test-set/a.json"]


def test_a_version_is_registered_whole_and_becomes_the_champion(cloud: Cloud, tmp_path: Path) -> None:
    assert registry().champion() is None
    assert registry().versions() == ()
    assert registry().register(candidate(tmp_path, accuracy=0.9)) == "1"
    about = cloud.models["1"]
    assert about["modelUri"].endswith("/workspaces/w/datastores/lake/paths/models/payers/1/model/")
    said = {"team": "ml", "status": "approved", "metric.accuracy": "0.9", "data.rows": "sha256:1"}
    assert about["tags"] == said | {"alias": "champion"}
    assert about["description"] == "Who pays\n\n**intended use**: Tests"
    assert json.loads(about["properties"]["metrics"]) == {"accuracy": 0.9}
    puts = [call for call in cloud.calls if call.startswith("PUT")]
    assert "version.json" in puts[0], "the number is reserved first"
    assert "management" in puts[-1], "the version is made last"
    found = registry().champion()
    assert found is not None
    assert (found.name, found.metrics) == ("1", {"accuracy": 0.9})
    registry().fetch_model(found, tmp_path / "fetched")
    assert (tmp_path / "fetched/inner/a b.txt").read_text() == "weights"
    assert cloud.blobs["/data/models/payers/1/figures/curve.png"] == b"png"


def test_a_new_champion_takes_the_tag_from_the_old_one(cloud: Cloud, tmp_path: Path) -> None:
    for status in ("approved", "pending", "approved", "rejected"):
        registry().register(candidate(tmp_path, status))
    assert [version.name for version in registry().versions()] == ["1", "2", "3", "4"]
    aliases = [cloud.models[name]["tags"].get("alias") for name in "1234"]
    assert aliases == ["retired", None, "champion", None], "a tag left out may stay (azure-sdk-for-python 30671)"
    assert cloud.models["1"]["tags"]["team"] == "ml", "its other tags stay"
    assert cloud.models["1"]["modelUri"], "and all else of it"


def test_where_something_answers_a_version_is_the_champion_once_it_is_live(cloud: Cloud, tmp_path: Path) -> None:
    """A batch would else be scored with what a rollout is about to take back."""
    registry().register(candidate(tmp_path))
    registry().register(replace(candidate(tmp_path), rolled_out=True))
    aliases = [cloud.models[name]["tags"].get("alias") for name in "12"]
    assert aliases == ["champion", None]
    models = registry()
    assert isinstance(models, Promoting)
    assert models.status("2") == "approved"
    models.promote("2")
    models.promote("2")
    assert [cloud.models[name]["tags"]["alias"] for name in "12"] == ["retired", "champion"]
    models.promote("1")
    assert [cloud.models[name]["tags"]["alias"] for name in "12"] == ["champion", "retired"]
    with pytest.raises(Failed, match="payers has no version 7"):
        models.status("7")


def test_what_a_person_made_the_champion_before_there_were_rollouts_is_approved(cloud: Cloud, tmp_path: Path) -> None:
    registry().register(candidate(tmp_path, "pending"))
    models = registry()
    assert isinstance(models, Promoting)
    assert models.status("1") == "pending"
    cloud.models["1"]["tags"]["alias"] = "champion"
    assert models.status("1") == "approved"


def test_a_number_that_another_run_has_reserved_is_left_to_it(cloud: Cloud, tmp_path: Path) -> None:
    cloud.blobs["/data/models/payers/1/version.json"] = b"{}"
    assert registry().register(candidate(tmp_path)) == "2"


def test_a_busy_service_is_asked_again(cloud: Cloud) -> None:
    cloud.busy = 1
    assert fetch_secret("azure-keyvault://acme/token") == "abc"
    cloud.busy = 2
    with pytest.raises(Failed, match="503"):
        fetch_secret("azure-keyvault://acme/token")


def test_a_blob_that_leads_out_of_its_folder_is_refused(cloud: Cloud, tmp_path: Path) -> None:
    registry().register(candidate(tmp_path))
    cloud.blobs["/data/models/payers/1/model/../../../evil"] = b""
    cloud.marks["/data/models/payers/1/model/../../../evil"] = 1
    champion = registry().champion()
    assert champion is not None
    with pytest.raises(Failed, match="does not lie in the folder"):
        registry().fetch_model(champion, tmp_path / "fetched")


@pytest.mark.parametrize("uri", ["azureml://x/models/y", f"{HOME}/paths/x", f"{HOME}/models/"])
def test_an_address_of_another_shape_is_refused(uri: str) -> None:
    with pytest.raises(Usage, match="must read azureml://"):
        open_registry(uri)
