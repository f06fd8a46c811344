"""What the image of a bundle holds beside the user's own code, for any target."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mlopsgen.plan.steps import Image
from mlopsgen.render import render
from mlopsgen.render.job import Copy
from mlopsgen.runtime.problems import Usage
from mlopsgen.targets.image import content_tag, image_files, requirements, requirements_of_uris
from mlopsgen.targets.local import target

IMAGE = Image(prebuilt=None, base="python:3.11-slim", python="3.11", requirements=("boto3==1.40.0",))


@pytest.fixture
def adapters(tmp_path: Path) -> Path:
    folder = tmp_path / "adapters"
    folder.mkdir()
    (folder / "acme.py").write_text("SECRETS = {'acme': str.upper}\n")
    (folder / "notes.txt").write_text("not an adapter")
    return folder


def copied(adapters: Path | None) -> dict[str, bytes]:
    files = image_files(IMAGE, adapters=adapters)
    return {file.path: file.content for file in files if isinstance(file, Copy)}


def test_adapters_of_a_target_lie_where_the_runtime_looks(adapters: Path) -> None:
    without, there = copied(None), copied(adapters)
    assert {path: there[path] for path in there.keys() - without.keys()} == {
        "image/app/mlopsgen_runtime/platforms/acme.py": b"SECRETS = {'acme': str.upper}\n"
    }


def test_the_tag_of_an_image_knows_them(adapters: Path) -> None:
    assert content_tag(IMAGE) == content_tag(IMAGE)
    assert content_tag(IMAGE, adapters=adapters) != content_tag(IMAGE)


def test_an_image_that_loses_its_entry_point_is_built_again() -> None:
    """Under the tag of before, a service that has that image keeps it."""
    assert content_tag(IMAGE, entrypoint=False) != content_tag(IMAGE)


def test_none_takes_the_place_of_one_that_the_runtime_brings(adapters: Path) -> None:
    (adapters / "aws.py").write_text("")
    with pytest.raises(ValueError, match=r"adapters of the names aws\.py"):
        image_files(IMAGE, adapters=adapters)


def test_requirements_of_what_is_opened(adapters: Path) -> None:
    assert requirements_of_uris(["env:TOKEN", "file:///state"]) == ()
    needed = requirements_of_uris(["s3://bucket/a", "s3://bucket/b", "file:x"])
    assert needed == ("boto3>=1.35.40",)
    assert requirements(IMAGE, needed) == ("boto3==1.40.0",), "the user's own line counts"
    with pytest.raises(Usage, match="no adapter opens `ftp:`"):
        requirements_of_uris(["ftp://x"])


@pytest.mark.parametrize(
    "image", [replace(IMAGE, runtime_commands=("train:lightgbm",)), replace(IMAGE, requirements=("LightGBM==4.6.0",))]
)
def test_lightgbm_finds_the_library_that_a_slim_image_has_not(image: Image) -> None:
    assert "apt-get install -y --no-install-recommends libgomp1" in dockerfile(image)
    assert "apt-get" not in dockerfile(IMAGE), "what is not needed asks no network"


def dockerfile(image: Image) -> str:
    return render(image_files(image), target.templates)["image/Dockerfile"].decode()


def test_only_an_image_that_serves_holds_the_server() -> None:
    """A change of the server alone leaves the images of training, and their tags, as they are."""
    serving = replace(IMAGE, runtime_commands=("serve",))
    app = {file.path for file in image_files(serving) if isinstance(file, Copy)} - copied(None).keys()
    assert app
    assert all(path.startswith("image/app/mlopsgen_runtime/serving/") for path in app)
    assert content_tag(serving) != content_tag(IMAGE)
