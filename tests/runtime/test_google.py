"""Google's adapters against services on 127.0.0.1: secrets, conditional writes, versions, experiments."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from mlopsgen.runtime import record
from mlopsgen.runtime.budget import count_up
from mlopsgen.runtime.platforms import (
    fetch_secret,
    google,
    open_folder,
    open_registry,
    open_store,
    record_run,
    requirements_of,
    vertex,
)
from mlopsgen.runtime.platforms.api import Candidate, Stored, Version
from mlopsgen.runtime.platforms.vertex import ModelRegistry
from mlopsgen.runtime.problems import Failed, Usage
from tests.targets.vertex.executor.google import TOKEN, Google, served

STORE = "gs://acme/churn/models"
REGISTRY = f"vertex://europe-west1/acme-ml/churn?store={STORE}"
MODEL = "projects/acme-ml/locations/europe-west1/models/churn"


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Google]:
    """The services, and a session that has their token: google-auth finds the metadata server once in a process."""
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {TOKEN}"
    with session, served(Google(tmp_path / "gs")) as found:
        for name, value in found.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(vertex, "PAUSE", 0.0)
        monkeypatch.setattr(google, "PAUSE", 0.0)
        monkeypatch.setattr(google, "session", lambda: session)
        yield found


def new(root: Path, text: str = "weights", status: str = "approved", run: str = "", **more: float) -> Candidate:
    model, figure = root / f"new-{text}" / "model", root / f"new-{text}" / "roc"
    (model / "deep").mkdir(parents=True, exist_ok=True)
    figure.mkdir(exist_ok=True)
    (model / "deep" / "m.bin").write_text(text)
    (figure / "roc.svg").write_text("<svg/>")
    lineage = {"run": run or None, "data_version": "source=1"}
    about = {"status": status, "metrics": {"accuracy": 0.9, **more}, "lineage": lineage, "card": {}}
    settings = {"model": {"displayName": "Churn", "labels": {"domain": "telecom"}}}
    return Candidate(model=model, figures=(figure,), about=about, settings=settings)


def test_a_secret_is_fetched_by_project_and_name(cloud: Google) -> None:
    cloud.secrets["acme-ml/tracking"] = "s3cr3t\n"
    assert fetch_secret("gcp-secretmanager://acme-ml/tracking") == "s3cr3t\n"
    assert fetch_secret("gcp-secretmanager://acme-ml/tracking/3") == "s3cr3t\n"
    assert [path for _, path in cloud.asked if "secrets" in path] == [
        "/v1/projects/acme-ml/secrets/tracking/versions/latest:access",
        "/v1/projects/acme-ml/secrets/tracking/versions/3:access",
    ]
    with pytest.raises(Failed, match=r"the secret `other` cannot be read: 404 Secret .* not found"):
        fetch_secret("gcp-secretmanager://acme-ml/other")
    with pytest.raises(Usage, match="must read gcp-secretmanager://PROJECT/NAME"):
        fetch_secret("gcp-secretmanager://tracking")
    assert "google-auth>=2.35" in requirements_of("gcp-secretmanager")


def test_a_store_refuses_who_was_slower(cloud: Google) -> None:
    store = open_store("gs://acme/churn/state")
    nothing = store.read("budget.json")
    assert nothing == Stored(None, "0")
    assert store.write("budget.json", b"1", nothing)
    assert not store.write("budget.json", b"2", nothing)
    seen = store.read("budget.json")
    assert seen.body == b"1"
    assert store.write("budget.json", b"2", seen)
    assert not store.write("budget.json", b"3", seen)
    assert (cloud.storage / "acme/churn/state/budget.json").read_bytes() == b"2"


def test_the_budget_of_a_test_set_is_counted_in_a_bucket(cloud: Google) -> None:
    store = open_store("gs://acme/churn/state/test-set")
    assert [count_up(store, "rows") for _ in range(3)] == [1, 2, 3]


def test_a_folder_goes_there_and_comes_back(cloud: Google, tmp_path: Path) -> None:
    made = tmp_path / "made"
    (made / "inner").mkdir(parents=True)
    for name in ("b.csv", "inner/a.csv", "inner/ü ?.csv"):
        (made / name).write_text(name)
    open_folder("gs://acme/rows/").put(made)
    (cloud.storage / "acme/rows-of-others").mkdir()
    (cloud.storage / "acme/rows-of-others/c.csv").write_text("c")
    assert open_folder("gs://acme/rows").get(tmp_path / "back") == 3
    assert (tmp_path / "back/inner/ü ?.csv").read_text() == "inner/ü ?.csv"
    assert open_folder("gs://acme/rows/b.csv").get(tmp_path / "one") == 1
    assert (tmp_path / "one/b.csv").read_text() == "b.csv"
    with pytest.raises(Usage, match="must read gs://BUCKET/KEY"):
        open_folder("gs://")


def test_the_first_version_makes_the_model_and_later_ones_join_it(cloud: Google, tmp_path: Path) -> None:
    registry = ModelRegistry(REGISTRY)
    assert registry.champion() is None
    assert registry.versions() == ()
    assert registry.register(new(tmp_path, "one", roc_auc=0.8)) == "1"
    assert registry.register(new(tmp_path, "two", run="run-2")) == "2"
    first, second = cloud.models[MODEL]
    assert first["versionAliases"] == ["default"]
    assert second["versionAliases"] == ["champion"]
    assert second["labels"] == {"domain": "telecom"}
    assert second["versionDescription"] == "approved; run-2; source=1"
    assert registry.champion() == Version("2", {"accuracy": 0.9})
    assert [version.name for version in registry.versions()] == ["1", "2"]
    registry.fetch_model(Version("1", {}), tmp_path / "back")
    assert (tmp_path / "back/deep/m.bin").read_text() == "one"
    assert [path.name for path in cloud.storage.glob("acme/churn/models/churn/*/figures/*")] == ["roc.svg"] * 2
    (evaluation,) = cloud.evaluations[f"{MODEL}@1"]
    assert evaluation["metrics"] == {"auRoc": 0.8}
    assert evaluation["metadata"]["metrics"] == {"accuracy": 0.9, "roc_auc": 0.8}
    assert f"{MODEL}@2" not in cloud.evaluations


@pytest.mark.parametrize(("status", "said"), [("pending", "waits for approval"), ("rejected", "rejected: its gates")])
def test_a_version_that_is_not_approved_is_no_champion(cloud: Google, tmp_path: Path, status: str, said: str) -> None:
    registry = ModelRegistry(REGISTRY)
    registry.register(new(tmp_path, status=status))
    assert registry.champion() is None
    assert cloud.models[MODEL][0]["versionDescription"].startswith(said)
    assert [version.name for version in registry.versions()] == ["1"]


def test_a_step_that_is_tried_again_adds_no_second_version(cloud: Google, tmp_path: Path) -> None:
    registry = ModelRegistry(REGISTRY)
    assert [registry.register(new(tmp_path, run="run-1")) for _ in range(2)] == ["1", "1"]
    assert len(cloud.models[MODEL]) == 1


def test_a_version_that_is_registered_late_takes_the_alias_from_no_newer_one(
    cloud: Google, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, quick = ModelRegistry(REGISTRY), ModelRegistry(REGISTRY)
    monkeypatch.setattr(slow, "_evaluate", lambda *_: quick.register(new(tmp_path, "two", run="run-2")))
    assert slow.register(new(tmp_path, "one", run="run-1")) == "1"
    assert slow.champion() == Version("2", {"accuracy": 0.9})


def test_two_first_runs_at_once_make_one_model(cloud: Google, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ModelRegistry(REGISTRY).register(new(tmp_path, "one"))
    late = ModelRegistry(REGISTRY)
    monkeypatch.setattr(late, "_get", lambda name: None)
    assert late.register(new(tmp_path, "two")) == "2"
    assert len(cloud.models[MODEL]) == 2


@pytest.mark.parametrize("status", [429, 503])
def test_a_service_that_is_busy_for_a_moment_costs_nothing(cloud: Google, tmp_path: Path, status: int) -> None:
    """cloud.google.com/storage/docs/retry-strategy: Google's own clients ask again."""
    cloud.busy = [status, status]
    cloud.secrets["acme-ml/tracking"] = "x"
    assert fetch_secret("gcp-secretmanager://acme-ml/tracking") == "x"
    cloud.busy = [status, status]
    assert ModelRegistry(REGISTRY).register(new(tmp_path)) == "1"
    cloud.busy = [503] * google.TRIES
    with pytest.raises(Failed, match="the secret `tracking` cannot be read: 503"):
        fetch_secret("gcp-secretmanager://acme-ml/tracking")


def test_an_upload_that_may_have_been_heard_is_not_sent_again(cloud: Google, tmp_path: Path) -> None:
    cloud.busy_at = "models:upload"
    cloud.busy = [500]
    with pytest.raises(Failed, match="the model churn cannot be uploaded: 500"):
        ModelRegistry(REGISTRY).register(new(tmp_path))


def test_an_experiment_that_cannot_be_written_costs_no_model(
    cloud: Google, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CLOUDSDK_API_ENDPOINT_OVERRIDES_AIPLATFORM", "http://127.0.0.1:1/")
    assert record.run(["--experiment=vertex://europe-west1/acme-ml/churn?run=churn-1"]) == 0
    assert "this run is not compared with others: the experiment churn cannot be read" in capsys.readouterr().err


def test_a_version_without_its_file_is_none(cloud: Google, tmp_path: Path) -> None:
    registry = ModelRegistry(REGISTRY)
    registry.register(new(tmp_path))
    for path in cloud.storage.rglob("version.json"):
        path.unlink()
    assert registry.versions() == ()
    with pytest.raises(Failed, match=r"has no version\.json"):
        registry.champion()
    with pytest.raises(Failed, match="has no model files"):
        registry.fetch_model(Version("7", {}), tmp_path / "back")


def test_an_evaluation_that_the_service_refuses_is_said_and_harms_nothing(
    cloud: Google, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(vertex._CLASSIFICATION, "accuracy", "accuracy")
    assert ModelRegistry(REGISTRY).register(new(tmp_path)) == "1"
    assert "the evaluation of version 1 is in version.json alone" in capsys.readouterr().out
    assert cloud.models[MODEL][0]["versionAliases"] == ["default", "champion"]


def test_a_registry_says_how_its_address_reads(cloud: Google, tmp_path: Path) -> None:
    with pytest.raises(Usage, match="must read vertex://REGION/PROJECT/MODEL"):
        open_registry("vertex://europe-west1/acme-ml")
    with pytest.raises(Usage, match="store=gs://BUCKET/PREFIX"):
        ModelRegistry("vertex://europe-west1/acme-ml/churn").register(new(tmp_path))
    with pytest.raises(Failed, match="the model CHURN cannot be uploaded: 400 CHURN is no id"):
        ModelRegistry(f"vertex://europe-west1/acme-ml/CHURN?store={STORE}").register(new(tmp_path))


def test_an_upload_that_fails_or_never_ends_is_said(
    cloud: Google, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cloud, "fault", {"done": True, "error": {"message": "out of quota"}})
    with pytest.raises(Failed, match="churn cannot be uploaded: out of quota"):
        ModelRegistry(REGISTRY).register(new(tmp_path))
    monkeypatch.setattr(cloud, "fault", {"done": False})
    monkeypatch.setattr(vertex, "PATIENCE", 0.0)
    with pytest.raises(Failed, match="did not end within 0"):
        ModelRegistry(REGISTRY).register(new(tmp_path))


def test_a_run_joins_its_experiment(cloud: Google) -> None:
    for run in ("churn-1", "churn-2"):
        record_run(f"vertex://europe-west1/acme-ml/churn?run={run}")
    assert cloud.contexts == {"churn": ["churn-1", "churn-2"]}
    with pytest.raises(Usage, match="must read vertex://REGION/PROJECT/EXPERIMENT"):
        record_run("vertex://europe-west1/churn")


def test_a_service_that_is_not_there_is_one_line(cloud: Google, monkeypatch: pytest.MonkeyPatch) -> None:
    fetch = "gcp-secretmanager://acme-ml/tracking"
    cloud.secrets["acme-ml/tracking"] = "x"
    assert fetch_secret(fetch) == "x"
    monkeypatch.setenv("CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER", "http://127.0.0.1:1/")
    with pytest.raises(Failed, match="the secret `tracking` cannot be read: "):
        fetch_secret(fetch)


def test_what_a_service_says_is_read_in_both_its_ways() -> None:
    class Answer:
        def __init__(self, text: str) -> None:
            self.text = text

        def json(self) -> object:
            return json.loads(self.text)

    assert google._reason(Answer('{"error": {"message": "denied"}}')) == "denied"
    assert google._reason(Answer('{"error": "denied"}')) == "denied"
    assert google._reason(Answer("No such\nobject")) == "No such object"
