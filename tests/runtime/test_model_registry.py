"""Kubeflow Model Registry over its REST API: versions are numbered, files lie in the store, one is the champion."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mlopsgen.runtime.platforms.api import Candidate
from mlopsgen.runtime.platforms.kubeflow import TOKEN, ModelRegistry, place_of
from mlopsgen.runtime.problems import Failed, Usage

from .fake_http import serving
from .fake_model_registry import Kept
from .fake_model_registry import ModelRegistry as Fake


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def registry(kept: Kept, tmp_path: Path) -> Iterator[ModelRegistry]:
    with serving(Fake, kept=kept) as address:
        yield ModelRegistry(f"model-registry:{address}/churn?files=file://{tmp_path}/store", pause=0.0)


def new(root: Path, text: str = "weights", status: str = "approved", run: str = "", accuracy: float = 0.9) -> Candidate:
    model, figure = root / f"new-{text}" / "model", root / f"new-{text}" / "roc"
    for folder, name in ((model, "m.bin"), (figure, "roc.png")):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    about = {
        "model": "churn",
        "status": status,
        "metrics": {"accuracy": accuracy},
        "lineage": {"run": run or None, "data_version": "rows: 3f2a"},
        "card": {"limits": "none"},
        "model_digest": f"sha256:{text.encode().hex():0<64}",
    }
    return Candidate(model=model, figures=(figure,), about=about)


def test_versions_have_numbers_metrics_and_files(registry: ModelRegistry, kept: Kept, tmp_path: Path) -> None:
    assert registry.champion() is None
    assert registry.versions() == ()
    assert [registry.register(new(tmp_path, text)) for text in ("one", "two", "three")] == ["1", "2", "3"]

    assert [(v.name, v.metrics) for v in registry.versions()] == [(n, {"accuracy": 0.9}) for n in "123"]
    champion = registry.champion()
    assert champion is not None
    assert champion.name == "3"
    registry.fetch_model(champion, tmp_path / "back")
    assert (tmp_path / "back" / "m.bin").read_text() == "three"
    said = kept.versions[0]["customProperties"]
    assert said["card"]["string_value"] == '{"limits": "none"}'
    assert said["data_version"]["string_value"] == "rows: 3f2a"
    assert "run" not in said
    assert sorted(p.name for p in (tmp_path / "store").rglob("*.png")) == ["roc.png"] * 3


def test_what_waits_for_a_person_is_not_the_champion(registry: ModelRegistry, kept: Kept, tmp_path: Path) -> None:
    registry.register(new(tmp_path, "one"))
    registry.register(new(tmp_path, "two", status="pending"))
    champion = registry.champion()
    assert champion is not None
    assert champion.name == "1"
    kept.versions[0]["state"] = "ARCHIVED"
    assert [v.name for v in registry.versions()] == ["2"]
    with pytest.raises(Failed, match="names version 1, which is not there"):
        registry.champion()


def test_a_step_that_is_tried_again_registers_once(registry: ModelRegistry, kept: Kept, tmp_path: Path) -> None:
    assert registry.register(new(tmp_path, run="7f3a")) == "1"
    assert registry.register(new(tmp_path, run="7f3a")) == "1"
    assert len(kept.versions) == 1
    kept.artifacts.clear()
    assert registry.register(new(tmp_path, run="7f3a")) == "2", "a version that was cut off has no files"


def test_a_number_that_somebody_takes_meanwhile_is_theirs(registry: ModelRegistry, kept: Kept, tmp_path: Path) -> None:
    kept.taken.add("1")
    assert registry.register(new(tmp_path)) == "2"
    assert [one["version"] for one in kept.artifacts] == ["2"]


def test_a_version_without_files_is_said(registry: ModelRegistry, kept: Kept, tmp_path: Path) -> None:
    registry.register(new(tmp_path))
    (version,) = registry.versions()
    kept.artifacts.clear()
    with pytest.raises(Failed, match="version 1 of churn has no model artifact"):
        registry.fetch_model(version, tmp_path / "back")


def test_the_token_is_shown(kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN, "t0k")
    with serving(Fake, kept=kept) as address:
        ModelRegistry(f"model-registry:{address}/churn?files=file://{tmp_path}").champion()
    assert kept.tokens == ["Bearer t0k"]


def test_a_server_that_is_gone_is_said(tmp_path: Path) -> None:
    with serving(Fake, kept=Kept()) as address:
        uri = f"model-registry:{address}/churn?files=file://{tmp_path}"
    with pytest.raises(Failed, match="Kubeflow Model Registry does not answer"):
        ModelRegistry(uri, pause=0.0).champion()


def test_an_address_has_a_path_a_model_and_a_store() -> None:
    place = place_of("model-registry:https://kf.example:8443/mr/pay%2Fers?files=s3%3A//acme-ml/churn/registry/")
    assert (place.address, place.model) == ("https://kf.example:8443/mr", "pay/ers")
    assert place.version("sha256:" + "ab" * 32) == "s3://acme-ml/churn/registry/pay%2Fers/files/" + "ab" * 16


@pytest.mark.parametrize("wrong", ["https://kf/churn", "kf/churn?files=s3://x", "https://kf/?files=s3://x"])
def test_half_an_address_is_refused(wrong: str) -> None:
    with pytest.raises(Usage, match="must read"):
        place_of(f"model-registry:{wrong}")
